/* SPDX-License-Identifier: Apache-2.0 */
/* The migrations that are compiled in, and what a database says about them. Internal to registry/.
 */
#ifndef REGISTRY_MIGRATION_H
#define REGISTRY_MIGRATION_H

#include "migrate.h"
#include "session.h"

#define MIGRATION_HASH_SIZE 32

/* A file schemas/registry/NNNN-name.sql. */
typedef struct registry_migration {
    int64_t version; /* NNNN */
    const char *name;
    uint8_t sha256[MIGRATION_HASH_SIZE];
    const char *sql;
} registry_migration;

typedef struct migration_table {
    const registry_migration *rows; /* versions 1, 2, 3, ... */
    size_t count;
} migration_table;

/* Made by tools/migrations.py. */
extern const migration_table registry_migrations;

/*
 * Compares what a database has with a table.
 *
 * Errors: those of a statement.
 */
auth_status migration_compare(registry_connection *connection, const migration_table *table,
                              registry_deadline deadline, registry_schema *out,
                              auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks that a database has just the schema of this program.
 *
 * Errors: AUTH_STATUS_UNSUPPORTED; those of a statement.
 */
auth_status migration_check_schema(registry_connection *connection, registry_deadline deadline,
                                   auth_error *err) AUTH_MUST_CHECK;

/* As registry_migrate, with a table of the caller's. */
auth_status migration_apply(registry_connection *connection, const migration_table *table,
                            size_t *applied, auth_error *err) AUTH_MUST_CHECK;

#endif
