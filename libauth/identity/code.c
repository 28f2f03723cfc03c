/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identifyCode of GB/T 20518 and GM/T 0015. The text of 2012 and 2018 does not say whether its
 * CHOICE is tagged implicitly or explicitly: products do both. Explicit is written.
 */
#include "identity/identity.h"

typedef struct choice_row {
    unsigned number;
    uint8_t string_tag;
    auth_person_type type;
} choice_row;

static const choice_row choices[] = {
    {0, DER_PRINTABLE_STRING, AUTH_PERSON_TYPE_ANY},
    {1, DER_UTF8_STRING, AUTH_PERSON_TYPE_MILITARY_OFFICER},
    {2, DER_PRINTABLE_STRING, AUTH_PERSON_TYPE_PASSPORT},
};

#define CHOICE_COUNT (sizeof choices / sizeof choices[0])

bool identity_is_code(oid id)
{
    return id == OID_IDENTIFY_CODE || id == OID_IDENTIFY_CODE_CARD_2023 ||
           id == OID_IDENTIFY_CODE_PASSPORT_2023 || id == OID_IDENTIFY_CODE_2006 ||
           id == OID_IDENTIFY_CODE_2010;
}

/* Takes the only string in der, Printable or UTF8: products do not keep to one of them. */
static bool read_string(auth_bytes der, auth_bytes *out)
{
    return der_only(der, DER_PRINTABLE_STRING, out) || der_only(der, DER_UTF8_STRING, out);
}

static bool read_choice(auth_bytes value, const choice_row *choice, auth_bytes *out)
{
    auth_bytes inner;
    if (der_only(value, DER_CONTEXT_CONSTRUCTED(choice->number), &inner))
        return read_string(inner, out);
    return der_only(value, DER_CONTEXT(choice->number), out);
}

bool identity_read_code(oid id, auth_bytes value, identity_item *out)
{
    identity_item item = {.binding = AUTH_IDENTITY_BINDING_GBT20518, .type = AUTH_PERSON_TYPE_ANY};
    bool is_read = read_string(value, &item.value);
    for (size_t i = 0; i < CHOICE_COUNT && !is_read; i++) {
        is_read = read_choice(value, &choices[i], &item.value);
        item.type = choices[i].type;
        item.is_resident = item.type == AUTH_PERSON_TYPE_ANY;
    }
    if (!is_read || item.value.len == 0 || item.value.len > AUTH_PERSON_NUMBER_MAX)
        return false;
    if (id == OID_IDENTIFY_CODE_PASSPORT_2023)
        item.type = AUTH_PERSON_TYPE_PASSPORT;
    item.is_resident = item.type == AUTH_PERSON_TYPE_ANY &&
                       (item.is_resident || id == OID_IDENTIFY_CODE_CARD_2023);
    *out = item;
    return true;
}

static const choice_row *choice_for(auth_person_type type)
{
    for (size_t i = 1; i < CHOICE_COUNT; i++) {
        if (choices[i].type == type)
            return &choices[i];
    }
    return &choices[0];
}

void identity_put_code(der_writer *writer, const auth_person_number *number)
{
    const choice_row *choice = choice_for(number->type);
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_IDENTIFY_CODE));
    size_t octets = der_open(writer, DER_OCTET_STRING);
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(choice->number));
    der_put_item(writer, choice->string_tag, auth_person_number_reveal(number));
    der_close(writer, tagged);
    der_close(writer, octets);
    der_close(writer, extension);
}

static bool fits_type(const identity_item *item, auth_person_type wanted)
{
    bool is_document =
        wanted == AUTH_PERSON_TYPE_PASSPORT || wanted == AUTH_PERSON_TYPE_MILITARY_OFFICER;
    if (item->type != AUTH_PERSON_TYPE_ANY)
        return item->type == wanted;
    return !item->is_resident || !is_document;
}

bool identity_match_clear(const identity_item *item, const auth_person_number *number)
{
    uint8_t folded[AUTH_PERSON_NUMBER_MAX];
    if (item->value.len > sizeof folded || !fits_type(item, number->type))
        return false;
    for (size_t i = 0; i < item->value.len; i++)
        folded[i] = item->value.data[i] == 'x' ? 'X' : item->value.data[i];
    bool is_same =
        auth_secret_equal((auth_bytes){folded, item->value.len}, auth_person_number_reveal(number));
    auth_secret_wipe(folded, sizeof folded);
    return is_same;
}
