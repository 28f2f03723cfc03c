/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Citizen identity numbers. 18 characters by GB 11643-1999: region (6), birth date (8), sequence
 * (3), check character. 15 digits by GB 11643-1989: region (6), birth date without century (6),
 * sequence.
 */
#include "citizen/type.h"

#include <string.h>

static bool looks_like(auth_bytes text)
{
    uint8_t first = text.data[0];
    if (text.len == 18)
        return first != '8' && first != '9';
    return text.len == 15 && first >= '0' && first <= '9';
}

static bool check_region(auth_bytes text, auth_person *out)
{
    uint32_t region = person_digits(text, 0, 6);
    if (!person_check_province(region / 10000, region, 1, out))
        return false;
    out->is_listed_region = person_region_is_listed(region);
    return true;
}

/*
 * Builds the 18-character number that a 15-digit one became: the century goes in after the region.
 * Sequences 996 to 999 were kept for people over a hundred when numbers began.
 */
static void upgrade(auth_bytes text, uint8_t upgraded[18])
{
    bool was_over_100 = person_digits(text, 12, 3) >= 996;
    memcpy(upgraded, text.data, 6);
    memcpy(upgraded + 6, was_over_100 ? "18" : "19", 2);
    memcpy(upgraded + 8, text.data + 6, 9);
    upgraded[17] = (uint8_t)person_mod11_2(upgraded);
}

static void check_15(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    size_t bad = 0;
    if (!person_are_digits(text, 0, 15, &bad)) {
        person_refuse(out, AUTH_PERSON_REASON_CHARACTER, bad + 1);
        return;
    }
    if (!check_region(text, out))
        return;
    uint8_t upgraded[18];
    upgrade(text, upgraded);
    person_check_18_fields((auth_bytes){upgraded, sizeof upgraded}, rules, out);
    if (out->reason != AUTH_PERSON_REASON_OK) {
        /* The century's two digits are not in what was typed. */
        out->position = out->position > 9 ? out->position - 2 : 7;
        return;
    }
    if (!rules->accepts_legacy)
        person_refuse(out, AUTH_PERSON_REASON_LEGACY_15, 0);
}

static void check(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    if (text.len == 15) {
        check_15(text, rules, out);
        return;
    }
    if (person_check_18_characters(text, out) && check_region(text, out))
        person_check_18_fields(text, rules, out);
}

const person_type person_type_citizen = {.looks_like = looks_like, .check = check};
