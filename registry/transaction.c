/* SPDX-License-Identifier: Apache-2.0 */
#include "transaction.h"

#include "result_pq.h"
#include "session.h"

#include <string.h>

static const char *begin_text(registry_isolation isolation)
{
    switch (isolation) {
    case REGISTRY_SERIALIZABLE:
        return "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
    case REGISTRY_SNAPSHOT:
        return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    case REGISTRY_READ_COMMITTED:
        break;
    }
    return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
}

auth_status registry_begin(registry_connection *connection, registry_isolation isolation,
                           auth_error *err)
{
    if (!connection->is_broken && registry_connection_is_in_transaction(connection))
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: a transaction is open already; please report this");
    return session_query(connection, "BEGIN", begin_text(isolation),
                         registry_deadline_after(connection->call_timeout_ms), NULL, err);
}

void registry_rollback(registry_connection *connection)
{
    if (connection->is_broken || !registry_connection_is_in_transaction(connection))
        return;
    if (session_query(connection, "ROLLBACK", "ROLLBACK",
                      registry_deadline_after(connection->call_timeout_ms), NULL,
                      NULL) != AUTH_STATUS_OK)
        connection->is_broken = true;
}

static auth_status unknown(registry_connection *connection, const char *why, auth_error *err)
{
    connection->is_broken = true;
    return auth_error_set(err, AUTH_STATUS_UNKNOWN,
                          "registry: COMMIT: %s, so the outcome is not yet known; ask again for "
                          "the same id",
                          why);
}

/* What one answer to a COMMIT says. */
typedef enum commit_answer {
    ANSWER_DONE,
    ANSWER_ROLLED_BACK, /* the transaction had failed before */
    ANSWER_REFUSED,
    ANSWER_UNKNOWN,
} commit_answer;

static commit_answer read_answer(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        return strcmp(PQcmdStatus((PGresult *)(uintptr_t)result), "COMMIT") == 0
                   ? ANSWER_DONE
                   : ANSWER_ROLLED_BACK;
    /*
     * An ERROR comes before the commit record is written, since the server turns each later one
     * into a PANIC. FATAL and PANIC tell nothing about the record, and libpq's own errors have no
     * severity.
     */
    return PQresultStatus(result) == PGRES_FATAL_ERROR && severity != NULL &&
                   strcmp(severity, "ERROR") == 0
               ? ANSWER_REFUSED
               : ANSWER_UNKNOWN;
}

/* Judges all that the server answers; *refusal is the outcome of an ANSWER_REFUSED. */
static commit_answer receive_answer(registry_connection *connection, registry_deadline deadline,
                                    auth_status *refusal, auth_error *err)
{
    commit_answer answer = ANSWER_UNKNOWN;
    if (session_flush(connection, "COMMIT", deadline, NULL) != AUTH_STATUS_OK)
        return ANSWER_UNKNOWN;
    for (bool is_first = true;; is_first = false) {
        PGresult *result = NULL;
        if (session_receive(connection, "COMMIT", deadline, &result, NULL) != AUTH_STATUS_OK)
            return ANSWER_UNKNOWN;
        if (result == NULL)
            return answer;
        answer = is_first ? read_answer(result) : ANSWER_UNKNOWN;
        if (answer == ANSWER_REFUSED)
            *refusal = session_judge(connection, result, "COMMIT", false, err);
        PQclear(result);
        if (answer == ANSWER_UNKNOWN)
            return answer;
    }
}

static auth_status check_open(registry_connection *connection, auth_error *err)
{
    if (connection->is_broken || PQstatus(connection->pq) != CONNECTION_OK)
        return session_lost(connection, "COMMIT", err);
    if (PQtransactionStatus(connection->pq) == PQTRANS_IDLE)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: COMMIT without a transaction; please report this");
    return AUTH_STATUS_OK;
}

auth_status registry_commit(registry_connection *connection, auth_error *err)
{
    auth_status refusal = AUTH_STATUS_INTERNAL;
    registry_deadline deadline = registry_deadline_after(connection->commit_timeout_ms);
    auth_status status = check_open(connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    connection->warnings = 0;
    connection->is_repeatable = false;
    /* Even a failed call may have put something on the line. */
    if (PQsendQuery(connection->pq, "COMMIT") == 0)
        return unknown(connection, "it could not be sent whole", err);
    commit_answer answer = receive_answer(connection, deadline, &refusal, err);
    if (connection->warnings > 0)
        return unknown(connection, "the server warned meanwhile", err);
    switch (answer) {
    case ANSWER_DONE:
        return AUTH_STATUS_OK;
    case ANSWER_REFUSED:
        return refusal;
    case ANSWER_ROLLED_BACK:
        return auth_error_set(
            err, AUTH_STATUS_INTERNAL,
            "registry: COMMIT of a transaction that had failed before, so nothing "
            "was done; please report this");
    case ANSWER_UNKNOWN:
        break;
    }
    return unknown(connection,
                   registry_deadline_has_passed(deadline) ? "the server did not answer in time"
                                                          : "the line broke meanwhile",
                   err);
}
