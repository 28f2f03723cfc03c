/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include "row.h"

auth_status registry_health_read(registry_connection *connection, registry_health *out,
                                 auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_HEALTH, REGISTRY_NO_VALUES, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    registry_health read = {
        .now = registry_value_time(result, 0, 0),
        .waits_since = row_time(result, 0, 1),
        .crl_due = row_time(result, 0, 2),
        .approved_count = registry_value_int64(result, 0, 3),
    };
    status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
