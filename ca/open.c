/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From sealed rows to documents that may be obeyed. Whatever is wrong with a document refuses it
 * alone; a fault of the machine ends the batch and decides nothing.
 */
#include "batch.h"
#include "registry/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An answer refuses the document; a fault goes up. */
static auth_status answer(ca_document *document, auth_status status, auth_request_reason reason,
                          const auth_error *err)
{
    if (status == AUTH_STATUS_OK || auth_status_is_fault(status))
        return status;
    ca_document_refuse(document, reason, err->text);
    return AUTH_STATUS_OK;
}

static auth_status find_offices(ca_batch *batch, registry_connection *connection, auth_error *err)
{
    const ca_office *office = NULL;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->document_count; i++)
        status = ca_office_find(batch->worker, connection, batch->documents[i].row->office, &office,
                                err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->document_count; i++)
        batch->documents[i].office =
            ca_office_known(batch->worker, batch->documents[i].row->office);
    return status;
}

static auth_status unseal(const ca_batch *batch, ca_document *document, const ca_thread *thread,
                          auth_error *err)
{
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = document->row->id,
                                 .office_path = document->office->path,
                                 .generation = (uint32_t)document->row->seal_key};
    return registry_unseal(batch->worker->setting.ring, thread->crypto, &place,
                           document->row->document, &document->clear, err);
}

/* The row was written by an office; the document says what counts. */
static bool fits_row(const ca_document *document)
{
    const auth_request *request = document->request;
    uint8_t hash[AUTH_REQUEST_HASH_SIZE];
    uint8_t id[REGISTRY_ID_SIZE];
    auth_request_payload_hash(request, hash);
    return registry_uuid_parse(auth_bytes_from_text(auth_request_id(request)), id) &&
           auth_bytes_equal(document->row->id, (auth_bytes){id, sizeof id}) &&
           auth_bytes_equal(document->row->payload_hash, (auth_bytes){hash, sizeof hash}) &&
           document->row->kind == (int64_t)auth_request_kind_of(request) &&
           document->row->item_count == (int64_t)auth_request_item_count(request) &&
           strcmp(document->office->id, auth_request_office(request)) == 0;
}

static auth_status read_document(void *context, unsigned thread, size_t turn, auth_error *err)
{
    const ca_batch *batch = context;
    ca_document *document = &batch->documents[turn];
    auth_request_rules rules = {.now = batch->now, .realm = batch->worker->setting.realm};
    auth_status status = unseal(batch, document, &batch->worker->thread[thread], err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_request_parse(auth_buf_bytes(document->clear), &rules, &document->request, err);
    auth_buf_free(document->clear);
    document->clear = NULL;
    status = answer(document, status, AUTH_REQUEST_REASON_DOCUMENT, err);
    if (status == AUTH_STATUS_OK && !document->is_refused && !fits_row(document))
        ca_document_refuse(document, AUTH_REQUEST_REASON_DOCUMENT,
                           "document: it is not the one that was submitted under this id; submit "
                           "it anew");
    return status;
}

static auth_status gather(ca_batch *batch, registry_connection *connection, auth_error *err)
{
    const auth_request **requests = calloc(batch->document_count + 1, sizeof *requests);
    if (requests == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < batch->document_count; i++) {
        if (!batch->documents[i].is_refused)
            requests[i] = batch->documents[i].request;
    }
    auth_status status = registry_facts_gather(batch->worker->facts, connection, requests,
                                               batch->document_count, err);
    free(requests);
    return status;
}

static auth_status refuse_missing(ca_document *document, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    const auth_request_verdict *verdict = &document->verdict;
    auth_status status = auth_buf_new(CA_DETAIL_SIZE - 1, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_buf_printf(text, err, "request: it lacks the signature of ");
    if (status == AUTH_STATUS_OK && verdict->missing_count > 0)
        status = auth_policy_place_text(&verdict->missing[0], text, err);
    else if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "the holder");
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(text, (auth_bytes){(const uint8_t *)"", 1}, err);
    if (status == AUTH_STATUS_OK)
        ca_document_refuse(document, AUTH_REQUEST_REASON_ROLE,
                           (const char *)auth_buf_bytes(text).data);
    return status;
}

static auth_status evaluate(void *context, unsigned thread, size_t turn, auth_error *err)
{
    const ca_batch *batch = context;
    ca_document *document = &batch->documents[turn];
    if (document->is_refused)
        return AUTH_STATUS_OK;
    auth_request_facts facts = registry_facts_of(&batch->worker->thread[thread].view);
    auth_status status = auth_request_evaluate(document->request, batch->worker->setting.policy,
                                               &facts, batch->now, &document->verdict, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (document->verdict.outcome == AUTH_REQUEST_REFUSED)
        ca_document_refuse(document, document->verdict.reason, document->verdict.text);
    else if (document->verdict.outcome == AUTH_REQUEST_NEEDS)
        return refuse_missing(document, err);
    return AUTH_STATUS_OK;
}

auth_status ca_open(ca_batch *batch, registry_connection *connection, auth_error *err)
{
    ca_worker *worker = batch->worker;
    auth_status status = find_offices(batch, connection, err);
    if (status == AUTH_STATUS_OK)
        status = ca_team_run(worker->team, batch->document_count, read_document, batch, err);
    if (status == AUTH_STATUS_OK)
        status = gather(batch, connection, err);
    if (status == AUTH_STATUS_OK)
        status = ca_team_run(worker->team, batch->document_count, evaluate, batch, err);
    return status;
}
