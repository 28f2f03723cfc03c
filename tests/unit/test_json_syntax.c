/* SPDX-License-Identifier: Apache-2.0 */
/* Is every text JSON that RFC 8259 says is one, with the strings it means, and no other? */
#include "harness/harness.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

static const json_rules rules = {
    .subject = "text",
    .guide = "-",
    .size_max = 1000000,
    .depth_max = 4,
    .value_max = 100,
    .text_max = 100000,
};

typedef struct holder {
    json_object_head head;
    auth_bytes s;
} holder;

static const json_member members[] = {
    JSON_MEMBER_TEXT(holder, s, "s", true),
    JSON_MEMBER_END,
};

/* Texts with a NUL inside are given by their length. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static const auth_bytes good[] = {
    TEXT("{}"),
    TEXT("[]"),
    TEXT(" \t\r\n[ ] \n"),
    TEXT("[true,false,null]"),
    TEXT("[0,-0,1,-1,10,0.0,-0.5,1e1,1E+10,1.25e-3,0e0]"),
    TEXT("{\"\":{\"\":[{}]}}"),
    TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    TEXT("[\"\\uD834\\udd1e\"]"),
    TEXT("[\"\x7f\"]"),
    TEXT("[\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""
         "]"),
};

static const auth_bytes bad[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("1"),
    TEXT("null"),
    TEXT("["),
    TEXT("]"),
    TEXT("[}"),
    TEXT("{]"),
    TEXT("[1"),
    TEXT("[1,"),
    TEXT("[,1]"),
    TEXT("[1,]"),
    TEXT("[1,,2]"),
    TEXT("[1 2]"),
    TEXT("[1]]"),
    TEXT("[]x"),
    TEXT("[]\0"),
    TEXT("[1\0]"),
    TEXT("[1\0,2]"),
    TEXT("[\v1]"),
    TEXT("[\xc2\xa0]"),
    TEXT("{\"a\"}"),
    TEXT("{\"a\":}"),
    TEXT("{\"a\",1}"),
    TEXT("{\"a\":1,}"),
    TEXT("{a:1}"),
    TEXT("{1:1}"),
    TEXT("{\"a\" 1}"),
    TEXT("{\"a\":1 \"b\":2}"),
    TEXT("['a']"),
    TEXT("[tru]"),
    TEXT("[truee]"),
    TEXT("[True]"),
    TEXT("[nul"),
    TEXT("[NaN]"),
    TEXT("[Infinity]"),
    TEXT("[01]"),
    TEXT("[-]"),
    TEXT("[-01]"),
    TEXT("[+1]"),
    TEXT("[.5]"),
    TEXT("[1.]"),
    TEXT("[1.e1]"),
    TEXT("[1e]"),
    TEXT("[1e+]"),
    TEXT("[0x1]"),
    TEXT("[1_0]"),
    TEXT("// c\n[]"),
    TEXT("[/**/]"),
    TEXT("[\"]"),
    TEXT("[\"\\\"]"),
    TEXT("[\"\\"),
    TEXT("[\"\\u"),
    TEXT("[\"\\u123"),
    TEXT("[\"\\a\"]"),
    TEXT("[\"\\u12g4\"]"),
    TEXT("[\"\\U0041\"]"),
    TEXT("[\"\\u0000\"]"),
    TEXT("[\"\\ud800\"]"),
    TEXT("[\"\\ud800\\\"]"),
    TEXT("[\"\\ud800x\"]"),
    TEXT("[\"\\ud800\\u0041\"]"),
    TEXT("[\"\\ud800\\ud800\"]"),
    TEXT("[\"\\udc00\"]"),
    TEXT("[\"\\udfff\\ud800\"]"),
    TEXT("[\"\n\"]"),
    TEXT("[\"\t\"]"),
    TEXT("[\"\x1f\"]"),
    TEXT("[\"a\0b\"]"),
    TEXT("[\"\\\0\"]"),
    TEXT("[\"\x80\"]"),
    TEXT("[\"\xc1\xbf\"]"),
    TEXT("[\"\xc2\"]"),
    TEXT("[\"\xc2\x41\"]"),
    TEXT("[\"\xe0\x9f\xbf\"]"),
    TEXT("[\"\xe2\x82\"]"),
    TEXT("[\"\xe2\x82\xc0\"]"),
    TEXT("[\"\xed\xa0\x80\"]"),
    TEXT("[\"\xf0\x8f\xbf\xbf\"]"),
    TEXT("[\"\xf4\x90\x80\x80\"]"),
    TEXT("[\"\xf5\x80\x80\x80\"]"),
    TEXT("[\"\xf0\x90\x80"),
};

static auth_status attempt(auth_bytes text, auth_error *err)
{
    json_document *document = NULL;
    auth_status status = json_open(text, &rules, &document, err);
    json_close(document);
    return status;
}

START_TEST(what_is_json_is_read)
{
    auth_error err;
    assert_ok(attempt(good[_i], &err), &err);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
    auth_error err;
    assert_fails(attempt(bad[_i], &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_msg(strstr(err.text, "text: line ") == err.text, "%s", err.text);
}
END_TEST

/* No text without its last bracket is one, and none is read past its end (the sanitizers watch). */
START_TEST(no_beginning_of_a_text_is_one)
{
    auth_error err;
    size_t last = good[_i].len - 1;
    while (good[_i].data[last] != ']' && good[_i].data[last] != '}')
        last--;
    for (size_t len = 0; len <= last; len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, good[_i].data, len);
        assert_each(attempt((auth_bytes){copy, len}, &err) == AUTH_STATUS_MALFORMED,
                    "%zu octets are read", len);
        free(copy);
    }
}
END_TEST

static const struct {
    const char *text;
    auth_bytes meaning;
} strings[] = {
    {"a", TEXT("a")},
    {"\\\"\\\\\\/\\b\\f\\n\\r\\t", TEXT("\"\\/\b\f\n\r\t")},
    {"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00", TEXT("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
    {"\\u007f\\u0080\\u07ff\\u0800\\uffff\\ud800\\udc00\\udbff\\udfff",
     TEXT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
    {"\\n\xe4\xb8\xad\\n\xe6\x96\x87 and plain octets that are more than one block of them \\n",
     TEXT("\n\xe4\xb8\xad\n\xe6\x96\x87 and plain octets that are more than one block of them \n")},
    {"\\\\\\\"x", TEXT("\\\"x")},
};

START_TEST(a_string_means_what_it_says)
{
    auth_error err;
    json_document *document = NULL;
    holder out = {.head = {false}};
    char text[256];
    (void)stpcpy(stpcpy(stpcpy(text, "{\"s\":\""), strings[_i].text), "\"}");
    assert_ok(json_open(auth_bytes_from_text(text), &rules, &document, &err), &err);
    /* Decoding changes nothing. */
    for (int i = 0; i < 2; i++) {
        assert_ok(json_decode(document, members, &out, &err), &err);
        assert_bytes(out.s, strings[_i].meaning);
        ck_assert_uint_eq(out.s.data[out.s.len], 0);
    }
    json_close(document);
}
END_TEST

/* A fault at every place of a block is found. */
START_TEST(a_long_string_is_looked_at_whole)
{
    auth_error err;
    char text[200];
    for (size_t at = 2; at < 102; at++) {
        memset(text, 'x', sizeof text);
        memcpy(text, "[\"", 2);
        memcpy(text + 102, "\"]", 2);
        assert_each(attempt((auth_bytes){(uint8_t *)text, 104}, &err) == AUTH_STATUS_OK, "%s",
                    err.text);
        text[at] = 0x1f;
        assert_each(attempt((auth_bytes){(uint8_t *)text, 104}, &err) == AUTH_STATUS_MALFORMED,
                    "a control character at %zu", at);
        text[at] = (char)0x80;
        assert_each(attempt((auth_bytes){(uint8_t *)text, 104}, &err) == AUTH_STATUS_MALFORMED,
                    "no UTF-8 at %zu", at);
    }
}
END_TEST

START_TEST(an_error_names_line_and_column)
{
    auth_error err;
    assert_fails(attempt(BYTES("{\n \"a\": 1,\n  \"b\": x}"), &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "text: line 3, column "));
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("json_syntax", TEST_EACH(what_is_json_is_read, COUNT(good)),
      TEST_EACH(what_is_no_json_is_refused, COUNT(bad)),
      TEST_EACH(no_beginning_of_a_text_is_one, COUNT(good)),
      TEST_EACH(a_string_means_what_it_says, COUNT(strings)),
      TEST(a_long_string_is_looked_at_whole), TEST(an_error_names_line_and_column))
