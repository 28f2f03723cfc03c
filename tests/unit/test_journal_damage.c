/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every change of a journal found, and told from what a crash leaves at its end?
 */
#include "journal_kit.h"

#include <stdlib.h>

typedef struct image {
    char path[256];
    char *octets;
    size_t len;
} image;

static image load(const char *folder, const char *name)
{
    image it;
    (void)snprintf(it.path, sizeof it.path, "%s", harness_path(folder, name));
    it.octets = harness_read_file(it.path, &it.len);
    return it;
}

static void store(const image *it, size_t len) { kit_write(it->path, it->octets, len); }

/* Three batches of which the first two are committed; the third is not noted. */
static const char *make_journal(void)
{
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    for (uint32_t n = 0; n < 8; n += 4)
        kit_note(journal, kit_batch(journal, n, 4), CA_JOURNAL_COMMITTED);
    kit_batch(journal, 8, 3);
    ca_journal_free(journal);
    return folder;
}

static auth_status open_status(const char *folder, const ca_journal_options *options,
                               ca_journal_report *report, auth_error *err)
{
    ca_journal *journal = NULL;
    auth_status status = ca_journal_open(folder, options, &journal, report, err);
    ca_journal_free(journal);
    return status;
}

START_TEST(each_flipped_bit_is_found)
{
    auth_error err;
    ca_journal_report report;
    ca_journal_options options = kit_options();
    const char *folder = make_journal();
    image it = load(folder, FIRST_SEGMENT);
    ck_assert_uint_eq(it.len % JOURNAL_RECORD_SIZE, 0);
    for (size_t at = 0; at < it.len; at++) {
        for (int bit = at % 16 == 0 ? 0 : (int)(at % 8); bit < 8; bit += at % 16 == 0 ? 1 : 8) {
            it.octets[at] = (char)(it.octets[at] ^ (1 << bit));
            store(&it, it.len);
            auth_status status = open_status(folder, &options, &report, &err);
            assert_each(status == AUTH_STATUS_INVALID || status == AUTH_STATUS_CONFLICT,
                        "octet %zu, bit %d: %s", at, bit, auth_status_name(status));
            it.octets[at] = (char)(it.octets[at] ^ (1 << bit));
        }
    }
    store(&it, it.len);
    assert_ok(open_status(folder, &options, &report, &err), &err);
    ck_assert_uint_eq(report.torn_octets, 0);
    free(it.octets);
}
END_TEST

START_TEST(an_error_names_segment_octet_and_remedy)
{
    auth_error err;
    ca_journal_options options = kit_options();
    const char *folder = make_journal();
    image it = load(folder, FIRST_SEGMENT);
    it.octets[2 * JOURNAL_RECORD_SIZE + 100] ^= 1;
    store(&it, it.len);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "journal segment 1: octet 288: "));
    ck_assert_ptr_nonnull(strstr(err.text, "put an intact copy in its place"));
    free(it.octets);
}
END_TEST

START_TEST(a_file_cut_anywhere_is_torn_or_shorter)
{
    auth_error err;
    ca_journal_report report;
    ca_journal_options options = kit_options();
    const char *folder = make_journal();
    image it = load(folder, FIRST_SEGMENT);
    for (size_t len = 0; len < it.len; len++) {
        store(&it, len);
        auth_status status = open_status(folder, &options, &report, &err);
        if (len < JOURNAL_RECORD_SIZE) {
            assert_each(status == AUTH_STATUS_INVALID, "cut to %zu: %s", len, err.text);
            continue;
        }
        assert_each(status == AUTH_STATUS_OK && report.torn_octets == len % JOURNAL_RECORD_SIZE &&
                        report.records == len / JOURNAL_RECORD_SIZE,
                    "cut to %zu: %s", len, err.text);
        assert_each(open_status(folder, &options, &report, &err) == AUTH_STATUS_OK &&
                        report.torn_octets == 0,
                    "cut to %zu: the torn end is still there", len);
    }
    free(it.octets);
}
END_TEST

START_TEST(a_shorter_or_other_file_is_found_by_a_remembered_head)
{
    auth_error err;
    ca_journal_options options = kit_options();
    const char *folder = make_journal();
    ca_journal *journal = kit_open(folder, &options, NULL);
    options.remembered = ca_journal_synced_head(journal);
    ca_journal_free(journal);
    image it = load(folder, FIRST_SEGMENT);
    assert_ok(open_status(folder, &options, NULL, &err), &err);
    store(&it, it.len - JOURNAL_RECORD_SIZE);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_CONFLICT, &err);
    store(&it, it.len - 1);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_CONFLICT, &err);
    image again = load(folder, FIRST_SEGMENT);
    ck_assert_uint_eq(again.len, it.len - 1); /* a refused journal is not cut */
    store(&it, it.len);
    options.remembered.hash[0] ^= 1;
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_CONFLICT, &err);
    free(again.octets);
    free(it.octets);
}
END_TEST

static void swap_records(image *it, size_t a, size_t b)
{
    char room[JOURNAL_RECORD_SIZE];
    char *left = it->octets + a * JOURNAL_RECORD_SIZE;
    char *right = it->octets + b * JOURNAL_RECORD_SIZE;
    memcpy(room, left, sizeof room);
    memcpy(left, right, sizeof room);
    memcpy(right, room, sizeof room);
}

START_TEST(a_swapped_missing_or_doubled_record_is_found)
{
    auth_error err;
    ca_journal_options options = kit_options();
    const char *folder = make_journal();
    image it = load(folder, FIRST_SEGMENT);
    size_t count = it.len / JOURNAL_RECORD_SIZE;
    for (size_t at = 0; at + 1 < count; at++) {
        swap_records(&it, at, at + 1);
        store(&it, it.len);
        assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
        swap_records(&it, at, at + 1);
    }
    char *room = malloc(it.len + JOURNAL_RECORD_SIZE);
    ck_assert_ptr_nonnull(room);
    for (size_t at = 0; at + 1 < count; at++) {
        size_t before = at * JOURNAL_RECORD_SIZE;
        size_t behind = before + JOURNAL_RECORD_SIZE;
        memcpy(room, it.octets, before);
        memcpy(room + before, it.octets + behind, it.len - behind);
        kit_write(it.path, room, it.len - JOURNAL_RECORD_SIZE);
        assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
        memcpy(room, it.octets, behind);
        memcpy(room + behind, it.octets + before, it.len - before);
        kit_write(it.path, room, it.len + JOURNAL_RECORD_SIZE);
        assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
    }
    free(room);
    free(it.octets);
}
END_TEST

/* Zeros of whole sectors: what a file system may leave of the last write, and of no other. */
START_TEST(a_hole_is_torn_in_the_last_write_only)
{
    auth_error err;
    ca_journal_report report;
    ca_journal_options options = kit_options();
    const char *folder = harness_folder();
    ca_journal *journal = kit_open_plain(folder);
    uint64_t batch = kit_batch(journal, 0, 40);
    kit_note(journal, batch, CA_JOURNAL_COMMITTED);
    kit_batch(journal, 100, 40);
    ca_journal_free(journal);
    image it = load(folder, FIRST_SEGMENT);
    size_t second = (size_t)42 * JOURNAL_RECORD_SIZE; /* the second entry of the last write */
    for (size_t sector = 0; sector * 512 < it.len; sector++) {
        size_t from = sector * 512;
        size_t len = it.len - from < 512 ? it.len - from : 512;
        char kept[512];
        memcpy(kept, it.octets + from, len);
        memset(it.octets + from, 0, len);
        store(&it, it.len);
        auth_status status = open_status(folder, &options, &report, &err);
        bool is_last_write = from >= second;
        assert_each(status == (is_last_write ? AUTH_STATUS_OK : AUTH_STATUS_INVALID),
                    "a hole at octet %zu: %s", from, auth_status_name(status));
        assert_each(!is_last_write || (report.torn_offset <= from &&
                                       report.torn_offset + JOURNAL_RECORD_SIZE > from &&
                                       report.torn_octets == it.len - report.torn_offset),
                    "a hole at octet %zu was cut elsewhere", from);
        memcpy(it.octets + from, kept, len);
    }
    free(it.octets);
}
END_TEST

START_TEST(only_the_last_segment_may_be_torn)
{
    auth_error err;
    ca_journal_options options = kit_options();
    options.segment_size = 1000;
    const char *folder = harness_folder();
    ca_journal *journal = kit_open(folder, &options, NULL);
    for (uint32_t n = 0; n < 30; n += 10)
        kit_note(journal, kit_batch(journal, n, 10), CA_JOURNAL_COMMITTED);
    kit_sync(journal);
    ca_journal_free(journal);
    image it = load(folder, "00000002.journal");
    store(&it, it.len - 1);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
    store(&it, it.len - JOURNAL_RECORD_SIZE);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
    image first = load(folder, FIRST_SEGMENT);
    store(&it, it.len);
    assert_ok(open_status(folder, &options, NULL, &err), &err);
    kit_write(it.path, first.octets, first.len);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_int_eq(unlink(it.path), 0);
    assert_fails(open_status(folder, &options, NULL, &err), AUTH_STATUS_INVALID, &err);
    free(first.octets);
    free(it.octets);
}
END_TEST

START_TEST(a_change_while_it_is_open_is_found_when_read)
{
    auth_error err;
    ca_journal_record record;
    const char *folder = make_journal();
    ca_journal *journal = kit_open_plain(folder);
    image it = load(folder, FIRST_SEGMENT);
    it.octets[3 * JOURNAL_RECORD_SIZE + 90] ^= 1;
    int file = open(it.path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq((int)pwrite(file, it.octets, it.len, 0), (int)it.len);
    ck_assert_int_eq(close(file), 0);
    assert_fails(ca_journal_read(journal, 4, &record, &err), AUTH_STATUS_INVALID, &err);
    assert_ok(ca_journal_read(journal, 6, &record, &err), &err);
    ca_journal_free(journal);
    free(it.octets);
}
END_TEST

SUITE("journal_damage", TEST(each_flipped_bit_is_found),
      TEST(an_error_names_segment_octet_and_remedy), TEST(a_file_cut_anywhere_is_torn_or_shorter),
      TEST(a_shorter_or_other_file_is_found_by_a_remembered_head),
      TEST(a_swapped_missing_or_doubled_record_is_found),
      TEST(a_hole_is_torn_in_the_last_write_only), TEST(only_the_last_segment_may_be_torn),
      TEST(a_change_while_it_is_open_is_found_when_read))
