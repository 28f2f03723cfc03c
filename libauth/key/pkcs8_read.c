/* SPDX-License-Identifier: Apache-2.0 */
#include "base/der.h"
#include "key/openssl.h"
#include "key/pkcs8.h"
#include "key/spki.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

/* RFC 5958 section 2: version 2 (written 1) may carry the public key. */
#define VERSION_MAX 1

/* RSA: d, p, q, d mod (p-1), d mod (q-1), q^-1 mod p follow the public numbers. */
#define RSA_PRIVATE_NUMBERS 6

typedef struct pkcs8_fields {
    auth_key_type type;
    unsigned bits;
    auth_bytes key;         /* content of the OCTET STRING */
    auth_bytes public_bits; /* data NULL when absent */
} pkcs8_fields;

static auth_status refuse_form(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "private key: %s; take another copy of the key", what);
}

static bool is_positive(auth_bytes number, size_t max_len)
{
    if (number.data[0] >= 0x80 || (number.len == 1 && number.data[0] == 0))
        return false;
    return number.len - (number.data[0] == 0 ? 1 : 0) <= max_len;
}

static auth_status check_rsa(pkcs8_fields *fields, auth_error *err)
{
    auth_bytes numbers;
    auth_bytes modulus;
    auth_bytes exponent;
    uint64_t version = 0;
    spki_fields public_half;
    if (!der_only(fields->key, DER_SEQUENCE, &numbers) || !der_take_uint(&numbers, 0, &version) ||
        !der_take_integer(&numbers, &modulus) || !der_take_integer(&numbers, &exponent))
        return refuse_form(err, "no RSAPrivateKey with two primes (RFC 8017 A.1.2)");
    auth_status status = spki_read_rsa_numbers(modulus, exponent, &public_half, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (int i = 0; i < RSA_PRIVATE_NUMBERS; i++) {
        auth_bytes number;
        if (!der_take_integer(&numbers, &number) || !is_positive(number, public_half.modulus.len))
            return refuse_form(err, "an RSA number that is missing or out of bounds (RFC 8017 "
                                    "A.1.2)");
    }
    if (numbers.len != 0)
        return refuse_form(err, "octets behind the RSA numbers (RFC 8017 A.1.2)");
    fields->bits = public_half.bits;
    return AUTH_STATUS_OK;
}

/* The curve may stand inside as well; then it must be the same (RFC 5915 section 3). */
static bool is_same_curve(auth_bytes parameters, auth_key_type type)
{
    /* id-ecPublicKey and the curve as the AlgorithmIdentifier outside has them. */
    uint8_t algorithm[32];
    der_writer writer = der_writer_on(algorithm, sizeof algorithm);
    spki_put_algorithm(&writer, type);
    auth_bytes outer = der_written(&writer);
    return parameters.len > 0 && parameters.len < outer.len &&
           memcmp(outer.data + outer.len - parameters.len, parameters.data, parameters.len) == 0;
}

static auth_status check_ec(pkcs8_fields *fields, auth_error *err)
{
    auth_bytes content;
    auth_bytes number;
    auth_bytes parameters;
    auth_bytes public_item;
    uint64_t version = 0;
    size_t len = fields->bits / 8;
    if (!der_only(fields->key, DER_SEQUENCE, &content) || !der_take_uint(&content, 1, &version) ||
        version != 1 || !der_take(&content, DER_OCTET_STRING, &number) ||
        !der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &parameters) ||
        !der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(1), &public_item) || content.len != 0)
        return refuse_form(err, "no ECPrivateKey (RFC 5915 section 3)");
    if (number.len == 0 || number.len > len)
        return refuse_form(err,
                           "an EC number that is longer than its curve's (RFC 5915 section 3)");
    if (parameters.data != NULL && !is_same_curve(parameters, fields->type)) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "private key: it names two curves (RFC 5915 section 3); take another "
                              "copy of the key");
    }
    auth_bytes point;
    if (public_item.data != NULL &&
        (!der_take_bit_octets(&public_item, &point) || public_item.len != 0 || point.len == 0 ||
         point.len > 1 + 2 * len))
        return refuse_form(err, "a public point of another size (RFC 5915 section 3)");
    return AUTH_STATUS_OK;
}

static auth_status check_ed25519(const pkcs8_fields *fields, auth_error *err)
{
    auth_bytes number;
    if (!der_only(fields->key, DER_OCTET_STRING, &number) || number.len != 32)
        return refuse_form(err, "no Ed25519 key of 32 octets (RFC 8410 section 7)");
    return AUTH_STATUS_OK;
}

static auth_status read_fields(auth_bytes der, pkcs8_fields *fields, auth_error *err)
{
    auth_bytes content;
    uint64_t version = 0;
    if (!der_only(der, DER_SEQUENCE, &content) || !der_take_uint(&content, VERSION_MAX, &version))
        return refuse_form(err, "no PrivateKeyInfo in DER (RFC 5958 section 2)");
    auth_status status = spki_read_algorithm(&content, &fields->type, &fields->bits, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes attributes;
    auth_bytes public_item;
    if (!der_take(&content, DER_OCTET_STRING, &fields->key) ||
        !der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &attributes) ||
        !der_take_optional(&content, DER_CONTEXT(1), &public_item) || content.len != 0)
        return refuse_form(err, "fields that a PrivateKeyInfo has not (RFC 5958 section 2)");
    fields->public_bits = (auth_bytes){NULL, 0};
    if (public_item.data != NULL) {
        if (version != VERSION_MAX || public_item.len < 2 || public_item.data[0] != 0)
            return refuse_form(err, "a public key that is no BIT STRING of whole octets (RFC 5958 "
                                    "section 2)");
        fields->public_bits = (auth_bytes){public_item.data + 1, public_item.len - 1};
    }
    switch (fields->type) {
    case AUTH_KEY_TYPE_RSA:
        return check_rsa(fields, err);
    case AUTH_KEY_TYPE_ED25519:
        return check_ed25519(fields, err);
    case AUTH_KEY_TYPE_P256:
    case AUTH_KEY_TYPE_P384:
    case AUTH_KEY_TYPE_SM2:
    default:
        return check_ec(fields, err);
    }
}

/* Writes the fields as version 1 without attributes and public key, which OpenSSL 3.0 stops at. */
static auth_status write_plain(const pkcs8_fields *fields, auth_secret **out, auth_error *err)
{
    size_t room = fields->key.len + 64;
    AUTH_AUTO(auth_secret) *plain = NULL;
    auth_status status = auth_secret_new(room, &plain, err);
    if (status != AUTH_STATUS_OK)
        return status;
    der_writer writer = der_writer_on(auth_secret_data(plain), room);
    size_t mark = der_open(&writer, DER_SEQUENCE);
    der_put_uint(&writer, 0);
    spki_put_algorithm(&writer, fields->type);
    der_put_item(&writer, DER_OCTET_STRING, fields->key);
    der_close(&writer, mark);
    if (der_written(&writer).len == 0)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "private key: no room to write it");
    *out = AUTH_TAKE(plain);
    return AUTH_STATUS_OK;
}

auth_status pkcs8_read(auth_bytes der, EVP_PKEY **out, auth_bytes *public_bits, auth_error *err)
{
    pkcs8_fields fields;
    AUTH_AUTO(auth_secret) *plain = NULL;
    auth_status status = read_fields(der, &fields, err);
    if (status == AUTH_STATUS_OK)
        status = write_plain(&fields, &plain, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes octets = auth_secret_bytes(plain);
    const unsigned char *at = octets.data;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)octets.len);
    EVP_PKEY *key = info == NULL ? NULL : EVP_PKCS82PKEY(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    if (key == NULL) {
        if (openssl_lacks_memory())
            return openssl_failed(err, "private key");
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "private key: its numbers are no key: %s; take another copy of the "
                              "key",
                              openssl_reason());
    }
    /* Decoders that did not fit have left their complaints. */
    ERR_clear_error();
    *out = key;
    *public_bits = fields.public_bits;
    return AUTH_STATUS_OK;
}
