/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_secret
 * @brief octets that must not leak: keys, passphrases, tokens
 *
 * A secret lives in pages of its own, outside core dumps, locked in memory where the process's
 * limit allows it, and is wiped before the pages go back. There is no function that prints one, and
 * the only comparison takes the same time wherever two secrets differ.
 */
#ifndef AUTH_SECRET_H
#define AUTH_SECRET_H

#include <auth/bytes.h>

AUTH_BEGIN_DECLS

typedef struct auth_secret auth_secret;

/* The longest secret: 1 MiB. */
#define AUTH_SECRET_MAX ((size_t)1 << 20)

/**
 * Make a secret of len zero octets, to be filled through auth_secret_data.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: AUTH_STATUS_LIMIT when len is 0 or above AUTH_SECRET_MAX; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_secret_new(size_t len, auth_secret **out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Make a secret that holds a copy of bytes. The caller wipes its own copy.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: as auth_secret_new.
 */
AUTH_API auth_status auth_secret_from_bytes(auth_bytes bytes, auth_secret **out,
                                            auth_error *err) AUTH_MUST_CHECK;

/**
 * Wipe and free a secret. NULL is fine.
 */
AUTH_API void auth_secret_free(auth_secret *secret);

/**
 * Give the octets of a secret for writing.
 *
 * Ownership: borrows; valid until the secret is freed.
 */
AUTH_API uint8_t *auth_secret_data(auth_secret *secret);

/**
 * View the octets of a secret.
 *
 * Ownership: borrows; valid until the secret is freed.
 */
AUTH_API auth_bytes auth_secret_bytes(const auth_secret *secret);

/**
 * Tell whether two byte strings are the same, in a time that depends on their lengths only.
 */
AUTH_API bool auth_secret_equal(auth_bytes a, auth_bytes b);

/**
 * Overwrite octets with zeros in a way that the compiler does not remove.
 */
AUTH_API void auth_secret_wipe(void *data, size_t len);

AUTH_DEFINE_CLEANUP(auth_secret)

AUTH_END_DECLS

#endif
