/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a serial number stands in the journal: 8 octets a slot, at most three quarters of the slots
 * in use. A slot is a hint; the caller reads the record and compares.
 */
#ifndef CA_JOURNAL_INDEX_H
#define CA_JOURNAL_INDEX_H

#include "journal_record.h"

/* 256 MiB, and 25 million serial numbers. */
#define JOURNAL_INDEX_SLOTS_MAX ((size_t)1 << 25)

typedef struct journal_slot {
    uint32_t tag;
    uint32_t place; /* 0: free */
} journal_slot;

typedef struct journal_index {
    journal_slot *slots;
    size_t room; /* 0 or a power of 2 */
    size_t count;
} journal_index;

void journal_index_clear(journal_index *index);

/*
 * Makes room for one more, so that journal_index_add cannot fail.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status journal_index_reserve(journal_index *index, auth_error *err) AUTH_MUST_CHECK;

/* What a serial number of an authority is looked up by. */
uint64_t journal_index_key(uint16_t authority, auth_bytes serial);

void journal_index_add(journal_index *index, uint64_t key, uint32_t place);

/* Walks over the places that a key may stand at; *slot is 0 at first. 0: no more. */
uint32_t journal_index_next(const journal_index *index, uint64_t key, size_t *slot);

#endif
