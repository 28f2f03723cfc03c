/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm that a ceremony made, with an authority that renews certificates of it, for a test each.
 * The realm is one for all tests of a program; what a test leaves in its registry is taken out when
 * its world ends.
 */
#ifndef RENEW_WORLD_H
#define RENEW_WORLD_H

#include "ca/duty.h"
#include "ca/recover.h"
#include "realm/realm.h"
#include "registry/renewal.h"

#include <libpq-fe.h>

#define DAY ((auth_time)86400)

typedef struct renew_world {
    realm *of;
    auth_time now; /* of the ceremony */
    registry_pool *pool;
    registry_crypto *crypto;
    ca_authority authorities[2];
    const auth_profile *profiles[2];
    char journal[256];
    ca_setting setting;
    PGconn *owner;
} renew_world;

renew_world *renew_world_new(void);
void renew_world_free(renew_world *it);

/* Closes and opens the journal, as a crash and a start do. */
void renew_world_restart(renew_world *it);

/* Renews what is due so many days after the ceremony; how many were made. */
size_t renew_world_renew(renew_world *it, unsigned days, ca_renewals *out);

/* Runs SQL as the owner, the rules of the database off or on. */
void renew_world_sql(renew_world *it, const char *sql);
void renew_world_rules(renew_world *it, bool are_on);

/* The first value of what SQL gives; "" for none. */
const char *renew_world_ask(renew_world *it, const char *sql);

/* A connection of a role; freed by the caller. */
registry_connection *renew_world_connect(renew_world *it, registry_role role);

/* Examines rows and documents; the texts of all faults, a line each. */
const char *renew_world_examine(renew_world *it);

/* The newest certificate (DER) of a file of keys/, as the registry has it; the caller frees it. */
auth_buf *renew_world_newest(renew_world *it, const char *profile, int authority);

#endif
