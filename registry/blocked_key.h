/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that nobody may have certified: weak ones, and those whose private half became known. */
#ifndef REGISTRY_BLOCKED_KEY_H
#define REGISTRY_BLOCKED_KEY_H

#include "record.h"

typedef struct registry_blocked_key {
    auth_bytes key_hash; /* SHA-256 of the SubjectPublicKeyInfo */
    const char *reason;
    auth_time blocked_at;
} registry_blocked_key;

/* Finds which of many keys are blocked, in no order. */
auth_status registry_blocked_key_find(registry_connection *connection, const auth_bytes *key_hashes,
                                      size_t count, registry_result **out,
                                      auth_error *err) AUTH_MUST_CHECK;

/* Blocks a key for ever, in a transaction of the caller; once more is fine. request_id may be
 * {NULL, 0}. */
auth_status registry_blocked_key_insert(registry_connection *connection, auth_bytes key_hash,
                                        const char *reason, auth_bytes request_id,
                                        auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_blocked_key_read(registry_result *result, size_t row,
                                      registry_blocked_key *out, auth_error *err) AUTH_MUST_CHECK;

#endif
