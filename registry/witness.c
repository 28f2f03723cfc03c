/* SPDX-License-Identifier: Apache-2.0 */
#include "witness.h"
#include "statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE 1000

static bool is_fault(auth_status status) { return status >= AUTH_STATUS_MEMORY; }

/* Reads a signed head and holds it against realm and order. False: it was reported. */
static auth_status take_head(witness *it, auth_bytes text, bool *is_taken, auth_error *err)
{
    registry_ledger_head head = {.tree_size = 0};
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_status status = registry_ledger_head_read(text, it->trust, &head, &why);
    *is_taken = false;
    if (is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (status != AUTH_STATUS_OK)
        registry_report(it->reporter, it->table, it->row, "%s", why.text);
    else if (strcmp(head.realm, it->realm) != 0)
        registry_report(it->reporter, it->table, it->row, "it is a head of realm %s, not of %s",
                        head.realm, it->realm);
    else if (head.tree_size < it->head.tree_size)
        registry_report(it->reporter, it->table, it->row,
                        "it tells of %" PRIu64 " entries, and the one before of %" PRIu64
                        ": heads were taken out, put in or exchanged",
                        head.tree_size, it->head.tree_size);
    else
        *is_taken = true;
    if (*is_taken)
        it->head = head;
    return AUTH_STATUS_OK;
}

static auth_status next_line(witness *it, bool *is_taken, auth_error *err)
{
    uint64_t line = 0;
    auth_bytes text;
    auth_status status = registry_anchor_next(it->file, &line, &text, err);
    if (status != AUTH_STATUS_OK || text.data == NULL) {
        it->is_done = true;
        return status;
    }
    (void)snprintf(it->row, sizeof it->row, "%s:%" PRIu64, registry_anchor_path(it->file), line);
    return take_head(it, text, is_taken, err);
}

static auth_status next_page(witness *it, auth_error *err)
{
    uint64_t after = 0;
    if (it->page != NULL)
        after = (uint64_t)registry_value_int64(it->page, it->page_at - 1, 0);
    registry_result_free(it->page);
    it->page = NULL;
    it->page_at = 0;
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_HEADS,
                     REGISTRY_VALUES(registry_int64((int64_t)after), registry_int64(PAGE)),
                     &it->page, err);
    if (status == AUTH_STATUS_OK)
        it->is_done = registry_result_rows(it->page) == 0;
    return status;
}

/* The columns of a stored head say what its document says. */
static void check_row(witness *it, const registry_ledger_head *row)
{
    if (row->tree_size != it->head.tree_size || row->at != it->head.at ||
        !merkle_hash_equal(&row->root, &it->head.root))
        registry_report(it->reporter, it->table, it->row,
                        "its columns say something else than its signed document");
}

static auth_status next_row(witness *it, bool *is_taken, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (it->page == NULL || it->page_at == registry_result_rows(it->page))
        status = next_page(it, err);
    if (status != AUTH_STATUS_OK || it->is_done)
        return status;
    size_t at = it->page_at++;
    registry_ledger_head row = {.tree_size = (uint64_t)registry_value_int64(it->page, at, 0),
                                .at = registry_value_time(it->page, at, 2)};
    auth_bytes root = registry_value_bytes(it->page, at, 1);
    auth_bytes document = registry_value_bytes(it->page, at, 3);
    status = registry_result_check(it->page, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(row.root.octets, root.data, root.len < sizeof row.root ? root.len : sizeof row.root);
    (void)snprintf(it->row, sizeof it->row, "%" PRIu64, row.tree_size);
    status = take_head(it, document, is_taken, err);
    if (*is_taken)
        check_row(it, &row);
    return status;
}

auth_status witness_next(witness *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    bool is_taken = false;
    while (status == AUTH_STATUS_OK && !is_taken && !it->is_done)
        status = it->file != NULL ? next_line(it, &is_taken, err) : next_row(it, &is_taken, err);
    if (is_taken)
        it->count++;
    return status;
}

auth_status witness_open_stored(witness *out, registry_connection *connection, auth_error *err)
{
    out->connection = connection;
    return witness_next(out, err);
}

auth_status witness_open_file(witness *out, registry_anchor *file, auth_error *err)
{
    out->file = file;
    return witness_next(out, err);
}

void witness_close(witness *it)
{
    registry_result_free(it->page);
    it->page = NULL;
}
