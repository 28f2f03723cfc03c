/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unified social credit codes (GB 32100-2015): recognised so that an organisation is never taken
 * for a person. Department and kind (2), region (6 digits), organisation code by GB 11714 (8 and
 * its own check character), check character modulus 31.
 */
#include "citizen/type.h"

#define LEN 18
#define CREDIT_ALPHABET_SIZE 31

/* Values of GB 32100 table 1: no I, O, S, V, Z. -1: not in the alphabet. */
static int credit_value(uint8_t c)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRTUWXY";
    if (c >= '0' && c <= '9')
        return c - '0';
    for (int i = 0; letters[i] != '\0'; i++) {
        if ((uint8_t)letters[i] == c)
            return i + 10;
    }
    return -1;
}

static bool has_layout(auth_bytes text)
{
    size_t bad = 0;
    if (text.len != LEN || !person_are_digits(text, 1, 8, &bad))
        return false;
    for (size_t i = 0; i < LEN; i++) {
        if (credit_value(text.data[i]) < 0)
            return false;
    }
    /* Places 3 and 4 are a province, 10 the centre. A citizen number has the city there. */
    unsigned province = person_digits(text, 2, 2);
    return province == 10 || person_has_province(province);
}

bool organisation_has_letters(auth_bytes text)
{
    /* An X may be a citizen's check character, typed in the wrong place. */
    bool has_letter = false;
    for (size_t i = 0; i < text.len && text.len == LEN; i++)
        has_letter = has_letter || (text.data[i] >= 'A' && text.data[i] != 'X');
    return has_letter && has_layout(text);
}

/* GB 11714: weights over the eight characters, letters from A = 10, modulus 11, 10 written X. */
static bool organisation_code_checks(auth_bytes text)
{
    static const uint8_t weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < 8; i++) {
        uint8_t c = text.data[8 + i];
        sum += (c >= 'A' ? c - 'A' + 10 : c - '0') * weights[i];
    }
    return text.data[16] == (uint8_t) "0X987654321"[sum % 11];
}

bool organisation_is_valid(auth_bytes text)
{
    if (!has_layout(text) || !organisation_code_checks(text))
        return false;
    /* GB 32100 section 5: weights 3^(i-1) mod 31. */
    int weight = 1;
    int sum = 0;
    for (size_t i = 0; i < LEN - 1; i++) {
        sum += credit_value(text.data[i]) * weight;
        weight = weight * 3 % CREDIT_ALPHABET_SIZE;
    }
    int check = (CREDIT_ALPHABET_SIZE - sum % CREDIT_ALPHABET_SIZE) % CREDIT_ALPHABET_SIZE;
    return credit_value(text.data[LEN - 1]) == check;
}
