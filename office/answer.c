/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "registry/realm.h"

#include <stdio.h>
#include <string.h>

auth_status office_answer_begin(office_answer *out, auth_error *err)
{
    *out = (office_answer){.text = NULL};
    auth_status status = auth_buf_new(OFFICE_ANSWER_MAX, &out->text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->json = daemon_json_on(out->text);
    daemon_json_open(&out->json, NULL, '{');
    return AUTH_STATUS_OK;
}

void office_answer_clear(office_answer *it)
{
    auth_buf_free(it->text);
    it->text = NULL;
}

auth_status office_answer_send(office_answer *it, daemon_request *request, int status,
                               auth_error *err)
{
    daemon_json_close(&it->json, '}');
    auth_status outcome = daemon_json_end(&it->json, err);
    if (outcome == AUTH_STATUS_OK)
        outcome =
            daemon_answer_bytes(request, status, "application/json", auth_buf_bytes(it->text), err);
    return outcome;
}

void office_put_text(daemon_json *json, const char *name, const char *text)
{
    if (text == NULL)
        daemon_json_null(json, name);
    else
        daemon_json_text(json, name, auth_bytes_from_text(text));
}

void office_put_id(daemon_json *json, const char *name, auth_bytes id)
{
    char text[REGISTRY_UUID_TEXT_SIZE];
    if (id.data == NULL || id.len != REGISTRY_ID_SIZE) {
        daemon_json_null(json, name);
        return;
    }
    registry_uuid_format(id.data, text);
    office_put_text(json, name, text);
}

void office_put_hex(daemon_json *json, const char *name, auth_bytes octets)
{
    char text[OFFICE_SERIAL_TEXT_SIZE];
    if (octets.data == NULL || octets.len > OFFICE_SERIAL_SIZE) {
        daemon_json_null(json, name);
        return;
    }
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", octets.data[i]);
    text[2 * octets.len] = '\0';
    office_put_text(json, name, text);
}

void office_put_time(daemon_json *json, const char *name, auth_time time)
{
    char text[AUTH_TIME_TEXT_SIZE];
    if (time == REGISTRY_NO_TIME) {
        daemon_json_null(json, name);
        return;
    }
    auth_time_format(time, text);
    office_put_text(json, name, text);
}

static void put_roles(daemon_json *json, uint32_t roles)
{
    daemon_json_open(json, "roles", '[');
    for (auth_officer_role role = AUTH_OFFICER_ROLE_CLERK; role <= AUTH_OFFICER_ROLE_AUDITOR;
         role++) {
        if ((roles & (uint32_t)1 << role) != 0)
            office_put_text(json, NULL, auth_officer_role_name(role));
    }
    daemon_json_close(json, ']');
}

static bool is_alike(const auth_policy_place *a, const auth_policy_place *b)
{
    return a->roles == b->roles && a->scope == b->scope;
}

/* How many places are like one, if it is the first of them; else 0. */
static int64_t count_alike(const auth_request_verdict *verdict, size_t place)
{
    int64_t count = 0;
    for (size_t i = 0; i < verdict->missing_count; i++) {
        if (is_alike(&verdict->missing[i], &verdict->missing[place]))
            count += i < place ? INT16_MIN : 1;
    }
    return count < 0 ? 0 : count;
}

void office_put_needs(daemon_json *json, const auth_request_verdict *verdict, bool is_open)
{
    daemon_json_open(json, "needs", '[');
    for (size_t i = 0; is_open && i < verdict->missing_count; i++) {
        int64_t count = count_alike(verdict, i);
        if (count == 0)
            continue;
        daemon_json_open(json, NULL, '{');
        put_roles(json, verdict->missing[i].roles);
        daemon_json_number(json, "count", count);
        office_put_text(json, "scope",
                        verdict->missing[i].scope == AUTH_POLICY_SCOPE_OWN ? "own" : "subtree");
        daemon_json_close(json, '}');
    }
    daemon_json_close(json, ']');
}

static void put_reason(daemon_json *json, int64_t reason)
{
    office_put_text(json, "reason",
                    reason == 0 ? NULL : auth_request_reason_name((auth_request_reason)reason));
}

void office_put_request(daemon_json *json, const registry_request *row, const char *of)
{
    office_put_id(json, "id", row->id);
    office_put_text(json, "kind",
                    row->kind == REGISTRY_KIND_CEREMONY
                        ? "ceremony"
                        : auth_request_kind_name((auth_request_kind)row->kind));
    office_put_text(json, "office", of);
    office_put_text(json, "state", registry_request_state_name(row->state));
    daemon_json_number(json, "revision", row->revision);
    office_put_time(json, "created", row->created_at);
    office_put_time(json, "expires", row->expires_at);
    office_put_time(json, "submitted", row->submitted_at);
    office_put_time(json, "decided", row->decided_at);
    put_reason(json, row->reason);
    office_put_text(json, "detail", row->detail);
}

/* An item that waits has no status; then it is "ok", or the name of an auth_status. */
void office_put_item(daemon_json *json, const registry_item *item)
{
    daemon_json_open(json, NULL, '{');
    daemon_json_number(json, "item", item->item);
    office_put_hex(json, "serial", item->serial);
    office_put_text(json, "status", item->has_outcome ? auth_status_name(item->status) : NULL);
    put_reason(json, item->has_outcome ? item->reason : 0);
    office_put_text(json, "detail", item->has_outcome ? item->detail : NULL);
    office_put_hex(json, "certificate",
                   item->has_outcome ? item->certificate : (auth_bytes){NULL, 0});
    office_put_time(json, "at", item->has_outcome ? item->at : REGISTRY_NO_TIME);
    daemon_json_close(json, '}');
}

auth_status office_put_items(daemon_json *json, registry_connection *connection, auth_bytes id,
                             auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_item item;
    auth_status status = registry_request_items(connection, id, &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json_open(json, "items", '[');
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(found); i++) {
        status = registry_item_read(found, i, &item, err);
        if (status == AUTH_STATUS_OK)
            office_put_item(json, &item);
    }
    daemon_json_close(json, ']');
    return status;
}

auth_status office_put_signatures(daemon_json *json, registry_connection *connection, auth_bytes id,
                                  auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_signature signature;
    auth_status status = registry_request_signatures(connection, id, &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json_open(json, "signatures", '[');
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(found); i++) {
        status = registry_signature_read(found, i, &signature, err);
        if (status != AUTH_STATUS_OK)
            break;
        daemon_json_open(json, NULL, '{');
        daemon_json_number(json, "place", signature.place);
        office_put_text(json, "officer", signature.officer_id);
        office_put_hex(json, "serial", signature.signer_serial);
        office_put_time(json, "at", signature.signed_at);
        daemon_json_close(json, '}');
    }
    daemon_json_close(json, ']');
    return status;
}

void office_put_next(daemon_json *json, const char *id) { office_put_text(json, "next", id); }
