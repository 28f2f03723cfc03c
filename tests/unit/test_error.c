/* SPDX-License-Identifier: Apache-2.0 */
/* Is an error's text always terminated, clean and cut between characters, whatever went into it,
 * and does its context come first? */
#include "harness/harness.h"

#include <string.h>
#include <wchar.h>

#define ROOM (AUTH_ERROR_TEXT_SIZE - 1)

START_TEST(an_error_tells_status_and_text)
{
    auth_error err;
    ck_assert_int_eq((int)auth_error_set(&err, AUTH_STATUS_INVALID, "RFC %d: %s", 5280, "no"),
                     (int)AUTH_STATUS_INVALID);
    ck_assert_int_eq((int)err.status, (int)AUTH_STATUS_INVALID);
    ck_assert_str_eq(err.text, "RFC 5280: no");
}

START_TEST(nobody_needs_to_listen)
{
    ck_assert_int_eq((int)auth_error_set(NULL, AUTH_STATUS_DENIED, "%s", "no"),
                     (int)AUTH_STATUS_DENIED);
    ck_assert_int_eq((int)auth_error_set(NULL, AUTH_STATUS_OK, "%s", "no"),
                     (int)AUTH_STATUS_INTERNAL);
    ck_assert_int_eq((int)auth_error_memory(NULL), (int)AUTH_STATUS_MEMORY);
    auth_error_context(NULL, "line %d", 7);
}

START_TEST(no_error_says_ok)
{
    auth_error err;
    ck_assert_int_eq((int)auth_error_set(&err, AUTH_STATUS_OK, "done"), (int)AUTH_STATUS_INTERNAL);
    ck_assert_int_eq((int)err.status, (int)AUTH_STATUS_INTERNAL);
    ck_assert_str_eq(err.text, "done");
}

START_TEST(memory_that_ran_out_is_said_with_its_remedy)
{
    auth_error err;
    ck_assert_int_eq((int)auth_error_memory(&err), (int)AUTH_STATUS_MEMORY);
    ck_assert_int_eq((int)err.status, (int)AUTH_STATUS_MEMORY);
    ck_assert_ptr_nonnull(strstr(err.text, "memory"));
}

START_TEST(control_characters_are_question_marks)
{
    auth_error err;
    for (int c = 1; c < 256; c++) {
        char text[4] = {'a', (char)c, 'b', '\0'};
        char expected[4] = {'a', c < 0x20 || c >= 0x7f ? '?' : (char)c, 'b', '\0'};
        (void)auth_error_set(&err, AUTH_STATUS_INVALID, "%s", text);
        ck_assert_str_eq(err.text, expected);
        (void)auth_error_set(&err, AUTH_STATUS_INVALID, "x");
        auth_error_context(&err, "%s", text);
        ck_assert_mem_eq(err.text, expected, 3);
        ck_assert_str_eq(err.text + 3, ": x");
    }
}

static const struct masked_row {
    const char *text;
    const char *shown;
} masked_rows[] = {
    {"a\xc2\x80z\xc2\x9f", "a?z?"},           /* C1 */
    {"a\xc2\xa0", "a\xc2\xa0"},               /* the first behind them */
    {"\xd8\x9c", "?"},                        /* U+061C */
    {"\xd8\x9b\xd8\x9d", "\xd8\x9b\xd8\x9d"}, /* its neighbours */
    {"\xe2\x80\x8d\xe2\x80\x90", "\xe2\x80\x8d\xe2\x80\x90"},
    {"\xe2\x80\x8e\xe2\x80\x8f", "??"}, /* U+200E, U+200F */
    {"\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf"},
    {"\xe2\x80\xa8\xe2\x80\xa9", "??"}, /* U+2028, U+2029 */
    {"\xe2\x80\xaa"
     "x\xe2\x80\xae",
     "?x?"}, /* U+202A, U+202E */
    {"\xe2\x81\xa5\xe2\x81\xaa", "\xe2\x81\xa5\xe2\x81\xaa"},
    {"\xe2\x81\xa6\xe2\x81\xa9", "??"}, /* U+2066, U+2069 */
    {"\xc0\x80\xe0\x80\xaf", "?????"},  /* overlong */
    {"\xed\xa0\x80", "???"},            /* a surrogate */
    {"\xf4\x90\x80\x80\xf4\x8f\xbf\xbd", "????\xf4\x8f\xbf\xbd"},
    {"\xe4\xb8", "??"}, /* cut */
    {"\xe4"
     "a\xf0\x9f\x98"
     "b",
     "?a???b"},
    {"中\xff国", "中?国"},
};
#define MASKED_COUNT (sizeof masked_rows / sizeof masked_rows[0])

START_TEST(what_is_no_plain_character_is_a_question_mark)
{
    const struct masked_row *row = &masked_rows[_i];
    auth_error err;
    (void)auth_error_set(&err, AUTH_STATUS_INVALID, "%s", row->text);
    ck_assert_str_eq(err.text, row->shown);
    (void)auth_error_set(&err, AUTH_STATUS_INVALID, "x");
    auth_error_context(&err, "%s", row->text);
    ck_assert_mem_eq(err.text, row->shown, strlen(row->shown));
    ck_assert_str_eq(err.text + strlen(row->shown), ": x");
}

/* Tells whether text is UTF-8 as far as its lead and continuation octets say. */
static bool is_utf8(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0';) {
        int more = *c < 0x80 ? 0 : *c < 0xc0 ? -1 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;
        if (more < 0)
            return false;
        for (c++; more > 0; more--, c++) {
            if ((*c & 0xc0U) != 0x80U)
                return false;
        }
    }
    return true;
}

static const char *const characters[] = {"z", "é", "中", "𠀀"};

/* Writes lead letters and then one character again and again; gives the length of all. */
static size_t fill(char *out, size_t size, size_t lead, const char *character)
{
    size_t len = 0;
    while (len < lead)
        out[len++] = 'z';
    while (len + strlen(character) < size) {
        memcpy(out + len, character, strlen(character));
        len += strlen(character);
    }
    out[len] = '\0';
    return len;
}

START_TEST(a_long_text_is_cut_between_characters)
{
    const char *character = characters[_i];
    for (size_t size = ROOM - 8; size < ROOM + 16; size++) {
        for (size_t lead = 0; lead < 8; lead++) {
            char text[ROOM + 16];
            size_t len = fill(text, size, lead, character);
            auth_error err;
            memset(&err, 0x5a, sizeof err);
            (void)auth_error_set(&err, AUTH_STATUS_INVALID, "%s", text);
            ck_assert_ptr_nonnull(memchr(err.text, '\0', sizeof err.text));
            ck_assert(is_utf8(err.text));
            ck_assert_mem_eq(err.text, text, strlen(err.text));
            if (len <= ROOM)
                ck_assert_uint_eq(strlen(err.text), len);
            else
                ck_assert_uint_ge(strlen(err.text), ROOM - 2 * strlen(character) + 1);
        }
    }
}

START_TEST(octets_that_are_no_characters_end_somewhere)
{
    char text[ROOM + 100];
    auth_error err;
    for (int c = 0x80; c < 0x100; c++) {
        memset(text, c, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        (void)auth_error_set(&err, AUTH_STATUS_INVALID, "%s", text);
        ck_assert_uint_le(strlen(err.text), ROOM);
        auth_error_context(&err, "%s", text);
        ck_assert_uint_le(strlen(err.text), ROOM);
    }
}

START_TEST(context_comes_first)
{
    auth_error err;
    (void)auth_error_set(&err, AUTH_STATUS_INVALID, "no such day");
    auth_error_context(&err, "line %d", 7);
    auth_error_context(&err, "%s", "numbers.txt");
    ck_assert_str_eq(err.text, "numbers.txt: line 7: no such day");
    ck_assert_int_eq((int)err.status, (int)AUTH_STATUS_INVALID);
}

START_TEST(context_stays_whole_when_both_do_not_fit)
{
    char context[ROOM + 1];
    char text[ROOM + 1];
    const char *character = characters[_i];
    for (size_t context_len = ROOM - 40; context_len < ROOM - 2; context_len++) {
        for (size_t lead = 0; lead < 4; lead++) {
            auth_error err;
            memset(context, 'c', context_len);
            context[context_len] = '\0';
            (void)fill(text, sizeof text, lead, character);
            (void)auth_error_set(&err, AUTH_STATUS_INVALID, "%s", text);
            auth_error_context(&err, "%s", context);
            ck_assert_mem_eq(err.text, context, context_len);
            ck_assert_mem_eq(err.text + context_len, ": ", 2);
            const char *rest = err.text + context_len + 2;
            ck_assert(is_utf8(rest));
            ck_assert_mem_eq(rest, text, strlen(rest));
            ck_assert_uint_le(strlen(err.text), ROOM);
            ck_assert_uint_gt(strlen(err.text) + 2 * strlen(character), ROOM);
        }
    }
}

START_TEST(a_context_longer_than_an_error_is_cut)
{
    char context[ROOM + 100];
    for (size_t lead = 0; lead < 4; lead++) {
        auth_error err;
        (void)auth_error_set(&err, AUTH_STATUS_INVALID, "no such day");
        (void)fill(context, sizeof context, lead, characters[_i]);
        auth_error_context(&err, "%s", context);
        ck_assert_uint_le(strlen(err.text), ROOM);
        ck_assert(is_utf8(err.text));
        size_t kept = strlen(err.text);
        ck_assert_uint_gt(kept, ROOM - 12);
        ck_assert_ptr_nonnull(strstr(err.text + kept - 12, ": "));
    }
}

START_TEST(what_cannot_be_formatted_leaves_a_clean_text)
{
    /* The C locale has no character for this one, so the formatting fails (ISO C 7.24.6.3.3). */
    static const wchar_t no_text[] = {0x4e2d, 0};
    auth_error err;
    memset(&err, 0x5a, sizeof err);
    ck_assert_int_eq((int)auth_error_set(&err, AUTH_STATUS_INVALID, "%ls", no_text),
                     (int)AUTH_STATUS_INVALID);
    ck_assert_str_eq(err.text, "");
    (void)auth_error_set(&err, AUTH_STATUS_INVALID, "no such day");
    auth_error_context(&err, "%ls", no_text);
    ck_assert_str_eq(err.text, ": no such day");
}

SUITE("error", TEST(an_error_tells_status_and_text), TEST(nobody_needs_to_listen),
      TEST(no_error_says_ok), TEST(memory_that_ran_out_is_said_with_its_remedy),
      TEST(control_characters_are_question_marks),
      TEST_EACH(what_is_no_plain_character_is_a_question_mark, MASKED_COUNT),
      TEST_EACH(a_long_text_is_cut_between_characters, 4),
      TEST(octets_that_are_no_characters_end_somewhere), TEST(context_comes_first),
      TEST_EACH(context_stays_whole_when_both_do_not_fit, 4),
      TEST_EACH(a_context_longer_than_an_error_is_cut, 4),
      TEST(what_cannot_be_formatted_leaves_a_clean_text))
