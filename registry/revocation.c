/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation.h"

#include "row.h"
#include "transaction.h"

static registry_revocation read_at(registry_result *result, size_t row, size_t column)
{
    return (registry_revocation){
        .revision = registry_value_int64(result, row, column),
        .serial = registry_value_bytes(result, row, column + 1),
        .authority = registry_value_int64(result, row, column + 2),
        .shard = registry_value_int64(result, row, column + 3),
        .action = (registry_action)registry_value_int64(result, row, column + 4),
        .reason = registry_value_int64(result, row, column + 5),
        .at = registry_value_time(result, row, column + 6),
        .not_after = registry_value_time(result, row, column + 7),
    };
}

auth_status registry_revocation_read(registry_result *result, size_t row, registry_revocation *out,
                                     auth_error *err)
{
    registry_revocation read = read_at(result, row, 0);
    auth_status status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

/* Gives the rows of a page, and moves the cursor to the last one. */
static auth_status visit_rows(registry_result *result, registry_revocation_cursor *cursor,
                              registry_revocation_visit *visit, void *context, auth_error *err)
{
    for (size_t i = 0; i < registry_result_rows(result); i++) {
        cursor->transaction = registry_value_int64(result, i, 1);
        registry_revocation row = read_at(result, i, 2);
        auth_status status = registry_result_check(result, err);
        if (status == AUTH_STATUS_OK)
            status = visit(&row, context, err);
        if (status != AUTH_STATUS_OK)
            return status;
        cursor->revision = row.revision;
    }
    return AUTH_STATUS_OK;
}

auth_status registry_revocation_follow(registry_connection *connection,
                                       registry_revocation_cursor *cursor, size_t limit,
                                       registry_revocation_visit *visit, void *context,
                                       bool *is_end, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    registry_revocation_cursor at = *cursor;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_REVOCATION_SINCE,
                     REGISTRY_VALUES(registry_int64(at.transaction), registry_int64(at.revision),
                                     row_limit(limit)),
                     &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* The snapshot of the first page counts: what ends between two pages may lie behind the cursor.
     */
    if (at.next == 0)
        at.next = registry_value_int64(result, 0, 0);
    /* A row without a transaction says only where the snapshot stands. */
    bool is_empty = registry_value_is_null(result, 0, 1);
    size_t rows = is_empty ? 0 : registry_result_rows(result);
    if (rows > 0)
        status = visit_rows(result, &at, visit, context, err);
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_last = rows < limit && rows < REGISTRY_PAGE_MAX;
    if (is_last)
        at = (registry_revocation_cursor){.transaction = at.next};
    *cursor = at;
    *is_end = is_last;
    return AUTH_STATUS_OK;
}

auth_status registry_revocation_know(registry_connection *connection, registry_knowledge *out,
                                     auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_REVOCATION_KNOW,
                                      REGISTRY_NO_VALUES, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    registry_knowledge read = {
        .transaction = registry_value_int64(result, 0, 0),
        .is_standby = registry_value_bool(result, 0, 1),
        .as_of = row_time(result, 0, 2),
    };
    status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK)
        *out = read;
    return status;
}

registry_revocation_cursor registry_revocation_from(const registry_knowledge *knowledge)
{
    return (registry_revocation_cursor){.transaction = knowledge->transaction};
}

auth_status registry_revocation_list(registry_connection *connection, auth_bytes serial,
                                     registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_REVOCATION_LIST,
                        REGISTRY_VALUES(registry_bytes(serial)), out, err);
}

auth_status registry_revocation_list_crl(registry_connection *connection, int64_t authority,
                                         int64_t shard, auth_time unexpired_at, auth_bytes after,
                                         size_t limit, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CRL_ENTRIES,
                        REGISTRY_VALUES(registry_int64(authority), registry_int64(shard),
                                        registry_time(unexpired_at), registry_bytes(after),
                                        row_limit(limit)),
                        out, err);
}

auth_status registry_revocation_list_changes(registry_connection *connection, int64_t authority,
                                             int64_t shard, int64_t revision, auth_bytes after,
                                             size_t limit, registry_result **out, auth_error *err)
{
    return registry_run(connection, REGISTRY_STATEMENT_CRL_CHANGES,
                        REGISTRY_VALUES(registry_int64(authority), registry_int64(shard),
                                        registry_int64(revision), registry_bytes(after),
                                        row_limit(limit)),
                        out, err);
}

static auth_status settle(registry_connection *connection, void *context, auth_error *err)
{
    int64_t *out = context;
    AUTH_AUTO(registry_result) *last = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_REVISION_SETTLE, REGISTRY_NO_VALUES, NULL, err);
    if (status == AUTH_STATUS_OK)
        status = registry_run(connection, REGISTRY_STATEMENT_REVISION_LAST, REGISTRY_NO_VALUES,
                              &last, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = registry_value_int64(last, 0, 0);
    return registry_result_check(last, err);
}

auth_status registry_revocation_settled(registry_pool *pool, int64_t *out, auth_error *err)
{
    int64_t settled = 0;
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = settle,
                                        .context = &settled};
    auth_status status = registry_transact(pool, &transaction, err);
    if (status == AUTH_STATUS_OK)
        *out = settled;
    return status;
}
