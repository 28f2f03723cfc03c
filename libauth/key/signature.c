/* SPDX-License-Identifier: Apache-2.0 */
#include "key/signature.h"
#include "base/der.h"
#include "base/oid.h"

typedef enum key_family {
    FAMILY_EC,
    FAMILY_RSA,
    FAMILY_ED25519,
    FAMILY_SM2,
} key_family;

typedef enum parameters_rule {
    PARAMETERS_ABSENT,
    PARAMETERS_EITHER,
    PARAMETERS_PSS,
} parameters_rule;

typedef struct signature_row {
    oid type;
    key_family family;
    digest_algorithm digest;
    parameters_rule parameters;
    const char *der;
    size_t der_len;
} signature_row;

static const signature_row rows[] = {
#define SIGNATURE_ROW(id, family, digest, parameters, der)                                         \
    [SIGNATURE_##id] = {OID_##id, FAMILY_##family, DIGEST_##digest, PARAMETERS_##parameters,       \
                        (der),    sizeof(der) - 1},
#include "key/signature.def"
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* The longest salt that a modulus of 4096 bits leaves room for. */
#define SALT_MAX 478

static auth_status refuse_malformed(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "AlgorithmIdentifier: not DER of the form of RFC 5280 4.1.1.2; encode it "
                          "anew");
}

static auth_status refuse_pss(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "RSASSA-PSS (RFC 4055 3.1): %s; sign with SHA-256, SHA-384 or SHA-512 in "
                          "hash and mask and an explicit salt length",
                          what);
}

/* Reads a digest's AlgorithmIdentifier, parameters absent or NULL (RFC 4055 section 2.1). */
static bool take_digest(auth_bytes *cursor, digest_algorithm *out)
{
    auth_bytes content;
    auth_bytes type;
    auth_bytes null;
    if (!der_take(cursor, DER_SEQUENCE, &content) || !der_take_oid(&content, &type) ||
        !der_take_optional(&content, DER_NULL, &null) || null.len != 0 || content.len != 0)
        return false;
    switch ((int)oid_find(type)) {
    case OID_SHA256:
        *out = DIGEST_SHA256;
        return true;
    case OID_SHA384:
        *out = DIGEST_SHA384;
        return true;
    case OID_SHA512:
        *out = DIGEST_SHA512;
        return true;
    default:
        return false;
    }
}

static bool take_mask_digest(auth_bytes *cursor, digest_algorithm *out)
{
    auth_bytes content;
    auth_bytes type;
    return der_take(cursor, DER_SEQUENCE, &content) && der_take_oid(&content, &type) &&
           oid_find(type) == OID_MGF1 && take_digest(&content, out) && content.len == 0;
}

/*
 * Reads RSASSA-PSS-params. Its defaults are SHA-1, so hash and mask must be named; a trailer field
 * of 1 is the default, which DER leaves out and some write.
 */
static auth_status parse_pss(auth_bytes parameters, signature_scheme *scheme, auth_error *err)
{
    auth_bytes fields;
    auth_bytes hash;
    auth_bytes mask;
    auth_bytes salt;
    auth_bytes trailer;
    if (!der_only(parameters, DER_SEQUENCE, &fields) ||
        !der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED(0), &hash) ||
        !der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED(1), &mask) ||
        !der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED(2), &salt) ||
        !der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED(3), &trailer) || fields.len != 0)
        return refuse_malformed(err);

    digest_algorithm mask_digest = DIGEST_SHA1;
    if (!take_digest(&hash, &scheme->digest) || hash.len != 0)
        return refuse_pss(err, "no SHA-2 hash");
    if (!take_mask_digest(&mask, &mask_digest) || mask.len != 0 || mask_digest != scheme->digest)
        return refuse_pss(err, "a mask other than MGF1 with the same hash");
    uint64_t salt_len = 0;
    if (!der_take_uint(&salt, SALT_MAX, &salt_len) || salt.len != 0)
        return refuse_pss(err, "a salt length that is missing or longer than any key allows");
    uint64_t trailer_field = 1;
    if (trailer.data != NULL && (!der_take_uint(&trailer, 1, &trailer_field) || trailer.len != 0))
        return refuse_pss(err, "a trailer field other than 1");
    if (trailer_field != 1)
        return refuse_pss(err, "a trailer field other than 1");
    scheme->salt_len = (int)salt_len;
    return AUTH_STATUS_OK;
}

static const signature_row *find_row(auth_bytes type)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (auth_bytes_equal(oid_bytes(rows[i].type), type))
            return &rows[i];
    }
    return NULL;
}

auth_status signature_scheme_parse(auth_bytes algorithm, signature_scheme *out, auth_error *err)
{
    auth_bytes content;
    auth_bytes type;
    if (!der_only(algorithm, DER_SEQUENCE, &content) || !der_take_oid(&content, &type))
        return refuse_malformed(err);
    const signature_row *row = find_row(type);
    if (row == NULL) {
        char dotted[64];
        bool has_text = der_oid_text(type, dotted, sizeof dotted);
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "signature algorithm %s is not one that libauth verifies; sign with "
                              "ECDSA or RSA and SHA-2, Ed25519, or SM2 with SM3",
                              has_text ? dotted : "(a long identifier)");
    }
    signature_scheme scheme = {.id = (signature_id)(row - rows), .digest = row->digest};
    if (row->parameters == PARAMETERS_PSS) {
        auth_status status = parse_pss(content, &scheme, err);
        if (status != AUTH_STATUS_OK)
            return status;
        *out = scheme;
        return AUTH_STATUS_OK;
    }
    bool has_null = content.len == 2 && content.data[0] == DER_NULL && content.data[1] == 0;
    if (content.len != 0 && !(has_null && row->parameters == PARAMETERS_EITHER)) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "signature algorithm %s with parameters, where its standard has "
                              "none (RFC 5758 3.2, RFC 8410 3); encode it anew",
                              oid_name(row->type));
    }
    *out = scheme;
    return AUTH_STATUS_OK;
}

static key_family family_of(auth_key_type type)
{
    switch (type) {
    case AUTH_KEY_TYPE_RSA:
        return FAMILY_RSA;
    case AUTH_KEY_TYPE_ED25519:
        return FAMILY_ED25519;
    case AUTH_KEY_TYPE_SM2:
        return FAMILY_SM2;
    case AUTH_KEY_TYPE_P256:
    case AUTH_KEY_TYPE_P384:
    default:
        return FAMILY_EC;
    }
}

bool signature_fits(signature_id id, auth_key_type type)
{
    return rows[id].family == family_of(type);
}

const char *signature_name(signature_id id) { return oid_name(rows[id].type); }

signature_scheme signature_of_type(auth_key_type type)
{
    static const signature_id ids[] = {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature) [number] = SIGNATURE_##signature,
#include <auth/key_type.def>
    };
    signature_id id = ids[type];
    return (signature_scheme){.id = id, .digest = rows[id].digest};
}

auth_bytes signature_algorithm(signature_id id)
{
    return (auth_bytes){(const uint8_t *)rows[id].der, rows[id].der_len};
}

/* Takes a positive INTEGER of at most len octets, a sign octet not counted. */
static bool take_positive(auth_bytes *cursor, size_t len)
{
    auth_bytes number;
    if (!der_take_integer(cursor, &number) || number.data[0] >= 0x80)
        return false;
    if (number.data[0] == 0)
        return number.len > 1 && number.len - 1 <= len;
    return number.len <= len;
}

bool signature_is_pair(auth_bytes octets, size_t number_len)
{
    auth_bytes numbers;
    return der_only(octets, DER_SEQUENCE, &numbers) && take_positive(&numbers, number_len) &&
           take_positive(&numbers, number_len) && numbers.len == 0;
}

bool signature_write_pair(auth_bytes r_and_s, auth_signature *out)
{
    der_writer writer = der_writer_on(out->octets, sizeof out->octets);
    size_t half = r_and_s.len / 2;
    size_t mark = der_open(&writer, DER_SEQUENCE);
    der_put_unsigned(&writer, (auth_bytes){r_and_s.data, half});
    der_put_unsigned(&writer, (auth_bytes){r_and_s.data + half, half});
    der_close(&writer, mark);
    out->len = der_written(&writer).len;
    return out->len > 0;
}
