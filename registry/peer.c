/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include "row.h"

auth_status registry_peer_list(registry_connection *connection, const auth_bytes *serials,
                               size_t count, registry_result **out, auth_error *err)
{
    if (count > REGISTRY_PEERS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "peers: more than %d at once; ask for fewer",
                              REGISTRY_PEERS_MAX);
    return registry_run(connection, REGISTRY_STATEMENT_PEER_LIST,
                        REGISTRY_VALUES(registry_bytes_array(serials, count)), out, err);
}

auth_status registry_peer_read(registry_result *result, size_t row, registry_peer *out,
                               auth_error *err)
{
    registry_peer read = {
        .serial = registry_value_bytes(result, row, 0),
        .hash = registry_value_bytes(result, row, 1),
        .not_after = registry_value_time(result, row, 2),
        .officer = registry_value_text(result, row, 3),
        .role = registry_value_int64(result, row, 4),
        .dismissed_at = row_time(result, row, 5),
        .office = registry_value_int64(result, row, 6),
        .office_id = registry_value_text(result, row, 7),
        .office_path = registry_value_text(result, row, 8),
        .closed_at = row_time(result, row, 9),
        .action = (registry_action)row_int64(result, row, 10, REGISTRY_ACTION_NONE),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
