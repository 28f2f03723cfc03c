/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the ledger, as they are written in the transaction of what they record. */
#ifndef REGISTRY_ENTRY_H
#define REGISTRY_ENTRY_H

#include "batch.h"
#include "record.h"

typedef struct registry_entry {
    int64_t event;         /* registry/ledger_event.def */
    int64_t item;          /* -1: of the request as a whole, or of none */
    auth_bytes request_id; /* or {NULL, 0} */
    auth_bytes serial;     /* or {NULL, 0} */
    int64_t office;        /* 0: of none */
    auth_bytes body;       /* what is hashed, up to 4,096 octets */
} registry_entry;

/*
 * Adds entries to a batch inside a transaction of the caller.
 *
 * Errors: AUTH_STATUS_LIMIT for more than REGISTRY_ARRAY_MAX; those of registry_batch_add.
 */
auth_status registry_entry_add(registry_batch *batch, const registry_entry *entries, size_t count,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
