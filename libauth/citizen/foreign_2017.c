/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign permanent residents, form of 2017: nationality by ISO 3166 alpha-3 code (3), province and
 * city (4), birth date without century (6), sequence (1, odd for men), check digit by ICAO 9303.
 */
#include "citizen/type.h"

#include <string.h>

#define LEN 15

static bool is_upper(uint8_t c) { return c >= 'A' && c <= 'Z'; }

static bool looks_like(auth_bytes text)
{
    uint8_t first = text.data[0];
    return text.len == LEN && (is_upper(first) || (first >= 'a' && first <= 'z'));
}

/* ICAO 9303-3 section 4.9: weights 7, 3, 1 in turn; letters count from A = 10; modulus 10. */
static uint8_t icao_check_digit(auth_bytes text)
{
    static const uint8_t weights[3] = {7, 3, 1};
    unsigned sum = 0;
    for (size_t i = 0; i < LEN - 1; i++) {
        uint8_t c = text.data[i];
        sum += (unsigned)(is_upper(c) ? c - 'A' + 10 : c - '0') * weights[i % 3];
    }
    return (uint8_t)('0' + sum % 10);
}

static bool check_characters(auth_bytes text, auth_person *out)
{
    for (size_t i = 0; i < 3; i++) {
        if (!is_upper(text.data[i])) {
            person_refuse(out, AUTH_PERSON_REASON_CHARACTER, i + 1);
            return false;
        }
    }
    size_t bad = 0;
    if (!person_are_digits(text, 3, LEN, &bad)) {
        person_refuse(out, AUTH_PERSON_REASON_CHARACTER, bad + 1);
        return false;
    }
    return true;
}

/* The century is not encoded: the day must exist in 19YY or 20YY and not lie ahead in both. */
static bool check_birth(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    auth_date date = {
        .year = (int16_t)(2000 + person_digits(text, 7, 2)),
        .month = (uint8_t)person_digits(text, 9, 2),
        .day = (uint8_t)person_digits(text, 11, 2),
    };
    auth_date older = date;
    older.year = (int16_t)(date.year - 100);
    if (auth_date_exists(older) && auth_date_compare(date, rules->today) > 0)
        date = older;
    if (!person_check_birth_date(date, 5, rules, out)) {
        /* person_check_birth_date counts a four-digit year. */
        out->position = out->position > 9 ? out->position : 8;
        return false;
    }
    out->birth_date.year = (int16_t)(date.year % 100);
    out->has_century = false;
    return true;
}

static void check(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    if (!check_characters(text, out))
        return;
    if (memcmp(text.data, "CHN", 3) == 0) {
        person_refuse(out, AUTH_PERSON_REASON_NATIONALITY, 1);
        return;
    }
    unsigned place = person_digits(text, 3, 4);
    if (!person_check_province(place / 100, place * 100, 4, out))
        return;
    out->is_listed_region = true;
    if (!check_birth(text, rules, out))
        return;
    if (text.data[LEN - 1] != icao_check_digit(text)) {
        person_refuse(out, AUTH_PERSON_REASON_CHECK_CHARACTER, LEN);
        return;
    }
    out->sex = (text.data[13] - '0') % 2 == 1 ? AUTH_PERSON_SEX_MALE : AUTH_PERSON_SEX_FEMALE;
    person_keep(out, text);
}

const person_type person_type_foreign_2017 = {.looks_like = looks_like, .check = check};
