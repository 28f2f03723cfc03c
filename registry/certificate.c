/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include "row.h"

auth_status registry_certificate_find(registry_connection *connection, auth_bytes serial,
                                      registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_CERTIFICATE_FIND,
                    REGISTRY_VALUES(registry_bytes(serial)), "certificate", out, err);
}

static auth_status list(registry_connection *connection, registry_statement statement,
                        registry_value key, auth_bytes after, size_t limit, registry_result **out,
                        auth_error *err)
{
    return registry_run(connection, statement,
                        REGISTRY_VALUES(key, registry_bytes(after), row_limit(limit)), out, err);
}

auth_status registry_certificate_list_key(registry_connection *connection, auth_bytes key_hash,
                                          auth_bytes after, size_t limit, registry_result **out,
                                          auth_error *err)
{
    return list(connection, REGISTRY_STATEMENT_CERTIFICATE_BY_KEY, registry_bytes(key_hash), after,
                limit, out, err);
}

auth_status registry_certificate_list_citizen(registry_connection *connection,
                                              auth_bytes citizen_id, auth_bytes after, size_t limit,
                                              registry_result **out, auth_error *err)
{
    return list(connection, REGISTRY_STATEMENT_CERTIFICATE_BY_CITIZEN, registry_uuid(citizen_id),
                after, limit, out, err);
}

auth_status registry_certificate_list_officer(registry_connection *connection,
                                              const char *officer_id, auth_bytes after,
                                              size_t limit, registry_result **out, auth_error *err)
{
    return list(connection, REGISTRY_STATEMENT_CERTIFICATE_BY_OFFICER, registry_text(officer_id),
                after, limit, out, err);
}

auth_status registry_certificate_list_request(registry_connection *connection,
                                              auth_bytes request_id, auth_bytes after, size_t limit,
                                              registry_result **out, auth_error *err)
{
    return list(connection, REGISTRY_STATEMENT_CERTIFICATE_BY_REQUEST, registry_uuid(request_id),
                after, limit, out, err);
}

auth_status registry_certificate_read(registry_result *result, size_t row,
                                      registry_certificate *out, auth_error *err)
{
    registry_certificate read = {
        .serial = registry_value_bytes(result, row, 0),
        .authority = registry_value_int64(result, row, 1),
        .shard = registry_value_int64(result, row, 2),
        .request_id = registry_value_uuid(result, row, 3),
        .item = registry_value_int64(result, row, 4),
        .citizen_id = row_uuid(result, row, 5),
        .officer_id = row_text(result, row, 6),
        .office = registry_value_int64(result, row, 7),
        .profile = registry_value_text(result, row, 8),
        .key_hash = registry_value_bytes(result, row, 9),
        .not_before = registry_value_time(result, row, 10),
        .not_after = registry_value_time(result, row, 11),
        .issued_at = registry_value_time(result, row, 12),
        .der = registry_value_bytes(result, row, 13),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_certificate_list_daemon(registry_connection *connection, auth_bytes key_hash,
                                             size_t limit, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CERTIFICATE_OF_DAEMON,
                        REGISTRY_VALUES(registry_bytes(key_hash), row_limit(limit)), out, err);
}

auth_status registry_daemon_certificate_read(registry_result *result, size_t row,
                                             registry_daemon_certificate *out, auth_error *err)
{
    registry_daemon_certificate read = {
        .serial = registry_value_bytes(result, row, 0),
        .key_hash = registry_value_bytes(result, row, 1),
        .profile = registry_value_text(result, row, 2),
        .not_before = registry_value_time(result, row, 3),
        .not_after = registry_value_time(result, row, 4),
        .der = registry_value_bytes(result, row, 5),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_certificate_status_find(registry_connection *connection, auth_bytes serial,
                                             registry_certificate_status *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    registry_certificate_status read = {0};
    auth_status status =
        row_find(connection, REGISTRY_STATEMENT_CERTIFICATE_STATUS,
                 REGISTRY_VALUES(registry_bytes(serial)), "certificate", &result, err);
    if (status == AUTH_STATUS_OK)
        status = registry_certificate_status_read(result, 0, &read, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = read;
    out->serial = serial;
    return AUTH_STATUS_OK;
}

auth_status registry_certificate_status_list(registry_connection *connection,
                                             const auth_bytes *serials, size_t count,
                                             registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CERTIFICATE_STATUSES,
                        REGISTRY_VALUES(registry_bytes_array(serials, count)), out, err);
}

auth_status registry_certificate_status_read(registry_result *result, size_t row,
                                             registry_certificate_status *out, auth_error *err)
{
    registry_certificate_status read = {
        .serial = registry_value_bytes(result, row, 0),
        .authority = registry_value_int64(result, row, 1),
        .shard = registry_value_int64(result, row, 2),
        .not_before = registry_value_time(result, row, 3),
        .not_after = registry_value_time(result, row, 4),
        .revision = row_int64(result, row, 5, 0),
        .action = (registry_action)row_int64(result, row, 6, REGISTRY_ACTION_NONE),
        .reason = row_int64(result, row, 7, 0),
        .at = row_time(result, row, 8),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
