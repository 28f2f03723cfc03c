/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"
#include "row.h"

#include <string.h>

/* 48 bits of milliseconds. */
void registry_request_first_id(auth_time time, uint8_t out[REGISTRY_ID_SIZE])
{
    uint64_t ms = time < 0 ? 0 : (uint64_t)time * 1000;
    memset(out, 0, REGISTRY_ID_SIZE);
    for (size_t i = 0; i < 6; i++)
        out[i] = (uint8_t)(ms >> (40 - 8 * i));
}

auth_status registry_request_list(registry_connection *connection,
                                  const registry_request_query *query, registry_result **out,
                                  auth_error *err)
{
    uint8_t from[REGISTRY_ID_SIZE] = {0};
    uint8_t before[REGISTRY_ID_SIZE];
    auth_bytes after = {from, sizeof from};
    memset(before, 0xff, sizeof before);
    if (query->made_from != REGISTRY_NO_TIME)
        registry_request_first_id(query->made_from, from);
    if (query->made_before != REGISTRY_NO_TIME)
        registry_request_first_id(query->made_before, before);
    if (query->after.data != NULL && auth_bytes_compare(query->after, after) > 0)
        after = query->after;
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_LIST,
                        REGISTRY_VALUES(registry_int64_array(query->offices, query->office_count),
                                        registry_int64_array(query->states, query->state_count),
                                        registry_uuid(after),
                                        registry_uuid((auth_bytes){before, sizeof before}),
                                        row_limit(query->limit)),
                        out, err);
}

auth_status registry_request_list_ids(registry_connection *connection, const auth_bytes *ids,
                                      size_t count, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_BRIEF,
                        REGISTRY_VALUES(registry_uuid_array(ids, count)), out, err);
}

auth_status registry_request_documents(registry_connection *connection, const auth_bytes *ids,
                                       size_t count, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_DOCUMENTS,
                        REGISTRY_VALUES(registry_uuid_array(ids, count)), out, err);
}

/* The id before all others. */
static registry_value first_or(auth_bytes after)
{
    static const uint8_t zero[REGISTRY_ID_SIZE];
    return registry_uuid(after.data == NULL ? (auth_bytes){zero, sizeof zero} : after);
}

auth_status registry_request_list_person(registry_connection *connection, const auth_bytes *indexes,
                                         size_t count, auth_bytes after, size_t limit,
                                         registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_BY_PERSON,
                        REGISTRY_VALUES(registry_bytes_array(indexes, count), first_or(after),
                                        row_limit(limit)),
                        out, err);
}

auth_status registry_request_list_serial(registry_connection *connection, auth_bytes serial,
                                         auth_bytes after, size_t limit, registry_result **out,
                                         auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_BY_SERIAL,
                        REGISTRY_VALUES(registry_bytes(serial), first_or(after), row_limit(limit)),
                        out, err);
}

auth_status registry_request_read(registry_result *result, size_t row, registry_request *out,
                                  auth_error *err)
{
    registry_request read = {
        .id = registry_value_uuid(result, row, 0),
        .kind = registry_value_int64(result, row, 1),
        .office = registry_value_int64(result, row, 2),
        .state = (registry_request_state)registry_value_int64(result, row, 3),
        .item_count = registry_value_int64(result, row, 4),
        .revision = registry_value_int64(result, row, 5),
        .payload_hash = registry_value_bytes(result, row, 6),
        .seal_key = registry_value_int64(result, row, 7),
        .created_at = registry_value_time(result, row, 8),
        .expires_at = registry_value_time(result, row, 9),
        .submitted_at = registry_value_time(result, row, 10),
        .decided_at = row_time(result, row, 11),
        .reason = row_int64(result, row, 12, 0),
        .detail = row_text(result, row, 13),
    };
    if (registry_result_columns(result) > 14)
        read.document = registry_value_bytes(result, row, 14);
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_request_items(registry_connection *connection, auth_bytes id,
                                   registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_ITEMS,
                        REGISTRY_VALUES(registry_uuid(id)), out, err);
}

auth_status registry_item_read(registry_result *result, size_t row, registry_item *out,
                               auth_error *err)
{
    registry_item read = {
        .item = registry_value_int64(result, row, 0),
        .person_index = row_bytes(result, row, 1),
        .serial = row_bytes(result, row, 2),
        .has_outcome = !registry_value_is_null(result, row, 3),
        .status = (auth_status)row_int64(result, row, 3, AUTH_STATUS_OK),
        .reason = row_int64(result, row, 4, 0),
        .detail = row_text(result, row, 5),
        .certificate = row_bytes(result, row, 6),
        .at = row_time(result, row, 7),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

auth_status registry_request_signatures(registry_connection *connection, auth_bytes id,
                                        registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REQUEST_SIGNATURES,
                        REGISTRY_VALUES(registry_uuid(id)), out, err);
}

auth_status registry_signature_read(registry_result *result, size_t row, registry_signature *out,
                                    auth_error *err)
{
    registry_signature read = {
        .place = registry_value_int64(result, row, 0),
        .signer_serial = registry_value_bytes(result, row, 1),
        .officer_id = row_text(result, row, 2),
        .signed_at = registry_value_time(result, row, 3),
    };
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}
