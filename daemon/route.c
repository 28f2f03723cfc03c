/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/route.h"
#include "daemon/text.h"

#include <stdio.h>
#include <string.h>

static size_t segment_len(auth_bytes path)
{
    const uint8_t *slash = memchr(path.data, '/', path.len);
    return slash == NULL ? path.len : (size_t)(slash - path.data);
}

static auth_bytes after(auth_bytes text, size_t len)
{
    return (auth_bytes){text.data + len, text.len - len};
}

/* A pattern's segment: "{name}", "{name...}" or a literal. */
typedef struct piece {
    auth_bytes name; /* without braces and dots; the literal itself */
    bool is_open;
    bool is_rest;
} piece;

static piece read_piece(auth_bytes segment)
{
    piece it = {.name = segment};
    if (segment.len < 3 || segment.data[0] != '{')
        return it;
    it.is_open = true;
    it.name = (auth_bytes){segment.data + 1, segment.len - 2};
    if (it.name.len > 3 && memcmp(it.name.data + it.name.len - 3, "...", 3) == 0) {
        it.is_rest = true;
        it.name.len -= 3;
    }
    return it;
}

/*
 * Walks over pattern and path side by side. When name is given, *found becomes the octets of the
 * segment that is called so.
 */
static bool walk(const char *pattern_text, auth_bytes path, const char *name, auth_bytes *found)
{
    auth_bytes pattern = auth_bytes_from_text(pattern_text);
    while (pattern.len > 0 && path.len > 0) {
        if (pattern.data[0] != '/' || path.data[0] != '/')
            return false;
        pattern = after(pattern, 1);
        path = after(path, 1);
        size_t pattern_len = segment_len(pattern);
        piece it = read_piece((auth_bytes){pattern.data, pattern_len});
        auth_bytes segment = {path.data, it.is_rest ? path.len : segment_len(path)};
        if (it.is_open ? segment.len == 0 : !auth_bytes_equal(it.name, segment))
            return false;
        if (name != NULL && it.is_open && daemon_is(it.name, name))
            *found = segment;
        pattern = after(pattern, pattern_len);
        path = after(path, segment.len);
    }
    return pattern.len == 0 && path.len == 0;
}

route_match route_find(const daemon_route *routes, http_method method, auth_bytes path)
{
    route_match match = {NULL, 0};
    /* RFC 9110 9.3.2: HEAD is GET without the content. */
    http_method wanted = method == HTTP_HEAD ? HTTP_GET : method;
    for (; routes != NULL && routes->path != NULL; routes++) {
        if (!walk(routes->path, path, NULL, NULL))
            continue;
        match.methods |= 1U << routes->method;
        if (match.route == NULL && routes->method == wanted)
            match.route = routes;
    }
    return match;
}

bool route_segment(const daemon_route *route, auth_bytes path, const char *name, auth_bytes *out)
{
    auth_bytes found = {NULL, 0};
    if (!walk(route->path, path, name, &found) || found.data == NULL)
        return false;
    *out = found;
    return true;
}

void route_methods(unsigned methods, char *out, size_t size)
{
    unsigned all = methods | 1U << HTTP_OPTIONS;
    if ((methods & 1U << HTTP_GET) != 0)
        all |= 1U << HTTP_HEAD;
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < HTTP_METHOD_COUNT; i++) {
        if ((all & 1U << i) == 0 || used >= size)
            continue;
        int len = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                           http_method_name((http_method)i));
        used += len > 0 ? (size_t)len : 0;
    }
}

static const char *fault_of(const daemon_route *row, const daemon_route *first)
{
    uint32_t roles = row->access & ~(DAEMON_PUBLIC | DAEMON_ANY_PEER);
    if (row->path[0] != '/')
        return "its path does not begin with /";
    if (row->access == 0)
        return "it does not say who may call it";
    if ((row->access & DAEMON_PUBLIC) != 0 && row->access != DAEMON_PUBLIC)
        return "it is public and asks for a peer";
    if ((row->access & DAEMON_ANY_PEER) != 0 && roles != 0)
        return "it is for any peer and asks for a role";
    if (row->handle == NULL)
        return "it has no handler";
    if (row->method == HTTP_HEAD || row->method == HTTP_OPTIONS)
        return "HEAD and OPTIONS are answered without rows of their own";
    if (row->body_max > DAEMON_BODY_MAX)
        return "its body may be larger than any may";
    if (row->body_max == 0 && row->body_type != NULL)
        return "it has a type for a body that it does not take";
    for (const daemon_route *other = first; other < row; other++) {
        if (other->method == row->method && strcmp(other->path, row->path) == 0)
            return "it stands there twice";
    }
    return NULL;
}

auth_status route_check(const daemon_route *routes, auth_error *err)
{
    for (const daemon_route *row = routes; row != NULL && row->path != NULL; row++) {
        const char *fault = fault_of(row, routes);
        if (fault != NULL)
            return auth_error_set(err, AUTH_STATUS_INTERNAL, "route %s %s: %s; mend the table",
                                  http_method_name(row->method), row->path, fault);
    }
    return AUTH_STATUS_OK;
}

static uint8_t hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (uint8_t)(c - '0');
    return (uint8_t)((c | 0x20) - 'a' + 10);
}

auth_status route_decode(auth_bytes text, auth_buf *out, auth_error *err)
{
    size_t before = auth_buf_bytes(out).len;
    uint8_t *room = NULL;
    auth_status status = auth_buf_extend(out, text.len, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        /* The scanner has seen that two digits follow. */
        if (c == '%' && text.len - i > 2) {
            c = (uint8_t)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2]));
            i += 2;
        }
        room[len++] = c;
    }
    auth_buf_truncate(out, before + len);
    if (daemon_is_text((auth_bytes){room, len}))
        return AUTH_STATUS_OK;
    auth_buf_truncate(out, before);
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "the target has control characters or is not UTF-8 once it is decoded "
                          "(RFC 3986 2.5); send text");
}

auth_status route_query(auth_bytes query, const char *name, auth_bytes *out, auth_error *err)
{
    auth_bytes found = {NULL, 0};
    while (query.len > 0) {
        const uint8_t *end = memchr(query.data, '&', query.len);
        size_t len = end == NULL ? query.len : (size_t)(end - query.data);
        const uint8_t *equals = memchr(query.data, '=', len);
        size_t name_len = equals == NULL ? len : (size_t)(equals - query.data);
        if (daemon_is((auth_bytes){query.data, name_len}, name)) {
            if (found.data != NULL)
                return auth_error_set(err, AUTH_STATUS_MALFORMED,
                                      "the parameter %s stands in the query twice; send it once",
                                      name);
            size_t skip = equals == NULL ? len : name_len + 1;
            found = (auth_bytes){query.data + skip, len - skip};
        }
        query = after(query, end == NULL ? len : len + 1);
    }
    if (found.data == NULL)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "the parameter %s is missing in the query; add it", name);
    *out = found;
    return AUTH_STATUS_OK;
}
