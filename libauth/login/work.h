/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One login on its way to a verdict. The parts that decide are called in this order, each only when
 * the one before found nothing against it; between them are the questions about status, which may
 * take long. Internal to login.
 */
#ifndef LOGIN_WORK_H
#define LOGIN_WORK_H

#include "login/challenge.h"
#include "login/response.h"
#include "login/verifier.h"

typedef struct login_work {
    auth_verifier *verifier;
    auth_login_input input;
    login_response response; /* of a login; empty with a TLS peer */
    bool has_challenge;
    login_challenge challenge;
    auth_bytes staple;
    login_holder *holder;
    auth_login_verdict *out;

    /* Where the search for statuses is: search.c */
    size_t subject; /* 0: the holder; n: authority n of the chain */
    size_t at;      /* the source that comes next */
    size_t asked;   /* sources of the question that is on its way */
    bool is_cross_check;
    bool is_decided;
    auth_status_knowledge knowledge; /* about the holder, or the first problem of a subject */
} login_work;

/* Begins; *out is the verdict to be filled, a fault until it is. Errors: AUTH_STATUS_INVALID. */
auth_status login_work_begin(login_work *work, auth_verifier *verifier,
                             const auth_login_input *input, auth_login_verdict *out,
                             auth_error *err) AUTH_MUST_CHECK;
/* Ends: makes the sentence and frees. */
void login_work_end(login_work *work, auth_status status);

/* Decides. Both return AUTH_STATUS_OK, so that a part can say `return`; a text that is long is cut.
 */
auth_status login_decide(login_work *work, auth_login_reason reason);
auth_status login_decide_because(login_work *work, auth_login_reason reason, const char *format,
                                 ...) AUTH_PRINTF(3, 4);

/* Tells whether something was found against it, or it is decided otherwise. */
bool login_is_decided(const login_work *work);

/* Reads the response and judges its claims. */
auth_status login_judge_claims(login_work *work, auth_bytes text, auth_error *err) AUTH_MUST_CHECK;

/* Validates a chain without revocation, and finds its holder. */
auth_status login_judge_chain(login_work *work, const auth_bytes *chain, size_t chain_len,
                              auth_error *err) AUTH_MUST_CHECK;

/* Verifies the signature of the response with the holder's key. */
auth_status login_judge_signature(login_work *work, auth_error *err) AUTH_MUST_CHECK;

/* All before the search for statuses: of a response to a challenge, and of a TLS peer. */
auth_status login_judge_response(login_work *work, auth_bytes text,
                                 auth_error *err) AUTH_MUST_CHECK;
auth_status login_judge_peer(login_work *work, const auth_bytes *chain, size_t chain_len,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * staple.c: reads what the holder brought along. What is wrong with it is a problem in *out, and no
 * error.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status login_read_staple(const login_work *work, auth_status_knowledge *out,
                              auth_error *err) AUTH_MUST_CHECK;

/*
 * Gives the next question about a status in *out; *is_asked is false when there is none, and the
 * search has ended. login_take_answer takes what is told, before the next question is asked for.
 */
auth_status login_next_question(login_work *work, auth_status_question *out, bool *is_asked,
                                auth_error *err) AUTH_MUST_CHECK;
void login_take_answer(login_work *work, const auth_status_knowledge *knowledge);

/* Judges person and level, remembers the challenge, and accepts. */
auth_status login_conclude(login_work *work, auth_error *err) AUTH_MUST_CHECK;

/* Fills in who it is. Errors: AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO. */
auth_status login_describe(login_work *work, auth_error *err) AUTH_MUST_CHECK;

#endif
