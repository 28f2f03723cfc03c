/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

daemon_json daemon_json_on(auth_buf *out) { return (daemon_json){.out = out}; }

static void put(daemon_json *json, const void *octets, size_t len)
{
    if (json->status == AUTH_STATUS_OK)
        json->status = auth_buf_append(json->out, (auth_bytes){octets, len}, &json->error);
}

/* How many octets the UTF-8 sequence at the head of text has; 0: it is none (RFC 3629 4). */
static size_t utf8_len(auth_bytes text)
{
    uint8_t c = text.data[0];
    size_t len = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (len == 0 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            return 0;
    }
    bool is_overlong = (c == 0xe0 && text.data[1] < 0xa0) || (c == 0xf0 && text.data[1] < 0x90);
    bool is_outside = (c == 0xed && text.data[1] > 0x9f) || (c == 0xf4 && text.data[1] > 0x8f);
    return is_overlong || is_outside ? 0 : len;
}

static void put_string(daemon_json *json, auth_bytes text)
{
    put(json, "\"", 1);
    while (text.len > 0) {
        size_t len = utf8_len(text);
        uint8_t c = text.data[0];
        char escape[8];
        if (len == 0) {
            put(json, "\xef\xbf\xbd", 3);
            len = 1;
        } else if (c == '"' || c == '\\') {
            char pair[2] = {'\\', (char)c};
            put(json, pair, 2);
        } else if (c < 0x20 || c == 0x7f) {
            int used = snprintf(escape, sizeof escape, "\\u%04x", c);
            put(json, escape, used > 0 ? (size_t)used : 0);
        } else {
            put(json, text.data, len);
        }
        text.data += len;
        text.len -= len;
    }
    put(json, "\"", 1);
}

static void begin(daemon_json *json, const char *name)
{
    if (json->needs_comma)
        put(json, ",", 1);
    json->needs_comma = true;
    if (name == NULL)
        return;
    put_string(json, auth_bytes_from_text(name));
    put(json, ":", 1);
}

void daemon_json_open(daemon_json *json, const char *name, char bracket)
{
    begin(json, name);
    put(json, &bracket, 1);
    json->needs_comma = false;
}

void daemon_json_close(daemon_json *json, char bracket)
{
    put(json, &bracket, 1);
    json->needs_comma = true;
}

void daemon_json_text(daemon_json *json, const char *name, auth_bytes text)
{
    begin(json, name);
    put_string(json, text);
}

void daemon_json_number(daemon_json *json, const char *name, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    begin(json, name);
    put(json, text, len > 0 ? (size_t)len : 0);
}

void daemon_json_bool(daemon_json *json, const char *name, bool value)
{
    begin(json, name);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void daemon_json_null(daemon_json *json, const char *name)
{
    begin(json, name);
    put(json, "null", 4);
}

void daemon_json_raw(daemon_json *json, const char *name, auth_bytes value)
{
    begin(json, name);
    put(json, value.data, value.len);
}

auth_status daemon_json_end(const daemon_json *json, auth_error *err)
{
    if (json->status != AUTH_STATUS_OK && err != NULL)
        *err = json->error;
    return json->status;
}
