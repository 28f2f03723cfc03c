/* SPDX-License-Identifier: Apache-2.0 */
#include "office.h"

#include "row.h"

auth_status registry_office_insert(registry_connection *connection,
                                   const registry_office_new *office, int64_t *number,
                                   auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_OFFICE_INSERT,
                     REGISTRY_VALUES(registry_text(office->id), registry_text(office->parent),
                                     registry_text(office->region), registry_text(office->name),
                                     registry_time(office->opened_at),
                                     row_optional_uuid(office->opened_by)),
                     &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (registry_result_rows(result) == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "office: its parent is not there; open that one first");
    int64_t made = registry_value_int64(result, 0, 0);
    status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *number = made;
    return status;
}

auth_status registry_office_close(registry_connection *connection, const char *id,
                                  auth_time closed_at, auth_bytes closed_by, auth_error *err)
{
    return row_change(connection, REGISTRY_STATEMENT_OFFICE_CLOSE,
                      REGISTRY_VALUES(registry_text(id), registry_time(closed_at),
                                      registry_uuid(closed_by)),
                      AUTH_STATUS_CONFLICT,
                      "office: it is closed or not there; look at the list of offices", err);
}

auth_status registry_office_find(registry_connection *connection, const char *id,
                                 registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_OFFICE_FIND, REGISTRY_VALUES(registry_text(id)),
                    "office", out, err);
}

auth_status registry_office_find_number(registry_connection *connection, int64_t number,
                                        registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_OFFICE_BY_NUMBER,
                    REGISTRY_VALUES(registry_int64(number)), "office", out, err);
}

auth_status registry_office_scope(registry_connection *connection, registry_result **out,
                                  auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_OFFICE_SCOPE, REGISTRY_NO_VALUES,
                    "office of this login", out, err);
}

auth_status registry_office_list(registry_connection *connection, const char *path,
                                 const char *after, size_t limit, registry_result **out,
                                 auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_OFFICE_LIST,
                        REGISTRY_VALUES(registry_text(path), registry_text(after),
                                        row_limit(limit)),
                        out, err);
}

auth_status registry_office_read(registry_result *result, size_t row, registry_office *out,
                                 auth_error *err)
{
    registry_office read = {
        .number = registry_value_int64(result, row, 0),
        .id = registry_value_text(result, row, 1),
        .parent = row_int64(result, row, 2, 0),
        .path = registry_value_text(result, row, 3),
        .region = registry_value_text(result, row, 4),
        .name = registry_value_text(result, row, 5),
        .opened_at = registry_value_time(result, row, 6),
        .closed_at = row_time(result, row, 7),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
