/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_body.h"
#include "key_text.h"
#include "line.h"

#include <auth/codec.h>
#include <stdio.h>
#include <string.h>

#define ITEM_MAX 999
/* The shortest number of a person that counts: GB 11643-1989. */
#define DIGITS_MAX 14

typedef struct event_row {
    int number;
    const char *name;
} event_row;

static const event_row events[] = {
#define REGISTRY_LEDGER_EVENT_ROW(id, number, name, text) {(number), (name)},
#include "ledger_event.def"
};

#define EVENT_COUNT (sizeof events / sizeof events[0])

const char *registry_ledger_event_name(int64_t number)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (events[i].number == number)
            return events[i].name;
    }
    return NULL;
}

void registry_uuid_format(const uint8_t uuid[REGISTRY_LEDGER_UUID_SIZE],
                          char out[REGISTRY_UUID_TEXT_SIZE])
{
    char *at = out;
    for (size_t i = 0; i < REGISTRY_LEDGER_UUID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        at += snprintf(at, 3, "%02x", uuid[i]);
    }
}

bool registry_uuid_parse(auth_bytes text, uint8_t out[REGISTRY_LEDGER_UUID_SIZE])
{
    static const uint8_t lengths[] = {4, 2, 2, 2, 6};
    uint8_t found[REGISTRY_LEDGER_UUID_SIZE];
    size_t at = 0;
    size_t octets = 0;
    if (text.len != REGISTRY_UUID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < sizeof lengths; i++) {
        if (i > 0 && text.data[at++] != '-')
            return false;
        if (!line_hex(text.data + at, found + octets, lengths[i]))
            return false;
        at += (size_t)2 * lengths[i];
        octets += lengths[i];
    }
    memcpy(out, found, sizeof found);
    return true;
}

/* What a member may be */

static bool is_name(const char *text) { return key_is_identifier(auth_bytes_from_text(text)); }

/* Printable, nothing that JSON escapes, and nothing that could be a person's number. */
static bool is_detail(auth_bytes text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (c < ' ' || c > '~' || c == '"' || c == '\\' || digits > DIGITS_MAX)
            return false;
    }
    return text.len < REGISTRY_LEDGER_DETAIL_SIZE;
}

static bool is_serial(const registry_ledger_serial *serial)
{
    return serial->len > 0 && serial->len <= sizeof serial->octets;
}

static const char *find_fault(const registry_ledger_body *body)
{
    if (registry_ledger_event_name(body->event) == NULL)
        return "event";
    if (body->at < AUTH_TIME_MIN || body->at > AUTH_TIME_MAX)
        return "at";
    if (!is_name(body->realm))
        return "realm";
    if (body->item < REGISTRY_LEDGER_NO_ITEM || body->item > ITEM_MAX ||
        (body->item >= 0 && !body->has_request))
        return "item";
    if (body->serial.len > sizeof body->serial.octets)
        return "serial";
    if (body->office[0] != '\0' && !is_name(body->office))
        return "office";
    for (size_t i = 0; i < body->actor_count; i++) {
        if (i >= REGISTRY_LEDGER_ACTORS_MAX || !is_serial(&body->actors[i]))
            return "actor";
    }
    return is_detail(auth_bytes_from_text(body->detail)) ? NULL : "detail";
}

/* Writing */

static auth_status put_hex(auth_buf *out, const char *before, auth_bytes octets, const char *after,
                           auth_error *err)
{
    auth_status status = auth_buf_append(out, auth_bytes_from_text(before), err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_HEX, octets, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text(after), err);
    return status;
}

static auth_status put_head(const registry_ledger_body *body, auth_buf *out, auth_error *err)
{
    char at[AUTH_TIME_TEXT_SIZE];
    char uuid[REGISTRY_UUID_TEXT_SIZE];
    auth_time_format(body->at, at);
    auth_status status =
        auth_buf_printf(out, err, "{\"event\":\"%s\",\"at\":\"%s\",\"realm\":\"%s\"",
                        registry_ledger_event_name(body->event), at, body->realm);
    if (status == AUTH_STATUS_OK && body->has_request) {
        registry_uuid_format(body->request, uuid);
        status = auth_buf_printf(out, err, ",\"request\":\"%s\"", uuid);
    }
    if (status == AUTH_STATUS_OK && body->item >= 0)
        status = auth_buf_printf(out, err, ",\"item\":%d", body->item);
    if (status == AUTH_STATUS_OK && body->serial.len > 0)
        status = put_hex(out, ",\"serial\":\"", (auth_bytes){body->serial.octets, body->serial.len},
                         "\"", err);
    if (status == AUTH_STATUS_OK && body->office[0] != '\0')
        status = auth_buf_printf(out, err, ",\"office\":\"%s\"", body->office);
    return status;
}

static auth_status put_actors(const registry_ledger_body *body, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < body->actor_count && status == AUTH_STATUS_OK; i++) {
        const registry_ledger_serial *actor = &body->actors[i];
        bool is_last = i + 1 == body->actor_count;
        status = put_hex(out, i == 0 ? ",\"actor\":[\"" : ",\"",
                         (auth_bytes){actor->octets, actor->len}, is_last ? "\"]" : "\"", err);
    }
    return status;
}

static auth_status put_tail(const registry_ledger_body *body, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (body->has_document)
        status = put_hex(out, ",\"document\":\"",
                         (auth_bytes){body->document, sizeof body->document}, "\"", err);
    if (status == AUTH_STATUS_OK && body->has_certificate)
        status = put_hex(out, ",\"certificate\":\"",
                         (auth_bytes){body->certificate, sizeof body->certificate}, "\"", err);
    if (status == AUTH_STATUS_OK && body->detail[0] != '\0')
        status = auth_buf_printf(out, err, ",\"detail\":\"%s\"", body->detail);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("}"), err);
    return status;
}

auth_status registry_ledger_body_write(const registry_ledger_body *body, auth_buf *out,
                                       auth_error *err)
{
    const char *fault = find_fault(body);
    size_t before = auth_buf_bytes(out).len;
    if (fault != NULL) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "ledger entry: %s: the value is not of its form (ledger_body.h); "
                              "write names and hashes, and nothing about persons",
                              fault);
    }
    auth_status status = put_head(body, out, err);
    if (status == AUTH_STATUS_OK)
        status = put_actors(body, out, err);
    if (status == AUTH_STATUS_OK)
        status = put_tail(body, out, err);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, before);
    return status;
}

/* Reading: what follows is the mirror of writing, member by member. */

static bool take_serial(line_reader *in, registry_ledger_serial *out)
{
    auth_bytes text;
    if (!line_take(in, &text) || text.len == 0 || text.len % 2 != 0 ||
        text.len / 2 > sizeof out->octets || !line_hex(text.data, out->octets, text.len / 2))
        return false;
    out->len = text.len / 2;
    return true;
}

static bool take_event(line_reader *in, registry_ledger_event *out)
{
    auth_bytes text;
    if (!line_take(in, &text))
        return false;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (auth_bytes_equal(text, auth_bytes_from_text(events[i].name))) {
            *out = (registry_ledger_event)events[i].number;
            return true;
        }
    }
    return false;
}

static bool take_item(line_reader *in, int *out)
{
    uint64_t number = 0;
    if (!line_take_number(in, ITEM_MAX, &number))
        return false;
    *out = (int)number;
    return true;
}

static bool take_actors(line_reader *in, registry_ledger_body *out)
{
    do {
        if (out->actor_count == REGISTRY_LEDGER_ACTORS_MAX ||
            !take_serial(in, &out->actors[out->actor_count]))
            return false;
        out->actor_count++;
    } while (line_skip(in, ",\""));
    return line_skip(in, "]");
}

static bool read_head(line_reader *in, registry_ledger_body *out)
{
    auth_bytes text;
    if (!line_begins(in, "event", "{\"event\":\"") || !take_event(in, &out->event))
        return false;
    if (!line_begins(in, "at", ",\"at\":\"") || !line_take(in, &text) ||
        auth_time_parse(text, &out->at, NULL) != AUTH_STATUS_OK)
        return false;
    if (!line_begins(in, "realm", ",\"realm\":\"") ||
        !line_take_text(in, out->realm, sizeof out->realm, key_is_identifier))
        return false;
    if (line_begins(in, "request", ",\"request\":\"")) {
        out->has_request = line_take(in, &text) && registry_uuid_parse(text, out->request);
        if (!out->has_request)
            return false;
    }
    if (line_begins(in, "item", ",\"item\":") && (!take_item(in, &out->item) || !out->has_request))
        return false;
    if (line_begins(in, "serial", ",\"serial\":\"") && !take_serial(in, &out->serial))
        return false;
    return !line_begins(in, "office", ",\"office\":\"") ||
           line_take_text(in, out->office, sizeof out->office, key_is_identifier);
}

static bool read_tail(line_reader *in, registry_ledger_body *out)
{
    if (line_begins(in, "actor", ",\"actor\":[\"") && !take_actors(in, out))
        return false;
    out->has_document = line_begins(in, "document", ",\"document\":\"");
    if (out->has_document && !line_take_hex(in, out->document, sizeof out->document))
        return false;
    out->has_certificate = line_begins(in, "certificate", ",\"certificate\":\"");
    if (out->has_certificate && !line_take_hex(in, out->certificate, sizeof out->certificate))
        return false;
    if (line_begins(in, "detail", ",\"detail\":\"") &&
        !line_take_text(in, out->detail, sizeof out->detail, is_detail))
        return false;
    return line_begins(in, "end", "}") && in->left.len == 0;
}

auth_status registry_ledger_body_read(auth_bytes text, registry_ledger_body *out, auth_error *err)
{
    line_reader in = {.left = text};
    registry_ledger_body found = {.item = REGISTRY_LEDGER_NO_ITEM};
    if (text.len > REGISTRY_LEDGER_BODY_MAX || !read_head(&in, &found) || !read_tail(&in, &found)) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "ledger entry: %s: not as auth writes it (ledger_body.h); the body "
                              "was changed",
                              in.member == NULL ? "size" : in.member);
    }
    *out = found;
    return AUTH_STATUS_OK;
}
