/* SPDX-License-Identifier: Apache-2.0 */
/* POST /requests/{id}/rejection: an officer says no, or takes back what he submitted. */
#include "answer.h"
#include "body.h"
#include "handlers.h"
#include "stored.h"

#include <stdio.h>
#include <string.h>

typedef struct rejection {
    office_visit *visit;
    office_stored *stored;
    char detail[OFFICE_TEXT_SIZE];
    auth_buf *body;
} rejection;

/* Approvers and admins reject; who submitted a request withdraws it. */
static auth_status check_right(const rejection *it, auth_error *err)
{
    const office_visit *visit = it->visit;
    AUTH_AUTO(registry_result) *found = NULL;
    registry_signature first = {.officer_id = NULL};
    if (visit->officer.role == AUTH_OFFICER_ROLE_APPROVER ||
        visit->officer.role == AUTH_OFFICER_ROLE_ADMIN)
        return AUTH_STATUS_OK;
    auth_status status =
        registry_request_signatures(visit->connection, it->stored->row.id, &found, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(found) > 0)
        status = registry_signature_read(found, 0, &first, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (first.officer_id != NULL && strcmp(first.officer_id, visit->officer.id) == 0)
        return AUTH_STATUS_OK;
    daemon_request_reason(visit->request, auth_request_reason_name(AUTH_REQUEST_REASON_ROLE));
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          "request: a clerk takes back what he submitted himself; have an approver "
                          "reject it");
}

static auth_status write_body(rejection *it, auth_error *err)
{
    const office_visit *visit = it->visit;
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_REJECTED,
                                 .at = visit->now,
                                 .has_request = true,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .actor_count = 1,
                                 .has_document = true};
    (void)snprintf(body.realm, sizeof body.realm, "%s", realm_name(visit->office->realm));
    (void)snprintf(body.office, sizeof body.office, "%s", it->stored->place->id);
    memcpy(body.request, it->stored->row.id.data, sizeof body.request);
    memcpy(body.document, it->stored->row.payload_hash.data, sizeof body.document);
    body.actors[0].len = visit->officer.serial_len;
    memcpy(body.actors[0].octets, visit->officer.serial, visit->officer.serial_len);
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &it->body, err);
    return status == AUTH_STATUS_OK ? registry_ledger_body_write(&body, it->body, err) : status;
}

static auth_status store(registry_connection *connection, void *context, auth_error *err)
{
    const rejection *it = context;
    registry_entry entry = {.event = REGISTRY_LEDGER_EVENT_REJECTED,
                            .item = REGISTRY_LEDGER_NO_ITEM,
                            .request_id = it->stored->row.id,
                            .office = it->stored->row.office,
                            .body = auth_buf_bytes(it->body)};
    return registry_request_reject(connection, it->stored->row.id, AUTH_REQUEST_REASON_WITHDRAWN,
                                   it->detail, it->visit->now, &entry, err);
}

/* It is rejected: by this call, since nobody else had the same to say at the same time. */
static auth_status look_up(registry_connection *connection, void *context, bool *is_done,
                           auth_error *err)
{
    const rejection *it = context;
    AUTH_AUTO(registry_result) *found = NULL;
    registry_request row;
    auth_status status = registry_request_list_ids(connection, &it->stored->row.id, 1, &found, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(found) > 0)
        status = registry_request_read(found, 0, &row, err);
    if (status == AUTH_STATUS_OK)
        *is_done = registry_result_rows(found) > 0 && row.state == REGISTRY_REQUEST_REJECTED;
    return status;
}

static auth_status answer(const rejection *it, bool is_known, auth_error *err)
{
    office_answer out;
    const registry_request *row = &it->stored->row;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        daemon_json *json = &out.json;
        office_put_id(json, "id", row->id);
        office_put_text(json, "state", registry_request_state_name(REGISTRY_REQUEST_REJECTED));
        office_put_time(json, "decided", is_known ? row->decided_at : it->visit->now);
        office_put_text(json, "reason", auth_request_reason_name(AUTH_REQUEST_REASON_WITHDRAWN));
        office_put_text(json, "detail", is_known ? row->detail : it->detail);
        daemon_json_bool(json, "known", is_known);
        status = office_answer_send(&out, it->visit->request, 200, err);
    }
    office_answer_clear(&out);
    return status;
}

static auth_status work(rejection *it, auth_error *err)
{
    office_visit *visit = it->visit;
    const registry_request *row = &it->stored->row;
    auth_status status = check_right(it, err);
    if (status == AUTH_STATUS_OK)
        status = office_body_rejection(daemon_request_body(visit->request), it->detail, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (row->state == REGISTRY_REQUEST_REJECTED)
        return answer(it, true, err);
    if (row->state != REGISTRY_REQUEST_SUBMITTED) {
        daemon_request_reason(visit->request, auth_request_reason_name(AUTH_REQUEST_REASON_STATE));
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "request: it has its signatures or is decided; look at what became "
                              "of it");
    }
    status = write_body(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    office_visit_release(visit);
    status = registry_transact(visit->office->pool,
                               &(registry_transaction){.isolation = REGISTRY_READ_COMMITTED,
                                                       .work = store,
                                                       .lookup = look_up,
                                                       .context = it},
                               err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_wake(visit->office->self, office_wait_key(row->id.data));
    return answer(it, false, err);
}

static auth_status run(office_visit *visit, auth_error *err)
{
    office_stored stored;
    rejection it = {.visit = visit, .stored = &stored};
    auth_status status = office_stored_find(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = work(&it, err);
    auth_buf_free(it.body);
    office_stored_clear(&stored);
    return status;
}

OFFICE_HANDLER(reject) { return office_run(context, request, run, err); }
