/* SPDX-License-Identifier: Apache-2.0 */
#include "renewal.h"

#include "columns.h"
#include "row.h"

auth_status registry_renewal_list(registry_connection *connection, auth_time now, int64_t margin_s,
                                  const int64_t *authorities, size_t authority_count, size_t limit,
                                  registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_RENEWAL_DUE,
                        REGISTRY_VALUES(registry_time(now), registry_int64(margin_s),
                                        registry_int64_array(authorities, authority_count),
                                        row_limit(limit)),
                        out, err);
}

auth_status registry_renewal_read(registry_result *result, size_t row, registry_renewal_due *out,
                                  auth_error *err)
{
    registry_renewal_due read = {
        .request_id = registry_value_uuid(result, row, 0),
        .payload_hash = registry_value_bytes(result, row, 1),
        .office_id = registry_value_text(result, row, 2),
        .office = registry_value_int64(result, row, 3),
        .item = registry_value_int64(result, row, 4),
        .serial = registry_value_bytes(result, row, 5),
        .authority = registry_value_int64(result, row, 6),
        .profile = registry_value_text(result, row, 7),
        .key_hash = registry_value_bytes(result, row, 8),
        .not_after = registry_value_time(result, row, 9),
        .der = registry_value_bytes(result, row, 10),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

/* Acts hold the second lock together with others, up to their commit (queue_store.c). */
auth_status registry_renewal_lock(registry_connection *connection, auth_error *err)
{
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_RENEWAL_LOCK, REGISTRY_NO_VALUES, NULL, err);
    if (status == AUTH_STATUS_OK)
        status = registry_run(connection, REGISTRY_STATEMENT_REVISION_SETTLE, REGISTRY_NO_VALUES,
                              NULL, err);
    return status;
}

auth_status registry_renewal_insert(registry_connection *connection,
                                    const registry_renewal_due *due, const registry_renewed *made,
                                    auth_time now, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_QUEUE_INSERT_CERTIFICATES, 1, &rows, err);
    if (status != AUTH_STATUS_OK)
        return status;
    columns_next_row(rows);
    columns_bytes(rows, 0, made->serial);
    columns_int64(rows, 1, due->authority);
    columns_int64(rows, 2, made->shard);
    columns_bytes(rows, 3, due->request_id);
    columns_int64(rows, 4, due->item);
    columns_int64(rows, 7, due->office);
    columns_text(rows, 8, due->profile);
    columns_bytes(rows, 9, due->key_hash);
    columns_time(rows, 10, made->not_before);
    columns_time(rows, 11, made->not_after);
    columns_bytes(rows, 12, made->der);
    columns_scalar(rows, 13, registry_time(now));
    return columns_run(rows, connection, NULL, err);
}
