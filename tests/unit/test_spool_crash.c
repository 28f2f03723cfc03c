/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every document that the spool accepted still there after its process was killed at any moment,
 * or after any call of its disk failed, and is none delivered twice that was done?
 */
#include "harness/crash.h"
#include "spool_kit.h"

#include <limits.h>

#define ROUNDS 220
/* Each opening lists all of it. */
#define ROUNDS_A_SPOOL 20
#define DOCUMENTS_MAX 65536
#define DELIVERED 0x80000000U

/* What was acknowledged of each document. */
typedef struct history {
    bool is_kept[DOCUMENTS_MAX];
    bool is_done[DOCUMENTS_MAX];
    uint32_t next; /* no document from here on was acknowledged */
    size_t count;
} history;

static history seen;
static kit_events events;

static void see(void *context, const void *octets)
{
    uint32_t ack = 0;
    (void)context;
    memcpy(&ack, octets, sizeof ack);
    uint32_t n = ack & ~DELIVERED;
    if (n >= DOCUMENTS_MAX)
        harness_die("more documents than the test has room for");
    if ((ack & DELIVERED) != 0)
        seen.is_done[n] = true;
    else
        seen.is_kept[n] = true;
    seen.next = n >= seen.next ? n + 1 : seen.next;
    seen.count++;
}

/* Puts documents from n on, and delivers every other one, for ever. */
static void write_documents(const char *folder, unsigned from, int acks, void *context)
{
    (void)context;
    auth_error err;
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    for (uint32_t n = from;; n++) {
        kit_id id = {{0}};
        auth_buf *document = NULL;
        kit_put(spool, n);
        crash_ack(acks, &n, sizeof n);
        if (n % 2 == 0)
            continue;
        assert_ok(lra_spool_next(spool, KIT_NOW, id.octets, &document, &err), &err);
        auth_buf_free(document);
        uint32_t ack = ((uint32_t)id.octets[2] << 24 | (uint32_t)id.octets[3] << 16 |
                        (uint32_t)id.octets[4] << 8 | id.octets[5]) |
                       DELIVERED;
        assert_ok(lra_spool_done(spool, id.octets, 1, &err), &err);
        crash_ack(acks, &ack, sizeof ack);
    }
}

/* Each document is where the acknowledgements say, or one step further: an ack may be lost. */
static void check_history(const char *folder)
{
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    for (uint32_t n = 0; n < seen.next; n++) {
        kit_id id = kit_id_of(n);
        lra_spool_state state = lra_spool_find(spool, id.octets);
        assert_each(!seen.is_kept[n] || state != LRA_SPOOL_NOWHERE, "document %u is lost", n);
        assert_each(!seen.is_done[n] || state == LRA_SPOOL_SENT, "document %u is sent again", n);
    }
    ck_assert_uint_eq(kit_files(folder, "tmp", NULL), 0);
    ck_assert_uint_eq(lra_spool_count(spool).bad, 0);
    lra_spool_free(spool);
}

START_TEST(a_killed_spool_loses_nothing_that_it_acknowledged)
{
    char folder[PATH_MAX];
    size_t count = 0;
    const char *parent = harness_folder();
    crash_writer writer = {write_documents, NULL, sizeof(uint32_t)};
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round % ROUNDS_A_SPOOL == 0) {
            (void)snprintf(folder, sizeof folder, "%s/%u", parent, round);
            ck_assert_int_eq(mkdir(folder, 0700), 0);
            count += seen.count;
            memset(&seen, 0, sizeof seen);
        }
        (void)crash_round(&writer, folder, seen.next, see);
        check_history(folder);
    }
    count += seen.count;
    ck_assert_uint_gt(count, ROUNDS);
    printf("# %zu acknowledgements, %zu leftovers\n", count, events.count[LRA_SPOOL_LEFTOVER]);
}
END_TEST

static void live_and_acknowledge(const char *folder, unsigned round, int acks, void *context)
{
    (void)round;
    (void)context;
    auth_error err;
    lra_spool *spool = NULL;
    lra_spool_options options = kit_options(&events);
    options.max_sent = 1;
    auth_status status = lra_spool_open(folder, &options, &spool, &err);
    for (uint32_t n = 0; n < 3 && status == AUTH_STATUS_OK; n++) {
        status = kit_try_put(spool, n, &err);
        if (status == AUTH_STATUS_OK)
            crash_ack(acks, &n, sizeof n);
    }
    if (status != AUTH_STATUS_OK)
        _exit(1);
}

START_TEST(a_spool_may_be_killed_at_each_call_of_the_disk)
{
    size_t n = 0;
    const char *parent = harness_folder();
    for (bool is_killed = true; is_killed; n++) {
        memset(&seen, 0, sizeof seen);
        crash_writer writer = {live_and_acknowledge, NULL, sizeof(uint32_t)};
        const char *folder = harness_path(parent, "spool");
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        is_killed = crash_at_call(&writer, folder, n, see);
        check_history(folder);
        harness_remove(folder);
    }
    ck_assert_uint_gt(n, 15);
}
END_TEST

static auth_status live(const char *folder, lra_spool **out, auth_error *err)
{
    lra_spool_options options = kit_options(&events);
    options.max_sent = 1;
    auth_status status = lra_spool_open(folder, &options, out, err);
    for (uint32_t n = 0; n < 4 && status == AUTH_STATUS_OK; n++) {
        status = kit_try_put(*out, n, err);
        seen.is_kept[n] = status == AUTH_STATUS_OK;
        seen.next = status == AUTH_STATUS_OK ? n + 1 : n;
    }
    kit_id ids[] = {kit_id_of(0), kit_id_of(1)};
    if (status == AUTH_STATUS_OK)
        status = lra_spool_done(*out, ids[0].octets, 2, err);
    seen.is_done[0] = seen.is_done[1] = status == AUTH_STATUS_OK;
    return status;
}

static const harness_disk_fault faults[] = {HARNESS_DISK_EIO, HARNESS_DISK_ENOSPC};

/* After a failed call that is no full disk nothing more is tried. */
static void check_dead(lra_spool *spool)
{
    auth_error err;
    kit_id id;
    auth_buf *document = NULL;
    harness_disk_begin();
    assert_fails(kit_try_put(spool, 77, &err), AUTH_STATUS_IO, &err);
    assert_fails(lra_spool_next(spool, KIT_NOW, id.octets, &document, &err), AUTH_STATUS_IO, &err);
    assert_fails(lra_spool_done(spool, kit_id_of(3).octets, 1, &err), AUTH_STATUS_IO, &err);
    ck_assert_str_eq(harness_disk_calls(), "");
}

START_TEST(each_call_of_the_disk_may_fail)
{
    size_t n = 0;
    const char *parent = harness_folder();
    for (bool is_met = true; is_met; n++) {
        auth_error err = {AUTH_STATUS_OK, ""};
        lra_spool *spool = NULL;
        memset(&seen, 0, sizeof seen);
        const char *folder = harness_path(parent, "spool");
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        harness_disk_fail(n, faults[_i]);
        auth_status status = live(folder, &spool, &err);
        is_met = harness_disk_heal();
        /* That an old document could not be forgotten is nobody's fault. */
        ck_assert_msg(status == AUTH_STATUS_OK || (is_met && status == AUTH_STATUS_IO),
                      "call %zu: %s: %s", n, auth_status_name(status), err.text);
        if (status != AUTH_STATUS_OK && spool != NULL && faults[_i] == HARNESS_DISK_EIO)
            check_dead(spool);
        lra_spool_free(spool);
        seen.is_done[0] = false; /* it may be forgotten */
        seen.is_kept[0] = seen.is_kept[0] && !seen.is_done[1];
        check_history(folder);
        harness_remove(folder);
    }
    ck_assert_uint_gt(n, 20);
}
END_TEST

START_TEST(nothing_is_acknowledged_before_its_sync)
{
    auth_error err;
    kit_id ids[] = {kit_id_of(2), kit_id_of(3), kit_id_of(4)};
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    harness_disk_begin();
    kit_put(spool, 1);
    harness_disk_mark('!');
    kit_put(spool, 1);
    harness_disk_mark('!');
    kit_done(spool, 1);
    harness_disk_mark('!');
    kit_done(spool, 1);
    harness_disk_mark('!');
    /* File, name, folder; nothing for what is kept already; name and both folders, once. */
    ck_assert_str_eq(harness_disk_calls(), "wsrs!!rss!!");
    for (uint32_t n = 2; n < 5; n++)
        kit_put(spool, n);
    harness_disk_begin();
    assert_ok(lra_spool_done(spool, ids[0].octets, 3, &err), &err);
    ck_assert_str_eq(harness_disk_calls(), "rrrss");
    lra_spool_free(spool);
    harness_disk_begin();
    spool = kit_open(folder, &options);
    ck_assert_str_eq(harness_disk_calls(), "ss");
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_full_disk_is_told_and_leaves_nothing)
{
    auth_error err;
    auth_status status = AUTH_STATUS_OK;
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    if (!crash_mount(folder, 64))
        return;
    lra_spool *spool = kit_open(folder, &options);
    uint32_t n = 0;
    while (n < 1000 && (status = kit_try_put(spool, n, &err)) == AUTH_STATUS_OK)
        n++;
    ck_assert_int_eq((int)status, AUTH_STATUS_IO);
    ck_assert_ptr_nonnull(strstr(err.text, "make room on its disk"));
    ck_assert_uint_eq(kit_files(folder, "tmp", NULL), 0);
    ck_assert_uint_eq(kit_files(folder, "new", NULL), n);
    crash_resize(folder, 1024);
    kit_put(spool, n);
    for (uint32_t i = 0; i <= n; i++) {
        kit_expect(spool, i);
        kit_done(spool, i);
    }
    lra_spool_free(spool);
    crash_unmount(folder);
}
END_TEST

SUITE("spool_crash", TEST(a_killed_spool_loses_nothing_that_it_acknowledged),
      TEST(a_spool_may_be_killed_at_each_call_of_the_disk),
      TEST_EACH(each_call_of_the_disk_may_fail, sizeof faults / sizeof faults[0]),
      TEST(nothing_is_acknowledged_before_its_sync), TEST(a_full_disk_is_told_and_leaves_nothing))
