/* SPDX-License-Identifier: Apache-2.0 */
/* Is exactly what the standards call a person number accepted, read for what it tells, and every
 * other text refused without keeping anything of it? */
#include "citizen/type.h"
#include "harness/harness.h"
#include "harness/person_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TODAY ((auth_date){2026, 1, 31})
#define ANNEX "11010519491231002X"
#define ANNEX_OLD "440524188001010014"

static const auth_person_rules today = {.today = {2026, 1, 31}};
static const auth_person_rules legacy = {.today = {2026, 1, 31}, .accepts_legacy = true};

static auth_person check_text(const char *text)
{
    auth_person person;
    (void)auth_person_check(auth_bytes_from_text(text), &today, &person);
    return person;
}

/* The vectors */

typedef struct vector_reason {
    const char *begins; /* of the reason column */
    auth_person_reason reason;
} vector_reason;

static const vector_reason vector_reasons[] = {
    {"length", AUTH_PERSON_REASON_LENGTH},
    {"trailing space", AUTH_PERSON_REASON_SPACE},
    {"embedded hyphens", AUTH_PERSON_REASON_HYPHEN},
    {"Arabic-Indic digits", AUTH_PERSON_REASON_CHARACTER},
    {"letter in region code", AUTH_PERSON_REASON_CHARACTER},
    {"X in position", AUTH_PERSON_REASON_CHARACTER},
    {"masked", AUTH_PERSON_REASON_MASKED},
    {"month", AUTH_PERSON_REASON_BIRTH_DATE},
    {"day", AUTH_PERSON_REASON_BIRTH_DATE},
    {"30 February", AUTH_PERSON_REASON_BIRTH_DATE},
    {"31 ", AUTH_PERSON_REASON_BIRTH_DATE},
    {"birth date in the future", AUTH_PERSON_REASON_BIRTH_FUTURE},
    {"year 0000", AUTH_PERSON_REASON_BIRTH_BEFORE_1800},
    {"birth year before 1800", AUTH_PERSON_REASON_BIRTH_BEFORE_1800},
    {"province code 80", AUTH_PERSON_REASON_PERMIT_REGION}, /* 8: only permits begin so */
    {"province code", AUTH_PERSON_REASON_PROVINCE},
    {"digit where X is due", AUTH_PERSON_REASON_CHECK_CHARACTER},
    {"lower-case letter other than x", AUTH_PERSON_REASON_CHARACTER},
    {"one digit changed", AUTH_PERSON_REASON_CHECK_CHARACTER},
    {"digits reversed", AUTH_PERSON_REASON_BIRTH_BEFORE_1800},
    {"counting sequence", AUTH_PERSON_REASON_BIRTH_DATE},
    {"residence permit with a district", AUTH_PERSON_REASON_PERMIT_REGION},
    {"residence permit, 29 February", AUTH_PERSON_REASON_BIRTH_DATE},
    {"fpr2023 province", AUTH_PERSON_REASON_PROVINCE},
    {"fpr2023 30 February", AUTH_PERSON_REASON_BIRTH_DATE},
    {"fpr2017 lower-case", AUTH_PERSON_REASON_CHARACTER},
    {"legacy15 month", AUTH_PERSON_REASON_BIRTH_DATE},
    {"legacy15 29 February", AUTH_PERSON_REASON_BIRTH_DATE},
    {"legacy15 region", AUTH_PERSON_REASON_PROVINCE},
    {"Taiwan national ID", AUTH_PERSON_REASON_TAIWAN_ID},
    {"unified social credit code", AUTH_PERSON_REASON_ORGANISATION},
    {"passport number", AUTH_PERSON_REASON_TYPE_NEEDED},
};

static auth_person_reason reason_of_vector(const person_vector *row)
{
    for (size_t i = 0; i < sizeof vector_reasons / sizeof vector_reasons[0]; i++) {
        const char *begins = vector_reasons[i].begins;
        if (strncmp(row->reason, begins, strlen(begins)) == 0)
            return vector_reasons[i].reason;
    }
    ck_abort_msg("no reason is known for '%s'", row->reason);
}

static void assert_facts(const person_vector *row, const auth_person *person)
{
    char birth[AUTH_TIME_TEXT_SIZE];
    if (person->has_century)
        auth_date_format(person->birth_date, birth);
    else
        (void)snprintf(birth, sizeof birth, "%02d%02d%02d", person->birth_date.year,
                       person->birth_date.month, person->birth_date.day);
    ck_assert_str_eq(birth, row->birth_date);
    ck_assert_str_eq(person->sex == AUTH_PERSON_SEX_FEMALE ? "F" : "M", row->sex);
    ck_assert_uint_eq(person->region, strtoul(row->region, NULL, 10));
    ck_assert_uint_eq(person->position, 0);
    ck_assert_ptr_nonnull(person->province_en);
    ck_assert_ptr_nonnull(person->province_zh);
}

static bool begins_with(const char *text, const char *begin)
{
    return strncmp(text, begin, strlen(begin)) == 0;
}

/* The canonical form: what a legacy number upgrades to, x as X, else the text itself. */
static void assert_canonical(const person_vector *row, const auth_person *person)
{
    static const char arrow[] = "upgrades to ";
    auth_bytes canonical = auth_person_number_reveal(&person->number);
    const char *upgrade = strstr(row->reason, arrow);
    if (upgrade != NULL) {
        assert_bytes(canonical, auth_bytes_from_text(upgrade + strlen(arrow)));
        return;
    }
    ck_assert_uint_eq(canonical.len, row->number.len);
    ck_assert_mem_eq(canonical.data, row->number.data, canonical.len - 1);
    uint8_t last = row->number.data[canonical.len - 1];
    ck_assert_uint_eq(canonical.data[canonical.len - 1], last == 'x' ? 'X' : last);
}

START_TEST(every_vector_gets_its_answer)
{
    person_vectors vectors = person_vectors_load();
    size_t legacy_rows = 0;
    for (size_t i = 0; i < vectors.count; i++) {
        const person_vector *row = &vectors.rows[i];
        bool is_legacy = begins_with(row->reason, "ok-legacy15");
        auth_person person;
        auth_person_reason reason = auth_person_check(row->number, &today, &person);
        ck_assert_int_eq((int)reason, (int)person.reason);
        auth_person_reason expected = !row->is_valid ? reason_of_vector(row)
                                      : is_legacy    ? AUTH_PERSON_REASON_LEGACY_15
                                                     : AUTH_PERSON_REASON_OK;
        ck_assert_msg(reason == expected, "row %zu (%s): %s", i + 2, row->reason,
                      auth_person_reason_name(reason));
        if (!row->is_valid)
            ck_assert(person_tells_nothing(&person));
        else {
            assert_facts(row, &person);
            assert_canonical(row, &person);
        }
        legacy_rows += is_legacy ? 1 : 0;

        reason = auth_person_check(row->number, &legacy, &person);
        ck_assert_msg((reason == AUTH_PERSON_REASON_OK) == row->is_valid, "row %zu (%s)", i + 2,
                      row->reason);
        if (row->is_valid)
            assert_canonical(row, &person);
    }
    ck_assert_uint_ge(legacy_rows, 3);
    person_vectors_free(&vectors);
}

/* ISO 7064 MOD 11-2 */

static const char *const annex_numbers[] = {ANNEX, ANNEX_OLD};

START_TEST(every_mistyped_character_is_found)
{
    char text[19];
    for (size_t at = 0; at < 18; at++) {
        for (const char *other = "0123456789X"; *other != '\0'; other++) {
            memcpy(text, annex_numbers[_i], sizeof text);
            if (text[at] == *other)
                continue;
            text[at] = *other;
            ck_assert_int_ne((int)check_text(text).reason, (int)AUTH_PERSON_REASON_OK);
            if (at == 17 || *other == 'X')
                continue;
            /* Not by luck of the date: the check character itself changes. */
            ck_assert_int_ne(person_mod11_2((const uint8_t *)text), annex_numbers[_i][17]);
        }
    }
}

START_TEST(every_transposition_of_neighbours_is_found)
{
    char text[19];
    for (size_t at = 0; at < 17; at++) {
        memcpy(text, annex_numbers[_i], sizeof text);
        if (text[at] == text[at + 1])
            continue;
        text[at] = annex_numbers[_i][at + 1];
        text[at + 1] = annex_numbers[_i][at];
        ck_assert_int_ne((int)check_text(text).reason, (int)AUTH_PERSON_REASON_OK);
        if (at < 16)
            ck_assert_int_ne(person_mod11_2((const uint8_t *)text), annex_numbers[_i][17]);
    }
}

START_TEST(the_check_character_is_the_one_of_the_standard)
{
    /* The annex numbers, and by the whole-number test that sum of a_i * 2^(18-i) is 1 mod 11. */
    ck_assert_int_eq(person_mod11_2((const uint8_t *)ANNEX), 'X');
    ck_assert_int_eq(person_mod11_2((const uint8_t *)ANNEX_OLD), '4');
    uint8_t digits[18] = "00000000000000000";
    for (unsigned n = 0; n < 100000; n++) {
        unsigned sum = 0;
        for (unsigned i = 0; i < 17; i++) {
            digits[i] = (uint8_t)('0' + (n * (i + 3) * 7919U >> (i % 5)) % 10);
            sum = (sum + (unsigned)(digits[i] - '0')) * 2 % 11;
        }
        char check = person_mod11_2(digits);
        unsigned value = check == 'X' ? 10U : (unsigned)(check - '0');
        assert_each((sum + value) % 11 == 1, "%s has no check character %c", digits, check);
    }
}

/* Octets */

static auth_person_reason reason_for_octet(uint8_t c)
{
    if (c == '\0')
        return AUTH_PERSON_REASON_NUL;
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return AUTH_PERSON_REASON_SPACE;
    if (c == '-')
        return AUTH_PERSON_REASON_HYPHEN;
    if (c == '*')
        return AUTH_PERSON_REASON_MASKED;
    return AUTH_PERSON_REASON_CHARACTER;
}

static bool is_letter_or_digit(unsigned c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Puts every octet at every place of a good number. Only the number itself may stay good. */
static void try_octet(const person_vector *row, size_t at, uint8_t octet)
{
    uint8_t text[18];
    memcpy(text, row->number.data, row->number.len);
    text[at] = octet;
    auth_person person;
    auth_person_reason reason =
        auth_person_check((auth_bytes){text, row->number.len}, &legacy, &person);
    if (reason != AUTH_PERSON_REASON_OK && person.number.len != 0)
        ck_abort_msg("a refused number is kept");
    if (!is_letter_or_digit(octet))
        assert_each(reason == reason_for_octet(octet) && person.position == at + 1,
                    "octet 0x%02x at %zu: %s at %zu", octet, at, auth_person_reason_name(reason),
                    person.position);
    bool is_x = octet == 'X' || octet == 'x';
    bool was_x = row->number.data[at] == 'X' || row->number.data[at] == 'x';
    bool is_same = octet == row->number.data[at] || (at == 17 && is_x && was_x);
    /* 15 characters have no check character, or a weak one. */
    if (row->number.len == 18)
        assert_each((reason == AUTH_PERSON_REASON_OK) == is_same, "octet 0x%02x at %zu: %s", octet,
                    at, auth_person_reason_name(reason));
}

START_TEST(every_octet_at_every_place_of_a_good_number)
{
    person_vectors vectors = person_vectors_load();
    size_t tried = 0;
    for (size_t i = 0; i < vectors.count; i++) {
        for (size_t at = 0; vectors.rows[i].is_valid && at < vectors.rows[i].number.len; at++) {
            for (unsigned octet = 0; octet < 256; octet++, tried++)
                try_octet(&vectors.rows[i], at, (uint8_t)octet);
        }
    }
    ck_assert_uint_gt(tried, 100000);
    person_vectors_free(&vectors);
}

START_TEST(a_number_of_a_megabyte_is_refused)
{
    size_t len = (size_t)1 << 20;
    uint8_t *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memset(text, '1', len);
    for (unsigned type = 0; type <= AUTH_PERSON_TYPE_MILITARY_OFFICER; type++) {
        auth_person_rules rules = {.type = (auth_person_type)type, .today = TODAY};
        bool is_document =
            type == AUTH_PERSON_TYPE_PASSPORT || type == AUTH_PERSON_TYPE_MILITARY_OFFICER;
        auth_person person;
        ck_assert_int_eq((int)auth_person_check((auth_bytes){text, len}, &rules, &person),
                         (int)(is_document ? AUTH_PERSON_REASON_DOCUMENT_LENGTH
                                           : AUTH_PERSON_REASON_LENGTH));
        ck_assert(person_tells_nothing(&person));
    }
    free(text);
}

/* Rules */

START_TEST(who_forgets_the_day_accepts_nobody)
{
    static const auth_person_rules unset = {.accepts_legacy = true};
    person_vectors vectors = person_vectors_load();
    for (size_t i = 0; i < vectors.count; i++) {
        auth_person person;
        auth_person_reason reason = auth_person_check(vectors.rows[i].number, &unset, &person);
        if (vectors.rows[i].is_valid)
            ck_assert_int_eq((int)reason, (int)AUTH_PERSON_REASON_BIRTH_FUTURE);
        else
            ck_assert_int_ne((int)reason, (int)AUTH_PERSON_REASON_OK);
    }
    person_vectors_free(&vectors);
}

static auth_person_reason reason_on(const char *text, auth_date day)
{
    auth_person_rules rules = {.today = day, .accepts_legacy = true};
    auth_person person;
    return auth_person_check(auth_bytes_from_text(text), &rules, &person);
}

START_TEST(nobody_is_born_tomorrow)
{
    ck_assert_int_eq((int)reason_on(ANNEX, (auth_date){1949, 12, 31}), (int)AUTH_PERSON_REASON_OK);
    ck_assert_int_eq((int)reason_on(ANNEX, (auth_date){1949, 12, 30}),
                     (int)AUTH_PERSON_REASON_BIRTH_FUTURE);
    ck_assert_int_eq((int)reason_on(ANNEX, (auth_date){1949, 11, 31}),
                     (int)AUTH_PERSON_REASON_BIRTH_FUTURE);
    ck_assert_int_eq((int)reason_on("440309050315123", (auth_date){1905, 3, 15}),
                     (int)AUTH_PERSON_REASON_OK);
    ck_assert_int_eq((int)reason_on("440309050315123", (auth_date){1905, 3, 14}),
                     (int)AUTH_PERSON_REASON_BIRTH_FUTURE);
}

START_TEST(a_foreigner_of_the_2017_form_is_born_in_one_of_two_centuries)
{
    /* 080229: of 2008, or of 1908 while 2008 lies ahead. */
    ck_assert_int_eq((int)reason_on("JPN310008022920", (auth_date){2008, 2, 29}),
                     (int)AUTH_PERSON_REASON_OK);
    ck_assert_int_eq((int)reason_on("JPN310008022920", (auth_date){2008, 2, 28}),
                     (int)AUTH_PERSON_REASON_OK);
    ck_assert_int_eq((int)reason_on("JPN310008022920", (auth_date){1908, 2, 29}),
                     (int)AUTH_PERSON_REASON_OK);
    ck_assert_int_eq((int)reason_on("JPN310008022920", (auth_date){1908, 2, 28}),
                     (int)AUTH_PERSON_REASON_BIRTH_FUTURE);
    /* 29 February 1900 never was, and 2000's lies ahead. */
    ck_assert_int_eq((int)reason_on("JPN310000022922", (auth_date){2000, 2, 29}),
                     (int)AUTH_PERSON_REASON_OK);
    ck_assert_int_eq((int)reason_on("JPN310000022922", (auth_date){2000, 2, 28}),
                     (int)AUTH_PERSON_REASON_BIRTH_FUTURE);
}

START_TEST(the_first_year_is_1800)
{
    static const char *const births[] = {"18000101", "17991231"};
    for (size_t i = 0; i < 2; i++) {
        char text[19] = {0};
        (void)snprintf(text, sizeof text, "440309%s123", births[i]);
        text[17] = person_mod11_2((const uint8_t *)text);
        ck_assert_int_eq((int)check_text(text).reason,
                         (int)(i == 0 ? AUTH_PERSON_REASON_OK
                                      : AUTH_PERSON_REASON_BIRTH_BEFORE_1800));
    }
}

START_TEST(a_type_that_is_in_no_table_accepts_nothing)
{
    person_vectors vectors = person_vectors_load();
    auth_person_rules rules = {
        .type = (auth_person_type)200,
        .today = TODAY,
        .accepts_legacy = true,
    };
    for (size_t i = 0; i < vectors.count; i++) {
        auth_person person;
        ck_assert_int_ne((int)auth_person_check(vectors.rows[i].number, &rules, &person),
                         (int)AUTH_PERSON_REASON_OK);
    }
    person_vectors_free(&vectors);
}

START_TEST(sequences_996_to_999_were_born_a_century_earlier)
{
    static const char *const cases[][2] = {
        {"440309880101995", "1988"}, {"440309880101996", "1888"}, {"440309880101997", "1888"},
        {"440309880101998", "1888"}, {"440309880101999", "1888"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auth_person person;
        auth_bytes text = auth_bytes_from_text(cases[i][0]);
        ck_assert_int_eq((int)auth_person_check(text, &legacy, &person),
                         (int)AUTH_PERSON_REASON_OK);
        ck_assert_int_eq(person.birth_date.year, (int)strtol(cases[i][1], NULL, 10));
        ck_assert_uint_eq(person.number.len, 18);
        ck_assert_mem_eq(person.number.hidden + 6, cases[i][1], 4);
        /* What it became is a number of its own right, and the same one. */
        auth_person again;
        ck_assert_int_eq((int)auth_person_check(auth_person_number_reveal(&person.number), &today,
                                                &again),
                         (int)AUTH_PERSON_REASON_OK);
        ck_assert(auth_person_number_equal(&person.number, &again.number));
    }
}

/* Organisations */

/* GB 11714 and GB 32100 by the letter of the standards, for digits. False: a check is no digit. */
static bool credit_code(const char first16[17], char out[19])
{
    static const int weights_11714[] = {3, 7, 9, 10, 5, 8, 4, 2};
    static const int weights_32100[] = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                        29, 25, 13, 8,  24, 10, 30, 28};
    memcpy(out, first16, 16);
    int sum = 0;
    for (size_t i = 0; i < 8; i++)
        sum += (out[8 + i] - '0') * weights_11714[i];
    int check = (11 - sum % 11) % 11;
    if (check == 10)
        return false;
    out[16] = (char)('0' + check);
    sum = 0;
    for (size_t i = 0; i < 17; i++)
        sum += (out[i] - '0') * weights_32100[i];
    check = (31 - sum % 31) % 31;
    if (check > 9)
        return false;
    out[17] = (char)('0' + check);
    out[18] = '\0';
    return true;
}

START_TEST(an_organisation_of_digits_only_is_no_person)
{
    static const char *const departments[] = {"11110105", "12110105", "51110105", "91110105"};
    size_t tried = 0;
    for (size_t i = 0; i < 4; i++) {
        for (unsigned n = 0; n < 50; n++) {
            char first16[17];
            char text[19];
            (void)snprintf(first16, sizeof first16, "%s000000%02u", departments[i], n);
            if (!credit_code(first16, text))
                continue;
            auth_person person = check_text(text);
            ck_assert_msg(person.reason == AUTH_PERSON_REASON_ORGANISATION, "%s: %s", text,
                          auth_person_reason_name(person.reason));
            ck_assert_uint_eq(person.position, 0);
            ck_assert_int_eq((int)person.type, (int)AUTH_PERSON_TYPE_ANY);
            ck_assert(person_tells_nothing(&person));
            /* With either check wrong it is a mistyped person number. */
            text[17] = text[17] == '9' ? '0' : (char)(text[17] + 1);
            ck_assert_int_ne((int)check_text(text).reason, (int)AUTH_PERSON_REASON_ORGANISATION);
            tried++;
        }
    }
    ck_assert_uint_gt(tried, 20);
}

/* The contract */

START_TEST(nothing_of_what_stood_in_the_result_remains)
{
    auth_person person;
    memset(&person, 0xff, sizeof person);
    (void)auth_person_check(BYTES("1"), &today, &person);
    ck_assert(person_tells_nothing(&person));
    ck_assert_uint_eq(person.number.type, 0);
    memset(&person, 0xff, sizeof person);
    (void)auth_person_check(BYTES(ANNEX), &today, &person);
    static const char zeros[AUTH_PERSON_NUMBER_MAX];
    ck_assert_mem_eq(person.number.hidden + 18, zeros, AUTH_PERSON_NUMBER_MAX - 18);
}

static auth_status check_all(void *context)
{
    const person_vectors *vectors = context;
    for (size_t i = 0; i < vectors->count; i++) {
        auth_person person;
        (void)auth_person_check(vectors->rows[i].number, &legacy, &person);
    }
    return AUTH_STATUS_OK;
}

START_TEST(checking_takes_no_memory)
{
    person_vectors vectors = person_vectors_load();
    ck_assert_uint_eq(harness_for_each_failure(check_all, &vectors), 0);
    person_vectors_free(&vectors);
}

SUITE("person", TEST(every_vector_gets_its_answer), TEST_EACH(every_mistyped_character_is_found, 2),
      TEST_EACH(every_transposition_of_neighbours_is_found, 2),
      TEST(the_check_character_is_the_one_of_the_standard),
      TEST(every_octet_at_every_place_of_a_good_number), TEST(a_number_of_a_megabyte_is_refused),
      TEST(who_forgets_the_day_accepts_nobody), TEST(nobody_is_born_tomorrow),
      TEST(a_foreigner_of_the_2017_form_is_born_in_one_of_two_centuries),
      TEST(the_first_year_is_1800), TEST(a_type_that_is_in_no_table_accepts_nothing),
      TEST(sequences_996_to_999_were_born_a_century_earlier),
      TEST(an_organisation_of_digits_only_is_no_person),
      TEST(nothing_of_what_stood_in_the_result_remains), TEST(checking_takes_no_memory))
