/* SPDX-License-Identifier: Apache-2.0 */
#include "bootstrap.h"

#include "result_pq.h"
#include "role.h"
#include "session.h"

#include <stdio.h>
#include <string.h>

/* Of this lock of the server; any number that nothing else uses does. */
#define LOCK "SELECT pg_advisory_lock(4923185526)"
#define NAME_MAX_LEN 63

static auth_status query(registry_connection *connection, const char *sql, auth_error *err)
{
    return session_query(connection, "bootstrap", sql,
                         registry_deadline_after(connection->call_timeout_ms), NULL, err);
}

static auth_status is_there(registry_connection *connection, const char *sql, const char *name,
                            bool *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        session_query_params(connection, "bootstrap", sql, &name, 1,
                             registry_deadline_after(connection->call_timeout_ms), &result, err);
    if (status == AUTH_STATUS_OK)
        *out = registry_result_rows(result) > 0;
    return status;
}

static auth_status make_role(registry_connection *connection, const char *name, auth_error *err)
{
    bool has_role = false;
    char sql[256];
    auth_status status =
        is_there(connection, "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1::text", name,
                 &has_role, err);
    if (status != AUTH_STATUS_OK || has_role)
        return status;
    (void)snprintf(sql, sizeof sql,
                   "CREATE ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
                   "NOBYPASSRLS",
                   name);
    return query(connection, sql, err);
}

static auth_status make_database(registry_connection *connection, const char *name, auth_error *err)
{
    bool has_database = false;
    char sql[512];
    auth_status status =
        is_there(connection, "SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1::text", name,
                 &has_database, err);
    if (status != AUTH_STATUS_OK || has_database)
        return status;
    (void)snprintf(sql, sizeof sql,
                   "CREATE DATABASE %s OWNER auth_owner ENCODING 'UTF8' LOCALE 'C' "
                   "TEMPLATE template0",
                   name);
    return query(connection, sql, err);
}

/* Alike whether the database was made just now or by an interrupted call. */
static auth_status close_database(registry_connection *connection, const char *name,
                                  auth_error *err)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "REVOKE ALL ON DATABASE %s FROM PUBLIC", name);
    auth_status status = query(connection, sql, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && registry_role_names[i] != NULL; i++) {
        (void)snprintf(sql, sizeof sql, "GRANT CONNECT ON DATABASE %s TO %s", name,
                       registry_role_names[i]);
        status = query(connection, sql, err);
    }
    return status;
}

static auth_status check_name(const char *database, auth_error *err)
{
    size_t len = strspn(database, "abcdefghijklmnopqrstuvwxyz0123456789_");
    bool begins_well = database[0] == '_' || (database[0] >= 'a' && database[0] <= 'z');
    if (len <= NAME_MAX_LEN && database[len] == '\0' && begins_well)
        return AUTH_STATUS_OK;
    return auth_error_set(
        err, AUTH_STATUS_INVALID,
        "database name: must be up to %d small letters, digits and '_', and begin "
        "with no digit; choose such a name",
        NAME_MAX_LEN);
}

auth_status registry_bootstrap(const char *conninfo, const char *database, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    auth_status status = check_name(database, err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = query(connection, LOCK, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && registry_role_names[i] != NULL; i++)
        status = make_role(connection, registry_role_names[i], err);
    if (status == AUTH_STATUS_OK)
        status = make_database(connection, database, err);
    if (status == AUTH_STATUS_OK)
        status = close_database(connection, database, err);
    return status;
}
