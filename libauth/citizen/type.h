/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a type of person number tells person.c about itself, and what the types share. Callers have
 * checked that text is printable ASCII before looks_like and check of a type that is not a
 * document.
 */
#ifndef CITIZEN_TYPE_H
#define CITIZEN_TYPE_H

#include <auth/person.h>

typedef struct person_type {
    /* A document number has no form of its own: it is accepted only when its type is named. */
    bool is_document;
    /* By length and first character only: what a person meant, before any rule. */
    bool (*looks_like)(auth_bytes text);
    /* Applies the rules. Fills *out, zero before; out->type is set already. */
    void (*check)(auth_bytes text, const auth_person_rules *rules, auth_person *out);
} person_type;

#define AUTH_PERSON_TYPE_ROW(id, number, file, name, title)                                        \
    extern const person_type person_type_##file;
#include <auth/person_type.def>

/* Writes a refusal. position counts from 1; 0 is the whole. */
void person_refuse(auth_person *out, auth_person_reason reason, size_t position);

/* Writes the canonical number. text must fit. */
void person_keep(auth_person *out, auth_bytes text);

/* Tells whether text[from..to) are digits; *bad becomes the index of the first that is not. */
bool person_are_digits(auth_bytes text, size_t from, size_t to, size_t *bad);

/* Reads the decimal number text[at..at+width), which are digits. */
unsigned person_digits(auth_bytes text, size_t at, size_t width);

/* Reads the birth date YYYYMMDD at text[at], refusing days that are none, future or before 1800. */
bool person_check_birth(auth_bytes text, size_t at, const auth_person_rules *rules,
                        auth_person *out);

/* Refuses a birth date that is no day, lies in the future or before 1800; else writes it. */
bool person_check_birth_date(auth_date date, size_t at, const auth_person_rules *rules,
                             auth_person *out);

/* Looks the two-digit province up and writes region and names; position is where it stands. */
bool person_check_province(unsigned province, uint32_t region, size_t position, auth_person *out);

/*
 * The 18-character form that citizens, permits and foreigners (2023) share: 17 digits, a check
 * character by ISO 7064 MOD 11-2, birth date at 7 and an odd sequence number for men. Checks the
 * characters only, before the fields are looked at.
 */
bool person_check_18_characters(auth_bytes text, auth_person *out);

/* Checks birth date and check character, writes sex and number. */
void person_check_18_fields(auth_bytes text, const auth_person_rules *rules, auth_person *out);

/* The check character that belongs to 17 digits (ISO 7064 MOD 11-2): '0' to '9' or 'X'. */
char person_mod11_2(const uint8_t digits[17]);

/* Tells whether a two-digit code is that of a province, those of permits included. */
bool person_has_province(unsigned code);

/* Tells whether a county code is or was in GB/T 2260. */
bool person_region_is_listed(uint32_t region);

/* Tells whether 18 printable characters have the layout of a credit code with letters in it. */
bool organisation_has_letters(auth_bytes text);

/* Tells whether 18 printable characters are a credit code with both its check characters right. */
bool organisation_is_valid(auth_bytes text);

#endif
