/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passport numbers of any state: up to nine characters A to Z and 0 to 9 (ICAO 9303-4 section 4.2).
 * There is no check character in the number itself, so the type must be named.
 */
#include "citizen/type.h"

#define MIN_LEN 5
#define MAX_LEN 9
#define MIN_DIGITS 4

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/* For the remedy only: one or two letters and six to eight digits, as most states write them. */
static bool looks_like(auth_bytes text)
{
    size_t letters = 0;
    while (letters < text.len && text.data[letters] >= 'A' && text.data[letters] <= 'Z')
        letters++;
    size_t digits = text.len - letters;
    size_t bad = 0;
    return letters >= 1 && letters <= 2 && digits >= 6 && text.len <= MAX_LEN &&
           person_are_digits(text, letters, text.len, &bad);
}

static void check(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    (void)rules;
    if (text.len < MIN_LEN || text.len > MAX_LEN) {
        person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_LENGTH, 0);
        return;
    }
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (!is_digit(c) && !(c >= 'A' && c <= 'Z')) {
            person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_CHARACTER, i + 1);
            return;
        }
        digits += is_digit(c) ? 1 : 0;
    }
    if (digits < MIN_DIGITS) {
        person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_DIGITS, 0);
        return;
    }
    person_keep(out, text);
}

const person_type person_type_passport = {
    .is_document = true,
    .looks_like = looks_like,
    .check = check,
};
