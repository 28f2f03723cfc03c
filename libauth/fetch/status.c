/* SPDX-License-Identifier: Apache-2.0 */
/* The public calls: what is at hand first, then a search, waited for or not. */
#include "fetch/hand.h"
#include "fetch/loop.h"
#include "fetch/search.h"

static auth_status check_owner(const auth_fetcher *fetcher, auth_error *err)
{
    if (fetcher->owner == getpid())
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "fetcher: another process made it; make one of its own after a fork");
}

/* Makes the search for what is not at hand. */
static auth_status make_search(fetch_lookup *look, auth_fetch **out, auth_error *err)
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
    fetch_lookup look = {.request = request};
    *out = (auth_fetch_result){.outcome = AUTH_FETCH_OUTCOME_FAULT};
    *search = NULL;
    auth_status status = check_owner(fetcher, err);
    if (status == AUTH_STATUS_OK)
        status = hand_read(fetcher, &look, err);
    if (status == AUTH_STATUS_OK)
        status = hand_find(fetcher, &look, out, err);
    if (status == AUTH_STATUS_OK && out->outcome != AUTH_FETCH_OUTCOME_FOUND)
        status = make_search(&look, search, err);
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
