/* SPDX-License-Identifier: Apache-2.0 */
/* Is every row of oid.def what its dotted text says, once, and found by each of its spellings? */
#include "base/der.h"
#include "base/oid.h"
#include "harness/harness.h"

#include <string.h>

START_TEST(the_octets_of_a_row_are_those_of_its_dotted_text)
{
    oid id = (oid)(_i + 1);
    uint8_t octets[64];
    size_t len = 0;
    ck_assert_msg(der_oid_parse(oid_dotted(id), octets, sizeof octets, &len), "%s", oid_dotted(id));
    assert_bytes(oid_bytes(id), ((auth_bytes){octets, len}));
    char text[64];
    ck_assert(der_oid_text(oid_bytes(id), text, sizeof text));
    ck_assert_str_eq(text, oid_dotted(id));
}

START_TEST(a_row_is_found_by_octets_name_and_dotted_text)
{
    oid id = (oid)(_i + 1);
    ck_assert_int_eq((int)oid_find(oid_bytes(id)), (int)id);
    ck_assert_int_eq((int)oid_named(oid_name(id)), (int)id);
    ck_assert_int_eq((int)oid_named(oid_dotted(id)), (int)id);
}

START_TEST(no_row_stands_twice)
{
    for (oid a = OID_UNKNOWN; a < OID_COUNT; a++) {
        for (oid b = a + 1; b < OID_COUNT; b++) {
            ck_assert_msg(strcmp(oid_name(a), oid_name(b)) != 0, "%s", oid_name(a));
            ck_assert_msg(strcmp(oid_dotted(a), oid_dotted(b)) != 0, "%s", oid_dotted(a));
        }
    }
}

START_TEST(what_is_in_no_row_is_unknown)
{
    ck_assert_int_eq((int)oid_find(BYTES("\x2a")), (int)OID_UNKNOWN);
    ck_assert_int_eq((int)oid_find((auth_bytes){NULL, 0}), (int)OID_UNKNOWN);
    ck_assert_int_eq((int)oid_find(BYTES("\x55\x04\x03\x00")), (int)OID_UNKNOWN);
    ck_assert_int_eq((int)oid_named(""), (int)OID_UNKNOWN);
    ck_assert_int_eq((int)oid_named("cn"), (int)OID_UNKNOWN);
    ck_assert_uint_eq(oid_bytes(OID_UNKNOWN).len, 0);
    ck_assert_str_eq(oid_name(OID_UNKNOWN), "");
}

SUITE("oid", TEST_EACH(the_octets_of_a_row_are_those_of_its_dotted_text, OID_COUNT - 1),
      TEST_EACH(a_row_is_found_by_octets_name_and_dotted_text, OID_COUNT - 1),
      TEST(no_row_stands_twice), TEST(what_is_in_no_row_is_unknown))
