/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of the ledger (RFC 9162 section 2.1, with SHA-256): hashing, appending, and
 * proofs that one entry is in a tree and that one tree grew out of another. Pure: hashes in, hashes
 * out.
 *
 * A tree of n leaves is kept as the hashes of its complete subtrees: node (level, index) covers the
 * leaves from index * 2^level to (index + 1) * 2^level, and never changes once it is there. All
 * that depends on n, root and proofs, follows from at most 64 of them a level.
 */
#ifndef REGISTRY_MERKLE_H
#define REGISTRY_MERKLE_H

#include "crypto.h"

#include <stdbool.h>

/* Trees have at most 2^62 leaves. */
#define MERKLE_LEVELS 62
#define MERKLE_SIZE_MAX ((uint64_t)1 << MERKLE_LEVELS)
/* The most hashes in a proof (RFC 9162 2.1.3.1, 2.1.4.1). */
#define MERKLE_PROOF_MAX 64

typedef struct merkle_hash {
    uint8_t octets[REGISTRY_HASH_SIZE];
} merkle_hash;

bool merkle_hash_equal(const merkle_hash *a, const merkle_hash *b);

/* HASH(0x00 || entry) (RFC 9162 2.1.1). Errors: AUTH_STATUS_CRYPTO. */
auth_status merkle_leaf(registry_crypto *crypto, auth_bytes entry, merkle_hash *out,
                        auth_error *err) AUTH_MUST_CHECK;

/* HASH(0x01 || left || right) (RFC 9162 2.1.1). Errors: AUTH_STATUS_CRYPTO. */
auth_status merkle_node(registry_crypto *crypto, const merkle_hash *left, const merkle_hash *right,
                        merkle_hash *out, auth_error *err) AUTH_MUST_CHECK;

/* The right edge of a tree: its largest complete subtrees, one for each bit of the size. */
typedef struct merkle_edge {
    uint64_t size;
    merkle_hash peaks[MERKLE_LEVELS + 1]; /* [level], where size has that bit */
} merkle_edge;

/* Takes a node that became complete. Returning anything but AUTH_STATUS_OK ends the appending. */
typedef auth_status merkle_take(void *context, unsigned level, uint64_t index,
                                const merkle_hash *hash, auth_error *err);

/*
 * Appends a leaf. take may be NULL; it is called for each node above the leaves that becomes
 * complete, from below. After a failure the edge is as it was.
 *
 * Errors: AUTH_STATUS_LIMIT above MERKLE_SIZE_MAX; AUTH_STATUS_CRYPTO; what take returns.
 */
auth_status merkle_append(registry_crypto *crypto, merkle_edge *edge, const merkle_hash *leaf,
                          merkle_take *take, void *context, auth_error *err) AUTH_MUST_CHECK;

/* Computes the root; of an empty tree HASH() (RFC 9162 2.1.1). Errors: AUTH_STATUS_CRYPTO. */
auth_status merkle_root(registry_crypto *crypto, const merkle_edge *edge, merkle_hash *out,
                        auth_error *err) AUTH_MUST_CHECK;

/* Gives a node that is complete; level 0 is a leaf. */
typedef auth_status merkle_get(void *context, unsigned level, uint64_t index, merkle_hash *out,
                               auth_error *err);

/* Where nodes come from. */
typedef struct merkle_source {
    merkle_get *get;
    void *context;
} merkle_source;

/* Reads the edge of a tree of size leaves. Errors: AUTH_STATUS_LIMIT; what get returns. */
auth_status merkle_load_edge(const merkle_source *source, uint64_t size, merkle_edge *out,
                             auth_error *err) AUTH_MUST_CHECK;

typedef struct merkle_proof {
    size_t count;
    merkle_hash hashes[MERKLE_PROOF_MAX];
} merkle_proof;

/*
 * Makes the proof that leaf index is in the tree of size leaves (RFC 9162 2.1.3.1).
 *
 * Errors: AUTH_STATUS_INVALID when index is not below size; AUTH_STATUS_LIMIT; AUTH_STATUS_CRYPTO;
 * what get returns.
 */
auth_status merkle_prove_inclusion(registry_crypto *crypto, const merkle_source *source,
                                   uint64_t index, uint64_t size, merkle_proof *out,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Verifies it (RFC 9162 2.1.3.2).
 *
 * Errors: AUTH_STATUS_UNTRUSTED when it does not prove that; AUTH_STATUS_CRYPTO.
 */
auth_status merkle_verify_inclusion(registry_crypto *crypto, const merkle_hash *leaf,
                                    uint64_t index, uint64_t size, const merkle_proof *proof,
                                    const merkle_hash *root, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes the proof that the tree of first leaves is the beginning of the tree of second leaves
 * (RFC 9162 2.1.4.1). It is empty when they are the same.
 *
 * Errors: AUTH_STATUS_INVALID when first is 0 or above second; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_CRYPTO; what get returns.
 */
auth_status merkle_prove_consistency(registry_crypto *crypto, const merkle_source *source,
                                     uint64_t first, uint64_t second, merkle_proof *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/*
 * Verifies it (RFC 9162 2.1.4.2).
 *
 * Errors: AUTH_STATUS_UNTRUSTED when it does not prove that; AUTH_STATUS_CRYPTO.
 */
auth_status merkle_verify_consistency(registry_crypto *crypto, uint64_t first, uint64_t second,
                                      const merkle_hash *first_root, const merkle_hash *second_root,
                                      const merkle_proof *proof, auth_error *err) AUTH_MUST_CHECK;

#endif
