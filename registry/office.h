/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of offices. Its one invariant: a path is that of the parent with the office's own
 * identifier behind it, "/centre/province/city/", and never changes, so a subtree is a prefix.
 */
#ifndef REGISTRY_OFFICE_H
#define REGISTRY_OFFICE_H

#include "record.h"

typedef struct registry_office {
    int64_t number;
    const char *id;
    int64_t parent; /* 0: this is the centre */
    const char *path;
    const char *region; /* GB/T 2260 */
    const char *name;
    auth_time opened_at;
    auth_time closed_at; /* REGISTRY_NO_TIME: it is open */
} registry_office;

/* What an office is opened with. */
typedef struct registry_office_new {
    const char *id;
    const char *parent; /* its identifier; NULL for the centre */
    const char *region;
    const char *name;
    auth_time opened_at;
    auth_bytes opened_by; /* the request; {NULL, 0} for the centre */
} registry_office_new;

/*
 * Opens an office, in a transaction of the caller; *number becomes its number.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no such parent; AUTH_STATUS_CONFLICT when the
 * identifier is taken, the parent is closed or there is a centre already; those of a statement.
 */
auth_status registry_office_insert(registry_connection *connection,
                                   const registry_office_new *office, int64_t *number,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Closes an office for ever, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_CONFLICT when it is closed or not there; those of a statement.
 */
auth_status registry_office_close(registry_connection *connection, const char *id,
                                  auth_time closed_at, auth_bytes closed_by,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_NOT_FOUND; those of a statement. */
auth_status registry_office_find(registry_connection *connection, const char *id,
                                 registry_result **out, auth_error *err) AUTH_MUST_CHECK;
auth_status registry_office_find_number(registry_connection *connection, int64_t number,
                                        registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * The office that this connection's login speaks for (tables office_login); its subtree, for an RA,
 * is what its statements see.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when the login has none, or it is closed; those of a statement.
 */
auth_status registry_office_scope(registry_connection *connection, registry_result **out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Lists an office and all below it, by path. after: "" for the first page. */
auth_status registry_office_list(registry_connection *connection, const char *path,
                                 const char *after, size_t limit, registry_result **out,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_office_read(registry_result *result, size_t row, registry_office *out,
                                 auth_error *err) AUTH_MUST_CHECK;

#endif
