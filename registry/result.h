/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a statement gave: rows of values in PostgreSQL's binary form, read by the type that the
 * caller expects. A value of another type, or a NULL where none was expected, reads as nothing and
 * is remembered: a reader takes all that it needs and then asks registry_result_check once.
 */
#ifndef REGISTRY_RESULT_H
#define REGISTRY_RESULT_H

#include <auth/bytes.h>
#include <auth/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct registry_result registry_result;

void registry_result_free(registry_result *result);

size_t registry_result_rows(const registry_result *result);

size_t registry_result_columns(const registry_result *result);

/* How many rows a statement inserted, changed or deleted. */
size_t registry_result_affected(const registry_result *result);

bool registry_value_is_null(const registry_result *result, size_t row, size_t column);

/* bytea. Borrowed from the result. */
auth_bytes registry_value_bytes(registry_result *result, size_t row, size_t column);

/* The 16 octets of a uuid. Borrowed from the result. */
auth_bytes registry_value_uuid(registry_result *result, size_t row, size_t column);

/* text, and PostgreSQL's names. Borrowed from the result; ends in NUL as well. */
const char *registry_value_text(registry_result *result, size_t row, size_t column);

/* int8, int4 and int2. */
int64_t registry_value_int64(registry_result *result, size_t row, size_t column);

bool registry_value_bool(registry_result *result, size_t row, size_t column);

/* timestamptz, without its fraction of a second. */
auth_time registry_value_time(registry_result *result, size_t row, size_t column);

/* timestamptz in microseconds since 1970-01-01T00:00:00Z. */
int64_t registry_value_time_us(registry_result *result, size_t row, size_t column);

/*
 * Tells whether every value that was read was there and of its type.
 *
 * Errors: AUTH_STATUS_INTERNAL, naming the column.
 */
auth_status registry_result_check(const registry_result *result, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(registry_result)

#endif
