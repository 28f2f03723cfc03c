/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/name.h"
#include "x509/text.h"

/* For types of which no bound is known. */
#define MAX_CHARACTERS 256

typedef struct attribute_row {
    oid type;
    uint8_t tag;
    size_t max;
} attribute_row;

static const attribute_row rows[] = {
#define X509_ATTRIBUTE_ROW(id, string, most) {OID_##id, DER_##string, (most)},
#include "x509/attribute.def"
};

static const attribute_row *find_row(oid type)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type == type)
            return &rows[i];
    }
    return NULL;
}

bool x509_is_attribute(oid type) { return find_row(type) != NULL; }

uint8_t x509_attribute_tag(oid type)
{
    const attribute_row *row = find_row(type);
    return row == NULL ? DER_UTF8_STRING : row->tag;
}

size_t x509_attribute_max(oid type)
{
    const attribute_row *row = find_row(type);
    return row == NULL ? MAX_CHARACTERS : row->max;
}

void x509_put_attribute_type(der_writer *writer, auth_bytes type, uint8_t tag, auth_bytes value)
{
    size_t set = der_open(writer, DER_SET);
    size_t attribute = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, type);
    der_put_item(writer, tag, value);
    der_close(writer, attribute);
    der_close(writer, set);
}

void x509_put_attribute(der_writer *writer, oid type, auth_bytes value)
{
    x509_put_attribute_type(writer, oid_bytes(type), x509_attribute_tag(type), value);
}

static const char *name_of(oid type) { return type == OID_UNKNOWN ? "attribute" : oid_name(type); }

static auth_status refuse(auth_error *err, oid type, size_t position, const char *rule)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "%s: character %zu %s", name_of(type), position,
                          rule);
}

static auth_status check_character(oid type, uint8_t tag, uint32_t code, size_t position,
                                   auth_error *err)
{
    if (x509_is_unseen(code))
        return refuse(err, type, position,
                      "is a control, bidirectional, zero-width or noncharacter code point, which "
                      "nobody sees; remove it");
    if (type == OID_COUNTRY && (code < 'A' || code > 'Z'))
        return refuse(err, type, position,
                      "is not a capital letter; write the ISO 3166 code: CN (X.520 6.3.1)");
    if (tag == DER_PRINTABLE_STRING && !x509_is_printable(code))
        return refuse(err, type, position,
                      "is not in PrintableString's alphabet: letters, digits, space and "
                      "'()+,-./:=? (X.680 41.4)");
    if (tag == DER_IA5_STRING && code >= 0x80)
        return refuse(err, type, position,
                      "is not ASCII, which IA5String needs (RFC 5280 4.1.2.4)");
    return AUTH_STATUS_OK;
}

auth_status x509_check_text(oid type, auth_bytes value, size_t min_characters,
                            size_t max_characters, auth_error *err)
{
    uint8_t tag = x509_attribute_tag(type);
    size_t count = 0;
    uint32_t code = 0;
    while (x509_next_character(DER_UTF8_STRING, &value, &code)) {
        auth_status status = check_character(type, tag, code, ++count, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (count > max_characters)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "%s: more than %zu characters, the upper bound here "
                                  "(RFC 5280 appendix A.1)",
                                  name_of(type), max_characters);
    }
    if (value.len > 0)
        return refuse(err, type, count + 1,
                      "is not UTF-8 in its shortest form without surrogates (RFC 3629 section 4)");
    if (count < min_characters)
        return auth_error_set(err, AUTH_STATUS_INVALID, "%s: %zu characters, %zu at the least here",
                              name_of(type), count, min_characters);
    return AUTH_STATUS_OK;
}
