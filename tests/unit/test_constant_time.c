/* SPDX-License-Identifier: Apache-2.0 */
/* Does the path through a comparison of secrets depend on their octets? valgrind tells: octets that
 * count as undefined must decide no jump and no address. Meson runs this under valgrind. */
#include "harness/harness.h"

#include <auth/person.h>
#include <auth/secret.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define LEN 40

/* Runs compare on secrets that differ at the end, and counts what valgrind sees. */
static unsigned count_leaks(bool (*compare)(auth_bytes a, auth_bytes b))
{
    uint8_t a[LEN] = {0};
    uint8_t b[LEN] = {0};
    b[LEN - 1] = 1;
    unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;
    VALGRIND_MAKE_MEM_UNDEFINED(a, sizeof a);
    VALGRIND_MAKE_MEM_UNDEFINED(b, sizeof b);
    bool is_same = compare((auth_bytes){a, sizeof a}, (auth_bytes){b, sizeof b});
    unsigned leaks = (unsigned)VALGRIND_COUNT_ERRORS - before;
    VALGRIND_MAKE_MEM_DEFINED(&is_same, sizeof is_same);
    ck_assert(!is_same);
    return leaks;
}

__attribute__((noinline)) static bool leaky_equal(auth_bytes a, auth_bytes b)
{
    for (size_t i = 0; i < a.len; i++) {
        if (a.data[i] != b.data[i])
            return false;
    }
    return true;
}

START_TEST(valgrind_sees_a_comparison_that_leaks)
{
    ck_assert_msg(RUNNING_ON_VALGRIND != 0, "run this under valgrind, as meson test does");
    ck_assert_uint_gt(count_leaks(leaky_equal), 0);
}

START_TEST(comparing_secrets_leaks_nothing)
{
    ck_assert(RUNNING_ON_VALGRIND != 0);
    ck_assert_uint_eq(count_leaks(auth_secret_equal), 0);
}

static auth_person_number number_of(const char *text)
{
    static const auth_person_rules rules = {.today = {2026, 1, 31}};
    auth_person_number number;
    auth_error err;
    assert_ok(auth_person_number_parse(auth_bytes_from_text(text), &rules, &number, &err), &err);
    return number;
}

START_TEST(comparing_person_numbers_leaks_nothing)
{
    ck_assert(RUNNING_ON_VALGRIND != 0);
    auth_person_number a = number_of("11010519491231002X");
    auth_person_number b = number_of("440524188001010014");
    unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;
    VALGRIND_MAKE_MEM_UNDEFINED(&a, sizeof a);
    VALGRIND_MAKE_MEM_UNDEFINED(&b, sizeof b);
    bool is_same = auth_person_number_equal(&a, &b);
    unsigned leaks = (unsigned)VALGRIND_COUNT_ERRORS - before;
    VALGRIND_MAKE_MEM_DEFINED(&is_same, sizeof is_same);
    ck_assert(!is_same);
    ck_assert_uint_eq(leaks, 0);
}

SUITE("constant_time", TEST(valgrind_sees_a_comparison_that_leaks),
      TEST(comparing_secrets_leaks_nothing), TEST(comparing_person_numbers_leaks_nothing))
