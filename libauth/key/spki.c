/* SPDX-License-Identifier: Apache-2.0 */
#include "key/spki.h"
#include "base/der.h"
#include "base/oid.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 4096
#define RSA_EXPONENT_OCTETS 8
#define RSA_EXPONENT_MIN 65537
#define ED25519_OCTETS 32

#define POINT_COMPRESSED_EVEN 0x02
#define POINT_COMPRESSED_ODD 0x03
#define POINT_UNCOMPRESSED 0x04

static auth_status refuse_form(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "public key: %s; encode it anew", what);
}

static auth_status read_curve(auth_bytes parameters, auth_key_type *type, unsigned *bits,
                              auth_error *err)
{
    auth_bytes curve;
    if (der_peek(parameters, DER_SEQUENCE) || der_peek(parameters, DER_NULL)) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "public key: curve parameters written out or implied (RFC 5480 "
                              "2.1.1: a named curve only); make the key with a named curve");
    }
    if (!der_take_oid(&parameters, &curve) || parameters.len != 0)
        return refuse_form(err, "no named curve in its parameters (RFC 5480 2.1.1)");
    switch ((int)oid_find(curve)) {
    case OID_P256:
        *type = AUTH_KEY_TYPE_P256;
        *bits = 256;
        return AUTH_STATUS_OK;
    case OID_P384:
        *type = AUTH_KEY_TYPE_P384;
        *bits = 384;
        return AUTH_STATUS_OK;
    case OID_SM2_CURVE:
        *type = AUTH_KEY_TYPE_SM2;
        *bits = 256;
        return AUTH_STATUS_OK;
    default:
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "public key: its curve is none of P-256, P-384 and SM2; make a key "
                              "on one of them");
    }
}

auth_status spki_read_algorithm(auth_bytes *cursor, auth_key_type *type, unsigned *bits,
                                auth_error *err)
{
    auth_bytes content;
    auth_bytes name;
    auth_bytes null;
    if (!der_take(cursor, DER_SEQUENCE, &content) || !der_take_oid(&content, &name))
        return refuse_form(err, "no AlgorithmIdentifier (RFC 5280 4.1.2.7)");
    switch ((int)oid_find(name)) {
    case OID_EC_PUBLIC_KEY:
        return read_curve(content, type, bits, err);
    case OID_RSA_ENCRYPTION:
        if (!der_take_optional(&content, DER_NULL, &null) || null.len != 0 || content.len != 0)
            return refuse_form(err, "RSA with parameters other than NULL (RFC 3279 2.3.1)");
        *type = AUTH_KEY_TYPE_RSA;
        *bits = 0;
        return AUTH_STATUS_OK;
    case OID_ED25519:
        if (content.len != 0)
            return refuse_form(err, "Ed25519 with parameters (RFC 8410 section 3)");
        *type = AUTH_KEY_TYPE_ED25519;
        *bits = 256;
        return AUTH_STATUS_OK;
    default:
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "public key: an algorithm other than EC (P-256, P-384, SM2), RSA and "
                              "Ed25519; make a key of one of these");
    }
}

static auth_status read_point(auth_bytes octets, spki_fields *out, auth_error *err)
{
    if (out->type == AUTH_KEY_TYPE_ED25519) {
        if (octets.len != ED25519_OCTETS)
            return refuse_form(err, "Ed25519 with other than 32 octets (RFC 8410 section 4)");
        out->point = octets;
        return AUTH_STATUS_OK;
    }
    size_t coordinate = out->bits / 8;
    uint8_t form = octets.len == 0 ? 0xff : octets.data[0];
    if (form == 0) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "public key: the point at infinity (SEC 1 3.2.2.1) is no key; make "
                              "a new one");
    }
    bool is_whole = form == POINT_UNCOMPRESSED && octets.len == 1 + 2 * coordinate;
    bool is_compressed = (form == POINT_COMPRESSED_EVEN || form == POINT_COMPRESSED_ODD) &&
                         octets.len == 1 + coordinate;
    if (!is_whole && !is_compressed)
        return refuse_form(err, "no point of its curve's size, whole or compressed (RFC 5480 2.2)");
    out->point = octets;
    return AUTH_STATUS_OK;
}

/* Drops the sign octet of a positive INTEGER; false when it is not positive. */
static bool read_positive(auth_bytes *number)
{
    if (number->len == 0 || number->data[0] >= 0x80)
        return false;
    if (number->data[0] == 0) {
        number->data++;
        number->len--;
    }
    return number->len > 0;
}

static unsigned bits_of(auth_bytes number)
{
    unsigned bits = (unsigned)(number.len - 1) * 8;
    for (unsigned first = number.data[0]; first != 0; first >>= 1)
        bits++;
    return bits;
}

static bool is_good_exponent(auth_bytes exponent)
{
    uint64_t value = 0;
    for (size_t i = 0; i < exponent.len; i++)
        value = value << 8 | exponent.data[i];
    return value >= RSA_EXPONENT_MIN && value % 2 == 1;
}

auth_status spki_read_rsa_numbers(auth_bytes modulus, auth_bytes exponent, spki_fields *out,
                                  auth_error *err)
{
    if (!read_positive(&modulus) || !read_positive(&exponent))
        return refuse_form(err, "an RSA modulus or exponent that is not positive (RFC 8017 3.1)");
    /* A longer one would not fit into the counter of its bits. */
    unsigned bits = modulus.len > RSA_BITS_MAX / 8 ? RSA_BITS_MAX + 1 : bits_of(modulus);
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % 8 != 0) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "public key: an RSA modulus that has not 2048 to 4096 bits in whole "
                              "octets (CA/B BR 6.1.5); make a key of 3072 bits");
    }
    if (modulus.data[modulus.len - 1] % 2 == 0) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "public key: an even RSA modulus has the factor 2 (CA/B BR "
                              "6.1.1.3); make a new key");
    }
    if (exponent.len > RSA_EXPONENT_OCTETS || !is_good_exponent(exponent)) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "public key: an RSA exponent that is even, below 65537 or of more "
                              "than 64 bits (CA/B BR 6.1.6); make a key with 65537");
    }
    out->modulus = modulus;
    out->exponent = exponent;
    out->bits = bits;
    return AUTH_STATUS_OK;
}

static auth_status read_rsa(auth_bytes octets, spki_fields *out, auth_error *err)
{
    auth_bytes numbers;
    auth_bytes modulus;
    auth_bytes exponent;
    if (!der_only(octets, DER_SEQUENCE, &numbers) || !der_take_integer(&numbers, &modulus) ||
        !der_take_integer(&numbers, &exponent) || numbers.len != 0)
        return refuse_form(err, "no RSAPublicKey (RFC 8017 A.1.1)");
    return spki_read_rsa_numbers(modulus, exponent, out, err);
}

auth_status spki_read(auth_bytes spki, spki_fields *out, auth_error *err)
{
    auth_bytes content;
    auth_bytes octets;
    spki_fields fields = {.bits = 0};
    if (!der_only(spki, DER_SEQUENCE, &content))
        return refuse_form(err, "not DER, or octets behind it (RFC 5280 4.1.2.7)");
    auth_status status = spki_read_algorithm(&content, &fields.type, &fields.bits, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!der_take_bit_octets(&content, &octets) || content.len != 0)
        return refuse_form(err, "no BIT STRING of whole octets (RFC 5280 4.1.2.7)");
    status = fields.type == AUTH_KEY_TYPE_RSA ? read_rsa(octets, &fields, err)
                                              : read_point(octets, &fields, err);
    if (status == AUTH_STATUS_OK)
        *out = fields;
    return status;
}

void spki_put_algorithm(der_writer *writer, auth_key_type type)
{
    size_t mark = der_open(writer, DER_SEQUENCE);
    switch (type) {
    case AUTH_KEY_TYPE_RSA:
        der_put_oid(writer, oid_bytes(OID_RSA_ENCRYPTION));
        der_put_null(writer);
        break;
    case AUTH_KEY_TYPE_ED25519:
        der_put_oid(writer, oid_bytes(OID_ED25519));
        break;
    case AUTH_KEY_TYPE_P256:
    case AUTH_KEY_TYPE_P384:
    case AUTH_KEY_TYPE_SM2:
    default:
        der_put_oid(writer, oid_bytes(OID_EC_PUBLIC_KEY));
        der_put_oid(writer, oid_bytes(type == AUTH_KEY_TYPE_P256   ? OID_P256
                                      : type == AUTH_KEY_TYPE_P384 ? OID_P384
                                                                   : OID_SM2_CURVE));
        break;
    }
    der_close(writer, mark);
}

size_t spki_write(const spki_fields *fields, uint8_t *out, size_t size)
{
    der_writer writer = der_writer_on(out, size);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    spki_put_algorithm(&writer, fields->type);
    if (fields->type == AUTH_KEY_TYPE_RSA) {
        size_t bits = der_open(&writer, DER_BIT_STRING);
        der_put(&writer, (auth_bytes){(const uint8_t *)"", 1}); /* no unused bits */
        size_t numbers = der_open(&writer, DER_SEQUENCE);
        der_put_unsigned(&writer, fields->modulus);
        der_put_unsigned(&writer, fields->exponent);
        der_close(&writer, numbers);
        der_close(&writer, bits);
    } else {
        der_put_bit_octets(&writer, fields->point);
    }
    der_close(&writer, whole);
    return der_written(&writer).len;
}
