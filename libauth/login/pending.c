/* SPDX-License-Identifier: Apache-2.0 */
/* Logins that wait for a status without a thread. */
#include "login/sources.h"
#include "login/work.h"

#include <stdlib.h>

struct auth_login_pending {
    login_work work;
    auth_login_verdict verdict; /* what work fills */
    auth_fetch *search;
    auth_login_done *done;
    void *context;
};

static void take_fetch(void *context, auth_status status, auth_fetch_result *result,
                       const auth_error *why);

static auth_fetcher *fetcher_of(const auth_login_pending *pending)
{
    return pending->work.verifier->ask_context;
}

/* Takes what a search found, however it was told. */
static auth_status take_result(auth_login_pending *pending, auth_status status,
                               auth_fetch_result *result, const auth_error *why, auth_error *err)
{
    auth_status_knowledge told;
    status = login_read_fetch(status, result, why, &told, err);
    auth_fetched_free(result->fetched);
    if (status == AUTH_STATUS_OK)
        login_take_answer(&pending->work, &told);
    return status;
}

/*
 * Asks until a search is under way (AUTH_STATUS_UNKNOWN; pending is not the caller's any more then)
 * or nothing is left to ask.
 */
static auth_status advance(auth_login_pending *pending, auth_error *err)
{
    auth_status_question question;
    bool is_asked = false;
    auth_status status = login_next_question(&pending->work, &question, &is_asked, err);
    while (status == AUTH_STATUS_OK && is_asked) {
        auth_error why = {AUTH_STATUS_OK, ""};
        auth_fetch_result result = {.outcome = AUTH_FETCH_OUTCOME_FAULT};
        auth_fetch_request request = login_fetch_request(&question);
        status = auth_fetch_begin(fetcher_of(pending), &request, take_fetch, pending,
                                  &pending->search, &result, &why);
        /* A thread that steps may have freed pending by now. */
        if (status == AUTH_STATUS_UNKNOWN)
            return status;
        status = take_result(pending, status, &result, &why, err);
        if (status == AUTH_STATUS_OK)
            status = login_next_question(&pending->work, &question, &is_asked, err);
    }
    if (status == AUTH_STATUS_OK && !login_is_decided(&pending->work))
        status = login_conclude(&pending->work, err);
    return status;
}

static void take_fetch(void *context, auth_status status, auth_fetch_result *result,
                       const auth_error *why)
{
    auth_login_pending *pending = context;
    auth_error err = {AUTH_STATUS_OK, ""};
    pending->search = NULL;
    status = take_result(pending, status, result, why, &err);
    if (status == AUTH_STATUS_OK)
        status = advance(pending, &err);
    if (status == AUTH_STATUS_UNKNOWN)
        return;
    login_work_end(&pending->work, status);
    pending->done(pending->context, status, &pending->verdict, &err);
    free(pending);
}

/* Goes on with a login that was judged up to the search. */
static auth_status begin(auth_login_pending *pending, auth_status status,
                         auth_login_pending **waiting, auth_login_verdict *out, auth_error *err)
{
    if (status == AUTH_STATUS_OK && pending->work.verifier->ask != auth_fetcher_ask)
        status =
            auth_error_set(err, AUTH_STATUS_INVALID,
                           "login: the verifier was not made with auth_fetcher_ask, and only a "
                           "fetcher can be asked without waiting; make it so");
    if (status == AUTH_STATUS_OK && !login_is_decided(&pending->work))
        status = advance(pending, err);
    if (status == AUTH_STATUS_UNKNOWN) {
        *waiting = pending;
        *out = (auth_login_verdict){.reason = AUTH_LOGIN_REASON_FAULT,
                                    .outcome = AUTH_LOGIN_OUTCOME_FAULT,
                                    .status_age_s = -1};
        return auth_error_set(err, AUTH_STATUS_UNKNOWN,
                              "login: a status is being fetched; step the fetcher");
    }
    login_work_end(&pending->work, status);
    *out = pending->verdict;
    free(pending);
    return status;
}

static auth_status pending_new(auth_login_done *done, void *context, auth_login_pending **waiting,
                               auth_login_pending **out, auth_login_verdict *verdict,
                               auth_error *err)
{
    *waiting = NULL;
    *verdict = (auth_login_verdict){.reason = AUTH_LOGIN_REASON_FAULT,
                                    .outcome = AUTH_LOGIN_OUTCOME_FAULT,
                                    .status_age_s = -1};
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return auth_error_memory(err);
    (*out)->done = done;
    (*out)->context = context;
    return AUTH_STATUS_OK;
}

auth_status auth_login_begin(auth_verifier *verifier, const auth_login_input *input,
                             auth_bytes response, auth_login_done *done, void *context,
                             auth_login_pending **pending, auth_login_verdict *out, auth_error *err)
{
    auth_login_pending *made = NULL;
    auth_status status = pending_new(done, context, pending, &made, out, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = login_work_begin(&made->work, verifier, input, &made->verdict, err);
    if (status == AUTH_STATUS_OK)
        status = login_judge_response(&made->work, response, err);
    return begin(made, status, pending, out, err);
}

auth_status auth_peer_begin(auth_verifier *verifier, const auth_login_input *input,
                            const auth_bytes *chain, size_t chain_len, auth_login_done *done,
                            void *context, auth_login_pending **pending, auth_login_verdict *out,
                            auth_error *err)
{
    auth_login_pending *made = NULL;
    auth_status status = pending_new(done, context, pending, &made, out, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = login_work_begin(&made->work, verifier, input, &made->verdict, err);
    if (status == AUTH_STATUS_OK)
        status = login_judge_peer(&made->work, chain, chain_len, err);
    return begin(made, status, pending, out, err);
}

void auth_login_cancel(auth_login_pending *pending)
{
    if (pending == NULL)
        return;
    auth_fetch_cancel(fetcher_of(pending), pending->search);
    login_work_end(&pending->work, AUTH_STATUS_UNKNOWN);
    free(pending);
}
