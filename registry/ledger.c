/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "result.h"
#include "statement.h"

#include <string.h>

auth_status registry_ledger_row_fill(registry_ledger_row *row, const registry_ledger_body *body,
                                     int64_t office_no, auth_error *err)
{
    *row = (registry_ledger_row){.serial = body->serial};
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &row->body, err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_body_write(body, row->body, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(row->request, body->request, sizeof row->request);
    const registry_value values[REGISTRY_LEDGER_VALUES] = {
        registry_int64(body->event),
        body->item < 0 ? registry_null() : registry_int64(body->item),
        body->has_request ? registry_bytes((auth_bytes){row->request, sizeof row->request})
                          : registry_null(),
        row->serial.len == 0 ? registry_null()
                             : registry_bytes((auth_bytes){row->serial.octets, row->serial.len}),
        office_no == 0 ? registry_null() : registry_int64(office_no),
        registry_bytes(auth_buf_bytes(row->body)),
    };
    memcpy(row->values, values, sizeof values);
    return AUTH_STATUS_OK;
}

void registry_ledger_row_clear(registry_ledger_row *row)
{
    auth_buf_free(row->body);
    row->body = NULL;
}

auth_status registry_ledger_append(registry_connection *connection,
                                   const registry_ledger_body *body, int64_t office_no,
                                   auth_error *err)
{
    registry_ledger_row row;
    auth_status status = registry_ledger_row_fill(&row, body, office_no, err);
    if (status == AUTH_STATUS_OK)
        status = registry_run(connection, REGISTRY_STATEMENT_LEDGER_APPEND, row.values,
                              REGISTRY_LEDGER_VALUES, NULL, err);
    registry_ledger_row_clear(&row);
    return status;
}

auth_status registry_ledger_node(void *connection, unsigned level, uint64_t index, merkle_hash *out,
                                 auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_LEDGER_NODE,
                                      REGISTRY_VALUES(registry_int64((int64_t)level),
                                                      registry_int64((int64_t)index)),
                                      &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes hash = {NULL, 0};
    if (registry_result_rows(result) == 1)
        hash = registry_value_bytes(result, 0, 0);
    if (hash.len != sizeof out->octets) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "ledger_node: level %u, node %llu is missing, so the tree does not "
                              "hold together; run 'auth ledger verify' and restore the registry",
                              level, (unsigned long long)index);
    }
    memcpy(out->octets, hash.data, hash.len);
    return AUTH_STATUS_OK;
}
