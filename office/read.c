/* SPDX-License-Identifier: Apache-2.0 */
/* One request: what it is, its document, and what became of it. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "stored.h"

#include "registry/realm.h"

/* Whose persons the officer may see: those whom the keys of this daemon open. */
static void put_persons(daemon_json *json, const auth_request *request)
{
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    daemon_json_open(json, "persons", '[');
    for (size_t i = 0; i < auth_request_item_count(request); i++) {
        const auth_request_item *item = auth_request_item_at(request, i);
        if (item->person.len == 0)
            continue;
        auth_person_number_mask(&item->person, masked);
        daemon_json_open(json, NULL, '{');
        daemon_json_number(json, "item", (int64_t)i);
        office_put_text(json, "type", auth_person_type_name(item->person.type));
        office_put_text(json, "number", masked);
        daemon_json_text(json, "name", item->name);
        daemon_json_close(json, '}');
    }
    daemon_json_close(json, ']');
}

/* A document that was submitted and could not be obeyed as it is says why: a signer who left. */
static void put_refusal(daemon_json *json, const office_document *document, bool is_open)
{
    if (!is_open || document->verdict.outcome != AUTH_REQUEST_REFUSED)
        return;
    daemon_json_open(json, "refusal", '{');
    office_put_text(json, "reason", auth_request_reason_name(document->verdict.reason));
    office_put_text(json, "detail", document->verdict.text);
    daemon_json_close(json, '}');
}

static auth_status put_document(daemon_json *json, office_visit *visit, office_stored *stored,
                                auth_error *err)
{
    bool is_open = stored->row.state == REGISTRY_REQUEST_SUBMITTED;
    bool is_ours = stored->row.kind != REGISTRY_KIND_CEREMONY;
    auth_status status = is_ours ? office_stored_open(visit, stored, err) : AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK && is_ours)
        status = office_stored_evaluate(visit, stored, err);
    if (status != AUTH_STATUS_OK)
        return status;
    office_put_needs(json, &stored->document.verdict, is_open);
    put_refusal(json, &stored->document, is_open && is_ours);
    if (is_ours)
        put_persons(json, stored->document.request);
    return AUTH_STATUS_OK;
}

static auth_status put(office_visit *visit, office_stored *stored, daemon_json *json,
                       auth_error *err)
{
    office_put_request(json, &stored->row, stored->place->id);
    auth_status status = office_put_items(json, visit->connection, stored->row.id, err);
    if (status == AUTH_STATUS_OK)
        status = office_put_signatures(json, visit->connection, stored->row.id, err);
    return status == AUTH_STATUS_OK ? put_document(json, visit, stored, err) : status;
}

static auth_status read(office_visit *visit, auth_error *err)
{
    office_answer out = {.text = NULL};
    office_stored stored;
    auth_status status = office_stored_find(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put(visit, &stored, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    office_stored_clear(&stored);
    return status;
}

static auth_status read_document(office_visit *visit, auth_error *err)
{
    office_stored stored;
    auth_status status = office_stored_find(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_stored_open(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_answer_bytes(visit->request, 200, OFFICE_DOCUMENT_TYPE,
                                     auth_buf_bytes(stored.clear), err);
    office_stored_clear(&stored);
    return status;
}

void office_put_outcome(daemon_json *json, const registry_request *row)
{
    office_put_id(json, "id", row->id);
    office_put_text(json, "state", registry_request_state_name(row->state));
    office_put_time(json, "decided", row->decided_at);
    office_put_text(json, "reason",
                    row->reason == 0 ? NULL
                                     : auth_request_reason_name((auth_request_reason)row->reason));
    office_put_text(json, "detail", row->detail);
}

static auth_status answer_outcome(office_visit *visit, const registry_request *row, auth_error *err)
{
    office_answer out;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        office_put_outcome(&out.json, row);
        status = office_put_items(&out.json, visit->connection, row->id, err);
    }
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

/* Listens first, and looks then, so that nothing is missed in between. */
auth_status office_wait_begin(office_visit *visit, int64_t *wait_s, auth_error *err)
{
    uint8_t id[REGISTRY_ID_SIZE];
    auth_status status =
        office_query_number(visit->request, "wait", OFFICE_WAIT_MAX_S, 0, wait_s, err);
    if (status == AUTH_STATUS_OK && *wait_s > 0 &&
        registry_uuid_parse(daemon_request_raw_segment(visit->request, "id"), id))
        daemon_request_watch(visit->request, office_wait_key(id));
    return status;
}

/* It may have been decided before it was noted, and told to nobody. */
static auth_status look_again(const office_visit *visit, office_stored *stored, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_request row;
    auth_status status =
        registry_request_list_ids(visit->connection, &stored->row.id, 1, &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_request_read(found, 0, &row, err);
    if (status != AUTH_STATUS_OK)
        return status;
    registry_result_free(stored->found);
    stored->found = AUTH_TAKE(found);
    stored->row = row;
    return AUTH_STATUS_OK;
}

auth_status office_wait_goes_on(office_visit *visit, office_stored *stored, int64_t wait_s,
                                bool *out, auth_error *err)
{
    bool is_public = visit->officer.role == AUTH_OFFICER_ROLE_NONE;
    *out = false;
    if (office_is_settled(stored->row.state, is_public) || wait_s == 0 ||
        daemon_request_is_last_try(visit->request) ||
        !office_wait_note(visit->office, stored->row.id.data, is_public, wait_s))
        return AUTH_STATUS_OK;
    auth_status status = look_again(visit, stored, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = !office_is_settled(stored->row.state, is_public);
    if (*out)
        daemon_request_wait(visit->request, (uint32_t)wait_s * 1000);
    return AUTH_STATUS_OK;
}

static auth_status await_outcome(office_visit *visit, auth_error *err)
{
    office_stored stored;
    int64_t wait_s = 0;
    bool goes_on = false;
    auth_status status = office_wait_begin(visit, &wait_s, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = office_stored_find(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_wait_goes_on(visit, &stored, wait_s, &goes_on, err);
    if (status == AUTH_STATUS_OK && !goes_on)
        status = answer_outcome(visit, &stored.row, err);
    office_stored_clear(&stored);
    return status;
}

OFFICE_HANDLER(read_request) { return office_run(context, request, read, err); }
OFFICE_HANDLER(read_document) { return office_run(context, request, read_document, err); }
OFFICE_HANDLER(await_outcome) { return office_run(context, request, await_outcome, err); }
