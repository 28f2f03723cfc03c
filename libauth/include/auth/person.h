/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_person
 * @brief person numbers: recognise, check, mask
 *
 * A person number identifies a natural person: a citizen number by GB 11643, a residence permit, a
 * foreigner's permanent residence number, a passport or a military officer card. The type is
 * decided first, then the rules of that type are applied, so that nothing is accepted by accident:
 * a company's credit code is not a person, a 15-digit number is not a citizen number of today.
 *
 * Every number has one canonical form, and only that form is kept: x becomes X, 15 digits
 * become 18. Nothing is trimmed and nothing but ASCII digits and the letters of the form passes.
 *
 * A number that was read lives in an auth_person_number, which shows itself masked. Its octets in
 * clear come from auth_person_number_reveal only, so that a search for that name finds every place
 * that can leak one. A well-formed number says nothing about whether the person exists: this module
 * asks nobody, and it reads no clock.
 */
#ifndef AUTH_PERSON_H
#define AUTH_PERSON_H

#include <auth/time.h>

AUTH_BEGIN_DECLS

/* The types, from auth/person_type.def. ANY: whatever the form of the number says. */
typedef enum auth_person_type {
    AUTH_PERSON_TYPE_ANY = 0,
#define AUTH_PERSON_TYPE_ROW(id, number, file, name, title) AUTH_PERSON_TYPE_##id = (number),
#include <auth/person_type.def>
} auth_person_type;

/* Why a number is accepted or refused, from auth/person_reason.def. */
typedef enum auth_person_reason {
#define AUTH_PERSON_REASON_ROW(id, number, name, text) AUTH_PERSON_REASON_##id = (number),
#include <auth/person_reason.def>
} auth_person_reason;

typedef enum auth_person_sex {
    AUTH_PERSON_SEX_UNKNOWN,
    AUTH_PERSON_SEX_FEMALE,
    AUTH_PERSON_SEX_MALE,
} auth_person_sex;

/* The most octets of a canonical number, and the room for its text in clear or masked with a NUL.
 */
#define AUTH_PERSON_NUMBER_MAX 72
#define AUTH_PERSON_NUMBER_TEXT_SIZE (AUTH_PERSON_NUMBER_MAX + 1)

/*
 * A canonical number with its type. A value: copy it freely, wipe every copy with
 * auth_person_number_wipe. The octets are not for direct use.
 */
typedef struct auth_person_number {
    auth_person_type type;
    uint8_t len; /* octets; 0: no number */
    char hidden[AUTH_PERSON_NUMBER_MAX];
} auth_person_number;

/* What to accept. */
typedef struct auth_person_rules {
    auth_person_type type; /* ANY, or the only type accepted */
    auth_date today;       /* no birth date may lie after it */
    bool accepts_legacy;   /* take a 15-digit number for the citizen number it became; never set it
                              for anything that ends in a certificate */
} auth_person_rules;

/* What is known about a number. All but reason and position is 0 where the form does not tell it.
 */
typedef struct auth_person {
    auth_person_reason reason; /* OK: the number is accepted */
    size_t position;           /* of the character that decided a refusal, from 1; 0: the whole */
    auth_person_type type;     /* as recognised, also when refused */
    auth_person_sex sex;
    auth_date birth_date;  /* when has_century is false, year holds the last two digits only */
    bool has_century;      /* false in the 2017 form of foreigners, which does not encode it */
    bool is_listed_region; /* the county code is or was in GB/T 2260; false is a remark, no fault */
    uint32_t region;       /* six-digit GB/T 2260 code; foreigners: of the place that issued it */
    const char *province_en;   /* static; NULL when unknown */
    const char *province_zh;   /* static, UTF-8; NULL when unknown */
    auth_person_number number; /* accepted, or legacy-15: the number to use instead */
} auth_person;

/**
 * Recognise and check a person number. Every input gets an answer; this function cannot fail.
 *
 * text may hold any octets and is not trimmed. *out is written whole. Returns out->reason, which is
 * AUTH_PERSON_REASON_OK only for a number that may be used. It holds for 15-digit numbers as well,
 * if and only if rules->accepts_legacy: out->number is then the 18-digit number.
 *
 * Ownership: *out holds the number in clear; wipe it with auth_person_wipe.
 * Source: GB 11643-1999, GB 11643-1989 for 15 digits, GB/T 2260, ISO 7064 MOD 11-2, ICAO 9303-3
 * for the 2017 form of foreigners.
 */
AUTH_API auth_person_reason auth_person_check(auth_bytes text, const auth_person_rules *rules,
                                              auth_person *out);

/**
 * Check a person number and keep its canonical form only.
 *
 * Ownership: *out holds the number in clear; wipe it with auth_person_number_wipe.
 * Errors: AUTH_STATUS_INVALID with the reason's text and the position.
 */
AUTH_API auth_status auth_person_number_parse(auth_bytes text, const auth_person_rules *rules,
                                              auth_person_number *out,
                                              auth_error *err) AUTH_MUST_CHECK;

/**
 * Write a number so that it can be shown: "110105********002X". Long forms keep their first six and
 * last four characters, document numbers their first and last two.
 */
AUTH_API void auth_person_number_mask(const auth_person_number *number,
                                      char out[AUTH_PERSON_NUMBER_TEXT_SIZE]);

/**
 * View a number in clear. Keep the view short-lived; never log it.
 *
 * Ownership: borrows; valid while *number is.
 */
AUTH_API auth_bytes auth_person_number_reveal(const auth_person_number *number);

/**
 * Tell whether two numbers have the same type and canonical form, in constant time.
 */
AUTH_API bool auth_person_number_equal(const auth_person_number *a, const auth_person_number *b);

/**
 * Overwrite a number. NULL is fine.
 */
AUTH_API void auth_person_number_wipe(auth_person_number *number);

/**
 * Overwrite a result with everything that it tells about a person. NULL is fine.
 */
AUTH_API void auth_person_wipe(auth_person *person);

/**
 * Tell the name of a type: "citizen", "any". A number that is not in the table gives "any".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_person_type_name(auth_person_type type);

/**
 * Tell the English title of a type: "citizen identity number".
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_person_type_title(auth_person_type type);

/**
 * Find a type by its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, with the names there are.
 */
AUTH_API auth_status auth_person_type_find(const char *name, auth_person_type *out,
                                           auth_error *err) AUTH_MUST_CHECK;

/**
 * Tell the name of a reason: "check-character". It is stable.
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_person_reason_name(auth_person_reason reason);

/**
 * Tell what a reason means, by which rule, and what to do, in English.
 *
 * Ownership: the text is static.
 */
AUTH_API const char *auth_person_reason_text(auth_person_reason reason);

AUTH_END_DECLS

#endif
