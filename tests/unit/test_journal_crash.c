/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what the journal accepted still there after its process was killed at any moment, or after any
 * call of its disk failed, and is nothing written after a failure?
 */
#include "harness/crash.h"
#include "journal_kit.h"

#include <stdlib.h>

#define ROUNDS 220
/* Each opening reads all of it. */
#define ROUNDS_A_JOURNAL 20

typedef struct history {
    ca_journal_head last; /* acknowledged */
    size_t count;
} history;

static void see(void *context, const void *octets)
{
    history *it = context;
    memcpy(&it->last, octets, sizeof it->last);
    it->count++;
}

static ca_journal_options small_segments(void)
{
    ca_journal_options options = kit_options();
    options.segment_size = 20000;
    return options;
}

/* Syncs and acknowledges batches of 1 to 60 entries and notes them, for ever. */
static void write_batches(const char *folder, unsigned round, int acks, void *context)
{
    (void)context;
    ca_journal_options options = small_segments();
    ca_journal *journal = kit_open(folder, &options, NULL);
    for (uint32_t n = 0;; n++) {
        uint64_t batch = kit_batch(journal, round << 20 | n << 8, 1 + (round + n * 7) % 60);
        ca_journal_head head = ca_journal_synced_head(journal);
        crash_ack(acks, &head, sizeof head);
        kit_note(journal, batch, n % 3 == 0 ? CA_JOURNAL_ABORTED : CA_JOURNAL_COMMITTED);
    }
}

static const char *make_folder(const char *parent, unsigned round)
{
    char name[16];
    (void)snprintf(name, sizeof name, "%u", round);
    const char *folder = harness_path(parent, name);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    return folder;
}

START_TEST(a_killed_writer_loses_nothing_that_it_acknowledged)
{
    size_t count = 0;
    size_t torn = 0;
    history seen = {0};
    ca_journal_report report;
    const char *parent = harness_folder();
    const char *folder = parent;
    ca_journal_options options = small_segments();
    crash_writer writer = {write_batches, &seen, sizeof(ca_journal_head)};
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round % ROUNDS_A_JOURNAL == 0) {
            folder = make_folder(parent, round);
            seen.last = (ca_journal_head){0};
        }
        (void)crash_round(&writer, folder, round, see);
        options.remembered = seen.last;
        ca_journal *journal = kit_open(folder, &options, &report);
        const ca_journal_batch *rows = ca_journal_batches(journal, &count);
        /* At most the batch that was being written and the one whose note was not. */
        ck_assert_uint_le(count, 2);
        torn += report.torn_octets > 0 ? 1 : 0;
        while (count-- > 0)
            kit_note(journal, rows[count].batch, CA_JOURNAL_ABORTED);
        kit_sync(journal);
        seen.last = ca_journal_synced_head(journal);
        ca_journal_free(journal);
    }
    ck_assert_uint_gt(seen.count, ROUNDS);
    printf("# %zu batches acknowledged, %zu torn ends\n", seen.count, torn);
}
END_TEST

/* One life of a journal: some batches, some notes, some segments. Stops at the first failure. */
static auth_status live(const char *folder, ca_journal_head *acknowledged, auth_error *err,
                        ca_journal **out)
{
    uint64_t batch = 0;
    ca_journal_options options = kit_options();
    options.segment_size = 600;
    auth_status status = ca_journal_open(folder, &options, out, NULL, err);
    for (uint32_t n = 0; n < 6 && status == AUTH_STATUS_OK; n++) {
        for (uint32_t i = 0; i < 2 && status == AUTH_STATUS_OK; i++) {
            ca_journal_entry entry = kit_certificate(100 * n + i);
            status = ca_journal_append(*out, &entry, err);
        }
        if (status == AUTH_STATUS_OK)
            status = ca_journal_sync(*out, &batch, err);
        if (status == AUTH_STATUS_OK) {
            *acknowledged = ca_journal_synced_head(*out);
            status = ca_journal_commit_note(*out, batch, CA_JOURNAL_COMMITTED, KIT_NOW, err);
        }
    }
    return status;
}

/* After a failure: no call of the disk any more, and a journal that opens with all that counts. */
static void check_after_failure(const char *folder, ca_journal *journal,
                                const ca_journal_head *acknowledged)
{
    auth_error err;
    uint64_t batch = 0;
    ca_journal_options options = kit_options();
    if (journal != NULL) {
        ca_journal_entry entry = kit_certificate(9999);
        harness_disk_begin();
        assert_fails(ca_journal_append(journal, &entry, &err), AUTH_STATUS_IO, &err);
        assert_fails(ca_journal_sync(journal, &batch, &err), AUTH_STATUS_IO, &err);
        ck_assert_str_eq(harness_disk_calls(), "");
        ca_journal_free(journal);
    }
    options.remembered = *acknowledged;
    ca_journal_free(kit_open(folder, &options, NULL));
}

static const harness_disk_fault faults[] = {HARNESS_DISK_EIO, HARNESS_DISK_ENOSPC};

START_TEST(each_call_of_the_disk_may_fail)
{
    size_t n = 0;
    const char *parent = harness_folder();
    for (bool is_met = true; is_met; n++) {
        auth_error err = {AUTH_STATUS_OK, ""};
        ca_journal *journal = NULL;
        ca_journal_head acknowledged = {0};
        const char *folder = harness_path(parent, "journal");
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        harness_disk_fail(n, faults[_i]);
        auth_status status = live(folder, &acknowledged, &err, &journal);
        is_met = harness_disk_heal();
        ck_assert_msg(status == (is_met ? AUTH_STATUS_IO : AUTH_STATUS_OK), "call %zu: %s: %s", n,
                      auth_status_name(status), err.text);
        if (is_met)
            check_after_failure(folder, journal, &acknowledged);
        else
            ca_journal_free(journal);
        harness_remove(folder);
    }
    ck_assert_uint_gt(n, 20);
}
END_TEST

static void live_and_acknowledge(const char *folder, unsigned round, int acks, void *context)
{
    (void)round;
    (void)context;
    auth_error err;
    uint64_t batch = 0;
    ca_journal_options options = kit_options();
    options.segment_size = 600;
    ca_journal *journal = NULL;
    if (ca_journal_open(folder, &options, &journal, NULL, &err) != AUTH_STATUS_OK)
        _exit(1);
    for (uint32_t n = 0; n < 6; n++) {
        ca_journal_entry entry = kit_certificate(n);
        if (ca_journal_append(journal, &entry, &err) != AUTH_STATUS_OK ||
            ca_journal_sync(journal, &batch, &err) != AUTH_STATUS_OK)
            _exit(1);
        ca_journal_head head = ca_journal_synced_head(journal);
        crash_ack(acks, &head, sizeof head);
        if (ca_journal_commit_note(journal, batch, CA_JOURNAL_COMMITTED, KIT_NOW, &err) !=
            AUTH_STATUS_OK)
            _exit(1);
    }
}

START_TEST(a_writer_may_be_killed_at_each_call_of_the_disk)
{
    size_t n = 0;
    const char *parent = harness_folder();
    for (bool is_killed = true; is_killed; n++) {
        history seen = {0};
        ca_journal_options options = kit_options();
        crash_writer writer = {live_and_acknowledge, &seen, sizeof(ca_journal_head)};
        const char *folder = harness_path(parent, "journal");
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        is_killed = crash_at_call(&writer, folder, n, see);
        options.remembered = seen.last;
        ca_journal_free(kit_open(folder, &options, NULL));
        harness_remove(folder);
    }
    ck_assert_uint_gt(n, 20);
}
END_TEST

START_TEST(nothing_is_acknowledged_before_its_sync)
{
    auth_error err;
    uint64_t batch = 0;
    ca_journal_options options = kit_options();
    options.segment_size = 1;
    ca_journal *journal = kit_open(harness_folder(), &options, NULL);
    harness_disk_begin();
    kit_batch(journal, 0, 500);
    harness_disk_mark('!');
    kit_batch(journal, 1000, 2);
    harness_disk_mark('!');
    /* The second batch begins a segment: its head, its name and its folder come first. */
    ck_assert_str_eq(harness_disk_calls(), "wd!wsrswd!");
    harness_disk_begin();
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
    ck_assert_uint_eq(batch, 0);
    ck_assert_str_eq(harness_disk_calls(), "");
    ca_journal_free(journal);
}
END_TEST

START_TEST(what_a_killed_process_wrote_is_synced_before_it_is_believed)
{
    const char *folder = harness_folder();
    ca_journal_free(kit_open_plain(folder));
    harness_disk_begin();
    ca_journal_free(kit_open_plain(folder));
    /* A segment that was never begun is removed; then the folder and the last segment. */
    ck_assert_str_eq(harness_disk_calls(), "usd");
}
END_TEST

START_TEST(a_failed_sync_is_not_tried_again)
{
    auth_error err;
    uint64_t batch = 0;
    ca_journal *journal = kit_open_plain(harness_folder());
    ca_journal_entry entry = kit_certificate(1);
    assert_ok(ca_journal_append(journal, &entry, &err), &err);
    harness_disk_begin();
    harness_disk_fail(1, HARNESS_DISK_EIO);
    assert_fails(ca_journal_sync(journal, &batch, &err), AUTH_STATUS_IO, &err);
    assert_fails(ca_journal_sync(journal, &batch, &err), AUTH_STATUS_IO, &err);
    ca_journal_free(journal);
    ck_assert_str_eq(harness_disk_calls(), "wD");
}
END_TEST

START_TEST(a_full_disk_stops_the_journal_and_costs_nothing)
{
    auth_error err;
    uint64_t batch = 0;
    ca_journal_report report;
    auth_status status = AUTH_STATUS_OK;
    ca_journal_options options = kit_options();
    const char *folder = harness_folder();
    if (!crash_mount(folder, 64))
        return;
    ca_journal *journal = kit_open_plain(folder);
    for (uint32_t n = 0; n < 1000 && status == AUTH_STATUS_OK; n++) {
        options.remembered = ca_journal_synced_head(journal);
        ca_journal_entry entry = kit_certificate(n);
        assert_ok(ca_journal_append(journal, &entry, &err), &err);
        status = ca_journal_sync(journal, &batch, &err);
        if (status == AUTH_STATUS_OK)
            kit_note(journal, batch, CA_JOURNAL_COMMITTED);
    }
    ck_assert_int_eq((int)status, AUTH_STATUS_IO);
    ck_assert_ptr_nonnull(strstr(err.text, "make room on its disk"));
    ca_journal_free(journal);
    crash_resize(folder, 1024);
    journal = kit_open(folder, &options, &report);
    kit_batch(journal, 5000, 500);
    ca_journal_free(journal);
    crash_unmount(folder);
}
END_TEST

SUITE("journal_crash", TEST(a_killed_writer_loses_nothing_that_it_acknowledged),
      TEST_EACH(each_call_of_the_disk_may_fail, sizeof faults / sizeof faults[0]),
      TEST(a_writer_may_be_killed_at_each_call_of_the_disk),
      TEST(nothing_is_acknowledged_before_its_sync),
      TEST(what_a_killed_process_wrote_is_synced_before_it_is_believed),
      TEST(a_failed_sync_is_not_tried_again), TEST(a_full_disk_stops_the_journal_and_costs_nothing))
