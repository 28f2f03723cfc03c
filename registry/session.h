/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a connection is made of, and the few calls that all speaking to the server goes through.
 * Internal to registry/: nobody else sees libpq.
 */
#ifndef REGISTRY_SESSION_H
#define REGISTRY_SESSION_H

#include "connection.h"
#include "deadline.h"
#include "result.h"

#include <auth/bytes.h>
#include <libpq-fe.h>

struct registry_connection {
    PGconn *pq;
    unsigned roles;
    unsigned call_timeout_ms;
    unsigned commit_timeout_ms;
    int64_t backend_pid; /* the server's process, and when it started */
    int64_t backend_start_us;
    bool is_broken;
    bool is_lost;        /* broken because the line is, or because nobody answered */
    bool is_repeatable;  /* the last refusal was a serialization failure or a deadlock */
    unsigned warnings;   /* since they were last counted from 0 */
    char warning[6];     /* SQLSTATE of the last one */
    char sqlstate[6];    /* of the last refusal */
    char constraint[64]; /* PostgreSQL's names have up to 63 octets */
};

/* Notes a warning; what libpq calls for everything that the server says beside its answer. */
void session_notice(void *connection, const PGresult *notice);

/* Marks the line as lost and says so: AUTH_STATUS_UNAVAILABLE. what names the call. */
auth_status session_lost(registry_connection *connection, const char *what, auth_error *err);

/* Marks the connection as broken, because the deadline passed: AUTH_STATUS_UNAVAILABLE. */
auth_status session_late(registry_connection *connection, const char *what, auth_error *err);

/*
 * Turns a result of libpq into an outcome by sqlstate.def. result may be NULL: the line was lost.
 * shows_text: the server's text cannot hold a value and helps.
 */
auth_status session_judge(registry_connection *connection, const PGresult *result, const char *what,
                          bool shows_text, auth_error *err) AUTH_MUST_CHECK;

/* Sends what is buffered, and reads meanwhile, so that neither side waits for the other. */
auth_status session_flush(registry_connection *connection, const char *what,
                          registry_deadline deadline, auth_error *err) AUTH_MUST_CHECK;

/* Gives the next result; *out becomes NULL after the last one. The caller clears it. */
auth_status session_receive(registry_connection *connection, const char *what,
                            registry_deadline deadline, PGresult **out,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Runs text that is not in statements.def: session set-up, transactions and migrations. Several
 * statements may stand in it; *out, unless NULL, becomes the result of the last one.
 */
auth_status session_query(registry_connection *connection, const char *what, const char *sql,
                          registry_deadline deadline, registry_result **out,
                          auth_error *err) AUTH_MUST_CHECK;

/* As session_query, with text parameters, for one statement. */
auth_status session_query_params(registry_connection *connection, const char *what, const char *sql,
                                 const char *const *values, int count, registry_deadline deadline,
                                 registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* Reads results up to the end and judges them; the first refusal counts. */
auth_status session_finish(registry_connection *connection, const char *what, bool shows_text,
                           registry_deadline deadline, registry_result **out,
                           auth_error *err) AUTH_MUST_CHECK;

#endif
