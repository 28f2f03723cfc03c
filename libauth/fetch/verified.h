/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was verified in this process, by its hash, and what it says: so that an answer which comes
 * again, out of the shared cache, need not be verified again. Bounded, for several threads at once.
 * Internal to fetch.
 */
#ifndef FETCH_VERIFIED_H
#define FETCH_VERIFIED_H

#include "fetch/fetched.h"

typedef struct fetch_verified fetch_verified;

/* Ownership: gives *out, to be freed with verified_free. Errors: AUTH_STATUS_MEMORY. */
auth_status verified_new(size_t entries, fetch_verified **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void verified_free(fetch_verified *verified);

/* Tells what octets of this hash say. False when none were verified, or it is long ago. */
bool verified_find(fetch_verified *verified, const uint8_t hash[FETCH_KEY_SIZE],
                   fetch_knowledge *out);

/* Notes that octets of this hash, name of the status included, were verified. */
void verified_add(fetch_verified *verified, const uint8_t hash[FETCH_KEY_SIZE],
                  const fetch_knowledge *known);

#endif
