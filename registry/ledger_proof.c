/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_proof.h"
#include "result.h"
#include "statement.h"
#include "transaction.h"

#include <string.h>

/* The newest head, with its document. */
typedef struct newest {
    registry_result *row;
    bool is_there;
    uint64_t tree_size;
    merkle_hash root;
} newest;

static auth_status read_newest(registry_connection *connection, newest *out, auth_error *err)
{
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_LEDGER_NEWEST_HEAD,
                                      REGISTRY_NO_VALUES, &out->row, err);
    if (status != AUTH_STATUS_OK || registry_result_rows(out->row) == 0)
        return status;
    auth_bytes root = registry_value_bytes(out->row, 0, 1);
    out->is_there = root.len == sizeof out->root.octets;
    out->tree_size = (uint64_t)registry_value_int64(out->row, 0, 0);
    if (out->is_there)
        memcpy(out->root.octets, root.data, root.len);
    return registry_result_check(out->row, err);
}

static auth_status prove_entry(registry_connection *connection, registry_crypto *crypto,
                               const newest *head, registry_ledger_proof *proof, auth_error *err)
{
    merkle_hash leaf;
    merkle_source source = {registry_ledger_node, connection};
    proof->is_proved = true;
    proof->tree_size = head->tree_size;
    proof->head = registry_value_bytes(head->row, 0, 2);
    auth_status status = merkle_leaf(crypto, proof->body, &leaf, err);
    if (status == AUTH_STATUS_OK)
        status = merkle_prove_inclusion(crypto, &source, proof->leaf_index, proof->tree_size,
                                        &proof->path, err);
    if (status == AUTH_STATUS_OK)
        status = merkle_verify_inclusion(crypto, &leaf, proof->leaf_index, proof->tree_size,
                                         &proof->path, &head->root, err);
    return status;
}

static auth_status prove_rows(registry_connection *connection, registry_crypto *crypto,
                              registry_result *rows, const newest *head, registry_ledger_show *show,
                              void *context, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < registry_result_rows(rows) && status == AUTH_STATUS_OK; i++) {
        bool has_place = !registry_value_is_null(rows, i, 2);
        registry_ledger_proof proof = {
            .entry_id = (uint64_t)registry_value_int64(rows, i, 0),
            .body = registry_value_bytes(rows, i, 1),
            .leaf_index = has_place ? (uint64_t)registry_value_int64(rows, i, 2) : 0,
        };
        if (has_place && head->is_there && proof.leaf_index < head->tree_size)
            status = prove_entry(connection, crypto, head, &proof, err);
        if (status == AUTH_STATUS_OK)
            status = show(context, &proof, err);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

static auth_status find(registry_connection *connection, const registry_ledger_query *query,
                        registry_result **out, auth_error *err)
{
    auth_bytes request = {query->request, sizeof query->request};
    auth_bytes serial = {query->serial.octets, query->serial.len};
    auth_status status = query->has_request
                             ? registry_run(connection, REGISTRY_STATEMENT_LEDGER_OF_REQUEST,
                                            REGISTRY_VALUES(registry_uuid(request)), out, err)
                             : registry_run(connection, REGISTRY_STATEMENT_LEDGER_OF_SERIAL,
                                            REGISTRY_VALUES(registry_bytes(serial)), out, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(*out) == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "ledger: there is no entry of it; look at the number, or ask the "
                              "office whose request it is");
    return status;
}

static auth_status prove(registry_connection *connection, registry_crypto *crypto,
                         const registry_ledger_query *query, registry_ledger_show *show,
                         void *context, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    newest head = {.row = NULL};
    auth_status status = find(connection, query, &rows, err);
    if (status == AUTH_STATUS_OK)
        status = read_newest(connection, &head, err);
    if (status == AUTH_STATUS_OK)
        status = prove_rows(connection, crypto, rows, &head, show, context, err);
    registry_result_free(head.row);
    return status;
}

auth_status registry_ledger_prove(registry_connection *connection, registry_crypto *crypto,
                                  const registry_ledger_query *query, registry_ledger_show *show,
                                  void *context, auth_error *err)
{
    auth_status status = registry_begin(connection, REGISTRY_SNAPSHOT, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = prove(connection, crypto, query, show, context, err);
    registry_rollback(connection);
    return status;
}

auth_status registry_ledger_connect(registry_connection *connection, registry_crypto *crypto,
                                    const registry_ledger_head *first,
                                    const registry_ledger_head *second, merkle_proof *out,
                                    auth_error *err)
{
    merkle_proof proof = {.count = 0};
    merkle_source source = {registry_ledger_node, connection};
    auth_status status =
        merkle_prove_consistency(crypto, &source, first->tree_size, second->tree_size, &proof, err);
    if (status == AUTH_STATUS_OK)
        status = merkle_verify_consistency(crypto, first->tree_size, second->tree_size,
                                           &first->root, &second->root, &proof, err);
    if (status == AUTH_STATUS_OK)
        *out = proof;
    return status;
}

auth_status registry_ledger_read(registry_connection *connection, int64_t after, int64_t *last,
                                 registry_ledger_show *show, void *context, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status =
        registry_run(connection,
                     after < 0 ? REGISTRY_STATEMENT_LEDGER_LAST : REGISTRY_STATEMENT_LEDGER_AFTER,
                     REGISTRY_VALUES(registry_int64(after < 0 ? -after : after)), &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(rows); i++) {
        registry_ledger_proof entry = {.entry_id = (uint64_t)registry_value_int64(rows, i, 0),
                                       .body = registry_value_bytes(rows, i, 1)};
        status = show(context, &entry, err);
        *last = (int64_t)entry.entry_id;
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}
