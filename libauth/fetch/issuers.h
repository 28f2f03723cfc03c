/* SPDX-License-Identifier: Apache-2.0 */
/* Issuers that were read once: reading a key costs more than all else of a look-up. Internal. */
#ifndef FETCH_ISSUERS_H
#define FETCH_ISSUERS_H

#include "fetch/fetched.h"

#include <auth/cert.h>

/* Counted by reference; does not change. */
typedef struct fetch_issuer {
    atomic_uint references;
    uint8_t id[FETCH_KEY_SIZE]; /* SHA-256 of its certificate */
    auth_ocsp_issuer *ocsp;
    auth_cert *cert;
    auth_public_key *key;
} fetch_issuer;

typedef struct fetch_issuers fetch_issuers;

/* Ownership: gives *out, to be freed with issuers_free. Errors: AUTH_STATUS_MEMORY. */
auth_status issuers_new(fetch_issuers **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void issuers_free(fetch_issuers *issuers);

/*
 * Finds an issuer by its certificate, DER, and reads it when it is new.
 *
 * Ownership: gives *out, to be given back with issuer_free; copies der.
 * Errors: as auth_ocsp_issuer_new.
 */
auth_status issuers_find(fetch_issuers *issuers, auth_bytes der, fetch_issuer **out,
                         auth_error *err) AUTH_MUST_CHECK;

fetch_issuer *issuer_share(fetch_issuer *issuer);

/* NULL is fine. */
void issuer_free(fetch_issuer *issuer);

/*
 * Names the status of a certificate with this serial number. Errors: AUTH_STATUS_INVALID for a
 * serial number that is empty or too long; AUTH_STATUS_CRYPTO; AUTH_STATUS_MEMORY.
 */
auth_status issuer_status_key(const fetch_issuer *issuer, auth_bytes serial,
                              uint8_t key[FETCH_KEY_SIZE], auth_error *err) AUTH_MUST_CHECK;

static inline void fetch_issuer_cleanup(fetch_issuer **issuer) { issuer_free(*issuer); }

#endif
