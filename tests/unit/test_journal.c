/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the signing journal give back what was put into it, in order and with its outcomes, refuse a
 * serial number for a second certificate, and find a registry that knows less than it?
 */
#include "journal_kit.h"

#include <errno.h>
#include <pthread.h>

#define ROUNDS 100
#define ROUND_ENTRIES 3

START_TEST(a_journal_gives_back_its_records)
{
    auth_error err;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    uint64_t batch = kit_batch(journal, 0, 3);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t n = 0; n < 3; n++) {
            ca_journal_record record;
            ca_journal_entry expected = kit_certificate(n);
            assert_ok(ca_journal_read(journal, n + 2, &record, &err), &err);
            ck_assert_int_eq(record.type, CA_JOURNAL_ENTRY);
            ck_assert_uint_eq(record.sequence, n + 2);
            ck_assert_uint_eq(record.batch, batch);
            ck_assert_mem_eq(&record.entry, &expected, sizeof expected);
        }
        ca_journal_free(journal);
        journal = kit_open_plain(folder);
    }
    ca_journal_record record;
    assert_fails(ca_journal_read(journal, 5, &record, &err), AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(ca_journal_read(journal, 0, &record, &err), AUTH_STATUS_NOT_FOUND, &err);
    ca_journal_free(journal);
}
END_TEST

START_TEST(a_batch_waits_until_its_outcome_is_noted)
{
    size_t count = 0;
    auth_error err;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    uint64_t first = kit_batch(journal, 0, 2);
    uint64_t second = kit_batch(journal, 10, 2);
    uint64_t third = kit_batch(journal, 20, 2);
    kit_note(journal, first, CA_JOURNAL_COMMITTED);
    kit_note(journal, second, CA_JOURNAL_UNKNOWN);
    kit_note(journal, second, CA_JOURNAL_UNKNOWN);
    kit_sync(journal);
    ca_journal_free(journal);

    journal = kit_open_plain(folder);
    const ca_journal_batch *rows = ca_journal_batches(journal, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(rows[0].batch, second);
    ck_assert(rows[0].is_noted_unknown);
    ck_assert_uint_eq(rows[0].last, rows[0].first + 1);
    ck_assert_uint_eq(rows[1].batch, third);
    ck_assert(!rows[1].is_noted_unknown);
    kit_note(journal, second, CA_JOURNAL_ABORTED);
    kit_note(journal, third, CA_JOURNAL_COMMITTED);
    assert_fails(ca_journal_commit_note(journal, first, CA_JOURNAL_ABORTED, KIT_NOW, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(ca_journal_commit_note(journal, 99, CA_JOURNAL_ABORTED, KIT_NOW, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    kit_sync(journal);
    ca_journal_free(journal);
    journal = kit_open_plain(folder);
    (void)ca_journal_batches(journal, &count);
    ck_assert_uint_eq(count, 0);
    ca_journal_free(journal);
}
END_TEST

START_TEST(an_outcome_is_not_noted_before_the_sync)
{
    auth_error err;
    size_t count = 0;
    ca_journal *journal = kit_open_plain(harness_folder());
    ca_journal_entry entry = kit_certificate(1);
    assert_ok(ca_journal_append(journal, &entry, &err), &err);
    const ca_journal_batch *rows = ca_journal_batches(journal, &count);
    ck_assert_uint_eq(count, 1);
    assert_fails(ca_journal_commit_note(journal, rows[0].batch, CA_JOURNAL_COMMITTED, KIT_NOW,
                                        &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    kit_sync(journal);
    assert_fails(ca_journal_commit_note(journal, rows[0].batch, (ca_journal_outcome)4, KIT_NOW,
                                        &err),
                 AUTH_STATUS_INVALID, &err);
    ca_journal_free(journal);
}
END_TEST

START_TEST(a_serial_number_is_signed_for_one_certificate)
{
    auth_error err;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    ca_journal_entry first = kit_certificate(7);
    ca_journal_entry other = first;
    other.hash[31] = 1;
    assert_ok(ca_journal_append(journal, &first, &err), &err);
    assert_fails(ca_journal_append(journal, &other, &err), AUTH_STATUS_CONFLICT, &err);
    assert_ok(ca_journal_append(journal, &first, &err), &err);
    kit_sync(journal);
    assert_fails(ca_journal_append(journal, &other, &err), AUTH_STATUS_CONFLICT, &err);
    ca_journal_free(journal);
    journal = kit_open_plain(folder);
    assert_fails(ca_journal_append(journal, &other, &err), AUTH_STATUS_CONFLICT, &err);
    other.kind = CA_JOURNAL_KIND_OCSP_RESPONDER;
    assert_fails(ca_journal_append(journal, &other, &err), AUTH_STATUS_CONFLICT, &err);
    other.authority++;
    assert_ok(ca_journal_append(journal, &other, &err), &err);
    ca_journal_entry act = kit_revocation(7, 1);
    assert_ok(ca_journal_append(journal, &act, &err), &err);
    ca_journal_free(journal);
}
END_TEST

START_TEST(a_certificate_is_found_by_its_serial_number)
{
    auth_error err;
    ca_journal_record record;
    const char *folder = harness_folder();
    ca_journal_options options = kit_options();
    options.segment_size = 20000;
    ca_journal *journal = kit_open(folder, &options, NULL);
    for (uint32_t n = 0; n < 3000; n += 100)
        kit_note(journal, kit_batch(journal, n, 100), CA_JOURNAL_COMMITTED);
    ca_journal_entry pending = kit_certificate(5000);
    assert_ok(ca_journal_append(journal, &pending, &err), &err);
    for (uint32_t n = 0; n < 3000; n++) {
        ca_journal_entry entry = kit_certificate(n);
        auth_bytes serial = {entry.serial, entry.serial_len};
        auth_status status = ca_journal_find(journal, 2, serial, &record, &err);
        assert_each(status == AUTH_STATUS_OK && memcmp(&record.entry, &entry, sizeof entry) == 0,
                    "certificate %u was not found: %s", n, err.text);
    }
    auth_bytes serial = {pending.serial, pending.serial_len};
    assert_fails(ca_journal_find(journal, 2, serial, &record, &err), AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(ca_journal_find(journal, 3, serial, &record, &err), AUTH_STATUS_NOT_FOUND, &err);
    ca_journal_free(journal);
}
END_TEST

static const struct {
    const char *what;
    ca_journal_entry entry;
} incomplete[] = {
    {"no kind", {.serial_len = 1, .serial = {1}}},
    {"an unknown kind", {.kind = (ca_journal_kind)6, .hash = {1}, .number = 1}},
    {"a certificate without a serial",
     {.kind = CA_JOURNAL_KIND_CERTIFICATE, .request = {1}, .hash = {1}}},
    {"a certificate without a request",
     {.kind = CA_JOURNAL_KIND_CERTIFICATE, .serial_len = 1, .serial = {1}, .hash = {1}}},
    {"a certificate without a hash",
     {.kind = CA_JOURNAL_KIND_CERTIFICATE, .serial_len = 1, .serial = {1}, .request = {1}}},
    {"a certificate with a number",
     {.kind = CA_JOURNAL_KIND_CERTIFICATE,
      .serial_len = 1,
      .serial = {1},
      .request = {1},
      .hash = {1},
      .number = 1}},
    {"a serial of 21 octets",
     {.kind = CA_JOURNAL_KIND_OCSP_RESPONDER, .serial_len = 21, .serial = {1}, .hash = {1}}},
    {"octets behind the serial",
     {.kind = CA_JOURNAL_KIND_OCSP_RESPONDER, .serial_len = 1, .serial = {1, 1}, .hash = {1}}},
    {"a revocation without a revision",
     {.kind = CA_JOURNAL_KIND_REVOCATION, .serial_len = 1, .serial = {1}, .request = {1}}},
    {"a revocation with a hash",
     {.kind = CA_JOURNAL_KIND_REVOCATION,
      .serial_len = 1,
      .serial = {1},
      .request = {1},
      .number = 1,
      .hash = {1}}},
    {"a ledger head without its size", {.kind = CA_JOURNAL_KIND_LEDGER_HEAD, .hash = {1}}},
    {"a CRL with a serial",
     {.kind = CA_JOURNAL_KIND_CRL, .hash = {1}, .number = 1, .serial_len = 1, .serial = {1}}},
    {"a time after 9999",
     {.kind = CA_JOURNAL_KIND_CRL, .hash = {1}, .number = 1, .time = AUTH_TIME_MAX + 1}},
};

START_TEST(an_entry_has_what_its_kind_needs_and_no_more)
{
    auth_error err;
    ca_journal *journal = kit_open_plain(harness_folder());
    assert_fails(ca_journal_append(journal, &incomplete[_i].entry, &err), AUTH_STATUS_INVALID,
                 &err);
    uint64_t batch = 1;
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
    ck_assert_msg(batch == 0, "%s was journalled", incomplete[_i].what);
    ca_journal_free(journal);
}
END_TEST

/* I29: a registry restored from before 100 revocations. */
START_TEST(a_registry_behind_its_journal_is_refused)
{
    auth_error err;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    uint64_t batch = 0;
    for (uint32_t n = 1; n <= 100; n++) {
        ca_journal_entry act = kit_revocation(n, 1000 + n);
        assert_ok(ca_journal_append(journal, &act, &err), &err);
    }
    ca_journal_entry head = kit_ledger_head(5000);
    assert_ok(ca_journal_append(journal, &head, &err), &err);
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
    ca_journal_marks now = {1100, 5000};
    assert_fails(ca_journal_check_registry(journal, &now, &err), AUTH_STATUS_CONFLICT, &err);
    kit_note(journal, batch, CA_JOURNAL_COMMITTED);
    kit_sync(journal);
    ca_journal_free(journal);

    journal = kit_open_plain(folder);
    ck_assert_uint_eq(ca_journal_committed(journal).revision, 1100);
    assert_ok(ca_journal_check_registry(journal, &now, &err), &err);
    static const ca_journal_marks behind[] = {{1000, 5000}, {1099, 5000}, {1100, 4999}, {0, 0}};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++)
        assert_fails(ca_journal_check_registry(journal, &behind[i], &err), AUTH_STATUS_CONFLICT,
                     &err);
    ca_journal_free(journal);
}
END_TEST

START_TEST(an_aborted_revocation_asks_nothing_of_the_registry)
{
    auth_error err;
    uint64_t batch = 0;
    ca_journal *journal = kit_open_plain(harness_folder());
    ca_journal_entry act = kit_revocation(1, 77);
    assert_ok(ca_journal_append(journal, &act, &err), &err);
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
    size_t count = 0;
    ck_assert_uint_eq(ca_journal_batches(journal, &count)->marks.revision, 77);
    kit_note(journal, batch, CA_JOURNAL_ABORTED);
    ca_journal_marks none = {0, 0};
    assert_ok(ca_journal_check_registry(journal, &none, &err), &err);
    ca_journal_free(journal);
}
END_TEST

START_TEST(segments_follow_one_another)
{
    auth_error err;
    ca_journal_report report;
    const char *folder = harness_folder();
    ca_journal_options options = kit_options();
    options.segment_size = 1000;
    ca_journal *journal = kit_open(folder, &options, NULL);
    uint64_t open_batch = kit_batch(journal, 100000, 1);
    for (uint32_t n = 0; n < 200; n += 10)
        kit_note(journal, kit_batch(journal, n, 10), CA_JOURNAL_COMMITTED);
    kit_note(journal, open_batch, CA_JOURNAL_COMMITTED);
    kit_sync(journal);
    ca_journal_head head = ca_journal_synced_head(journal);
    ca_journal_free(journal);

    journal = kit_open(folder, &options, &report);
    ck_assert_uint_gt(report.segments, 10);
    ck_assert_uint_eq(report.records, head.sequence);
    ck_assert_mem_eq(&report.head, &head, sizeof head);
    for (uint64_t sequence = 1; sequence <= head.sequence; sequence++) {
        ca_journal_record record;
        assert_ok(ca_journal_read(journal, sequence, &record, &err), &err);
        ck_assert_uint_eq(record.sequence, sequence);
    }
    ca_journal_free(journal);
}
END_TEST

START_TEST(older_segments_may_be_kept_elsewhere)
{
    auth_error err;
    ca_journal *journal = NULL;
    ca_journal_report report;
    ca_journal_record record;
    const char *folder = harness_folder();
    ca_journal_options options = kit_options();
    options.segment_size = 1;
    journal = kit_open(folder, &options, NULL);
    ca_journal_entry act = kit_revocation(1, 42);
    assert_ok(ca_journal_append(journal, &act, &err), &err);
    uint64_t batch = 0;
    assert_ok(ca_journal_sync(journal, &batch, &err), &err);
    kit_note(journal, batch, CA_JOURNAL_COMMITTED); /* begins segment 2 */
    kit_sync(journal);
    uint64_t open_batch = kit_batch(journal, 0, 5);      /* 3 */
    kit_note(journal, open_batch, CA_JOURNAL_COMMITTED); /* 4 */
    kit_sync(journal);
    kit_note(journal, kit_batch(journal, 10, 5), CA_JOURNAL_COMMITTED); /* 5, 6 */
    ca_journal_free(journal);

    ck_assert_int_eq(unlink(harness_path(folder, FIRST_SEGMENT)), 0);
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_INVALID,
                 &err);
    options.first_segment = 2;
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_INVALID,
                 &err);
    ck_assert_ptr_nonnull(strstr(err.text, "wait for their outcome"));
    options.first_segment = 3;
    journal = kit_open(folder, &options, &report);
    ck_assert_uint_eq(report.committed.revision, 42);
    assert_fails(ca_journal_read(journal, 2, &record, &err), AUTH_STATUS_NOT_FOUND, &err);
    ca_journal_entry known = kit_certificate(12);
    auth_bytes serial = {known.serial, known.serial_len};
    assert_ok(ca_journal_find(journal, 2, serial, &record, &err), &err);
    ca_journal_free(journal);
    options.first_segment = 9;
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_INVALID,
                 &err);
}
END_TEST

START_TEST(a_new_journal_is_made_only_when_asked_for)
{
    auth_error err;
    ca_journal *journal = NULL;
    ca_journal_options options = kit_options();
    options.may_create = false;
    assert_fails(ca_journal_open(harness_folder(), &options, &journal, NULL, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(ca_journal_open("/nonexistent/journal", &options, &journal, NULL, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_ptr_null(journal);
}
END_TEST

START_TEST(a_journal_has_one_writer)
{
    auth_error err;
    const char *folder = harness_folder();
    ca_journal_options options = kit_options();
    ca_journal_report report;
    ca_journal *first = kit_open_plain(folder);
    ca_journal *second = NULL;
    assert_fails(ca_journal_open(folder, &options, &second, NULL, &err), AUTH_STATUS_CONFLICT,
                 &err);
    kit_batch(first, 0, 1);
    assert_ok(ca_journal_verify(folder, &options, NULL, NULL, &report, &err), &err);
    ck_assert_uint_eq(report.records, 2);
    ca_journal_free(first);
    options.id[15] = 1;
    assert_fails(ca_journal_open(folder, &options, &second, NULL, &err), AUTH_STATUS_CONFLICT,
                 &err);
}
END_TEST

START_TEST(a_journal_is_its_owners_only)
{
    auth_error err;
    ca_journal *journal = NULL;
    const char *folder = harness_folder();
    ca_journal_options options = kit_options();
    ca_journal_free(kit_open_plain(folder));
    const char *segment = harness_path(folder, FIRST_SEGMENT);
    const char *other = harness_path(folder, "other");
    static const mode_t modes[] = {0750, 0701, 0704};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        ck_assert_int_eq(chmod(folder, modes[i]), 0);
        assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_DENIED,
                     &err);
    }
    ck_assert_int_eq(chmod(folder, 0700), 0);
    ck_assert_int_eq(chmod(segment, 0640), 0);
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(chmod(segment, 0600), 0);
    ck_assert_int_eq(link(segment, other), 0);
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(unlink(segment), 0);
    ck_assert_int_eq(symlink(other, segment), 0);
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(unlink(segment), 0);
    ck_assert_int_eq(mkfifo(segment, 0600), 0);
    assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(unlink(segment), 0);
    ck_assert_int_eq(symlink(folder, segment), 0);
    assert_fails(ca_journal_open(segment, &options, &journal, NULL, &err), AUTH_STATUS_DENIED,
                 &err);
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(folder, 65534, 65534), 0);
        assert_fails(ca_journal_open(folder, &options, &journal, NULL, &err), AUTH_STATUS_DENIED,
                     &err);
    }
}
END_TEST

START_TEST(a_batch_has_a_bound)
{
    auth_error err;
    ca_journal *journal = kit_open_plain(harness_folder());
    ca_journal_entry entry = kit_certificate(1);
    for (int n = 0; n < CA_JOURNAL_BATCH_MAX; n++) {
        auth_status status = ca_journal_append(journal, &entry, &err);
        assert_each(status == AUTH_STATUS_OK, "entry %d: %s", n, err.text);
    }
    assert_fails(ca_journal_append(journal, &entry, &err), AUTH_STATUS_LIMIT, &err);
    kit_sync(journal);
    assert_ok(ca_journal_append(journal, &entry, &err), &err);
    ca_journal_free(journal);
}
END_TEST

START_TEST(so_many_batches_may_wait_and_no_more)
{
    auth_error err;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    uint64_t batch = 0;
    for (uint32_t n = 0; n < CA_JOURNAL_OPEN_MAX; n++)
        batch = kit_batch(journal, n, 2);
    ca_journal_entry entry = kit_certificate(1);
    assert_fails(ca_journal_append(journal, &entry, &err), AUTH_STATUS_LIMIT, &err);
    ca_journal_free(journal);
    journal = kit_open_plain(folder);
    kit_note(journal, batch, CA_JOURNAL_COMMITTED);
    assert_ok(ca_journal_append(journal, &entry, &err), &err);
    ca_journal_free(journal);
}
END_TEST

/* Written down by the layout in ca/journal_record.h with another implementation of SHA-256. */
START_TEST(the_format_is_the_one_that_is_documented)
{
    uint8_t expected[CA_JOURNAL_HASH_SIZE];
    ca_journal *journal = kit_open_plain(harness_folder());
    kit_note(journal, kit_batch(journal, 5, 1), CA_JOURNAL_COMMITTED);
    kit_sync(journal);
    ca_journal_head head = ca_journal_synced_head(journal);
    (void)harness_hex("6ef93ace9b494d2f9cad2cd257fe6dae9ac563cd896ae5b4334f900a269c746a", expected,
                      sizeof expected);
    ck_assert_mem_eq(head.hash, expected, sizeof expected);
    ca_journal_free(journal);
}
END_TEST

START_TEST(kinds_have_names)
{
    ck_assert_str_eq(ca_journal_kind_name(CA_JOURNAL_KIND_CERTIFICATE), "certificate");
    ck_assert_str_eq(ca_journal_kind_name(CA_JOURNAL_KIND_REVOCATION), "revocation");
    ck_assert_ptr_null(ca_journal_kind_name((ca_journal_kind)0));
}
END_TEST

static auth_status stop_at_third(void *context, const ca_journal_record *record, auth_error *err)
{
    (*(size_t *)context)++;
    if (record->sequence < 3)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_EXPIRED, "the visitor has seen enough");
}

START_TEST(a_visitor_sees_each_record_and_may_stop)
{
    auth_error err;
    size_t seen = 0;
    ca_journal_report report;
    ca_journal_options options = kit_options();
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    kit_batch(journal, 0, 9);
    ca_journal_free(journal);
    assert_fails(ca_journal_verify(folder, &options, stop_at_third, &seen, &report, &err),
                 AUTH_STATUS_EXPIRED, &err);
    ck_assert_uint_eq(seen, 3);
}
END_TEST

static auth_status use_once(void *context)
{
    const char *folder = context;
    ca_journal *journal = NULL;
    uint64_t batch = 0;
    auth_error err;
    ca_journal_options options = kit_options();
    ca_journal_report report;
    ca_journal_entry entry = kit_certificate(1);
    options.segment_size = 1;
    auth_status status = ca_journal_open(folder, &options, &journal, NULL, &err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_append(journal, &entry, &err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_sync(journal, &batch, &err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_commit_note(journal, batch, CA_JOURNAL_COMMITTED, KIT_NOW, &err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_sync(journal, &batch, &err);
    ca_journal_free(journal);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_verify(folder, &options, NULL, NULL, &report, &err);
    return status;
}

/* One of two threads with certificates of its own. */
typedef struct turn_taker {
    ca_journal *journal;
    uint32_t first;
    auth_status status;
    auth_error err;
} turn_taker;

static void *take_turns(void *context)
{
    turn_taker *of = context;
    for (uint32_t i = 0; of->status == AUTH_STATUS_OK && i < ROUNDS; i++) {
        uint64_t batch = 0;
        ca_journal_take(of->journal);
        for (uint32_t k = 0; of->status == AUTH_STATUS_OK && k < ROUND_ENTRIES; k++) {
            ca_journal_entry entry = kit_certificate(of->first + ROUND_ENTRIES * i + k);
            of->status = ca_journal_append(of->journal, &entry, &of->err);
        }
        if (of->status == AUTH_STATUS_OK)
            of->status = ca_journal_sync(of->journal, &batch, &of->err);
        ca_journal_give(of->journal);
        if (of->status == AUTH_STATUS_OK)
            of->status =
                ca_journal_commit_note(of->journal, batch, CA_JOURNAL_COMMITTED, KIT_NOW, &of->err);
    }
    return NULL;
}

static uint32_t number_of(const ca_journal_entry *entry)
{
    uint32_t n = 0;
    ca_journal_entry found = kit_certificate(n);
    while (n < 2 * ROUNDS * ROUND_ENTRIES && memcmp(&found, entry, sizeof found) != 0)
        found = kit_certificate(++n);
    return n;
}

/* Each batch is three neighbours of one thread, whoever notes or syncs meanwhile. */
static auth_status is_whole(void *context, const ca_journal_record *record, auth_error *err)
{
    ca_journal_record *last = context;
    (void)err;
    if (record->type != CA_JOURNAL_ENTRY)
        return AUTH_STATUS_OK;
    uint32_t number = number_of(&record->entry);
    if (last->batch == record->batch)
        ck_assert_uint_eq(number, number_of(&last->entry) + 1);
    else
        ck_assert_uint_eq(number % ROUND_ENTRIES, 0);
    *last = *record;
    return AUTH_STATUS_OK;
}

START_TEST(threads_write_whole_batches_in_turns)
{
    auth_error err;
    pthread_t thread;
    size_t open = 1;
    ca_journal_record last = {.batch = 0};
    ca_journal_report report;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    turn_taker takers[2] = {{.journal = journal},
                            {.journal = journal, .first = ROUNDS * ROUND_ENTRIES}};
    ck_assert_int_eq(pthread_create(&thread, NULL, take_turns, &takers[1]), 0);
    (void)take_turns(&takers[0]);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < 2; i++)
        assert_ok(takers[i].status, &takers[i].err);
    (void)ca_journal_batches(journal, &open);
    ck_assert_uint_eq(open, 0);
    kit_sync(journal);
    ca_journal_free(journal);
    ca_journal_options options = kit_options();
    assert_ok(ca_journal_verify(folder, &options, is_whole, &last, &report, &err), &err);
    ck_assert_uint_eq(report.records, 1 + 2 * ROUNDS * (ROUND_ENTRIES + 1));
}
END_TEST

START_TEST(each_allocation_may_fail)
{
    const char *folder = harness_folder();
    ck_assert_uint_gt(harness_for_each_failure(use_once, (void *)(uintptr_t)folder), 5);
}
END_TEST

SUITE("journal", TEST(a_journal_gives_back_its_records),
      TEST(a_batch_waits_until_its_outcome_is_noted), TEST(an_outcome_is_not_noted_before_the_sync),
      TEST(a_serial_number_is_signed_for_one_certificate),
      TEST(a_certificate_is_found_by_its_serial_number),
      TEST_EACH(an_entry_has_what_its_kind_needs_and_no_more,
                sizeof incomplete / sizeof incomplete[0]),
      TEST(a_registry_behind_its_journal_is_refused),
      TEST(an_aborted_revocation_asks_nothing_of_the_registry), TEST(segments_follow_one_another),
      TEST(older_segments_may_be_kept_elsewhere), TEST(a_new_journal_is_made_only_when_asked_for),
      TEST(a_journal_has_one_writer), TEST(a_journal_is_its_owners_only), TEST(a_batch_has_a_bound),
      TEST(so_many_batches_may_wait_and_no_more), TEST(the_format_is_the_one_that_is_documented),
      TEST(kinds_have_names), TEST(a_visitor_sees_each_record_and_may_stop),
      TEST(threads_write_whole_batches_in_turns), TEST(each_allocation_may_fail))
