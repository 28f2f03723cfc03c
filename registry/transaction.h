/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions, and the one place where a COMMIT is sent and judged.
 *
 * A COMMIT has three outcomes: yes, no, and unknown. With a synchronous standby gone, PostgreSQL
 * answers a cancelled COMMIT with success and a mere warning (SQLSTATE 01000), and what was
 * committed is lost when that standby takes over. So any warning during a COMMIT, a lost line and a
 * passed deadline all mean unknown; a COMMIT is never cancelled; and who gets AUTH_STATUS_UNKNOWN
 * tells his client "not yet known, ask again for this id", never "done" and never "failed".
 */
#ifndef REGISTRY_TRANSACTION_H
#define REGISTRY_TRANSACTION_H

#include "pool.h"
#include "statement.h"

typedef enum registry_isolation {
    REGISTRY_READ_COMMITTED, /* enough where unique keys decide */
    REGISTRY_SERIALIZABLE,   /* where something is counted; to be repeated on conflict */
    REGISTRY_SNAPSHOT,       /* repeatable read, read only: a consistent look at everything */
} registry_isolation;

/*
 * Begins a transaction.
 *
 * Errors: AUTH_STATUS_INTERNAL when one is open; AUTH_STATUS_UNAVAILABLE.
 */
auth_status registry_begin(registry_connection *connection, registry_isolation isolation,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Commits. AUTH_STATUS_OK: it is done and will stay done. AUTH_STATUS_UNKNOWN: it may be done or
 * not, and the connection is broken: find out on another one, as registry_transact does. Everything
 * else: it is not done, and nothing of it will be.
 *
 * Errors: AUTH_STATUS_UNKNOWN; AUTH_STATUS_CONFLICT and AUTH_STATUS_INVALID for constraints that
 * are checked at the end; AUTH_STATUS_UNAVAILABLE for a serialization failure, and when the line
 * was lost before the COMMIT was sent; AUTH_STATUS_INTERNAL when the transaction had failed before
 * or none is open.
 */
auth_status registry_commit(registry_connection *connection, auth_error *err) AUTH_MUST_CHECK;

/*
 * Rolls back. When that fails the connection is broken, which rolls back as well.
 */
void registry_rollback(registry_connection *connection);

/*
 * The work of a transaction: runs statements, begins and ends nothing. It may be run again from the
 * start, so what it leaves in context it overwrites.
 */
typedef auth_status registry_work(registry_connection *connection, void *context, auth_error *err);

/*
 * Tells whether an earlier run of the work was committed, usually by looking a request id up, and
 * then leaves in context what the work would have left there.
 */
typedef auth_status registry_lookup(registry_connection *connection, void *context, bool *is_done,
                                    auth_error *err);

typedef struct registry_transaction {
    registry_isolation isolation;
    registry_work *work;
    registry_lookup *lookup; /* NULL: an unknown outcome stays unknown */
    void *context;
    unsigned timeout_ms; /* for all of it; 0: 30 s */
} registry_transaction;

/*
 * Runs a transaction to its end. Work is run again after a serialization failure, a deadlock, and a
 * line that was lost before COMMIT was sent. When the outcome of the COMMIT is unknown, it is found
 * out on a new connection: once the server's process of the old one is gone, so that nothing can
 * still be under way, the look-up answers; a "done" counts after one more commit of nothing, which
 * waits for the synchronous standby behind everything before it; after a "not done" the work is run
 * again.
 *
 * Errors: AUTH_STATUS_UNKNOWN when even that could not be found out in time: ask again later. Else
 * those of the work, of the look-up and of registry_commit.
 */
auth_status registry_transact(registry_pool *pool, const registry_transaction *transaction,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
