/* SPDX-License-Identifier: Apache-2.0 */
/* What is known without the network: staple, memory, shared cache. Internal to fetch. */
#ifndef FETCH_HAND_H
#define FETCH_HAND_H

#include "fetch/fetcher.h"

/* A request that was read. */
typedef struct fetch_lookup {
    const auth_fetch_request *request;
    fetch_issuer *issuer; /* to be given back */
    auth_bytes serial;
    uint8_t key[FETCH_KEY_SIZE];
    auth_fetch_outcome staple; /* how it failed; FOUND when it did not */
    auth_error staple_err;
} fetch_lookup;

/*
 * Reads look->request and fills the rest. Errors: AUTH_STATUS_LIMIT; as certificates and issuers
 * are refused.
 */
auth_status hand_read(auth_fetcher *fetcher, fetch_lookup *look, auth_error *err) AUTH_MUST_CHECK;

/*
 * Fills *out with the status that is at hand, and has it renewed where that is due. *out is as it
 * was when nothing is, or nothing that is fresh enough. Errors: AUTH_STATUS_MEMORY,
 * AUTH_STATUS_CRYPTO.
 */
auth_status hand_find(auth_fetcher *fetcher, fetch_lookup *look, auth_fetch_result *out,
                      auth_error *err) AUTH_MUST_CHECK;

/*
 * Keeps evidence that was verified just now, in memory and for the other processes, and gives what
 * is the better of it and what was known. Ownership: takes fetched, gives a reference.
 */
auth_fetched *hand_keep(auth_fetcher *fetcher, auth_fetched *fetched);

#endif
