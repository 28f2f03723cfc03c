/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many certificates of a profile an office is given in the hour that runs: a brake on what a
 * broken or bought office can do. The count stands in the registry, so it is one for all
 * authorities and goes on after a restart. Its one invariant: what is committed is counted in the
 * same commit, and no more than the most is. Of one batch.
 */
#ifndef CA_LIMIT_H
#define CA_LIMIT_H

#include "registry/connection.h"

#include <auth/time.h>

/* One office and profile of a batch. */
typedef struct ca_limit_row {
    int64_t office;
    const char *profile;
    uint64_t most;
    uint64_t used; /* of the hour, with what this batch takes */
    int64_t granted;
} ca_limit_row;

typedef struct ca_limits {
    ca_limit_row *rows;
    size_t count;
    size_t room;
} ca_limits;

/*
 * Names an office and profile of the batch, before ca_limits_open; most 0: there is no limit, and
 * nothing is counted. profile is borrowed.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status ca_limits_add(ca_limits *limits, int64_t office, const char *profile, uint64_t most,
                          auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads what was given out before; others who issue for these offices wait until the transaction
 * ends.
 *
 * Errors: those of a statement.
 */
auth_status ca_limits_open(ca_limits *limits, registry_connection *connection, auth_time now,
                           auth_error *err) AUTH_MUST_CHECK;

/* Takes one; false when there is none left. */
bool ca_limits_take(ca_limits *limits, int64_t office, const char *profile);

/* Begins to count what is granted anew, and counts one. */
void ca_limits_begin(ca_limits *limits);
void ca_limits_count(ca_limits *limits, int64_t office, const char *profile);

/*
 * Writes what was counted, in the transaction that commits it.
 *
 * Errors: AUTH_STATUS_CONFLICT when others took it meanwhile, between two attempts of a batch: it
 * is decided anew; those of a statement.
 */
auth_status ca_limits_store(const ca_limits *limits, registry_connection *connection, auth_time now,
                            auth_error *err) AUTH_MUST_CHECK;

void ca_limits_clear(ca_limits *limits);

#endif
