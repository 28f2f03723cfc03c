/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage of a search that asks for lists: the full one, then the delta when there is one, then
 * the full one again when it turns out to be too old. Each is asked for once in a search.
 */
#include "fetch/crl.h"
#include "fetch/search.h"

void search_take_list(auth_fetch *search, fetch_list *list)
{
    fetch_list **place = search->waits_for_delta ? &search->delta : &search->full;
    search->waits_for_delta = false;
    /* One that did not come leaves what there was. */
    if (list == NULL)
        return;
    list_free(*place);
    *place = list_share(list);
}

static search_step ask_list(auth_fetcher *fetcher, auth_fetch *search, auth_bytes uri,
                            const uint8_t *key)
{
    const transfer_question question = {
        .kind = TRANSFER_LIST,
        .uri = uri,
        .key = key,
        .issuer = search->issuer,
        .now = search->now,
    };
    search_step step =
        search_ask(fetcher, search, search->waits_for_delta ? "delta CRL" : "CRL", &question);
    if (step == SEARCH_NEXT)
        search->waits_for_delta = false;
    return step;
}

/* A list that came a moment ago is not asked for again: servers have no newer one every second. */
static bool is_recent(const auth_fetcher *fetcher, const fetch_list *list)
{
    return fetch_clock_ms() - list->fetched_ms < (int64_t)fetcher->options.retry_max_ms;
}

static bool is_too_old(const auth_fetch *search, const fetch_list *list)
{
    auth_time now = search_now(search);
    auth_time age = now - auth_crl_this_update(list->crl);
    return crl_is_over(list->crl, now) ||
           (search->max_age_seconds > 0 && age > (auth_time)search->max_age_seconds);
}

/* Gets the full list: from those that are kept, or by asking. NEXT when nothing is to be awaited.
 */
static search_step get_full(auth_fetcher *fetcher, auth_fetch *search, bool is_wanted_anew)
{
    uint8_t key[FETCH_KEY_SIZE];
    auth_error why;
    auth_bytes uri = auth_cert_crl_uri(search->cert);
    if (crl_key(search->issuer, uri, key, &why) != AUTH_STATUS_OK)
        return search_end_fault(fetcher, search, &why);
    if (search->full == NULL)
        search->full = lists_find(&fetcher->lists, key);
    bool is_needed = search->full == NULL || (is_wanted_anew && !is_recent(fetcher, search->full));
    if (search->has_asked_full || !is_needed)
        return SEARCH_NEXT;
    search->has_asked_full = true;
    search->waits_for_delta = false;
    return ask_list(fetcher, search, uri, key);
}

/* One that has a gap to the full list is one. */
static bool is_delta_of(const fetch_list *full, const fetch_list *delta)
{
    auth_status status = auth_crl_check_pair(full->crl, delta->crl, NULL);
    return status == AUTH_STATUS_OK || status == AUTH_STATUS_CONFLICT;
}

static search_step get_delta(auth_fetcher *fetcher, auth_fetch *search, auth_bytes uri)
{
    uint8_t key[FETCH_KEY_SIZE];
    auth_error why;
    if (crl_key(search->issuer, uri, key, &why) != AUTH_STATUS_OK)
        return search_end_fault(fetcher, search, &why);
    if (search->delta == NULL)
        search->delta = lists_find(&fetcher->lists, key);
    bool is_needed =
        search->delta == NULL ||
        ((is_too_old(search, search->delta) || !is_delta_of(search->full, search->delta)) &&
         !is_recent(fetcher, search->delta));
    if (search->has_asked_delta || !is_needed)
        return SEARCH_NEXT;
    search->has_asked_delta = true;
    search->waits_for_delta = true;
    return ask_list(fetcher, search, uri, key);
}

/* What a judgement leads to when it is no answer. */
static search_step judge_again(auth_fetcher *fetcher, auth_fetch *search,
                               auth_fetch_outcome outcome, const auth_error *why)
{
    search_step step = SEARCH_NEXT;
    if (outcome == AUTH_FETCH_OUTCOME_FAULT)
        return search_end_fault(fetcher, search, why);
    /* What is no list for this certificate may have come from somebody on the way. */
    if (!search->has_asked_full)
        step = get_full(fetcher, search, true);
    if (step == SEARCH_NEXT)
        search_note(search, "CRL", outcome, why);
    return step;
}

/* What came as the delta and is none is as none, and told of. */
static void drop_wrong_delta(auth_fetch *search)
{
    auth_error why;
    if (search->delta == NULL || is_delta_of(search->full, search->delta))
        return;
    search_note(search, "delta CRL",
                outcome_set(&why, AUTH_FETCH_OUTCOME_LYING,
                            "it is no delta to the full list (RFC 5280 5.2.4)"),
                &why);
    list_free(AUTH_TAKE(search->delta));
}

static search_step judge(auth_fetcher *fetcher, auth_fetch *search)
{
    auth_error why;
    fetch_knowledge known;
    const char *flaw = NULL;
    bool has_gap = false;
    auth_fetched *fetched = NULL;
    drop_wrong_delta(search);
    const auth_crl *delta = search->delta == NULL ? NULL : search->delta->crl;
    auth_time now = search_now(search);
    auth_fetch_outcome outcome = crl_judge(search->full->crl, delta, search->cert, search->issuer,
                                           now, &known, &has_gap, &why);
    /* A renewal has done what it could when it has asked. */
    bool suffices = search->is_renewal && search->has_asked_full;
    if (outcome == AUTH_FETCH_OUTCOME_FOUND && !suffices &&
        !knowledge_is_fresh(&known, now, search->max_age_seconds, &flaw))
        outcome = outcome_set(&why, AUTH_FETCH_OUTCOME_STALE, "CRL: %s; ask again later", flaw);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND)
        return judge_again(fetcher, search, outcome, &why);
    if (fetched_new_lists(search->key, &known, search->full, search->delta, &fetched, &why) !=
        AUTH_STATUS_OK)
        return search_end_fault(fetcher, search, &why);
    fetched = memory_better(fetcher->memory, fetched);
    search_step step = search_end_with(fetcher, search, AUTH_FETCH_SOURCE_CRL, fetched);
    auth_fetched_free(fetched);
    return step;
}

search_step search_ask_crl(auth_fetcher *fetcher, auth_fetch *search)
{
    if ((search->sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL)) == 0 ||
        auth_cert_crl_uri(search->cert).len == 0)
        return SEARCH_NEXT;
    search_step step = get_full(fetcher, search, false);
    if (step != SEARCH_NEXT || search->full == NULL)
        return step;
    auth_bytes delta_uri = crl_delta_uri(search->cert, search->full->crl);
    if (delta_uri.len > 0)
        step = get_delta(fetcher, search, delta_uri);
    return step == SEARCH_NEXT ? judge(fetcher, search) : step;
}
