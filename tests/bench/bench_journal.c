/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many batches of 500 a second does the signing journal make durable, against a bare write and
 * fdatasync of as many octets, and how many records a second does it verify, against reading and
 * hashing them with SHA-256?
 */
#include "bench/disk.h"
#include "ca/journal.h"
#include "disk/file.h"
#include "disk/hash.h"
#include "harness/data.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES 500
#define RECORD 144
#define BODY 112

#define RATIO 0.8
/* A million records in 3 s: what a start of auth-ca may take. */
#define RECORDS_PER_SECOND (1e6 / 3)
#define RECORDS 200000U

#define NOW ((auth_time)1767225600)

typedef struct files {
    const char *folder;
    ca_journal *journal;
    ca_journal_options options;
    uint32_t next;
    int bare;
    disk_hash *hash;
    char segment[400];
} files;

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static double journal_batch(void *context)
{
    auth_error err;
    uint64_t batch = 0;
    files *it = context;
    for (int i = 0; i < ENTRIES; i++, it->next++) {
        ca_journal_entry entry = {.kind = CA_JOURNAL_KIND_CERTIFICATE,
                                  .time = NOW,
                                  .authority = 2,
                                  .request = {1},
                                  .serial_len = 18,
                                  .serial = {1},
                                  .hash = {1}};
        memcpy(entry.serial + 4, &it->next, sizeof it->next);
        must(ca_journal_append(it->journal, &entry, &err), &err);
    }
    must(ca_journal_sync(it->journal, &batch, &err), &err);
    must(ca_journal_commit_note(it->journal, batch, CA_JOURNAL_COMMITTED, NOW, &err), &err);
    return 1;
}

static double bare_batch(void *context)
{
    static uint8_t octets[(ENTRIES + 1) * RECORD];
    auth_error err;
    files *it = context;
    octets[0]++;
    must(disk_write(it->bare, (auth_bytes){octets, sizeof octets}, "file", &err), &err);
    if (fdatasync(it->bare) != 0)
        harness_die("fdatasync failed");
    return 1;
}

static double verify(void *context)
{
    auth_error err;
    ca_journal_report report;
    files *it = context;
    must(ca_journal_verify(it->folder, &it->options, NULL, NULL, &report, &err), &err);
    return (double)report.records;
}

static double open_journal(void *context)
{
    auth_error err;
    ca_journal_report report;
    ca_journal *journal = NULL;
    files *it = context;
    must(ca_journal_open(it->folder, &it->options, &journal, &report, &err), &err);
    ca_journal_free(journal);
    return (double)report.records;
}

static double hash_records(void *context)
{
    static uint8_t room[RECORD * 4096];
    auth_error err;
    uint8_t chain[DISK_HASH_SIZE] = {0};
    files *it = context;
    size_t records = 0;
    size_t got = sizeof room;
    int file = open(it->segment, O_RDONLY | O_CLOEXEC);
    for (uint64_t at = 0; got == sizeof room; at += got) {
        must(disk_read(file, at, room, sizeof room, "file", &got, &err), &err);
        for (size_t i = 0; i + RECORD <= got; i += RECORD, records++)
            must(disk_hash_two(it->hash, (auth_bytes){chain, sizeof chain},
                               (auth_bytes){room + i, BODY}, chain, &err),
                 &err);
    }
    (void)close(file);
    return (double)records;
}

static void bench_batches(files *it, double seconds)
{
    bench_pair rates = bench_rates(journal_batch, bare_batch, it, seconds);
    bench_print(&(bench_result){.name = "journal-batch-500",
                                .value = rates.value,
                                .unit = "batches/s",
                                .against = "write and fdatasync of the same octets (ratio >= 0.8)",
                                .reference_value = rates.reference,
                                .bound = rates.reference * RATIO});
}

static void bench_verify(files *it, double seconds)
{
    while (it->next < RECORDS)
        (void)journal_batch(it);
    ca_journal_free(it->journal);
    bench_pair rates = bench_rates(verify, hash_records, it, seconds);
    bench_print(&(bench_result){.name = "journal-verify",
                                .value = rates.value,
                                .unit = "records/s",
                                .against = "read and SHA-256 of the same records",
                                .reference_value = rates.reference,
                                .bound = RECORDS_PER_SECOND});
    rates = bench_rates(open_journal, hash_records, it, seconds);
    bench_print(&(bench_result){.name = "journal-open",
                                .value = rates.value,
                                .unit = "records/s",
                                .against = "read and SHA-256 of the same records",
                                .reference_value = rates.reference,
                                .bound = RECORDS_PER_SECOND});
}

int main(int argc, char **argv)
{
    auth_error err;
    char path[300];
    double seconds = bench_seconds(argc, argv);
    files it = {.folder = bench_folder(),
                .options = {.now = NOW, .may_create = true, .segment_size = (uint64_t)1 << 40}};
    (void)snprintf(path, sizeof path, "%s/journal", it.folder);
    (void)snprintf(it.segment, sizeof it.segment, "%s/00000001.journal", path);
    if (mkdir(path, 0700) != 0)
        harness_die("%s cannot be made", path);
    char bare[300];
    (void)snprintf(bare, sizeof bare, "%s/bare", it.folder);
    it.bare = open(bare, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    it.folder = path;
    must(disk_hash_new(&it.hash, &err), &err);
    must(ca_journal_open(path, &it.options, &it.journal, NULL, &err), &err);
    bench_batches(&it, seconds / 3);
    bench_verify(&it, seconds / 3);
    disk_hash_free(it.hash);
    (void)close(it.bare);
    bench_folder_remove();
    return 0;
}
