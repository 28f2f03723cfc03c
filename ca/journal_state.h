/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the journal share of an open one. */
#ifndef CA_JOURNAL_STATE_H
#define CA_JOURNAL_STATE_H

#include "journal_index.h"
#include "journal_scan.h"
#include "journal_segment.h"

#include <pthread.h>
#include <stdatomic.h>

/* The sequence number of the first record of each segment, from the first that is here on. */
typedef struct journal_places {
    uint64_t *firsts;
    size_t count;
    size_t room;
    uint32_t number; /* of the first segment */
} journal_places;

struct ca_journal {
    pthread_mutex_t lock; /* of all that changes; recursive */
    disk_fd folder;       /* holds the lock */
    disk_fd file;         /* the last segment */
    uint32_t file_number;
    uint64_t size; /* of it, what is pending left out */
    uint64_t segment_size;
    disk_hash *hash;
    journal_chain chain; /* what is pending included */
    ca_journal_head synced;
    uint64_t synced_batch;
    journal_batches batches;
    journal_index index;
    journal_places places;
    uint8_t *pending; /* CA_JOURNAL_BATCH_MAX records, encoded */
    size_t pending_count;
    bool has_entries; /* among what is pending */
    _Atomic bool is_dead;
};

/* Errors: AUTH_STATUS_MEMORY. */
auth_status journal_places_add(journal_places *places, uint64_t first,
                               auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds the first entry of a certificate with this serial number, synced or pending.
 *
 * Errors: AUTH_STATUS_NOT_FOUND (without a text); otherwise as ca_journal_read.
 */
auth_status journal_find_serial(const ca_journal *journal, uint16_t authority, auth_bytes serial,
                                ca_journal_record *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Refuses an entry whose serial number stands in the journal with another hash. When it does not
 * stand there at all *is_new is set and the index has room for it.
 *
 * Errors: AUTH_STATUS_CONFLICT; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; as ca_journal_read.
 */
auth_status journal_check_serial(ca_journal *journal, const ca_journal_entry *entry, bool *is_new,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Lists an entry under its serial number, after journal_check_serial said that it is new. */
void journal_index_entry(ca_journal *journal, const ca_journal_entry *entry, uint64_t sequence);

/*
 * Makes a segment that goes on from the chain, and opens it.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_CRYPTO; AUTH_STATUS_MEMORY.
 */
auth_status journal_begin_segment(ca_journal *journal, uint32_t number, auth_time now,
                                  auth_error *err) AUTH_MUST_CHECK;

#endif
