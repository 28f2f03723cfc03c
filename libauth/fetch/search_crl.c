/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage of a search that asks for lists: the full one, then the delta when there is one, then
 * the full one again when it turns out to be too old. Of each the file that the processes of the
 * host share is read first, and the server asked then, once in a search.
 */
#include "fetch/crl.h"
#include "fetch/search.h"

void search_take_list(auth_fetch *search, fetch_list *list)
{
    fetch_list **place = search->waits_for_delta ? &search->delta : &search->full;
    search->waits_for_delta = false;
    /* One that did not come leaves what there was, and so does a file of somebody who knows less.
     */
    if (list == NULL || (*place != NULL && list_is_older(list, *place, search_now(search))))
        return;
    list_free(*place);
    *place = list_share(list);
}

/* Where a list is, and how far the search for it has come. */
typedef struct list_place {
    auth_bytes uri;
    uint8_t key[FETCH_KEY_SIZE];
    bool is_delta;
    bool *has_read;
    bool *has_asked;
} list_place;

static search_step ask_list(auth_fetcher *fetcher, auth_fetch *search, const list_place *place,
                            transfer_kind kind)
{
    const transfer_question question = {
        .kind = kind,
        .uri = place->uri,
        .key = place->key,
        .issuer = search->issuer,
        .now = search->now,
    };
    search->waits_for_delta = place->is_delta;
    search_step step =
        search_ask(fetcher, search, place->is_delta ? "delta CRL" : "CRL", &question);
    if (step == SEARCH_NEXT)
        search->waits_for_delta = false;
    return step;
}

/* Reads the file that is shared, then asks the server, each once. NEXT when both were done. */
static search_step get_list(auth_fetcher *fetcher, auth_fetch *search, const list_place *place)
{
    bool may_read = fetcher->files != NULL &&
                    (search->sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED)) != 0;
    if (may_read && !*place->has_read) {
        *place->has_read = true;
        return ask_list(fetcher, search, place, TRANSFER_LIST_FILE);
    }
    if (*place->has_asked)
        return SEARCH_NEXT;
    *place->has_asked = true;
    return ask_list(fetcher, search, place, TRANSFER_LIST);
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

/* Gets the full list: from those that are kept, or elsewhere. NEXT when nothing is awaited. */
static search_step get_full(auth_fetcher *fetcher, auth_fetch *search, bool is_wanted_anew)
{
    auth_error why;
    list_place place = {
        .uri = auth_cert_crl_uri(search->cert),
        .has_read = &search->has_read_full,
        .has_asked = &search->has_asked_full,
    };
    if (crl_key(search->issuer, place.uri, place.key, &why) != AUTH_STATUS_OK)
        return search_end_fault(fetcher, search, &why);
    if (search->full == NULL)
        search->full = lists_find(&fetcher->lists, place.key);
    bool is_needed = search->full == NULL || (is_wanted_anew && !is_recent(fetcher, search->full));
    return is_needed ? get_list(fetcher, search, &place) : SEARCH_NEXT;
}

/* One that has a gap to the full list is one. */
static bool is_delta_of(const fetch_list *full, const fetch_list *delta)
{
    auth_status status = auth_crl_check_pair(full->crl, delta->crl, NULL);
    return status == AUTH_STATUS_OK || status == AUTH_STATUS_CONFLICT;
}

static search_step get_delta(auth_fetcher *fetcher, auth_fetch *search, auth_bytes uri)
{
    auth_error why;
    list_place place = {
        .uri = uri,
        .is_delta = true,
        .has_read = &search->has_read_delta,
        .has_asked = &search->has_asked_delta,
    };
    if (crl_key(search->issuer, uri, place.key, &why) != AUTH_STATUS_OK)
        return search_end_fault(fetcher, search, &why);
    if (search->delta == NULL)
        search->delta = lists_find(&fetcher->lists, place.key);
    bool is_needed =
        search->delta == NULL ||
        ((is_too_old(search, search->delta) || !is_delta_of(search->full, search->delta)) &&
         !is_recent(fetcher, search->delta));
    return is_needed ? get_list(fetcher, search, &place) : SEARCH_NEXT;
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

/* Lists that nobody was asked for now are those of this host. */
static auth_fetch_source source_of(const auth_fetch *search)
{
    bool has_asked = search->has_asked_full || search->has_asked_delta;
    bool has_read = search->has_read_full || search->has_read_delta;
    return has_read && !has_asked ? AUTH_FETCH_SOURCE_SHARED : AUTH_FETCH_SOURCE_CRL;
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
    /* Who may not ask the responder says nothing about it. */
    if ((search->sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP)) != 0)
        fetched_confirm(fetched);
    search_step step = search_end_with(fetcher, search, source_of(search), fetched);
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
