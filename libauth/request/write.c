/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of a document, in the one order of members in which it is written. */
#include "request/request.h"

#include <auth/codec.h>
#include <string.h>

/* Writes until something fails; then the status stays. */
typedef struct writer {
    auth_buf *out;
    auth_error *err;
    auth_status status;
} writer;

static void put(writer *to, auth_bytes octets)
{
    if (to->status == AUTH_STATUS_OK)
        to->status = auth_buf_append(to->out, octets, to->err);
}

static void put_text(writer *to, const char *text) { put(to, auth_bytes_from_text(text)); }

/* RFC 8259 section 7: quote, backslash and controls. Those are refused when it is read again. */
static void put_escaped(writer *to, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        const uint8_t escaped[2] = {'\\', c};
        put(to, (auth_bytes){escaped, sizeof escaped});
    } else {
        const char escaped[7] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15U], '\0'};
        put_text(to, escaped);
    }
}

static void put_quoted(writer *to, auth_bytes text)
{
    size_t done = 0;
    put_text(to, "\"");
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        put(to, (auth_bytes){text.data + done, i - done});
        put_escaped(to, c);
        done = i + 1;
    }
    if (done < text.len)
        put(to, (auth_bytes){text.data + done, text.len - done});
    put_text(to, "\"");
}

/* Begins a member; the first of an object has no comma before it. */
static void put_name(writer *to, const char *name)
{
    auth_bytes written = auth_buf_bytes(to->out);
    if (written.len > 0 && written.data[written.len - 1] != '{')
        put_text(to, ",");
    put_text(to, "\"");
    put_text(to, name);
    put_text(to, "\":");
}

static void put_member(writer *to, const char *name, auth_bytes text)
{
    put_name(to, name);
    put_quoted(to, text);
}

static void put_optional(writer *to, const char *name, auth_bytes text)
{
    if (text.len > 0)
        put_member(to, name, text);
}

static void put_encoded(writer *to, const char *name, auth_codec codec, auth_bytes octets)
{
    if (octets.len == 0)
        return;
    put_name(to, name);
    put_text(to, "\"");
    if (to->status == AUTH_STATUS_OK)
        to->status = auth_codec_encode(codec, octets, to->out, to->err);
    put_text(to, "\"");
}

static void put_time(writer *to, const char *name, auth_time time)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time_format(time, text);
    put_member(to, name, auth_bytes_from_text(text));
}

static void put_person(writer *to, const auth_request_item *item)
{
    if (item->person.len == 0)
        return;
    put_name(to, "person");
    put_text(to, "{");
    put_member(to, "type", auth_bytes_from_text(auth_person_type_name(item->person.type)));
    put_member(to, "number", auth_person_number_reveal(&item->person));
    put_member(to, "name", item->name);
    put_text(to, "}");
}

static void put_evidence(writer *to, const auth_request_item *item)
{
    if (item->evidence_count == 0)
        return;
    put_name(to, "evidence");
    for (size_t i = 0; i < item->evidence_count && i < AUTH_REQUEST_EVIDENCE_MAX; i++) {
        const auth_request_evidence *row = &item->evidence[i];
        put_text(to, i == 0 ? "[{" : ",{");
        put_member(to, "method", auth_bytes_from_text(auth_evidence_method_name(row->method)));
        put_encoded(to, "digest", AUTH_CODEC_BASE64URL, row->digest);
        put_text(to, "}");
    }
    put_text(to, "]");
}

static void put_opened(writer *to, const auth_request_item *item)
{
    if (item->opened_office.len == 0)
        return;
    put_name(to, "opened");
    put_text(to, "{");
    put_member(to, "office", item->opened_office);
    put_member(to, "region", item->opened_region);
    put_member(to, "name", item->opened_name);
    put_text(to, "}");
}

static void put_item(writer *to, const auth_request_item *item)
{
    put_text(to, "{");
    put_person(to, item);
    put_encoded(to, "csr", AUTH_CODEC_BASE64URL, item->csr);
    put_encoded(to, "activation", AUTH_CODEC_BASE64URL, item->activation);
    put_evidence(to, item);
    put_encoded(to, "serial", AUTH_CODEC_HEX, item->serial);
    if (item->has_reason)
        put_member(to, "reason", auth_bytes_from_text(auth_revocation_reason_name(item->reason)));
    if (item->has_invalidity)
        put_time(to, "invalidity", item->invalidity);
    put_optional(to, "comment", item->comment);
    put_optional(to, "officer", item->officer);
    if (item->role != AUTH_OFFICER_ROLE_NONE)
        put_member(to, "role", auth_bytes_from_text(auth_officer_role_name(item->role)));
    put_opened(to, item);
    put_optional(to, "closed", item->closed_office);
    put_text(to, "}");
}

static void put_payload(writer *to, const auth_request_draft *draft)
{
    put_text(to, "{\"version\":1");
    put_member(to, "id", auth_bytes_from_text(draft->id));
    put_member(to, "realm", auth_bytes_from_text(draft->realm));
    put_member(to, "kind", auth_bytes_from_text(auth_request_kind_name(draft->kind)));
    put_member(to, "office", auth_bytes_from_text(draft->office));
    put_optional(to, "profile", auth_bytes_from_text(draft->profile));
    put_time(to, "created", draft->created);
    put_time(to, "expires", draft->expires);
    put_name(to, "items");
    put_text(to, "[");
    for (size_t i = 0; i < draft->item_count; i++) {
        if (i > 0)
            put_text(to, ",");
        put_item(to, &draft->items[i]);
    }
    put_text(to, "]}");
}

/* A buffer of its own, since the reader is given what was written and nothing else. */
static auth_status write_checked(const auth_request_draft *draft, auth_buf *text, auth_error *err)
{
    writer to = {.out = text, .err = err, .status = AUTH_STATUS_OK};
    put_payload(&to, draft);
    if (to.status != AUTH_STATUS_OK)
        return to.status;
    auth_request_rules rules = {.now = draft->created, .realm = draft->realm};
    request_payload read = {.item_count = 0};
    auth_status status = request_read_payload(auth_buf_bytes(text), &rules, &read, err);
    request_release_payload(&read);
    return status;
}

auth_status auth_request_write(const auth_request_draft *draft, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(REQUEST_PAYLOAD_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = write_checked(draft, text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_buf_bytes(text), err);
    return status;
}
