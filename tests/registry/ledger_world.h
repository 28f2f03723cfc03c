/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger in a database of its own, with a signer and an anchor file, for tests of the ledger. */
#ifndef LEDGER_WORLD_H
#define LEDGER_WORLD_H

#include "harness/chain.h"
#include "harness/cluster.h"
#include "registry/ledger_verify.h"

#define WORLD_FINDINGS_MAX 64

typedef struct ledger_world {
    char database[CLUSTER_NAME_SIZE];
    char anchor[128]; /* path */
    registry_crypto *crypto;
    registry_connection *ca;
    registry_connection *auditor;
    registry_connection *superuser;
    chain chain;
    auth_bytes certs[2]; /* the signer's and its authority's */
    auth_time now;
    /* What the last examination found, as "table row: text". */
    size_t found;
    char findings[WORLD_FINDINGS_MAX][512];
    registry_ledger_summary summary;
} ledger_world;

ledger_world *ledger_world_new(void);
void ledger_world_free(ledger_world *world);

/* Appends entries in one transaction. */
void ledger_world_append(ledger_world *world, unsigned count);

/* Runs rounds of the sequencer until nothing is left. max: entries a round; 0: the most. */
void ledger_world_advance(ledger_world *world, uint64_t max);

/* Examines the ledger with its anchor, and keeps what is found. */
void ledger_world_verify(ledger_world *world);

/* The same with a file of heads, and without the anchor. */
void ledger_world_verify_with(ledger_world *world, const char *heads);

/* Fails the test unless nothing was found, or something about a row of a table. */
void ledger_world_expect_clean(const ledger_world *world);
void ledger_world_expect(const ledger_world *world, const char *table, const char *row);

#endif
