/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/search.h"

#include "fetch/loop.h"

#include <limits.h>
#include <stdlib.h>

void search_free(auth_fetch *search)
{
    if (search == NULL)
        return;
    list_free(search->full);
    list_free(search->delta);
    auth_cert_free(search->cert);
    issuer_free(search->issuer);
    free(search);
}

auth_status search_new(const auth_fetch_request *request, fetch_issuer *issuer, auth_fetch **out,
                       auth_error *err)
{
    auth_fetch *search = calloc(1, sizeof *search);
    if (search == NULL)
        return auth_error_memory(err);
    search->issuer = issuer_share(issuer);
    search->now = request->now;
    search->started_ms = fetch_clock_ms();
    search->sources = request->sources == 0 ? UINT_MAX : request->sources;
    search->max_age_seconds = request->max_age_seconds;
    search->result.outcome = AUTH_FETCH_OUTCOME_NO_SOURCE;
    auth_status status = auth_cert_parse(request->certificate, &search->cert, err);
    if (status == AUTH_STATUS_OK)
        status = issuer_status_key(issuer, auth_cert_serial(search->cert), search->key, err);
    if (status == AUTH_STATUS_OK)
        *out = search;
    else
        search_free(search);
    return status;
}

void search_fill(auth_fetch_result *out, auth_fetch_source source, auth_fetched *fetched)
{
    const fetch_knowledge *known = &fetched->known;
    *out = (auth_fetch_result){
        .outcome = AUTH_FETCH_OUTCOME_FOUND,
        .source = source,
        .kind = known->kind,
        .status = known->status,
        .revoked = known->revoked,
        .reason = known->reason,
        .this_update = known->this_update,
        .next_update = known->next_update,
        .fetched = fetched,
    };
}

auth_time search_now(const auth_fetch *search)
{
    return search->now + (fetch_clock_ms() - search->started_ms) / 1000;
}

static void unlink_from(auth_fetch **list, const auth_fetch *search)
{
    while (*list != NULL && *list != search)
        list = &(*list)->next;
    if (*list != NULL)
        *list = search->next;
}

static void call_later(auth_fetcher *fetcher, auth_fetch *search)
{
    const uint64_t one = 1;
    auth_fetch **last = &fetcher->ended;
    while (*last != NULL)
        last = &(*last)->next;
    search->next = NULL;
    *last = search;
    (void)!write(fetcher->bell, &one, sizeof one);
}

/* The search leaves those under way, and whoever waits for it is told. A renewal is gone then. */
static void end(auth_fetcher *fetcher, auth_fetch *search, auth_status status)
{
    unlink_from(&fetcher->searches, search);
    fetcher->search_count--;
    search->is_ended = true;
    search->status = status;
    if (search->is_renewal) {
        auth_fetched_free(search->result.fetched);
        search_free(search);
        return;
    }
    if (search->done != NULL)
        call_later(fetcher, search);
    loop_wake(fetcher);
}

void search_note(auth_fetch *search, const char *source, auth_fetch_outcome outcome,
                 const auth_error *why)
{
    if (search->result.outcome == AUTH_FETCH_OUTCOME_NO_SOURCE)
        search->result.outcome = outcome;
    auth_error before = search->err;
    bool is_first = before.text[0] == '\0';
    (void)auth_error_set(&search->err, outcome_status(search->result.outcome), "%s%s%s: %s",
                         before.text, is_first ? "" : "; ", source, why->text);
}

search_step search_end_fault(auth_fetcher *fetcher, auth_fetch *search, const auth_error *why)
{
    search->result = (auth_fetch_result){.outcome = AUTH_FETCH_OUTCOME_FAULT};
    search->err = *why;
    end(fetcher, search, why->status);
    return SEARCH_DONE;
}

search_step search_end_with(auth_fetcher *fetcher, auth_fetch *search, auth_fetch_source source,
                            auth_fetched *fetched)
{
    search_fill(&search->result, source, fetched_share(fetched));
    end(fetcher, search, AUTH_STATUS_OK);
    return SEARCH_DONE;
}

search_step search_ask(auth_fetcher *fetcher, auth_fetch *search, const char *source,
                       const transfer_question *question)
{
    auth_error why;
    auth_fetch_outcome outcome = transfer_get(fetcher, question, &search->transfer, &why);
    if (outcome == AUTH_FETCH_OUTCOME_FAULT)
        return search_end_fault(fetcher, search, &why);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND) {
        search_note(search, source, outcome, &why);
        return SEARCH_NEXT;
    }
    search->next_waiting = search->transfer->waiting;
    search->transfer->waiting = search;
    return SEARCH_WAIT;
}

static transfer_question question_of(const auth_fetch *search, transfer_kind kind)
{
    return (transfer_question){
        .kind = kind,
        .uri = auth_cert_ocsp_uri(search->cert),
        .key = search->key,
        .issuer = search->issuer,
        .cert = search->cert,
        .now = search->now,
    };
}

static search_step ask_ocsp(auth_fetcher *fetcher, auth_fetch *search)
{
    const transfer_question question = question_of(search, TRANSFER_OCSP);
    if ((search->sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP)) == 0 || question.uri.len == 0)
        return SEARCH_NEXT;
    return search_ask(fetcher, search, "OCSP", &question);
}

static search_step ask_snapshot(auth_fetcher *fetcher, auth_fetch *search)
{
    const transfer_question question = question_of(search, TRANSFER_SNAPSHOT);
    /* What is renewed is to be newer, and a file that is as it was is not. */
    if ((search->sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT)) == 0 ||
        fetcher->snapshot == NULL || search->is_renewal)
        return SEARCH_NEXT;
    return search_ask(fetcher, search, "snapshot", &question);
}

/* What the memory holds, when it may be looked at and that is fresh. Ownership: gives a reference.
 */
static auth_fetched *find_fresh(const auth_fetcher *fetcher, const auth_fetch *search)
{
    if (search->is_renewal || (search->sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_MEMORY)) == 0)
        return NULL;
    auth_fetched *known = memory_find(fetcher->memory, search->key);
    if (known != NULL &&
        knowledge_is_fresh(&known->known, search_now(search), search->max_age_seconds, NULL))
        return known;
    auth_fetched_free(known);
    return NULL;
}

/* A makeshift out of the memory is better than nothing, and good for another while. */
static search_step give_up(auth_fetcher *fetcher, auth_fetch *search)
{
    auth_fetch_outcome outcome = search->result.outcome;
    AUTH_AUTO(auth_fetched) *known = find_fresh(fetcher, search);
    if (known != NULL) {
        fetched_confirm(known);
        return search_end_with(fetcher, search, AUTH_FETCH_SOURCE_MEMORY, known);
    }
    if (search->err.text[0] == '\0')
        (void)outcome_set(&search->err, outcome, "status of a certificate: %s; %s",
                          auth_fetch_outcome_text(outcome), auth_fetch_outcome_remedy(outcome));
    end(fetcher, search, outcome_status(outcome));
    return SEARCH_DONE;
}

static search_step ask(auth_fetcher *fetcher, auth_fetch *search)
{
    switch (search->stage) {
    case SEARCH_OCSP:
        return ask_ocsp(fetcher, search);
    case SEARCH_CRL:
        return search_ask_crl(fetcher, search);
    case SEARCH_SNAPSHOT:
        return ask_snapshot(fetcher, search);
    case SEARCH_OVER:
    default:
        return give_up(fetcher, search);
    }
}

/* Asks one source after the other. True when the search waits for one, false when it is over. */
static bool advance(auth_fetcher *fetcher, auth_fetch *search)
{
    search_step step = ask(fetcher, search);
    while (step == SEARCH_NEXT) {
        search->stage++;
        step = ask(fetcher, search);
    }
    return step == SEARCH_WAIT;
}

/*
 * A transfer may have ended since the memory was looked at. It is remembered before it leaves the
 * list, under the lock, so that nobody falls between the two.
 */
static bool is_known_by_now(auth_fetcher *fetcher, auth_fetch *search, bool is_full)
{
    AUTH_AUTO(auth_fetched) *known = find_fresh(fetcher, search);
    /* Where nobody can be asked, a makeshift will do. */
    if (known == NULL ||
        (!is_full && fetched_is_makeshift(known, search->sources, fetcher->options.retry_max_ms)))
        return false;
    (void)search_end_with(fetcher, search, AUTH_FETCH_SOURCE_MEMORY, known);
    return true;
}

bool search_start(auth_fetcher *fetcher, auth_fetch *search)
{
    bool is_full = fetcher->search_count >= AUTH_FETCH_QUEUE_MAX;
    fetcher->search_count++;
    search->next = fetcher->searches;
    fetcher->searches = search;
    if (is_known_by_now(fetcher, search, is_full))
        return false;
    if (!is_full)
        return advance(fetcher, search);
    search->result.outcome = outcome_set(&search->err, AUTH_FETCH_OUTCOME_BUSY,
                                         "fetcher: %d searches are under way, which is the most; "
                                         "ask again later",
                                         AUTH_FETCH_QUEUE_MAX);
    end(fetcher, search, outcome_status(search->result.outcome));
    return false;
}

/* Uses evidence that a transfer brought, if it is fresh enough. True when the search is over. */
static bool use(auth_fetcher *fetcher, auth_fetch *search, const fetch_transfer *transfer,
                auth_fetch_source source, auth_error *why)
{
    const char *flaw = NULL;
    bool is_fresh = knowledge_is_fresh(&transfer->fetched->known, search_now(search),
                                       search->max_age_seconds, &flaw);
    /* A renewal has done what it could. */
    if (is_fresh || search->is_renewal) {
        (void)search_end_with(fetcher, search, source, transfer->fetched);
        return true;
    }
    (void)outcome_set(why, AUTH_FETCH_OUTCOME_STALE, "%s: %s; ask again later", transfer->name,
                      flaw);
    return false;
}

/* Goes on with what a transfer brought. */
static void take(auth_fetcher *fetcher, auth_fetch *search, const fetch_transfer *transfer)
{
    static const char *const names[] = {"OCSP", "CRL", "cache", "snapshot"};
    bool is_list = transfer->kind == TRANSFER_LIST || transfer->kind == TRANSFER_LIST_FILE;
    bool is_snapshot = transfer->kind == TRANSFER_SNAPSHOT;
    auth_fetch_source source = is_snapshot ? AUTH_FETCH_SOURCE_SNAPSHOT : AUTH_FETCH_SOURCE_OCSP;
    auth_error why = transfer->err;
    auth_fetch_outcome outcome = transfer->outcome;
    search->transfer = NULL;
    if (outcome == AUTH_FETCH_OUTCOME_FAULT) {
        (void)search_end_fault(fetcher, search, &why);
        return;
    }
    if (outcome == AUTH_FETCH_OUTCOME_FOUND && !is_list) {
        if (use(fetcher, search, transfer, source, &why))
            return;
        outcome = AUTH_FETCH_OUTCOME_STALE;
    }
    /* A file that is not there, or holds no list, is as none. */
    if (outcome != AUTH_FETCH_OUTCOME_FOUND && transfer->kind != TRANSFER_LIST_FILE)
        search_note(search, search->waits_for_delta ? "delta CRL" : names[transfer->kind], outcome,
                    &why);
    if (is_list)
        search_take_list(search, transfer->list);
    else
        search->stage++;
    (void)advance(fetcher, search);
}

void search_take(auth_fetcher *fetcher, fetch_transfer *transfer)
{
    while (transfer->waiting != NULL) {
        auth_fetch *search = transfer->waiting;
        transfer->waiting = search->next_waiting;
        take(fetcher, search, transfer);
    }
}

void search_withdraw(auth_fetcher *fetcher, auth_fetch *search)
{
    if (search->transfer != NULL) {
        auth_fetch **place = &search->transfer->waiting;
        while (*place != search)
            place = &(*place)->next_waiting;
        *place = search->next_waiting;
        search->transfer = NULL;
    }
    if (search->is_ended) {
        unlink_from(&fetcher->ended, search);
    } else {
        unlink_from(&fetcher->searches, search);
        fetcher->search_count--;
    }
}
