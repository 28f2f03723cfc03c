/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the ledger for people: its entries in order, and proofs that one is in the tree. */
#ifndef REGISTRY_LEDGER_PROOF_H
#define REGISTRY_LEDGER_PROOF_H

#include "ledger.h"

/* Whose entries are asked for; one of the two. */
typedef struct registry_ledger_query {
    bool has_request;
    uint8_t request[REGISTRY_LEDGER_UUID_SIZE];
    registry_ledger_serial serial;
} registry_ledger_query;

/* An entry, with its proof when it has its place in the tree of the newest head. Borrowed. */
typedef struct registry_ledger_proof {
    uint64_t entry_id;
    auth_bytes body;
    bool is_proved; /* false: it waits for its place; nothing below is set */
    uint64_t leaf_index;
    uint64_t tree_size;
    merkle_proof path; /* RFC 9162 2.1.3 */
    auth_bytes head;   /* the signed head */
} registry_ledger_proof;

/* Takes what was found. Returning anything but AUTH_STATUS_OK ends it. */
typedef auth_status registry_ledger_show(void *context, const registry_ledger_proof *proof,
                                         auth_error *err);

/*
 * Finds the entries of a request or certificate, at most 10,000, and proves each against the newest
 * head. A proof that does not verify is an error, not a proof.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no entry; AUTH_STATUS_UNTRUSTED when the tree does
 * not prove what it should; those of registry_run; what show returns.
 */
auth_status registry_ledger_prove(registry_connection *connection, registry_crypto *crypto,
                                  const registry_ledger_query *query, registry_ledger_show *show,
                                  void *context, auth_error *err) AUTH_MUST_CHECK;

/*
 * Proves from the stored tree that one head grew out of another, and verifies the proof against
 * both.
 *
 * Errors: AUTH_STATUS_INVALID when first is the later; AUTH_STATUS_UNTRUSTED when the heads are not
 * of one ledger; AUTH_STATUS_CONFLICT when the registry's tree is smaller than second; those of
 * registry_run.
 */
auth_status registry_ledger_connect(registry_connection *connection, registry_crypto *crypto,
                                    const registry_ledger_head *first,
                                    const registry_ledger_head *second, merkle_proof *out,
                                    auth_error *err) AUTH_MUST_CHECK;

/*
 * Gives entries after an entry number, at most 1,000, oldest first, without proofs. *last becomes
 * the number of the last one. after below 0: the last -after entries.
 *
 * Errors: those of registry_run; what show returns.
 */
auth_status registry_ledger_read(registry_connection *connection, int64_t after, int64_t *last,
                                 registry_ledger_show *show, void *context,
                                 auth_error *err) AUTH_MUST_CHECK;

#endif
