/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"

#include "columns.h"

auth_status registry_entry_add(registry_batch *batch, const registry_entry *entries, size_t count,
                               auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_LEDGER_INSERT, count, &rows, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        columns_next_row(rows);
        columns_int64(rows, 0, entries[i].event);
        columns_int64(rows, 1, entries[i].item < 0 ? REGISTRY_NULL_INT64 : entries[i].item);
        columns_bytes(rows, 2, entries[i].request_id);
        columns_bytes(rows, 3, entries[i].serial);
        columns_int64(rows, 4, entries[i].office == 0 ? REGISTRY_NULL_INT64 : entries[i].office);
        columns_bytes(rows, 5, entries[i].body);
    }
    return columns_add(rows, batch, err);
}
