/* SPDX-License-Identifier: Apache-2.0 */
/* From source to source, and what each of them brings. */
#include "fetch/search.h"

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
    search_end(fetcher, search, outcome_status(outcome));
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
    search_end(fetcher, search, outcome_status(search->result.outcome));
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
