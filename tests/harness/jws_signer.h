/* SPDX-License-Identifier: Apache-2.0 */
/* People who sign JWS, and texts of JWS that libauth would not write. Functions die when a call
 * fails. */
#ifndef HARNESS_JWS_SIGNER_H
#define HARNESS_JWS_SIGNER_H

#include "harness/raw_cert.h"

#include <auth/codec.h>
#include <auth/jws.h>

#define JWS_TYPE "test+jws"
#define JWS_NOW ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */

/* A signer with a certificate of its own; it is not to be copied, since the chain points into it.
 */
typedef struct jws_signer {
    auth_signer *signer;
    raw_bytes certificate;
    raw_bytes issuer;
    auth_bytes chain[AUTH_JWS_CHAIN_MAX + 1]; /* the certificate, then the issuer's */
} jws_signer;

/* Takes the key of tests/data/keys with this name, or a new one of this type when name is NULL. */
void jws_signer_open(jws_signer *out, const char *name, auth_key_type type);
void jws_signer_close(jws_signer *it);

/* What it signs with: the type JWS_TYPE, a chain of two, JWS_NOW. */
auth_jws_signing jws_signing(const jws_signer *it);

/* The text of octets; the caller frees it. */
char *jws_encode(auth_codec codec, auth_bytes octets);

/* A good protected header of this signer as JSON, as libauth would write it. */
char *jws_header(const jws_signer *it, const char *algorithm);

/*
 * Compact: a header as JSON, a payload, and a signature over both by signer, as it stands in a JWS.
 */
char *jws_compact(const char *header, const char *payload, const auth_signer *signer);

/* General JSON out of Compact texts of the same payload. */
char *jws_general(const char *const *compacts, size_t count);

/* Replaces the first what of a text that has it; the caller frees the new one. */
char *jws_replace(const char *text, const char *what, const char *with);

#endif
