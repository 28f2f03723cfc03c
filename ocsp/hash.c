/* SPDX-License-Identifier: Apache-2.0 */
#include "hash.h"

#include "registry/crypto.h"

#include <string.h>

#define HASHED_MAX ((size_t)24)

auth_status ocsp_hash_key_new(ocsp_hash_key *out, auth_error *err)
{
    return registry_random((uint8_t *)out->words, sizeof out->words, err);
}

/* Both halves of a product of two words: every bit of the input reaches every bit of one of them.
 */
static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t ocsp_hash(const ocsp_hash_key *key, auth_bytes octets)
{
    uint64_t words[3] = {0, 0, 0};
    memcpy(words, octets.data, octets.len < HASHED_MAX ? octets.len : HASHED_MAX);
    uint64_t half = fold(words[0] ^ key->words[0], words[1] ^ key->words[1]);
    return fold(half ^ words[2] ^ key->words[2], octets.len ^ key->words[3]);
}
