/* SPDX-License-Identifier: Apache-2.0 */
#include "jws/algorithm.h"
#include "base/der.h"
#include "key/signature.h"

#include <string.h>

/* RSASSA-PSS, SHA-256 in hash and mask, a salt of 32 octets (RFC 7518 3.5, RFC 4055 3.1). */
static const uint8_t ps256[] =
    "\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34"
    "\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
    "\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
    "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
    "\xa2\x03\x02\x01\x20";

typedef struct algorithm_row {
    const char *name; /* NULL: no such number */
    auth_key_type key;
    bool is_written;
    size_t number_len; /* of r and of s; 0: the signature is no pair */
} algorithm_row;

#define NUMBER_LEN_P256 32
#define NUMBER_LEN_P384 48
#define NUMBER_LEN_RSA 0
#define NUMBER_LEN_ED25519 0
#define NUMBER_LEN_SM2 32

static const algorithm_row rows[] = {
#define AUTH_JWS_ALGORITHM_ROW(id, number, name, key, is_written, text)                            \
    [number] = {(name), AUTH_KEY_TYPE_##key, (is_written), NUMBER_LEN_##key},
#include <auth/jws_algorithm.def>
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

const char *auth_jws_algorithm_name(auth_jws_algorithm algorithm)
{
    size_t number = (size_t)algorithm;
    return number < ROW_COUNT && rows[number].name != NULL ? rows[number].name : "";
}

auth_jws_algorithm jws_algorithm_named(auth_bytes name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].name != NULL && auth_bytes_equal(name, auth_bytes_from_text(rows[i].name)))
            return (auth_jws_algorithm)i;
    }
    return (auth_jws_algorithm)0;
}

auth_jws_algorithm jws_algorithm_of(auth_key_type type)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].is_written && rows[i].key == type)
            return (auth_jws_algorithm)i;
    }
    return (auth_jws_algorithm)0;
}

auth_key_type jws_algorithm_key(auth_jws_algorithm algorithm) { return rows[algorithm].key; }

auth_bytes jws_algorithm_identifier(auth_jws_algorithm algorithm)
{
    if (algorithm == AUTH_JWS_ALGORITHM_PS256)
        return (auth_bytes){ps256, sizeof ps256 - 1};
    return signature_algorithm(signature_of_type(rows[algorithm].key).id);
}

static bool is_zero(const uint8_t *octets, size_t len)
{
    uint8_t all = 0;
    for (size_t i = 0; i < len; i++)
        all |= octets[i];
    return all == 0;
}

/* r and s from 1 on: with zeros a signature may verify for every message (CVE-2022-21449). */
static bool is_pair(auth_bytes octets, size_t number_len)
{
    return octets.len == 2 * number_len && !is_zero(octets.data, number_len) &&
           !is_zero(octets.data + number_len, number_len);
}

auth_status jws_signature_read(auth_jws_algorithm algorithm, auth_bytes octets, auth_signature *out,
                               auth_error *err)
{
    size_t number_len = rows[algorithm].number_len;
    bool is_done = false;
    if (number_len > 0) {
        is_done = is_pair(octets, number_len) && signature_write_pair(octets, out);
    } else if (octets.len > 0 && octets.len <= sizeof out->octets) {
        memcpy(out->octets, octets.data, octets.len);
        out->len = octets.len;
        is_done = true;
    }
    if (is_done)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                          "%zu octets are no signature of %s (RFC 7518 3.4: two numbers of fixed "
                          "length, neither zero); let the signer sign anew",
                          octets.len, rows[algorithm].name);
}

/* Takes a positive INTEGER into exactly len octets. */
static bool take_number(auth_bytes *cursor, uint8_t *out, size_t len)
{
    auth_bytes number;
    if (!der_take_integer(cursor, &number) || number.data[0] >= 0x80)
        return false;
    if (number.data[0] == 0) {
        number.data++;
        number.len--;
    }
    if (number.len > len)
        return false;
    memset(out, 0, len - number.len);
    if (number.len > 0)
        memcpy(out + len - number.len, number.data, number.len);
    return true;
}

auth_status jws_signature_write(auth_jws_algorithm algorithm, const auth_signature *signature,
                                auth_signature *out, auth_error *err)
{
    size_t number_len = rows[algorithm].number_len;
    auth_bytes numbers;
    if (number_len == 0) {
        *out = *signature;
        return AUTH_STATUS_OK;
    }
    auth_signature pair = {.len = 2 * number_len};
    if (!der_only((auth_bytes){signature->octets, signature->len}, DER_SEQUENCE, &numbers) ||
        !take_number(&numbers, pair.octets, number_len) ||
        !take_number(&numbers, pair.octets + number_len, number_len) || numbers.len != 0 ||
        !is_pair((auth_bytes){pair.octets, pair.len}, number_len)) {
        return auth_error_set(err, AUTH_STATUS_CRYPTO,
                              "the signer gave no signature of %s (RFC 3279 2.2.3: two positive "
                              "INTEGERs); look at what holds the key",
                              rows[algorithm].name);
    }
    *out = pair;
    return AUTH_STATUS_OK;
}
