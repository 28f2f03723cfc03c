/* SPDX-License-Identifier: Apache-2.0 */
/* Does every outcome have the name, text and HTTP status that its row says, and is a number that is
 * in no row a fault? */
#include "harness/harness.h"

#include <string.h>

typedef struct status_row {
    auth_status status;
    int number;
    const char *name;
    int http;
    bool is_retryable;
    const char *text;
} status_row;

static const status_row rows[] = {
#define AUTH_STATUS_ROW(id, number, name, http, retryable, text)                                   \
    {AUTH_STATUS_##id, (number), (name), (http), (retryable), (text)},
#include <auth/status.def>
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

START_TEST(a_row_is_told_whole)
{
    const status_row *row = &rows[_i];
    ck_assert_int_eq((int)row->status, row->number);
    ck_assert_str_eq(auth_status_name(row->status), row->name);
    ck_assert_str_eq(auth_status_text(row->status), row->text);
    ck_assert_int_eq(auth_status_http(row->status), row->http);
    ck_assert_int_eq(auth_status_is_retryable(row->status), row->is_retryable);
    ck_assert_int_eq(auth_status_is_fault(row->status), row->number >= 64);
}

START_TEST(rows_make_sense_together)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        ck_assert_int_ge(rows[i].http, 200);
        ck_assert_int_le(rows[i].http, 599);
        /* What the input decided is not the server's error, and a fault is. */
        if (rows[i].number != 0)
            ck_assert_int_eq(rows[i].http >= 500, rows[i].number >= 64);
        ck_assert_uint_eq(strspn(rows[i].name, "abcdefghijklmnopqrstuvwxyz-"),
                          strlen(rows[i].name));
        ck_assert_int_eq(rows[i].text[strlen(rows[i].text) - 1], '.');
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(rows[i].name, rows[j].name);
            ck_assert_str_ne(rows[i].text, rows[j].text);
            ck_assert_int_gt(rows[i].number, rows[j].number);
        }
    }
}

static bool is_in_table(int number)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].number == number)
            return true;
    }
    return false;
}

START_TEST(a_number_of_no_row_is_an_internal_fault)
{
    static const int far[] = {-1, -64, 1000000, 0x7fffffff, (-0x7fffffff) - 1};
    for (int number = 0; number < 300; number++) {
        auth_status status = (auth_status)number;
        if (is_in_table(number))
            continue;
        ck_assert_str_eq(auth_status_name(status), "internal");
        ck_assert_int_eq(auth_status_http(status), 500);
        ck_assert(auth_status_is_fault(status));
        ck_assert(!auth_status_is_retryable(status));
    }
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        ck_assert_str_eq(auth_status_name((auth_status)far[i]), "internal");
        ck_assert(auth_status_is_fault((auth_status)far[i]));
    }
}

SUITE("status", TEST_EACH(a_row_is_told_whole, ROW_COUNT), TEST(rows_make_sense_together),
      TEST(a_number_of_no_row_is_an_internal_fault))
