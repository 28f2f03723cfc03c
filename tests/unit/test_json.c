/* SPDX-License-Identifier: Apache-2.0 */
/* Does a table of members take just what it lists, within its bounds, and tell nothing it read? */
#include "harness/harness.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

typedef struct point {
    json_object_head head;
    json_number x;
    auth_bytes label;
} point;

typedef struct drawing {
    json_object_head head;
    auth_bytes title;
    json_texts tags;
    json_flag is_open;
    json_rows points;
    json_array_head corner_list;
    point corners[2];
} drawing;

static const json_member point_members[] = {
    JSON_MEMBER_NUMBER(point, x, "x", true),
    JSON_MEMBER_TEXT(point, label, "label", false),
    JSON_MEMBER_END,
};

static const json_member drawing_members[] = {
    JSON_MEMBER_LONG_TEXT(drawing, title, "title", 20, true),
    JSON_MEMBER_LONG_TEXTS(drawing, tags, "tags", 2, 3, false),
    JSON_MEMBER_FLAG(drawing, is_open, "open", false),
    JSON_MEMBER_ROWS(drawing, points, "points", point, point_members, 1000, false),
    JSON_MEMBER_OBJECTS(drawing, corner_list, corners, "corners", point_members, false),
    JSON_MEMBER_REFUSED("scale", "no drawing has a scale; remove it"),
    JSON_MEMBER_END,
};

static const json_rules rules = {
    .subject = "drawing",
    .guide = "the guide",
    .size_max = 20000,
    .depth_max = 3,
    .value_max = 2100,
    .text_max = 4,
};

static auth_status read_drawing(auth_bytes text, json_document **document, drawing *out,
                                auth_error *err)
{
    auth_status status = json_open(text, &rules, document, err);
    return status == AUTH_STATUS_OK ? json_decode(*document, drawing_members, out, err) : status;
}

/* Reads a text that is refused. */
static auth_status attempt_text(auth_bytes text, auth_error *err)
{
    json_document *document = NULL;
    drawing read = {.head = {false}};
    auth_status status = read_drawing(text, &document, &read, err);
    json_close(document);
    return status;
}

START_TEST(what_a_table_lists_is_read)
{
    auth_error err;
    json_document *document = NULL;
    drawing read = {.head = {false}};
    auth_bytes text =
        BYTES(" {\"points\":[{\"x\":0},{\"label\":\"b\\u00e9\",\"x\":9007199254740992}],"
              "\"corners\":[{\"x\":7}],\"open\":false,\"tags\":[\"a\",\"bcd\"],\n"
              "\"title\":\"twenty octets it has\"}\n");
    assert_ok(read_drawing(text, &document, &read, &err), &err);
    const point *points = read.points.rows;
    ck_assert(read.head.is_set && read.points.is_set && read.is_open.is_set);
    ck_assert(!read.is_open.value);
    ck_assert_uint_eq(read.points.count, 2);
    ck_assert_uint_eq(points[0].x.value, 0);
    ck_assert_ptr_null(points[0].label.data);
    ck_assert_uint_eq(points[1].x.value, (uint64_t)1 << 53);
    assert_bytes(points[1].label, BYTES("b\xc3\xa9"));
    ck_assert_uint_eq(read.corner_list.count, 1);
    ck_assert_uint_eq(read.corners[0].x.value, 7);
    ck_assert_uint_eq(read.tags.count, 2);
    assert_bytes(read.tags.rows[1], BYTES("bcd"));
    ck_assert_int_eq(read.tags.rows[1].data[3], 0);
    assert_bytes(read.title, BYTES("twenty octets it has"));
    json_close(document);
}
END_TEST

#define MEMBER(text) "{\"title\":\"t\"," text "}"

static const struct {
    const char *text;
    auth_status status;
    const char *says;
} refused[] = {
    {"", AUTH_STATUS_MALFORMED, "drawing: line 1"},
    {"{", AUTH_STATUS_MALFORMED, "drawing: line 1"},
    {"{} {}", AUTH_STATUS_MALFORMED, "end of file expected"},
    {"\"title\"", AUTH_STATUS_MALFORMED, "RFC 8259"},
    {"\xef\xbb\xbf{\"title\":\"t\"}", AUTH_STATUS_MALFORMED, "RFC 8259"},
    {MEMBER("\"title\":\"u\""), AUTH_STATUS_MALFORMED, "duplicate object key"},
    {MEMBER("\"t\\u0069tle\":\"u\""), AUTH_STATUS_MALFORMED, "duplicate object key"},
    {MEMBER("\"tags\":[\"a\\u0000\"]"), AUTH_STATUS_MALFORMED, "\\u0000"},
    {MEMBER("\"tags\":[\"\xff\"]"), AUTH_STATUS_MALFORMED, "unable to decode"},
    {MEMBER("\"tags\":[\"\xc0\x80\"]"), AUTH_STATUS_MALFORMED, "unable to decode"},
    {MEMBER("\"tags\":[\"\xed\xa0\x80\"]"), AUTH_STATUS_MALFORMED, "unable to decode"},
    {MEMBER("\"tags\":[\"\\ud800\"]"), AUTH_STATUS_MALFORMED, "Unicode"},
    {MEMBER("\"corners\":[{\"x\":1e400}]"), AUTH_STATUS_MALFORMED, "real number overflow"},
    {MEMBER("\"corners\":[{\"x\":9223372036854775808}]"), AUTH_STATUS_MALFORMED, "integer"},
    {"[]", AUTH_STATUS_INVALID, "drawing: $: not an object"},
    {"{}", AUTH_STATUS_INVALID, "drawing: $.title: missing; add it (the guide)"},
    {"{\"title\":1}", AUTH_STATUS_INVALID, "$.title: not a string"},
    {"{\"title\":\"\"}", AUTH_STATUS_INVALID, "$.title: a string has 1 to 20 octets"},
    {"{\"title\":\"twenty-one octets are\"}", AUTH_STATUS_INVALID, "$.title: a string has 1 to 20"},
    {MEMBER("\"tags\":[]"), AUTH_STATUS_INVALID, "$.tags: an array has 1 to 2 elements"},
    {MEMBER("\"tags\":[\"a\",\"b\",\"c\"]"), AUTH_STATUS_INVALID, "$.tags: an array has 1 to 2"},
    {MEMBER("\"tags\":[\"a\",\"bcde\"]"), AUTH_STATUS_INVALID, "$.tags[1]: a string has 1 to 3"},
    {MEMBER("\"tags\":\"a\""), AUTH_STATUS_INVALID, "$.tags: not an array"},
    {MEMBER("\"open\":null"), AUTH_STATUS_INVALID, "$.open: not a boolean"},
    {MEMBER("\"scale\":1"), AUTH_STATUS_INVALID, "$.scale: no drawing has a scale"},
    {MEMBER("\"colour\":1"), AUTH_STATUS_INVALID, "$.colour: no such member"},
    {MEMBER("\"points\":[]"), AUTH_STATUS_INVALID, "$.points: an array has 1 to 1000"},
    {MEMBER("\"points\":{}"), AUTH_STATUS_INVALID, "$.points: not an array"},
    {MEMBER("\"points\":[{\"x\":1},{}]"), AUTH_STATUS_INVALID, "$.points[1].x: missing"},
    {MEMBER("\"points\":[{\"x\":1,\"label\":\"abcde\"}]"), AUTH_STATUS_INVALID,
     "$.points[0].label: a string has 1 to 4"},
    {MEMBER("\"corners\":[{\"x\":1},{\"x\":1},{\"x\":1}]"), AUTH_STATUS_INVALID,
     "$.corners: an array has 1 to 2"},
    {MEMBER("\"corners\":[{\"x\":1.0}]"), AUTH_STATUS_INVALID,
     "$.corners[0].x: not a whole number"},
    {MEMBER("\"corners\":[{\"x\":-1}]"), AUTH_STATUS_INVALID, "$.corners[0].x: not a whole number"},
    {MEMBER("\"corners\":[{\"x\":9007199254740993}]"), AUTH_STATUS_INVALID, "$.corners[0].x: not"},
    {MEMBER("\"corners\":[{\"x\":[[1]]}]"), AUTH_STATUS_LIMIT, "nested deeper than 3"},
    {"[[[[", AUTH_STATUS_LIMIT, "nested deeper than 3"},
    {"[\"\\\\\",[[[", AUTH_STATUS_LIMIT, "nested deeper than 3"},
    {"[\"\\\"[[[[\",1]", AUTH_STATUS_INVALID, "$: not an object"},
    {"[\"[[[[", AUTH_STATUS_MALFORMED, "drawing: line 1"},
};

START_TEST(anything_else_is_refused_with_its_place)
{
    auth_error err;
    assert_fails(attempt_text(auth_bytes_from_text(refused[_i].text), &err), refused[_i].status,
                 &err);
    ck_assert_msg(strstr(err.text, refused[_i].says) != NULL, "%s", err.text);
}
END_TEST

static char *repeat(const char *head, const char *part, size_t count, const char *tail)
{
    size_t part_len = strlen(part);
    char *text = malloc(strlen(head) + count * part_len + strlen(tail) + 1);
    ck_assert_ptr_nonnull(text);
    char *end = stpcpy(text, head);
    for (size_t i = 0; i < count; i++)
        end = stpcpy(end, part);
    (void)stpcpy(end, tail);
    return text;
}

static auth_status read_repeated(const char *head, const char *part, size_t count, const char *tail,
                                 auth_error *err)
{
    char *text = repeat(head, part, count, tail);
    auth_status status = attempt_text(auth_bytes_from_text(text), err);
    free(text);
    return status;
}

START_TEST(rows_are_bounded_by_the_table_and_by_the_rules)
{
    static const char head[] = "{\"title\":\"t\",\"points\":[{\"x\":1}";
    auth_error err;
    assert_ok(read_repeated(head, ",{\"x\":1}", 999, "]}", &err), &err);
    assert_fails(read_repeated(head, ",{\"x\":1}", 1000, "]}", &err), AUTH_STATUS_INVALID, &err);
    assert_fails(read_repeated("[0", ",0", 2100, "]", &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(read_repeated("[0", ",0", 2099, "]", &err), AUTH_STATUS_INVALID, &err);
    assert_fails(read_repeated("[", " ", 19998, "]", &err), AUTH_STATUS_INVALID, &err);
    assert_fails(read_repeated("[", " ", 19999, "]", &err), AUTH_STATUS_LIMIT, &err);
}
END_TEST

static const char *const telling[] = {
    MEMBER("\"11010519491231002X\":1"),
    MEMBER("11010519491231002X"),
    MEMBER("\"tags\":[\"11010519491231002X\"]"),
    MEMBER("\"open\":\"11010519491231002X\""),
    MEMBER("\"open\":11010519491231002"),
    MEMBER("\"11010519491231002X\":1,\"11010519491231002X\":1"),
    MEMBER("\"tags\":[\"11010519491231002X\\u0000\"]"),
    MEMBER("\"corners\":[{\"x\":110105194912310020000}]"),
};

START_TEST(an_error_shows_nothing_of_what_was_read)
{
    auth_error err;
    ck_assert_int_ne((int)attempt_text(auth_bytes_from_text(telling[_i]), &err), AUTH_STATUS_OK);
    ck_assert_msg(strstr(err.text, "1101") == NULL, "%s", err.text);
}
END_TEST

static auth_status read_all(void *context)
{
    auth_error err;
    return attempt_text(*(const auth_bytes *)context, &err);
}

START_TEST(memory_that_runs_out_is_reported)
{
    auth_bytes text = BYTES(MEMBER("\"points\":[{\"x\":1},{\"x\":2}]"));
    ck_assert_uint_eq(harness_for_each_failure(read_all, &text), 2);
}
END_TEST

SUITE("json", TEST(what_a_table_lists_is_read),
      TEST_EACH(anything_else_is_refused_with_its_place, sizeof refused / sizeof refused[0]),
      TEST(rows_are_bounded_by_the_table_and_by_the_rules),
      TEST_EACH(an_error_shows_nothing_of_what_was_read, sizeof telling / sizeof telling[0]),
      TEST(memory_that_runs_out_is_reported))
