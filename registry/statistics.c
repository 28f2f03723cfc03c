/* SPDX-License-Identifier: Apache-2.0 */
#include "statistics.h"

#include "request.h"
#include "row.h"

auth_status registry_statistics_list(registry_connection *connection, const int64_t *offices,
                                     size_t count, auth_time from, auth_time before,
                                     registry_result **out, auth_error *err)
{
    uint8_t first[REGISTRY_ID_SIZE];
    uint8_t end[REGISTRY_ID_SIZE];
    registry_request_first_id(from, first);
    registry_request_first_id(before, end);
    return registry_run(connection, REGISTRY_STATEMENT_STATISTICS_REQUESTS,
                        REGISTRY_VALUES(registry_int64_array(offices, count),
                                        registry_uuid((auth_bytes){first, sizeof first}),
                                        registry_uuid((auth_bytes){end, sizeof end})),
                        out, err);
}

auth_status registry_statistic_read(registry_result *result, size_t row, registry_statistic *out,
                                    auth_error *err)
{
    registry_statistic read = {
        .kind = registry_value_int64(result, row, 0),
        .state = registry_value_int64(result, row, 1),
        .office = registry_value_int64(result, row, 2),
        .requests = registry_value_int64(result, row, 3),
        .granted = registry_value_int64(result, row, 4),
        .issued = registry_value_int64(result, row, 5),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_statistics_oldest(registry_connection *connection, const int64_t *offices,
                                       size_t count, auth_time *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_STATISTICS_WAITING,
                     REGISTRY_VALUES(registry_int64_array(offices, count)), &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_time oldest = row_time(found, 0, 0);
    status = registry_result_check(found, err);
    if (status == AUTH_STATUS_OK)
        *out = oldest;
    return status;
}
