/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Officers: a person, one office, one role, from the appointment to the dismissal. Its one
 * invariant: nobody has two roles at a time. What names the person is sealed under the key of the
 * office.
 */
#ifndef REGISTRY_OFFICER_H
#define REGISTRY_OFFICER_H

#include "record.h"

typedef struct registry_officer {
    const char *id;
    int64_t office;
    int64_t role; /* auth/officer_role.def */
    auth_bytes person_index;
    auth_bytes sealed_name;
    int64_t seal_key;
    auth_time appointed_at;
    auth_time dismissed_at; /* REGISTRY_NO_TIME: in office */
} registry_officer;

/*
 * Appoints an officer by a request, in a transaction of the caller. dismissed_at is not looked at;
 * appointed_by may be {NULL, 0} for the first ones of a realm.
 *
 * Errors: AUTH_STATUS_CONFLICT when the identifier is taken or the person has a role already; those
 * of a statement.
 */
auth_status registry_officer_insert(registry_connection *connection,
                                    const registry_officer *officer, auth_bytes appointed_by,
                                    auth_error *err) AUTH_MUST_CHECK;

/*
 * Dismisses an officer for ever, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_CONFLICT when that was done before or there is none; those of a statement.
 */
auth_status registry_officer_dismiss(registry_connection *connection, const char *id,
                                     auth_time dismissed_at, auth_bytes dismissed_by,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_NOT_FOUND; those of a statement. */
auth_status registry_officer_find(registry_connection *connection, const char *id,
                                  registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* Finds who is in office by the person's indexes, of each key generation one: no row or one. */
auth_status registry_officer_find_person(registry_connection *connection, const auth_bytes *indexes,
                                         size_t count, registry_result **out,
                                         auth_error *err) AUTH_MUST_CHECK;

/* Lists the officers of one office, by identifier. after: "" for the first page. */
auth_status registry_officer_list(registry_connection *connection, int64_t office,
                                  const char *after, size_t limit, registry_result **out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_officer_read(registry_result *result, size_t row, registry_officer *out,
                                  auth_error *err) AUTH_MUST_CHECK;

#endif
