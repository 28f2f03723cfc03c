/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"
#include "journal_state.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void ca_journal_free(ca_journal *journal)
{
    if (journal == NULL)
        return;
    disk_fd_cleanup(&journal->file);
    disk_fd_cleanup(&journal->folder);
    disk_hash_free(journal->hash);
    journal_batches_clear(&journal->batches);
    journal_index_clear(&journal->index);
    free(journal->places.firsts);
    free(journal->pending);
    (void)pthread_mutex_destroy(&journal->lock);
    free(journal);
}

void ca_journal_take(ca_journal *journal) { (void)pthread_mutex_lock(&journal->lock); }

void ca_journal_give(ca_journal *journal) { (void)pthread_mutex_unlock(&journal->lock); }

static auth_status check_alive(const ca_journal *journal, auth_error *err)
{
    if (!journal->is_dead)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_IO,
                          "journal: an earlier write failed, so nothing more is signed; look at "
                          "the disk, then open the journal again, which verifies it");
}

/* Chains a record on and puts its octets at out. Nothing has changed when it fails. */
static auth_status chain_record(ca_journal *journal, ca_journal_record *record,
                                uint8_t out[JOURNAL_RECORD_SIZE], auth_error *err)
{
    record->sequence = journal->chain.head.sequence + 1;
    record->place = (uint16_t)journal->pending_count;
    journal_record_encode(record, out);
    auth_status status = journal_chain_hash(journal->hash, journal->chain.head.hash, out,
                                            out + JOURNAL_BODY_SIZE, err);
    if (status != AUTH_STATUS_OK)
        return status;
    journal->chain.head.sequence = record->sequence;
    journal->chain.batch = record->batch;
    journal->chain.place = record->place;
    memcpy(journal->chain.head.hash, out + JOURNAL_BODY_SIZE, CA_JOURNAL_HASH_SIZE);
    return AUTH_STATUS_OK;
}

static auth_status make_segment(ca_journal *journal, uint32_t number, auth_time now,
                                auth_error *err)
{
    uint8_t octets[JOURNAL_RECORD_SIZE];
    ca_journal_record head = {
        .type = CA_JOURNAL_SEGMENT,
        .batch = journal->chain.batch + 1,
        .time = now,
        .segment = {.number = number,
                    .committed = journal->batches.committed,
                    .open_batches = journal->batches.count},
    };
    memcpy(head.segment.id, journal->chain.id, sizeof head.segment.id);
    memcpy(head.segment.carried, journal->chain.head.hash, sizeof head.segment.carried);
    auth_status status = chain_record(journal, &head, octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return journal_segment_create(journal->folder, number, octets, err);
}

auth_status journal_begin_segment(ca_journal *journal, uint32_t number, auth_time now,
                                  auth_error *err)
{
    AUTH_AUTO(disk_fd) file = -1;
    uint64_t size = 0;
    auth_status status = make_segment(journal, number, now, err);
    if (status == AUTH_STATUS_OK)
        status =
            journal_segment_open(journal->folder, number, O_RDWR | O_APPEND, &file, &size, err);
    if (status == AUTH_STATUS_OK)
        status = journal_places_add(&journal->places, journal->chain.head.sequence, err);
    if (status != AUTH_STATUS_OK)
        return status;
    disk_fd_cleanup(&journal->file);
    journal->file = file;
    journal->file_number = number;
    file = -1;
    journal->size = size;
    journal->synced = journal->chain.head;
    journal->synced_batch = journal->chain.batch;
    return AUTH_STATUS_OK;
}

/* Before the first record of a batch: a batch stands in one segment. */
static auth_status begin_batch(ca_journal *journal, auth_time now, auth_error *err)
{
    auth_status status = check_alive(journal, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (journal->pending_count == CA_JOURNAL_BATCH_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "journal: %d records wait to be written; sync before more",
                              CA_JOURNAL_BATCH_MAX);
    if (journal->pending_count > 0 || journal->size < journal->segment_size)
        return AUTH_STATUS_OK;
    const journal_places *places = &journal->places;
    status = journal_begin_segment(journal, places->number + (uint32_t)places->count, now, err);
    journal->is_dead = status != AUTH_STATUS_OK;
    return status;
}

static auth_status put_pending(ca_journal *journal, ca_journal_record *record, auth_error *err)
{
    record->batch = journal->synced_batch + 1;
    auth_status status =
        chain_record(journal, record,
                     journal->pending + journal->pending_count * JOURNAL_RECORD_SIZE, err);
    if (status != AUTH_STATUS_OK)
        return status;
    journal->pending_count++;
    (void)journal_batches_take(&journal->batches, record);
    return AUTH_STATUS_OK;
}

static auth_status append(ca_journal *journal, const ca_journal_entry *entry, auth_error *err)
{
    bool is_new = false;
    auth_status status = journal_entry_check(entry, err);
    if (status == AUTH_STATUS_OK)
        status = begin_batch(journal, entry->time, err);
    if (status == AUTH_STATUS_OK)
        status = journal_check_serial(journal, entry, &is_new, err);
    if (status == AUTH_STATUS_OK)
        status = journal_batches_reserve(&journal->batches, journal->synced_batch + 1, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ca_journal_record record = {.type = CA_JOURNAL_ENTRY, .time = entry->time, .entry = *entry};
    status = put_pending(journal, &record, err);
    if (status != AUTH_STATUS_OK)
        return status;
    journal->has_entries = true;
    if (is_new)
        journal_index_entry(journal, entry, record.sequence);
    return AUTH_STATUS_OK;
}

auth_status ca_journal_append(ca_journal *journal, const ca_journal_entry *entry, auth_error *err)
{
    ca_journal_take(journal);
    auth_status status = append(journal, entry, err);
    ca_journal_give(journal);
    return status;
}

static auth_status write_pending(const ca_journal *journal, auth_error *err)
{
    auth_bytes octets = {journal->pending, journal->pending_count * JOURNAL_RECORD_SIZE};
    auth_status status = disk_write(journal->file, octets, "journal", err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (fdatasync(journal->file) != 0)
        return disk_failed(err, "journal", "sync it");
    return AUTH_STATUS_OK;
}

static auth_status sync_pending(ca_journal *journal, uint64_t *batch, auth_error *err)
{
    auth_status status = check_alive(journal, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (journal->pending_count == 0) {
        *batch = 0;
        return AUTH_STATUS_OK;
    }
    status = write_pending(journal, err);
    if (status != AUTH_STATUS_OK) {
        journal->is_dead = true;
        return status;
    }
    journal->size += journal->pending_count * JOURNAL_RECORD_SIZE;
    journal->synced = journal->chain.head;
    journal->synced_batch = journal->chain.batch;
    *batch = journal->has_entries ? journal->synced_batch : 0;
    journal->pending_count = 0;
    journal->has_entries = false;
    return AUTH_STATUS_OK;
}

auth_status ca_journal_sync(ca_journal *journal, uint64_t *batch, auth_error *err)
{
    ca_journal_take(journal);
    auth_status status = sync_pending(journal, batch, err);
    ca_journal_give(journal);
    return status;
}

static auth_status note(ca_journal *journal, uint64_t batch, ca_journal_outcome outcome,
                        auth_time now, auth_error *err)
{
    const ca_journal_batch *row = journal_batches_find(&journal->batches, batch);
    if (row == NULL || batch > journal->synced_batch)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "journal: batch %" PRIu64 " does not wait for its outcome; note each "
                              "batch once, after its sync",
                              batch);
    if (outcome < CA_JOURNAL_COMMITTED || outcome > CA_JOURNAL_UNKNOWN || now < AUTH_TIME_MIN ||
        now > AUTH_TIME_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal: no such outcome, or a time outside 1950 to 9999; note "
                              "committed, aborted or unknown");
    if (outcome == CA_JOURNAL_UNKNOWN && row->is_noted_unknown)
        return AUTH_STATUS_OK;
    auth_status status = begin_batch(journal, now, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ca_journal_record record = {.type = CA_JOURNAL_NOTE,
                                .time = now,
                                .noted = batch,
                                .outcome = outcome};
    return put_pending(journal, &record, err);
}

auth_status ca_journal_commit_note(ca_journal *journal, uint64_t batch, ca_journal_outcome outcome,
                                   auth_time now, auth_error *err)
{
    ca_journal_take(journal);
    auth_status status = note(journal, batch, outcome, now, err);
    ca_journal_give(journal);
    return status;
}

const ca_journal_batch *ca_journal_batches(const ca_journal *journal, size_t *count)
{
    *count = journal->batches.count;
    return journal->batches.rows;
}

ca_journal_head ca_journal_synced_head(const ca_journal *journal) { return journal->synced; }

ca_journal_marks ca_journal_committed(const ca_journal *journal)
{
    return journal->batches.committed;
}

auth_status ca_journal_check_registry(const ca_journal *journal, const ca_journal_marks *registry,
                                      auth_error *err)
{
    const ca_journal_marks *here = &journal->batches.committed;
    if (journal->batches.count > 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "journal: %zu batches wait for their outcome; look them up in the "
                              "registry and note it",
                              journal->batches.count);
    if (registry->revision >= here->revision && registry->tree_size >= here->tree_size)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "registry: knows revocations up to revision %" PRIu64 " and %" PRIu64
                          " ledger entries, and %" PRIu64 " and %" PRIu64
                          " were committed by this auth-ca; an older back-up was restored, so run "
                          "auth fsck before anything is signed",
                          registry->revision, registry->tree_size, here->revision, here->tree_size);
}

bool ca_journal_is_dead(const ca_journal *journal) { return journal->is_dead; }
