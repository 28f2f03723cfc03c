/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign permanent residents, form of 2023-12-01: 9, province of first application (2),
 * nationality by ISO 3166 numeric code (3), birth date (8), sequence (3), check character as for
 * citizens.
 */
#include "citizen/type.h"

#define NATIONALITY_NONE 0
#define NATIONALITY_CHINA 156

static bool looks_like(auth_bytes text) { return text.len == 18 && text.data[0] == '9'; }

static void check(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    if (!person_check_18_characters(text, out))
        return;
    unsigned province = person_digits(text, 1, 2);
    if (!person_check_province(province, province * 10000, 2, out))
        return;
    out->is_listed_region = true;
    unsigned nationality = person_digits(text, 3, 3);
    if (nationality == NATIONALITY_NONE || nationality == NATIONALITY_CHINA) {
        person_refuse(out, AUTH_PERSON_REASON_NATIONALITY, 4);
        return;
    }
    person_check_18_fields(text, rules, out);
}

const person_type person_type_foreign_2023 = {.looks_like = looks_like, .check = check};
