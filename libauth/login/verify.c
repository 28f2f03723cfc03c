/* SPDX-License-Identifier: Apache-2.0 */
/* One call, one verdict. */
#include "login/work.h"

/* Asks for statuses until nothing is left to ask, and waits for each. */
static auth_status search(login_work *work, auth_error *err)
{
    auth_status_question question;
    bool is_asked = false;
    auth_status status = login_next_question(work, &question, &is_asked, err);
    while (status == AUTH_STATUS_OK && is_asked) {
        auth_status_knowledge told = {.state = AUTH_STATUS_STATE_NONE};
        status = work->verifier->ask(work->verifier->ask_context, &question, &told, err);
        if (status != AUTH_STATUS_OK)
            return status;
        login_take_answer(work, &told);
        status = login_next_question(work, &question, &is_asked, err);
    }
    return status;
}

static auth_status finish(login_work *work, auth_error *err)
{
    auth_status status = search(work, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(work))
        status = login_conclude(work, err);
    return status;
}

auth_status login_judge_response(login_work *work, auth_bytes text, auth_error *err)
{
    const login_response *response = &work->response;
    auth_status status = login_judge_claims(work, text, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(work))
        status = login_judge_chain(work, response->chain, response->chain_len, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(work))
        status = login_judge_signature(work, err);
    return status;
}

auth_status auth_login_verify(auth_verifier *verifier, const auth_login_input *input,
                              auth_bytes response, auth_login_verdict *out, auth_error *err)
{
    login_work work;
    auth_status status = login_work_begin(&work, verifier, input, out, err);
    if (status == AUTH_STATUS_OK)
        status = login_judge_response(&work, response, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(&work))
        status = finish(&work, err);
    login_work_end(&work, status);
    return status;
}

auth_status login_judge_peer(login_work *work, const auth_bytes *chain, size_t chain_len,
                             auth_error *err)
{
    work->staple = work->input.staple;
    if (chain_len == 0)
        return login_decide(work, AUTH_LOGIN_REASON_NO_CERTIFICATE);
    if (chain_len > AUTH_CHAIN_MAX)
        return login_decide_because(work, AUTH_LOGIN_REASON_MALFORMED,
                                    "more certificates than a chain can have");
    return login_judge_chain(work, chain, chain_len, err);
}

auth_status auth_peer_verify(auth_verifier *verifier, const auth_login_input *input,
                             const auth_bytes *chain, size_t chain_len, auth_login_verdict *out,
                             auth_error *err)
{
    login_work work;
    auth_status status = login_work_begin(&work, verifier, input, out, err);
    if (status == AUTH_STATUS_OK)
        status = login_judge_peer(&work, chain, chain_len, err);
    if (status == AUTH_STATUS_OK && !login_is_decided(&work))
        status = finish(&work, err);
    login_work_end(&work, status);
    return status;
}
