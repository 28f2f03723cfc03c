/* SPDX-License-Identifier: Apache-2.0 */
/* Is there one way only to read a head that is accepted, wherever it is cut into pieces? */
#include "daemon/http_scan.h"
#include "harness/harness.h"

#include <stdlib.h>
#include <string.h>

typedef struct scan_case {
    const char *octets;
    size_t len;
    const char *fault; /* "none": accepted; "more": it goes on */
} scan_case;

#define CASE(fault, text)                                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, fault                                                              \
    }
#define HEAD(fault, headers) CASE(fault, "POST / HTTP/1.1\r\nHost: a\r\n" headers "\r\n")
#define LINE(fault, line) CASE(fault, line "\r\nHost: a\r\n\r\n")

static const scan_case cases[] = {
    LINE("none", "GET / HTTP/1.1"),
    LINE("none", "GET /a/b?c=d%20&e=+;: HTTP/1.1"),
    LINE("none", "GET //../%2e%2F HTTP/1.1"),
    LINE("none", "OPTIONS * HTTP/1.1"),
    CASE("none", "GET / HTTP/1.0\r\n\r\n"),
    HEAD("none", "X-Empty:\r\nX: \t a b \t\r\n"),
    HEAD("none", "Content-Length: 0\r\n"),
    HEAD("none", "content-length: 12\r\nConnection: a, CLOSE\r\n"),
    HEAD("none", "Expect: 100-Continue\r\nAccept: a\r\nAccept: b\r\n"),
    HEAD("none", "X: \xe4\xb8\xad\r\n"),
    CASE("none", "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n"),

    CASE("more", ""),
    CASE("more", "GET / HTTP/1.1\r\n"),
    CASE("more", "GET / HTTP/1.1\r\nHost: a\r\n"),
    CASE("more", "GET / HTTP/1.1\r\nHost: a\r\n\r"),

    CASE("not-http", "\x16\x03\x01"),
    CASE("not-http", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    CASE("not-http", " GET / HTTP/1.1\r\n"),
    CASE("not-http", "\0"),
    CASE("bare-line-feed", "GET / HTTP/1.1\nHost: a\n\n"),
    CASE("bare-line-feed", "GET / HTTP/1.1\r\nHost: a\n\r\n"),
    CASE("bare-line-feed", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
    CASE("control-character", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
    HEAD("control-character", "X: a\0b\r\n"),
    HEAD("control-character", "X\0Y: b\r\n"),
    HEAD("control-character", "X: a\rY: b\r\n"),
    HEAD("control-character", "X: a\r\r\n"),
    HEAD("control-character", "X: \x7f\r\n"),
    HEAD("control-character", "X: \x0b\r\n"),
    LINE("request-line", "GET /"),
    LINE("request-line", "GET"),
    LINE("request-line", "GET  / HTTP/1.1"),
    LINE("request-line", "GET /  HTTP/1.1"),
    LINE("request-line", "GET\t/ HTTP/1.1"),
    LINE("request-line", "GET / HTTP/1.1 "),
    LINE("request-line", "GET /a b HTTP/1.1"),
    LINE("request-line", "GET / http/1.1"),
    LINE("request-line", "GET / HTTP/11"),
    LINE("request-line", "GET / HTTP/1.10"),
    LINE("request-line", "GET / HTP/1.1"),
    LINE("request-line", "G(T / HTTP/1.1"),
    LINE("method", "get / HTTP/1.1"),
    LINE("method", "CONNECT a:1 HTTP/1.1"),
    LINE("method", "TRACE / HTTP/1.1"),
    LINE("target-form", "GET http://a/ HTTP/1.1"),
    LINE("target-form", "GET * HTTP/1.1"),
    LINE("target-form", "GET a HTTP/1.1"),
    LINE("target-form", "GET ?a HTTP/1.1"),
    LINE("target-character", "GET /a#b HTTP/1.1"),
    LINE("target-character", "GET /\"<>\\^`{|} HTTP/1.1"),
    LINE("target-character", "GET /\xe4\xb8\xad HTTP/1.1"),
    LINE("target-character", "GET /% HTTP/1.1"),
    LINE("target-character", "GET /%2 HTTP/1.1"),
    LINE("target-character", "GET /%2g HTTP/1.1"),
    LINE("version", "GET / HTTP/1.7"),
    LINE("version", "GET / HTTP/0.9"),
    LINE("version", "GET / HTTP/3.0"),
    CASE("version", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    HEAD("folded-header", " b\r\n"),
    HEAD("folded-header", "X: a\r\n\tb\r\n"),
    HEAD("folded-header", "X: a\r\n Content-Length: 5\r\n"),
    HEAD("header-name", "Content-Length : 5\r\n"),
    HEAD("header-name", "Content-Length\t: 5\r\n"),
    HEAD("header-name", "X Y: 5\r\n"),
    HEAD("header-name", ": 5\r\n"),
    HEAD("header-name", "X\r\n"),
    HEAD("header-name", "X(Y): 1\r\n"),
    HEAD("header-name", "\xc3\xa4: 1\r\n"),
    HEAD("header-twice", "Host: a\r\n"),
    HEAD("header-twice", "hOST: b\r\n"),
    HEAD("header-twice", "Content-Length: 5\r\nContent-Length: 5\r\n"),
    HEAD("header-twice", "Content-Length: 5\r\ncontent-length: 6\r\n"),
    HEAD("header-twice", "Expect: 100-continue\r\nExpect: 100-continue\r\n"),
    HEAD("header-twice", "Content-Type: a/b\r\nContent-Type: a/c\r\n"),
    CASE("no-host", "GET / HTTP/1.1\r\n\r\n"),
    CASE("host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    CASE("host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    CASE("host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    CASE("host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    HEAD("content-length", "Content-Length:\r\n"),
    HEAD("content-length", "Content-Length: +5\r\n"),
    HEAD("content-length", "Content-Length: -5\r\n"),
    HEAD("content-length", "Content-Length: 5, 5\r\n"),
    HEAD("content-length", "Content-Length: 05\r\n"),
    HEAD("content-length", "Content-Length: 0x5\r\n"),
    HEAD("content-length", "Content-Length: 5 5\r\n"),
    HEAD("content-length", "Content-Length: 9223372036854775808\r\n"),
    HEAD("content-length", "Content-Length: 99999999999999999999999999\r\n"),
    HEAD("transfer-encoding", "Transfer-Encoding: chunked\r\n"),
    HEAD("transfer-encoding", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
    HEAD("transfer-encoding", "Transfer-Encoding: identity\r\n"),
    HEAD("transfer-encoding", "transfer-encoding:\r\n"),
    HEAD("expect", "Expect: 200-ok\r\n"),
    HEAD("expect", "Expect:\r\n"),
};

static const char *outcome_of(http_scan_state state, const http_scan *scan)
{
    return state == HTTP_SCAN_MORE ? "more" : http_fault_name(scan->fault);
}

/* A copy of exactly the octets, so that a sanitizer sees a step behind them. */
static http_scan_state scan_whole(const scan_case *row, http_scan *scan)
{
    uint8_t *copy = malloc(row->len + 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, row->octets, row->len);
    *scan = (http_scan){.line_at = 0};
    http_scan_state state = http_scan_next(scan, (auth_bytes){copy, row->len});
    free(copy);
    return state;
}

START_TEST(every_head_has_one_outcome)
{
    const scan_case *row = &cases[_i];
    http_scan whole;
    const char *outcome = outcome_of(scan_whole(row, &whole), &whole);
    ck_assert_msg(strcmp(outcome, row->fault) == 0, "%s instead of %s: %s", outcome, row->fault,
                  row->octets);
    /* An octet at a time ends in the same way, and not later. */
    http_scan scan = {.line_at = 0};
    http_scan_state state = HTTP_SCAN_MORE;
    for (size_t len = 0; len <= row->len && state == HTTP_SCAN_MORE; len++)
        state = http_scan_next(&scan, (auth_bytes){(const uint8_t *)row->octets, len});
    ck_assert_str_eq(outcome_of(state, &scan), row->fault);
    ck_assert_mem_eq(&scan.head, &whole.head, sizeof scan.head);
}

static auth_bytes span(const char *text, http_span at)
{
    return (auth_bytes){(const uint8_t *)text + at.at, at.len};
}

START_TEST(a_head_is_told_in_parts)
{
    static const char text[] = "POST /a?b HTTP/1.1\r\nHost: h:1\r\nX-One:  two three \r\n"
                               "Content-Length: 42\r\nExpect: 100-continue\r\n\r\nbody";
    http_scan scan = {.line_at = 0};
    auth_bytes octets = {(const uint8_t *)text, sizeof text - 1};
    ck_assert_int_eq((int)http_scan_next(&scan, octets), (int)HTTP_SCAN_DONE);
    ck_assert_uint_eq(scan.line_at, sizeof text - 1 - 4);
    ck_assert_int_eq((int)scan.head.method, (int)HTTP_POST);
    assert_bytes(span(text, scan.head.target), auth_bytes_from_text("/a?b"));
    ck_assert_uint_eq(scan.head.header_count, 4);
    assert_bytes(span(text, scan.head.headers[1].name), auth_bytes_from_text("X-One"));
    assert_bytes(span(text, scan.head.headers[1].value), auth_bytes_from_text("two three"));
    ck_assert_uint_eq(scan.head.body_len, 42);
    ck_assert(scan.head.wants_continue && !scan.head.wants_close && !scan.head.is_1_0);
}

static http_fault scan_long(const char *start, const char *fill, size_t fills, const char *end)
{
    size_t size = strlen(start) + fills * strlen(fill) + strlen(end);
    char *text = malloc(size + 1);
    ck_assert_ptr_nonnull(text);
    char *at = stpcpy(text, start);
    for (size_t i = 0; i < fills; i++)
        at = stpcpy(at, fill);
    (void)stpcpy(at, end);
    http_scan scan = {.line_at = 0};
    (void)http_scan_next(&scan, (auth_bytes){(const uint8_t *)text, size});
    free(text);
    return scan.fault;
}

START_TEST(sizes_have_ends)
{
    static const char get[] = "GET /";
    static const char end[] = " HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\n";
    ck_assert_int_eq((int)scan_long(get, "a", HTTP_TARGET_MAX - 1, end), (int)HTTP_FAULT_NONE);
    ck_assert_int_eq((int)scan_long(get, "a", HTTP_TARGET_MAX, end), (int)HTTP_FAULT_TARGET_LONG);
    ck_assert_int_eq((int)scan_long(get, "a", 100000, ""), (int)HTTP_FAULT_TARGET_LONG);
    ck_assert_int_eq((int)scan_long(head, "X: y\r\n", HTTP_HEADERS_MAX - 1, "\r\n"),
                     (int)HTTP_FAULT_NONE);
    ck_assert_int_eq((int)scan_long(head, "X: y\r\n", HTTP_HEADERS_MAX, "\r\n"),
                     (int)HTTP_FAULT_HEADERS_MANY);
    ck_assert_int_eq((int)scan_long(head, "X: y\r\n", 10000, "\r\n"), (int)HTTP_FAULT_HEADERS_MANY);
    ck_assert_int_eq((int)scan_long("GET / HTTP/1.1\r\nHost: a\r\nX: ", "y", 65536, "\r\n\r\n"),
                     (int)HTTP_FAULT_HEAD_LARGE);
    ck_assert_int_eq((int)scan_long("GET / HTTP/1.1\r\nHost: a\r\nX: ", "y", 65536, ""),
                     (int)HTTP_FAULT_HEAD_LARGE);
}

START_TEST(every_octet_in_every_place)
{
    static const char text[] = "GET /ab?c HTTP/1.1\r\nHost: ab\r\nXy: z z\r\n\r\n";
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            uint8_t copy[sizeof text - 1];
            memcpy(copy, text, sizeof copy);
            copy[at] = (uint8_t)octet;
            http_scan scan = {.line_at = 0};
            http_scan_state state = http_scan_next(&scan, (auth_bytes){copy, sizeof copy});
            bool is_control = (octet < 0x20 && octet != '\t') || octet == 0x7f;
            bool is_same = octet == (uint8_t)text[at];
            assert_each(!is_control || is_same || state != HTTP_SCAN_DONE,
                        "octet %u at %zu is taken", octet, at);
        }
    }
}

SUITE("daemon_http_scan", TEST_EACH(every_head_has_one_outcome, sizeof cases / sizeof cases[0]),
      TEST(a_head_is_told_in_parts), TEST(sizes_have_ends), TEST(every_octet_in_every_place))
