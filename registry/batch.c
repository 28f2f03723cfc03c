/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "result_pq.h"
#include "session.h"
#include "statement_pq.h"

#include <stdlib.h>

/* What libpq holds back is sent this often, so that the server begins while more is added. */
#define FLUSH_EVERY 64

typedef struct batch_item {
    registry_statement statement;
    registry_result *result;
} batch_item;

struct registry_batch {
    registry_connection *connection;
    registry_deadline deadline;
    bool is_run;
    size_t max;
    size_t count;
    batch_item items[];
};

static auth_status begin(registry_connection *connection, auth_error *err)
{
    if (connection->is_broken)
        return session_lost(connection, "batch", err);
    if (PQtransactionStatus(connection->pq) != PQTRANS_INTRANS)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: a batch outside of a transaction would commit itself; "
                              "please report this");
    if (PQenterPipelineMode(connection->pq) == 0)
        return session_lost(connection, "batch", err);
    return AUTH_STATUS_OK;
}

auth_status registry_batch_new(registry_connection *connection, size_t max, registry_batch **out,
                               auth_error *err)
{
    if (max == 0 || max > REGISTRY_BATCH_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: a batch of %zu statements; from 1 to %d may be in one",
                              max, REGISTRY_BATCH_MAX);
    }
    registry_batch *batch = calloc(1, sizeof *batch + max * sizeof batch->items[0]);
    if (batch == NULL)
        return auth_error_memory(err);
    auth_status status = begin(connection, err);
    if (status != AUTH_STATUS_OK) {
        free(batch);
        return status;
    }
    batch->connection = connection;
    batch->deadline = registry_deadline_after(connection->call_timeout_ms);
    batch->max = max;
    *out = batch;
    return AUTH_STATUS_OK;
}

void registry_batch_free(registry_batch *batch)
{
    if (batch == NULL)
        return;
    if (!batch->is_run)
        batch->connection->is_broken = true;
    for (size_t i = 0; i < batch->count; i++)
        registry_result_free(batch->items[i].result);
    free(batch);
}

auth_status registry_batch_add(registry_batch *batch, registry_statement statement,
                               const registry_value *values, size_t count, auth_error *err)
{
    if (batch->count == batch->max || batch->is_run) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: a batch of %zu statements is full; begin another one",
                              batch->max);
    }
    auth_status status = statement_send(batch->connection, statement, values, count, err);
    if (status != AUTH_STATUS_OK)
        return status;
    batch->items[batch->count++].statement = statement;
    if (batch->count % FLUSH_EVERY == 0)
        status = session_flush(batch->connection, "batch", batch->deadline, err);
    return status;
}

/* An answer and the NULL that ends it. */
static auth_status receive(registry_batch *batch, size_t i, auth_error *err)
{
    registry_connection *connection = batch->connection;
    const char *name = registry_statement_find(batch->items[i].statement)->name;
    PGresult *result = NULL;
    PGresult *end = NULL;
    auth_status status = session_receive(connection, name, batch->deadline, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = session_judge(connection, result, name, false, err);
    if (!connection->is_broken && result != NULL) {
        auth_error at_end;
        auth_status ended = session_receive(connection, name, batch->deadline, &end, &at_end);
        if (status == AUTH_STATUS_OK && (ended != AUTH_STATUS_OK || end != NULL))
            status = session_lost(connection, name, err);
        PQclear(end);
    }
    if (status == AUTH_STATUS_OK)
        return result_new(result, &batch->items[i].result, err);
    PQclear(result);
    auth_error_context(err, "statement %zu of %zu", i + 1, batch->count);
    return status;
}

/* Reads on to the sync, and leaves the pipeline. Keeps the connection when all of that goes well.
 */
static auth_status finish(registry_batch *batch, auth_error *err)
{
    registry_connection *connection = batch->connection;
    /* Each statement has an answer and its end; more of them would be a line out of step. */
    for (size_t left = 2 * batch->count + 2; left > 0 && !connection->is_broken; left--) {
        PGresult *result = NULL;
        auth_status status = session_receive(connection, "batch", batch->deadline, &result, err);
        if (status != AUTH_STATUS_OK)
            return status;
        bool is_sync = result != NULL && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result == NULL && PQstatus(connection->pq) != CONNECTION_OK)
            return session_lost(connection, "batch", err);
        PQclear(result);
        if (is_sync)
            return PQexitPipelineMode(connection->pq) != 0 ? AUTH_STATUS_OK
                                                           : session_lost(connection, "batch", err);
    }
    return session_lost(connection, "batch", err);
}

auth_status registry_batch_run(registry_batch *batch, auth_error *err)
{
    registry_connection *connection = batch->connection;
    auth_status status = AUTH_STATUS_OK;
    batch->is_run = true;
    if (connection->is_broken || PQpipelineSync(connection->pq) == 0)
        return session_lost(connection, "batch", err);
    status = session_flush(connection, "batch", batch->deadline, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->count; i++)
        status = receive(batch, i, err);
    /* What went wrong first is what counts. */
    auth_error at_end;
    auth_status ended = finish(batch, status == AUTH_STATUS_OK ? err : &at_end);
    return status == AUTH_STATUS_OK ? ended : status;
}

registry_result *registry_batch_result(registry_batch *batch, size_t i)
{
    return i < batch->count ? batch->items[i].result : NULL;
}
