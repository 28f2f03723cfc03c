/* SPDX-License-Identifier: Apache-2.0 */
/* Does each path find its route and no other, and is a target decoded once and strictly? */
#include "daemon/route.h"
#include "harness/harness.h"

#include <string.h>

static auth_status handle(daemon_request *request, void *context, auth_error *err)
{
    (void)request;
    (void)context;
    (void)err;
    return AUTH_STATUS_OK;
}

/* clang-format off */
static const daemon_route table[] = {
    {HTTP_GET, "/", DAEMON_PUBLIC, .handle = handle},
    {HTTP_GET, "/requests", DAEMON_ANY_PEER, .handle = handle},
    {HTTP_POST, "/requests", 1, .body_max = 1, .handle = handle},
    {HTTP_GET, "/requests/new", 1, .handle = handle},
    {HTTP_GET, "/requests/{id}", 1, .handle = handle},
    {HTTP_DELETE, "/requests/{id}/notes/{note}", 1, .handle = handle},
    {HTTP_GET, "/files/{path...}", DAEMON_PUBLIC, .handle = handle},
    DAEMON_ROUTE_END,
};
/* clang-format on */

typedef struct find_case {
    http_method method;
    const char *path;
    int row; /* -1: none */
    const char *allow;
} find_case;

static const find_case finds[] = {
    {HTTP_GET, "/", 0, "GET, HEAD, OPTIONS"},
    {HTTP_HEAD, "/", 0, "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/requests", 1, "GET, HEAD, POST, OPTIONS"},
    {HTTP_POST, "/requests", 2, "GET, HEAD, POST, OPTIONS"},
    {HTTP_PUT, "/requests", -1, "GET, HEAD, POST, OPTIONS"},
    {HTTP_GET, "/requests/new", 3, "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/requests/x", 4, "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/requests/%2F", 4, "GET, HEAD, OPTIONS"},
    {HTTP_DELETE, "/requests/1/notes/2", 5, "DELETE, OPTIONS"},
    {HTTP_GET, "/requests/1/notes/2", -1, "DELETE, OPTIONS"},
    {HTTP_GET, "/requests/", -1, NULL},
    {HTTP_GET, "/requests//notes/2", -1, NULL},
    {HTTP_GET, "/requests/1/", -1, NULL},
    {HTTP_GET, "/Requests", -1, NULL},
    {HTTP_GET, "//requests", -1, NULL},
    {HTTP_GET, "/request", -1, NULL},
    {HTTP_GET, "/requestss", -1, NULL},
    {HTTP_GET, "/files/a/b//c", 6, "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/files//", 6, "GET, HEAD, OPTIONS"},
    {HTTP_GET, "/files/", -1, NULL},
    {HTTP_GET, "/files", -1, NULL},
};

START_TEST(a_path_finds_its_row)
{
    const find_case *row = &finds[_i];
    route_match match = route_find(table, row->method, auth_bytes_from_text(row->path));
    const daemon_route *expected = row->row < 0 ? NULL : &table[row->row];
    ck_assert_ptr_eq(match.route, expected);
    ck_assert_int_eq(match.methods == 0, row->allow == NULL);
    char allow[96];
    route_methods(match.methods, allow, sizeof allow);
    if (row->allow != NULL)
        ck_assert_str_eq(allow, row->allow);
}

START_TEST(segments_are_found_by_name)
{
    auth_bytes out = {NULL, 0};
    auth_bytes path = auth_bytes_from_text("/requests/17/notes/a%20b");
    ck_assert(route_segment(&table[5], path, "note", &out));
    assert_bytes(out, auth_bytes_from_text("a%20b"));
    ck_assert(route_segment(&table[5], path, "id", &out));
    assert_bytes(out, auth_bytes_from_text("17"));
    ck_assert(!route_segment(&table[5], path, "requests", &out));
    ck_assert(route_segment(&table[6], auth_bytes_from_text("/files/a//b/"), "path", &out));
    assert_bytes(out, auth_bytes_from_text("a//b/"));
}

typedef struct decode_case {
    const char *text;
    const char *out; /* NULL: refused */
} decode_case;

static const decode_case decodes[] = {
    {"", ""},
    {"abc", "abc"},
    {"a%20b+c", "a b+c"},
    {"%2525", "%25"},
    {"%E4%b8%AD", "\xe4\xb8\xad"},
    {"%2f%2F", "//"},
    {"%00", NULL},
    {"%0a", NULL},
    {"%1b", NULL},
    {"%7f", NULL},
    {"%ff", NULL},
    {"%c0%80", NULL},
    {"%ed%a0%80", NULL},
    {"%f4%90%80%80", NULL},
    {"%c2%85", NULL},
};

START_TEST(a_target_is_decoded_once)
{
    const decode_case *row = &decodes[_i];
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_error err;
    assert_ok(auth_buf_new(64, &out, &err), &err);
    assert_ok(auth_buf_append(out, auth_bytes_from_text("x"), &err), &err);
    auth_bytes text = auth_bytes_from_text(row->text);
    if (row->out == NULL) {
        assert_fails(route_decode(text, out, &err), AUTH_STATUS_MALFORMED, &err);
        assert_bytes(auth_buf_bytes(out), auth_bytes_from_text("x"));
        return;
    }
    assert_ok(route_decode(text, out, &err), &err);
    auth_bytes whole = auth_buf_bytes(out);
    assert_bytes(((auth_bytes){whole.data + 1, whole.len - 1}), auth_bytes_from_text(row->out));
}

START_TEST(a_query_has_each_name_once)
{
    auth_bytes out = {NULL, 0};
    auth_error err;
    auth_bytes query = auth_bytes_from_text("a=1&b=&c&bb=2&d=3=4&e=1&e=2");
    assert_ok(route_query(query, "a", &out, &err), &err);
    assert_bytes(out, auth_bytes_from_text("1"));
    assert_ok(route_query(query, "b", &out, &err), &err);
    ck_assert_uint_eq(out.len, 0);
    assert_ok(route_query(query, "c", &out, &err), &err);
    ck_assert_uint_eq(out.len, 0);
    assert_ok(route_query(query, "d", &out, &err), &err);
    assert_bytes(out, auth_bytes_from_text("3=4"));
    assert_fails(route_query(query, "e", &out, &err), AUTH_STATUS_MALFORMED, &err);
    assert_fails(route_query(query, "f", &out, &err), AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(route_query((auth_bytes){NULL, 0}, "a", &out, &err), AUTH_STATUS_NOT_FOUND, &err);
}

/* clang-format off */
static const daemon_route wrong_rows[] = {
    {HTTP_GET, "/a", 0, .handle = handle},
    {HTTP_GET, "a", DAEMON_PUBLIC, .handle = handle},
    {HTTP_GET, "/a", DAEMON_PUBLIC, .handle = NULL},
    {HTTP_HEAD, "/a", DAEMON_PUBLIC, .handle = handle},
    {HTTP_OPTIONS, "/a", DAEMON_PUBLIC, .handle = handle},
    {HTTP_GET, "/a", DAEMON_PUBLIC | 1, .handle = handle},
    {HTTP_GET, "/a", DAEMON_ANY_PEER | 1, .handle = handle},
    {HTTP_POST, "/a", DAEMON_PUBLIC, .body_max = DAEMON_BODY_MAX + 1, .handle = handle},
    {HTTP_POST, "/a", DAEMON_PUBLIC, .body_type = "a/b", .handle = handle},
};
/* clang-format on */

START_TEST(a_row_that_leaves_something_open_is_refused)
{
    daemon_route rows[] = {wrong_rows[_i], DAEMON_ROUTE_END};
    auth_error err;
    assert_fails(route_check(rows, &err), AUTH_STATUS_INTERNAL, &err);
    assert_ok(route_check(table, &err), &err);
    daemon_route twice[] = {table[0], table[1], table[0], DAEMON_ROUTE_END};
    assert_fails(route_check(twice, &err), AUTH_STATUS_INTERNAL, &err);
}

SUITE("daemon_route", TEST_EACH(a_path_finds_its_row, sizeof finds / sizeof finds[0]),
      TEST(segments_are_found_by_name),
      TEST_EACH(a_target_is_decoded_once, sizeof decodes / sizeof decodes[0]),
      TEST(a_query_has_each_name_once),
      TEST_EACH(a_row_that_leaves_something_open_is_refused,
                sizeof wrong_rows / sizeof wrong_rows[0]))
