/* SPDX-License-Identifier: Apache-2.0 */
/* From the octets of a payload to one that was checked. */
#include "request/request.h"
#include "request/text.h"

#include <stdlib.h>
#include <string.h>

/* Birth dates are days of China, which has one zone. */
#define CHINA_OFFSET_MINUTES 480

static auth_status keep_identifier(const char *path, auth_bytes text,
                                   char out[AUTH_IDENTIFIER_SIZE], auth_error *err)
{
    if (!request_is_identifier(text))
        return request_refuse(err, path, REQUEST_IDENTIFIER_RULE "; choose one");
    request_keep_identifier(text, out);
    return AUTH_STATUS_OK;
}

static auth_status read_time(const char *path, auth_bytes text, auth_time *out, auth_error *err)
{
    auth_status status = auth_time_parse(text, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "request: $.%s", path);
    return status;
}

static auth_status read_times(const raw_request *raw, request_payload *out, auth_error *err)
{
    auth_status status = read_time("created", raw->created, &out->created, err);
    if (status == AUTH_STATUS_OK)
        status = read_time("expires", raw->expires, &out->expires, err);
    if (status == AUTH_STATUS_OK && out->expires <= out->created)
        return request_refuse(err, "expires", "not after created; give it time to be signed");
    return status;
}

static auth_status read_kind(const raw_request *raw, request_payload *out, auth_error *err)
{
    if (auth_request_kind_find((const char *)raw->kind.data, &out->kind, NULL) != AUTH_STATUS_OK)
        return request_refuse(err, "kind", "no kind of request (auth/request_kind.def)");
    return request_check_profile(out->kind, raw->profile.data != NULL, err);
}

static auth_status read_realm(const raw_request *raw, const char *realm, request_payload *out,
                              auth_error *err)
{
    auth_status status = keep_identifier("realm", raw->realm, out->realm, err);
    if (status == AUTH_STATUS_OK && strcmp(out->realm, realm) != 0) {
        return auth_error_set(
            err, AUTH_STATUS_DENIED,
            "request: $.realm: another realm than this one; make the document for "
            "this realm");
    }
    return status;
}

static auth_status read_head(const raw_request *raw, const auth_request_rules *rules,
                             request_payload *out, auth_error *err)
{
    if (raw->version.value != REQUEST_VERSION)
        return request_refuse(err, "version", "not 1, the only one there is; write 1");
    if (!request_is_id(raw->id))
        return request_refuse(err, "id",
                              "not a UUID version 7 in lower case (RFC 9562 5.7); let the program "
                              "make a new one");
    memcpy(out->id, raw->id.data, raw->id.len);
    auth_status status = read_realm(raw, rules->realm, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_kind(raw, out, err);
    if (status == AUTH_STATUS_OK)
        status = keep_identifier("office", raw->office, out->office, err);
    if (status == AUTH_STATUS_OK && raw->profile.data != NULL)
        status = keep_identifier("profile", raw->profile, out->profile, err);
    if (status == AUTH_STATUS_OK)
        status = read_times(raw, out, err);
    return status;
}

/*
 * Makes room for all that items keep, which is never more than the text it comes from. From then on
 * the buffer does not move, and items can view it.
 */
static auth_status make_room(size_t payload_len, auth_buf **out, auth_error *err)
{
    uint8_t *room = NULL;
    auth_status status = auth_buf_new(payload_len, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(*out, payload_len, &room, err);
    if (status == AUTH_STATUS_OK)
        auth_buf_truncate(*out, 0);
    return status;
}

static auth_status read_items(const raw_request *raw, size_t payload_len,
                              const auth_request_rules *rules, request_payload *out,
                              auth_error *err)
{
    const raw_item *rows = raw->items.rows;
    auth_status status = make_room(payload_len, &out->texts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->items = calloc(raw->items.count, sizeof *out->items);
    if (out->items == NULL)
        return auth_error_memory(err);
    out->item_count = raw->items.count;
    request_place place = {
        .kind = out->kind,
        .created = out->created,
        .today = auth_date_from_time(rules->now, CHINA_OFFSET_MINUTES),
        .texts = out->texts,
    };
    for (; place.index < out->item_count && status == AUTH_STATUS_OK; place.index++)
        status = request_read_item(&place, &rows[place.index], &out->items[place.index], err);
    return status;
}

auth_status request_read_payload(auth_bytes payload, const auth_request_rules *rules,
                                 request_payload *out, auth_error *err)
{
    json_document *document = NULL;
    raw_request raw = {.head = {false}};
    auth_status status = request_read_raw(payload, &document, &raw, err);
    if (status == AUTH_STATUS_OK)
        status = read_head(&raw, rules, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_items(&raw, payload.len, rules, out, err);
    json_close(document);
    if (status == AUTH_STATUS_OK)
        status = request_check_duplicates(out, err);
    return status;
}

void request_release_payload(request_payload *payload)
{
    if (payload->items != NULL)
        auth_secret_wipe(payload->items, payload->item_count * sizeof *payload->items);
    free(payload->items);
    auth_buf_free(payload->texts);
}
