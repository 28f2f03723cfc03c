/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One batch from its claim to its commit. What goes wrong decides what is tried next: somebody in
 * between, the same again; a rule of the database, the documents one by one, so that the one that
 * breaks it is found and refused and the others go on; anything else goes up.
 */
#include "queue_batch.h"

#include "row.h"
#include "transaction.h"

#include <stdlib.h>

/* How often somebody may come in between. */
#define RACES_MAX 5

/* What the work of a transaction is given. */
typedef struct run {
    registry_pool *pool;
    const registry_queue_limits *limits;
    const registry_queue_work *work;
    registry_queue_batch *batch;
} run;

static auth_status call(registry_queue_step *step, registry_connection *connection, const run *of,
                        auth_error *err)
{
    return step == NULL ? AUTH_STATUS_OK : step(connection, of->batch, of->work->context, err);
}

static auth_status prepare(registry_connection *connection, const run *of, auth_error *err)
{
    queue_batch *batch = queue_batch_of(of->batch);
    if (batch->is_prepared)
        return AUTH_STATUS_OK;
    auth_status status = call(of->work->prepare, connection, of, err);
    batch->is_prepared = status == AUTH_STATUS_OK;
    if (status != AUTH_STATUS_OK)
        of->batch->decision_count = 0;
    return status;
}

/* Tells whether a failure of the registry's own steps was a rule of the database. */
static bool is_rule(auth_status status)
{
    return status == AUTH_STATUS_CONFLICT || status == AUTH_STATUS_INVALID;
}

static bool has_active(const registry_queue_batch *batch)
{
    for (size_t i = 0; i < batch->document_count; i++) {
        if (registry_queue_is_active(batch, i))
            return true;
    }
    return false;
}

/* In front of everything that is looked at, and of the time of what is stored. */
static auth_status take_turn(registry_connection *connection, const run *of, auth_error *err)
{
    const registry_queue_work *steps = of->work;
    bool is_alone = steps->is_alone != NULL && steps->is_alone(of->batch, steps->context);
    return registry_run(connection,
                        is_alone ? REGISTRY_STATEMENT_QUEUE_ALONE : REGISTRY_STATEMENT_QUEUE_SHARE,
                        REGISTRY_NO_VALUES, NULL, err);
}

static auth_status work(registry_connection *connection, void *context, auth_error *err)
{
    const run *of = context;
    queue_batch *batch = queue_batch_of(of->batch);
    batch->is_stopped = false;
    batch->is_raced = false;
    auth_status status = registry_queue_claim(connection, of->limits, of->batch, err);
    if (status != AUTH_STATUS_OK || !has_active(of->batch))
        return status;
    status = take_turn(connection, of, err);
    if (status == AUTH_STATUS_OK)
        status = prepare(connection, of, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_queue_reserve(connection, of->batch, of->batch->now, err);
    batch->is_stopped = is_rule(status);
    if (status == AUTH_STATUS_OK)
        status = call(of->work->sign, connection, of, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_queue_complete(connection, of->batch, of->batch->now, err);
    batch->is_stopped = is_rule(status);
    return status == AUTH_STATUS_OK ? call(of->work->journal, connection, of, err) : status;
}

/* Tells whether a certificate of the batch is the one that its item's outcome names. */
static bool is_stored(const registry_queue_batch *batch, const registry_decision *decision,
                      registry_result *outcomes)
{
    auth_bytes id = batch->documents[decision->document].request.id;
    for (size_t row = queue_find_row(outcomes, 0, id); row < registry_result_rows(outcomes);
         row++) {
        if (!auth_bytes_equal(registry_value_uuid(outcomes, row, 0), id))
            return false;
        if (registry_value_int64(outcomes, row, 1) == decision->item)
            return !registry_decision_is_granted(decision) || decision->serial.data == NULL ||
                   auth_bytes_equal(row_bytes(outcomes, row, 3), decision->serial);
    }
    return false;
}

static auth_status are_stored(registry_connection *connection, const registry_queue_batch *batch,
                              const auth_bytes *ids, size_t count, bool *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *outcomes = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_QUEUE_OUTCOMES,
                     REGISTRY_VALUES(registry_uuid_array(ids, count)), &outcomes, err);
    bool are = status == AUTH_STATUS_OK;
    for (size_t i = 0; are && i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        are = !queue_decision_is_active(batch, decision) || is_stored(batch, decision, outcomes);
    }
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(outcomes, err);
    if (status == AUTH_STATUS_OK)
        *out = are;
    return status;
}

static auth_status are_decided(registry_connection *connection, const auth_bytes *ids, size_t count,
                               bool *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_request request = {0};
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_REQUEST_BRIEF,
                     REGISTRY_VALUES(registry_uuid_array(ids, count)), &found, err);
    bool are = status == AUTH_STATUS_OK && registry_result_rows(found) == count;
    for (size_t i = 0; are && i < count; i++) {
        status = registry_request_read(found, i, &request, err);
        are = status == AUTH_STATUS_OK && request.state != REGISTRY_REQUEST_APPROVED;
    }
    if (status == AUTH_STATUS_OK)
        *out = are;
    return status;
}

/* The batch was stored when its requests moved on and its certificates are those of the outcomes.
 */
static auth_status look_up(registry_connection *connection, void *context, bool *is_done,
                           auth_error *err)
{
    const run *of = context;
    const registry_queue_batch *batch = of->batch;
    bool is_there = false;
    size_t count = 0;
    auth_bytes *ids = calloc(batch->document_count + 1, sizeof *ids);
    if (ids == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < batch->document_count; i++) {
        if (registry_queue_is_active(batch, i))
            ids[count++] = batch->documents[i].request.id;
    }
    auth_status status = are_decided(connection, ids, count, &is_there, err);
    if (status == AUTH_STATUS_OK && is_there)
        status = are_stored(connection, batch, ids, count, &is_there, err);
    free(ids);
    if (status == AUTH_STATUS_OK)
        *is_done = is_there;
    return status;
}

/* Runs the active documents, again when somebody came in between. */
static auth_status transact(run *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (int races = 0; races < RACES_MAX; races++) {
        status = registry_transact(of->pool,
                                   &(registry_transaction){.isolation = REGISTRY_READ_COMMITTED,
                                                           .work = work,
                                                           .lookup = look_up,
                                                           .context = of},
                                   err);
        if (!is_rule(status) || !queue_batch_of(of->batch)->is_raced)
            break;
    }
    return status;
}

/* Tells and counts what became of the active documents. */
static void report_active(const run *of, registry_queue_report *report)
{
    const registry_queue_batch *batch = of->batch;
    if (of->work->stored != NULL && has_active(batch))
        of->work->stored(batch, of->work->context);
    for (size_t i = 0; i < batch->document_count; i++)
        report->documents += registry_queue_is_active(batch, i);
    for (size_t i = 0; i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        if (!queue_decision_is_active(batch, decision))
            continue;
        report->granted += registry_decision_is_granted(decision);
        report->refused += !registry_decision_is_granted(decision);
    }
}

/* Refuses every item of a document that a rule of the database stopped. */
static auth_status refuse_document(run *of, size_t document, registry_queue_report *report,
                                   auth_error *err)
{
    for (size_t i = 0; i < of->batch->decision_count; i++) {
        if (of->batch->decisions[i].document == document)
            of->batch->decisions[i].refusal = REGISTRY_REFUSAL_RULE;
    }
    auth_status status = transact(of, err);
    if (status == AUTH_STATUS_OK)
        report->poisoned++;
    return status;
}

static auth_status run_one(run *of, size_t document, registry_queue_report *report, auth_error *err)
{
    queue_batch *batch = queue_batch_of(of->batch);
    batch->first = document;
    batch->end = document + 1;
    auth_status status = transact(of, err);
    if (is_rule(status) && batch->is_stopped && !batch->is_raced)
        status = refuse_document(of, document, report, err);
    if (status == AUTH_STATUS_OK)
        report_active(of, report);
    return status;
}

/* One by one. One that cannot even be refused holds up nobody else. */
static auth_status run_each(run *of, registry_queue_report *report, auth_error *err)
{
    auth_status first = AUTH_STATUS_OK;
    for (size_t i = 0; i < of->batch->document_count; i++) {
        auth_status status = run_one(of, i, report, first == AUTH_STATUS_OK ? err : NULL);
        if (status != AUTH_STATUS_OK && first == AUTH_STATUS_OK)
            first = status;
        if (status != AUTH_STATUS_OK && !is_rule(status))
            break;
    }
    return first;
}

auth_status registry_queue_run(registry_pool *pool, const registry_queue_limits *limits,
                               auth_time now, const registry_queue_work *steps,
                               registry_queue_report *report, auth_error *err)
{
    AUTH_AUTO(registry_queue_batch) *batch = NULL;
    registry_queue_report made = {0};
    auth_status status = registry_queue_batch_new(&batch, err);
    if (status != AUTH_STATUS_OK)
        return status;
    batch->now = now;
    run of = {pool, limits, steps, batch};
    status = transact(&of, err);
    if (status == AUTH_STATUS_OK)
        report_active(&of, &made);
    else if (is_rule(status) && queue_batch_of(batch)->is_stopped)
        status = run_each(&of, &made, err);
    if (status == AUTH_STATUS_OK)
        *report = made;
    return status;
}
