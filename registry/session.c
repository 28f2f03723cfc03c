/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libpq is used without blocking: whatever waits, waits in poll, with what is left of a deadline.
 * When a deadline passes in the middle of a call, nobody knows how far the server is, so the
 * connection is not used again. The server is not asked to cancel: a cancelled COMMIT would answer
 * with success (see transaction.h).
 */
#include "session.h"

#include "result_pq.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

typedef struct sqlstate_row {
    const char *prefix;
    auth_status status;
    bool is_repeatable;
    const char *text;
} sqlstate_row;

static const sqlstate_row sqlstates[] = {
#define REGISTRY_SQLSTATE_ROW(prefix, status, is_repeatable, text)                                 \
    {prefix, AUTH_STATUS_##status, is_repeatable, text},
#include "sqlstate.def"
};

/* The last row fits everything. */
static const sqlstate_row *find_row(const char *sqlstate)
{
    const sqlstate_row *row = sqlstates;
    while (strncmp(sqlstate, row->prefix, strlen(row->prefix)) != 0)
        row++;
    return row;
}

static const char *field_of(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text == NULL ? "" : text;
}

void session_notice(void *connection, const PGresult *notice)
{
    registry_connection *to = connection;
    const char *severity = field_of(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    /* NOTICE, INFO, LOG and DEBUG promise nothing and take nothing back. */
    if (strcmp(severity, "NOTICE") == 0 || strcmp(severity, "INFO") == 0 ||
        strcmp(severity, "LOG") == 0 || strcmp(severity, "DEBUG") == 0)
        return;
    to->warnings++;
    (void)snprintf(to->warning, sizeof to->warning, "%s", field_of(notice, PG_DIAG_SQLSTATE));
}

static void forget_refusal(registry_connection *connection)
{
    connection->is_repeatable = false;
    connection->sqlstate[0] = '\0';
    connection->constraint[0] = '\0';
}

auth_status session_lost(registry_connection *connection, const char *what, auth_error *err)
{
    forget_refusal(connection);
    connection->is_broken = true;
    connection->is_lost = true;
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "registry: %s: the line to the server broke; try again", what);
}

auth_status session_late(registry_connection *connection, const char *what, auth_error *err)
{
    forget_refusal(connection);
    connection->is_broken = true;
    connection->is_lost = true;
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "registry: %s: the server did not answer in time; try again", what);
}

static auth_status refuse(registry_connection *connection, const PGresult *result, const char *what,
                          bool shows_text, auth_error *err)
{
    const sqlstate_row *row = find_row(connection->sqlstate);
    const char *table = field_of(result, PG_DIAG_TABLE_NAME);
    const char *text = row->text;
    connection->is_repeatable = row->is_repeatable;
    if (text == NULL || shows_text)
        text = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
    return auth_error_set(err, row->status, "registry: %s%s%s%s%s: %s (SQLSTATE %s)", what,
                          table[0] == '\0' ? "" : ": ", table,
                          connection->constraint[0] == '\0' ? "" : ": ", connection->constraint,
                          text, connection->sqlstate);
}

auth_status session_judge(registry_connection *connection, const PGresult *result, const char *what,
                          bool shows_text, auth_error *err)
{
    if (result == NULL)
        return session_lost(connection, what, err);
    ExecStatusType outcome = PQresultStatus(result);
    if (outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK || outcome == PGRES_PIPELINE_SYNC)
        return AUTH_STATUS_OK;
    if (outcome != PGRES_FATAL_ERROR && outcome != PGRES_PIPELINE_ABORTED) {
        connection->is_broken = true;
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: %s: the server answers with %s; please report this", what,
                              PQresStatus(outcome));
    }
    const char *sqlstate = field_of(result, PG_DIAG_SQLSTATE);
    const char *severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    /* libpq's own errors have no SQLSTATE; all that are left here mean that the line is gone. */
    if (sqlstate[0] == '\0' && outcome == PGRES_FATAL_ERROR)
        return session_lost(connection, what, err);
    (void)snprintf(connection->sqlstate, sizeof connection->sqlstate, "%s", sqlstate);
    (void)snprintf(connection->constraint, sizeof connection->constraint, "%s",
                   field_of(result, PG_DIAG_CONSTRAINT_NAME));
    auth_status status = refuse(connection, result, what, shows_text, err);
    if (strcmp(severity, "ERROR") != 0 && outcome == PGRES_FATAL_ERROR) {
        connection->is_broken = true;
        connection->is_lost = true;
    }
    return status;
}

/* Waits until the socket can be read, or written as well. */
static auth_status wait_for_socket(registry_connection *connection, const char *what, bool writes,
                                   registry_deadline deadline, auth_error *err)
{
    for (;;) {
        struct pollfd socket = {.fd = PQsocket(connection->pq),
                                .events = (short)(writes ? POLLIN | POLLOUT : POLLIN)};
        if (socket.fd < 0)
            return session_lost(connection, what, err);
        int ready = poll(&socket, 1, registry_deadline_left_ms(deadline));
        if (ready == 0)
            return session_late(connection, what, err);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0)
            return session_lost(connection, what, err);
        if ((socket.revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
            PQconsumeInput(connection->pq) == 0)
            return session_lost(connection, what, err);
        return AUTH_STATUS_OK;
    }
}

auth_status session_flush(registry_connection *connection, const char *what,
                          registry_deadline deadline, auth_error *err)
{
    for (;;) {
        int left = PQflush(connection->pq);
        if (left == 0)
            return AUTH_STATUS_OK;
        if (left < 0)
            return session_lost(connection, what, err);
        auth_status status = wait_for_socket(connection, what, true, deadline, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
}

auth_status session_receive(registry_connection *connection, const char *what,
                            registry_deadline deadline, PGresult **out, auth_error *err)
{
    while (PQisBusy(connection->pq) != 0) {
        auth_status status = wait_for_socket(connection, what, false, deadline, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    *out = PQgetResult(connection->pq);
    return AUTH_STATUS_OK;
}

auth_status session_finish(registry_connection *connection, const char *what, bool shows_text,
                           registry_deadline deadline, registry_result **out, auth_error *err)
{
    PGresult *kept = NULL;
    PGresult *next = NULL;
    bool is_refused = false;
    auth_status outcome = session_flush(connection, what, deadline, err);
    while (outcome == AUTH_STATUS_OK || !connection->is_broken) {
        auth_status status = session_receive(connection, what, deadline, &next, err);
        if (status != AUTH_STATUS_OK)
            outcome = status;
        if (status != AUTH_STATUS_OK || next == NULL)
            break;
        if (is_refused) {
            PQclear(next);
            continue;
        }
        PQclear(kept);
        kept = next;
        outcome = session_judge(connection, kept, what, shows_text, err);
        is_refused = outcome != AUTH_STATUS_OK;
    }
    if (outcome == AUTH_STATUS_OK && kept == NULL)
        outcome = session_lost(connection, what, err);
    if (outcome == AUTH_STATUS_OK && out != NULL)
        return result_new(kept, out, err);
    PQclear(kept);
    return outcome;
}

/* Whether a call may begin; what an earlier one said is forgotten. */
static auth_status begin_call(registry_connection *connection, const char *what, auth_error *err)
{
    if (connection->is_broken)
        return session_lost(connection, what, err);
    forget_refusal(connection);
    return AUTH_STATUS_OK;
}

auth_status session_query(registry_connection *connection, const char *what, const char *sql,
                          registry_deadline deadline, registry_result **out, auth_error *err)
{
    auth_status status = begin_call(connection, what, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (PQsendQuery(connection->pq, sql) == 0)
        return session_lost(connection, what, err);
    return session_finish(connection, what, true, deadline, out, err);
}

auth_status session_query_params(registry_connection *connection, const char *what, const char *sql,
                                 const char *const *values, int count, registry_deadline deadline,
                                 registry_result **out, auth_error *err)
{
    auth_status status = begin_call(connection, what, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (PQsendQueryParams(connection->pq, sql, count, NULL, values, NULL, NULL, PG_FORMAT_BINARY) ==
        0)
        return session_lost(connection, what, err);
    return session_finish(connection, what, true, deadline, out, err);
}
