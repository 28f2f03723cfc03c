/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded number of connections that threads share. One that is broken, or comes back in the
 * middle of a transaction, is closed and made anew when it is wanted; while the server is gone, new
 * ones are tried at growing intervals only. All functions may be called by several threads at once.
 */
#ifndef REGISTRY_POOL_H
#define REGISTRY_POOL_H

#include "connection.h"

#include <stddef.h>

/* The most connections of a pool. */
#define REGISTRY_POOL_MAX 64

typedef struct registry_pool registry_pool;

/*
 * Makes a pool; it connects when a connection is wanted first. settings and its texts are copied.
 *
 * Errors: AUTH_STATUS_LIMIT when size is 0 or above REGISTRY_POOL_MAX; AUTH_STATUS_MEMORY.
 */
auth_status registry_pool_new(const registry_settings *settings, size_t size, registry_pool **out,
                              auth_error *err) AUTH_MUST_CHECK;

/* Closes all connections. None may be taken out any more. NULL is fine. */
void registry_pool_free(registry_pool *pool);

/*
 * Takes a connection, for this thread alone, waiting up to timeout_ms for one to be free or for the
 * server to come back.
 *
 * Ownership: gives *out, to be given back with registry_pool_give.
 * Errors: AUTH_STATUS_UNAVAILABLE when none is free in time; those of registry_connection_open, of
 * which AUTH_STATUS_UNAVAILABLE alone is tried again.
 */
auth_status registry_pool_take(registry_pool *pool, unsigned timeout_ms, registry_connection **out,
                               auth_error *err) AUTH_MUST_CHECK;

/* Gives a connection back. NULL is fine. */
void registry_pool_give(registry_pool *pool, registry_connection *connection);

AUTH_DEFINE_CLEANUP(registry_pool)

#endif
