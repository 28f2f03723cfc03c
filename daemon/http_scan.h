/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an HTTP/1.1 request, read strictly. Pure. Internal to daemon.
 *
 * One invariant: there is one way to understand what is accepted. What RFC 9112 lets a recipient
 * mend or ignore (bare LF, folded lines, blanks in front of a colon, two lengths, empty lines
 * before a request) is refused, since a proxy in front may have mended it in another way. Bodies
 * are framed by Content-Length alone.
 */
#ifndef DAEMON_HTTP_SCAN_H
#define DAEMON_HTTP_SCAN_H

#include <auth/bytes.h>

#define HTTP_HEAD_MAX ((size_t)16384)
#define HTTP_TARGET_MAX ((size_t)8192)
#define HTTP_HEADERS_MAX 64

typedef enum http_fault {
#define HTTP_FAULT_ROW(id, name, status, text) HTTP_FAULT_##id,
#include "daemon/http_fault.def"
    HTTP_FAULT_COUNT,
} http_fault;

typedef enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT,
} http_method;

/* A piece of the head, by its place, so that the octets may move between two reads. */
typedef struct http_span {
    uint16_t at;
    uint16_t len;
} http_span;

typedef struct http_header {
    http_span name;
    http_span value; /* without blanks around it */
} http_header;

typedef struct http_head {
    http_method method;
    http_span target; /* as it came; "*" for OPTIONS alone */
    bool is_1_0;
    bool wants_close; /* the connection ends after the answer */
    bool wants_continue;
    uint64_t body_len;
    http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
} http_head;

typedef enum http_scan_state {
    HTTP_SCAN_MORE, /* what came is good so far, and not all */
    HTTP_SCAN_DONE,
    HTTP_SCAN_FAULT,
} http_scan_state;

/* A scan in progress; {0} to begin. */
typedef struct http_scan {
    size_t line_at; /* where the line begins that is not whole yet */
    size_t seen;    /* up to here there is no line feed */
    size_t lines;
    bool has_host;
    bool has_length;
    bool has_transfer_encoding;
    uint32_t once; /* headers that may stand once and did */
    http_fault fault;
    http_head head;
} http_scan;

/*
 * Goes on with a head. octets begin at the request line and hold at least what they held at the
 * call before. When it is done, scan->line_at is the length of the head, and what follows is body.
 */
http_scan_state http_scan_next(http_scan *scan, auth_bytes octets);

const char *http_method_name(http_method method);
const char *http_fault_name(http_fault fault);
int http_fault_status(http_fault fault);
const char *http_fault_text(http_fault fault);

#endif
