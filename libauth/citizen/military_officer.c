/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Military officer card numbers: Chinese characters and digits, such as two or three characters, a
 * run of digits and a closing one. No public standard fixes the form, so it is opaque within
 * bounds: 4 to 24 characters, each an ASCII digit, an upper-case letter or an ideograph U+4E00 to
 * U+9FFF (GB/T 20518 writes it as a UTF8String).
 */
#include "citizen/type.h"

#define MIN_LEN 4
#define MAX_LEN 24
#define MIN_DIGITS 4

_Static_assert(MAX_LEN * 3 <= AUTH_PERSON_NUMBER_MAX, "an ideograph is three octets of UTF-8");

/* The form tells nothing: never guessed. */
static bool looks_like(auth_bytes text)
{
    (void)text;
    return false;
}

/* Returns how many octets the character at the start of text has; 0: not one that can stand here.
 */
static size_t character_len(auth_bytes text)
{
    uint8_t c = text.data[0];
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
        return 1;
    if (text.len < 3 || (c & 0xf0U) != 0xe0U || (text.data[1] & 0xc0U) != 0x80U ||
        (text.data[2] & 0xc0U) != 0x80U)
        return 0;
    unsigned point = (c & 0x0fU) << 12 | (text.data[1] & 0x3fU) << 6 | (text.data[2] & 0x3fU);
    return point >= 0x4e00U && point <= 0x9fffU ? 3 : 0;
}

static void check(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    (void)rules;
    if (text.len > AUTH_PERSON_NUMBER_MAX) {
        person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_LENGTH, 0);
        return;
    }
    size_t characters = 0;
    size_t digits = 0;
    for (size_t at = 0; at < text.len; characters++) {
        size_t len = character_len((auth_bytes){text.data + at, text.len - at});
        if (len == 0) {
            person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_CHARACTER, characters + 1);
            return;
        }
        digits += text.data[at] >= '0' && text.data[at] <= '9' ? 1 : 0;
        at += len;
    }
    if (characters < MIN_LEN || characters > MAX_LEN) {
        person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_LENGTH, 0);
        return;
    }
    if (digits < MIN_DIGITS) {
        person_refuse(out, AUTH_PERSON_REASON_DOCUMENT_DIGITS, 0);
        return;
    }
    person_keep(out, text);
}

const person_type person_type_military_officer = {
    .is_document = true,
    .looks_like = looks_like,
    .check = check,
};
