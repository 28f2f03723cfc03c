/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMALLEST_SEGMENT ((uint64_t)JOURNAL_RECORD_SIZE)

static uint32_t first_segment(const ca_journal_options *options)
{
    return options->first_segment == 0 ? 1 : options->first_segment;
}

static auth_status list(int folder, const ca_journal_options *options, uint32_t *last,
                        auth_error *err)
{
    auth_status status = journal_segment_list(folder, first_segment(options), last, err);
    if (status != AUTH_STATUS_OK || *last > 0)
        return status;
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "journal: the folder holds none; name the right folder, or allow a new "
                          "journal if this auth-ca has never signed");
}

/*
 * What another process wrote before it was killed may be in memory only, the name of its last
 * segment too: it must reach the disk before it is believed. And after a failed sync memory may
 * hold what the disk does not: reading must begin at the disk.
 */
static auth_status settle(const ca_journal *journal, auth_error *err)
{
    auth_status status = disk_folder_sync(journal->folder, "journal", err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (fdatasync(journal->file) != 0)
        return disk_failed(err, "journal", "sync it");
    (void)posix_fadvise(journal->file, 0, 0, POSIX_FADV_DONTNEED);
    return AUTH_STATUS_OK;
}

static auth_status scan_all(journal_scan *scan, int folder, uint32_t last, auth_error *err)
{
    uint32_t number = first_segment(scan->options);
    auth_status status = AUTH_STATUS_OK;
    for (; number <= last && status == AUTH_STATUS_OK; number++) {
        AUTH_AUTO(disk_fd) file = -1;
        uint64_t size = 0;
        status = journal_segment_open(folder, number, O_RDONLY, &file, &size, err);
        if (status == AUTH_STATUS_OK)
            (void)posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
        if (status == AUTH_STATUS_OK)
            status = journal_scan_segment(scan, file, size, number, number == last, err);
    }
    return status == AUTH_STATUS_OK ? journal_scan_finish(scan, err) : status;
}

static void write_report(const journal_scan *scan, uint32_t last, ca_journal_report *out)
{
    *out = (ca_journal_report){
        .records = scan->records,
        .segments = last - first_segment(scan->options) + 1,
        .head = scan->chain.head,
        .committed = scan->batches.committed,
        .torn_octets = scan->torn_octets,
        .torn_offset = scan->torn_octets > 0 ? scan->good_size : 0,
    };
}

static auth_status verify(journal_scan *scan, int folder, ca_journal_report *report,
                          auth_error *err)
{
    uint32_t last = 0;
    auth_status status = list(folder, scan->options, &last, err);
    if (status == AUTH_STATUS_OK)
        status = scan_all(scan, folder, last, err);
    if (status == AUTH_STATUS_OK)
        write_report(scan, last, report);
    return status;
}

auth_status ca_journal_verify(const char *folder, const ca_journal_options *options,
                              ca_journal_visit visit, void *context, ca_journal_report *report,
                              auth_error *err)
{
    AUTH_AUTO(disk_fd) place = -1;
    AUTH_AUTO(disk_hash) *hash = NULL;
    journal_scan scan = {.room = NULL};
    auth_status status = disk_folder_open(AT_FDCWD, folder, "journal folder", &place, err);
    if (status == AUTH_STATUS_OK)
        status = disk_hash_new(&hash, err);
    if (status == AUTH_STATUS_OK)
        status = journal_scan_init(&scan, hash, options, visit, context, err);
    if (status == AUTH_STATUS_OK)
        status = verify(&scan, place, report, err);
    journal_scan_clear(&scan);
    return status;
}

/* Fills index and places while the journal is read. */
static auth_status list_record(void *context, const ca_journal_record *record, auth_error *err)
{
    ca_journal *journal = context;
    bool is_new = false;
    /* What is read counts as synced: journal_check_serial may look it up. */
    journal->synced.sequence = record->sequence;
    if (record->type == CA_JOURNAL_SEGMENT)
        return journal_places_add(&journal->places, record->sequence, err);
    if (record->type != CA_JOURNAL_ENTRY)
        return AUTH_STATUS_OK;
    auth_status status = journal_check_serial(journal, &record->entry, &is_new, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "record %llu", (unsigned long long)record->sequence);
        return status;
    }
    if (is_new)
        journal_index_entry(journal, &record->entry, record->sequence);
    return AUTH_STATUS_OK;
}

static auth_status cut(ca_journal *journal, const journal_scan *scan, auth_error *err)
{
    if (scan->torn_octets == 0)
        return AUTH_STATUS_OK;
    if (ftruncate(journal->file, (off_t)scan->good_size) != 0 || fdatasync(journal->file) != 0)
        return disk_failed(err, "journal", "cut its torn end");
    return AUTH_STATUS_OK;
}

static auth_status load(ca_journal *journal, journal_scan *scan, uint32_t last,
                        ca_journal_report *report, auth_error *err)
{
    uint64_t size = 0;
    auth_status status =
        journal_segment_open(journal->folder, last, O_RDWR | O_APPEND, &journal->file, &size, err);
    if (status == AUTH_STATUS_OK)
        status = settle(journal, err);
    if (status == AUTH_STATUS_OK)
        status = scan_all(scan, journal->folder, last, err);
    if (status == AUTH_STATUS_OK)
        status = cut(journal, scan, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (report != NULL)
        write_report(scan, last, report);
    journal->size = scan->good_size;
    journal->chain = scan->chain;
    journal->synced = scan->chain.head;
    journal->synced_batch = scan->chain.batch;
    journal->batches = scan->batches;
    scan->batches = (journal_batches){0};
    return AUTH_STATUS_OK;
}

/* The first segment is made when there is none, and then read like any other. */
static auth_status find_last(ca_journal *journal, const ca_journal_options *options, uint32_t *last,
                             auth_error *err)
{
    auth_status status = list(journal->folder, options, last, err);
    bool is_new =
        status == AUTH_STATUS_NOT_FOUND && options->may_create && first_segment(options) == 1;
    if (status != AUTH_STATUS_OK && !is_new)
        return status;
    status = journal_segment_sweep(journal->folder, is_new ? 1 : *last + 1, err);
    if (status != AUTH_STATUS_OK || !is_new)
        return status;
    memcpy(journal->chain.id, options->id, sizeof options->id);
    memcpy(journal->chain.head.hash, options->birth, sizeof options->birth);
    status = journal_begin_segment(journal, 1, options->now, err);
    if (status != AUTH_STATUS_OK)
        return status;
    disk_fd_cleanup(&journal->file);
    journal->file = -1;
    journal->places.count = 0;
    *last = 1;
    return AUTH_STATUS_OK;
}

/* So that what is done in a turn may take one of its own. */
static void make_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t kind;
    (void)pthread_mutexattr_init(&kind);
    (void)pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    (void)pthread_mutex_init(lock, &kind);
    (void)pthread_mutexattr_destroy(&kind);
}

static auth_status new_journal(const ca_journal_options *options, ca_journal **out, auth_error *err)
{
    AUTH_AUTO(ca_journal) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    make_lock(&made->lock);
    made->folder = -1;
    made->file = -1;
    made->places.number = first_segment(options);
    made->segment_size =
        options->segment_size == 0 ? CA_JOURNAL_SEGMENT_SIZE : options->segment_size;
    /* One with nothing but its head is never full. */
    if (made->segment_size <= SMALLEST_SEGMENT)
        made->segment_size = SMALLEST_SEGMENT + 1;
    made->pending = malloc((size_t)CA_JOURNAL_BATCH_MAX * JOURNAL_RECORD_SIZE);
    if (made->pending == NULL)
        return auth_error_memory(err);
    auth_status status = disk_hash_new(&made->hash, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

auth_status ca_journal_open(const char *folder, const ca_journal_options *options, ca_journal **out,
                            ca_journal_report *report, auth_error *err)
{
    AUTH_AUTO(ca_journal) *made = NULL;
    journal_scan scan = {.room = NULL};
    uint32_t last = 0;
    auth_status status = new_journal(options, &made, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_open(AT_FDCWD, folder, "journal folder", &made->folder, err);
    if (status == AUTH_STATUS_OK)
        status = disk_lock(made->folder, "journal", err);
    if (status == AUTH_STATUS_OK)
        status = find_last(made, options, &last, err);
    if (status == AUTH_STATUS_OK)
        status = journal_scan_init(&scan, made->hash, options, list_record, made, err);
    if (status == AUTH_STATUS_OK)
        status = load(made, &scan, last, report, err);
    journal_scan_clear(&scan);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}
