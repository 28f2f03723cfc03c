/* SPDX-License-Identifier: Apache-2.0 */
#include "anchor.h"
#include "ledger.h"
#include "result.h"
#include "transaction.h"

#include <string.h>

/* Tells whether the newest head is of this tree. */
static auth_status has_head(registry_connection *connection, uint64_t tree_size, bool *out,
                            auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_LEDGER_HEAD_AT,
                     REGISTRY_VALUES(registry_int64((int64_t)tree_size)), &result, err);
    if (status == AUTH_STATUS_OK)
        *out = registry_result_rows(result) == 1;
    return status;
}

static auth_status store_head(registry_connection *connection, const registry_ledger_head *head,
                              int64_t next_xact, auth_bytes document, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_LEDGER_INSERT_HEAD,
                        REGISTRY_VALUES(registry_int64((int64_t)head->tree_size),
                                        registry_bytes((auth_bytes){head->root.octets,
                                                                    sizeof head->root.octets}),
                                        registry_time(head->at), registry_int64(next_xact),
                                        registry_bytes(document)),
                        NULL, err);
}

static auth_status sign_head(registry_connection *connection, const registry_ledger_round *round,
                             const registry_ledger_progress *progress, auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    registry_ledger_head head = {.tree_size = progress->tree_size,
                                 .root = progress->root,
                                 .at = round->now};
    (void)strncpy(head.realm, round->realm, sizeof head.realm - 1);
    auth_status status = auth_buf_new(REGISTRY_LEDGER_HEAD_MAX, &document, err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_head_sign(&head, &round->signing, document, err);
    if (status == AUTH_STATUS_OK)
        status = store_head(connection, &head, progress->next_xact, auth_buf_bytes(document), err);
    /* Before the commit: a head that is known to anybody is in the anchor. One that is not
     * committed after all is a beginning of every later tree, since the order was settled. */
    if (status == AUTH_STATUS_OK && round->anchor != NULL)
        status = registry_anchor_append(round->anchor, auth_buf_bytes(document), err);
    if (status == AUTH_STATUS_OK && round->told != NULL)
        status = round->told(round->context, &head, auth_buf_bytes(document), err);
    return status;
}

static auth_status work(registry_connection *connection, registry_crypto *crypto,
                        const registry_ledger_round *round, registry_ledger_progress *out,
                        auth_error *err)
{
    bool is_signed = false;
    auth_status status = registry_ledger_sequence(connection, crypto, round->max, out, err);
    if (status != AUTH_STATUS_OK || out->is_busy || out->tree_size == 0)
        return status;
    status = has_head(connection, out->tree_size, &is_signed, err);
    if (status == AUTH_STATUS_OK && !is_signed)
        status = sign_head(connection, round, out, err);
    return status;
}

auth_status registry_ledger_advance(registry_connection *connection, registry_crypto *crypto,
                                    const registry_ledger_round *round,
                                    registry_ledger_progress *out, auth_error *err)
{
    registry_ledger_progress made = {.is_busy = false};
    auth_status status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = work(connection, crypto, round, &made, err);
    if (status != AUTH_STATUS_OK) {
        registry_rollback(connection);
        return status;
    }
    status = registry_commit(connection, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    return status;
}
