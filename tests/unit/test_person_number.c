/* SPDX-License-Identifier: Apache-2.0 */
/* Does a number that was read hide itself: masked when shown, compared whole, wiped on request, and
 * absent from every error? */
#include "harness/harness.h"
#include "harness/person_vectors.h"

#include <auth/person.h>
#include <string.h>

#define ANNEX "11010519491231002X"

static auth_person_number number_of(auth_person_type type, const char *text)
{
    auth_person_rules rules = {.type = type, .today = {2026, 1, 31}, .accepts_legacy = true};
    auth_person_number number;
    auth_error err;
    assert_ok(auth_person_number_parse(auth_bytes_from_text(text), &rules, &number, &err), &err);
    return number;
}

typedef struct mask_case {
    auth_person_type type;
    const char *text;
    const char *masked;
} mask_case;

static const mask_case mask_cases[] = {
    {AUTH_PERSON_TYPE_CITIZEN, ANNEX, "110105********002X"},
    {AUTH_PERSON_TYPE_CITIZEN, "11010519491231002x", "110105********002X"},
    {AUTH_PERSON_TYPE_CITIZEN, "440309050315123", "440309********1237"},
    {AUTH_PERSON_TYPE_PERMIT, "810000190501010014", "810000********0014"},
    {AUTH_PERSON_TYPE_FOREIGN_2023, "911124190501010015", "911124********0015"},
    {AUTH_PERSON_TYPE_FOREIGN_2017, "JPN310008022920", "JPN310*****2920"},
    {AUTH_PERSON_TYPE_PASSPORT, "E12345678", "E1*****78"},
    {AUTH_PERSON_TYPE_PASSPORT, "E0000078", "E0****78"},
    {AUTH_PERSON_TYPE_PASSPORT, "E000078", "E*****8"},
    {AUTH_PERSON_TYPE_PASSPORT, "E0008", "E***8"},
    {AUTH_PERSON_TYPE_MILITARY_OFFICER, "0008", "0**8"},
    {AUTH_PERSON_TYPE_MILITARY_OFFICER, "军字第0000000号", "军字*******0号"},
    {AUTH_PERSON_TYPE_MILITARY_OFFICER, "军字第00000000001号", "军字第000*****001号"},
};

START_TEST(a_number_shows_its_ends_only)
{
    const mask_case *row = &mask_cases[_i];
    auth_person_number number = number_of(row->type, row->text);
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    memset(masked, 'z', sizeof masked);
    auth_person_number_mask(&number, masked);
    ck_assert_str_eq(masked, row->masked);
}

START_TEST(the_longest_number_fits_its_mask)
{
    /* 24 ideographs and digits of which 20 take three octets. */
    static const char text[] = "军军军军军军军军军军军军军军军军军军军军0000";
    auth_person_number number = number_of(AUTH_PERSON_TYPE_MILITARY_OFFICER, text);
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    auth_person_number_mask(&number, masked);
    ck_assert_str_eq(masked, "军军军军军军**************0000");
    assert_bytes(auth_person_number_reveal(&number), BYTES(text));
}

START_TEST(no_number_has_an_empty_mask)
{
    auth_person_number number = {.len = 0};
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE] = "z";
    auth_person_number_mask(&number, masked);
    ck_assert_str_eq(masked, "");
    ck_assert_uint_eq(auth_person_number_reveal(&number).len, 0);
}

START_TEST(numbers_are_equal_by_type_and_canonical_form)
{
    auth_person_number a = number_of(AUTH_PERSON_TYPE_ANY, ANNEX);
    auth_person_number b = number_of(AUTH_PERSON_TYPE_CITIZEN, "11010519491231002x");
    ck_assert(auth_person_number_equal(&a, &b));
    ck_assert(auth_person_number_equal(&a, &a));
    b = number_of(AUTH_PERSON_TYPE_ANY, "440524188001010014");
    ck_assert(!auth_person_number_equal(&a, &b));

    a = number_of(AUTH_PERSON_TYPE_PASSPORT, "000000001");
    b = number_of(AUTH_PERSON_TYPE_MILITARY_OFFICER, "000000001");
    ck_assert_mem_eq(a.hidden, b.hidden, sizeof a.hidden);
    ck_assert(!auth_person_number_equal(&a, &b));
    b = number_of(AUTH_PERSON_TYPE_PASSPORT, "00000000");
    ck_assert(!auth_person_number_equal(&a, &b));
    b = number_of(AUTH_PERSON_TYPE_PASSPORT, "000000002");
    ck_assert(!auth_person_number_equal(&a, &b));
}

START_TEST(a_wiped_number_is_all_zeros)
{
    auth_person_number number = number_of(AUTH_PERSON_TYPE_ANY, ANNEX);
    auth_person_number_wipe(&number);
    static const auth_person_number no_number;
    ck_assert_mem_eq(&number, &no_number, sizeof number);
    auth_person_number_wipe(NULL);
}

START_TEST(a_wiped_result_is_all_zeros)
{
    static const auth_person_rules rules = {.today = {2026, 1, 31}};
    auth_person person;
    ck_assert_int_eq((int)auth_person_check(BYTES(ANNEX), &rules, &person),
                     (int)AUTH_PERSON_REASON_OK);
    auth_person_wipe(&person);
    static const uint8_t zeros[sizeof person];
    ck_assert_mem_eq(&person, zeros, sizeof person);
    auth_person_wipe(NULL);
}

START_TEST(a_refused_number_is_in_no_error_and_no_output)
{
    static const auth_person_rules rules = {.today = {2026, 1, 31}};
    person_vectors vectors = person_vectors_load();
    size_t refused = 0;
    for (size_t i = 0; i < vectors.count; i++) {
        auth_bytes text = vectors.rows[i].number;
        auth_person_number number;
        auth_person_number before;
        memset(&number, 0x5a, sizeof number);
        memcpy(&before, &number, sizeof before);
        auth_error err;
        if (auth_person_number_parse(text, &rules, &number, NULL) == AUTH_STATUS_OK)
            continue;
        assert_fails(auth_person_number_parse(text, &rules, &number, &err), AUTH_STATUS_INVALID,
                     &err);
        ck_assert_mem_eq(&number, &before, sizeof number);
        if (text.len >= 8)
            ck_assert_ptr_null(memmem(err.text, strlen(err.text), text.data, 8));
        refused++;
    }
    ck_assert_uint_gt(refused, 30);
    person_vectors_free(&vectors);
}

START_TEST(an_error_names_the_place_when_there_is_one)
{
    static const auth_person_rules rules = {.today = {2026, 1, 31}};
    auth_person_number number;
    auth_error err;
    assert_fails(auth_person_number_parse(BYTES("110105194912310020"), &rules, &number, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "character 18: "));
    ck_assert_ptr_nonnull(
        strstr(err.text, auth_person_reason_text(AUTH_PERSON_REASON_CHECK_CHARACTER)));
    assert_fails(auth_person_number_parse(BYTES("1"), &rules, &number, &err), AUTH_STATUS_INVALID,
                 &err);
    ck_assert_ptr_null(strstr(err.text, "character 0"));
    ck_assert_ptr_nonnull(strstr(err.text, auth_person_reason_text(AUTH_PERSON_REASON_LENGTH)));
}

START_TEST(fifteen_digits_are_no_number_unless_asked_for)
{
    auth_person_rules rules = {.today = {2026, 1, 31}};
    auth_person_number number = {.len = 0};
    auth_error err;
    assert_fails(auth_person_number_parse(BYTES("440309050315123"), &rules, &number, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(number.len, 0);
    ck_assert_ptr_null(strstr(err.text, "4403091905"));
    rules.accepts_legacy = true;
    assert_ok(auth_person_number_parse(BYTES("440309050315123"), &rules, &number, &err), &err);
    assert_bytes(auth_person_number_reveal(&number), BYTES("440309190503151237"));
    ck_assert_int_eq((int)number.type, (int)AUTH_PERSON_TYPE_CITIZEN);
}

/* Types */

START_TEST(every_type_is_found_by_its_name)
{
    static const auth_person_type all[] = {
#define AUTH_PERSON_TYPE_ROW(id, number, file, name, title) AUTH_PERSON_TYPE_##id,
#include <auth/person_type.def>
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        auth_person_type found = AUTH_PERSON_TYPE_ANY;
        auth_error err;
        assert_ok(auth_person_type_find(auth_person_type_name(all[i]), &found, &err), &err);
        ck_assert_int_eq((int)found, (int)all[i]);
        ck_assert_str_ne(auth_person_type_title(all[i]), "");
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(auth_person_type_title(all[i]), auth_person_type_title(all[j]));
    }
}

START_TEST(an_unknown_type_is_not_found)
{
    static const char *const names[] = {"", "any", "Citizen", "citizen ", "citize", "%s%n"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        auth_person_type found = AUTH_PERSON_TYPE_PASSPORT;
        auth_error err;
        assert_fails(auth_person_type_find(names[i], &found, &err), AUTH_STATUS_NOT_FOUND, &err);
        ck_assert_int_eq((int)found, (int)AUTH_PERSON_TYPE_PASSPORT);
        ck_assert_ptr_nonnull(strstr(err.text, " citizen"));
        ck_assert_ptr_nonnull(strstr(err.text, " military-officer"));
    }
    ck_assert_str_eq(auth_person_type_name((auth_person_type)200), "any");
    ck_assert_str_eq(auth_person_type_title((auth_person_type)200), "person number");
    ck_assert_str_eq(auth_person_type_name(AUTH_PERSON_TYPE_ANY), "any");
}

SUITE("person_number",
      TEST_EACH(a_number_shows_its_ends_only, sizeof mask_cases / sizeof mask_cases[0]),
      TEST(the_longest_number_fits_its_mask), TEST(no_number_has_an_empty_mask),
      TEST(numbers_are_equal_by_type_and_canonical_form), TEST(a_wiped_number_is_all_zeros),
      TEST(a_wiped_result_is_all_zeros), TEST(a_refused_number_is_in_no_error_and_no_output),
      TEST(an_error_names_the_place_when_there_is_one),
      TEST(fifteen_digits_are_no_number_unless_asked_for), TEST(every_type_is_found_by_its_name),
      TEST(an_unknown_type_is_not_found))
