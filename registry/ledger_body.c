/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_body.h"
#include "key_text.h"

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

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads lower-case hex of len octets. */
static bool read_hex(const uint8_t *text, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
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
        if (!read_hex(text.data + at, found + octets, lengths[i]))
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

typedef struct reader {
    auth_bytes left;
    const char *member; /* for the error */
} reader;

/* Goes past a word if it comes next. */
static bool skip(reader *in, const char *word)
{
    size_t len = strlen(word);
    if (in->left.len < len || memcmp(in->left.data, word, len) != 0)
        return false;
    in->left = (auth_bytes){in->left.data + len, in->left.len - len};
    return true;
}

/* Begins a member: its name with what stands before its value. */
static bool begins(reader *in, const char *member, const char *word)
{
    in->member = member;
    return skip(in, word);
}

/* Takes a string up to its quotation mark, and goes past that. */
static bool take(reader *in, auth_bytes *out)
{
    const uint8_t *end = in->left.len == 0 ? NULL : memchr(in->left.data, '"', in->left.len);
    if (end == NULL)
        return false;
    *out = (auth_bytes){in->left.data, (size_t)(end - in->left.data)};
    in->left = (auth_bytes){end + 1, in->left.len - out->len - 1};
    return true;
}

static bool take_text(reader *in, char *out, size_t size, bool (*fits)(auth_bytes))
{
    auth_bytes text;
    if (!take(in, &text) || text.len == 0 || text.len >= size || !fits(text))
        return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

static bool take_hash(reader *in, uint8_t out[32])
{
    auth_bytes text;
    return take(in, &text) && text.len == 64 && read_hex(text.data, out, 32);
}

static bool take_serial(reader *in, registry_ledger_serial *out)
{
    auth_bytes text;
    if (!take(in, &text) || text.len == 0 || text.len % 2 != 0 ||
        text.len / 2 > sizeof out->octets || !read_hex(text.data, out->octets, text.len / 2))
        return false;
    out->len = text.len / 2;
    return true;
}

static bool take_event(reader *in, registry_ledger_event *out)
{
    auth_bytes text;
    if (!take(in, &text))
        return false;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (auth_bytes_equal(text, auth_bytes_from_text(events[i].name))) {
            *out = (registry_ledger_event)events[i].number;
            return true;
        }
    }
    return false;
}

static bool take_item(reader *in, int *out)
{
    size_t len = 0;
    int number = 0;
    for (; len < in->left.len && len < 4; len++) {
        uint8_t c = in->left.data[len];
        if (c < '0' || c > '9')
            break;
        number = number * 10 + (c - '0');
    }
    if (len == 0 || number > ITEM_MAX || (len > 1 && in->left.data[0] == '0'))
        return false;
    in->left = (auth_bytes){in->left.data + len, in->left.len - len};
    *out = number;
    return true;
}

static bool take_actors(reader *in, registry_ledger_body *out)
{
    do {
        if (out->actor_count == REGISTRY_LEDGER_ACTORS_MAX ||
            !take_serial(in, &out->actors[out->actor_count]))
            return false;
        out->actor_count++;
    } while (skip(in, ",\""));
    return skip(in, "]");
}

static bool read_head(reader *in, registry_ledger_body *out)
{
    auth_bytes text;
    if (!begins(in, "event", "{\"event\":\"") || !take_event(in, &out->event))
        return false;
    if (!begins(in, "at", ",\"at\":\"") || !take(in, &text) ||
        auth_time_parse(text, &out->at, NULL) != AUTH_STATUS_OK)
        return false;
    if (!begins(in, "realm", ",\"realm\":\"") ||
        !take_text(in, out->realm, sizeof out->realm, key_is_identifier))
        return false;
    if (begins(in, "request", ",\"request\":\"")) {
        out->has_request = take(in, &text) && registry_uuid_parse(text, out->request);
        if (!out->has_request)
            return false;
    }
    if (begins(in, "item", ",\"item\":") && (!take_item(in, &out->item) || !out->has_request))
        return false;
    if (begins(in, "serial", ",\"serial\":\"") && !take_serial(in, &out->serial))
        return false;
    return !begins(in, "office", ",\"office\":\"") ||
           take_text(in, out->office, sizeof out->office, key_is_identifier);
}

static bool read_tail(reader *in, registry_ledger_body *out)
{
    if (begins(in, "actor", ",\"actor\":[\"") && !take_actors(in, out))
        return false;
    out->has_document = begins(in, "document", ",\"document\":\"");
    if (out->has_document && !take_hash(in, out->document))
        return false;
    out->has_certificate = begins(in, "certificate", ",\"certificate\":\"");
    if (out->has_certificate && !take_hash(in, out->certificate))
        return false;
    if (begins(in, "detail", ",\"detail\":\"") &&
        !take_text(in, out->detail, sizeof out->detail, is_detail))
        return false;
    return begins(in, "end", "}") && in->left.len == 0;
}

auth_status registry_ledger_body_read(auth_bytes text, registry_ledger_body *out, auth_error *err)
{
    reader in = {.left = text};
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
