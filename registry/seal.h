/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed values: what the registry keeps about persons, encrypted under the key of the office that
 * answers for them. Its one invariant: a sealed value opens in its own place only. Moved to another
 * row, column or office, or read under another generation, it does not open, since all of that is
 * authenticated with it.
 *
 *   sealed value = version octet 01 || nonce, 12 octets || AES-256-GCM text || tag, 16 octets
 *   plain text   = length, 4 octets || value || zeros up to the block of the column
 *   associated   = "auth seal 1", table, column, row, generation, office path, each after its
 *                  length in 2 octets
 *   key          = the office's; for a column whose rows have keys of their own
 *                  HKDF-SHA-256(office's, salt row, info "auth row")
 *
 * Nonces are random: a key may seal 2^32 values (NIST SP 800-38D 8.3), that many persons an office
 * and generation.
 */
#ifndef REGISTRY_SEAL_H
#define REGISTRY_SEAL_H

#include "keyring.h"

typedef enum registry_seal_field {
#define REGISTRY_SEAL_FIELD_ROW(id, number, table, column, block, is_own)                          \
    REGISTRY_SEAL_FIELD_##id = (number),
#include "seal_field.def"
} registry_seal_field;

/* The most octets that a value may have. */
#define REGISTRY_SEAL_MAX ((size_t)8 << 20)
/* What sealing adds, at the most: version, nonce, tag, length and padding. */
#define REGISTRY_SEAL_OVERHEAD (1 + REGISTRY_NONCE_SIZE + REGISTRY_TAG_SIZE + 4 + 31)
/* Of an identity of a row. */
#define REGISTRY_SEAL_ROW_MAX 64

/* Where a value stands. */
typedef struct registry_seal_place {
    registry_seal_field field;
    auth_bytes row;          /* its primary key: the 16 octets of a uuid, or an identifier's text */
    const char *office_path; /* "/centre/province/city/" */
    uint32_t generation;     /* of the key, as the row's column seal_key tells */
} registry_seal_place;

/*
 * Appends the sealed value to out. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_LIMIT for a value above REGISTRY_SEAL_MAX or a row's identity above
 * REGISTRY_SEAL_ROW_MAX; those of registry_keyring_office_key; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
auth_status registry_seal(const registry_keyring *ring, registry_crypto *crypto,
                          const registry_seal_place *place, auth_bytes value, auth_buf *out,
                          auth_error *err) AUTH_MUST_CHECK;

/*
 * Opens a sealed value.
 *
 * Ownership: gives *out, to be freed with auth_buf_free, which wipes it.
 * Errors: AUTH_STATUS_UNTRUSTED when it does not belong to this place, key or was changed;
 * AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED for another version; those of
 * registry_keyring_office_key; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO. All name
 * table and column.
 */
auth_status registry_unseal(const registry_keyring *ring, registry_crypto *crypto,
                            const registry_seal_place *place, auth_bytes sealed, auth_buf **out,
                            auth_error *err) AUTH_MUST_CHECK;

#endif
