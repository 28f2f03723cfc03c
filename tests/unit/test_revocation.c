/* SPDX-License-Identifier: Apache-2.0 */
/* Are the reasons for a revocation those of RFC 5280, with its numbers, and is only a hold undone?
 */
#include "harness/harness.h"

#include <auth/revocation.h>
#include <string.h>

static const struct {
    unsigned number;
    const char *name; /* "" where RFC 5280 has none */
    bool is_given;
} reasons[] = {
    {0, "unspecified", true},
    {1, "keyCompromise", true},
    {2, "cACompromise", false},
    {3, "affiliationChanged", true},
    {4, "superseded", true},
    {5, "cessationOfOperation", true},
    {6, "certificateHold", true},
    {7, "", false},
    {8, "removeFromCRL", false},
    {9, "privilegeWithdrawn", true},
    {10, "aACompromise", false},
    {11, "", false},
    {255, "", false},
};

#define REASON_COUNT (sizeof reasons / sizeof reasons[0])

START_TEST(every_number_has_the_name_of_the_standard)
{
    auth_revocation_reason reason = (auth_revocation_reason)reasons[_i].number;
    bool exists = reasons[_i].name[0] != '\0';
    ck_assert_str_eq(auth_revocation_reason_name(reason), reasons[_i].name);
    ck_assert(auth_revocation_reason_exists(reasons[_i].number) == exists);
    ck_assert((auth_revocation_reason_text(reason)[0] != '\0') == exists);
    ck_assert(auth_revocation_reason_is_given(reason) == reasons[_i].is_given);
    ck_assert(auth_revocation_reason_is_reversible(reason) == (reasons[_i].number == 6));
}

START_TEST(a_reason_is_found_by_its_name_only)
{
    auth_error err;
    auth_revocation_reason reason = AUTH_REVOCATION_REASON_SUPERSEDED;
    if (reasons[_i].name[0] != '\0') {
        assert_ok(auth_revocation_reason_find(reasons[_i].name, &reason, &err), &err);
        ck_assert_uint_eq((unsigned)reason, reasons[_i].number);
        return;
    }
    assert_fails(auth_revocation_reason_find(reasons[_i].name, &reason, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_int_eq((int)reason, (int)AUTH_REVOCATION_REASON_SUPERSEDED);
    ck_assert_ptr_nonnull(strstr(err.text, "keyCompromise"));
}

START_TEST(a_name_in_another_case_is_not_found)
{
    auth_error err;
    auth_revocation_reason reason;
    assert_fails(auth_revocation_reason_find("keycompromise", &reason, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
}

SUITE("revocation", TEST_EACH(every_number_has_the_name_of_the_standard, REASON_COUNT),
      TEST_EACH(a_reason_is_found_by_its_name_only, REASON_COUNT),
      TEST(a_name_in_another_case_is_not_found))
