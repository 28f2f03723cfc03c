/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows for a statement that takes its rows as arrays, one array a column: one statement a table,
 * not one a row. A cell that is not set is NULL. Internal to registry/.
 */
#ifndef REGISTRY_COLUMNS_H
#define REGISTRY_COLUMNS_H

#include "batch.h"
#include "statement.h"

typedef struct columns columns;

/*
 * Makes columns for up to max_rows rows of a statement, which may be none.
 *
 * Errors: AUTH_STATUS_LIMIT for more than REGISTRY_ARRAY_MAX rows; AUTH_STATUS_MEMORY.
 */
auth_status columns_new(registry_statement statement, size_t max_rows, columns **out,
                        auth_error *err) AUTH_MUST_CHECK;

void columns_free(columns *of);

size_t columns_rows(const columns *of);

/* Begins the next row; there may be no more than were asked for. */
void columns_next_row(columns *of);

/* Set a cell of the row; what they point to must stay until columns_run. {NULL, 0} is NULL. */
void columns_bytes(columns *of, size_t column, auth_bytes value);
void columns_text(columns *of, size_t column, const char *value);
void columns_int64(columns *of, size_t column, int64_t value);
void columns_time(columns *of, size_t column, auth_time value);

/* Sets a parameter that is no array. */
void columns_scalar(columns *of, size_t column, registry_value value);

/* Runs the statement, unless there are no rows; then *out becomes NULL. out may be NULL. */
auth_status columns_run(columns *of, registry_connection *connection, registry_result **out,
                        auth_error *err) AUTH_MUST_CHECK;

/* Adds the statement to a batch, unless there are no rows. */
auth_status columns_add(columns *of, registry_batch *batch, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(columns)

#endif
