/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what may be NULL, and the manner of all that looks something up: a find gives one row or
 * AUTH_STATUS_NOT_FOUND, a list gives rows in the order of a key, after the key of the last page's
 * last row. Internal to registry/.
 */
#ifndef REGISTRY_ROW_H
#define REGISTRY_ROW_H

#include "record.h"

auth_bytes row_bytes(registry_result *result, size_t row, size_t column); /* or {NULL, 0} */
const char *row_text(registry_result *result, size_t row, size_t column); /* or NULL */
int64_t row_int64(registry_result *result, size_t row, size_t column, int64_t otherwise);
auth_time row_time(registry_result *result, size_t row, size_t column); /* or REGISTRY_NO_TIME */

/* The bytes of a UUID, or {NULL, 0}. */
auth_bytes row_uuid(registry_result *result, size_t row, size_t column);

/*
 * Runs a statement that gives one row.
 *
 * Errors: AUTH_STATUS_NOT_FOUND with "what: there is none of this ..."; those of a statement.
 */
auth_status row_find(registry_connection *connection, registry_statement statement,
                     const registry_value *values, size_t count, const char *what,
                     registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Runs a statement that is to change exactly one row.
 *
 * Errors: otherwise, with text, when it changed none; those of a statement.
 */
auth_status row_change(registry_connection *connection, registry_statement statement,
                       const registry_value *values, size_t count, auth_status otherwise,
                       const char *text, auth_error *err) AUTH_MUST_CHECK;

/* A page's length as a parameter, at most REGISTRY_PAGE_MAX. */
registry_value row_limit(size_t limit);

/* NULL when there are no bytes. */
registry_value row_optional_bytes(auth_bytes bytes);
registry_value row_optional_uuid(auth_bytes id);

#endif
