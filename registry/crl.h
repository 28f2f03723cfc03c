/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed CRLs and their numbers. Its one invariant: within a scope, an authority's shard, numbers
 * rise, and a CRL bears the number that was given out last (RFC 5280 5.2.3); the schema holds that.
 */
#ifndef REGISTRY_CRL_H
#define REGISTRY_CRL_H

#include "record.h"

typedef struct registry_crl {
    int64_t number;
    int64_t base_number; /* 0: a full one */
    int64_t revision;    /* of the revocations: every one up to here is in it */
    auth_time this_update;
    auth_time next_update;
    int64_t entry_count;
    auth_bytes der;
} registry_crl;

/* A scope, and the number that it has come to. */
typedef struct registry_crl_scope {
    int64_t authority;
    int64_t shard; /* -1: all certificates of the authority */
    int64_t last_number;
} registry_crl_scope;

/*
 * Gives out the next number of a scope, in a transaction of the caller; until that ends, others
 * wait.
 *
 * Errors: those of a statement.
 */
auth_status registry_crl_take_number(registry_connection *connection, int64_t authority,
                                     int64_t shard, int64_t *number,
                                     auth_error *err) AUTH_MUST_CHECK;

/*
 * Stores a CRL, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_INVALID when its number is not the one given out last or it is older than the
 * one before; those of a statement.
 */
auth_status registry_crl_insert(registry_connection *connection, int64_t authority, int64_t shard,
                                const registry_crl *crl, auth_error *err) AUTH_MUST_CHECK;

/* Finds the newest. Errors: AUTH_STATUS_NOT_FOUND; those of a statement. */
auth_status registry_crl_find(registry_connection *connection, int64_t authority, int64_t shard,
                              bool is_delta, registry_result **out,
                              auth_error *err) AUTH_MUST_CHECK;

/* Lists all scopes. */
auth_status registry_crl_list_scopes(registry_connection *connection, registry_result **out,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_crl_read(registry_result *result, size_t row, registry_crl *out,
                              auth_error *err) AUTH_MUST_CHECK;
auth_status registry_crl_scope_read(registry_result *result, size_t row, registry_crl_scope *out,
                                    auth_error *err) AUTH_MUST_CHECK;

#endif
