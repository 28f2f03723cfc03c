/* SPDX-License-Identifier: Apache-2.0 */
/* The public calls: what is at hand first, then a search, waited for or not. */
#include "fetch/driver.h"
#include "fetch/loop.h"
#include "fetch/search.h"
#include "fetch/verify.h"

#include "x509/view.h"

/* A request that was read, and what is known of it at hand. */
typedef struct lookup {
    const auth_fetch_request *request;
    fetch_issuer *issuer;
    auth_bytes serial;
    uint8_t key[FETCH_KEY_SIZE];
    auth_fetch_outcome staple; /* how it failed; FOUND when it did not */
    auth_error staple_err;
} lookup;

static auth_status check_owner(const auth_fetcher *fetcher, auth_error *err)
{
    if (fetcher->owner == getpid())
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "fetcher: another process made it; make one of its own after a fork");
}

static bool may_ask(const auth_fetch_request *request, auth_fetch_source source)
{
    return request->sources == 0 || (request->sources & AUTH_FETCH_FROM(source)) != 0;
}

static auth_status read_request(auth_fetcher *fetcher, lookup *look, auth_error *err)
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

/*
 * Verifies a staple and remembers it. One that is not good is as none, and told of when nothing
 * else is found. One that is known is not verified again. Ownership: gives what is known then.
 */
static auth_fetched *use_staple(auth_fetcher *fetcher, lookup *look, auth_fetched *known)
{
    auth_fetched *stapled = NULL;
    auth_bytes staple = look->request->staple;
    const verify_question question = {
        .key = look->key,
        .issuer = look->issuer,
        .serial = look->serial,
        .now = look->request->now,
    };
    if (known != NULL && auth_bytes_equal(known->item, staple))
        return known;
    look->staple = verify_ocsp(&question, staple, &stapled, &look->staple_err);
    if (look->staple != AUTH_FETCH_OUTCOME_FOUND)
        return known;
    auth_fetched_free(known);
    return memory_better(fetcher->memory, stapled);
}

static bool is_fresh(const lookup *look, const auth_fetched *fetched)
{
    return knowledge_is_fresh(&fetched->known, look->request->now, look->request->max_age_seconds,
                              NULL);
}

/* Starts to fetch newer knowledge, for nobody in particular. True when it is under way. */
static bool renew(auth_fetcher *fetcher, const lookup *look)
{
    auth_fetch *search = NULL;
    if (search_new(look->request, look->issuer, &search, NULL) != AUTH_STATUS_OK)
        return false;
    search->is_renewal = true;
    (void)pthread_mutex_lock(&fetcher->lock);
    bool is_waiting = search_start(fetcher, search);
    if (is_waiting && !fetcher->options.has_loop)
        driver_start(fetcher);
    (void)pthread_mutex_unlock(&fetcher->lock);
    return is_waiting;
}

static bool is_due(const lookup *look, const auth_fetched *fetched)
{
    auth_time age = look->request->now - fetched->known.this_update;
    return look->request->renew_after_seconds > 0 &&
           age > (auth_time)look->request->renew_after_seconds &&
           !knowledge_is_final(&fetched->known);
}

/* Gives what is at hand. False when that does not suffice. */
static bool find_at_hand(auth_fetcher *fetcher, lookup *look, auth_fetch_result *out)
{
    const auth_fetch_request *request = look->request;
    auth_fetch_source source = AUTH_FETCH_SOURCE_MEMORY;
    bool has_staple = request->staple.len > 0 && may_ask(request, AUTH_FETCH_SOURCE_STAPLE);
    auth_fetched *known = memory_find(fetcher->memory, look->key);
    look->staple = AUTH_FETCH_OUTCOME_FOUND;
    if (has_staple) {
        known = use_staple(fetcher, look, known);
        if (known != NULL && auth_bytes_equal(known->item, request->staple))
            source = AUTH_FETCH_SOURCE_STAPLE;
    }
    /* What is newer than a good staple counts wherever it may be looked for. */
    bool is_allowed = may_ask(request, AUTH_FETCH_SOURCE_MEMORY) ||
                      (has_staple && look->staple == AUTH_FETCH_OUTCOME_FOUND);
    if (known == NULL || !is_allowed || !is_fresh(look, known)) {
        auth_fetched_free(known);
        return false;
    }
    bool is_renewing = is_due(look, known) && renew(fetcher, look);
    search_fill(out, source, known);
    out->is_renewing = is_renewing;
    return true;
}

static auth_status fault_of(const lookup *look, auth_error *err)
{
    if (err != NULL)
        *err = look->staple_err;
    return look->staple_err.status;
}

/* Makes the search for what is not at hand. */
static auth_status make_search(lookup *look, auth_fetch **out, auth_error *err)
{
    auth_status status = search_new(look->request, look->issuer, out, err);
    if (status == AUTH_STATUS_OK && look->staple != AUTH_FETCH_OUTCOME_FOUND)
        search_note(*out, "staple", look->staple, &look->staple_err);
    return status;
}

/*
 * What both forms begin with: gives the status when it is at hand, with *search NULL, or a search
 * that is not started.
 */
static auth_status begin(auth_fetcher *fetcher, const auth_fetch_request *request,
                         auth_fetch **search, auth_fetch_result *out, auth_error *err)
{
    lookup look = {.request = request};
    *out = (auth_fetch_result){.outcome = AUTH_FETCH_OUTCOME_FAULT};
    *search = NULL;
    auth_status status = check_owner(fetcher, err);
    if (status == AUTH_STATUS_OK)
        status = read_request(fetcher, &look, err);
    if (status == AUTH_STATUS_OK && !find_at_hand(fetcher, &look, out))
        status = look.staple == AUTH_FETCH_OUTCOME_FAULT ? fault_of(&look, err)
                                                         : make_search(&look, search, err);
    issuer_free(look.issuer);
    return status;
}

/* Hands on what an ended search holds, and frees it. */
static auth_status finish(auth_fetch *search, auth_fetch_result *out, auth_error *err)
{
    auth_status status = search->status;
    *out = search->result;
    if (status != AUTH_STATUS_OK && err != NULL)
        *err = search->err;
    search_free(search);
    return status;
}

auth_status auth_fetch_status(auth_fetcher *fetcher, const auth_fetch_request *request,
                              auth_fetch_result *out, auth_error *err)
{
    auth_fetch *search = NULL;
    auth_status status = begin(fetcher, request, &search, out, err);
    if (status != AUTH_STATUS_OK || search == NULL)
        return status;
    (void)pthread_mutex_lock(&fetcher->lock);
    (void)search_start(fetcher, search);
    while (!search->is_ended)
        loop_wait(fetcher);
    (void)pthread_mutex_unlock(&fetcher->lock);
    return finish(search, out, err);
}

auth_status auth_fetch_begin(auth_fetcher *fetcher, const auth_fetch_request *request,
                             auth_fetch_done done, void *context, auth_fetch **search,
                             auth_fetch_result *out, auth_error *err)
{
    auth_fetch *begun = NULL;
    *search = NULL;
    auth_status status = begin(fetcher, request, &begun, out, err);
    if (status != AUTH_STATUS_OK || begun == NULL)
        return status;
    (void)pthread_mutex_lock(&fetcher->lock);
    bool is_waiting = search_start(fetcher, begun);
    if (is_waiting) {
        begun->done = done;
        begun->context = context;
        *search = begun;
    }
    (void)pthread_mutex_unlock(&fetcher->lock);
    if (!is_waiting)
        return finish(begun, out, err);
    return auth_error_set(
        err, AUTH_STATUS_UNKNOWN,
        "status of a certificate: it is being asked for; wait for the descriptor");
}

void auth_fetch_cancel(auth_fetcher *fetcher, auth_fetch *search)
{
    (void)pthread_mutex_lock(&fetcher->lock);
    search_withdraw(fetcher, search);
    (void)pthread_mutex_unlock(&fetcher->lock);
    auth_fetched_free(search->result.fetched);
    search_free(search);
}

int auth_fetcher_descriptor(const auth_fetcher *fetcher) { return fetcher->outer; }

auth_status auth_fetcher_step(auth_fetcher *fetcher, auth_error *err)
{
    uint64_t rung = 0;
    auth_status status = check_owner(fetcher, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)pthread_mutex_lock(&fetcher->lock);
    (void)!read(fetcher->bell, &rung, sizeof rung);
    loop_run(fetcher);
    while (fetcher->ended != NULL) {
        auth_fetch *search = fetcher->ended;
        fetcher->ended = search->next;
        (void)pthread_mutex_unlock(&fetcher->lock);
        search->done(search->context, search->status, &search->result, &search->err);
        search_free(search);
        (void)pthread_mutex_lock(&fetcher->lock);
    }
    (void)pthread_mutex_unlock(&fetcher->lock);
    return AUTH_STATUS_OK;
}
