/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/part.h"

bool x509_take_algorithm(auth_bytes *cursor, auth_bytes *whole)
{
    auth_bytes at = *cursor;
    der_item algorithm;
    if (!der_take_item(&at, DER_SEQUENCE, &algorithm))
        return false;
    auth_bytes rest = algorithm.content;
    auth_bytes type;
    der_item parameters;
    if (!der_take_oid(&rest, &type) || (rest.len > 0 && !der_next(&rest, &parameters)) ||
        rest.len > 0)
        return false;
    *cursor = at;
    *whole = algorithm.whole;
    return true;
}

/* AttributeTypeAndValue: SEQUENCE { OBJECT IDENTIFIER, any one value }. */
static bool take_attribute(auth_bytes *set)
{
    auth_bytes attribute;
    auth_bytes type;
    der_item value;
    return der_take(set, DER_SEQUENCE, &attribute) && der_take_oid(&attribute, &type) &&
           der_next(&attribute, &value) && attribute.len == 0;
}

bool x509_take_name(auth_bytes *cursor, auth_bytes *whole)
{
    auth_bytes at = *cursor;
    der_item name;
    if (!der_take_item(&at, DER_SEQUENCE, &name))
        return false;
    auth_bytes rdns = name.content;
    while (rdns.len > 0) {
        auth_bytes set;
        if (!der_take(&rdns, DER_SET, &set) || set.len == 0)
            return false;
        while (set.len > 0) {
            if (!take_attribute(&set))
                return false;
        }
    }
    *cursor = at;
    *whole = name.whole;
    return true;
}

bool x509_take_spki(auth_bytes *cursor, auth_bytes *whole)
{
    auth_bytes at = *cursor;
    der_item spki;
    if (!der_take_item(&at, DER_SEQUENCE, &spki))
        return false;
    auth_bytes rest = spki.content;
    auth_bytes algorithm;
    auth_bytes key;
    if (!x509_take_algorithm(&rest, &algorithm) || !der_take_bit_octets(&rest, &key) ||
        rest.len > 0)
        return false;
    *cursor = at;
    *whole = spki.whole;
    return true;
}

auth_status x509_take_time(auth_bytes *cursor, const char *object, const char *field,
                           auth_time *out, bool *is_generalized, auth_error *err)
{
    bool is_written_long = der_peek(*cursor, AUTH_ASN1_GENERALIZED_TIME);
    auth_error inner;
    if (!der_take_time(cursor, out, &inner)) {
        auth_error_context(&inner, "%s: %s", object, field);
        return auth_error_set(err, inner.status, "%s", inner.text);
    }
    *is_generalized = is_written_long;
    return AUTH_STATUS_OK;
}

auth_status x509_take_signed(auth_bytes der, const char *object, x509_signed *out, auth_error *err)
{
    x509_signed found;
    auth_bytes outer;
    if (!der_only(der, DER_SEQUENCE, &outer))
        return auth_error_set(
            err, AUTH_STATUS_MALFORMED,
            "%s: not one DER SEQUENCE that ends with its last octet (X.690 10.1); "
            "hand in the DER alone, without PEM armour or trailing octets",
            object);
    if (!der_take_item(&outer, DER_SEQUENCE, &found.body))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: what is signed is not a SEQUENCE (RFC 5280 4.1.1.1)", object);
    if (!x509_take_algorithm(&outer, &found.algorithm))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: signatureAlgorithm is not an AlgorithmIdentifier "
                              "(RFC 5280 4.1.1.2)",
                              object);
    if (!der_take_bit_octets(&outer, &found.signature))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: signatureValue is not a BIT STRING of whole octets "
                              "(RFC 5280 4.1.1.3)",
                              object);
    if (outer.len > 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: %zu octets after signatureValue (RFC 5280 4.1)", object,
                              outer.len);
    *out = found;
    return AUTH_STATUS_OK;
}
