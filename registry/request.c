/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "row.h"

/* The most statements of a batch here. */
#define STATEMENTS_MAX 8

const char *registry_request_state_name(registry_request_state state)
{
    switch (state) {
#define REGISTRY_REQUEST_STATE_ROW(id, number, name, is_decided)                                   \
    case REGISTRY_REQUEST_##id:                                                                    \
        return name;
#include "request_state.def"
    default:
        return NULL;
    }
}

static auth_status change(registry_connection *connection, registry_statement statement,
                          const registry_value *values, size_t count, auth_error *err)
{
    return row_change(connection, statement, values, count, AUTH_STATUS_CONFLICT,
                      "request: it is no longer as it was read, or not of this office; read it "
                      "again",
                      err);
}

static auth_status add_signature(registry_batch *batch, auth_bytes id,
                                 const registry_signature *signature, auth_error *err)
{
    int64_t signed_at_us = signature->signed_at * 1000000;
    return registry_batch_add(batch, REGISTRY_STATEMENT_REQUEST_INSERT_SIGNATURES,
                              REGISTRY_VALUES(registry_uuid_array(&id, 1),
                                              registry_int64_array(&signature->place, 1),
                                              registry_bytes_array(&signature->signer_serial, 1),
                                              registry_text_array(&signature->officer_id, 1),
                                              registry_time_array(&signed_at_us, 1)),
                              err);
}

auth_status registry_request_amend(registry_connection *connection,
                                   const registry_amendment *amendment, auth_error *err)
{
    AUTH_AUTO(registry_batch) *batch = NULL;
    auth_status status =
        change(connection, REGISTRY_STATEMENT_REQUEST_AMEND,
               REGISTRY_VALUES(registry_uuid(amendment->id), registry_int64(amendment->revision),
                               registry_bytes(amendment->document),
                               registry_int64(amendment->seal_key),
                               registry_int64(amendment->state)),
               err);
    if (status == AUTH_STATUS_OK)
        status = registry_batch_new(connection, STATEMENTS_MAX, &batch, err);
    if (status == AUTH_STATUS_OK)
        status = add_signature(batch, amendment->id, &amendment->signature, err);
    if (status == AUTH_STATUS_OK)
        status = registry_entry_add(batch, &amendment->entry, 1, err);
    if (status == AUTH_STATUS_OK && amendment->state == REGISTRY_REQUEST_APPROVED)
        status =
            registry_batch_add(batch, REGISTRY_STATEMENT_REQUEST_NOTIFY, REGISTRY_NO_VALUES, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

auth_status registry_request_reject(registry_connection *connection, auth_bytes id, int64_t reason,
                                    const char *detail, auth_time decided_at,
                                    const registry_entry *entry, auth_error *err)
{
    AUTH_AUTO(registry_batch) *batch = NULL;
    auth_status status = change(connection, REGISTRY_STATEMENT_REQUEST_REJECT,
                                REGISTRY_VALUES(registry_uuid(id), registry_int64(reason),
                                                registry_text(detail), registry_time(decided_at)),
                                err);
    if (status == AUTH_STATUS_OK)
        status = registry_batch_new(connection, STATEMENTS_MAX, &batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_entry_add(batch, entry, 1, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

auth_status registry_request_activate(registry_connection *connection, auth_bytes id, int64_t item,
                                      auth_bytes csr, auth_bytes code, auth_error *err)
{
    return row_change(connection, REGISTRY_STATEMENT_REQUEST_ACTIVATE,
                      REGISTRY_VALUES(registry_uuid(id), registry_int64(item), registry_bytes(csr),
                                      registry_bytes(code)),
                      AUTH_STATUS_CONFLICT,
                      "request: the item was activated before; read what came of it", err);
}

auth_status registry_request_activation(registry_connection *connection, auth_bytes id,
                                        int64_t item, registry_result **out, auth_bytes *csr,
                                        auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    auth_status status = row_find(connection, REGISTRY_STATEMENT_REQUEST_ACTIVATION,
                                  REGISTRY_VALUES(registry_uuid(id), registry_int64(item)),
                                  "activation", &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes read = registry_value_bytes(found, 0, 0);
    status = registry_result_check(found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *csr = read;
    *out = AUTH_TAKE(found);
    return AUTH_STATUS_OK;
}

auth_status registry_request_find(registry_connection *connection, auth_bytes id,
                                  registry_result **out, auth_error *err)
{
    return row_find(connection, REGISTRY_STATEMENT_REQUEST_FIND, REGISTRY_VALUES(registry_uuid(id)),
                    "request", out, err);
}
