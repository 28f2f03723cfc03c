/* SPDX-License-Identifier: Apache-2.0 */
/* A JWS as it was read. Internal to jws/. */
#ifndef JWS_JWS_H
#define JWS_JWS_H

#include "json/json.h"

#include <auth/jws.h>

/* Octets in the buffer of what was decoded, which moves while it grows. */
typedef struct jws_span {
    size_t at;
    size_t len;
} jws_span;

typedef struct jws_signature {
    auth_bytes header_text; /* protected, base64url: what was signed */
    auth_bytes text;        /* the signature, base64url */
    auth_jws_algorithm algorithm;
    auth_time signed_at;
    jws_span octets; /* of the signature */
    size_t chain_len;
    jws_span chain[AUTH_JWS_CHAIN_MAX];
    jws_span spki; /* of the first certificate */
} jws_signature;

struct auth_jws {
    bool is_compact;
    char type[AUTH_JWS_TYPE_MAX + 1];
    auth_buf *text;          /* of the Compact serialization; texts are views of it */
    json_document *document; /* of the JSON serialization; texts are views of it */
    auth_bytes payload_text; /* base64url */
    auth_buf *decoded;
    jws_span payload;
    size_t count;
    jws_signature signatures[AUTH_JWS_SIGNATURES_MAX];
};

/* View what a span tells of. */
auth_bytes jws_view(const auth_jws *jws, jws_span span);

/* Tells whether a text can be a typ. Errors: AUTH_STATUS_INVALID. */
auth_status jws_check_type(const char *type, auth_error *err) AUTH_MUST_CHECK;

#endif
