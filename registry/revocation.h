/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocations, suspensions and resumptions, and how to follow them without missing one. They are
 * written by queue.h alone.
 *
 * Revisions are given out when a row is written and become visible when its transaction commits, so
 * a follower that asks for "revisions above my last one" misses what was written before it and
 * committed after. A cursor goes by transactions instead: each round begins at a transaction number
 * below which all are known to be over, and gives every row from there on that is visible. The next
 * round begins at the oldest transaction that was still running when this round began
 * (pg_snapshot_xmin). What was committed late is in the next round; what was visible already comes
 * again, so a follower must not mind a row twice. It works on a standby as well.
 */
#ifndef REGISTRY_REVOCATION_H
#define REGISTRY_REVOCATION_H

#include "certificate.h"
#include "pool.h"

typedef struct registry_revocation {
    int64_t revision;
    auth_bytes serial;
    int64_t authority;
    int64_t shard;
    registry_action action;
    int64_t reason; /* RFC 5280 5.3.1 */
    auth_time at;
    auth_time not_after; /* of the certificate */
} registry_revocation;

/* Where a follower is. All zero: at the beginning. */
typedef struct registry_revocation_cursor {
    int64_t transaction; /* the last row that was given, while in a round */
    int64_t revision;
    int64_t next; /* where the next round begins; 0: not in a round */
} registry_revocation_cursor;

/* What a follower is told of each row, in the order of transactions. */
typedef auth_status registry_revocation_visit(const registry_revocation *revocation, void *context,
                                              auth_error *err);

/*
 * Gives the rows of one page, of up to limit, and moves the cursor on; *is_end tells that the round
 * is over, and that all that was committed before it began has been given. After a failure the
 * cursor is where it was.
 *
 * Errors: those of visit, which ends the page; those of a statement.
 */
auth_status registry_revocation_follow(registry_connection *connection,
                                       registry_revocation_cursor *cursor, size_t limit,
                                       registry_revocation_visit *visit, void *context,
                                       bool *is_end, auth_error *err) AUTH_MUST_CHECK;

/* What the server that is asked knows of the registry at this moment. */
typedef struct registry_knowledge {
    int64_t transaction; /* all below it are over */
    bool is_standby;
    auth_time as_of; /* a standby: up to when it has what the primary had; REGISTRY_NO_TIME: nobody
                        can tell. A primary: now, by its clock */
} registry_knowledge;

/*
 * Tells where a server stands. A follower who finds transactions below its cursor that were over
 * before has another registry in front of it: one that was restored from a copy, or a standby that
 * is further behind.
 *
 * A standby tells the commit time of the last transaction that it has replayed. When nothing is
 * committed for a while that time stands still; a role that may see pg_stat_wal_receiver
 * (pg_read_all_stats) learns of the primary's last sign of life instead.
 *
 * Errors: those of a statement.
 */
auth_status registry_revocation_know(registry_connection *connection, registry_knowledge *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Puts a cursor where only what is committed from now on will be given, and perhaps a little more.
 */
registry_revocation_cursor registry_revocation_from(const registry_knowledge *knowledge);

/* Lists all that happened to one certificate, the oldest first. */
auth_status registry_revocation_list(registry_connection *connection, auth_bytes serial,
                                     registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Lists what a CRL of a scope names, by serial number: certificates that are revoked or suspended
 * and have not expired before the time. after: {NULL, 0} for the first page.
 */
auth_status registry_revocation_list_crl(registry_connection *connection, int64_t authority,
                                         int64_t shard, auth_time unexpired_at, auth_bytes after,
                                         size_t limit, registry_result **out,
                                         auth_error *err) AUTH_MUST_CHECK;

/*
 * Lists the last acts after a revision in a scope, by serial number, for a delta CRL. after:
 * {NULL, 0} for the first page.
 */
auth_status registry_revocation_list_changes(registry_connection *connection, int64_t authority,
                                             int64_t shard, int64_t revision, auth_bytes after,
                                             size_t limit, registry_result **out,
                                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells a revision up to which all are committed, in a transaction of its own: it waits for those
 * who are writing acts.
 *
 * Errors: those of registry_transact.
 */
auth_status registry_revocation_settled(registry_pool *pool, int64_t *out,
                                        auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_revocation_read(registry_result *result, size_t row, registry_revocation *out,
                                     auth_error *err) AUTH_MUST_CHECK;

#endif
