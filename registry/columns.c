/* SPDX-License-Identifier: Apache-2.0 */
#include "columns.h"

#include <stdlib.h>
#include <string.h>

#define US_PER_SECOND 1000000

struct columns {
    registry_statement statement;
    size_t count; /* of parameters */
    size_t rows;
    size_t max_rows;
    registry_value values[REGISTRY_VALUES_MAX];
    void *cells[REGISTRY_VALUES_MAX]; /* of those that are arrays */
};

static size_t cell_size(char type)
{
    switch (type) {
    case 'B':
    case 'U':
        return sizeof(auth_bytes);
    case 'T':
        return sizeof(const char *);
    case 'I':
    case 'Z':
        return sizeof(int64_t);
    default:
        return 0;
    }
}

static auth_status make_cells(columns *of, size_t column, char type, auth_error *err)
{
    size_t size = cell_size(type);
    if (size == 0)
        return AUTH_STATUS_OK;
    /* One more, so that no rows are no NULL. */
    of->cells[column] = calloc(of->max_rows + 1, size);
    if (of->cells[column] == NULL)
        return auth_error_memory(err);
    of->values[column] = (registry_value){.type = type, .items = of->cells[column]};
    for (size_t i = 0; (type == 'I' || type == 'Z') && i < of->max_rows; i++)
        ((int64_t *)of->cells[column])[i] = REGISTRY_NULL_INT64;
    return AUTH_STATUS_OK;
}

auth_status columns_new(registry_statement statement, size_t max_rows, columns **out,
                        auth_error *err)
{
    const registry_statement_info *info = registry_statement_find(statement);
    if (max_rows > REGISTRY_ARRAY_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: %s: %zu rows at once; the most are %d: send them in parts",
                              info->name, max_rows, REGISTRY_ARRAY_MAX);
    }
    AUTH_AUTO(columns) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->statement = statement;
    made->max_rows = max_rows;
    made->count = strlen(info->types);
    for (size_t i = 0; i < made->count; i++) {
        auth_status status = make_cells(made, i, info->types[i], err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

void columns_free(columns *of)
{
    if (of == NULL)
        return;
    for (size_t i = 0; i < REGISTRY_VALUES_MAX; i++)
        free(of->cells[i]);
    free(of);
}

size_t columns_rows(const columns *of) { return of->rows; }

void columns_next_row(columns *of) { of->rows++; }

void columns_bytes(columns *of, size_t column, auth_bytes value)
{
    ((auth_bytes *)of->cells[column])[of->rows - 1] = value;
}

void columns_text(columns *of, size_t column, const char *value)
{
    ((const char **)of->cells[column])[of->rows - 1] = value;
}

void columns_int64(columns *of, size_t column, int64_t value)
{
    ((int64_t *)of->cells[column])[of->rows - 1] = value;
}

void columns_time(columns *of, size_t column, auth_time value)
{
    columns_int64(of, column, value * US_PER_SECOND);
}

void columns_scalar(columns *of, size_t column, registry_value value)
{
    of->values[column] = value;
}

static void set_counts(columns *of)
{
    for (size_t i = 0; i < of->count; i++) {
        if (of->cells[i] != NULL)
            of->values[i].count = of->rows;
    }
}

auth_status columns_run(columns *of, registry_connection *connection, registry_result **out,
                        auth_error *err)
{
    if (of->rows == 0) {
        if (out != NULL)
            *out = NULL;
        return AUTH_STATUS_OK;
    }
    set_counts(of);
    return registry_run(connection, of->statement, of->values, of->count, out, err);
}

auth_status columns_add(columns *of, registry_batch *batch, auth_error *err)
{
    if (of->rows == 0)
        return AUTH_STATUS_OK;
    set_counts(of);
    return registry_batch_add(batch, of->statement, of->values, of->count, err);
}
