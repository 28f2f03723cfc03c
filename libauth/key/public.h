/* SPDX-License-Identifier: Apache-2.0 */
/* What a public key holds. Internal to key/. */
#ifndef KEY_PUBLIC_H
#define KEY_PUBLIC_H

#include "key/context.h"
#include "key/sm2.h"

#include <auth/key.h>

/* The longest canonical SubjectPublicKeyInfo: RSA of 4096 bits with an exponent of 64 bits. */
#define SPKI_MAX 560

struct auth_public_key {
    auth_key_type type;
    unsigned bits;
    context_pool *verifiers;
    uint8_t sm2_z[SM2_Z_SIZE]; /* with the default ID; SM2 only */
    uint8_t id[AUTH_KEY_ID_SIZE];
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    size_t spki_len;
    uint8_t spki[SPKI_MAX];
};

/* View the subjectPublicKey bits of a canonical SubjectPublicKeyInfo. */
auth_bytes spki_key_bits(auth_bytes spki);

/* View the modulus of an RSA key, big-endian without leading zeros. */
auth_bytes public_key_modulus(const auth_public_key *key);

/* How many octets a coordinate or a number of a signature has; EC and SM2 only. */
size_t public_key_number_len(const auth_public_key *key);

#endif
