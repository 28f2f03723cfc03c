/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submitting. Two trips to the server whatever the number of requests: the requests themselves,
 * which tells those that are new, then items, signatures and ledger entries of these. The requests
 * go in by rising id, so that two submissions of the same documents wait for each other and do not
 * meet in a deadlock.
 */
#include "columns.h"
#include "request.h"
#include "row.h"
#include "transaction.h"

#include <stdlib.h>
#include <string.h>

/* The most statements of a batch here. */
#define STATEMENTS_MAX 8

static void put_request(columns *rows, const registry_request_new *request)
{
    columns_next_row(rows);
    columns_bytes(rows, 0, request->id);
    columns_int64(rows, 1, request->kind);
    columns_int64(rows, 2, request->office);
    columns_int64(rows, 3, request->state);
    columns_int64(rows, 4, (int64_t)request->item_count);
    columns_bytes(rows, 5, request->payload_hash);
    columns_bytes(rows, 6, request->document);
    columns_int64(rows, 7, request->seal_key);
    columns_time(rows, 8, request->created_at);
    columns_time(rows, 9, request->expires_at);
}

static auth_status insert_requests(registry_connection *connection,
                                   const registry_request_new *requests, size_t count,
                                   registry_result **out, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_REQUEST_INSERT, count, &rows, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        put_request(rows, &requests[i]);
    return columns_run(rows, connection, out, err);
}

/* Finds the row of an id in a result whose first column is ids in rising order; rows: none. */
static size_t find_row(registry_result *result, auth_bytes id)
{
    size_t rows = registry_result_rows(result);
    size_t low = 0;
    size_t high = rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = auth_bytes_compare(registry_value_uuid(result, middle, 0), id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return rows;
}

/* Marks what is new. Of the same id twice in one call, the first is. */
static auth_status mark_new(registry_result *inserted, const registry_request_new *requests,
                            size_t count, registry_submitted *results, auth_error *err)
{
    size_t rows = registry_result_rows(inserted);
    bool *is_taken = calloc(rows + 1, sizeof *is_taken);
    if (is_taken == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < count; i++) {
        size_t row = find_row(inserted, requests[i].id);
        bool is_new = row < rows && !is_taken[row];
        if (is_new)
            is_taken[row] = true;
        results[i] = (registry_submitted){
            .what = is_new ? REGISTRY_SUBMISSION_NEW : REGISTRY_SUBMISSION_OTHER,
            .state = requests[i].state,
            .revision = 1,
        };
    }
    free(is_taken);
    return registry_result_check(inserted, err);
}

/* Looks up what was there before. */
static auth_status mark_before(registry_connection *connection,
                               const registry_request_new *requests, size_t count,
                               registry_submitted *results, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    AUTH_AUTO(columns) *ids = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_REQUEST_BRIEF, count, &ids, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count; i++) {
        if (results[i].what == REGISTRY_SUBMISSION_NEW)
            continue;
        columns_next_row(ids);
        columns_bytes(ids, 0, requests[i].id);
    }
    if (status == AUTH_STATUS_OK)
        status = columns_run(ids, connection, &found, err);
    if (status != AUTH_STATUS_OK || found == NULL)
        return status;
    for (size_t i = 0; i < count; i++) {
        registry_request before = {0};
        size_t row = find_row(found, requests[i].id);
        if (results[i].what == REGISTRY_SUBMISSION_NEW || row == registry_result_rows(found))
            continue;
        status = registry_request_read(found, row, &before, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (!auth_bytes_equal(before.payload_hash, requests[i].payload_hash))
            continue;
        results[i] =
            (registry_submitted){REGISTRY_SUBMISSION_BEFORE, before.state, before.revision};
    }
    return registry_result_check(found, err);
}

static void put_items(columns *rows, const registry_request_new *request)
{
    for (size_t i = 0; i < request->item_count; i++) {
        columns_next_row(rows);
        columns_bytes(rows, 0, request->id);
        columns_int64(rows, 1, (int64_t)i);
        columns_bytes(rows, 2, request->items[i].person_index);
        columns_bytes(rows, 3, request->items[i].serial);
    }
}

static void put_signatures(columns *rows, const registry_request_new *request)
{
    for (size_t i = 0; i < request->signature_count; i++) {
        const registry_signature *signature = &request->signatures[i];
        columns_next_row(rows);
        columns_bytes(rows, 0, request->id);
        columns_int64(rows, 1, signature->place);
        columns_bytes(rows, 2, signature->signer_serial);
        columns_text(rows, 3, signature->officer_id);
        columns_time(rows, 4, signature->signed_at);
    }
}

static auth_status add_entries(registry_batch *batch, const registry_request_new *requests,
                               size_t count, const registry_submitted *results, auth_error *err)
{
    registry_entry *entries = calloc(count, sizeof *entries);
    if (entries == NULL)
        return auth_error_memory(err);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (results[i].what == REGISTRY_SUBMISSION_NEW)
            entries[used++] = (registry_entry){.event = requests[i].event,
                                               .item = -1,
                                               .request_id = requests[i].id,
                                               .office = requests[i].office,
                                               .body = requests[i].body};
    }
    auth_status status = registry_entry_add(batch, entries, used, err);
    free(entries);
    return status;
}

/* Adds what belongs to the new requests. */
static auth_status add_children(registry_batch *batch, const registry_request_new *requests,
                                size_t count, const registry_submitted *results, auth_error *err)
{
    AUTH_AUTO(columns) *items = NULL;
    AUTH_AUTO(columns) *signatures = NULL;
    size_t item_count = 0;
    size_t signature_count = 0;
    for (size_t i = 0; i < count; i++) {
        item_count += requests[i].item_count;
        signature_count += requests[i].signature_count;
    }
    auth_status status =
        columns_new(REGISTRY_STATEMENT_REQUEST_INSERT_ITEMS, item_count, &items, err);
    if (status == AUTH_STATUS_OK)
        status = columns_new(REGISTRY_STATEMENT_REQUEST_INSERT_SIGNATURES, signature_count,
                             &signatures, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count; i++) {
        if (results[i].what != REGISTRY_SUBMISSION_NEW)
            continue;
        put_items(items, &requests[i]);
        put_signatures(signatures, &requests[i]);
    }
    if (status == AUTH_STATUS_OK)
        status = columns_add(items, batch, err);
    if (status == AUTH_STATUS_OK)
        status = columns_add(signatures, batch, err);
    if (status == AUTH_STATUS_OK)
        status = add_entries(batch, requests, count, results, err);
    return status;
}

static auth_status insert_children(registry_connection *connection,
                                   const registry_request_new *requests, size_t count,
                                   const registry_submitted *results, auth_error *err)
{
    AUTH_AUTO(registry_batch) *batch = NULL;
    bool is_approved = false;
    bool is_new = false;
    for (size_t i = 0; i < count; i++) {
        is_new = is_new || results[i].what == REGISTRY_SUBMISSION_NEW;
        is_approved = is_approved || (results[i].what == REGISTRY_SUBMISSION_NEW &&
                                      requests[i].state == REGISTRY_REQUEST_APPROVED);
    }
    if (!is_new)
        return AUTH_STATUS_OK;
    auth_status status = registry_batch_new(connection, STATEMENTS_MAX, &batch, err);
    if (status == AUTH_STATUS_OK)
        status = add_children(batch, requests, count, results, err);
    if (status == AUTH_STATUS_OK && is_approved)
        status =
            registry_batch_add(batch, REGISTRY_STATEMENT_REQUEST_NOTIFY, REGISTRY_NO_VALUES, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

auth_status registry_request_enqueue(registry_connection *connection,
                                     const registry_request_new *requests, size_t count,
                                     registry_submitted *results, auth_error *err)
{
    AUTH_AUTO(registry_result) *inserted = NULL;
    if (count == 0)
        return AUTH_STATUS_OK;
    auth_status status = insert_requests(connection, requests, count, &inserted, err);
    if (status == AUTH_STATUS_OK)
        status = mark_new(inserted, requests, count, results, err);
    if (status == AUTH_STATUS_OK)
        status = mark_before(connection, requests, count, results, err);
    if (status == AUTH_STATUS_OK)
        status = insert_children(connection, requests, count, results, err);
    return status;
}

/* What registry_request_submit hands through. */
typedef struct submission {
    const registry_request_new *requests;
    size_t count;
    registry_submitted *results;
} submission;

static auth_status submit(registry_connection *connection, void *context, auth_error *err)
{
    const submission *of = context;
    return registry_request_enqueue(connection, of->requests, of->count, of->results, err);
}

/* All requests of a submission come together or not at all, so all tell whether they came. */
auth_status registry_request_look_up(registry_connection *connection,
                                     const registry_request_new *requests, size_t count,
                                     registry_submitted *results, bool *is_done, auth_error *err)
{
    for (size_t i = 0; i < count; i++)
        results[i].what = REGISTRY_SUBMISSION_OTHER;
    auth_status status = mark_before(connection, requests, count, results, err);
    bool is_there = count > 0;
    for (size_t i = 0; i < count; i++)
        is_there = is_there && results[i].what == REGISTRY_SUBMISSION_BEFORE;
    if (status == AUTH_STATUS_OK)
        *is_done = is_there;
    return status;
}

static auth_status look_up(registry_connection *connection, void *context, bool *is_done,
                           auth_error *err)
{
    const submission *of = context;
    return registry_request_look_up(connection, of->requests, of->count, of->results, is_done, err);
}

auth_status registry_request_submit(registry_pool *pool, const registry_request_new *requests,
                                    size_t count, registry_submitted *results, auth_error *err)
{
    submission of = {requests, count, results};
    return registry_transact(pool,
                             &(registry_transaction){.isolation = REGISTRY_READ_COMMITTED,
                                                     .work = submit,
                                                     .lookup = look_up,
                                                     .context = &of},
                             err);
}
