/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests share: one table of tests a file, checks of outcomes and byte strings, and
 * memory that fails when a test says so. A test file ends with
 *
 *     SUITE("bytes", TEST(an_empty_buffer_holds_nothing), TEST_EACH(every_codec_keeps_octets, 3))
 *
 * and harness/main.c runs it. A test that is left out of the table does not compile.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "harness/data.h"

#include <auth/error.h>
#include <check.h>

typedef struct harness_test {
    const TTest *const *test;
    int count; /* runs it with _i from 0 to count - 1 */
} harness_test;

typedef struct harness_suite {
    const char *name;
    const harness_test *tests;
    size_t count;
    bool (*prepare)(
        void); /* called before the first test, in the process that starts them; or NULL */
} harness_suite;

extern const harness_suite harness_suite_here;

#define TEST_EACH(name, count)                                                                     \
    {                                                                                              \
        &name, (int)(count)                                                                        \
    }
#define TEST(name) TEST_EACH(name, 1)
#define SUITE(name, ...) SUITE_AFTER(NULL, name, __VA_ARGS__)
#define SUITE_AFTER(prepare, name, ...)                                                            \
    static const harness_test suite_tests[] = {__VA_ARGS__};                                       \
    const harness_suite harness_suite_here = {(name), suite_tests,                                 \
                                              sizeof suite_tests / sizeof suite_tests[0],          \
                                              (prepare)};

/* Checks that a call succeeds, and shows what it says when it does not. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        auth_status status_ = (call);                                                              \
        ck_assert_msg(status_ == AUTH_STATUS_OK, "%s: %s: %s", #call, auth_status_name(status_),   \
                      (err)->text);                                                                \
    } while (0)

/* Checks that a call fails in one way and that the error tells the same status and some text. */
#define assert_fails(call, expected, err)                                                          \
    do {                                                                                           \
        *(err) = (auth_error){AUTH_STATUS_OK, ""};                                                 \
        auth_status status_ = (call);                                                              \
        ck_assert_str_eq(auth_status_name(status_), auth_status_name(expected));                   \
        ck_assert_int_eq((int)(err)->status, (int)status_);                                        \
        ck_assert_msg((err)->text[0] != '\0', "%s: the error has no text", #call);                 \
    } while (0)

#define assert_bytes(actual, expected)                                                             \
    do {                                                                                           \
        auth_bytes actual_ = (actual);                                                             \
        auth_bytes expected_ = (expected);                                                         \
        ck_assert_uint_eq(actual_.len, expected_.len);                                             \
        if (expected_.len > 0)                                                                     \
            ck_assert_mem_eq(actual_.data, expected_.data, expected_.len);                         \
    } while (0)

/* For loops of a million turns: Check writes a line to a file for each of its own assertions. */
#define assert_each(condition, ...)                                                                \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)

/*
 * One attempt at something that takes memory. It returns the status of the call that it tests, or
 * AUTH_STATUS_INTERNAL when a failed call left something behind that it must not. It asserts
 * nothing itself: assertions take memory too.
 */
typedef auth_status (*harness_attempt)(void *context);

/*
 * Makes the attempt with its first allocation failing, then with its second, and so on until it
 * succeeds. Checks that every attempt before ended in AUTH_STATUS_MEMORY. Returns how many did.
 *
 * malloc, calloc, realloc, vasprintf and mmap of the code under test fail; those inside the C
 * library do not.
 */
size_t harness_for_each_failure(harness_attempt attempt, void *context);

/*
 * From now on looks for needle in every block and mapping that the code under test gives back.
 * needle is borrowed until harness_stop_watching, which tells how often it was found.
 */
void harness_watch_memory(auth_bytes needle);
size_t harness_stop_watching(void);

#endif
