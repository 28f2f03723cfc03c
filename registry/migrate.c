/* SPDX-License-Identifier: Apache-2.0 */
#include "migration.h"
#include "result_pq.h"
#include "role.h"
#include "transaction.h"

#include <stdio.h>
#include <string.h>

/* A migration may rewrite a table of a hundred million rows. */
#define MIGRATE_TIMEOUT_MS (24U * 60 * 60 * 1000)

/* Of this lock of the database; any number that nothing else uses does. */
#define LOCK_TEXT "4923185527"

/* Rows past these are not looked at: a program knows fewer. */
#define VERSIONS_TEXT "10000"

const char *registry_schema_state_name(registry_schema_state state)
{
    switch (state) {
    case REGISTRY_SCHEMA_MISSING:
        return "missing";
    case REGISTRY_SCHEMA_OLDER:
        return "older";
    case REGISTRY_SCHEMA_CURRENT:
        return "current";
    case REGISTRY_SCHEMA_NEWER:
        return "newer";
    case REGISTRY_SCHEMA_CHANGED:
        return "changed";
    }
    return "internal";
}

static auth_status has_table(registry_connection *connection, registry_deadline deadline, bool *out,
                             auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = session_query_params(
        connection, "schema version",
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = 'registry'"
        " AND tablename = 'schema_migration')",
        NULL, 0, deadline, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = registry_value_bool(result, 0, 0);
    return registry_result_check(result, err);
}

static bool is_same(const registry_migration *row, auth_bytes hash)
{
    return auth_bytes_equal(hash, (auth_bytes){row->sha256, sizeof row->sha256});
}

static auth_status compare_rows(registry_result *result, const migration_table *table,
                                registry_schema *out, auth_error *err)
{
    size_t rows = registry_result_rows(result);
    for (size_t i = 0; i < rows; i++) {
        int64_t version = registry_value_int64(result, i, 0);
        auth_bytes hash = registry_value_bytes(result, i, 1);
        bool is_known = version >= 1 && (uint64_t)version <= table->count;
        out->version = version;
        if (is_known && out->changed == 0 &&
            (!is_same(&table->rows[version - 1], hash) || version != (int64_t)i + 1))
            out->changed = version;
    }
    out->state = out->changed != 0           ? REGISTRY_SCHEMA_CHANGED
                 : out->version > out->known ? REGISTRY_SCHEMA_NEWER
                 : out->version < out->known ? REGISTRY_SCHEMA_OLDER
                                             : REGISTRY_SCHEMA_CURRENT;
    return registry_result_check(result, err);
}

auth_status migration_compare(registry_connection *connection, const migration_table *table,
                              registry_deadline deadline, registry_schema *out, auth_error *err)
{
    bool is_there = false;
    AUTH_AUTO(registry_result) *result = NULL;
    registry_schema schema = {.state = REGISTRY_SCHEMA_MISSING, .known = (int64_t)table->count};
    auth_status status = has_table(connection, deadline, &is_there, err);
    if (status == AUTH_STATUS_OK && is_there)
        status = session_query_params(connection, "schema version",
                                      "SELECT version, sha256 FROM registry.schema_migration"
                                      " ORDER BY version LIMIT " VERSIONS_TEXT,
                                      NULL, 0, deadline, &result, err);
    if (status == AUTH_STATUS_OK && is_there)
        status = compare_rows(result, table, &schema, err);
    if (status == AUTH_STATUS_OK)
        *out = schema;
    return status;
}

auth_status registry_schema_read(registry_connection *connection, registry_schema *out,
                                 auth_error *err)
{
    return migration_compare(connection, &registry_migrations,
                             registry_deadline_after(connection->call_timeout_ms), out, err);
}

static auth_status refuse_newer(const registry_schema *schema, auth_error *err)
{
    return auth_error_set(
        err, AUTH_STATUS_UNSUPPORTED,
        "registry: the schema has version %lld, and this program knows them up to "
        "%lld; use a newer program",
        (long long)schema->version, (long long)schema->known);
}

static auth_status refuse_changed(const registry_schema *schema, auth_status status,
                                  auth_error *err)
{
    return auth_error_set(
        err, status,
        "registry: version %lld of the schema is not the one of this program (its "
        "SHA-256 differs); use the program that applied it, or restore its file",
        (long long)schema->changed);
}

auth_status migration_check_schema(registry_connection *connection, registry_deadline deadline,
                                   auth_error *err)
{
    registry_schema schema;
    auth_status status =
        migration_compare(connection, &registry_migrations, deadline, &schema, err);
    if (status != AUTH_STATUS_OK)
        return status;
    switch (schema.state) {
    case REGISTRY_SCHEMA_CURRENT:
        return AUTH_STATUS_OK;
    case REGISTRY_SCHEMA_NEWER:
        return refuse_newer(&schema, err);
    case REGISTRY_SCHEMA_CHANGED:
        return refuse_changed(&schema, AUTH_STATUS_UNSUPPORTED, err);
    case REGISTRY_SCHEMA_MISSING:
    case REGISTRY_SCHEMA_OLDER:
        break;
    }
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "registry: the schema has version %lld, and this program needs %lld; run "
                          "'auth registry migrate'",
                          (long long)schema.version, (long long)schema.known);
}

static auth_status query(registry_connection *connection, const char *what, const char *sql,
                         auth_error *err)
{
    return session_query(connection, what, sql, registry_deadline_after(MIGRATE_TIMEOUT_MS), NULL,
                         err);
}

static auth_status become_owner(registry_connection *connection, auth_error *err)
{
    auth_status status = query(connection, "migration", "SET ROLE auth_owner", err);
    if (status == AUTH_STATUS_OK || connection->is_broken)
        return status;
    return auth_error_set(
        err, AUTH_STATUS_DENIED,
        "registry: migration: the role of the connection string is not auth_owner "
        "and may not become it; name auth_owner or a superuser, and make the roles "
        "with 'auth registry migrate --bootstrap' where there are none");
}

/* What is there before the first version. */
static auth_status make_frame(registry_connection *connection, auth_error *err)
{
    auth_status status = query(connection, "migration",
                               "BEGIN;"
                               "CREATE SCHEMA IF NOT EXISTS registry;"
                               "REVOKE ALL ON SCHEMA public FROM PUBLIC;"
                               "REVOKE ALL ON SCHEMA registry FROM PUBLIC;"
                               "CREATE TABLE IF NOT EXISTS registry.schema_migration ("
                               " version bigint PRIMARY KEY CHECK (version > 0),"
                               " name text NOT NULL,"
                               " sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),"
                               " applied_at timestamptz NOT NULL DEFAULT now());"
                               "REVOKE ALL ON registry.schema_migration FROM PUBLIC",
                               err);
    for (size_t i = 0; status == AUTH_STATUS_OK && registry_role_names[i] != NULL; i++) {
        char grant[256];
        (void)snprintf(grant, sizeof grant,
                       "GRANT USAGE ON SCHEMA registry TO %s;"
                       "GRANT SELECT ON registry.schema_migration TO %s",
                       registry_role_names[i], registry_role_names[i]);
        status = query(connection, "migration", grant, err);
    }
    return status == AUTH_STATUS_OK ? registry_commit(connection, err) : status;
}

static auth_status note(registry_connection *connection, const registry_migration *migration,
                        auth_error *err)
{
    char version[24];
    char hash[3 + 2 * MIGRATION_HASH_SIZE] = "\\x";
    (void)snprintf(version, sizeof version, "%lld", (long long)migration->version);
    for (size_t i = 0; i < MIGRATION_HASH_SIZE; i++)
        (void)snprintf(hash + 2 + 2 * i, 3, "%02x", migration->sha256[i]);
    const char *values[] = {version, migration->name, hash};
    return session_query_params(
        connection, "migration",
        "INSERT INTO registry.schema_migration (version, name, sha256) VALUES ($1, $2, $3)", values,
        3, registry_deadline_after(MIGRATE_TIMEOUT_MS), NULL, err);
}

static auth_status apply_one(registry_connection *connection, const registry_migration *migration,
                             auth_error *err)
{
    auth_status status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK)
        status = query(connection, "migration", migration->sql, err);
    if (status == AUTH_STATUS_OK && PQtransactionStatus(connection->pq) != PQTRANS_INTRANS)
        status = auth_error_set(err, AUTH_STATUS_INTERNAL,
                                "registry: migration: the file ends its transaction itself; take "
                                "COMMIT and ROLLBACK out of it");
    if (status == AUTH_STATUS_OK)
        status = note(connection, migration, err);
    if (status == AUTH_STATUS_OK)
        status = registry_commit(connection, err);
    if (status != AUTH_STATUS_OK) {
        registry_rollback(connection);
        auth_error_context(err, "%04lld-%s", (long long)migration->version, migration->name);
    }
    return status;
}

static auth_status apply_all(registry_connection *connection, const migration_table *table,
                             size_t *applied, auth_error *err)
{
    registry_schema schema;
    auth_status status = make_frame(connection, err);
    if (status == AUTH_STATUS_OK)
        status =
            migration_compare(connection, table,
                              registry_deadline_after(connection->call_timeout_ms), &schema, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (schema.state == REGISTRY_SCHEMA_NEWER)
        return refuse_newer(&schema, err);
    if (schema.state == REGISTRY_SCHEMA_CHANGED)
        return refuse_changed(&schema, AUTH_STATUS_CONFLICT, err);
    for (size_t i = (size_t)schema.version; status == AUTH_STATUS_OK && i < table->count; i++) {
        status = apply_one(connection, &table->rows[i], err);
        *applied += status == AUTH_STATUS_OK ? 1 : 0;
    }
    return status;
}

/* Refuses before anything is written: a newer or changed schema is not touched. */
auth_status migration_apply(registry_connection *connection, const migration_table *table,
                            size_t *applied, auth_error *err)
{
    *applied = 0;
    auth_status status = become_owner(connection, err);
    if (status == AUTH_STATUS_OK)
        status = query(connection, "migration",
                       "SET statement_timeout = 0; SET lock_timeout = '10min';"
                       "SELECT pg_advisory_lock(" LOCK_TEXT ")",
                       err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = apply_all(connection, table, applied, err);
    registry_rollback(connection);
    auth_error ignored;
    if (!connection->is_broken &&
        query(connection, "migration", "SELECT pg_advisory_unlock(" LOCK_TEXT "); RESET ROLE",
              &ignored) != AUTH_STATUS_OK)
        connection->is_broken = true;
    return status;
}

/* A registry that came from a dump has transaction numbers of another cluster (0002-rules.sql). */
static auth_status settle_restored(registry_connection *connection, auth_error *err)
{
    auth_status status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK)
        status = query(connection, "migration",
                       "SET LOCAL ROLE auth_owner; SELECT registry.rebase_transactions()", err);
    if (status == AUTH_STATUS_OK)
        status = registry_commit(connection, err);
    else
        registry_rollback(connection);
    return status;
}

auth_status registry_migrate(registry_connection *connection, size_t *applied, auth_error *err)
{
    auth_status status = migration_apply(connection, &registry_migrations, applied, err);
    return status == AUTH_STATUS_OK ? settle_restored(connection, err) : status;
}
