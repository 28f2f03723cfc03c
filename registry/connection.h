/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to the registry's database. Its job: to let nobody in between, and to let nobody
 * wait for ever. It speaks over a unix socket or over TLS with a verified server name, and over
 * nothing else; each call has a deadline that a dead server cannot lengthen; and every warning of
 * the server is kept, because a COMMIT with a warning is not a COMMIT (see transaction.h).
 *
 * A connection belongs to one thread at a time. After a failure that leaves it unusable
 * registry_connection_is_broken says so; then it can only be freed, which takes no time.
 */
#ifndef REGISTRY_CONNECTION_H
#define REGISTRY_CONNECTION_H

#include "role.h"

#include <auth/error.h>
#include <stdbool.h>

typedef struct registry_connection registry_connection;

/* How to connect. What is 0 or NULL gets the default. Strings are borrowed. */
typedef struct registry_settings {
    const char *conninfo;  /* libpq's keywords and values, or a URI; must name a host */
    const char *program;   /* application_name, such as "auth-ca"; NULL: "auth" */
    unsigned roles;        /* bits of registry_role: whose statements are prepared */
    bool takes_any_schema; /* for migrations: neither asks for a schema nor prepares statements */
    unsigned connect_timeout_ms; /* for all hosts together; 10 s. Looking names up may add to it */
    unsigned call_timeout_ms;    /* for one call; 30 s */
    unsigned commit_timeout_ms;  /* for a COMMIT, after which its outcome is unknown; 5 s */
    unsigned statement_timeout_ms; /* for a statement, on the server; 20 s */
    unsigned lock_timeout_ms;      /* for a lock, on the server; 10 s */
    unsigned idle_timeout_ms;      /* for a transaction that does nothing, on the server; 60 s */
} registry_settings;

/*
 * Opens a connection, sets the session up, holds the schema's version against the one that this
 * program knows, and prepares the statements of the roles.
 *
 * Several hosts may be named, as libpq does, with target_session_attrs. libpq itself waits for a
 * host that does not answer; here each host gets its part of the time.
 *
 * Errors: AUTH_STATUS_MALFORMED when the connection string cannot be read; AUTH_STATUS_DENIED when
 * it allows a line that is not protected, or the server lets the role not in;
 * AUTH_STATUS_UNSUPPORTED for a server before PostgreSQL 15 or a schema of another version;
 * AUTH_STATUS_UNAVAILABLE when no server answers in time; AUTH_STATUS_MEMORY; and those of the
 * statements that it runs.
 */
auth_status registry_connection_open(const registry_settings *settings, registry_connection **out,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Closes at once; what was not committed is rolled back by the server. NULL is fine. */
void registry_connection_free(registry_connection *connection);

/* Tells whether it can only be freed. */
bool registry_connection_is_broken(const registry_connection *connection);

/* Tells whether a transaction is open, be it a failed one. */
bool registry_connection_is_in_transaction(const registry_connection *connection);

/*
 * Looks, without waiting, whether the server has closed an idle connection; notes so.
 * Returns whether it is usable.
 */
bool registry_connection_check(registry_connection *connection);

/* The SQLSTATE of the last refusal, "" when it came with none (a lost line, a deadline). */
const char *registry_connection_sqlstate(const registry_connection *connection);

/* The name of the constraint that the last refusal is about, "" when it is about none. */
const char *registry_connection_constraint(const registry_connection *connection);

/*
 * Tells whether doing the same transaction again is the answer to the last failure: it was a
 * serialization failure or a deadlock, or the line was lost. Not for a COMMIT.
 */
bool registry_connection_is_repeatable(const registry_connection *connection);

AUTH_DEFINE_CLEANUP(registry_connection)

#endif
