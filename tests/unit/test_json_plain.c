/* SPDX-License-Identifier: Apache-2.0 */
/* Is what programs write read without jansson's lexer, as that would, and all else left to it? */
#include "harness/harness.h"
#include "json/plain.h"

#include <string.h>

static const char *const plain[] = {
    "{}",
    " [\r\n\t] ",
    "[true,false,null]",
    "[0,1,10,999999999999999999]",
    "{\"payload\":\"eyJ\",\"signatures\":[{\"protected\":\"e30\",\"signature\":\"AA\"}]}",
    "{ \"alg\" : \"ES256\" , \"iat\" : 1700000000 }",
    "{\"\":{\"a\":[[],{}]}}",
    "[\"\",\"\x7f\",\"\xe5\xbc\xa0\xe4\xb8\x89\"]",
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
};

static const char *const unusual[] = {
    "",
    " ",
    "1",
    "\"a\"",
    "[\"\\n\"]",
    "[-1]",
    "[1.0]",
    "[1e1]",
    "[01]",
    "[1000000000000000000]",
    "{\"a\":1,\"a\":2}",
    "{\"\xc3\xa4\":1}",
    "[\"\xff\"]",
    "[\"\x1f\"]",
    "[\"a",
    "[1,]",
    "[1 2]",
    "{\"a\":1,}",
    "{\"a\"}",
    "{a:1}",
    "[tru]",
    "[}",
    "{]",
    "[]]",
    "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",
};

START_TEST(what_is_usual_is_read_as_jansson_reads_it)
{
    json_t *made = NULL;
    ck_assert_int_eq(json_plain_read(auth_bytes_from_text(plain[_i]), &made), JSON_PLAIN_READ);
    json_t *expected = json_loads(plain[_i], JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(expected);
    ck_assert_int_eq(json_equal(made, expected), 1);
    json_decref(expected);
    json_decref(made);
}
END_TEST

START_TEST(what_is_unusual_is_left_to_jansson)
{
    json_t *made = NULL;
    ck_assert_int_eq(json_plain_read(auth_bytes_from_text(unusual[_i]), &made), JSON_PLAIN_UNUSUAL);
    ck_assert_ptr_null(made);
}
END_TEST

/* Texts that end in any place leave nothing behind (the sanitizers watch). */
START_TEST(no_beginning_is_read)
{
    size_t last = strlen(plain[_i]) - 1;
    while (plain[_i][last] != ']' && plain[_i][last] != '}')
        last--;
    for (size_t len = 0; len <= last; len++) {
        json_t *made = NULL;
        auth_bytes text = {(const uint8_t *)plain[_i], len};
        assert_each(json_plain_read(text, &made) == JSON_PLAIN_UNUSUAL, "%zu octets are read", len);
    }
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("json_plain", TEST_EACH(what_is_usual_is_read_as_jansson_reads_it, COUNT(plain)),
      TEST_EACH(what_is_unusual_is_left_to_jansson, COUNT(unusual)),
      TEST_EACH(no_beginning_is_read, COUNT(plain)))
