/* SPDX-License-Identifier: Apache-2.0 */
#include "statement_pq.h"

#include "result_pq.h"
#include "session.h"
#include "type.h"

#include <string.h>

enum {
    CA = REGISTRY_ROLE_CA,
    RA = REGISTRY_ROLE_RA,
    LRA = REGISTRY_ROLE_LRA,
    OCSP = REGISTRY_ROLE_OCSP,
    AUDITOR = REGISTRY_ROLE_AUDITOR,
    OWNER = REGISTRY_ROLE_OWNER,
    ALL = REGISTRY_ROLES_ALL,
    READ = 0,
    WRITE = 1,
};

static const registry_statement_info statements[] = {
#define REGISTRY_STATEMENT_ROW(id, of_roles, access, parameters, text)                             \
    {.name = #id,                                                                                  \
     .roles = (of_roles),                                                                          \
     .writes = (access) == WRITE,                                                                  \
     .types = (parameters),                                                                        \
     .sql = (text)},
#include "statements.def"
};

#define COUNT (sizeof statements / sizeof statements[0])

size_t registry_statement_count(void) { return COUNT; }

const registry_statement_info *registry_statement_find(registry_statement statement)
{
    return (size_t)statement < COUNT ? &statements[statement] : NULL;
}

static Oid type_of(char letter)
{
#define TYPE_FIND_ROW(id, row_letter, oid, name)                                                   \
    if (letter == (row_letter))                                                                    \
        return (oid);
    TYPE_TABLE(TYPE_FIND_ROW)
    return 0;
}

static int send_prepare(registry_connection *connection, const registry_statement_info *info)
{
    Oid types[REGISTRY_VALUES_MAX] = {0};
    size_t count = strlen(info->types);
    for (size_t i = 0; i < count; i++)
        types[i] = type_of(info->types[i]);
    return PQsendPrepare(connection->pq, info->name, info->sql, (int)count, types);
}

static bool is_for(const registry_connection *connection, const registry_statement_info *info)
{
    return (connection->roles & info->roles) != 0;
}

static auth_status send_all(registry_connection *connection, registry_deadline deadline,
                            auth_error *err)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (!is_for(connection, &statements[i]))
            continue;
        if (strlen(statements[i].types) > REGISTRY_VALUES_MAX) {
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "registry: %s has more than %d parameters; please report this",
                                  statements[i].name, REGISTRY_VALUES_MAX);
        }
        if (send_prepare(connection, &statements[i]) == 0)
            return session_lost(connection, statements[i].name, err);
        auth_status status = session_flush(connection, "prepare", deadline, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (PQpipelineSync(connection->pq) == 0)
        return session_lost(connection, "prepare", err);
    return session_flush(connection, "prepare", deadline, err);
}

/* In a pipeline each answer is followed by a NULL; the sync's is not. */
static auth_status receive_one(registry_connection *connection, const char *name,
                               registry_deadline deadline, auth_error *err)
{
    PGresult *result = NULL;
    PGresult *end = NULL;
    auth_status status = session_receive(connection, name, deadline, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = session_judge(connection, result, name, true, err);
    bool is_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    if (status == AUTH_STATUS_OK && !is_sync)
        status = session_receive(connection, name, deadline, &end, err);
    PQclear(end);
    return status;
}

auth_status statement_prepare_all(registry_connection *connection, registry_deadline deadline,
                                  auth_error *err)
{
    if (connection->roles == 0)
        return AUTH_STATUS_OK;
    if (PQenterPipelineMode(connection->pq) == 0)
        return session_lost(connection, "prepare", err);
    auth_status status = send_all(connection, deadline, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < COUNT; i++) {
        if (is_for(connection, &statements[i]))
            status = receive_one(connection, statements[i].name, deadline, err);
    }
    if (status == AUTH_STATUS_OK)
        status = receive_one(connection, "prepare", deadline, err);
    if (status == AUTH_STATUS_OK && PQexitPipelineMode(connection->pq) == 0)
        status = session_lost(connection, "prepare", err);
    return status;
}

/* What is wrong with the call itself. */
static auth_status check_call(registry_connection *connection, const registry_statement_info *info,
                              auth_error *err)
{
    if (info == NULL)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: there is no such statement; please report this");
    if (!is_for(connection, info)) {
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: %s is not for the role of this connection; please report "
                              "this",
                              info->name);
    }
    if (connection->is_broken)
        return session_lost(connection, info->name, err);
    /* Without one it would commit itself, and nobody would judge how. */
    if (info->writes && !registry_connection_is_in_transaction(connection)) {
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: %s writes, and no transaction was begun; please report "
                              "this",
                              info->name);
    }
    return AUTH_STATUS_OK;
}

auth_status statement_send(registry_connection *connection, registry_statement statement,
                           const registry_value *values, size_t count, auth_error *err)
{
    const registry_statement_info *info = registry_statement_find(statement);
    params encoded = {0};
    auth_status status = check_call(connection, info, err);
    if (status == AUTH_STATUS_OK)
        status = params_encode(info->name, info->types, values, count, &encoded, err);
    connection->sqlstate[0] = '\0';
    connection->constraint[0] = '\0';
    connection->is_repeatable = false;
    if (status == AUTH_STATUS_OK &&
        PQsendQueryPrepared(connection->pq, info->name, encoded.count, encoded.values,
                            encoded.lengths, encoded.formats, PG_FORMAT_BINARY) == 0)
        status = session_lost(connection, info->name, err);
    params_clear(&encoded);
    return status;
}

auth_status registry_run(registry_connection *connection, registry_statement statement,
                         const registry_value *values, size_t count, registry_result **out,
                         auth_error *err)
{
    registry_deadline deadline = registry_deadline_after(connection->call_timeout_ms);
    auth_status status = statement_send(connection, statement, values, count, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return session_finish(connection, statements[statement].name, false, deadline, out, err);
}
