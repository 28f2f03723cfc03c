/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that several types of person numbers share. */
#include "citizen/type.h"

#include <string.h>

void person_refuse(auth_person *out, auth_person_reason reason, size_t position)
{
    out->reason = reason;
    out->position = position;
}

void person_keep(auth_person *out, auth_bytes text)
{
    out->number.type = out->type;
    out->number.len = (uint8_t)text.len;
    memcpy(out->number.hidden, text.data, text.len);
}

bool person_are_digits(auth_bytes text, size_t from, size_t to, size_t *bad)
{
    for (size_t i = from; i < to; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            *bad = i;
            return false;
        }
    }
    return true;
}

unsigned person_digits(auth_bytes text, size_t at, size_t width)
{
    unsigned value = 0;
    for (size_t i = at; i < at + width; i++)
        value = value * 10 + (unsigned)(text.data[i] - '0');
    return value;
}

/* The calendar cannot say which part of a date is wrong, so the position tells it. */
static size_t wrong_part(auth_date date)
{
    if (date.month < 1 || date.month > 12)
        return 4;
    return 6;
}

bool person_check_birth_date(auth_date date, size_t at, const auth_person_rules *rules,
                             auth_person *out)
{
    if (date.year < 1800) {
        person_refuse(out, AUTH_PERSON_REASON_BIRTH_BEFORE_1800, at + 1);
        return false;
    }
    if (!auth_date_exists(date)) {
        person_refuse(out, AUTH_PERSON_REASON_BIRTH_DATE, at + wrong_part(date) + 1);
        return false;
    }
    if (auth_date_compare(date, rules->today) > 0) {
        person_refuse(out, AUTH_PERSON_REASON_BIRTH_FUTURE, at + 1);
        return false;
    }
    out->birth_date = date;
    out->has_century = true;
    return true;
}

bool person_check_birth(auth_bytes text, size_t at, const auth_person_rules *rules,
                        auth_person *out)
{
    auth_date date = {
        .year = (int16_t)person_digits(text, at, 4),
        .month = (uint8_t)person_digits(text, at + 4, 2),
        .day = (uint8_t)person_digits(text, at + 6, 2),
    };
    return person_check_birth_date(date, at, rules, out);
}

bool person_check_18_characters(auth_bytes text, auth_person *out)
{
    size_t bad = 0;
    if (!person_are_digits(text, 0, 17, &bad)) {
        person_refuse(out, AUTH_PERSON_REASON_CHARACTER, bad + 1);
        return false;
    }
    uint8_t last = text.data[17];
    if ((last < '0' || last > '9') && last != 'X' && last != 'x') {
        person_refuse(out, AUTH_PERSON_REASON_CHARACTER, 18);
        return false;
    }
    return true;
}

char person_mod11_2(const uint8_t digits[17])
{
    /* 2^(18-i) mod 11 for positions i = 1 to 17 (GB 11643-1999 annex). */
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < 17; i++)
        sum += (unsigned)(digits[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

void person_check_18_fields(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    if (!person_check_birth(text, 6, rules, out))
        return;
    char check = person_mod11_2(text.data);
    char last = (char)(text.data[17] == 'x' ? 'X' : text.data[17]);
    if (last != check) {
        person_refuse(out, AUTH_PERSON_REASON_CHECK_CHARACTER, 18);
        return;
    }
    out->sex = (text.data[16] - '0') % 2 == 1 ? AUTH_PERSON_SEX_MALE : AUTH_PERSON_SEX_FEMALE;
    person_keep(out, text);
    out->number.hidden[17] = check;
}
