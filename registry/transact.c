/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transaction from its beginning to a known end.
 *
 * Why a "done" needs one more commit: with its synchronous standby gone, a server whose COMMIT was
 * interrupted shows the rows all the same, and loses them when the standby takes over. The log is
 * replicated in order, so a later commit that is answered without a warning proves all before it.
 *
 * Why a "not done" needs the old process to be gone: it may still be about to commit. A server that
 * was started anew, or another one, has no such process.
 */
#include "transaction.h"

#include "deadline.h"
#include "session.h"

#define TIMEOUT_MS 30000
#define PAUSE_FIRST_MS 10U
#define PAUSE_MAX_MS 1000U

/* Which process of the server had the COMMIT whose outcome is unknown. */
typedef struct backend {
    int64_t pid;
    int64_t start_us;
} backend;

/* What to do after an attempt. */
typedef enum fate {
    FATE_FINAL,
    FATE_REPEAT,
    FATE_UNKNOWN,
} fate;

static unsigned left_of(registry_deadline deadline)
{
    return (unsigned)registry_deadline_left_ms(deadline);
}

/* Grows, and differs between those that came into each other's way. */
static void pause_before(unsigned attempt, registry_deadline deadline)
{
    unsigned pause_ms = attempt > 6 ? PAUSE_MAX_MS : PAUSE_FIRST_MS << attempt;
    unsigned spread = (unsigned)deadline.at_ms + left_of(deadline) * 7919U;
    registry_deadline_pause(deadline, pause_ms / 2 + spread % pause_ms);
}

static auth_status run_once(registry_connection *connection,
                            const registry_transaction *transaction, fate *out, auth_error *err)
{
    auth_status status = registry_begin(connection, transaction->isolation, err);
    if (status == AUTH_STATUS_OK)
        status = transaction->work(connection, transaction->context, err);
    if (status == AUTH_STATUS_OK)
        status = registry_commit(connection, err);
    if (status == AUTH_STATUS_UNKNOWN && connection->is_broken)
        *out = FATE_UNKNOWN;
    else if (status != AUTH_STATUS_OK && registry_connection_is_repeatable(connection))
        *out = FATE_REPEAT;
    else
        *out = FATE_FINAL;
    if (status != AUTH_STATUS_OK)
        registry_rollback(connection);
    return status;
}

static auth_status attempt(registry_pool *pool, const registry_transaction *transaction,
                           registry_deadline deadline, fate *out, backend *of, auth_error *err)
{
    registry_connection *connection = NULL;
    *out = FATE_FINAL;
    auth_status status = registry_pool_take(pool, left_of(deadline), &connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *of = (backend){connection->backend_pid, connection->backend_start_us};
    status = run_once(connection, transaction, out, err);
    registry_pool_give(pool, connection);
    return status;
}

static auth_status is_alive(registry_connection *connection, const backend *of, bool *out,
                            auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_BACKEND_IS_ALIVE,
                     REGISTRY_VALUES(registry_int64(of->pid), registry_time_us(of->start_us)),
                     &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = registry_value_int64(result, 0, 0) != 0;
    return registry_result_check(result, err);
}

/* What is known about the outcome. */
typedef enum finding {
    FOUND_NOTHING,
    FOUND_DONE,
    FOUND_NOT_DONE,
} finding;

/* One look; what fails in it finds nothing. */
static auth_status look(registry_connection *connection, const registry_transaction *transaction,
                        const backend *of, finding *out, auth_error *err)
{
    bool was_alive = true;
    bool is_done = false;
    auth_status status = is_alive(connection, of, &was_alive, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK)
        status = transaction->lookup(connection, transaction->context, &is_done, err);
    if (status == AUTH_STATUS_OK && is_done)
        status = registry_run(connection, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES, NULL,
                              err);
    if (status == AUTH_STATUS_OK && is_done)
        status = registry_commit(connection, err);
    registry_rollback(connection);
    if (status == AUTH_STATUS_OK)
        *out = is_done ? FOUND_DONE : was_alive ? FOUND_NOTHING : FOUND_NOT_DONE;
    return status;
}

/* Looks until something is found, or the time is over. */
static finding find_out(registry_pool *pool, const registry_transaction *transaction,
                        const backend *of, registry_deadline deadline)
{
    finding found = FOUND_NOTHING;
    for (unsigned n = 0; found == FOUND_NOTHING && !registry_deadline_has_passed(deadline); n++) {
        registry_connection *connection = NULL;
        auth_error ignored;
        if (n > 0)
            pause_before(n, deadline);
        if (registry_pool_take(pool, left_of(deadline), &connection, &ignored) != AUTH_STATUS_OK)
            continue;
        if (look(connection, transaction, of, &found, &ignored) != AUTH_STATUS_OK)
            found = FOUND_NOTHING;
        registry_pool_give(pool, connection);
    }
    return found;
}

auth_status registry_transact(registry_pool *pool, const registry_transaction *transaction,
                              auth_error *err)
{
    registry_deadline deadline = registry_deadline_after(
        transaction->timeout_ms == 0 ? TIMEOUT_MS : transaction->timeout_ms);
    for (unsigned n = 0;; n++) {
        fate next = FATE_FINAL;
        backend of = {0, 0};
        auth_status status = attempt(pool, transaction, deadline, &next, &of, err);
        if (next == FATE_FINAL || (next == FATE_UNKNOWN && transaction->lookup == NULL))
            return status;
        if (next == FATE_UNKNOWN) {
            finding found = find_out(pool, transaction, &of, deadline);
            if (found != FOUND_NOT_DONE)
                return found == FOUND_DONE ? AUTH_STATUS_OK : status;
        }
        if (registry_deadline_has_passed(deadline)) {
            if (next == FATE_UNKNOWN)
                status = auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                                        "registry: COMMIT: the line broke before it took effect; "
                                        "try again");
            return status;
        }
        pause_before(n, deadline);
    }
}
