/* SPDX-License-Identifier: Apache-2.0 */
#include "officer.h"

#include "row.h"

auth_status registry_officer_insert(registry_connection *connection,
                                    const registry_officer *officer, auth_bytes appointed_by,
                                    auth_error *err)
{
    return registry_run(
        connection, REGISTRY_STATEMENT_OFFICER_INSERT,
        REGISTRY_VALUES(registry_text(officer->id), registry_int64(officer->office),
                        registry_int64(officer->role), registry_bytes(officer->person_index),
                        registry_bytes(officer->sealed_name), registry_int64(officer->seal_key),
                        registry_time(officer->appointed_at), row_optional_uuid(appointed_by)),
        NULL, err);
}

auth_status registry_officer_dismiss(registry_connection *connection, const char *id,
                                     auth_time dismissed_at, auth_bytes dismissed_by,
                                     auth_error *err)
{
    return row_change(connection, REGISTRY_STATEMENT_OFFICER_DISMISS,
                      REGISTRY_VALUES(registry_text(id), registry_time(dismissed_at),
                                      registry_uuid(dismissed_by)),
                      AUTH_STATUS_CONFLICT,
                      "officer: dismissed already or not there; look at the list of officers", err);
}

auth_status registry_officer_find(registry_connection *connection, const char *id,
                                  registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_OFFICER_FIND, REGISTRY_VALUES(registry_text(id)),
                    "officer", out, err);
}

auth_status registry_officer_find_person(registry_connection *connection, const auth_bytes *indexes,
                                         size_t count, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_OFFICER_BY_PERSON,
                        REGISTRY_VALUES(registry_bytes_array(indexes, count)), out, err);
}

auth_status registry_officer_list(registry_connection *connection, int64_t office,
                                  const char *after, size_t limit, registry_result **out,
                                  auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_OFFICER_LIST,
                        REGISTRY_VALUES(registry_int64(office), registry_text(after),
                                        row_limit(limit)),
                        out, err);
}

auth_status registry_officer_read(registry_result *result, size_t row, registry_officer *out,
                                  auth_error *err)
{
    registry_officer read = {
        .id = registry_value_text(result, row, 0),
        .office = registry_value_int64(result, row, 1),
        .role = registry_value_int64(result, row, 2),
        .person_index = registry_value_bytes(result, row, 3),
        .sealed_name = registry_value_bytes(result, row, 4),
        .seal_key = registry_value_int64(result, row, 5),
        .appointed_at = registry_value_time(result, row, 6),
        .dismissed_at = row_time(result, row, 7),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
