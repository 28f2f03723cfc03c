/* SPDX-License-Identifier: Apache-2.0 */
#include "row.h"

auth_bytes row_bytes(registry_result *result, size_t row, size_t column)
{
    if (registry_value_is_null(result, row, column))
        return (auth_bytes){NULL, 0};
    return registry_value_bytes(result, row, column);
}

const char *row_text(registry_result *result, size_t row, size_t column)
{
    if (registry_value_is_null(result, row, column))
        return NULL;
    return registry_value_text(result, row, column);
}

int64_t row_int64(registry_result *result, size_t row, size_t column, int64_t otherwise)
{
    if (registry_value_is_null(result, row, column))
        return otherwise;
    return registry_value_int64(result, row, column);
}

auth_time row_time(registry_result *result, size_t row, size_t column)
{
    if (registry_value_is_null(result, row, column))
        return REGISTRY_NO_TIME;
    return registry_value_time(result, row, column);
}

auth_bytes row_uuid(registry_result *result, size_t row, size_t column)
{
    if (registry_value_is_null(result, row, column))
        return (auth_bytes){NULL, 0};
    return registry_value_uuid(result, row, column);
}

auth_status row_find(registry_connection *connection, registry_statement statement,
                     const registry_value *values, size_t count, const char *what,
                     registry_result **out, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = registry_run(connection, statement, values, count, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (registry_result_rows(result) == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "%s: there is none, or it is of an office that is not yours; compare "
                              "what you look for",
                              what);
    *out = AUTH_TAKE(result);
    return AUTH_STATUS_OK;
}

auth_status row_change(registry_connection *connection, registry_statement statement,
                       const registry_value *values, size_t count, auth_status otherwise,
                       const char *text, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = registry_run(connection, statement, values, count, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (registry_result_affected(result) != 1)
        return auth_error_set(err, otherwise, "%s", text);
    return AUTH_STATUS_OK;
}

registry_value row_optional_bytes(auth_bytes bytes)
{
    return bytes.data == NULL ? registry_null() : registry_bytes(bytes);
}

registry_value row_optional_uuid(auth_bytes id)
{
    return id.data == NULL ? registry_null() : registry_uuid(id);
}

registry_value row_limit(size_t limit)
{
    return registry_int64((int64_t)(limit > REGISTRY_PAGE_MAX ? REGISTRY_PAGE_MAX : limit));
}
