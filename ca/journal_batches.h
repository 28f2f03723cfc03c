/* SPDX-License-Identifier: Apache-2.0 */
/* Which batches wait for their outcome, and what the committed ones amount to. */
#ifndef CA_JOURNAL_BATCHES_H
#define CA_JOURNAL_BATCHES_H

#include "journal_record.h"

typedef struct journal_batches {
    ca_journal_batch *rows; /* in rising order */
    size_t count;
    size_t room;
    ca_journal_marks committed;
} journal_batches;

void journal_batches_clear(journal_batches *batches);

/*
 * Makes room for a batch, so that journal_batches_take of its entries needs no memory.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status journal_batches_reserve(journal_batches *batches, uint64_t batch,
                                    auth_error *err) AUTH_MUST_CHECK;

/* Finds an open batch; NULL when it is none. */
ca_journal_batch *journal_batches_find(const journal_batches *batches, uint64_t batch);

/* Takes a record in. False when it is a note of a batch that is not open. */
bool journal_batches_take(journal_batches *batches, const ca_journal_record *record);

#endif
