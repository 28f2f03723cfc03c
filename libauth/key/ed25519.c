/* SPDX-License-Identifier: Apache-2.0 */
#include "key/ed25519.h"
#include "key/openssl.h"

#include <openssl/bn.h>
#include <string.h>

/* p = 2^255 - 19 and d = -121665/121666 mod p, little-endian (RFC 8032 section 5.1). */
static const uint8_t prime[ED25519_SIZE] =
    "\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
static const uint8_t curve_d[ED25519_SIZE] =
    "\xa3\x78\x59\x13\xca\x4d\xeb\x75\xab\xd8\x41\x41\x4d\x0a\x70\x00"
    "\x98\xe8\x79\x77\x79\x40\xc7\x8c\x73\xfe\x6f\x2b\xee\x6c\x03\x52";

/* The y of all points whose order divides 8: 1; -1; 0; and two more, one the negative of the other.
 */
static const uint8_t small_order[][ED25519_SIZE] = {
    "\x01",
    "\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    "",
    "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
    "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
    "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
};

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "public key: its Ed25519 point %s (RFC 8032 5.1.3); make a new key",
                          what);
}

static bool is_below_prime(const uint8_t y[ED25519_SIZE])
{
    for (size_t i = ED25519_SIZE; i > 0; i--) {
        if (y[i - 1] != prime[i - 1])
            return y[i - 1] < prime[i - 1];
    }
    return false;
}

/*
 * Whether x^2 = (y^2 - 1) / (d y^2 + 1) has a solution mod p. The denominator is never 0, so the
 * quotient is a square when the product is. 1: yes; 0: no; less: OpenSSL failed.
 */
static int is_on_curve(const uint8_t octets[ED25519_SIZE], BN_CTX *context)
{
    BIGNUM *p = BN_CTX_get(context);
    BIGNUM *d = BN_CTX_get(context);
    BIGNUM *square = BN_CTX_get(context);
    BIGNUM *product = BN_CTX_get(context);
    if (product == NULL || BN_lebin2bn(prime, ED25519_SIZE, p) == NULL ||
        BN_lebin2bn(curve_d, ED25519_SIZE, d) == NULL ||
        BN_lebin2bn(octets, ED25519_SIZE, square) == NULL ||
        BN_mod_sqr(square, square, p, context) != 1 ||
        BN_mod_mul(product, d, square, p, context) != 1 || BN_add_word(product, 1) != 1 ||
        BN_add(square, square, p) != 1 || BN_sub_word(square, 1) != 1 ||
        BN_mod_mul(product, product, square, p, context) != 1)
        return -1;
    int symbol = BN_kronecker(product, p, context);
    return symbol < -1 ? -1 : symbol >= 0;
}

auth_status ed25519_check_point(const uint8_t point[ED25519_SIZE], auth_error *err)
{
    uint8_t y[ED25519_SIZE];
    memcpy(y, point, sizeof y);
    y[ED25519_SIZE - 1] &= 0x7f; /* the sign of x */
    if (!is_below_prime(y))
        return refuse(err, "is not below the prime");
    for (size_t i = 0; i < sizeof small_order / sizeof small_order[0]; i++) {
        if (memcmp(y, small_order[i], sizeof y) == 0)
            return refuse(err, "has small order");
    }
    BN_CTX *context = BN_CTX_new();
    if (context == NULL)
        return openssl_failed(err, "Ed25519");
    BN_CTX_start(context);
    int answer = is_on_curve(y, context);
    BN_CTX_end(context);
    BN_CTX_free(context);
    if (answer < 0)
        return openssl_failed(err, "Ed25519");
    return answer == 1 ? AUTH_STATUS_OK : refuse(err, "is not on the curve");
}
