/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_batches.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

void journal_batches_clear(journal_batches *batches)
{
    free(batches->rows);
    *batches = (journal_batches){0};
}

ca_journal_batch *journal_batches_find(const journal_batches *batches, uint64_t batch)
{
    for (size_t i = batches->count; i-- > 0;) {
        if (batches->rows[i].batch == batch)
            return &batches->rows[i];
    }
    return NULL;
}

auth_status journal_batches_reserve(journal_batches *batches, uint64_t batch, auth_error *err)
{
    if (journal_batches_find(batches, batch) != NULL)
        return AUTH_STATUS_OK;
    if (batches->count >= CA_JOURNAL_OPEN_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "journal: %d batches wait for their outcome; look them up in the "
                              "registry and note it",
                              CA_JOURNAL_OPEN_MAX);
    if (batches->count < batches->room)
        return AUTH_STATUS_OK;
    size_t room = batches->room == 0 ? FIRST_ROOM : 2 * batches->room;
    ca_journal_batch *rows = realloc(batches->rows, room * sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    batches->rows = rows;
    batches->room = room;
    return AUTH_STATUS_OK;
}

static void raise(ca_journal_marks *marks, const ca_journal_marks *seen)
{
    if (seen->revision > marks->revision)
        marks->revision = seen->revision;
    if (seen->tree_size > marks->tree_size)
        marks->tree_size = seen->tree_size;
}

static void take_entry(journal_batches *batches, const ca_journal_record *record)
{
    ca_journal_batch *row = journal_batches_find(batches, record->batch);
    if (row == NULL) {
        row = &batches->rows[batches->count++];
        *row = (ca_journal_batch){.batch = record->batch, .first = record->sequence};
    }
    ca_journal_marks seen = {0};
    if (record->entry.kind == CA_JOURNAL_KIND_REVOCATION)
        seen.revision = record->entry.number;
    if (record->entry.kind == CA_JOURNAL_KIND_LEDGER_HEAD)
        seen.tree_size = record->entry.number;
    raise(&row->marks, &seen);
    row->last = record->sequence;
}

static void remove_row(journal_batches *batches, ca_journal_batch *row)
{
    size_t behind = (size_t)(batches->rows + batches->count - (row + 1));
    memmove(row, row + 1, behind * sizeof *row);
    batches->count--;
}

static bool take_note(journal_batches *batches, const ca_journal_record *record)
{
    ca_journal_batch *row = journal_batches_find(batches, record->noted);
    if (row == NULL)
        return false;
    if (record->outcome == CA_JOURNAL_UNKNOWN) {
        row->is_noted_unknown = true;
        return true;
    }
    if (record->outcome == CA_JOURNAL_COMMITTED)
        raise(&batches->committed, &row->marks);
    remove_row(batches, row);
    return true;
}

bool journal_batches_take(journal_batches *batches, const ca_journal_record *record)
{
    if (record->type == CA_JOURNAL_ENTRY)
        take_entry(batches, record);
    return record->type != CA_JOURNAL_NOTE || take_note(batches, record);
}
