/* SPDX-License-Identifier: Apache-2.0 */
#include "key/public.h"
#include "base/der.h"
#include "key/load.h"

#include <stdlib.h>
#include <string.h>

const char *auth_key_type_name(auth_key_type type)
{
    switch (type) {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature)                                             \
    case AUTH_KEY_TYPE_##id:                                                                       \
        return name;
#include <auth/key_type.def>
    default:
        return "";
    }
}

auth_bytes spki_key_bits(auth_bytes spki)
{
    auth_bytes content = {NULL, 0};
    auth_bytes algorithm;
    auth_bytes octets = {NULL, 0};
    (void)(der_only(spki, DER_SEQUENCE, &content) && der_take(&content, DER_SEQUENCE, &algorithm) &&
           der_take_bit_octets(&content, &octets));
    return octets;
}

/* Writes the canonical form and what is computed of it, once. */
static auth_status complete(auth_public_key *key, const spki_fields *fields, auth_error *err)
{
    key->type = fields->type;
    key->bits = fields->bits;
    key->spki_len = spki_write(fields, key->spki, sizeof key->spki);
    auth_bytes spki = auth_public_key_spki(key);
    auth_status status = digest(DIGEST_SHA1, spki_key_bits(spki), key->id, err);
    if (status == AUTH_STATUS_OK)
        status = digest(DIGEST_SHA256, spki, key->hash, err);
    if (status == AUTH_STATUS_OK && key->type == AUTH_KEY_TYPE_SM2)
        status =
            sm2_z(auth_bytes_from_text(SM2_DEFAULT_ID), fields->point.data + 1, key->sm2_z, err);
    return status;
}

static auth_status make_verifiers(auth_public_key *key, EVP_PKEY *evp, auth_error *err)
{
    const uint8_t *z = key->type == AUTH_KEY_TYPE_SM2 ? key->sm2_z : NULL;
    key->verifiers = context_pool_new(evp, false, z);
    return key->verifiers == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
}

auth_status auth_public_key_parse(auth_bytes spki, auth_public_key **out, auth_error *err)
{
    spki_fields fields;
    uint8_t point[POINT_MAX];
    auth_status status = spki_read(spki, &fields, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(auth_public_key) *key = calloc(1, sizeof *key);
    if (key == NULL)
        return auth_error_memory(err);
    EVP_PKEY *evp = NULL;
    status = load_public(&fields, point, &evp, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = complete(key, &fields, err);
    if (status == AUTH_STATUS_OK)
        status = make_verifiers(key, evp, err);
    if (status != AUTH_STATUS_OK) {
        EVP_PKEY_free(evp);
        return status;
    }
    *out = AUTH_TAKE(key);
    return AUTH_STATUS_OK;
}

void auth_public_key_free(auth_public_key *key)
{
    if (key == NULL)
        return;
    context_pool_free(key->verifiers);
    free(key);
}

auth_key_type auth_public_key_type(const auth_public_key *key) { return key->type; }

unsigned auth_public_key_bits(const auth_public_key *key) { return key->bits; }

auth_bytes auth_public_key_spki(const auth_public_key *key)
{
    return (auth_bytes){key->spki, key->spki_len};
}

void auth_public_key_id(const auth_public_key *key, uint8_t out[AUTH_KEY_ID_SIZE])
{
    memcpy(out, key->id, sizeof key->id);
}

void auth_public_key_hash(const auth_public_key *key, uint8_t out[AUTH_KEY_HASH_SIZE])
{
    memcpy(out, key->hash, sizeof key->hash);
}

size_t public_key_number_len(const auth_public_key *key) { return key->bits / 8; }

auth_bytes public_key_modulus(const auth_public_key *key)
{
    auth_bytes numbers = {NULL, 0};
    auth_bytes modulus = {NULL, 0};
    if (!der_only(spki_key_bits(auth_public_key_spki(key)), DER_SEQUENCE, &numbers) ||
        !der_take_integer(&numbers, &modulus))
        return (auth_bytes){NULL, 0};
    if (modulus.data[0] == 0) {
        modulus.data++;
        modulus.len--;
    }
    return modulus;
}
