/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registry that is whole: an office, citizens with certificates, a revocation, a suspension and a
 * resumption, requests in each state, a CRL and the ledger of all that. Written with the rules of
 * the database in force.
 */
#ifndef REGISTRY_WORLD_H
#define REGISTRY_WORLD_H

#include "ledger_world.h"

#include "registry/fsck.h"

/* Certificates, the first revoked, the second suspended, the third suspended and resumed. */
#define WORLD_CERTIFICATES 5

typedef struct registry_world {
    ledger_world *ledger;
    char serials[WORLD_CERTIFICATES][40]; /* hex */
    registry_fsck_summary summary;
} registry_world;

registry_world *registry_world_new(void);
void registry_world_free(registry_world *world);

/* Runs SQL as the superuser, formatted. */
void registry_world_sql(registry_world *world, const char *format, ...) AUTH_PRINTF(2, 3);

/* Runs registry_fsck with the anchor, and keeps in world->ledger what it found. */
void registry_world_fsck(registry_world *world);

#endif
