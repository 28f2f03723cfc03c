/* SPDX-License-Identifier: Apache-2.0 */
/* Does a buffer hold what was appended, never more than its maximum, and leave nothing of it behind
 * in memory that it gave back? */
#include "harness/harness.h"

#include <stdlib.h>
#include <string.h>

static const char needle_text[] = "needle: 11010519491231002X";
#define NEEDLE ((auth_bytes){(const uint8_t *)needle_text, sizeof needle_text - 1})

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

static void append(auth_buf *buf, auth_bytes bytes)
{
    auth_error err;
    assert_ok(auth_buf_append(buf, bytes, &err), &err);
}

/* Views */

START_TEST(a_text_is_viewed_without_its_nul)
{
    static const char text[] = "abc";
    auth_bytes view = auth_bytes_from_text(text);
    ck_assert_uint_eq(view.len, 3);
    ck_assert_ptr_eq(view.data, text);
    ck_assert_uint_eq(auth_bytes_from_text("").len, 0);
    ck_assert_uint_eq(auth_bytes_from_text(NULL).len, 0);
}

START_TEST(byte_strings_are_ordered_like_words)
{
    const auth_bytes rising[] = {
        {NULL, 0},   BYTES("\0"), BYTES("\0\0"), BYTES("a"),    BYTES("a\0"),
        BYTES("aa"), BYTES("b"),  BYTES("\x7f"), BYTES("\x80"), BYTES("\xff"),
    };
    size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = auth_bytes_compare(rising[i], rising[j]);
            ck_assert_int_eq(order < 0, i < j);
            ck_assert_int_eq(order > 0, i > j);
            ck_assert_int_eq(auth_bytes_equal(rising[i], rising[j]), i == j);
        }
    }
    ck_assert(auth_bytes_equal((auth_bytes){NULL, 0}, BYTES("")));
}

/* Maximum */

START_TEST(a_new_buffer_is_empty)
{
    auth_buf *buf = new_buf(10);
    ck_assert_uint_eq(auth_buf_bytes(buf).len, 0);
    auth_buf_truncate(buf, 0);
    auth_buf_truncate(buf, 5);
    ck_assert_uint_eq(auth_buf_bytes(buf).len, 0);
    auth_buf_free(buf);
    auth_buf_free(NULL);
}

START_TEST(a_buffer_holds_its_maximum_and_not_an_octet_more)
{
    static const size_t maxima[] = {0, 1, 2, 63, 64, 65, 127, 128, 129, 1000, 4096, 5000};
    size_t max = maxima[_i];
    auth_buf *buf = new_buf(max);
    for (size_t i = 0; i < max; i++)
        append(buf, (auth_bytes){(const uint8_t *)"abcdefg" + i % 7, 1});
    auth_error err;
    uint8_t *place = (uint8_t *)buf;
    assert_fails(auth_buf_append(buf, BYTES("z"), &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(auth_buf_extend(buf, 1, &place, &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(auth_buf_printf(buf, &err, "%d", 1), AUTH_STATUS_LIMIT, &err);
    ck_assert_int_eq((int)auth_buf_append(buf, BYTES("z"), NULL), (int)AUTH_STATUS_LIMIT);
    ck_assert_ptr_eq(place, buf);

    auth_bytes bytes = auth_buf_bytes(buf);
    ck_assert_uint_eq(bytes.len, max);
    for (size_t i = 0; i < max; i++)
        assert_each(bytes.data[i] == (uint8_t) "abcdefg"[i % 7], "octet %zu changed", i);
    assert_ok(auth_buf_append(buf, (auth_bytes){NULL, 0}, &err), &err);
    assert_ok(auth_buf_printf(buf, &err, "%s", ""), &err);
    assert_ok(auth_buf_extend(buf, 0, &place, &err), &err);
    auth_buf_free(buf);
}

START_TEST(sizes_do_not_wrap_around)
{
    static const size_t huge[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 2, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        auth_buf *buf = new_buf(i == 0 ? SIZE_MAX : SIZE_MAX / 2);
        append(buf, BYTES("abc"));
        auth_error err;
        uint8_t *place = NULL;
        const uint8_t *never_read = (const uint8_t *)needle_text;
        assert_fails(auth_buf_append(buf, (auth_bytes){never_read, huge[i]}, &err),
                     AUTH_STATUS_LIMIT, &err);
        assert_fails(auth_buf_extend(buf, huge[i], &place, &err), AUTH_STATUS_LIMIT, &err);
        ck_assert_ptr_null(place);
        assert_bytes(auth_buf_bytes(buf), BYTES("abc"));
        auth_buf_free(buf);
    }
}

/* Growth */

START_TEST(a_buffer_can_be_appended_to_itself)
{
    auth_buf *buf = new_buf((size_t)1 << 17);
    append(buf, BYTES("ab"));
    for (size_t len = 2; len < (size_t)1 << 17; len *= 2)
        append(buf, auth_buf_bytes(buf));
    auth_bytes bytes = auth_buf_bytes(buf);
    ck_assert_uint_eq(bytes.len, (size_t)1 << 17);
    for (size_t i = 0; i < bytes.len; i++)
        assert_each(bytes.data[i] == (i % 2 == 0 ? 'a' : 'b'), "octet %zu", i);
    auth_buf_free(buf);
}

START_TEST(a_part_of_a_buffer_can_be_appended_to_it)
{
    for (size_t len = 1; len < 200; len++) {
        auth_buf *buf = new_buf(1000);
        for (size_t i = 0; i < len; i++)
            append(buf, (auth_bytes){(const uint8_t *)"0123456789" + i % 10, 1});
        auth_bytes bytes = auth_buf_bytes(buf);
        append(buf, (auth_bytes){bytes.data + len / 2, len - len / 2});
        bytes = auth_buf_bytes(buf);
        ck_assert_mem_eq(bytes.data + len, bytes.data + len / 2, len - len / 2);
        auth_buf_free(buf);
    }
}

START_TEST(text_can_be_formatted_from_the_buffer_itself)
{
    auth_buf *buf = new_buf(10000);
    auth_error err;
    append(buf, BYTES("abc\0"));
    for (int i = 0; i < 100; i++)
        assert_ok(auth_buf_printf(buf, &err, "%s-%d;", (const char *)auth_buf_bytes(buf).data, i),
                  &err);
    auth_bytes bytes = auth_buf_bytes(buf);
    ck_assert_mem_eq(bytes.data, "abc\0abc-0;abc-1;abc-2;", 22);
    ck_assert_mem_eq(bytes.data + bytes.len - 7, "abc-99;", 7);
    auth_buf_free(buf);
}

START_TEST(extended_octets_are_zero_until_filled)
{
    auth_buf *buf = new_buf(100000);
    auth_error err;
    for (size_t len = 1; len < 400; len++) {
        uint8_t *place = NULL;
        assert_ok(auth_buf_extend(buf, len, &place, &err), &err);
        auth_bytes bytes = auth_buf_bytes(buf);
        ck_assert_ptr_eq(place, bytes.data + bytes.len - len);
        for (size_t i = 0; i < len; i++)
            assert_each(place[i] == 0, "octet %zu of %zu is dirty", i, len);
        memset(place, 0xff, len);
        /* The next ones stand where these were. */
        auth_buf_truncate(buf, bytes.len - len / 2);
    }
    auth_buf_free(buf);
}

START_TEST(a_cut_buffer_keeps_its_beginning)
{
    auth_buf *buf = new_buf(100);
    append(buf, BYTES("0123456789"));
    auth_buf_truncate(buf, 11);
    auth_buf_truncate(buf, SIZE_MAX);
    auth_buf_truncate(buf, 10);
    assert_bytes(auth_buf_bytes(buf), BYTES("0123456789"));
    auth_buf_truncate(buf, 4);
    assert_bytes(auth_buf_bytes(buf), BYTES("0123"));
    append(buf, BYTES("z"));
    assert_bytes(auth_buf_bytes(buf), BYTES("0123z"));
    auth_buf_truncate(buf, 0);
    ck_assert_uint_eq(auth_buf_bytes(buf).len, 0);
    auth_buf_free(buf);
}

/* What is left behind */

START_TEST(the_watch_sees_a_needle_that_is_not_wiped)
{
    harness_watch_memory(NEEDLE);
    char *block = malloc(100);
    ck_assert_ptr_nonnull(block);
    memcpy(block + 50, needle_text, NEEDLE.len);
    __asm__ volatile("" : : "r"(block) : "memory"); /* else the compiler leaves the copy out */
    free(block);
    ck_assert_uint_eq(harness_stop_watching(), 1);
}

START_TEST(growing_and_freeing_leave_nothing_behind)
{
    harness_watch_memory(NEEDLE);
    auth_buf *buf = new_buf(100000);
    for (int i = 0; i < 500; i++)
        append(buf, NEEDLE);
    auth_buf_free(buf);
    ck_assert_uint_eq(harness_stop_watching(), 0);
}

START_TEST(formatting_leaves_nothing_behind)
{
    auth_error err;
    harness_watch_memory(NEEDLE);
    auth_buf *buf = new_buf(1000);
    assert_ok(auth_buf_printf(buf, &err, "%s", needle_text), &err);
    auth_buf *small = new_buf(5);
    assert_fails(auth_buf_printf(small, &err, "%s", needle_text), AUTH_STATUS_LIMIT, &err);
    auth_buf_free(small);
    auth_buf_free(buf);
    ck_assert_uint_eq(harness_stop_watching(), 0);
    ck_assert_ptr_null(strstr(err.text, needle_text));
}

START_TEST(cutting_wipes_what_is_cut)
{
    harness_watch_memory((auth_bytes){NEEDLE.data + 3, NEEDLE.len - 3});
    auth_buf *buf = new_buf(1000);
    append(buf, NEEDLE);
    const uint8_t *data = auth_buf_bytes(buf).data;
    auth_buf_truncate(buf, 3);
    /* The buffer still owns these octets. */
    for (size_t i = 3; i < NEEDLE.len; i++)
        ck_assert_uint_eq(data[i], 0);
    auth_buf_free(buf);
    ck_assert_uint_eq(harness_stop_watching(), 0);
}

/* Memory that runs out */

static auth_status make_buffer(void *context)
{
    auth_buf **kept = context;
    auth_buf *buf = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_buf_new(10, &buf, &err);
    if (status != AUTH_STATUS_OK)
        return buf == NULL && err.status == status ? status : AUTH_STATUS_INTERNAL;
    *kept = buf;
    return AUTH_STATUS_OK;
}

START_TEST(a_buffer_that_cannot_be_made_is_not_given)
{
    auth_buf *buf = NULL;
    ck_assert_uint_eq(harness_for_each_failure(make_buffer, &buf), 1);
    auth_buf_free(buf);
}

typedef enum way_to_grow {
    BY_APPEND,
    BY_SELF_APPEND,
    BY_EXTEND,
    BY_PRINTF,
    WAYS_TO_GROW
} way_to_grow;

typedef struct growth {
    auth_buf *buf;
    way_to_grow way;
} growth;

static auth_status grow(void *context)
{
    growth *it = context;
    auth_bytes before = auth_buf_bytes(it->buf);
    uint8_t *place = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = AUTH_STATUS_INTERNAL;
    switch (it->way) {
    case BY_APPEND:
        status = auth_buf_append(it->buf, NEEDLE, &err);
        break;
    case BY_SELF_APPEND:
        status = auth_buf_append(it->buf, before, &err);
        break;
    case BY_EXTEND:
        status = auth_buf_extend(it->buf, 100, &place, &err);
        break;
    case BY_PRINTF:
        status = auth_buf_printf(it->buf, &err, "%s", needle_text);
        break;
    case WAYS_TO_GROW:
        break;
    }
    auth_bytes after = auth_buf_bytes(it->buf);
    bool is_as_before = after.data == before.data && after.len == before.len && place == NULL &&
                        memcmp(after.data, "0123456789", 10) == 0;
    if (status != AUTH_STATUS_OK && (!is_as_before || err.status != status))
        return AUTH_STATUS_INTERNAL;
    return status;
}

START_TEST(a_buffer_that_cannot_grow_is_as_it_was)
{
    growth it = {.buf = new_buf(1000), .way = (way_to_grow)_i};
    for (int i = 0; i < 6; i++)
        append(it.buf, BYTES("0123456789"));
    harness_watch_memory(NEEDLE);
    ck_assert_uint_eq(harness_for_each_failure(grow, &it), it.way == BY_PRINTF ? 2 : 1);
    auth_buf_free(it.buf);
    ck_assert_uint_eq(harness_stop_watching(), 0);
}

SUITE("bytes", TEST(a_text_is_viewed_without_its_nul), TEST(byte_strings_are_ordered_like_words),
      TEST(a_new_buffer_is_empty), TEST_EACH(a_buffer_holds_its_maximum_and_not_an_octet_more, 12),
      TEST(sizes_do_not_wrap_around), TEST(a_buffer_can_be_appended_to_itself),
      TEST(a_part_of_a_buffer_can_be_appended_to_it),
      TEST(text_can_be_formatted_from_the_buffer_itself),
      TEST(extended_octets_are_zero_until_filled), TEST(a_cut_buffer_keeps_its_beginning),
      TEST(the_watch_sees_a_needle_that_is_not_wiped),
      TEST(growing_and_freeing_leave_nothing_behind), TEST(formatting_leaves_nothing_behind),
      TEST(cutting_wipes_what_is_cut), TEST(a_buffer_that_cannot_be_made_is_not_given),
      TEST_EACH(a_buffer_that_cannot_grow_is_as_it_was, WAYS_TO_GROW))
