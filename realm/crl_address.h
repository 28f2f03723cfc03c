/* SPDX-License-Identifier: Apache-2.0 */
/* What all CRLs of a realm have in common: where the certificates of the ready profiles say that
 * they are, and how their numbers are written. */
#ifndef REALM_CRL_ADDRESS_H
#define REALM_CRL_ADDRESS_H

#include <auth/bytes.h>

#define REALM_CRL_FULL ".crl"
#define REALM_CRL_DELTA "-delta.crl"

/*
 * Writes {base}/crl/{issuer}/{shard}.crl, with a NUL behind it: key_id is the issuer's
 * subjectKeyIdentifier, ending REALM_CRL_FULL or REALM_CRL_DELTA.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: AUTH_STATUS_LIMIT when it is longer than 1,023 octets; AUTH_STATUS_MEMORY.
 */
auth_status realm_crl_address(const char *base, auth_bytes key_id, int64_t shard,
                              const char *ending, auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

#define REALM_CRL_NUMBER_SIZE 8

/*
 * Writes a CRL number as auth_crl_settings takes it: big-endian, without leading zeros. Borrows
 * room.
 */
auth_bytes realm_crl_number(int64_t number, uint8_t room[REALM_CRL_NUMBER_SIZE]);

#endif
