/* SPDX-License-Identifier: Apache-2.0 */
#include "conninfo.h"
#include "migration.h"
#include "result_pq.h"
#include "session.h"
#include "statement_pq.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_TIMEOUT_MS 10000
#define CALL_TIMEOUT_MS 30000
#define COMMIT_TIMEOUT_MS 5000
#define STATEMENT_TIMEOUT_MS 20000
#define LOCK_TIMEOUT_MS 10000
#define IDLE_TIMEOUT_MS 60000

#define MIN_SERVER_VERSION 150000

static unsigned or_default(unsigned value, unsigned otherwise)
{
    return value == 0 ? otherwise : value;
}

void registry_connection_free(registry_connection *connection)
{
    if (connection == NULL)
        return;
    PQfinish(connection->pq);
    free(connection);
}

bool registry_connection_is_broken(const registry_connection *connection)
{
    return connection->is_broken || PQstatus(connection->pq) != CONNECTION_OK;
}

bool registry_connection_is_in_transaction(const registry_connection *connection)
{
    return PQtransactionStatus(connection->pq) != PQTRANS_IDLE;
}

bool registry_connection_check(registry_connection *connection)
{
    struct pollfd socket = {.fd = PQsocket(connection->pq), .events = POLLIN};
    /* An idle server says nothing but that it goes, or a notification. */
    if (!connection->is_broken && poll(&socket, 1, 0) > 0 && PQconsumeInput(connection->pq) == 0)
        connection->is_broken = true;
    return !registry_connection_is_broken(connection);
}

const char *registry_connection_sqlstate(const registry_connection *connection)
{
    return connection->sqlstate;
}

const char *registry_connection_constraint(const registry_connection *connection)
{
    return connection->constraint;
}

bool registry_connection_is_repeatable(const registry_connection *connection)
{
    return connection->is_repeatable || connection->is_lost;
}

static auth_status refuse_connect(const registry_connection *connection, auth_error *err)
{
    const char *said = PQerrorMessage(connection->pq);
    size_t end = strlen(said);
    while (end > 0 && said[end - 1] == '\n')
        end--;
    size_t begin = end;
    while (begin > 0 && said[begin - 1] != '\n')
        begin--;
    /* No SQLSTATE comes out of a failed connection; the two that are refusals are known by their
     * words, which libpq takes from the server in its own language. */
    bool is_denied = strstr(said, "authentication failed") != NULL ||
                     strstr(said, "no pg_hba.conf entry") != NULL ||
                     strstr(said, "is not permitted to log in") != NULL;
    return auth_error_set(err, is_denied ? AUTH_STATUS_DENIED : AUTH_STATUS_UNAVAILABLE,
                          "registry: no connection: %.*s; check that the server runs and that the "
                          "connection string names it",
                          (int)(end - begin), said + begin);
}

/* One round over the hosts; the connection is not made when *is_late. */
static auth_status connect_once(registry_connection *connection, conninfo *info,
                                registry_deadline deadline, bool *is_late, auth_error *err)
{
    const char *const *keywords = NULL;
    const char *const *values = NULL;
    conninfo_params(info, &keywords, &values);
    PQfinish(connection->pq);
    connection->pq = PQconnectStartParams(keywords, values, 0);
    if (connection->pq == NULL)
        return auth_error_memory(err);
    PQsetNoticeReceiver(connection->pq, session_notice, connection);
    PostgresPollingStatusType wanted =
        PQstatus(connection->pq) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
        struct pollfd socket = {.fd = PQsocket(connection->pq),
                                .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        int ready = poll(&socket, 1, registry_deadline_left_ms(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0) {
            *is_late = true;
            return AUTH_STATUS_OK;
        }
        wanted = PQconnectPoll(connection->pq);
    }
    return wanted == PGRES_POLLING_OK ? AUTH_STATUS_OK : refuse_connect(connection, err);
}

/*
 * libpq does not go on to the next host while one does not answer, so each of them is put first
 * once, with its part of the time.
 */
static auth_status connect_any(registry_connection *connection, conninfo *info,
                               registry_deadline deadline, auth_error *err)
{
    for (size_t left = conninfo_hosts(info); left > 0; left--) {
        bool is_late = false;
        unsigned part = (unsigned)registry_deadline_left_ms(deadline) / (unsigned)left;
        auth_status status =
            connect_once(connection, info, registry_deadline_after(part), &is_late, err);
        if (status != AUTH_STATUS_OK || !is_late)
            return status;
        conninfo_rotate(info);
    }
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "registry: no server answers in time; check that it runs and that the "
                          "connection string names it");
}

/* What was asked for is one thing, what libpq did another. */
static auth_status check_line(const registry_connection *connection, auth_error *err)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    if (getsockname(PQsocket(connection->pq), (struct sockaddr *)&address, &len) == 0 &&
        address.ss_family == AF_UNIX)
        return AUTH_STATUS_OK;
    const char *protocol =
        PQsslInUse(connection->pq) != 0 ? PQsslAttribute(connection->pq, "protocol") : NULL;
    if (protocol != NULL && (strcmp(protocol, "TLSv1.2") == 0 || strcmp(protocol, "TLSv1.3") == 0))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          "registry: the line to the server is not protected by TLS 1.2 or later; "
                          "switch ssl on in the server, or use a unix socket");
}

static auth_status check_server(const registry_connection *connection, auth_error *err)
{
    int version = PQserverVersion(connection->pq);
    if (version >= MIN_SERVER_VERSION)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "registry: the server is PostgreSQL %d.%d; use 15 or later",
                          version / 10000, version % 10000);
}

/*
 * What a role or a database may have set is set again, so that each session is alike.
 * synchronous_commit may be raised by an operator, never lowered below the disk of the server.
 *
 * Statements are planned once, often while the tables are still small, so no plan may rest on that:
 * by index wherever there is one. Auditors read everything, but page by page, and the planner takes
 * a page of unknown length for a tenth of the table: what is joined to it is looked up row by row,
 * or else each page would read all of the other table.
 */
static auth_status set_up(registry_connection *connection, const registry_settings *settings,
                          registry_deadline deadline, auth_error *err)
{
    char sql[2048];
    const char *joins = (settings->roles & REGISTRY_ROLE_AUDITOR) != 0 ? "off" : "on";
    int len = snprintf(sql, sizeof sql,
                       "SET search_path = registry, pg_temp; SET statement_timeout = %u; "
                       "SET lock_timeout = %u; SET idle_in_transaction_session_timeout = %u; "
                       "SET client_connection_check_interval = '10s'; SET timezone = 'UTC'; "
                       "SET client_min_messages = warning; SET standard_conforming_strings = on; "
                       "SET bytea_output = hex; SET datestyle = 'ISO, YMD'; "
                       "SET default_transaction_isolation = 'read committed'; "
                       "SET default_transaction_read_only = off; SET row_security = on; "
                       "SET plan_cache_mode = force_generic_plan; SET jit = off; "
                       "SET enable_seqscan = off; SET enable_hashjoin = %s; "
                       "SET enable_mergejoin = %s; "
                       "SELECT set_config('synchronous_commit', "
                       "CASE WHEN s IN ('off', 'local') THEN 'on' ELSE s END, false) "
                       "FROM current_setting('synchronous_commit') AS s",
                       or_default(settings->statement_timeout_ms, STATEMENT_TIMEOUT_MS),
                       or_default(settings->lock_timeout_ms, LOCK_TIMEOUT_MS),
                       or_default(settings->idle_timeout_ms, IDLE_TIMEOUT_MS), joins, joins);
    if (len < 0 || (size_t)len >= sizeof sql)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "registry: session set-up is too long");
    return session_query(connection, "session set-up", sql, deadline, NULL, err);
}

/* A process number comes back; with the moment of its start it is one process of one server. */
static auth_status read_own_start(registry_connection *connection, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_OWN_BACKEND, REGISTRY_NO_VALUES, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    connection->backend_pid = registry_value_int64(result, 0, 0);
    connection->backend_start_us = registry_value_time_us(result, 0, 1);
    return registry_result_check(result, err);
}

static auth_status prepare(registry_connection *connection, const registry_settings *settings,
                           registry_deadline deadline, auth_error *err)
{
    if (settings->takes_any_schema)
        return AUTH_STATUS_OK;
    auth_status status = migration_check_schema(connection, deadline, err);
    connection->roles = settings->roles;
    if (status == AUTH_STATUS_OK)
        status = statement_prepare_all(connection, deadline, err);
    if (status == AUTH_STATUS_OK && settings->roles != 0)
        status = read_own_start(connection, err);
    return status;
}

auth_status registry_connection_open(const registry_settings *settings, registry_connection **out,
                                     auth_error *err)
{
    AUTH_AUTO(conninfo) *info = NULL;
    AUTH_AUTO(registry_connection) *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return auth_error_memory(err);
    connection->call_timeout_ms = or_default(settings->call_timeout_ms, CALL_TIMEOUT_MS);
    connection->commit_timeout_ms = or_default(settings->commit_timeout_ms, COMMIT_TIMEOUT_MS);
    registry_deadline deadline =
        registry_deadline_after(or_default(settings->connect_timeout_ms, CONNECT_TIMEOUT_MS));
    auth_status status =
        conninfo_new(settings->conninfo, settings->program == NULL ? "auth" : settings->program,
                     &info, err);
    if (status == AUTH_STATUS_OK)
        status = connect_any(connection, info, deadline, err);
    if (status == AUTH_STATUS_OK)
        status = check_line(connection, err);
    if (status == AUTH_STATUS_OK)
        status = check_server(connection, err);
    if (status == AUTH_STATUS_OK && PQsetnonblocking(connection->pq, 1) != 0)
        status = session_lost(connection, "session set-up", err);
    if (status == AUTH_STATUS_OK)
        status = set_up(connection, settings, deadline, err);
    if (status == AUTH_STATUS_OK)
        status = prepare(connection, settings, deadline, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(connection);
    return status;
}
