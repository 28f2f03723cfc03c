/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: an append-only list of what happened, and over it the Merkle tree whose signed heads
 * make every later change visible.
 *
 * Its one invariant: an entry is written in the transaction of what it records, so there is never
 * one without the other. Nothing else happens there: no lock, no counter, no row that all
 * transactions share. Entries get their place in the tree later and in batches, by whoever holds
 * the sequencer's lock, in the order of transaction and entry number, and only once no older
 * transaction is under way: so the order is settled before it is used, and doing it again after a
 * crash gives the same tree.
 *
 * A head is written to the anchor file, synced, before the transaction that stores it commits. So
 * every head that the registry ever had is in the anchor, and a registry that was set back, or lost
 * its newest entries, is found by it.
 */
#ifndef REGISTRY_LEDGER_H
#define REGISTRY_LEDGER_H

#include "connection.h"
#include "ledger_head.h"
#include "value.h"

#include <stdint.h>

#define REGISTRY_LEDGER_VALUES 6

/* An entry as parameters of REGISTRY_STATEMENT_LEDGER_APPEND, for registry_run or a pipeline. */
typedef struct registry_ledger_row {
    auth_buf *body;
    uint8_t request[REGISTRY_LEDGER_UUID_SIZE];
    registry_ledger_serial serial;
    registry_value values[REGISTRY_LEDGER_VALUES];
} registry_ledger_row;

/*
 * Prepares an entry. office_no is the row of body->office; 0 for none. The row must stay where it
 * is while its values are in use.
 *
 * Ownership: registry_ledger_row_clear frees what row holds, also after a failure.
 * Errors: those of registry_ledger_body_write.
 */
auth_status registry_ledger_row_fill(registry_ledger_row *row, const registry_ledger_body *body,
                                     int64_t office_no, auth_error *err) AUTH_MUST_CHECK;

void registry_ledger_row_clear(registry_ledger_row *row);

/*
 * Appends an entry in the caller's transaction.
 *
 * Errors: those of registry_ledger_body_write and registry_run.
 */
auth_status registry_ledger_append(registry_connection *connection,
                                   const registry_ledger_body *body, int64_t office_no,
                                   auth_error *err) AUTH_MUST_CHECK;

/* The most entries that one call of registry_ledger_sequence takes. */
#define REGISTRY_LEDGER_BATCH_MAX 8192

typedef struct registry_ledger_progress {
    bool is_busy;       /* somebody else is sequencing; nothing was done */
    bool is_more;       /* there were more entries than were taken */
    uint64_t added;     /* entries that got their place */
    uint64_t tree_size; /* after that */
    merkle_hash root;   /* of that tree */
    int64_t next_xact;  /* all entries of transactions before it are in the tree */
} registry_ledger_progress;

/*
 * Gives up to max entries (0 or more than REGISTRY_LEDGER_BATCH_MAX: that many) their places in the
 * tree, in the caller's transaction, which must be one of REGISTRY_READ_COMMITTED. It holds the
 * sequencer's lock to its end.
 *
 * Errors: AUTH_STATUS_CONFLICT when the registry was restored from a dump and not migrated since,
 * or the tree does not hold together; those of registry_run; AUTH_STATUS_CRYPTO;
 * AUTH_STATUS_MEMORY.
 */
auth_status registry_ledger_sequence(registry_connection *connection, registry_crypto *crypto,
                                     uint64_t max, registry_ledger_progress *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/* What one round of the sequencer needs. Borrowed. */
typedef struct registry_ledger_round {
    registry_ledger_signing signing;
    const char *realm;
    const char *anchor; /* path of the anchor file; NULL: none, which gives a restored or shortened
                           registry away to nobody */
    auth_time now;
    uint64_t max; /* entries; 0: REGISTRY_LEDGER_BATCH_MAX */
    /* Told of a head that was signed, before the commit; what it returns but OK ends the round. May
     * be NULL. */
    auth_status (*told)(void *context, const registry_ledger_head *head, auth_bytes document,
                        auth_error *err);
    void *context;
} registry_ledger_round;

/*
 * Does one round in a transaction of its own: sequences, and when the tree has grown since the last
 * head, signs one, anchors and stores it. To be called about once a second, and again at once while
 * out->is_more. It may run in several processes at once; one of them does it.
 *
 * Errors: those of registry_ledger_sequence, registry_ledger_head_sign, registry_anchor_append and
 * registry_commit. After each of them, AUTH_STATUS_UNKNOWN included, the next round goes on from
 * what is there.
 */
auth_status registry_ledger_advance(registry_connection *connection, registry_crypto *crypto,
                                    const registry_ledger_round *round,
                                    registry_ledger_progress *out, auth_error *err) AUTH_MUST_CHECK;

/* Where merkle.h gets the nodes of the stored tree from; the context is a registry_connection. */
auth_status registry_ledger_node(void *connection, unsigned level, uint64_t index, merkle_hash *out,
                                 auth_error *err);

#endif
