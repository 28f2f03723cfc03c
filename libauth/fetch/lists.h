/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists that were verified, kept by the address that they came from. One list serves all
 * certificates that name it. Counted by reference. Internal to fetch.
 */
#ifndef FETCH_LISTS_H
#define FETCH_LISTS_H

#include "fetch/fetched.h"

#include <auth/crl.h>

typedef struct fetch_list {
    atomic_uint references;
    uint8_t key[FETCH_KEY_SIZE]; /* of issuer and address */
    auth_crl *crl;
    int64_t fetched_ms; /* by the monotonic clock; under the fetcher's lock once it is kept */
} fetch_list;

/* Ownership: takes crl, on success; gives *out. Errors: AUTH_STATUS_MEMORY. */
auth_status list_new(const uint8_t key[FETCH_KEY_SIZE], auth_crl *crl, fetch_list **out,
                     auth_error *err) AUTH_MUST_CHECK;

fetch_list *list_share(fetch_list *list);

/* NULL is fine. */
void list_free(fetch_list *list);

/*
 * Tells whether a list is older than one of the same name that is there, which then stays: both
 * full or both delta, of the same scope, and the one that is there neither over nor of the future.
 */
bool list_is_older(const fetch_list *list, const fetch_list *there, auth_time now);

#define FETCH_LISTS 64

/* How many lists of the largest size are kept. */
#define FETCH_LISTS_FACTOR 4

/* Under the fetcher's lock. Zero is an empty one. */
typedef struct fetch_lists {
    fetch_list *rows[FETCH_LISTS];
    uint64_t used[FETCH_LISTS];
    uint64_t clock;
    size_t octets;
} fetch_lists;

/* Finds a list. Ownership: gives a reference; NULL when it is not there. */
fetch_list *lists_find(fetch_lists *lists, const uint8_t key[FETCH_KEY_SIZE]);

/*
 * Keeps a list in the place of the one of its name, unless it is older, and no more than max octets
 * of lists: what was not asked for longest goes. Gives the one that is kept.
 *
 * Ownership: takes list, gives a reference; keeps one of its own.
 */
fetch_list *lists_store(fetch_lists *lists, fetch_list *list, auth_time now,
                        size_t max) AUTH_MUST_CHECK;

/* Frees what it holds. */
void lists_clear(fetch_lists *lists);

static inline void fetch_list_cleanup(fetch_list **list) { list_free(*list); }

#endif
