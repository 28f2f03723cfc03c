/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the spool keep documents in order until they are delivered, once each and never in clear,
 * and go on when a file is damaged, strange or gone?
 */
#include "spool_kit.h"

#include <errno.h>
#include <fcntl.h>

static kit_events events;

START_TEST(documents_are_delivered_in_the_order_of_their_ids)
{
    static const uint32_t order[] = {5, 1, 4, 2, 3};
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    for (size_t i = 0; i < 5; i++)
        kit_put(spool, order[i]);
    kit_expect(spool, 1);
    kit_expect(spool, 1);
    kit_done(spool, 1);
    kit_expect(spool, 2);
    lra_spool_free(spool);
    spool = kit_open(folder, &options);
    for (uint32_t n = 2; n <= 5; n++) {
        kit_expect(spool, n);
        kit_done(spool, n);
    }
    kit_expect_none(spool);
    lra_spool_counts counts = lra_spool_count(spool);
    ck_assert_uint_eq(counts.waiting, 0);
    ck_assert_uint_eq(counts.sent, 5);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_document_is_kept_once)
{
    auth_error err;
    kit_id id = kit_id_of(1);
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    for (int pass = 0; pass < 3; pass++) {
        kit_put(spool, 1);
        kit_put(spool, 1);
        ck_assert_uint_eq(kit_files(folder, "new", NULL), pass < 2 ? 1 : 0);
        assert_fails(lra_spool_put(spool, id.octets, BYTES("another"), &err), AUTH_STATUS_CONFLICT,
                     &err);
        ck_assert_int_eq(lra_spool_find(spool, id.octets),
                         pass < 2 ? LRA_SPOOL_WAITING : LRA_SPOOL_SENT);
        if (pass == 1) {
            kit_done(spool, 1);
            kit_done(spool, 1);
        }
        lra_spool_free(spool);
        spool = kit_open(folder, &options);
    }
    kit_id other = kit_id_of(2);
    ck_assert_int_eq(lra_spool_find(spool, other.octets), LRA_SPOOL_NOWHERE);
    assert_fails(lra_spool_done(spool, other.octets, 1, &err), AUTH_STATUS_NOT_FOUND, &err);
    /* One that is not there leaves the others. */
    kit_id several[] = {kit_id_of(3), kit_id_of(4), kit_id_of(5)};
    kit_put(spool, 3);
    kit_put(spool, 5);
    assert_fails(lra_spool_done(spool, several[0].octets, 3, &err), AUTH_STATUS_NOT_FOUND, &err);
    lra_spool_free(spool);
    spool = kit_open(folder, &options);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(lra_spool_find(spool, several[i].octets),
                         i == 1 ? LRA_SPOOL_NOWHERE : LRA_SPOOL_SENT);
    lra_spool_free(spool);
}

START_TEST(a_file_that_is_taken_away_during_a_delivery_leaves_the_others)
{
    auth_error err;
    char path[512];
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    kit_id several[] = {kit_id_of(1), kit_id_of(2)};
    kit_put(spool, 1);
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    kit_put(spool, 2);
    ck_assert_int_eq(unlink(path), 0);
    assert_fails(lra_spool_done(spool, several[0].octets, 2, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_int_eq(lra_spool_find(spool, several[0].octets), LRA_SPOOL_NOWHERE);
    ck_assert_int_eq(lra_spool_find(spool, several[1].octets), LRA_SPOOL_SENT);
    kit_put(spool, 3);
    lra_spool_free(spool);
}
END_TEST

START_TEST(an_id_is_a_uuid_of_version_7)
{
    auth_error err;
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(harness_folder(), &options);
    kit_id id = kit_id_of(1);
    id.octets[6] = 0x40;
    assert_fails(lra_spool_put(spool, id.octets, BYTES("x"), &err), AUTH_STATUS_INVALID, &err);
    id = kit_id_of(1);
    id.octets[8] = 0xc0;
    assert_fails(lra_spool_put(spool, id.octets, BYTES("x"), &err), AUTH_STATUS_INVALID, &err);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_clear_number_never_reaches_the_disk)
{
    char path[512];
    char name[16];
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    harness_disk_watch(KIT_NUMBER);
    lra_spool *spool = kit_open(folder, &options);
    kit_put(spool, 1);
    kit_put(spool, 2);
    kit_expect(spool, 1);
    kit_done(spool, 1);
    ck_assert_uint_eq(harness_disk_found(), 0);
    harness_disk_watch(NULL);
    for (int i = 0; i < 2; i++) {
        size_t len = 0;
        (void)snprintf(name, sizeof name, "%s", i == 0 ? "new" : "sent");
        ck_assert_uint_eq(kit_files(folder, name, path), 1);
        char *octets = harness_read_file(path, &len);
        ck_assert_ptr_null(memmem(octets, len, KIT_NUMBER, strlen(KIT_NUMBER)));
        free(octets);
    }
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_seal_that_hides_nothing_is_refused)
{
    auth_error err;
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    events.hides_nothing = true;
    harness_disk_watch(KIT_NUMBER);
    assert_fails(kit_try_put(spool, 1, &err), AUTH_STATUS_INTERNAL, &err);
    events.hides_nothing = false;
    events.seal_fails = true;
    assert_fails(kit_try_put(spool, 1, &err), AUTH_STATUS_UNAVAILABLE, &err);
    events.seal_fails = false;
    ck_assert_uint_eq(harness_disk_found(), 0);
    ck_assert_uint_eq(kit_files(folder, "tmp", NULL) + kit_files(folder, "new", NULL), 0);
    kit_put(spool, 1);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_document_has_a_size)
{
    auth_error err;
    kit_id id = kit_id_of(1);
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    uint8_t *large = calloc(1, LRA_SPOOL_FILE_MAX + 1);
    ck_assert_ptr_nonnull(large);
    assert_fails(lra_spool_put(spool, id.octets, BYTES(""), &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(lra_spool_put(spool, id.octets, (auth_bytes){large, LRA_SPOOL_FILE_MAX + 1}, &err),
                 AUTH_STATUS_LIMIT, &err);
    /* The seal takes room, too. */
    assert_fails(lra_spool_put(spool, id.octets, (auth_bytes){large, LRA_SPOOL_FILE_MAX}, &err),
                 AUTH_STATUS_LIMIT, &err);
    assert_ok(lra_spool_put(spool, id.octets, (auth_bytes){large, LRA_SPOOL_FILE_MAX - 5}, &err),
              &err);
    ck_assert_uint_eq(kit_files(folder, "new", NULL), 1);
    free(large);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_full_spool_keeps_nothing_more)
{
    auth_error err;
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    options.max_count = 3;
    lra_spool *spool = kit_open(folder, &options);
    for (uint32_t n = 1; n <= 3; n++)
        kit_put(spool, n);
    assert_fails(kit_try_put(spool, 4, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_uint_eq(kit_files(folder, "new", NULL), 3);
    ck_assert_uint_eq(kit_files(folder, "tmp", NULL), 0);
    kit_done(spool, 1); /* what is delivered gives way */
    kit_put(spool, 4);
    ck_assert_uint_eq(kit_files(folder, "sent", NULL), 0);
    uint64_t bytes = lra_spool_count(spool).bytes;
    lra_spool_free(spool);
    options.max_count = 100;
    options.max_bytes = bytes + 10;
    spool = kit_open(folder, &options);
    assert_fails(kit_try_put(spool, 5, &err), AUTH_STATUS_LIMIT, &err);
    kit_put(spool, 4);
    ck_assert_uint_eq(lra_spool_count(spool).bytes, bytes);
    lra_spool_free(spool);
}
END_TEST

static auth_status put_of(lra_spool *spool, uint64_t owner, uint32_t n, auth_error *err)
{
    char room[128];
    kit_id id = kit_id_of(n);
    return lra_spool_put_of(spool, owner, id.octets, kit_document(n, room), err);
}

START_TEST(one_owner_leaves_room_for_the_others)
{
    auth_error err;
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    options.max_count = 8;
    lra_spool *spool = kit_open(folder, &options);
    assert_ok(put_of(spool, 1, 11, &err), &err);
    assert_ok(put_of(spool, 1, 12, &err), &err);
    assert_fails(put_of(spool, 1, 13, &err), AUTH_STATUS_LIMIT, &err);
    assert_ok(put_of(spool, 1, 12, &err), &err);
    assert_ok(put_of(spool, 2, 21, &err), &err);
    assert_ok(put_of(spool, 2, 22, &err), &err);
    assert_fails(put_of(spool, 2, 23, &err), AUTH_STATUS_LIMIT, &err);
    kit_done(spool, 11); /* what is delivered is no longer his */
    assert_ok(put_of(spool, 1, 13, &err), &err);
    uint64_t bytes = lra_spool_count(spool).bytes;
    lra_spool_free(spool);
    /* By size, too; but one document everybody may have. Five are there, and nobody's any more. */
    options.max_count = 100;
    options.max_bytes = bytes / 5 * 7;
    spool = kit_open(folder, &options);
    assert_ok(put_of(spool, 1, 31, &err), &err);
    assert_fails(put_of(spool, 1, 32, &err), AUTH_STATUS_LIMIT, &err);
    assert_ok(put_of(spool, 2, 41, &err), &err);
    lra_spool_free(spool);
}
END_TEST

START_TEST(some_delivered_documents_are_kept)
{
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    options.max_sent = 2;
    lra_spool *spool = kit_open(folder, &options);
    for (uint32_t n = 1; n <= 5; n++) {
        kit_put(spool, n);
        kit_done(spool, n);
    }
    ck_assert_uint_eq(kit_files(folder, "sent", NULL), 2);
    kit_id fourth = kit_id_of(4);
    kit_id third = kit_id_of(3);
    ck_assert_int_eq(lra_spool_find(spool, fourth.octets), LRA_SPOOL_SENT);
    ck_assert_int_eq(lra_spool_find(spool, third.octets), LRA_SPOOL_NOWHERE);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_deferred_document_lets_others_pass)
{
    auth_error err;
    kit_id id = kit_id_of(1);
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(harness_folder(), &options);
    kit_put(spool, 1);
    kit_put(spool, 2);
    assert_ok(lra_spool_defer(spool, id.octets, KIT_NOW + 1, &err), &err);
    kit_expect(spool, 2);
    assert_ok(lra_spool_defer(spool, id.octets, KIT_NOW, &err), &err);
    kit_expect(spool, 1);
    kit_done(spool, 1);
    assert_fails(lra_spool_defer(spool, id.octets, KIT_NOW, &err), AUTH_STATUS_NOT_FOUND, &err);
    lra_spool_free(spool);
}
END_TEST

/* Changes the only file in new. */
static void damage(const char *folder, int how)
{
    char path[512];
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    int file = open(path, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(file, 0);
    char octet = 0;
    switch (how) {
    case 0:
        ck_assert_int_eq((int)pread(file, &octet, 1, 20), 1);
        octet ^= 1;
        ck_assert_int_eq((int)pwrite(file, &octet, 1, 20), 1);
        break;
    case 1:
        ck_assert_int_eq(ftruncate(file, 10), 0);
        break;
    case 2:
        ck_assert_int_eq(ftruncate(file, 0), 0);
        break;
    default:
        ck_assert_int_eq(ftruncate(file, LRA_SPOOL_FILE_MAX + 1), 0);
        break;
    }
    ck_assert_int_eq(close(file), 0);
}

START_TEST(a_damaged_file_is_set_aside_and_told_once)
{
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    for (int is_open = 0; is_open < 2; is_open++) {
        uint32_t next = 2 + (uint32_t)is_open;
        events = (kit_events){{0}, "", false, false, false};
        lra_spool *spool = kit_open(folder, &options);
        kit_put(spool, 1);
        if (is_open == 0)
            lra_spool_free(spool);
        damage(folder, _i);
        if (is_open == 0)
            spool = kit_open(folder, &options);
        kit_put(spool, next);
        kit_expect(spool, next);
        ck_assert_uint_eq(events.count[LRA_SPOOL_SET_ASIDE], 1);
        kit_done(spool, next);
        kit_expect_none(spool);
        ck_assert_uint_eq(kit_files(folder, "bad", NULL), (size_t)is_open + 1);
        ck_assert_uint_eq(lra_spool_count(spool).bad, (size_t)is_open + 1);
        lra_spool_free(spool);
        spool = kit_open(folder, &options);
        ck_assert_uint_eq(events.count[LRA_SPOOL_SET_ASIDE], 1);
        lra_spool_free(spool);
    }
}
END_TEST

START_TEST(a_damaged_file_gives_way_to_the_document)
{
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    kit_put(spool, 1);
    damage(folder, 0);
    kit_put(spool, 1);
    kit_expect(spool, 1);
    ck_assert_uint_eq(events.count[LRA_SPOOL_SET_ASIDE], 1);
    char path[512];
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    ck_assert_int_eq(unlink(path), 0);
    kit_put(spool, 1);
    kit_expect(spool, 1);
    ck_assert_uint_eq(events.count[LRA_SPOOL_LOST], 1);
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    ck_assert_int_eq(unlink(path), 0);
    kit_expect_none(spool);
    ck_assert_uint_eq(events.count[LRA_SPOOL_LOST], 2);
    lra_spool_free(spool);
}
END_TEST

START_TEST(two_files_of_one_id_are_not_both_delivered)
{
    char path[512];
    char other[512];
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    kit_put(spool, 1);
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    size_t len = 0;
    char *octets = harness_read_file(path, &len);
    kit_done(spool, 1);
    lra_spool_free(spool);
    (void)snprintf(other, sizeof other, "%s", path);
    other[strlen(other) - 1] = other[strlen(other) - 1] == '0' ? '1' : '0';
    int file = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_eq((int)write(file, octets, len), (int)len);
    ck_assert_int_eq(close(file), 0);
    spool = kit_open(folder, &options);
    kit_expect_none(spool);
    ck_assert_uint_eq(events.count[LRA_SPOOL_SET_ASIDE], 1);
    lra_spool_free(spool);
    free(octets);
}
END_TEST

START_TEST(a_seal_that_does_not_open_waits_for_its_key)
{
    auth_error err;
    kit_id id;
    auth_buf *document = NULL;
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(harness_folder(), &options);
    kit_put(spool, 1);
    events.opens_nothing = true;
    kit_expect_none(spool);
    kit_expect_none(spool);
    ck_assert_uint_eq(events.count[LRA_SPOOL_UNOPENED], 1);
    events.opens_nothing = false;
    kit_expect_none(spool);
    assert_ok(lra_spool_next(spool, KIT_NOW + 600, id.octets, &document, &err), &err);
    auth_buf_free(document);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_waits)
{
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(harness_folder(), &options);
    kit_put(spool, 1);
    kit_put(spool, 2);
    harness_disk_fail(0, HARNESS_DISK_EIO);
    kit_expect(spool, 2);
    ck_assert(harness_disk_heal());
    ck_assert_uint_eq(events.count[LRA_SPOOL_UNREADABLE], 1);
    ck_assert_uint_eq(lra_spool_count(spool).waiting, 2);
    lra_spool_free(spool);
}
END_TEST

/* A person's number in a file's name must not come into a log. */
static void make_strangers(const char *folder)
{
    char path[512];
    char name[600];
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    const char *last = strrchr(path, '/') + 1;
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/etc/passwd", path), 0);
    (void)snprintf(name, sizeof name, "%s/new/%s", folder, KIT_NUMBER);
    ck_assert_int_eq(close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
    (void)snprintf(name, sizeof name, "%s/new/%s.json", folder, last);
    ck_assert_int_eq(mkfifo(name, 0600), 0);
    (void)snprintf(name, sizeof name, "%s/sent/%s", folder, last);
    ck_assert_int_eq(mkfifo(name, 0600), 0);
    (void)snprintf(name, sizeof name, "%s/tmp/%s", folder, last);
    ck_assert_int_eq(mkdir(name, 0700), 0);
    /* The same id with upper-case digits is another name. */
    (void)snprintf(name, sizeof name, "%s/new/%s", folder, last);
    char *digit = strrchr(name, '/') + 3;
    *digit = 'B';
    ck_assert_int_eq(close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
}

START_TEST(strangers_are_left_alone)
{
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    kit_put(spool, 1);
    lra_spool_free(spool);
    make_strangers(folder);
    spool = kit_open(folder, &options);
    ck_assert_uint_eq(events.count[LRA_SPOOL_STRANGER], 6);
    ck_assert_ptr_nonnull(strstr(events.last, "inode "));
    ck_assert_ptr_null(strstr(events.last, KIT_NUMBER));
    kit_expect_none(spool);
    kit_put(spool, 2);
    kit_expect(spool, 2);
    ck_assert_uint_eq(kit_files(folder, "new", NULL), 5);
    lra_spool_free(spool);
}
END_TEST

START_TEST(a_file_that_others_may_touch_is_left_alone)
{
    char path[512];
    char second[600];
    const char *folder = harness_folder();
    lra_spool_options options = kit_options(&events);
    lra_spool *spool = kit_open(folder, &options);
    kit_put(spool, 1);
    lra_spool_free(spool);
    ck_assert_uint_eq(kit_files(folder, "new", path), 1);
    (void)snprintf(second, sizeof second, "%s/second", folder);
    for (int how = 0; how < 3; how++) {
        if (how == 0)
            ck_assert_int_eq(chmod(path, 0644), 0);
        if (how == 1)
            ck_assert_int_eq(link(path, second), 0);
        if (how == 2 && chown(path, 65533, 65533) != 0)
            continue;
        events = (kit_events){{0}, "", false, false, false};
        spool = kit_open(folder, &options);
        kit_expect_none(spool);
        ck_assert_uint_eq(events.count[LRA_SPOOL_STRANGER], 1);
        lra_spool_free(spool);
        ck_assert_int_eq(chmod(path, 0600), 0);
        (void)unlink(second);
    }
}
END_TEST

START_TEST(a_spool_is_its_owners_only)
{
    auth_error err;
    lra_spool *spool = NULL;
    const char *folder = harness_folder();
    const char *inner = harness_path(folder, "new");
    lra_spool_options options = kit_options(&events);
    spool = kit_open(folder, &options);
    lra_spool *second = NULL;
    assert_fails(lra_spool_open(folder, &options, &second, &err), AUTH_STATUS_CONFLICT, &err);
    lra_spool_free(spool);
    ck_assert_int_eq(chmod(inner, 0711), 0);
    assert_fails(lra_spool_open(folder, &options, &spool, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(chmod(inner, 0700), 0);
    ck_assert_int_eq(chmod(folder, 0740), 0);
    assert_fails(lra_spool_open(folder, &options, &spool, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(chmod(folder, 0700), 0);
    ck_assert_int_eq(rmdir(inner), 0);
    ck_assert_int_eq(symlink("/tmp", inner), 0);
    assert_fails(lra_spool_open(folder, &options, &spool, &err), AUTH_STATUS_DENIED, &err);
    assert_fails(lra_spool_open(inner, &options, &spool, &err), AUTH_STATUS_DENIED, &err);
    assert_fails(lra_spool_open("/nonexistent/spool", &options, &spool, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    options.max_count = LRA_SPOOL_COUNT_MAX + 1;
    assert_fails(lra_spool_open(folder, &options, &spool, &err), AUTH_STATUS_INVALID, &err);
}
END_TEST

START_TEST(events_have_names)
{
    ck_assert_str_eq(lra_spool_event_name(LRA_SPOOL_SET_ASIDE), "set-aside");
    ck_assert_ptr_null(lra_spool_event_name((lra_spool_event)99));
}
END_TEST

static auth_status use_once(void *context)
{
    auth_error err;
    kit_id id;
    lra_spool *spool = NULL;
    auth_buf *document = NULL;
    lra_spool_options options = kit_options(&events);
    auth_status status = lra_spool_open(context, &options, &spool, &err);
    if (status == AUTH_STATUS_OK)
        status = kit_try_put(spool, 1, &err);
    if (status == AUTH_STATUS_OK)
        status = kit_try_put(spool, 1, &err);
    if (status == AUTH_STATUS_OK)
        status = lra_spool_next(spool, KIT_NOW, id.octets, &document, &err);
    /* When all goes well it is the last attempt: those before leave the document waiting. */
    if (status == AUTH_STATUS_OK)
        status = lra_spool_done(spool, id.octets, 1, &err);
    auth_buf_free(document);
    lra_spool_free(spool);
    return status;
}

START_TEST(each_allocation_may_fail)
{
    const char *folder = harness_folder();
    ck_assert_uint_gt(harness_for_each_failure(use_once, (void *)(uintptr_t)folder), 5);
}
END_TEST

SUITE("spool", TEST(documents_are_delivered_in_the_order_of_their_ids),
      TEST(a_document_is_kept_once),
      TEST(a_file_that_is_taken_away_during_a_delivery_leaves_the_others),
      TEST(an_id_is_a_uuid_of_version_7), TEST(a_clear_number_never_reaches_the_disk),
      TEST(a_seal_that_hides_nothing_is_refused), TEST(a_document_has_a_size),
      TEST(a_full_spool_keeps_nothing_more), TEST(one_owner_leaves_room_for_the_others),
      TEST(some_delivered_documents_are_kept), TEST(a_deferred_document_lets_others_pass),
      TEST_EACH(a_damaged_file_is_set_aside_and_told_once, 4),
      TEST(a_damaged_file_gives_way_to_the_document),
      TEST(two_files_of_one_id_are_not_both_delivered),
      TEST(a_seal_that_does_not_open_waits_for_its_key), TEST(a_file_that_cannot_be_read_waits),
      TEST(strangers_are_left_alone), TEST(a_file_that_others_may_touch_is_left_alone),
      TEST(a_spool_is_its_owners_only), TEST(events_have_names), TEST(each_allocation_may_fail))
