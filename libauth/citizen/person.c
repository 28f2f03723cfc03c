/* SPDX-License-Identifier: Apache-2.0 */
/* Type first, then rules: recognises what a text is meant to be and hands it to that type. */
#include "citizen/type.h"

#include <string.h>

/* The longest form that is not a document has 18 characters; what lies far behind decides nothing.
 */
#define SCAN_MAX 64

typedef struct type_row {
    const person_type *rules;
    const char *name;
    const char *title;
    auth_person_type type;
} type_row;

static const type_row types[] = {
#define AUTH_PERSON_TYPE_ROW(id, number, file, label, heading)                                     \
    {&person_type_##file, (label), (heading), AUTH_PERSON_TYPE_##id},
#include <auth/person_type.def>
};

static const char type_names[] =
#define AUTH_PERSON_TYPE_ROW(id, number, file, label, heading) " " label
#include <auth/person_type.def>
    ;

#define TYPE_COUNT (sizeof types / sizeof types[0])

static const type_row *row_of(auth_person_type type)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (types[i].type == type)
            return &types[i];
    }
    return NULL;
}

static const type_row *recognise(auth_bytes text)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (!types[i].rules->is_document && types[i].rules->looks_like(text))
            return &types[i];
    }
    return NULL;
}

/* Full-width forms U+FF01 to U+FF5E and the ideographic space are typed by accident. */
static bool is_full_width(auth_bytes text, size_t at)
{
    if (text.len - at < 3)
        return false;
    const uint8_t *c = text.data + at;
    bool is_form = c[0] == 0xef && (c[1] == 0xbc || c[1] == 0xbd);
    bool is_space = c[0] == 0xe3 && c[1] == 0x80 && c[2] == 0x80;
    return is_form || is_space;
}

static bool is_letter_or_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static auth_person_reason reason_against(auth_bytes text, size_t at)
{
    uint8_t c = text.data[at];
    if (is_letter_or_digit(c))
        return AUTH_PERSON_REASON_OK;
    if (c == '\0')
        return AUTH_PERSON_REASON_NUL;
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return AUTH_PERSON_REASON_SPACE;
    if (c == '-')
        return AUTH_PERSON_REASON_HYPHEN;
    if (c == '*')
        return AUTH_PERSON_REASON_MASKED;
    return is_full_width(text, at) ? AUTH_PERSON_REASON_FULL_WIDTH : AUTH_PERSON_REASON_CHARACTER;
}

/* Refuses the first character that no form can hold. */
static bool check_alphabet(auth_bytes text, auth_person *out)
{
    size_t len = text.len < SCAN_MAX ? text.len : SCAN_MAX;
    for (size_t i = 0; i < len; i++) {
        auth_person_reason reason = reason_against(text, i);
        if (reason != AUTH_PERSON_REASON_OK) {
            person_refuse(out, reason, i + 1);
            return false;
        }
    }
    return true;
}

/* A letter and nine digits: not one of our types, but worth a better answer than "length". */
static bool is_taiwan_id(auth_bytes text)
{
    size_t bad = 0;
    return text.len == 10 && text.data[0] >= 'A' && text.data[0] <= 'Z' &&
           person_are_digits(text, 1, 10, &bad);
}

static auth_person_reason reason_for_no_type(auth_bytes text)
{
    if (is_taiwan_id(text))
        return AUTH_PERSON_REASON_TAIWAN_ID;
    if (person_type_passport.looks_like(text))
        return AUTH_PERSON_REASON_TYPE_NEEDED;
    return AUTH_PERSON_REASON_LENGTH;
}

static void check_formed(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    if (!check_alphabet(text, out))
        return;
    if (organisation_has_letters(text)) {
        person_refuse(out, AUTH_PERSON_REASON_ORGANISATION, 0);
        return;
    }
    const type_row *row = recognise(text);
    if (row == NULL) {
        person_refuse(out, reason_for_no_type(text), 0);
        return;
    }
    out->type = row->type;
    if (rules->type != AUTH_PERSON_TYPE_ANY && rules->type != row->type) {
        person_refuse(out, AUTH_PERSON_REASON_TYPE_MISMATCH, 0);
        return;
    }
    row->rules->check(text, rules, out);
    if (out->reason != AUTH_PERSON_REASON_OK && organisation_is_valid(text)) {
        out->type = AUTH_PERSON_TYPE_ANY;
        person_refuse(out, AUTH_PERSON_REASON_ORGANISATION, 0);
    }
}

/* A refusal tells why and where, and nothing about a person who may have been meant. */
static void keep_refusal_only(auth_person *person)
{
    auth_person refusal = {
        .reason = person->reason,
        .position = person->position,
        .type = person->type,
    };
    auth_person_wipe(person);
    *person = refusal;
}

auth_person_reason auth_person_check(auth_bytes text, const auth_person_rules *rules,
                                     auth_person *out)
{
    memset(out, 0, sizeof *out);
    const type_row *named = row_of(rules->type);
    if (text.len == 0) {
        person_refuse(out, AUTH_PERSON_REASON_EMPTY, 0);
    } else if (named != NULL && named->rules->is_document) {
        out->type = named->type;
        named->rules->check(text, rules, out);
    } else {
        check_formed(text, rules, out);
    }
    if (out->reason != AUTH_PERSON_REASON_OK && out->reason != AUTH_PERSON_REASON_LEGACY_15)
        keep_refusal_only(out);
    return out->reason;
}

auth_status auth_person_number_parse(auth_bytes text, const auth_person_rules *rules,
                                     auth_person_number *out, auth_error *err)
{
    auth_person person;
    auth_person_reason reason = auth_person_check(text, rules, &person);
    size_t position = person.position;
    if (reason == AUTH_PERSON_REASON_OK)
        *out = person.number;
    auth_person_wipe(&person);
    if (reason == AUTH_PERSON_REASON_OK)
        return AUTH_STATUS_OK;
    if (position == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID, "person number: %s",
                              auth_person_reason_text(reason));
    return auth_error_set(err, AUTH_STATUS_INVALID, "person number: character %zu: %s", position,
                          auth_person_reason_text(reason));
}

const char *auth_person_type_name(auth_person_type type)
{
    const type_row *row = row_of(type);
    return row == NULL ? "any" : row->name;
}

const char *auth_person_type_title(auth_person_type type)
{
    const type_row *row = row_of(type);
    return row == NULL ? "person number" : row->title;
}

auth_status auth_person_type_find(const char *name, auth_person_type *out, auth_error *err)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *out = types[i].type;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "'%.40s' is no type of person number; there are:%s", name, type_names);
}

typedef struct reason_row {
    const char *name;
    const char *text;
} reason_row;

static const reason_row *reason_row_of(auth_person_reason reason)
{
    static const reason_row rows[] = {
#define AUTH_PERSON_REASON_ROW(id, number, label, sentence)                                        \
    [AUTH_PERSON_REASON_##id] = {(label), (sentence)},
#include <auth/person_reason.def>
    };
    return &rows[(size_t)reason < sizeof rows / sizeof rows[0] ? reason
                                                               : AUTH_PERSON_REASON_CHARACTER];
}

const char *auth_person_reason_name(auth_person_reason reason)
{
    return reason_row_of(reason)->name;
}

const char *auth_person_reason_text(auth_person_reason reason)
{
    return reason_row_of(reason)->text;
}
