/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4) for files that are checked when they are read. A disk_hash holds an
 * algorithm that was fetched once; it serves one thread at a time.
 */
#ifndef DISK_HASH_H
#define DISK_HASH_H

#include <auth/bytes.h>

#define DISK_HASH_SIZE 32

typedef struct disk_hash disk_hash;

/*
 * Ownership: gives *out, to be freed with disk_hash_free.
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status disk_hash_new(disk_hash **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void disk_hash_free(disk_hash *hash);

/*
 * Hashes first and then second, either of which may be empty. out may be a part of them.
 *
 * Errors: AUTH_STATUS_CRYPTO.
 */
auth_status disk_hash_two(disk_hash *hash, auth_bytes first, auth_bytes second,
                          uint8_t out[DISK_HASH_SIZE], auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(disk_hash)

#endif
