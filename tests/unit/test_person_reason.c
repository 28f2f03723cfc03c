/* SPDX-License-Identifier: Apache-2.0 */
/* Is every text that is no person number refused for the right reason, at the right character and
 * as the type that was meant, and can each reason be met at all? */
#include "harness/harness.h"
#include "harness/person_vectors.h"

#include <auth/person.h>

#define ANNEX "11010519491231002X"
#define ANNEX_OLD "440524188001010014"

typedef struct refusal {
    auth_bytes text;
    auth_person_type named;
    auth_person_reason reason;
    size_t position;
    auth_person_type type; /* as recognised */
} refusal;

#define ROW(text, named, reason, position, type)                                                   \
    {                                                                                              \
        {(const uint8_t *)(text), sizeof(text) - 1}, AUTH_PERSON_TYPE_##named,                     \
            AUTH_PERSON_REASON_##reason, (position), AUTH_PERSON_TYPE_##type                       \
    }

/* clang-format off */
static const refusal refusals[] = {
    ROW(ANNEX, ANY, OK, 0, CITIZEN),
    ROW(ANNEX, CITIZEN, OK, 0, CITIZEN),
    ROW(ANNEX_OLD, ANY, OK, 0, CITIZEN),
    ROW("810000190501010014", PERMIT, OK, 0, PERMIT),
    ROW("911124190501010015", FOREIGN_2023, OK, 0, FOREIGN_2023),
    ROW("JPN310008022920", FOREIGN_2017, OK, 0, FOREIGN_2017),
    ROW("E12345678", PASSPORT, OK, 0, PASSPORT),
    ROW("A0000", PASSPORT, OK, 0, PASSPORT),
    ROW("000000000", PASSPORT, OK, 0, PASSPORT),
    ROW("0000", MILITARY_OFFICER, OK, 0, MILITARY_OFFICER),
    ROW("军字第0000000号", MILITARY_OFFICER, OK, 0, MILITARY_OFFICER),
    ROW("一龿0000", MILITARY_OFFICER, OK, 0, MILITARY_OFFICER),

    ROW("", ANY, EMPTY, 0, ANY),
    ROW("", CITIZEN, EMPTY, 0, ANY),
    ROW("", PASSPORT, EMPTY, 0, ANY),
    ROW("", MILITARY_OFFICER, EMPTY, 0, ANY),

    ROW("1", ANY, LENGTH, 0, ANY),
    ROW("X", ANY, LENGTH, 0, ANY),
    ROW("1101032019010100", ANY, LENGTH, 0, ANY),
    ROW("11010320190101001", CITIZEN, LENGTH, 0, ANY),
    ROW("1101032019010100130", ANY, LENGTH, 0, ANY),
    ROW("A12345678901", ANY, LENGTH, 0, ANY),
    ROW("a123456789", ANY, LENGTH, 0, ANY),
    ROW("ABC123456", ANY, LENGTH, 0, ANY),

    ROW(" " ANNEX, ANY, SPACE, 1, ANY),
    ROW(ANNEX " ", ANY, SPACE, 19, ANY),
    ROW(ANNEX "\n", ANY, SPACE, 19, ANY),
    ROW(ANNEX "\r\n", ANY, SPACE, 19, ANY),
    ROW("110105 19491231 002X", ANY, SPACE, 7, ANY),
    ROW("\t", ANY, SPACE, 1, ANY),
    ROW("\v" ANNEX, ANY, SPACE, 1, ANY),
    ROW("\f" ANNEX, ANY, SPACE, 1, ANY),

    ROW("110105-19491231-002X", ANY, HYPHEN, 7, ANY),
    ROW("-", ANY, HYPHEN, 1, ANY),

    ROW("１10105194912310020", ANY, FULL_WIDTH, 1, ANY),
    ROW("11010519491231002Ｘ", ANY, FULL_WIDTH, 18, ANY),
    ROW("11010519491231002ｘ", ANY, FULL_WIDTH, 18, ANY),
    ROW("　" ANNEX, ANY, FULL_WIDTH, 1, ANY),

    ROW(ANNEX "\0", ANY, NUL, 19, ANY),
    ROW("11010\0" "19491231002X", ANY, NUL, 6, ANY),
    ROW("\0", ANY, NUL, 1, ANY),

    ROW("110105********002X", ANY, MASKED, 7, ANY),
    ROW("*", ANY, MASKED, 1, ANY),

    ROW("11010A194912310020", ANY, CHARACTER, 6, CITIZEN),
    ROW("1101051949123100X2", ANY, CHARACTER, 17, CITIZEN),
    ROW("1101051949123100x2", ANY, CHARACTER, 17, CITIZEN),
    ROW("X10105194912310021", ANY, CHARACTER, 1, CITIZEN),
    ROW("11010519491231002Z", ANY, CHARACTER, 18, CITIZEN),
    ROW("11010519491231002y", ANY, CHARACTER, 18, CITIZEN),
    ROW("44030905031512X", ANY, CHARACTER, 15, CITIZEN),
    ROW("81000019050101001a", ANY, CHARACTER, 18, PERMIT),
    ROW("91112419050101001a", ANY, CHARACTER, 18, FOREIGN_2023),
    ROW("jPN310008022920", ANY, CHARACTER, 1, FOREIGN_2017),
    ROW("JP0310008022920", ANY, CHARACTER, 3, FOREIGN_2017),
    ROW("JPNA10008022920", ANY, CHARACTER, 4, FOREIGN_2017),
    ROW("JPN31000802292X", ANY, CHARACTER, 15, FOREIGN_2017),
    ROW("\x7f", ANY, CHARACTER, 1, ANY),
    ROW("\xff" "10105194912310020", ANY, CHARACTER, 1, ANY),
    ROW("1１", ANY, FULL_WIDTH, 2, ANY),
    ROW("1\xef\xbc", ANY, CHARACTER, 2, ANY),
    ROW("1\xef", ANY, CHARACTER, 2, ANY),
    ROW("1\xef\xbe\xa0", ANY, CHARACTER, 2, ANY),

    ROW("100101201901010019", ANY, PROVINCE, 1, CITIZEN),
    ROW("710101194912310020", ANY, PROVINCE, 1, CITIZEN),
    ROW("000000050315123", ANY, PROVINCE, 1, CITIZEN),
    ROW("810000050315123", ANY, PROVINCE, 1, CITIZEN),
    ROW("999124190501010017", ANY, PROVINCE, 2, FOREIGN_2023),
    ROW("981000190501010017", ANY, PROVINCE, 2, FOREIGN_2023),
    ROW("JPN990008022920", ANY, PROVINCE, 4, FOREIGN_2017),
    ROW("JPN810008022920", ANY, PROVINCE, 4, FOREIGN_2017),

    ROW("810101190501010016", ANY, PERMIT_REGION, 1, PERMIT),
    ROW("830001190501010014", PERMIT, PERMIT_REGION, 1, PERMIT),
    ROW("840000190501010014", ANY, PERMIT_REGION, 1, PERMIT),

    ROW("110103201900010011", ANY, BIRTH_DATE, 11, CITIZEN),
    ROW("110103201913010010", ANY, BIRTH_DATE, 11, CITIZEN),
    ROW("110103201901000018", ANY, BIRTH_DATE, 13, CITIZEN),
    ROW("110103201902300012", ANY, BIRTH_DATE, 13, CITIZEN),
    ROW("820000190502290013", ANY, BIRTH_DATE, 13, PERMIT),
    ROW("911124190502300014", ANY, BIRTH_DATE, 13, FOREIGN_2023),
    ROW("JPN310008132920", ANY, BIRTH_DATE, 10, FOREIGN_2017),
    ROW("JPN310008023020", ANY, BIRTH_DATE, 12, FOREIGN_2017),
    ROW("440309051315123", ANY, BIRTH_DATE, 9, CITIZEN),
    ROW("440309050229123", ANY, BIRTH_DATE, 11, CITIZEN),

    ROW("110103299901010011", ANY, BIRTH_FUTURE, 7, CITIZEN),
    ROW("110103000001010017", ANY, BIRTH_BEFORE_1800, 7, CITIZEN),
    ROW("110103179912310013", ANY, BIRTH_BEFORE_1800, 7, CITIZEN),

    ROW("110105194912310020", ANY, CHECK_CHARACTER, 18, CITIZEN),
    ROW("810000190501010015", ANY, CHECK_CHARACTER, 18, PERMIT),
    ROW("911124190501010010", ANY, CHECK_CHARACTER, 18, FOREIGN_2023),
    ROW("JPN310008022921", ANY, CHECK_CHARACTER, 15, FOREIGN_2017),

    ROW("CHN310008022920", ANY, NATIONALITY, 1, FOREIGN_2017),
    ROW("911156190501010015", ANY, NATIONALITY, 4, FOREIGN_2023),
    ROW("911000190501010015", ANY, NATIONALITY, 4, FOREIGN_2023),

    ROW("440309050315123", ANY, LEGACY_15, 0, CITIZEN),

    ROW("91110105MA00000007", ANY, ORGANISATION, 0, ANY),
    ROW("91110105MA00000007", CITIZEN, ORGANISATION, 0, ANY),
    ROW("91110105MA00000008", ANY, ORGANISATION, 0, ANY),
    ROW("91100000MA00000008", ANY, ORGANISATION, 0, ANY),
    ROW("110105194912B1002X", ANY, CHARACTER, 13, CITIZEN),

    ROW("A123456789", ANY, TAIWAN_ID, 0, ANY),
    ROW("E12345678", ANY, TYPE_NEEDED, 0, ANY),
    ROW("AB000000", CITIZEN, TYPE_NEEDED, 0, ANY),
    ROW(ANNEX, PERMIT, TYPE_MISMATCH, 0, CITIZEN),
    ROW("810000190501010014", CITIZEN, TYPE_MISMATCH, 0, PERMIT),
    ROW("JPN310008022920", FOREIGN_2023, TYPE_MISMATCH, 0, FOREIGN_2017),

    ROW("A000", PASSPORT, DOCUMENT_LENGTH, 0, PASSPORT),
    ROW("A000000000", PASSPORT, DOCUMENT_LENGTH, 0, PASSPORT),
    ROW(ANNEX, PASSPORT, DOCUMENT_LENGTH, 0, PASSPORT),
    ROW("000", MILITARY_OFFICER, DOCUMENT_LENGTH, 0, MILITARY_OFFICER),
    ROW("0000000000000000000000000", MILITARY_OFFICER, DOCUMENT_LENGTH, 0, MILITARY_OFFICER),
    ROW("E1234567 ", PASSPORT, DOCUMENT_CHARACTER, 9, PASSPORT),
    ROW("e12345678", PASSPORT, DOCUMENT_CHARACTER, 1, PASSPORT),
    ROW("E1234\0" "678", PASSPORT, DOCUMENT_CHARACTER, 6, PASSPORT),
    ROW("军字第0000000号 ", MILITARY_OFFICER, DOCUMENT_CHARACTER, 12, MILITARY_OFFICER),
    ROW("军字第a000000号", MILITARY_OFFICER, DOCUMENT_CHARACTER, 4, MILITARY_OFFICER),
    ROW("0000\xe5\x86", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("0000\xe5\x86" "0", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("0000\xe5" "00", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("0000\xf0\xa0\x80\x80", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("0000\xe0\xb8\x80", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("0000\xe4\xb7\xbf", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("0000\xea\x80\x80", MILITARY_OFFICER, DOCUMENT_CHARACTER, 5, MILITARY_OFFICER),
    ROW("AB000", PASSPORT, DOCUMENT_DIGITS, 0, PASSPORT),
    ROW("军字第000号", MILITARY_OFFICER, DOCUMENT_DIGITS, 0, MILITARY_OFFICER),
};
/* clang-format on */

#define REFUSAL_COUNT (sizeof refusals / sizeof refusals[0])

START_TEST(every_refusal_names_reason_place_and_type)
{
    const refusal *row = &refusals[_i];
    auth_person_rules rules = {.type = row->named, .today = {2026, 1, 31}};
    auth_person person;
    auth_person_reason reason = auth_person_check(row->text, &rules, &person);
    ck_assert_str_eq(auth_person_reason_name(reason), auth_person_reason_name(row->reason));
    ck_assert_int_eq((int)reason, (int)person.reason);
    ck_assert_uint_eq(person.position, row->position);
    ck_assert_str_eq(auth_person_type_name(person.type), auth_person_type_name(row->type));
    if (reason != AUTH_PERSON_REASON_OK && reason != AUTH_PERSON_REASON_LEGACY_15)
        ck_assert(person_tells_nothing(&person));
}

START_TEST(every_reason_is_provoked)
{
    static const auth_person_reason all[] = {
#define AUTH_PERSON_REASON_ROW(id, number, name, text) AUTH_PERSON_REASON_##id,
#include <auth/person_reason.def>
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        bool is_provoked = false;
        for (size_t row = 0; row < REFUSAL_COUNT; row++)
            is_provoked = is_provoked || refusals[row].reason == all[i];
        ck_assert_msg(is_provoked, "no case provokes %s", auth_person_reason_name(all[i]));
    }
}

START_TEST(every_reason_has_a_name_and_a_text_of_its_own)
{
    static const auth_person_reason all[] = {
#define AUTH_PERSON_REASON_ROW(id, number, name, text) AUTH_PERSON_REASON_##id,
#include <auth/person_reason.def>
    };
    size_t count = sizeof all / sizeof all[0];
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq((int)all[i], (int)i);
        ck_assert_str_ne(auth_person_reason_text(all[i]), "");
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(auth_person_reason_name(all[i]), auth_person_reason_name(all[j]));
            ck_assert_str_ne(auth_person_reason_text(all[i]), auth_person_reason_text(all[j]));
        }
    }
    /* A number from elsewhere is never taken for "ok". */
    ck_assert_str_ne(auth_person_reason_name((auth_person_reason)count), "ok");
    ck_assert_str_ne(auth_person_reason_text((auth_person_reason)1000000), "");
}

SUITE("person_reason", TEST_EACH(every_refusal_names_reason_place_and_type, REFUSAL_COUNT),
      TEST(every_reason_is_provoked), TEST(every_reason_has_a_name_and_a_text_of_its_own))
