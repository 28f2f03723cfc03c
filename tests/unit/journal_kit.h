/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the signing journal share. */
#ifndef JOURNAL_KIT_H
#define JOURNAL_KIT_H

#include "ca/journal.h"
#include "ca/journal_record.h"
#include "harness/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIT_NOW ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */
#define FIRST_SEGMENT "00000001.journal"

static inline ca_journal_options kit_options(void)
{
    return (ca_journal_options){.now = KIT_NOW, .id = {0xca, 1}, .may_create = true};
}

/* A certificate whose serial number and hash follow from n. */
static inline ca_journal_entry kit_certificate(uint32_t n)
{
    ca_journal_entry entry = {.kind = CA_JOURNAL_KIND_CERTIFICATE,
                              .time = KIT_NOW + (auth_time)n,
                              .authority = 2,
                              .item = (uint16_t)(n % 1000),
                              .request = {0x01, 0x9b},
                              .serial_len = 18,
                              .serial = {0x11, 0x22},
                              .hash = {0xaa}};
    memcpy(entry.request + 8, &n, sizeof n);
    memcpy(entry.serial + 4, &n, sizeof n);
    memcpy(entry.hash + 4, &n, sizeof n);
    return entry;
}

static inline ca_journal_entry kit_revocation(uint32_t n, uint64_t revision)
{
    ca_journal_entry entry = kit_certificate(n);
    entry.kind = CA_JOURNAL_KIND_REVOCATION;
    entry.number = revision;
    memset(entry.hash, 0, sizeof entry.hash);
    return entry;
}

static inline ca_journal_entry kit_ledger_head(uint64_t tree_size)
{
    return (ca_journal_entry){.kind = CA_JOURNAL_KIND_LEDGER_HEAD,
                              .time = KIT_NOW,
                              .authority = 1,
                              .number = tree_size,
                              .hash = {0xbb}};
}

static inline ca_journal *kit_open(const char *folder, const ca_journal_options *options,
                                   ca_journal_report *report)
{
    auth_error err;
    ca_journal *journal = NULL;
    assert_ok(ca_journal_open(folder, options, &journal, report, &err), &err);
    return journal;
}

static inline ca_journal *kit_open_plain(const char *folder)
{
    ca_journal_options options = kit_options();
    return kit_open(folder, &options, NULL);
}

/* Appends certificates from n on, as one batch. */
static inline uint64_t kit_batch(ca_journal *journal, uint32_t from, uint32_t count)
{
    auth_error err;
    uint64_t batch = 0;
    for (uint32_t n = from; n < from + count; n++) {
        ca_journal_entry entry = kit_certificate(n);
        assert_ok(ca_journal_append(journal, &entry, &err), &err);
    }
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
    return batch;
}

static inline void kit_note(ca_journal *journal, uint64_t batch, ca_journal_outcome outcome)
{
    auth_error err;
    assert_ok(ca_journal_commit_note(journal, batch, outcome, KIT_NOW, &err), &err);
}

static inline void kit_sync(ca_journal *journal)
{
    auth_error err;
    uint64_t batch = 0;
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
}

/* Replaces a file by octets. */
static inline void kit_write(const char *path, const void *octets, size_t len)
{
    FILE *file = fopen(path, "we");
    if (file == NULL || fwrite(octets, 1, len, file) != len || fclose(file) != 0 ||
        chmod(path, 0600) != 0)
        harness_die("%s cannot be written", path);
}

#endif
