/* SPDX-License-Identifier: Apache-2.0 */
#include "citizen.h"

#include "row.h"

auth_status registry_citizen_find(registry_connection *connection, auth_bytes id,
                                  registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_CITIZEN_FIND, REGISTRY_VALUES(registry_uuid(id)),
                    "citizen", out, err);
}

auth_status registry_citizen_find_person(registry_connection *connection, const auth_bytes *indexes,
                                         size_t count, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CITIZEN_BY_INDEX,
                        REGISTRY_VALUES(registry_bytes_array(indexes, count)), out, err);
}

auth_status registry_citizen_live(registry_connection *connection, auth_bytes id,
                                  registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CITIZEN_LIVE,
                        REGISTRY_VALUES(registry_uuid(id)), out, err);
}

auth_status registry_citizen_read(registry_result *result, size_t row, registry_citizen *out,
                                  auth_error *err)
{
    registry_citizen read = {
        .id = registry_value_uuid(result, row, 0),
        .office = registry_value_int64(result, row, 1),
        .person_index = registry_value_bytes(result, row, 2),
        .sealed_number = registry_value_bytes(result, row, 3),
        .sealed_name = registry_value_bytes(result, row, 4),
        .seal_key = registry_value_int64(result, row, 5),
        .created_at = registry_value_time(result, row, 6),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_live_read(registry_result *result, size_t row, registry_live *out,
                               auth_error *err)
{
    registry_live read = {
        .purpose = registry_value_text(result, row, 0),
        .serial = registry_value_bytes(result, row, 1),
        .not_after = registry_value_time(result, row, 2),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
