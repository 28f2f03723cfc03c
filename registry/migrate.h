/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema's versions. Each is a file schemas/registry/NNNN-name.sql, compiled into the program,
 * so that none can be exchanged behind it; the database keeps the SHA-256 of each file that was
 * applied. They go forward only, and a file that was applied is never changed: a program that finds
 * another hash, or a version that it does not know, refuses to touch the database.
 *
 * A file runs in a transaction of its own as the role auth_owner, with search_path registry; it
 * holds no BEGIN and no COMMIT. The schema registry and its table schema_migration are there before
 * it.
 */
#ifndef REGISTRY_MIGRATE_H
#define REGISTRY_MIGRATE_H

#include "connection.h"

#include <stddef.h>
#include <stdint.h>

typedef enum registry_schema_state {
    REGISTRY_SCHEMA_MISSING, /* nothing was ever applied */
    REGISTRY_SCHEMA_OLDER,   /* registry_migrate has something to do */
    REGISTRY_SCHEMA_CURRENT,
    REGISTRY_SCHEMA_NEWER,   /* the database knows versions that this program does not */
    REGISTRY_SCHEMA_CHANGED, /* a file that was applied had other contents */
} registry_schema_state;

typedef struct registry_schema {
    registry_schema_state state;
    int64_t version; /* the last that the database has; 0: none */
    int64_t known;   /* the last that this program has */
    int64_t changed; /* the first that differs; 0: none */
} registry_schema;

/*
 * Tells which version a database has. The connection takes any schema.
 *
 * Errors: those of a statement (statement.h).
 */
auth_status registry_schema_read(registry_connection *connection, registry_schema *out,
                                 auth_error *err) AUTH_MUST_CHECK;

/* The name of a state, as in JSON: "current". */
const char *registry_schema_state_name(registry_schema_state state);

/*
 * Brings a database to the schema of this program. The connection takes any schema, and its role is
 * auth_owner or may become it. *applied becomes how many versions were applied, also on failure:
 * those stay. Two programs at once wait for each other. A registry that was restored from a dump is
 * settled in this cluster as well, so that its ledger can go on.
 *
 * Errors: AUTH_STATUS_UNSUPPORTED when the database's schema is newer; AUTH_STATUS_CONFLICT when a
 * file that was applied has changed; AUTH_STATUS_DENIED when the role is not the owner;
 * AUTH_STATUS_INTERNAL when a file is wrong; those of registry_commit.
 */
auth_status registry_migrate(registry_connection *connection, size_t *applied,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
