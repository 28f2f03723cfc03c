/* SPDX-License-Identifier: Apache-2.0 */
#include "key/load.h"
#include "key/ed25519.h"
#include "key/openssl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <stdatomic.h>
#include <string.h>

typedef struct template_row {
    const char *algorithm;
    const char *group;
} template_row;

static const template_row rows[] = {
    [AUTH_KEY_TYPE_P256] = {"EC", "P-256"},
    [AUTH_KEY_TYPE_P384] = {"EC", "P-384"},
    [AUTH_KEY_TYPE_SM2] = {"SM2", "SM2"},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* Keys without a point of their own, to be copied. Filled once, never emptied. */
static _Atomic(EVP_PKEY *) templates[ROW_COUNT];

static EVP_PKEY *make_template(const template_row *row)
{
    char group[16];
    (void)strncpy(group, row->group, sizeof group - 1);
    group[sizeof group - 1] = '\0';
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *made = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, row->algorithm, NULL);
    bool is_done = context != NULL && EVP_PKEY_fromdata_init(context) > 0 &&
                   EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEY_PARAMETERS, parameters) > 0;
    EVP_PKEY_CTX_free(context);
    return is_done ? made : NULL;
}

static EVP_PKEY *template_of(auth_key_type type)
{
    EVP_PKEY *found = atomic_load_explicit(&templates[type], memory_order_acquire);
    if (found != NULL)
        return found;
    EVP_PKEY *made = make_template(&rows[type]);
    EVP_PKEY *first = NULL;
    if (made != NULL && !atomic_compare_exchange_strong(&templates[type], &first, made)) {
        /* Another thread was quicker. */
        EVP_PKEY_free(made);
        return first;
    }
    return made;
}

static auth_status refuse_point(auth_key_type type, auth_error *err)
{
    if (openssl_lacks_memory())
        return openssl_failed(err, rows[type].group);
    ERR_clear_error();
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "public key: its point is not on the curve %s (SEC 1 3.2.2.1); make a "
                          "new key",
                          rows[type].group);
}

static bool write_coordinate(const EVP_PKEY *key, const char *name, uint8_t *out, size_t len)
{
    BIGNUM *number = NULL;
    bool is_done = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
                   BN_bn2binpad(number, out, (int)len) == (int)len;
    BN_free(number);
    return is_done;
}

/* Writes the point of a key uncompressed; OpenSSL keeps the form that it came in. */
static bool write_point(const EVP_PKEY *key, size_t coordinate, uint8_t *out)
{
    out[0] = 0x04;
    return write_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, out + 1, coordinate) &&
           write_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, out + 1 + coordinate, coordinate);
}

/* Makes a key of the point as it is spelled. */
static auth_status make_point(const spki_fields *fields, EVP_PKEY **out, auth_error *err)
{
    EVP_PKEY *template = template_of(fields->type);
    EVP_PKEY *made = template == NULL ? NULL : EVP_PKEY_dup(template);
    if (made == NULL)
        return openssl_failed(err, rows[fields->type].group);
    if (EVP_PKEY_set1_encoded_public_key(made, fields->point.data, fields->point.len) != 1) {
        EVP_PKEY_free(made);
        return refuse_point(fields->type, err);
    }
    *out = made;
    return AUTH_STATUS_OK;
}

static auth_status load_point(spki_fields *fields, uint8_t point[POINT_MAX], EVP_PKEY **out,
                              auth_error *err)
{
    size_t coordinate = fields->bits / 8;
    if (fields->point.len == 1 + 2 * coordinate)
        return make_point(fields, out, err);
    EVP_PKEY *compressed = NULL;
    auth_status status = make_point(fields, &compressed, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_written = write_point(compressed, coordinate, point);
    EVP_PKEY_free(compressed);
    if (!is_written)
        return openssl_failed(err, rows[fields->type].group);
    fields->point = (auth_bytes){point, 1 + 2 * coordinate};
    return make_point(fields, out, err);
}

/* OpenSSL takes numbers in the machine's order of octets. */
static bool to_native(auth_bytes big_endian, uint8_t *out)
{
    BIGNUM *number = BN_bin2bn(big_endian.data, (int)big_endian.len, NULL);
    bool is_done = number != NULL && BN_bn2nativepad(number, out, (int)big_endian.len) > 0;
    BN_free(number);
    return is_done;
}

static auth_status load_rsa(const spki_fields *fields, EVP_PKEY **out, auth_error *err)
{
    uint8_t modulus[512];
    uint8_t exponent[8];
    if (!to_native(fields->modulus, modulus) || !to_native(fields->exponent, exponent))
        return openssl_failed(err, "RSA");
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, fields->modulus.len),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, fields->exponent.len),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *made = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    bool is_done = context != NULL && EVP_PKEY_fromdata_init(context) > 0 &&
                   EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parameters) > 0;
    EVP_PKEY_CTX_free(context);
    if (!is_done)
        return openssl_failed(err, "RSA");
    *out = made;
    return AUTH_STATUS_OK;
}

/* OpenSSL 3.0 takes a new point for a copy of an Ed25519 key and ignores it. */
static auth_status load_ed25519(const spki_fields *fields, EVP_PKEY **out, auth_error *err)
{
    auth_status status = ed25519_check_point(fields->point.data, err);
    if (status != AUTH_STATUS_OK)
        return status;
    EVP_PKEY *made = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, fields->point.data,
                                                    fields->point.len);
    if (made == NULL)
        return openssl_failed(err, "Ed25519");
    *out = made;
    return AUTH_STATUS_OK;
}

auth_status load_public(spki_fields *fields, uint8_t point[POINT_MAX], EVP_PKEY **out,
                        auth_error *err)
{
    switch (fields->type) {
    case AUTH_KEY_TYPE_RSA:
        return load_rsa(fields, out, err);
    case AUTH_KEY_TYPE_ED25519:
        return load_ed25519(fields, out, err);
    case AUTH_KEY_TYPE_P256:
    case AUTH_KEY_TYPE_P384:
    case AUTH_KEY_TYPE_SM2:
    default:
        return load_point(fields, point, out, err);
    }
}
