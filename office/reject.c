/* SPDX-License-Identifier: Apache-2.0 */
/* POST /requests/{id}/rejection: an officer says no, or takes back what he submitted. */
#include "answer.h"
#include "body.h"
#include "handlers.h"
#include "stored.h"

#include "registry/realm.h"

#include <stdio.h>
#include <string.h>

typedef struct rejection {
    office_visit *visit;
    office_stored *stored;
    char detail[OFFICE_TEXT_SIZE];
    auth_buf *body;
} rejection;

static auth_status refuse(const rejection *it, auth_request_reason reason, const char *text,
                          auth_error *err)
{
    daemon_request_reason(it->visit->request, auth_request_reason_name(reason));
    return auth_error_set(err, AUTH_STATUS_DENIED, "request: %s", text);
}

static auth_status is_submitter(const rejection *it, bool *out, auth_error *err)
{
    const office_visit *visit = it->visit;
    AUTH_AUTO(registry_result) *found = NULL;
    registry_signature first = {.officer_id = NULL};
    auth_status status =
        registry_request_signatures(visit->connection, it->stored->row.id, &found, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(found) > 0)
        status = registry_signature_read(found, 0, &first, err);
    *out = status == AUTH_STATUS_OK && first.officer_id != NULL &&
           strcmp(first.officer_id, visit->officer.id) == 0;
    return status;
}

/* Whether the policy lets admins alone sign such a request; so it is, too, when it has no rule. */
static bool is_for_admins(const rejection *it)
{
    const auth_request *request = it->stored->document.request;
    const auth_policy_quorum *quorum = NULL;
    uint32_t roles = 0;
    if (auth_policy_quorum_find(realm_policy(it->visit->office->realm),
                                auth_request_kind_of(request), auth_request_profile(request),
                                &quorum, NULL) != AUTH_STATUS_OK)
        return true;
    for (size_t i = 0; i < quorum->place_count; i++)
        roles |= quorum->places[i].roles;
    return quorum->place_count > 0 && roles == OFFICE_ADMIN;
}

/* Whether an item is about the officer: his appointment, one of his certificates, his office. */
static auth_status is_about(const rejection *it, const auth_request_item *item, bool *out,
                            auth_error *err)
{
    const office_officer *officer = &it->visit->officer;
    registry_facts_view view = it->visit->desk->view;
    auth_request_facts facts = registry_facts_of(&view);
    auth_request_holder holder;
    *out = auth_bytes_equal(item->officer, auth_bytes_from_text(officer->id)) ||
           auth_bytes_equal(item->closed_office, auth_bytes_from_text(officer->office_id));
    if (*out || item->serial.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = facts.holder_of(facts.context, item->serial, &holder, err);
    if (status == AUTH_STATUS_OK)
        *out = holder.kind == AUTH_HOLDER_OFFICER && strcmp(holder.officer, officer->id) == 0;
    return status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_OK : status;
}

/* Whoever may not sign a request for want of rank, or since it is his own case, ends it neither. */
static auth_status check_document(const rejection *it, auth_error *err)
{
    bool is_own = false;
    auth_status status = office_stored_open(it->visit, it->stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_stored_evaluate(it->visit, it->stored, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const auth_request *request = it->stored->document.request;
    if (it->visit->officer.role != AUTH_OFFICER_ROLE_ADMIN && is_for_admins(it))
        return refuse(it, AUTH_REQUEST_REASON_ROLE,
                      "admins alone sign such a request, and they alone reject it; have one do it",
                      err);
    for (size_t i = 0; status == AUTH_STATUS_OK && !is_own && i < auth_request_item_count(request);
         i++)
        status = is_about(it, auth_request_item_at(request, i), &is_own, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return is_own ? refuse(it, AUTH_REQUEST_REASON_OWN_CASE,
                           "it is about you, your certificate or your office; have another officer "
                           "reject it",
                           err)
                  : AUTH_STATUS_OK;
}

/* Approvers and admins reject; who submitted a request withdraws it. */
static auth_status check_right(const rejection *it, auth_error *err)
{
    bool is_mine = false;
    const office_officer *officer = &it->visit->officer;
    auth_status status = is_submitter(it, &is_mine, err);
    if (status != AUTH_STATUS_OK || is_mine)
        return status;
    if (officer->role != AUTH_OFFICER_ROLE_APPROVER && officer->role != AUTH_OFFICER_ROLE_ADMIN)
        return refuse(it, AUTH_REQUEST_REASON_ROLE,
                      "a clerk takes back what he submitted himself; have an approver reject it",
                      err);
    /* A ceremony has no document of this kind, and is decided. */
    return it->stored->row.kind == REGISTRY_KIND_CEREMONY ? AUTH_STATUS_OK
                                                          : check_document(it, err);
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
    registry_request row = {.state = REGISTRY_REQUEST_SUBMITTED};
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
