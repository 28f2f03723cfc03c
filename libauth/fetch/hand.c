/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/hand.h"

#include "fetch/driver.h"
#include "fetch/search.h"
#include "fetch/status_cache.h"
#include "fetch/verified.h"
#include "fetch/verify.h"
#include "x509/view.h"

auth_status hand_read(auth_fetcher *fetcher, fetch_lookup *look, auth_error *err)
{
    x509_cert_view view;
    const auth_fetch_request *request = look->request;
    if (request->certificate.len > AUTH_CERT_MAX || request->issuer.len > AUTH_CERT_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "certificate: it has more than %zu octets; send the certificate as "
                              "its authority issued it",
                              AUTH_CERT_MAX);
    auth_status status = x509_cert_view_parse(request->certificate, &view, err);
    if (status == AUTH_STATUS_OK)
        status = issuers_find(fetcher->issuers, request->issuer, &look->issuer, err);
    if (status == AUTH_STATUS_OK) {
        look->serial = view.serial;
        status = issuer_status_key(look->issuer, view.serial, look->key, err);
    }
    return status;
}

static bool may_ask(const fetch_lookup *look, auth_fetch_source source)
{
    unsigned sources = look->request->sources;
    return sources == 0 || (sources & AUTH_FETCH_FROM(source)) != 0;
}

static bool is_fresh(const fetch_lookup *look, const auth_fetched *fetched)
{
    return knowledge_is_fresh(&fetched->known, look->request->now, look->request->max_age_seconds,
                              NULL);
}

static bool is_makeshift(const auth_fetcher *fetcher, const fetch_lookup *look,
                         const auth_fetched *fetched)
{
    return fetched_is_makeshift(fetched, look->request->sources, fetcher->options.retry_max_ms);
}

static bool is_due(const fetch_lookup *look, const auth_fetched *fetched)
{
    auth_time age = look->request->now - fetched->known.this_update;
    return look->request->renew_after_seconds > 0 &&
           age > (auth_time)look->request->renew_after_seconds &&
           !knowledge_is_final(&fetched->known);
}

static verify_question question_of(const fetch_lookup *look)
{
    return (verify_question){
        .key = look->key,
        .issuer = look->issuer,
        .serial = look->serial,
        .now = look->request->now,
    };
}

auth_fetched *hand_keep(auth_fetcher *fetcher, auth_fetched *fetched)
{
    uint8_t hash[FETCH_KEY_SIZE];
    auth_fetched *best = memory_better(fetcher->memory, fetched);
    if (fetcher->shared != NULL && best == fetched && best->der_len > 0) {
        status_cache_write(fetcher->shared, best, hash);
        verified_add(fetcher->verified, hash, &best->known);
    }
    return best;
}

/*
 * Verifies a staple and keeps it. One that is not good is as none, and told of when nothing else is
 * found. One that is known is not verified again. Ownership: takes known, gives what is known then.
 */
static auth_fetched *use_staple(auth_fetcher *fetcher, fetch_lookup *look, auth_fetched *known)
{
    auth_fetched *stapled = NULL;
    const verify_question question = question_of(look);
    if (known != NULL && auth_bytes_equal(known->items[0], look->request->staple))
        return known;
    look->staple = verify_ocsp(&question, look->request->staple, &stapled, &look->staple_err);
    if (look->staple != AUTH_FETCH_OUTCOME_FOUND)
        return known;
    auth_fetched_free(known);
    return hand_keep(fetcher, stapled);
}

/* What a slot holds: verified before, or now, or dropped as nothing; *out is NULL then. */
static auth_status believe(auth_fetcher *fetcher, const fetch_lookup *look, const status_copy *copy,
                           auth_fetched **out, auth_error *err)
{
    auth_error why;
    fetch_knowledge known;
    const verify_question question = question_of(look);
    *out = NULL;
    if (verified_find(fetcher->verified, copy->hash, &known))
        return fetched_new(look->key, &known, copy->answer, out, err);
    auth_fetch_outcome outcome = verify_ocsp(&question, copy->answer, out, &why);
    if (outcome == AUTH_FETCH_OUTCOME_FAULT) {
        if (err != NULL)
            *err = why;
        return why.status;
    }
    if (outcome == AUTH_FETCH_OUTCOME_FOUND)
        verified_add(fetcher->verified, copy->hash, &(*out)->known);
    else
        status_cache_drop(fetcher->shared, look->key);
    return AUTH_STATUS_OK;
}

/* Looks whether another process knows more. *known becomes the better of both. */
static auth_status use_shared(auth_fetcher *fetcher, const fetch_lookup *look, auth_fetched **known,
                              auth_fetch_source *source, auth_error *err)
{
    status_copy copy;
    auth_fetched *shared = NULL;
    if (!status_cache_read(fetcher->shared, look->key, &copy) ||
        (*known != NULL && auth_bytes_equal((*known)->items[0], copy.answer)))
        return AUTH_STATUS_OK;
    auth_status status = believe(fetcher, look, &copy, &shared, err);
    if (status != AUTH_STATUS_OK || shared == NULL)
        return status;
    if (*known != NULL && !knowledge_is_better(&(*known)->known, &shared->known)) {
        auth_fetched_free(shared);
        return AUTH_STATUS_OK;
    }
    memory_store(fetcher->memory, shared);
    auth_fetched_free(*known);
    *known = shared;
    *source = AUTH_FETCH_SOURCE_SHARED;
    return AUTH_STATUS_OK;
}

/*
 * Starts to fetch newer knowledge, for nobody in particular. True when it is under way. Those who
 * wait for an answer find room for their searches, however many statuses are due.
 */
static bool renew(auth_fetcher *fetcher, const fetch_lookup *look)
{
    auth_fetch *search = NULL;
    (void)pthread_mutex_lock(&fetcher->lock);
    bool is_under_way = transfer_is_under_way(fetcher, look->key);
    bool is_full = fetcher->search_count >= AUTH_FETCH_QUEUE_MAX / 2;
    (void)pthread_mutex_unlock(&fetcher->lock);
    if (is_under_way || is_full ||
        search_new(look->request, look->issuer, &search, NULL) != AUTH_STATUS_OK)
        return is_under_way;
    search->is_renewal = true;
    search->max_age_seconds = look->request->renew_after_seconds;
    (void)pthread_mutex_lock(&fetcher->lock);
    bool is_waiting = search_start(fetcher, search);
    if (is_waiting && !fetcher->options.has_loop)
        driver_start(fetcher);
    (void)pthread_mutex_unlock(&fetcher->lock);
    return is_waiting;
}

/* What this process knows, staple included. Ownership: gives a reference, or NULL. */
static auth_fetched *find_known(auth_fetcher *fetcher, fetch_lookup *look,
                                auth_fetch_source *source)
{
    const auth_fetch_request *request = look->request;
    bool has_staple = request->staple.len > 0 && may_ask(look, AUTH_FETCH_SOURCE_STAPLE);
    auth_fetched *known = memory_find(fetcher->memory, look->key);
    look->staple = AUTH_FETCH_OUTCOME_FOUND;
    *source = AUTH_FETCH_SOURCE_MEMORY;
    if (has_staple) {
        known = use_staple(fetcher, look, known);
        if (known != NULL && auth_bytes_equal(known->items[0], request->staple))
            *source = AUTH_FETCH_SOURCE_STAPLE;
    }
    /* What is newer than a good staple counts wherever it may be looked for. */
    if (may_ask(look, AUTH_FETCH_SOURCE_MEMORY) ||
        (has_staple && look->staple == AUTH_FETCH_OUTCOME_FOUND))
        return known;
    auth_fetched_free(known);
    return NULL;
}

auth_status hand_find(auth_fetcher *fetcher, fetch_lookup *look, auth_fetch_result *out,
                      auth_error *err)
{
    auth_fetch_source source = AUTH_FETCH_SOURCE_NONE;
    AUTH_AUTO(auth_fetched) *known = find_known(fetcher, look, &source);
    if (look->staple == AUTH_FETCH_OUTCOME_FAULT) {
        if (err != NULL)
            *err = look->staple_err;
        return look->staple_err.status;
    }
    if (fetcher->shared != NULL && may_ask(look, AUTH_FETCH_SOURCE_SHARED) &&
        (known == NULL || !is_fresh(look, known) || is_due(look, known) ||
         is_makeshift(fetcher, look, known))) {
        auth_status status = use_shared(fetcher, look, &known, &source, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (known == NULL || !is_fresh(look, known) || is_makeshift(fetcher, look, known))
        return AUTH_STATUS_OK;
    bool is_renewing = is_due(look, known) && renew(fetcher, look);
    search_fill(out, source, AUTH_TAKE(known));
    out->is_renewing = is_renewing;
    return AUTH_STATUS_OK;
}
