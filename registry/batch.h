/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many statements in one round trip (libpq's pipeline mode), inside a transaction:
 *
 *     registry_begin(...)
 *     registry_batch_new(connection, 2 * count, &batch, err)
 *     registry_batch_add(batch, REGISTRY_STATEMENT_..., REGISTRY_VALUES(...), err)   for each
 *     registry_batch_run(batch, err)
 *     registry_batch_result(batch, i)                                               for some
 *     registry_batch_free(batch)
 *     registry_commit(...)
 *
 * Nothing else may be run on the connection between _new and _run. All succeed or the transaction
 * has failed: the first refusal counts, what follows it is not run.
 */
#ifndef REGISTRY_BATCH_H
#define REGISTRY_BATCH_H

#include "statement.h"

/* The most statements of a batch. */
#define REGISTRY_BATCH_MAX 20000

typedef struct registry_batch registry_batch;

/*
 * Begins a batch of up to max statements.
 *
 * Errors: AUTH_STATUS_INTERNAL outside of a transaction; AUTH_STATUS_LIMIT when max is 0 or above
 * REGISTRY_BATCH_MAX; AUTH_STATUS_UNAVAILABLE; AUTH_STATUS_MEMORY.
 */
auth_status registry_batch_new(registry_connection *connection, size_t max, registry_batch **out,
                               auth_error *err) AUTH_MUST_CHECK;

/* A batch that was not run leaves its connection broken. NULL is fine. */
void registry_batch_free(registry_batch *batch);

/*
 * Adds a statement; values are copied. The server may run it before registry_batch_run.
 *
 * Errors: AUTH_STATUS_LIMIT past max; those of registry_run but for the server's.
 */
auth_status registry_batch_add(registry_batch *batch, registry_statement statement,
                               const registry_value *values, size_t count,
                               auth_error *err) AUTH_MUST_CHECK;

/*
 * Waits for all answers.
 *
 * Errors: those of registry_run; the text tells which statement it was, counted from 1.
 */
auth_status registry_batch_run(registry_batch *batch, auth_error *err) AUTH_MUST_CHECK;

/* The result of a statement, counted from 0 in the order of adding; after a run that succeeded. */
registry_result *registry_batch_result(registry_batch *batch, size_t i);

AUTH_DEFINE_CLEANUP(registry_batch)

#endif
