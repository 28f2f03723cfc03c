/* SPDX-License-Identifier: Apache-2.0 */
/* What revocation lists say of a certificate. Internal to fetch. */
#ifndef FETCH_CRL_H
#define FETCH_CRL_H

#include "fetch/issuers.h"
#include "fetch/lists.h"
#include "fetch/outcome.h"

/* Names a list: its issuer, and the address that it comes from. Errors: AUTH_STATUS_CRYPTO. */
auth_status crl_key(const fetch_issuer *issuer, auth_bytes uri, uint8_t key[FETCH_KEY_SIZE],
                    auth_error *err) AUTH_MUST_CHECK;

/* Tells whether an issuer has signed a list, may do so, and it is one that can be judged by. */
auth_fetch_outcome crl_check_issuer(const auth_crl *crl, const fetch_issuer *issuer,
                                    auth_error *err);

/* Reads a list and checks its issuer. Ownership: gives *out when it returns FOUND. */
auth_fetch_outcome crl_verify(const fetch_issuer *issuer, auth_bytes der, auth_crl **out,
                              auth_error *err);

/* A delta CRL's address: what the certificate names, else what the full CRL does; may be empty. */
auth_bytes crl_delta_uri(const auth_cert *cert, const auth_crl *full);

/* Tells whether the nextUpdate of a list has passed, or it has none. */
bool crl_is_over(const auth_crl *crl, auth_time now);

/*
 * Says what a full list, and a delta to it or NULL, tell of a certificate: both were verified.
 *
 * Returns FOUND with *out; LYING when a list does not speak of the certificate; STALE when the full
 * list is over and no delta brings it up to date, or with *has_gap when it is too old for the
 * delta; FAULT.
 */
auth_fetch_outcome crl_judge(const auth_crl *full, const auth_crl *delta, const auth_cert *cert,
                             const fetch_issuer *issuer, auth_time now, fetch_knowledge *out,
                             bool *has_gap, auth_error *err);

#endif
