/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that have the right form and are known to be weak all the same. */
#include "key/public.h"

#include <openssl/bn.h>

/* The greatest divisor that the Baseline Requirements ask to look for is below this. */
#define FACTOR_LIMIT 752
#define FERMAT_ROUNDS 100

/* The primes whose residues carry the fingerprint of CVE-2017-15361. */
#define ROCA_PRIME_MAX 167
#define ROCA_GENERATOR 65537U

typedef enum weakness {
    WEAKNESS_NONE,
    WEAKNESS_FACTOR,
    WEAKNESS_ROCA,
    WEAKNESS_SQUARE,
    WEAKNESS_FERMAT,
    WEAKNESS_UNKNOWN, /* OpenSSL failed */
} weakness;

static bool is_prime(unsigned number)
{
    for (unsigned divisor = 2; divisor * divisor <= number; divisor++) {
        if (number % divisor == 0)
            return false;
    }
    return true;
}

/* Whether residue is a power of the generator mod prime. */
static bool is_power(unsigned residue, unsigned prime)
{
    unsigned power = 1;
    do {
        if (power == residue)
            return true;
        power = power * (ROCA_GENERATOR % prime) % prime;
    } while (power != 1);
    return false;
}

/*
 * Divides by all small primes. Moduli of the broken library (ROCA) are p q with both factors of the
 * form k M + 65537^a mod M, M a product of the first primes, so mod each of them the modulus is a
 * power of 65537; of other moduli less than one in a hundred million is.
 */
static weakness check_residues(const BIGNUM *modulus)
{
    bool has_fingerprint = true;
    for (unsigned prime = 3; prime < FACTOR_LIMIT; prime += 2) {
        if (!is_prime(prime))
            continue;
        BN_ULONG residue = BN_mod_word(modulus, prime);
        if (residue == (BN_ULONG)-1)
            return WEAKNESS_UNKNOWN;
        if (residue == 0)
            return WEAKNESS_FACTOR;
        if (prime <= ROCA_PRIME_MAX && has_fingerprint)
            has_fingerprint = is_power((unsigned)residue, prime);
    }
    return has_fingerprint ? WEAKNESS_ROCA : WEAKNESS_NONE;
}

/* Most numbers that are no square are none mod 64 or mod 3 * 5 * 7 * 11 * 13 either. */
static bool may_be_square(const BIGNUM *number)
{
    static const unsigned char moduli[] = {64, 3, 5, 7, 11, 13};
    for (size_t i = 0; i < sizeof moduli; i++) {
        unsigned modulus = moduli[i];
        unsigned residue = (unsigned)BN_mod_word(number, modulus);
        unsigned root = 0;
        while (root < modulus && root * root % modulus != residue)
            root++;
        if (root == modulus)
            return false;
    }
    return true;
}

/* Writes the root of a number, rounded down: Newton's iteration from above. False: OpenSSL failed.
 */
static bool square_root(const BIGNUM *number, BIGNUM *root, BN_CTX *context)
{
    BN_CTX_start(context);
    BIGNUM *next = BN_CTX_get(context);
    bool is_good = next != NULL && BN_set_word(root, 1) == 1 &&
                   BN_lshift(root, root, (BN_num_bits(number) + 1) / 2) == 1;
    while (is_good) {
        is_good = BN_div(next, NULL, number, root, context) == 1 && BN_add(next, next, root) == 1 &&
                  BN_rshift1(next, next) == 1;
        if (!is_good || BN_cmp(next, root) >= 0)
            break;
        is_good = BN_copy(root, next) != NULL;
    }
    BN_CTX_end(context);
    return is_good;
}

/* 1: it is a square; 0: it is not; less: OpenSSL failed. */
static int is_square(const BIGNUM *number, BN_CTX *context)
{
    if (!may_be_square(number))
        return 0;
    BN_CTX_start(context);
    int answer = -1;
    BIGNUM *root = BN_CTX_get(context);
    BIGNUM *square = BN_CTX_get(context);
    if (square != NULL && square_root(number, root, context) && BN_sqr(square, root, context) == 1)
        answer = BN_cmp(square, number) == 0;
    BN_CTX_end(context);
    return answer;
}

/* Fermat: for a from the root of the modulus upwards, is a^2 - modulus a square? */
static weakness check_closeness(const BIGNUM *modulus, BN_CTX *context)
{
    BIGNUM *a = BN_CTX_get(context);
    BIGNUM *rest = BN_CTX_get(context);
    if (rest == NULL || !square_root(modulus, a, context) || BN_sqr(rest, a, context) != 1)
        return WEAKNESS_UNKNOWN;
    if (BN_cmp(rest, modulus) == 0)
        return WEAKNESS_SQUARE;
    for (int round = 0; round < FERMAT_ROUNDS; round++) {
        if (BN_add_word(a, 1) != 1 || BN_sqr(rest, a, context) != 1 ||
            BN_sub(rest, rest, modulus) != 1)
            return WEAKNESS_UNKNOWN;
        int answer = is_square(rest, context);
        if (answer != 0)
            return answer == 1 ? WEAKNESS_FERMAT : WEAKNESS_UNKNOWN;
    }
    return WEAKNESS_NONE;
}

static weakness check_modulus(auth_bytes octets)
{
    weakness found = WEAKNESS_UNKNOWN;
    BIGNUM *modulus = BN_bin2bn(octets.data, (int)octets.len, NULL);
    BN_CTX *context = BN_CTX_new();
    if (modulus != NULL && context != NULL) {
        BN_CTX_start(context);
        found = check_residues(modulus);
        if (found == WEAKNESS_NONE)
            found = check_closeness(modulus, context);
        BN_CTX_end(context);
    }
    BN_CTX_free(context);
    BN_free(modulus);
    return found;
}

static auth_status check_rsa(const auth_public_key *key, auth_error *err)
{
    static const char *const texts[] = {
        [WEAKNESS_FACTOR] = "its RSA modulus has a factor below 752",
        [WEAKNESS_ROCA] = "its RSA modulus carries the ROCA fingerprint (CVE-2017-15361): it was "
                          "made by a broken card or library",
        [WEAKNESS_SQUARE] = "its RSA modulus is a square",
        [WEAKNESS_FERMAT] = "the factors of its RSA modulus are close to each other (Fermat, 100 "
                            "rounds)",
    };
    weakness found = check_modulus(public_key_modulus(key));
    if (found == WEAKNESS_NONE)
        return AUTH_STATUS_OK;
    if (found == WEAKNESS_UNKNOWN)
        return openssl_failed(err, "strength of an RSA key");
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "public key: %s (CA/B BR 6.1.1.3); make a new key elsewhere",
                          texts[found]);
}

auth_status auth_public_key_check_strength(const auth_public_key *key,
                                           auth_key_is_blocked *is_blocked, void *context,
                                           auth_error *err)
{
    if (key->type == AUTH_KEY_TYPE_RSA) {
        auth_status status = check_rsa(key, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (is_blocked != NULL && is_blocked(context, (auth_bytes){key->hash, sizeof key->hash})) {
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "public key: it is on the list of blocked keys (CA/B BR 6.1.1.3); "
                              "make a new key");
    }
    return AUTH_STATUS_OK;
}
