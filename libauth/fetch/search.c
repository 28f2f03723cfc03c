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

void search_end(auth_fetcher *fetcher, auth_fetch *search, auth_status status)
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
    search_end(fetcher, search, why->status);
    return SEARCH_DONE;
}

search_step search_end_with(auth_fetcher *fetcher, auth_fetch *search, auth_fetch_source source,
                            auth_fetched *fetched)
{
    search_fill(&search->result, source, fetched_share(fetched));
    search_end(fetcher, search, AUTH_STATUS_OK);
    return SEARCH_DONE;
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
