/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a proof verify only if it is the one that was made? The input gives two sizes and a proof:
 * it is verified as it is, which must not trip over any number, and against the proof of a real
 * tree, in which every hash is another.
 */
#include "fuzz/fuzz.h"
#include "registry/merkle.h"

#include <string.h>

#define MOST 256U /* leaves of the real tree */
#define PLACES 24U

typedef struct tree {
    uint64_t size;
    merkle_hash roots[MOST + 1];
    merkle_hash nodes[9][MOST];
    merkle_edge edge;
} tree;

static registry_crypto *crypto;
static tree grown;

static auth_status keep(void *context, unsigned level, uint64_t index, const merkle_hash *hash,
                        auth_error *err)
{
    (void)err;
    tree *to = context;
    to->nodes[level][index] = *hash;
    return AUTH_STATUS_OK;
}

static auth_status get(void *context, unsigned level, uint64_t index, merkle_hash *out,
                       auth_error *err)
{
    (void)err;
    const tree *from = context;
    FUZZ_CHECK(((index + 1) << level) <= MOST);
    *out = from->nodes[level][index];
    return AUTH_STATUS_OK;
}

static void grow(void)
{
    auth_error err;
    if (crypto != NULL)
        return;
    FUZZ_CHECK(registry_crypto_new(&crypto, &err) == AUTH_STATUS_OK);
    for (unsigned i = 0; i < MOST; i++) {
        const uint8_t entry[] = {(uint8_t)i};
        auth_bytes octets = {entry, 1};
        merkle_hash *leaf = &grown.nodes[0][i];
        FUZZ_CHECK(merkle_leaf(crypto, octets, leaf, &err) == AUTH_STATUS_OK);
        FUZZ_CHECK(merkle_append(crypto, &grown.edge, leaf, keep, &grown, &err) == AUTH_STATUS_OK);
        FUZZ_CHECK(merkle_root(crypto, &grown.edge, &grown.roots[i + 1], &err) == AUTH_STATUS_OK);
    }
}

static uint64_t read_number(const uint8_t *data)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | data[i];
    return number;
}

static bool is_same(const merkle_proof *a, const merkle_proof *b)
{
    return a->count == b->count &&
           memcmp(a->hashes, b->hashes, a->count * sizeof a->hashes[0]) == 0;
}

/* Fills the places that the input leaves zero with the hashes of the right proof. */
static void complete(merkle_proof *proof, const merkle_proof *right)
{
    static const merkle_hash zero;
    for (size_t i = 0; i < proof->count && i < right->count; i++) {
        if (merkle_hash_equal(&proof->hashes[i], &zero))
            proof->hashes[i] = right->hashes[i];
    }
}

static void check_inclusion(uint64_t index, uint64_t size, merkle_proof proof)
{
    auth_error err;
    merkle_proof right;
    merkle_source source = {get, &grown};
    FUZZ_CHECK(merkle_prove_inclusion(crypto, &source, index, size, &right, &err) ==
               AUTH_STATUS_OK);
    complete(&proof, &right);
    auth_status status = merkle_verify_inclusion(crypto, &grown.nodes[0][index], index, size,
                                                 &proof, &grown.roots[size], &err);
    FUZZ_CHECK((status == AUTH_STATUS_OK) == is_same(&proof, &right));
}

static void check_consistency(uint64_t first, uint64_t second, merkle_proof proof)
{
    auth_error err;
    merkle_proof right;
    merkle_source source = {get, &grown};
    FUZZ_CHECK(merkle_prove_consistency(crypto, &source, first, second, &right, &err) ==
               AUTH_STATUS_OK);
    complete(&proof, &right);
    auth_status status = merkle_verify_consistency(crypto, first, second, &grown.roots[first],
                                                   &grown.roots[second], &proof, &err);
    FUZZ_CHECK((status == AUTH_STATUS_OK) == is_same(&proof, &right));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 16)
        return 0;
    grow();
    merkle_proof proof = {.count = 0};
    auth_error err;
    uint64_t a = read_number(data);
    uint64_t b = read_number(data + 8);
    for (size_t at = 16; at + REGISTRY_HASH_SIZE <= size && proof.count < PLACES;
         at += REGISTRY_HASH_SIZE)
        memcpy(proof.hashes[proof.count++].octets, data + at, REGISTRY_HASH_SIZE);
    /* No input has the preimages that the first two of these need. */
    FUZZ_CHECK(a == 0 || merkle_verify_inclusion(crypto, &grown.roots[1], a, b, &proof,
                                                 &grown.roots[2], &err) == AUTH_STATUS_UNTRUSTED);
    FUZZ_CHECK(merkle_verify_consistency(crypto, a, b, &grown.roots[3], &grown.roots[MOST], &proof,
                                         &err) == AUTH_STATUS_UNTRUSTED ||
               (a == 3 && b == MOST));
    uint64_t second = b % MOST + 1;
    check_inclusion(a % second, second, proof);
    check_consistency(a % second + 1, second, proof);
    return 0;
}
