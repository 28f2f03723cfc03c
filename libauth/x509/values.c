/* SPDX-License-Identifier: Apache-2.0 */
/* What the extensions of RFC 5280 say, read from their values. */
#include "x509/part.h"

#include <string.h>

bool x509_read_basic_constraints(auth_bytes value, x509_basic_constraints *out)
{
    x509_basic_constraints found = {0};
    auth_bytes content;
    if (!der_only(value, DER_SEQUENCE, &content))
        return false;
    if (der_peek(content, DER_BOOLEAN) && !der_take_bool(&content, &found.is_ca))
        return false;
    if (content.len > 0) {
        found.has_path_len = der_take_uint(&content, UINT64_MAX, &found.path_len);
        if (!found.has_path_len)
            return false;
    }
    if (content.len > 0)
        return false;
    *out = found;
    return true;
}

bool x509_read_key_usage(auth_bytes value, uint32_t *bits)
{
    auth_bytes octets;
    uint8_t unused = 0;
    if (!der_take_bits(&value, &octets, &unused) || value.len > 0 || octets.len > sizeof *bits)
        return false;
    uint32_t found = 0;
    for (unsigned bit = 0; bit < octets.len * 8; bit++) {
        if (((unsigned)octets.data[bit / 8] >> (7U - bit % 8U) & 1U) != 0)
            found |= 1U << bit;
    }
    *bits = found;
    return true;
}

bool x509_read_extended_key_usage(auth_bytes value, bool (*visit)(void *context, auth_bytes type),
                                  void *context)
{
    auth_bytes purposes;
    if (!der_only(value, DER_SEQUENCE, &purposes) || purposes.len == 0)
        return false;
    while (purposes.len > 0) {
        auth_bytes type;
        if (!der_take_oid(&purposes, &type))
            return false;
        if (!visit(context, type))
            return true;
    }
    return true;
}

typedef struct purpose_search {
    auth_bytes wanted;
    bool is_found;
} purpose_search;

/* Goes on after a hit, so that a list that is malformed behind it is refused. */
static bool compare_purpose(void *context, auth_bytes type)
{
    purpose_search *search = context;
    search->is_found = search->is_found || auth_bytes_equal(type, search->wanted);
    return true;
}

bool x509_has_extended_key_usage(auth_bytes value, oid purpose, bool *out)
{
    purpose_search search = {.wanted = oid_bytes(purpose)};
    if (!x509_read_extended_key_usage(value, compare_purpose, &search))
        return false;
    *out = search.is_found;
    return true;
}

bool x509_read_key_identifier(auth_bytes value, auth_bytes *out)
{
    return der_only(value, DER_OCTET_STRING, out);
}

/* Checks that octets are GeneralNames: one or more, each of its form. */
static bool are_general_names(auth_bytes names)
{
    if (names.len == 0)
        return false;
    der_item name;
    while (x509_next_general_name(&names, &name)) {
    }
    return names.len == 0;
}

bool x509_read_authority_key(auth_bytes value, x509_authority_key *out)
{
    x509_authority_key found = {0};
    auth_bytes content;
    if (!der_only(value, DER_SEQUENCE, &content) ||
        !der_take_optional(&content, DER_CONTEXT(0), &found.key_id) ||
        !der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(1), &found.issuer) ||
        !der_take_optional(&content, DER_CONTEXT(2), &found.serial) || content.len > 0)
        return false;
    bool has_serial = found.serial.data != NULL;
    bool has_issuer = found.issuer.data != NULL;
    /* RFC 5280 appendix A.2: both MUST be present or both be absent. */
    if (has_issuer != has_serial || (has_issuer && !are_general_names(found.issuer)) ||
        (has_serial && !der_is_integer(found.serial)))
        return false;
    *out = found;
    return true;
}

bool x509_read_authority_key_identifier(auth_bytes value, auth_bytes *key_id)
{
    x509_authority_key found;
    if (!x509_read_authority_key(value, &found))
        return false;
    *key_id = found.key_id;
    return true;
}

static bool is_ia5(auth_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x80)
            return false;
    }
    return true;
}

bool x509_read_other_name(auth_bytes content, auth_bytes *type, auth_bytes *value)
{
    auth_bytes found_type;
    auth_bytes found_value;
    der_item inner;
    if (!der_take_oid(&content, &found_type) ||
        !der_take(&content, DER_CONTEXT_CONSTRUCTED(0), &found_value) || content.len > 0)
        return false;
    auth_bytes rest = found_value;
    if (!der_next(&rest, &inner) || rest.len > 0)
        return false;
    *type = found_type;
    *value = found_value;
    return true;
}

static bool is_general_name(const der_item *name)
{
    auth_bytes content = name->content;
    auth_bytes type;
    auth_bytes value;
    switch (name->tag) {
    case DER_CONTEXT_CONSTRUCTED(0):
        return x509_read_other_name(content, &type, &value);
    case DER_CONTEXT(1):
    case DER_CONTEXT(2):
    case DER_CONTEXT(6):
        return is_ia5(content);
    case DER_CONTEXT_CONSTRUCTED(4):
        return x509_take_name(&content, &value) && content.len == 0;
    case DER_CONTEXT_CONSTRUCTED(3):
    case DER_CONTEXT_CONSTRUCTED(5):
    case DER_CONTEXT(7):
        return true;
    case DER_CONTEXT(8):
        return der_is_oid(content);
    default:
        return false;
    }
}

bool x509_next_general_name(auth_bytes *names, der_item *out)
{
    auth_bytes at = *names;
    der_item name;
    if (!der_next(&at, &name) || !is_general_name(&name))
        return false;
    *names = at;
    *out = name;
    return true;
}

/* distributionPoint [0] is explicit although the module is IMPLICIT, since it is a CHOICE. */
static bool read_point_name(auth_bytes content, x509_distribution_point *out)
{
    if (content.data == NULL)
        return true;
    return der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &out->full_name) &&
           der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(1), &out->relative_name) &&
           content.len == 0 && (out->full_name.data != NULL) != (out->relative_name.data != NULL) &&
           (out->full_name.data == NULL || are_general_names(out->full_name));
}

bool x509_next_distribution_point(auth_bytes *points, x509_distribution_point *out)
{
    auth_bytes at = *points;
    auth_bytes point;
    auth_bytes name;
    x509_distribution_point found = {0};
    if (!der_take(&at, DER_SEQUENCE, &point) ||
        !der_take_optional(&point, DER_CONTEXT_CONSTRUCTED(0), &name) ||
        !der_take_optional(&point, DER_CONTEXT(1), &found.reasons) ||
        !der_take_optional(&point, DER_CONTEXT_CONSTRUCTED(2), &found.crl_issuer) ||
        point.len > 0 || !read_point_name(name, &found) ||
        (found.crl_issuer.data != NULL && !are_general_names(found.crl_issuer)))
        return false;
    *points = at;
    *out = found;
    return true;
}

bool x509_next_access(auth_bytes *descriptions, x509_access *out)
{
    auth_bytes at = *descriptions;
    auth_bytes description;
    x509_access found;
    if (!der_take(&at, DER_SEQUENCE, &description) || !der_take_oid(&description, &found.type) ||
        !x509_next_general_name(&description, &found.location) || description.len > 0)
        return false;
    found.method = oid_find(found.type);
    *descriptions = at;
    *out = found;
    return true;
}

/* Schemes are read in either case (RFC 3986 3.1). */
static bool begins_with(auth_bytes text, const char *scheme)
{
    size_t len = strlen(scheme);
    if (text.len <= len)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (c != (uint8_t)scheme[i])
            return false;
    }
    return true;
}

static bool is_http(auth_bytes uri)
{
    return begins_with(uri, "http://") || begins_with(uri, "https://");
}

/* Puts the first http or https URI of GeneralNames into *uri, unless there is one already. */
static void note_uri(auth_bytes names, auth_bytes *uri)
{
    der_item name;
    while (uri->data == NULL && x509_next_general_name(&names, &name)) {
        if (name.tag == DER_CONTEXT(6) && is_http(name.content))
            *uri = name.content;
    }
}

bool x509_read_distribution_uri(auth_bytes value, auth_bytes *uri)
{
    auth_bytes points;
    if (!der_only(value, DER_SEQUENCE, &points) || points.len == 0)
        return false;
    auth_bytes found = {NULL, 0};
    x509_distribution_point point;
    while (x509_next_distribution_point(&points, &point))
        note_uri(point.full_name, &found);
    if (points.len > 0)
        return false;
    *uri = found;
    return true;
}

bool x509_read_access_uri(auth_bytes value, oid method, auth_bytes *uri)
{
    auth_bytes descriptions;
    if (!der_only(value, DER_SEQUENCE, &descriptions) || descriptions.len == 0)
        return false;
    auth_bytes found = {NULL, 0};
    x509_access access;
    while (x509_next_access(&descriptions, &access)) {
        if (access.method == method)
            note_uri(access.location.whole, &found);
    }
    if (descriptions.len > 0)
        return false;
    *uri = found;
    return true;
}
