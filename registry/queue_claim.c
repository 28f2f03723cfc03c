/* SPDX-License-Identifier: Apache-2.0 */
#include "columns.h"
#include "queue_batch.h"
#include "row.h"

#include <stdlib.h>

#define DOCUMENTS 500
#define ITEMS 1000
#define OCTETS ((size_t)16 << 20)

static registry_document read_document(registry_result *result, size_t row)
{
    return (registry_document){
        .request =
            {
                .id = registry_value_uuid(result, row, 0),
                .kind = registry_value_int64(result, row, 1),
                .office = registry_value_int64(result, row, 2),
                .state = REGISTRY_REQUEST_APPROVED,
                .item_count = registry_value_int64(result, row, 3),
                .revision = registry_value_int64(result, row, 4),
                .payload_hash = registry_value_bytes(result, row, 5),
                .seal_key = registry_value_int64(result, row, 6),
                .created_at = registry_value_time(result, row, 7),
                .expires_at = registry_value_time(result, row, 8),
                .submitted_at = registry_value_time(result, row, 9),
                .decided_at = REGISTRY_NO_TIME,
                .document = registry_value_bytes(result, row, 10),
            },
    };
}

static auth_status read_documents(queue_batch *batch, auth_error *err)
{
    size_t rows = registry_result_rows(batch->claimed);
    batch->open.documents = calloc(rows + 1, sizeof *batch->open.documents);
    if (batch->open.documents == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < rows; i++)
        batch->open.documents[i] = read_document(batch->claimed, i);
    batch->open.document_count = rows;
    batch->first = 0;
    batch->end = rows;
    return registry_result_check(batch->claimed, err);
}

/* Which document an id is of; there are a few hundred. */
static size_t find_document(const registry_queue_batch *batch, auth_bytes id)
{
    size_t i = 0;
    while (i < batch->document_count && !auth_bytes_equal(batch->documents[i].request.id, id))
        i++;
    return i;
}

/* Runs a statement about the active documents. */
static auth_status ask(registry_connection *connection, registry_statement statement,
                       const registry_queue_batch *batch, registry_result **out, auth_error *err)
{
    AUTH_AUTO(columns) *ids = NULL;
    auth_status status = columns_new(statement, batch->document_count, &ids, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const queue_batch *of = (const queue_batch *)batch;
    for (size_t i = of->first; i < of->end; i++) {
        columns_next_row(ids);
        columns_bytes(ids, 0, batch->documents[i].request.id);
    }
    return columns_run(ids, connection, out, err);
}

static auth_status read_activations(queue_batch *batch, auth_error *err)
{
    size_t rows = registry_result_rows(batch->activations);
    batch->open.activations = calloc(rows + 1, sizeof *batch->open.activations);
    if (batch->open.activations == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < rows; i++) {
        batch->open.activations[i] = (registry_activation){
            .document = find_document(&batch->open, registry_value_uuid(batch->activations, i, 0)),
            .item = registry_value_int64(batch->activations, i, 1),
            .csr = registry_value_bytes(batch->activations, i, 2),
            .code = registry_value_bytes(batch->activations, i, 3),
        };
    }
    batch->open.activation_count = rows;
    return registry_result_check(batch->activations, err);
}

static auth_status read_priors(queue_batch *batch, auth_error *err)
{
    size_t rows = registry_result_rows(batch->priors);
    batch->open.priors = calloc(rows + 1, sizeof *batch->open.priors);
    if (batch->open.priors == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < rows; i++) {
        batch->open.priors[i] = (registry_prior){
            .document = find_document(&batch->open, registry_value_uuid(batch->priors, i, 0)),
            .item = registry_value_int64(batch->priors, i, 1),
            .status = (auth_status)registry_value_int64(batch->priors, i, 2),
        };
    }
    batch->open.prior_count = rows;
    return registry_result_check(batch->priors, err);
}

static int64_t or_default(size_t limit, size_t otherwise)
{
    return (int64_t)(limit == 0 ? otherwise : limit);
}

static auth_status claim_first(registry_connection *connection, const registry_queue_limits *limits,
                               queue_batch *batch, auth_error *err)
{
    registry_queue_limits most = {0};
    if (limits != NULL)
        most = *limits;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_QUEUE_CLAIM,
                     REGISTRY_VALUES(registry_int64(or_default(most.documents, DOCUMENTS)),
                                     registry_int64(or_default(most.items, ITEMS)),
                                     registry_int64(or_default(most.octets, OCTETS))),
                     &batch->claimed, err);
    if (status == AUTH_STATUS_OK)
        status = read_documents(batch, err);
    if (status != AUTH_STATUS_OK || batch->open.document_count == 0)
        return status;
    status = ask(connection, REGISTRY_STATEMENT_QUEUE_ACTIVATIONS, &batch->open,
                 &batch->activations, err);
    if (status == AUTH_STATUS_OK)
        status = read_activations(batch, err);
    if (status == AUTH_STATUS_OK)
        status =
            ask(connection, REGISTRY_STATEMENT_QUEUE_OUTCOMES, &batch->open, &batch->priors, err);
    return status == AUTH_STATUS_OK ? read_priors(batch, err) : status;
}

/* Locks the same documents again; whose lock is not to be had, or who is decided, is gone. */
static auth_status claim_again(registry_connection *connection, queue_batch *batch, auth_error *err)
{
    AUTH_AUTO(registry_result) *claimed = NULL;
    auth_status status =
        ask(connection, REGISTRY_STATEMENT_QUEUE_CLAIM_AGAIN, &batch->open, &claimed, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = batch->first; i < batch->end; i++)
        batch->open.documents[i].is_gone = true;
    for (size_t i = 0; i < registry_result_rows(claimed); i++) {
        size_t found = find_document(&batch->open, registry_value_uuid(claimed, i, 0));
        if (found < batch->open.document_count)
            batch->open.documents[found].is_gone = false;
    }
    return registry_result_check(claimed, err);
}

auth_status registry_queue_claim(registry_connection *connection,
                                 const registry_queue_limits *limits, registry_queue_batch *batch,
                                 auth_error *err)
{
    queue_batch *of = queue_batch_of(batch);
    if (batch->document_count > 0)
        return claim_again(connection, of, err);
    queue_batch_reset(of);
    auth_status status = claim_first(connection, limits, of, err);
    /* Half of it would look like all of it the next time. */
    if (status != AUTH_STATUS_OK)
        queue_batch_reset(of);
    return status;
}

auth_status registry_queue_expire(registry_connection *connection, auth_time now, size_t limit,
                                  registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_EXPIRE,
                        REGISTRY_VALUES(registry_time(now), row_limit(limit)), out, err);
}
