/* SPDX-License-Identifier: Apache-2.0 */
#include "blocked_key.h"

#include "row.h"

auth_status registry_blocked_key_find(registry_connection *connection, const auth_bytes *key_hashes,
                                      size_t count, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_BLOCKED_KEY_FIND,
                        REGISTRY_VALUES(registry_bytes_array(key_hashes, count)), out, err);
}

auth_status registry_blocked_key_insert(registry_connection *connection, auth_bytes key_hash,
                                        const char *reason, auth_bytes request_id, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_BLOCKED_KEY_INSERT,
                        REGISTRY_VALUES(registry_bytes(key_hash), registry_text(reason),
                                        row_optional_uuid(request_id)),
                        NULL, err);
}

auth_status registry_blocked_key_read(registry_result *result, size_t row,
                                      registry_blocked_key *out, auth_error *err)
{
    registry_blocked_key read = {
        .key_hash = registry_value_bytes(result, row, 0),
        .reason = registry_value_text(result, row, 1),
        .blocked_at = registry_value_time(result, row, 2),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
