/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed tree heads: what the ledger was at a moment, in a form that can be kept elsewhere and held
 * against it later. A head is a compact JWS (RFC 7515) of the type auth-ledger-head+jws with the
 * payload
 *
 *   {"version":1,"realm":"shaanxi","tree_size":4711,"root_hash":"<hex>","at":"2026-01-31T23:59:59Z"}
 *
 * in this order and spelling. Pure.
 */
#ifndef REGISTRY_LEDGER_HEAD_H
#define REGISTRY_LEDGER_HEAD_H

#include "ledger_body.h"
#include "merkle.h"

#include <auth/jws.h>

#define REGISTRY_LEDGER_HEAD_TYPE "auth-ledger-head+jws"
/* Octets of a signed head. */
#define REGISTRY_LEDGER_HEAD_MAX ((size_t)64 << 10)

typedef struct registry_ledger_head {
    uint64_t tree_size; /* at least 1 */
    merkle_hash root;
    auth_time at;
    char realm[REGISTRY_LEDGER_NAME_SIZE];
} registry_ledger_head;

/* Who signs heads. Borrowed. */
typedef struct registry_ledger_signing {
    const auth_signer *signer;
    const auth_bytes *chain; /* DER; the first is the signer's certificate */
    size_t chain_len;
} registry_ledger_signing;

/*
 * Appends a signed head to out. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_INVALID for a head that cannot be; those of auth_jws_sign_compact.
 */
auth_status registry_ledger_head_sign(const registry_ledger_head *head,
                                      const registry_ledger_signing *signing, auth_buf *out,
                                      auth_error *err) AUTH_MUST_CHECK;

/* Whose heads are believed: certificates of signers or of their issuers, DER. Borrowed. */
typedef struct registry_ledger_trust {
    const auth_bytes *certificates;
    size_t count;
} registry_ledger_trust;

/*
 * Reads a head and verifies its signature. The signer's certificate is one of those in trust, or
 * was signed by one of them, and was valid at the time that the head tells. With trust NULL
 * anybody's head is read: that it is signed by whoever it names.
 *
 * Errors: AUTH_STATUS_MALFORMED when it is no head; AUTH_STATUS_UNTRUSTED when the signature does
 * not verify or the signer is a stranger; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; those of auth_jws_parse.
 */
auth_status registry_ledger_head_read(auth_bytes text, const registry_ledger_trust *trust,
                                      registry_ledger_head *out, auth_error *err) AUTH_MUST_CHECK;

#endif
