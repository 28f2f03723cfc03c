/* SPDX-License-Identifier: Apache-2.0 */
/* A keyed pseudonym in the subject: the same person gets the same one, and only the realm knows it.
 */
#include "identity/identity.h"

bool identity_is_pseudonym(auth_bytes value)
{
    if (value.len != IDENTITY_PSEUDONYM_LEN)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

auth_status identity_write_pseudonym(digest_algorithm hash, auth_bytes key,
                                     const auth_person_number *number,
                                     char out[IDENTITY_PSEUDONYM_LEN], auth_error *err)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t message[1 + AUTH_PERSON_NUMBER_MAX] = {(uint8_t)number->type};
    uint8_t mac[DIGEST_MAX];
    auth_bytes octets = auth_person_number_reveal(number);
    for (size_t i = 0; i < octets.len; i++)
        message[1 + i] = octets.data[i];
    auth_status status = digest_hmac(hash, key, (auth_bytes){message, 1 + octets.len}, mac, err);
    auth_secret_wipe(message, sizeof message);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < IDENTITY_PSEUDONYM_LEN; i++)
        out[i] = digits[mac[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15U];
    return AUTH_STATUS_OK;
}

/* The certificate does not tell which HMAC it was: both are tried. */
auth_status identity_match_pseudonym(auth_bytes value, auth_bytes key,
                                     const auth_person_number *number, bool *out, auth_error *err)
{
    static const digest_algorithm hashes[] = {DIGEST_SM3, DIGEST_SHA256};
    bool is_same = false;
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        char expected[IDENTITY_PSEUDONYM_LEN];
        auth_status status = identity_write_pseudonym(hashes[i], key, number, expected, err);
        if (status != AUTH_STATUS_OK)
            return status;
        is_same |=
            auth_secret_equal((auth_bytes){(const uint8_t *)expected, sizeof expected}, value);
    }
    *out = is_same;
    return AUTH_STATUS_OK;
}
