/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http_scan.h"
#include "daemon/text.h"

#include <string.h>

typedef struct fault_row {
    const char *name;
    int status;
    const char *text;
} fault_row;

static const fault_row faults[] = {
#define HTTP_FAULT_ROW(id, name, status, text) {name, status, text},
#include "daemon/http_fault.def"
};

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

const char *http_method_name(http_method method) { return methods[method]; }
const char *http_fault_name(http_fault fault) { return faults[fault].name; }
int http_fault_status(http_fault fault) { return faults[fault].status; }
const char *http_fault_text(http_fault fault) { return faults[fault].text; }

/* What an octet may be part of. */
enum {
    TOKEN = 1,  /* RFC 9110 5.6.2 */
    TARGET = 2, /* RFC 3986: pchar, "/" and "?", with "%" */
    VALUE = 4,  /* RFC 9110 5.5: VCHAR, obs-text, blank and tab */
    HOST = 8,   /* RFC 3986 3.2.2: reg-name without percent-encodings, IP literals, the port */
};

static bool is_alphanumeric(unsigned c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_among(unsigned c, const char *set)
{
    return c != '\0' && c < 0x80 && strchr(set, (int)c) != NULL;
}

static bool is(uint8_t c, unsigned class)
{
    if (is_alphanumeric(c))
        return true;
    switch (class) {
    case TOKEN:
        return is_among(c, "!#$%&'*+-.^_`|~");
    case TARGET:
        return is_among(c, "-._~!$&'()*+,;=:@/?%");
    case VALUE:
        return c == '\t' || (c >= 0x20 && c != 0x7f);
    default:
        return is_among(c, "-._~!$&'()*+,;=:[]");
    }
}

static bool are(auth_bytes octets, unsigned class)
{
    for (size_t i = 0; i < octets.len; i++) {
        if (!is(octets.data[i], class))
            return false;
    }
    return true;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static http_span span_of(size_t at, size_t len) { return (http_span){(uint16_t)at, (uint16_t)len}; }

static http_fault read_method(http_head *head, auth_bytes text)
{
    for (size_t i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (daemon_is(text, methods[i])) {
            head->method = (http_method)i;
            return HTTP_FAULT_NONE;
        }
    }
    return text.len > 0 && are(text, TOKEN) ? HTTP_FAULT_METHOD : HTTP_FAULT_REQUEST_LINE;
}

static http_fault check_target(http_method method, auth_bytes target)
{
    if (target.len > HTTP_TARGET_MAX)
        return HTTP_FAULT_TARGET_LONG;
    if (method == HTTP_OPTIONS && daemon_is(target, "*"))
        return HTTP_FAULT_NONE;
    if (target.len == 0 || target.data[0] != '/')
        return HTTP_FAULT_TARGET_FORM;
    if (!are(target, TARGET))
        return HTTP_FAULT_TARGET;
    for (size_t i = 0; i < target.len; i++) {
        bool is_percent = target.data[i] == '%';
        if (is_percent &&
            (target.len - i < 3 || !is_hex(target.data[i + 1]) || !is_hex(target.data[i + 2])))
            return HTTP_FAULT_TARGET;
    }
    return HTTP_FAULT_NONE;
}

static http_fault read_version(http_head *head, auth_bytes text)
{
    head->is_1_0 = daemon_is(text, "HTTP/1.0");
    head->wants_close = head->is_1_0;
    if (head->is_1_0 || daemon_is(text, "HTTP/1.1"))
        return HTTP_FAULT_NONE;
    bool is_other = text.len == 8 && memcmp(text.data, "HTTP/", 5) == 0 && text.data[6] == '.' &&
                    is_alphanumeric(text.data[5]) && is_alphanumeric(text.data[7]);
    return is_other ? HTTP_FAULT_VERSION : HTTP_FAULT_REQUEST_LINE;
}

/* method SP target SP version (RFC 9112 3) */
static http_fault read_request_line(http_scan *scan, auth_bytes line, size_t at)
{
    const uint8_t *first = memchr(line.data, ' ', line.len);
    const uint8_t *last = memrchr(line.data, ' ', line.len);
    if (first == NULL || first == last)
        return HTTP_FAULT_REQUEST_LINE;
    auth_bytes method = {line.data, (size_t)(first - line.data)};
    auth_bytes target = {first + 1, (size_t)(last - first) - 1};
    auth_bytes version = {last + 1, line.len - (size_t)(last - line.data) - 1};
    if (target.len == 0 || memchr(target.data, ' ', target.len) != NULL)
        return HTTP_FAULT_REQUEST_LINE;
    http_fault fault = read_version(&scan->head, version);
    if (fault == HTTP_FAULT_NONE)
        fault = read_method(&scan->head, method);
    if (fault == HTTP_FAULT_NONE)
        fault = check_target(scan->head.method, target);
    scan->head.target = span_of(at + method.len + 1, target.len);
    return fault;
}

static http_fault read_length(http_scan *scan, auth_bytes value)
{
    scan->has_length = true;
    bool has_zeros = value.len > 1 && value.data[0] == '0';
    if (has_zeros || !daemon_read_decimal(value, INT64_MAX, &scan->head.body_len))
        return HTTP_FAULT_LENGTH;
    return HTTP_FAULT_NONE;
}

/* Walks over a list of tokens; what is none of these two is for proxies (RFC 9110 7.6.1). */
static http_fault read_connection(http_scan *scan, auth_bytes value)
{
    while (value.len > 0) {
        const uint8_t *comma = memchr(value.data, ',', value.len);
        size_t len = comma == NULL ? value.len : (size_t)(comma - value.data);
        auth_bytes token = daemon_trim((auth_bytes){value.data, len});
        if (daemon_is_caseless(token, "close"))
            scan->head.wants_close = true;
        size_t step = comma == NULL ? len : len + 1;
        value.data += step;
        value.len -= step;
    }
    return HTTP_FAULT_NONE;
}

static http_fault read_host(http_scan *scan, auth_bytes value)
{
    scan->has_host = true;
    return value.len > 0 && are(value, HOST) ? HTTP_FAULT_NONE : HTTP_FAULT_HOST;
}

static http_fault read_expect(http_scan *scan, auth_bytes value)
{
    if (!daemon_is_caseless(value, "100-continue"))
        return HTTP_FAULT_EXPECT;
    scan->head.wants_continue = true;
    return HTTP_FAULT_NONE;
}

static http_fault read_transfer_encoding(http_scan *scan, auth_bytes value)
{
    (void)value;
    scan->has_transfer_encoding = true;
    return HTTP_FAULT_TRANSFER_ENCODING;
}

static http_fault read_once(http_scan *scan, auth_bytes value)
{
    (void)scan;
    (void)value;
    return HTTP_FAULT_NONE;
}

typedef struct known_header {
    const char *name;
    bool may_stand_twice;
    http_fault (*read)(http_scan *scan, auth_bytes value);
} known_header;

static const known_header known_headers[] = {
    {"Host", false, read_host},
    {"Content-Length", false, read_length},
    {"Transfer-Encoding", false, read_transfer_encoding},
    {"Connection", true, read_connection},
    {"Expect", false, read_expect},
    {"Content-Type", false, read_once},
    {"Content-Encoding", false, read_once},
    {"Authorization", false, read_once},
};

static http_fault read_known(http_scan *scan, auth_bytes name, auth_bytes value)
{
    for (size_t i = 0; i < sizeof known_headers / sizeof known_headers[0]; i++) {
        const known_header *row = &known_headers[i];
        if (!daemon_is_caseless(name, row->name))
            continue;
        uint32_t bit = (uint32_t)1 << i;
        if ((scan->once & bit) != 0 && !row->may_stand_twice)
            return HTTP_FAULT_TWICE;
        scan->once |= bit;
        return row->read(scan, value);
    }
    return HTTP_FAULT_NONE;
}

/* name ":" OWS value OWS (RFC 9112 5) */
static http_fault read_header(http_scan *scan, auth_bytes line, size_t at)
{
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return HTTP_FAULT_FOLD;
    const uint8_t *colon = memchr(line.data, ':', line.len);
    auth_bytes name = {line.data, colon == NULL ? 0 : (size_t)(colon - line.data)};
    if (name.len == 0 || !are(name, TOKEN))
        return HTTP_FAULT_NAME;
    auth_bytes value = daemon_trim((auth_bytes){colon + 1, line.len - name.len - 1});
    if (scan->head.header_count == HTTP_HEADERS_MAX)
        return HTTP_FAULT_HEADERS_MANY;
    scan->head.headers[scan->head.header_count++] =
        (http_header){span_of(at, name.len),
                      span_of(at + (size_t)(value.data - line.data), value.len)};
    return read_known(scan, name, value);
}

static http_fault check_whole(const http_scan *scan)
{
    /* RFC 9112 3.2: only HTTP/1.0 may leave Host out. */
    return !scan->has_host && !scan->head.is_1_0 ? HTTP_FAULT_NO_HOST : HTTP_FAULT_NONE;
}

static http_fault read_line(http_scan *scan, auth_bytes line, size_t at)
{
    if (line.len == 0 || line.data[line.len - 1] != '\r')
        return HTTP_FAULT_BARE_LF;
    line.len--;
    if (!are(line, VALUE))
        return HTTP_FAULT_CONTROL;
    if (scan->lines == 0)
        return read_request_line(scan, line, at);
    return line.len == 0 ? check_whole(scan) : read_header(scan, line, at);
}

/* Tells early that what comes will be no request line: TLS at a plain port, an endless target. */
static http_fault check_begun(const http_scan *scan, auth_bytes octets)
{
    if (octets.len > HTTP_HEAD_MAX)
        return scan->lines == 0 ? HTTP_FAULT_TARGET_LONG : HTTP_FAULT_HEAD_LARGE;
    if (scan->lines == 0 && octets.len > 0 && !is(octets.data[0], TOKEN))
        return HTTP_FAULT_NOT_HTTP;
    return HTTP_FAULT_NONE;
}

http_scan_state http_scan_next(http_scan *scan, auth_bytes octets)
{
    scan->fault = HTTP_FAULT_NONE;
    bool is_done = false;
    while (!is_done && scan->fault == HTTP_FAULT_NONE) {
        const uint8_t *end = NULL;
        if (octets.len > scan->seen)
            end = memchr(octets.data + scan->seen, '\n', octets.len - scan->seen);
        if (end == NULL) {
            scan->seen = octets.len;
            scan->fault = check_begun(scan, octets);
            return scan->fault == HTTP_FAULT_NONE ? HTTP_SCAN_MORE : HTTP_SCAN_FAULT;
        }
        size_t at = scan->line_at;
        size_t len = (size_t)(end - octets.data) - at;
        if (at + len >= HTTP_HEAD_MAX) {
            scan->fault = scan->lines == 0 ? HTTP_FAULT_TARGET_LONG : HTTP_FAULT_HEAD_LARGE;
            break;
        }
        if (scan->lines == 0 && !is(octets.data[0], TOKEN)) {
            scan->fault = HTTP_FAULT_NOT_HTTP;
            break;
        }
        scan->fault = read_line(scan, (auth_bytes){octets.data + at, len}, at);
        is_done = len == 1 && scan->lines > 0;
        scan->lines++;
        scan->line_at = scan->seen = at + len + 1;
    }
    return scan->fault == HTTP_FAULT_NONE ? HTTP_SCAN_DONE : HTTP_SCAN_FAULT;
}
