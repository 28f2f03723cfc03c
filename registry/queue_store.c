/* SPDX-License-Identifier: Apache-2.0 */
/* Storing a batch: one statement a table, all in one trip to the server. */
#include "columns.h"
#include "queue_batch.h"

#include <stdlib.h>

/* The most statements of a batch here. */
#define STATEMENTS_MAX 8

#define DETAIL_OF(decision)                                                                        \
    ((decision)->detail != NULL ? (decision)->detail : registry_refusal_text((decision)->refusal))

/* The status of an item as it is stored: that of the authority, or of the registry's refusal. */
static auth_status status_of(const registry_decision *decision)
{
    if (decision->status != AUTH_STATUS_OK)
        return decision->status;
    switch (decision->refusal) {
#define REGISTRY_REFUSAL_ROW(id, status, text)                                                     \
    case REGISTRY_REFUSAL_##id:                                                                    \
        return AUTH_STATUS_##status;
#include "queue_refusal.def"
    case REGISTRY_REFUSAL_NONE:
        break;
    }
    return AUTH_STATUS_OK;
}

static bool is_certificate(const registry_decision *decision)
{
    return decision->serial.data != NULL && registry_decision_is_granted(decision);
}

static bool is_act(const registry_decision *decision)
{
    return decision->action != REGISTRY_ACTION_NONE && registry_decision_is_granted(decision);
}

static void put_outcome(columns *rows, auth_bytes request_id, const registry_decision *decision)
{
    columns_next_row(rows);
    columns_bytes(rows, 0, request_id);
    columns_int64(rows, 1, decision->item);
    columns_int64(rows, 2, status_of(decision));
    columns_int64(rows, 3, decision->reason == 0 ? REGISTRY_NULL_INT64 : decision->reason);
    columns_text(rows, 4, registry_decision_is_granted(decision) ? NULL : DETAIL_OF(decision));
    if (is_certificate(decision))
        columns_bytes(rows, 5, decision->serial);
}

static void put_certificate(columns *rows, auth_bytes request_id, const registry_decision *decision)
{
    columns_next_row(rows);
    columns_bytes(rows, 0, decision->serial);
    columns_int64(rows, 1, decision->authority);
    columns_int64(rows, 2, decision->shard);
    columns_bytes(rows, 3, request_id);
    columns_int64(rows, 4, decision->item);
    if (decision->person_index.data != NULL)
        columns_bytes(rows, 5, (auth_bytes){decision->citizen_id, REGISTRY_ID_SIZE});
    columns_text(rows, 6, decision->officer_id);
    columns_int64(rows, 7, decision->office);
    columns_text(rows, 8, decision->profile);
    columns_bytes(rows, 9, decision->key_hash);
    columns_time(rows, 10, decision->not_before);
    columns_time(rows, 11, decision->not_after);
    columns_bytes(rows, 12, decision->der);
}

static void put_revocation(columns *rows, auth_bytes request_id, const registry_decision *decision)
{
    columns_next_row(rows);
    columns_bytes(rows, 0, decision->target);
    columns_int64(rows, 1, decision->target_authority);
    columns_int64(rows, 2, decision->target_shard);
    columns_int64(rows, 3, decision->action);
    columns_int64(rows, 4, decision->act_reason);
    columns_time(rows, 5, decision->target_not_after);
    columns_bytes(rows, 6, request_id);
    columns_int64(rows, 7, decision->item);
}

/* The rows of one batch, table by table, in the order in which they go out. */
enum table { OUTCOMES, CERTIFICATES, REVOCATIONS, REVOKED_LIVE, DECIDE, NOTIFY, TABLES };

static const registry_statement statements[TABLES] = {
    [OUTCOMES] = REGISTRY_STATEMENT_QUEUE_INSERT_OUTCOMES,
    [CERTIFICATES] = REGISTRY_STATEMENT_QUEUE_INSERT_CERTIFICATES,
    [REVOCATIONS] = REGISTRY_STATEMENT_QUEUE_INSERT_REVOCATIONS,
    [REVOKED_LIVE] = REGISTRY_STATEMENT_QUEUE_REVOKED_LIVE,
    [DECIDE] = REGISTRY_STATEMENT_QUEUE_DECIDE,
    [NOTIFY] = REGISTRY_STATEMENT_QUEUE_NOTIFY,
};

static void put_decision(columns *const *tables, auth_bytes request_id,
                         const registry_decision *decision)
{
    put_outcome(tables[OUTCOMES], request_id, decision);
    if (is_certificate(decision))
        put_certificate(tables[CERTIFICATES], request_id, decision);
    if (is_act(decision))
        put_revocation(tables[REVOCATIONS], request_id, decision);
    if (is_act(decision) && decision->action == REGISTRY_ACTION_REVOKE) {
        columns_next_row(tables[REVOKED_LIVE]);
        columns_bytes(tables[REVOKED_LIVE], 0, decision->target);
    }
}

/* How many items of each document have an outcome, and how many of them a good one. */
typedef struct tally {
    int64_t decided;
    int64_t granted;
} tally;

static auth_status count(const registry_queue_batch *batch, tally **out, auth_error *err)
{
    tally *made = calloc(batch->document_count + 1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < batch->prior_count; i++) {
        made[batch->priors[i].document].decided++;
        made[batch->priors[i].document].granted += batch->priors[i].status == AUTH_STATUS_OK;
    }
    for (size_t i = 0; i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        if (!queue_decision_is_active(batch, decision))
            continue;
        made[decision->document].decided++;
        made[decision->document].granted += registry_decision_is_granted(decision);
    }
    *out = made;
    return AUTH_STATUS_OK;
}

static registry_request_state state_of(const registry_document *document, const tally *of)
{
    if (document->is_refused)
        return REGISTRY_REQUEST_REFUSED;
    if (of->decided < document->request.item_count)
        return REGISTRY_REQUEST_WAITING;
    return of->granted > 0 ? REGISTRY_REQUEST_DONE : REGISTRY_REQUEST_REFUSED;
}

static void put_document(columns *const *tables, const registry_document *document)
{
    columns_next_row(tables[DECIDE]);
    columns_bytes(tables[DECIDE], 0, document->request.id);
    columns_int64(tables[DECIDE], 1, document->state);
    columns_int64(tables[DECIDE], 2,
                  document->reason == 0 ? REGISTRY_NULL_INT64 : document->reason);
    columns_text(tables[DECIDE], 3, document->detail);
    columns_next_row(tables[NOTIFY]);
    columns_bytes(tables[NOTIFY], 0, document->request.id);
}

static auth_status put_all(registry_queue_batch *batch, columns *const *tables, auth_error *err)
{
    tally *tallies = NULL;
    auth_status status = count(batch, &tallies, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        if (queue_decision_is_active(batch, decision))
            put_decision(tables, batch->documents[decision->document].request.id, decision);
    }
    for (size_t i = 0; i < batch->document_count; i++) {
        if (!registry_queue_is_active(batch, i))
            continue;
        batch->documents[i].state = state_of(&batch->documents[i], &tallies[i]);
        put_document(tables, &batch->documents[i]);
    }
    free(tallies);
    return AUTH_STATUS_OK;
}

static size_t put_entries(const registry_queue_batch *batch, registry_entry *entries)
{
    size_t used = 0;
    for (size_t i = 0; i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        const registry_request *request = &batch->documents[decision->document].request;
        if (!queue_decision_is_active(batch, decision))
            continue;
        registry_entry entry = {.event = decision->event,
                                .item = decision->item,
                                .request_id = request->id,
                                .serial =
                                    is_certificate(decision) ? decision->serial : decision->target,
                                .office = request->office,
                                .body = decision->body};
        if (entry.event != 0)
            entries[used++] = entry;
        entry.event = decision->act_event;
        entry.serial = decision->target;
        entry.body = decision->act_body;
        if (entry.event != 0)
            entries[used++] = entry;
    }
    for (size_t i = 0; i < batch->document_count; i++) {
        const registry_document *document = &batch->documents[i];
        if (!registry_queue_is_active(batch, i) || document->event == 0)
            continue;
        entries[used++] = (registry_entry){.event = document->event,
                                           .item = -1,
                                           .request_id = document->request.id,
                                           .office = document->request.office,
                                           .body = document->body};
    }
    return used;
}

static auth_status add_entries(const registry_queue_batch *all, registry_batch *batch,
                               auth_error *err)
{
    registry_entry *entries =
        calloc(2 * all->decision_count + all->document_count + 1, sizeof *entries);
    if (entries == NULL)
        return auth_error_memory(err);
    auth_status status = registry_entry_add(batch, entries, put_entries(all, entries), err);
    free(entries);
    return status;
}

static auth_status send(registry_connection *connection, const registry_queue_batch *all,
                        columns *const *tables, auth_time now, auth_error *err)
{
    AUTH_AUTO(registry_batch) *batch = NULL;
    columns_scalar(tables[OUTCOMES], 6, registry_time(now));
    columns_scalar(tables[CERTIFICATES], 13, registry_time(now));
    columns_scalar(tables[REVOCATIONS], 8, registry_time(now));
    columns_scalar(tables[DECIDE], 4, registry_time(now));
    auth_status status = AUTH_STATUS_OK;
    if (columns_rows(tables[REVOCATIONS]) > 0)
        status = registry_run(connection, REGISTRY_STATEMENT_REVISION_SHARE, REGISTRY_NO_VALUES,
                              NULL, err);
    if (status == AUTH_STATUS_OK)
        status = registry_batch_new(connection, STATEMENTS_MAX, &batch, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < TABLES; i++)
        status = columns_add(tables[i], batch, err);
    if (status == AUTH_STATUS_OK)
        status = add_entries(all, batch, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

auth_status registry_queue_complete(registry_connection *connection, registry_queue_batch *batch,
                                    auth_time now, auth_error *err)
{
    columns *tables[TABLES] = {NULL};
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < TABLES; i++) {
        size_t most = i < DECIDE ? batch->decision_count : batch->document_count;
        status = columns_new(statements[i], most, &tables[i], err);
    }
    if (status == AUTH_STATUS_OK)
        status = put_all(batch, tables, err);
    if (status == AUTH_STATUS_OK)
        status = send(connection, batch, tables, now, err);
    for (size_t i = 0; i < TABLES; i++)
        columns_free(tables[i]);
    return status;
}
