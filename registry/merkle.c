/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle.h"

#include <string.h>

bool merkle_hash_equal(const merkle_hash *a, const merkle_hash *b)
{
    return memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

auth_status merkle_leaf(registry_crypto *crypto, auth_bytes entry, merkle_hash *out,
                        auth_error *err)
{
    const auth_bytes parts[] = {{(const uint8_t *)"\x00", 1}, entry};
    return registry_sha256(crypto, parts, 2, out->octets, err);
}

auth_status merkle_node(registry_crypto *crypto, const merkle_hash *left, const merkle_hash *right,
                        merkle_hash *out, auth_error *err)
{
    const auth_bytes parts[] = {
        {(const uint8_t *)"\x01", 1},
        {left->octets, sizeof left->octets},
        {right->octets, sizeof right->octets},
    };
    return registry_sha256(crypto, parts, 3, out->octets, err);
}

static auth_status check_size(uint64_t size, auth_error *err)
{
    if (size <= MERKLE_SIZE_MAX)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "Merkle tree: a size above 2^%d; look at where the number comes from",
                          MERKLE_LEVELS);
}

auth_status merkle_append(registry_crypto *crypto, merkle_edge *edge, const merkle_hash *leaf,
                          merkle_take *take, void *context, auth_error *err)
{
    merkle_hash hash = *leaf;
    unsigned level = 0;
    auth_status status = check_size(edge->size + 1, err);
    /* Like adding 1 in binary: each peak that is there is carried into the level above. */
    for (; (edge->size >> level & 1) == 1 && status == AUTH_STATUS_OK; level++) {
        status = merkle_node(crypto, &edge->peaks[level], &hash, &hash, err);
        if (status == AUTH_STATUS_OK && take != NULL)
            status = take(context, level + 1, edge->size >> (level + 1), &hash, err);
    }
    if (status != AUTH_STATUS_OK)
        return status;
    edge->peaks[level] = hash;
    edge->size++;
    return AUTH_STATUS_OK;
}

/* The root over the peaks of an edge that is not empty, joined from the right. */
static auth_status fold(registry_crypto *crypto, const merkle_edge *edge, merkle_hash *out,
                        auth_error *err)
{
    bool is_first = true;
    auth_status status = AUTH_STATUS_OK;
    for (unsigned level = 0; level <= MERKLE_LEVELS && status == AUTH_STATUS_OK; level++) {
        if ((edge->size >> level & 1) == 0)
            continue;
        if (is_first)
            *out = edge->peaks[level];
        else
            status = merkle_node(crypto, &edge->peaks[level], out, out, err);
        is_first = false;
    }
    return status;
}

auth_status merkle_root(registry_crypto *crypto, const merkle_edge *edge, merkle_hash *out,
                        auth_error *err)
{
    if (edge->size == 0)
        return registry_sha256(crypto, NULL, 0, out->octets, err);
    merkle_hash root = {{0}};
    auth_status status = fold(crypto, edge, &root, err);
    if (status == AUTH_STATUS_OK)
        *out = root;
    return status;
}

/* Reads the edge of the size leaves that follow leaf start, which is a multiple of a power of two
 * that is at least size. */
static auth_status load_edge(const merkle_source *source, uint64_t start, uint64_t size,
                             merkle_edge *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    uint64_t at = start;
    out->size = size;
    for (unsigned level = MERKLE_LEVELS + 1; level-- > 0 && status == AUTH_STATUS_OK;) {
        if ((size >> level & 1) == 0)
            continue;
        status = source->get(source->context, level, at >> level, &out->peaks[level], err);
        at += (uint64_t)1 << level;
    }
    return status;
}

auth_status merkle_load_edge(const merkle_source *source, uint64_t size, merkle_edge *out,
                             auth_error *err)
{
    auth_status status = check_size(size, err);
    if (status != AUTH_STATUS_OK)
        return status;
    merkle_edge found = {.size = 0};
    status = load_edge(source, 0, size, &found, err);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}

/* MTH of the size leaves from start, where a proof may ask for it. */
static auth_status subtree(registry_crypto *crypto, const merkle_source *source, uint64_t start,
                           uint64_t size, merkle_hash *out, auth_error *err)
{
    merkle_edge edge = {.size = 0};
    auth_status status = load_edge(source, start, size, &edge, err);
    return status == AUTH_STATUS_OK ? fold(crypto, &edge, out, err) : status;
}

/* The largest power of two below n, for n > 1. */
static uint64_t split(uint64_t n) { return (uint64_t)1 << (63 - (unsigned)__builtin_clzll(n - 1)); }

/* Turns the hashes round: they are found from the root, and stand in a proof from the leaf. */
static void reverse(merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        merkle_hash other = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = other;
    }
}

auth_status merkle_prove_inclusion(registry_crypto *crypto, const merkle_source *source,
                                   uint64_t index, uint64_t size, merkle_proof *out,
                                   auth_error *err)
{
    merkle_proof made = {.count = 0};
    uint64_t start = 0;
    auth_status status = check_size(size, err);
    if (status == AUTH_STATUS_OK && index >= size)
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "inclusion proof: there is no leaf %llu in a tree of %llu; take a "
                                "later head (RFC 9162 2.1.3.1)",
                                (unsigned long long)index, (unsigned long long)size);
    while (status == AUTH_STATUS_OK && size > 1) {
        uint64_t k = split(size);
        bool is_left = index < k;
        uint64_t other = is_left ? start + k : start;
        status =
            subtree(crypto, source, other, is_left ? size - k : k, &made.hashes[made.count++], err);
        start = is_left ? start : start + k;
        index = is_left ? index : index - k;
        size = is_left ? k : size - k;
    }
    if (status != AUTH_STATUS_OK)
        return status;
    reverse(&made);
    *out = made;
    return AUTH_STATUS_OK;
}

auth_status merkle_prove_consistency(registry_crypto *crypto, const merkle_source *source,
                                     uint64_t first, uint64_t second, merkle_proof *out,
                                     auth_error *err)
{
    merkle_proof made = {.count = 0};
    uint64_t start = 0;
    bool is_whole = true; /* the subtree is the first tree itself, whose root the verifier has */
    auth_status status = check_size(second, err);
    if (status == AUTH_STATUS_OK && (first == 0 || first > second))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "consistency proof: a tree of %llu is no beginning of a tree of "
                                "%llu; name the older head first (RFC 9162 2.1.4.1)",
                                (unsigned long long)first, (unsigned long long)second);
    while (status == AUTH_STATUS_OK && first < second) {
        uint64_t k = split(second);
        bool is_left = first <= k;
        uint64_t other = is_left ? start + k : start;
        status = subtree(crypto, source, other, is_left ? second - k : k,
                         &made.hashes[made.count++], err);
        start = is_left ? start : start + k;
        first = is_left ? first : first - k;
        second = is_left ? k : second - k;
        is_whole = is_whole && is_left;
    }
    if (status == AUTH_STATUS_OK && !is_whole)
        status = subtree(crypto, source, start, second, &made.hashes[made.count++], err);
    if (status != AUTH_STATUS_OK)
        return status;
    reverse(&made);
    *out = made;
    return AUTH_STATUS_OK;
}
