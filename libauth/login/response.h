/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A response to a challenge, read. What libauth itself writes is read by its one spelling, without
 * a reader of JSON; everything else goes through auth_jws_parse, which takes whatever the first way
 * takes, and has the words for what it does not. Internal to login.
 */
#ifndef LOGIN_RESPONSE_H
#define LOGIN_RESPONSE_H

#include "json/json.h"

#include <auth/jws.h>
#include <auth/login.h>

#define LOGIN_RESPONSE_TYPE "auth-login+jws"

typedef struct login_response {
    auth_jws_algorithm algorithm;
    auth_time signed_at;
    size_t chain_len;
    auth_bytes chain[AUTH_JWS_CHAIN_MAX];
    auth_bytes audience;
    auth_bytes challenge;
    auth_bytes staple; /* empty: none */

    /* How it was read; for response*.c */
    auth_buf *decoded; /* room enough from the start: it never moves */
    auth_jws *jws;     /* NULL when it was read by its one spelling; then input and signature */
    json_document *document;
    auth_bytes input;
    auth_bytes signature;
} login_response;

/*
 * Reads a response. Zero before; login_response_clear frees what it holds, also when this failed.
 * text is borrowed.
 *
 * Errors: those of auth_jws_parse; AUTH_STATUS_INVALID for a payload that breaks a rule.
 */
auth_status login_response_read(auth_bytes text, login_response *out,
                                auth_error *err) AUTH_MUST_CHECK;
void login_response_clear(login_response *response);

/* Verifies its signature with the key of the first certificate. Errors: as auth_jws_verify. */
auth_status login_response_verify(const login_response *response, const auth_public_key *key,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads the one spelling; false when it is another, with *out to be cleared. out->decoded is empty
 * and has room for twice the text, so that nothing is allocated and nothing moves.
 */
bool login_response_read_own(auth_bytes text, login_response *out);

/* Reads any spelling. Errors: as login_response_read. */
auth_status login_response_read_any(auth_bytes text, login_response *out,
                                    auth_error *err) AUTH_MUST_CHECK;

#endif
