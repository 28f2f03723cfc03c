/* SPDX-License-Identifier: Apache-2.0 */
/* One page of rows that are sealed anew. Internal to registry/. */
#ifndef REGISTRY_RESEAL_PAGE_H
#define REGISTRY_RESEAL_PAGE_H

#include "reseal.h"
#include "result.h"
#include "seal.h"

/* The most persons of a page: each of its documents may have 1,000. */
#define RESEAL_PERSONS_MAX 8000
#define RESEAL_KEY_SIZE 72

typedef struct reseal {
    registry_connection *connection;
    const registry_keyring *ring;
    registry_crypto *crypto;
    registry_reporter *reporter;
    unsigned batch; /* rows of a page */
    uint32_t from;  /* generations */
    uint32_t to;
    char after[RESEAL_KEY_SIZE]; /* the key of the last row that was looked at */
    uint64_t done;               /* rows sealed anew in this page */
    bool is_end;
} reseal;

/*
 * Pages of each table, inside a transaction of the caller. They move after, and set done and
 * is_end. Errors: those of registry_run; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status reseal_requests(reseal *it, auth_error *err) AUTH_MUST_CHECK;
auth_status reseal_citizens(reseal *it, auth_error *err) AUTH_MUST_CHECK;
auth_status reseal_officers(reseal *it, auth_error *err) AUTH_MUST_CHECK;

#endif
