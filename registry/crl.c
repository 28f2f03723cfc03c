/* SPDX-License-Identifier: Apache-2.0 */
#include "crl.h"

#include "row.h"

auth_status registry_crl_take_number(registry_connection *connection, int64_t authority,
                                     int64_t shard, int64_t *number, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_CRL_NUMBER,
                     REGISTRY_VALUES(registry_int64(authority), registry_int64(shard)), &result,
                     err);
    if (status != AUTH_STATUS_OK)
        return status;
    int64_t taken = registry_value_int64(result, 0, 0);
    status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *number = taken;
    return status;
}

auth_status registry_crl_insert(registry_connection *connection, int64_t authority, int64_t shard,
                                const registry_crl *crl, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CRL_INSERT,
                        REGISTRY_VALUES(registry_int64(authority), registry_int64(shard),
                                        registry_int64(crl->number),
                                        crl->base_number == 0 ? registry_null()
                                                              : registry_int64(crl->base_number),
                                        registry_int64(crl->revision),
                                        registry_time(crl->this_update),
                                        registry_time(crl->next_update),
                                        registry_int64(crl->entry_count), registry_bytes(crl->der)),
                        NULL, err);
}

auth_status registry_crl_find(registry_connection *connection, int64_t authority, int64_t shard,
                              bool is_delta, registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_CRL_LATEST,
                    REGISTRY_VALUES(registry_int64(authority), registry_int64(shard),
                                    registry_bool(is_delta)),
                    "CRL", out, err);
}

auth_status registry_crl_list_scopes(registry_connection *connection, registry_result **out,
                                     auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CRL_SCOPES, REGISTRY_NO_VALUES, out, err);
}

auth_status registry_crl_read(registry_result *result, size_t row, registry_crl *out,
                              auth_error *err)
{
    registry_crl read = {
        .number = registry_value_int64(result, row, 0),
        .base_number = row_int64(result, row, 1, 0),
        .revision = registry_value_int64(result, row, 2),
        .this_update = registry_value_time(result, row, 3),
        .next_update = registry_value_time(result, row, 4),
        .entry_count = registry_value_int64(result, row, 5),
        .der = registry_value_bytes(result, row, 6),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_crl_scope_read(registry_result *result, size_t row, registry_crl_scope *out,
                                    auth_error *err)
{
    registry_crl_scope read = {
        .authority = registry_value_int64(result, row, 0),
        .shard = registry_value_int64(result, row, 1),
        .last_number = registry_value_int64(result, row, 2),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
