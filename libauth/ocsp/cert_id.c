/* SPDX-License-Identifier: Apache-2.0 */
/* The CertID (RFC 6960 section 4.1.1) and the hashes that it can use. */
#include "ocsp/ocsp.h"

const ocsp_hash_row ocsp_hashes[OCSP_HASH_COUNT] = {
    {AUTH_OCSP_HASH_SHA1, OID_SHA1, DIGEST_SHA1},
    {AUTH_OCSP_HASH_SHA256, OID_SHA256, DIGEST_SHA256},
    {AUTH_OCSP_HASH_SM3, OID_SM3, DIGEST_SM3},
};

static const ocsp_hash_row *row_of(oid algorithm)
{
    for (size_t i = 0; i < OCSP_HASH_COUNT; i++) {
        if (ocsp_hashes[i].algorithm == algorithm)
            return &ocsp_hashes[i];
    }
    return NULL;
}

/* Parameters of a hash are NULL or absent; those of an unknown algorithm are its own. */
static bool are_no_parameters(auth_bytes parameters)
{
    auth_bytes nothing;
    return parameters.len == 0 || (der_only(parameters, DER_NULL, &nothing) && nothing.len == 0);
}

static bool read_parameters(auth_bytes parameters)
{
    der_item item;
    return parameters.len == 0 || (der_next(&parameters, &item) && parameters.len == 0);
}

static bool take_hash(auth_bytes *cursor, const ocsp_hash_row **row)
{
    auth_bytes algorithm;
    auth_bytes type;
    if (!der_take(cursor, DER_SEQUENCE, &algorithm) || !der_take_oid(&algorithm, &type))
        return false;
    *row = row_of(oid_find(type));
    return *row == NULL ? read_parameters(algorithm) : are_no_parameters(algorithm);
}

bool ocsp_take_cert_id(auth_bytes *cursor, auth_ocsp_cert_id *out)
{
    auth_bytes at = *cursor;
    der_item whole;
    const ocsp_hash_row *row = NULL;
    auth_ocsp_cert_id id = {0};
    if (!der_take_item(&at, DER_SEQUENCE, &whole))
        return false;
    auth_bytes content = whole.content;
    if (!take_hash(&content, &row) || !der_take(&content, DER_OCTET_STRING, &id.name_hash) ||
        !der_take(&content, DER_OCTET_STRING, &id.key_hash) ||
        !der_take_integer(&content, &id.serial) || content.len > 0)
        return false;
    if (row != NULL) {
        size_t len = digest_len(row->digest);
        if (id.name_hash.len != len || id.key_hash.len != len)
            return false;
        id.hash = row->hash;
    }
    id.der = whole.whole;
    *cursor = at;
    *out = id;
    return true;
}

void ocsp_put_cert_id(der_writer *writer, const auth_ocsp_issuer *issuer, size_t row,
                      auth_bytes serial)
{
    size_t len = issuer->hashes[row].len;
    size_t id = der_open(writer, DER_SEQUENCE);
    size_t algorithm = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(ocsp_hashes[row].algorithm));
    der_put_null(writer);
    der_close(writer, algorithm);
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){issuer->hashes[row].name, len});
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){issuer->hashes[row].key, len});
    der_put_item(writer, DER_INTEGER, serial);
    der_close(writer, id);
}

bool ocsp_key_bits(auth_bytes spki, auth_bytes *out)
{
    auth_bytes content;
    auth_bytes algorithm;
    return der_only(spki, DER_SEQUENCE, &content) && der_take(&content, DER_SEQUENCE, &algorithm) &&
           der_take_bit_octets(&content, out) && content.len == 0;
}

bool ocsp_read_nonce(auth_bytes value, auth_bytes *out)
{
    return der_only(value, DER_OCTET_STRING, out) && out->len >= 1 &&
           out->len <= AUTH_OCSP_NONCE_MAX;
}
