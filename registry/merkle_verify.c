/* SPDX-License-Identifier: Apache-2.0 */
/* The two algorithms of RFC 9162, with its names fn, sn, fr and sr. */
#include "merkle.h"

static auth_status refuse_inclusion(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                          "inclusion proof: it does not show that the entry is in the tree of this "
                          "head (RFC 9162 2.1.3.2); ask for a new proof with its head");
}

static auth_status refuse_consistency(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                          "consistency proof: it does not show that the later head grew out of the "
                          "earlier (RFC 9162 2.1.4.2); the ledger may have been rewritten");
}

auth_status merkle_verify_inclusion(registry_crypto *crypto, const merkle_hash *leaf,
                                    uint64_t index, uint64_t size, const merkle_proof *proof,
                                    const merkle_hash *root, auth_error *err)
{
    if (index >= size || proof->count > MERKLE_PROOF_MAX)
        return refuse_inclusion(err);
    uint64_t fn = index;
    uint64_t sn = size - 1;
    merkle_hash r = *leaf;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < proof->count && status == AUTH_STATUS_OK; i++) {
        const merkle_hash *p = &proof->hashes[i];
        if (sn == 0)
            return refuse_inclusion(err);
        if ((fn & 1) == 1 || fn == sn) {
            status = merkle_node(crypto, p, &r, &r, err);
            for (; (fn & 1) == 0 && fn != 0; sn >>= 1)
                fn >>= 1;
        } else {
            status = merkle_node(crypto, &r, p, &r, err);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (status == AUTH_STATUS_OK && (sn != 0 || !merkle_hash_equal(&r, root)))
        return refuse_inclusion(err);
    return status;
}

/* Steps 5 and 6: both roots from the path, whose first hash is *start. */
static auth_status climb(registry_crypto *crypto, uint64_t fn, uint64_t sn, const merkle_hash *path,
                         size_t count, merkle_hash *fr, merkle_hash *sr, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        const merkle_hash *c = &path[i];
        if (sn == 0)
            return refuse_consistency(err);
        if ((fn & 1) == 1 || fn == sn) {
            status = merkle_node(crypto, c, fr, fr, err);
            if (status == AUTH_STATUS_OK)
                status = merkle_node(crypto, c, sr, sr, err);
            for (; (fn & 1) == 0 && fn != 0; sn >>= 1)
                fn >>= 1;
        } else {
            status = merkle_node(crypto, sr, c, sr, err);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return status == AUTH_STATUS_OK && sn != 0 ? refuse_consistency(err) : status;
}

auth_status merkle_verify_consistency(registry_crypto *crypto, uint64_t first, uint64_t second,
                                      const merkle_hash *first_root, const merkle_hash *second_root,
                                      const merkle_proof *proof, auth_error *err)
{
    if (first == 0 || first > second || proof->count > MERKLE_PROOF_MAX)
        return refuse_consistency(err);
    if (first == second) {
        bool is_same = proof->count == 0 && merkle_hash_equal(first_root, second_root);
        return is_same ? AUTH_STATUS_OK : refuse_consistency(err);
    }
    if (proof->count == 0)
        return refuse_consistency(err);
    /* Of a first tree that is complete, the root itself begins the path (step 2). */
    bool is_complete = (first & (first - 1)) == 0;
    const merkle_hash *path = is_complete ? proof->hashes : proof->hashes + 1;
    size_t count = is_complete ? proof->count : proof->count - 1;
    merkle_hash fr = is_complete ? *first_root : proof->hashes[0];
    merkle_hash sr = fr;
    uint64_t fn = first - 1;
    uint64_t sn = second - 1;
    for (; (fn & 1) == 1; sn >>= 1)
        fn >>= 1;
    auth_status status = climb(crypto, fn, sn, path, count, &fr, &sr, err);
    if (status == AUTH_STATUS_OK &&
        (!merkle_hash_equal(&fr, first_root) || !merkle_hash_equal(&sr, second_root)))
        return refuse_consistency(err);
    return status;
}
