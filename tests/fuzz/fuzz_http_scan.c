/* SPDX-License-Identifier: Apache-2.0 */
/* Is there one way only to read a head, wherever it is cut, and does what was read say the same
 * when it is written again and read again? */
#include "daemon/http_scan.h"
#include "daemon/route.h"
#include "fuzz/fuzz.h"

#include <string.h>

static auth_status handle(daemon_request *request, void *context, auth_error *err)
{
    (void)request;
    (void)context;
    (void)err;
    return AUTH_STATUS_OK;
}

static const daemon_route routes[] = {
    {HTTP_GET, "/", DAEMON_PUBLIC, .handle = handle},
    {HTTP_POST, "/a/{b}/c", DAEMON_PUBLIC, .handle = handle},
    {HTTP_GET, "/a/{rest...}", DAEMON_PUBLIC, .handle = handle},
    DAEMON_ROUTE_END,
};

static auth_bytes span(auth_bytes octets, http_span at)
{
    FUZZ_CHECK((size_t)at.at + at.len <= octets.len);
    return (auth_bytes){octets.data + at.at, at.len};
}

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    FUZZ_CHECK(auth_buf_new(max, &buf, NULL) == AUTH_STATUS_OK);
    return buf;
}

static void put(auth_buf *out, const char *text, auth_bytes octets)
{
    FUZZ_CHECK(auth_buf_append(out, octets, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_buf_append(out, auth_bytes_from_text(text), NULL) == AUTH_STATUS_OK);
}

/* The head in the one form that it needs: it must be read, and to the same end. */
static void check_comes_back(const http_scan *scan, auth_bytes octets)
{
    const http_head *head = &scan->head;
    auth_buf *out = new_buf(2 * HTTP_HEAD_MAX);
    put(out, " ", auth_bytes_from_text(http_method_name(head->method)));
    put(out, head->is_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n", span(octets, head->target));
    for (size_t i = 0; i < head->header_count; i++) {
        put(out, ":", span(octets, head->headers[i].name));
        put(out, "\r\n", span(octets, head->headers[i].value));
    }
    put(out, "\r\n", (auth_bytes){NULL, 0});
    http_scan again = {.line_at = 0};
    auth_bytes written = auth_buf_bytes(out);
    FUZZ_CHECK(http_scan_next(&again, written) == HTTP_SCAN_DONE);
    FUZZ_CHECK(again.line_at == written.len && written.len <= scan->line_at);
    FUZZ_CHECK(again.head.body_len == head->body_len && again.head.method == head->method);
    FUZZ_CHECK(again.head.header_count == head->header_count);
    FUZZ_CHECK(again.head.wants_close == head->wants_close);
    FUZZ_CHECK(again.head.wants_continue == head->wants_continue);
    auth_buf_free(out);
}

static void check_target(const http_scan *scan, auth_bytes octets)
{
    auth_bytes target = span(octets, scan->head.target);
    const uint8_t *mark = memchr(target.data, '?', target.len);
    auth_bytes path = {target.data, mark == NULL ? target.len : (size_t)(mark - target.data)};
    auth_buf *decoded = new_buf(target.len);
    auth_bytes part = {NULL, 0};
    route_match match = route_find(routes, scan->head.method, path);
    if (match.route == &routes[1])
        FUZZ_CHECK(route_segment(match.route, path, "b", &part) && part.len > 0);
    if (match.route == &routes[2])
        FUZZ_CHECK(route_segment(match.route, path, "rest", &part) && part.len > 0);
    if (route_decode(target, decoded, NULL) == AUTH_STATUS_OK)
        FUZZ_CHECK(memchr(auth_buf_bytes(decoded).data, 0, auth_buf_bytes(decoded).len) == NULL);
    if (mark != NULL)
        (void)!route_query((auth_bytes){mark + 1, target.len - path.len - 1}, "a", &part, NULL);
    auth_buf_free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_bytes octets = {data, size};
    http_scan whole = {.line_at = 0};
    http_scan_state state = http_scan_next(&whole, octets);
    http_scan pieces = {.line_at = 0};
    http_scan_state piece = HTTP_SCAN_MORE;
    /* All cuts of a small head, some of a large one. */
    size_t step = 1 + size / 512;
    for (size_t len = 0; piece == HTTP_SCAN_MORE && len < size; len += step)
        piece = http_scan_next(&pieces, (auth_bytes){data, len});
    if (piece == HTTP_SCAN_MORE)
        piece = http_scan_next(&pieces, octets);
    FUZZ_CHECK(piece == state);
    if (state != HTTP_SCAN_DONE)
        return 0;
    FUZZ_CHECK(memcmp(&pieces.head, &whole.head, sizeof whole.head) == 0);
    FUZZ_CHECK(whole.line_at <= size && whole.line_at <= HTTP_HEAD_MAX);
    FUZZ_CHECK(memcmp(data + whole.line_at - 4, "\r\n\r\n", 4) == 0);
    FUZZ_CHECK(memchr(data, 0, whole.line_at) == NULL);
    check_comes_back(&whole, octets);
    check_target(&whole, octets);
    return 0;
}
