/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Citizens, found by the keyed index of their person number. They come into the registry with their
 * first certificate (queue.h). What names them is sealed under the key of an office.
 */
#ifndef REGISTRY_CITIZEN_H
#define REGISTRY_CITIZEN_H

#include "record.h"

typedef struct registry_citizen {
    auth_bytes id;
    int64_t office; /* whose key seals */
    auth_bytes person_index;
    auth_bytes sealed_number;
    auth_bytes sealed_name;
    int64_t seal_key;
    auth_time created_at;
} registry_citizen;

/* A certificate that a citizen has for a purpose. */
typedef struct registry_live {
    const char *purpose;
    auth_bytes serial;
    auth_time not_after;
} registry_live;

/* Errors: AUTH_STATUS_NOT_FOUND; those of a statement. */
auth_status registry_citizen_find(registry_connection *connection, auth_bytes id,
                                  registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* Finds by the person's indexes, of each key generation one: no row or one. */
auth_status registry_citizen_find_person(registry_connection *connection, const auth_bytes *indexes,
                                         size_t count, registry_result **out,
                                         auth_error *err) AUTH_MUST_CHECK;

/* Lists a citizen's live certificates, one a purpose; those that have expired may be among them. */
auth_status registry_citizen_live(registry_connection *connection, auth_bytes id,
                                  registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_citizen_read(registry_result *result, size_t row, registry_citizen *out,
                                  auth_error *err) AUTH_MUST_CHECK;
auth_status registry_live_read(registry_result *result, size_t row, registry_live *out,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
