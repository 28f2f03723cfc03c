/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates for tests, good and bad: nothing is checked, so that a test can make what libauth
 * never would. Functions die when a call fails.
 */
#ifndef HARNESS_RAW_CERT_H
#define HARNESS_RAW_CERT_H

#include "base/der.h"
#include "base/oid.h"
#include "harness/data.h"

#include <auth/key.h>

#define RAW_CERT_MAX 4096

typedef struct raw_bytes {
    size_t len;
    uint8_t octets[RAW_CERT_MAX];
} raw_bytes;

#define RAW(raw) ((auth_bytes){(raw).octets, (raw).len})

/* A signer for a key of tests/data/keys, or one that is new. */
auth_signer *raw_signer_load(const char *name);
auth_signer *raw_signer_new(auth_key_type type);

/* A Name with one common name, DER. */
raw_bytes raw_name(const char *common_name);

/* Appends an Extension whose value is given as DER. */
void raw_put_extension(der_writer *writer, oid id, bool is_critical, auth_bytes value);

typedef struct raw_cert {
    const char *issuer; /* common names */
    const char *subject;
    uint8_t serial;
    auth_time not_before;
    auth_time not_after;
    auth_bytes extensions; /* Extensions without the outer SEQUENCE; empty: none */
} raw_cert;

/* Makes a certificate for key, signed by signer. */
raw_bytes raw_cert_make(const raw_cert *cert, const auth_public_key *key,
                        const auth_signer *signer);

/* SEQUENCE { tbs, algorithm, BIT STRING }: what every signed thing looks like. */
void raw_put_signed(der_writer *writer, auth_bytes tbs, const auth_signer *signer);

/* The extensions of an authority, and those of a good OCSP responder. */
raw_bytes raw_authority_extensions(void);
raw_bytes raw_responder_extensions(void);

#endif
