/* SPDX-License-Identifier: Apache-2.0 */
/* Do roots and proofs agree with RFC 9162 2.1, as the definitions there compute them, for every
 * tree of up to 64 leaves, and does no proof verify that was changed or is for something else? */
#include "harness/harness.h"
#include "registry/merkle.h"

#include <string.h>

#define MOST 64U

static registry_crypto *crypto;
static merkle_hash leaves[MOST];
static merkle_hash nodes[8][MOST]; /* [level][index], as append gave them */
static merkle_edge edges[MOST + 1];

static auth_status keep(void *context, unsigned level, uint64_t index, const merkle_hash *hash,
                        auth_error *err)
{
    (void)context;
    (void)err;
    nodes[level][index] = *hash;
    return AUTH_STATUS_OK;
}

static auth_status get(void *context, unsigned level, uint64_t index, merkle_hash *out,
                       auth_error *err)
{
    uint64_t size = *(const uint64_t *)context;
    if (((index + 1) << level) > size)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "node %u %llu is not complete", level,
                              (unsigned long long)index);
    *out = level == 0 ? leaves[index] : nodes[level][index];
    return AUTH_STATUS_OK;
}

static void set_up(void)
{
    auth_error err;
    if (crypto != NULL)
        return;
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    for (uint8_t i = 0; i < MOST; i++) {
        const uint8_t entry[] = {'n', i};
        assert_ok(merkle_leaf(crypto, (auth_bytes){entry, i % 3U}, &leaves[i], &err), &err);
        leaves[i].octets[0] ^= i; /* all different */
        edges[i + 1] = edges[i];
        assert_ok(merkle_append(crypto, &edges[i + 1], &leaves[i], keep, NULL, &err), &err);
    }
}

static merkle_hash join(merkle_hash left, merkle_hash right)
{
    merkle_hash out;
    auth_error err;
    assert_ok(merkle_node(crypto, &left, &right, &out, &err), &err);
    return out;
}

static merkle_hash root_of(unsigned size)
{
    merkle_hash out;
    auth_error err;
    assert_ok(merkle_root(crypto, &edges[size], &out, &err), &err);
    return out;
}

/* The definitions of RFC 9162 2.1.1, 2.1.3.1 and 2.1.4.1, word for word. */

static unsigned naive_split(unsigned n)
{
    unsigned k = 1;
    while (2 * k < n)
        k *= 2;
    return k;
}

static merkle_hash naive_root(unsigned start, unsigned n)
{
    if (n == 1)
        return leaves[start];
    unsigned k = naive_split(n);
    return join(naive_root(start, k), naive_root(start + k, n - k));
}

static void naive_path(unsigned m, unsigned start, unsigned n, merkle_proof *out)
{
    if (n == 1)
        return;
    unsigned k = naive_split(n);
    if (m < k) {
        naive_path(m, start, k, out);
        out->hashes[out->count++] = naive_root(start + k, n - k);
    } else {
        naive_path(m - k, start + k, n - k, out);
        out->hashes[out->count++] = naive_root(start, k);
    }
}

static void naive_subproof(unsigned m, unsigned start, unsigned n, bool b, merkle_proof *out)
{
    if (m == n) {
        if (!b)
            out->hashes[out->count++] = naive_root(start, n);
        return;
    }
    unsigned k = naive_split(n);
    if (m <= k) {
        naive_subproof(m, start, k, b, out);
        out->hashes[out->count++] = naive_root(start + k, n - k);
    } else {
        naive_subproof(m - k, start + k, n - k, false, out);
        out->hashes[out->count++] = naive_root(start, k);
    }
}

static bool is_same(const merkle_proof *a, const merkle_proof *b)
{
    return a->count == b->count &&
           memcmp(a->hashes, b->hashes, a->count * sizeof a->hashes[0]) == 0;
}

/* The tree that Certificate Transparency's implementations test with. */

static const char *const known_entries[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

static const char *const known_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

START_TEST(the_known_tree)
{
    set_up();
    auth_error err;
    merkle_edge edge = {.size = 0};
    for (size_t i = 0; i <= 8; i++) {
        uint8_t room[32];
        merkle_hash root;
        merkle_hash leaf;
        assert_ok(merkle_root(crypto, &edge, &root, &err), &err);
        assert_bytes(((auth_bytes){root.octets, 32}), harness_hex(known_roots[i], room, 32));
        if (i == 8)
            break;
        assert_ok(merkle_leaf(crypto, harness_hex(known_entries[i], room, 32), &leaf, &err), &err);
        assert_ok(merkle_append(crypto, &edge, &leaf, NULL, NULL, &err), &err);
    }
}

START_TEST(roots_are_those_of_the_definition)
{
    set_up();
    for (unsigned n = 1; n <= MOST; n++) {
        merkle_hash root = root_of(n);
        merkle_hash naive = naive_root(0, n);
        ck_assert(merkle_hash_equal(&root, &naive));
    }
}

START_TEST(an_edge_is_read_back)
{
    set_up();
    auth_error err;
    for (uint64_t n = 0; n <= MOST; n++) {
        merkle_source source = {get, &n};
        merkle_edge edge;
        merkle_hash root;
        assert_ok(merkle_load_edge(&source, n, &edge, &err), &err);
        assert_ok(merkle_root(crypto, &edge, &root, &err), &err);
        merkle_hash expected = root_of((unsigned)n);
        ck_assert_uint_eq(edge.size, n);
        ck_assert(merkle_hash_equal(&root, &expected));
    }
}

START_TEST(inclusion_of_each_leaf_in_each_tree)
{
    set_up();
    auth_error err;
    for (uint64_t n = 1; n <= MOST; n++) {
        merkle_source source = {get, &n};
        merkle_hash root = root_of((unsigned)n);
        for (uint64_t m = 0; m < n; m++) {
            merkle_proof proof;
            merkle_proof naive = {.count = 0};
            if (merkle_prove_inclusion(crypto, &source, m, n, &proof, &err) != AUTH_STATUS_OK)
                ck_abort_msg("%s", err.text);
            naive_path((unsigned)m, 0, (unsigned)n, &naive);
            assert_each(is_same(&proof, &naive), "leaf %u of %u", (unsigned)m, (unsigned)n);
            for (uint64_t other = 0; other <= n; other++) {
                auth_status status =
                    merkle_verify_inclusion(crypto, &leaves[m], other, n, &proof, &root, &err);
                assert_each((status == AUTH_STATUS_OK) == (other == m) &&
                                (other == m || status == AUTH_STATUS_UNTRUSTED),
                            "leaf %u of %u as %u", (unsigned)m, (unsigned)n, (unsigned)other);
            }
        }
        merkle_proof proof;
        assert_fails(merkle_prove_inclusion(crypto, &source, n, n, &proof, &err),
                     AUTH_STATUS_INVALID, &err);
    }
}

START_TEST(consistency_of_each_two_trees)
{
    set_up();
    auth_error err;
    for (uint64_t n = 1; n <= MOST; n++) {
        merkle_source source = {get, &n};
        merkle_hash root = root_of((unsigned)n);
        for (uint64_t m = 1; m <= n; m++) {
            merkle_proof proof;
            merkle_proof naive = {.count = 0};
            merkle_hash first = root_of((unsigned)m);
            if (merkle_prove_consistency(crypto, &source, m, n, &proof, &err) != AUTH_STATUS_OK)
                ck_abort_msg("%s", err.text);
            naive_subproof((unsigned)m, 0, (unsigned)n, true, &naive);
            assert_each(is_same(&proof, &naive), "%u in %u", (unsigned)m, (unsigned)n);
            for (uint64_t other = 0; other <= n; other++) {
                auth_status status =
                    merkle_verify_consistency(crypto, other, n, &first, &root, &proof, &err);
                assert_each((status == AUTH_STATUS_OK) == (other == m), "%u in %u as %u",
                            (unsigned)m, (unsigned)n, (unsigned)other);
            }
        }
        merkle_proof proof;
        assert_fails(merkle_prove_consistency(crypto, &source, 0, n, &proof, &err),
                     AUTH_STATUS_INVALID, &err);
        assert_fails(merkle_prove_consistency(crypto, &source, n + 1, n, &proof, &err),
                     AUTH_STATUS_INVALID, &err);
    }
}

/* A proof with a hash changed, taken out or added proves nothing. */

static void change(const merkle_proof *proof, unsigned way, size_t at, merkle_proof *out)
{
    *out = *proof;
    if (way == 0) {
        out->hashes[at].octets[at % 32] ^= 1;
    } else if (way == 1) {
        memmove(&out->hashes[at], &out->hashes[at + 1],
                (proof->count - at - 1) * sizeof out->hashes[0]);
        out->count--;
    } else {
        memmove(&out->hashes[at + 1], &out->hashes[at],
                (proof->count - at) * sizeof out->hashes[0]);
        out->count++;
    }
}

START_TEST(a_proof_that_was_changed_proves_nothing)
{
    set_up();
    auth_error err;
    for (uint64_t n = 2; n <= MOST; n++) {
        merkle_source source = {get, &n};
        merkle_hash root = root_of((unsigned)n);
        for (uint64_t m = 1; m < n; m++) {
            merkle_proof inclusion;
            merkle_proof consistency;
            merkle_proof bad;
            merkle_hash first = root_of((unsigned)m);
            if (merkle_prove_inclusion(crypto, &source, m, n, &inclusion, &err) != AUTH_STATUS_OK ||
                merkle_prove_consistency(crypto, &source, m, n, &consistency, &err) !=
                    AUTH_STATUS_OK)
                ck_abort_msg("%s", err.text);
            for (unsigned way = 0; way < 3; way++) {
                for (size_t at = 0; at < inclusion.count; at++) {
                    change(&inclusion, way, at, &bad);
                    assert_each(merkle_verify_inclusion(crypto, &leaves[m], m, n, &bad, &root,
                                                        &err) == AUTH_STATUS_UNTRUSTED,
                                "inclusion %u %u: way %u at %zu", (unsigned)m, (unsigned)n, way,
                                at);
                }
                for (size_t at = 0; at < consistency.count; at++) {
                    change(&consistency, way, at, &bad);
                    assert_each(merkle_verify_consistency(crypto, m, n, &first, &root, &bad,
                                                          &err) == AUTH_STATUS_UNTRUSTED,
                                "consistency %u %u: way %u at %zu", (unsigned)m, (unsigned)n, way,
                                at);
                }
            }
        }
    }
}

START_TEST(trees_have_a_largest_size)
{
    set_up();
    auth_error err;
    merkle_edge edge = {.size = MERKLE_SIZE_MAX};
    uint64_t size = MERKLE_SIZE_MAX;
    merkle_source source = {get, &size};
    merkle_proof proof;
    assert_fails(merkle_append(crypto, &edge, &leaves[0], NULL, NULL, &err), AUTH_STATUS_LIMIT,
                 &err);
    ck_assert_uint_eq(edge.size, MERKLE_SIZE_MAX);
    assert_fails(merkle_load_edge(&source, UINT64_MAX, &edge, &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(merkle_prove_inclusion(crypto, &source, 0, UINT64_MAX, &proof, &err),
                 AUTH_STATUS_LIMIT, &err);
    assert_fails(merkle_prove_consistency(crypto, &source, 1, UINT64_MAX, &proof, &err),
                 AUTH_STATUS_LIMIT, &err);
    /* The largest indexes, which no loop or shift may trip over. */
    proof.count = MERKLE_PROOF_MAX;
    for (size_t i = 0; i < MERKLE_PROOF_MAX; i++)
        proof.hashes[i] = leaves[i];
    assert_fails(merkle_verify_inclusion(crypto, &leaves[0], UINT64_MAX - 1, UINT64_MAX, &proof,
                                         &leaves[1], &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    assert_fails(merkle_verify_consistency(crypto, UINT64_MAX - 1, UINT64_MAX, &leaves[0],
                                           &leaves[1], &proof, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    proof.count = MERKLE_PROOF_MAX + 1;
    assert_fails(merkle_verify_inclusion(crypto, &leaves[0], 0, 2, &proof, &leaves[1], &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    assert_fails(merkle_verify_consistency(crypto, 1, 2, &leaves[0], &leaves[1], &proof, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
}

static auth_status keep_none(void *context, unsigned level, uint64_t index, const merkle_hash *hash,
                             auth_error *err)
{
    (void)context;
    (void)index;
    (void)hash;
    return level < 2 ? AUTH_STATUS_OK : auth_error_set(err, AUTH_STATUS_IO, "no room");
}

START_TEST(what_cannot_be_kept_is_not_appended)
{
    set_up();
    auth_error err;
    merkle_edge edge = edges[3];
    assert_fails(merkle_append(crypto, &edge, &leaves[3], keep_none, NULL, &err), AUTH_STATUS_IO,
                 &err);
    ck_assert_mem_eq(&edge, &edges[3], sizeof edge);
    uint64_t less = 3;
    merkle_source source = {get, &less};
    merkle_proof proof = {.count = 7};
    assert_fails(merkle_prove_inclusion(crypto, &source, 0, 4, &proof, &err), AUTH_STATUS_INTERNAL,
                 &err);
    ck_assert_uint_eq(proof.count, 7);
}

SUITE("merkle", TEST(the_known_tree), TEST(roots_are_those_of_the_definition),
      TEST(an_edge_is_read_back), TEST(inclusion_of_each_leaf_in_each_tree),
      TEST(consistency_of_each_two_trees), TEST(a_proof_that_was_changed_proves_nothing),
      TEST(trees_have_a_largest_size), TEST(what_cannot_be_kept_is_not_appended))
