/* SPDX-License-Identifier: Apache-2.0 */
/* Does what auth-lra keeps for the time without a registry survive, sealed, and is damage found? */
#include "harness/disk.h"

#include "lra/keep.h"
#include "lra/refused.h"

#include "registry/ledger_body.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW ((auth_time)1767225600)
#define PATH "/centre/xian/"
#define NUMBER "11010519491231002X"
#define TEXT_MAX 4096

static lra_known *open_known(const char *folder, const char *office, bool is_damaged)
{
    auth_error err;
    bool found = false;
    lra_known *known = NULL;
    assert_ok(lra_known_open(folder, "shaanxi", office, &known, &found, &err), &err);
    ck_assert_int_eq(found, is_damaged);
    return known;
}

static lra_known_officer officer_of(unsigned n, auth_time at, bool is_good)
{
    lra_known_officer row = {.serial = {1, 2, 3},
                             .serial_len = 18,
                             .role = AUTH_OFFICER_ROLE_CLERK,
                             .is_good = is_good,
                             .at = at};
    memcpy(row.certificate, &n, sizeof n);
    (void)snprintf(row.officer, sizeof row.officer, "wang-%u", n);
    return row;
}

static void note(lra_known *known, unsigned n, auth_time at, bool is_good)
{
    lra_known_officer row = officer_of(n, at, is_good);
    lra_known_note(known, &row);
}

static bool find(lra_known *known, unsigned n, lra_known_officer *out)
{
    lra_known_officer row = officer_of(n, 0, false);
    return lra_known_find(known, row.certificate, out);
}

static void save(lra_known *known)
{
    auth_error err;
    assert_ok(lra_known_save(known, NOW, &err), &err);
}

START_TEST(what_is_known_survives)
{
    const char *folder = harness_folder();
    lra_known_officer found;
    lra_known *known = open_known(folder, "xian", false);
    ck_assert_str_eq(lra_known_where(known).path, "");
    /* Without an office there is nothing to save. */
    save(known);
    note(known, 1, NOW, true);
    note(known, 2, NOW + 1, true);
    note(known, 2, NOW + 2, false);
    lra_known_note_office(known, PATH, 7, 3, NOW);
    save(known);
    lra_known_free(known);
    known = open_known(folder, "xian", false);
    ck_assert_str_eq(lra_known_where(known).path, PATH);
    ck_assert_uint_eq(lra_known_where(known).generation, 3);
    ck_assert_int_eq(lra_known_where(known).number, 7);
    ck_assert_int_eq(lra_known_where(known).at, NOW);
    ck_assert(find(known, 1, &found) && found.is_good && found.at == NOW);
    ck_assert_str_eq(found.officer, "wang-1");
    ck_assert_int_eq(found.role, AUTH_OFFICER_ROLE_CLERK);
    ck_assert_uint_eq(found.serial_len, 18);
    ck_assert(find(known, 2, &found) && !found.is_good && found.at == NOW + 2);
    ck_assert(!find(known, 3, &found));
    lra_known_free(known);
    /* What is of another office counts for nothing. */
    known = open_known(folder, "yanan", true);
    ck_assert(!find(known, 1, &found));
    ck_assert_str_eq(lra_known_where(known).path, "");
    lra_known_free(known);
}
END_TEST

/* A mere "still so" waits, what is new does not. */
START_TEST(what_is_the_same_is_written_now_and_then)
{
    auth_error err;
    lra_known_officer found;
    const char *folder = harness_folder();
    lra_known *known = open_known(folder, "xian", false);
    lra_known_note_office(known, PATH, 7, 1, NOW);
    note(known, 1, NOW, true);
    save(known);
    for (int pass = 0; pass < 2; pass++) {
        auth_time later = NOW + (pass == 0 ? LRA_KNOWN_SAVE_S - 1 : LRA_KNOWN_SAVE_S);
        note(known, 1, NOW + 5, true);
        assert_ok(lra_known_save(known, later, &err), &err);
        lra_known *again = open_known(folder, "xian", false);
        ck_assert(find(again, 1, &found) && found.at == (pass == 0 ? NOW : NOW + 5));
        lra_known_free(again);
    }
    note(known, 1, NOW + 6, false);
    assert_ok(lra_known_save(known, NOW + LRA_KNOWN_SAVE_S + 1, &err), &err);
    lra_known *again = open_known(folder, "xian", false);
    ck_assert(find(again, 1, &found) && !found.is_good);
    lra_known_free(again);
    lra_known_free(known);
}
END_TEST

START_TEST(the_oldest_officer_gives_way)
{
    lra_known_officer found;
    lra_known *known = open_known(harness_folder(), "xian", false);
    for (unsigned n = 0; n < LRA_KNOWN_MAX; n++)
        note(known, n, NOW + (n == 7 ? -1 : 0), true);
    note(known, LRA_KNOWN_MAX, NOW, true);
    ck_assert(!find(known, 7, &found));
    ck_assert(find(known, LRA_KNOWN_MAX, &found) && find(known, 0, &found));
    lra_known_note_office(known, PATH, 7, 1, NOW);
    /* The most that there may be fits into the file. */
    save(known);
    lra_known_free(known);
}
END_TEST

/* Every single octet counts. */
START_TEST(damage_of_what_is_known_is_found)
{
    static lra_known_table table = {.count = 1};
    static lra_known_table read;
    auth_error err;
    AUTH_AUTO(auth_buf) *text = NULL;
    uint8_t octets[TEXT_MAX];
    table.officers[0] = officer_of(1, NOW, true);
    table.office = (lra_known_office){PATH, 7, 1, NOW};
    assert_ok(auth_buf_new(TEXT_MAX, &text, &err), &err);
    assert_ok(lra_known_text_write(&table, "shaanxi", "xian", text, &err), &err);
    size_t len = auth_buf_bytes(text).len;
    ck_assert(lra_known_text_read(auth_buf_bytes(text), "shaanxi", "xian", &read));
    ck_assert_uint_eq(read.count, 1);
    ck_assert(!lra_known_text_read(auth_buf_bytes(text), "other", "xian", &read));
    for (size_t i = 0; i < len; i++) {
        memcpy(octets, auth_buf_bytes(text).data, len);
        octets[i] ^= 1;
        ck_assert(!lra_known_text_read((auth_bytes){octets, len}, "shaanxi", "xian", &read));
        ck_assert(!lra_known_text_read((auth_bytes){auth_buf_bytes(text).data, i}, "shaanxi",
                                       "xian", &read));
    }
}
END_TEST

static lra_refused *open_refused(const char *folder)
{
    auth_error err;
    lra_refused *refused = NULL;
    assert_ok(lra_refused_open(folder, &refused, &err), &err);
    return refused;
}

static void id_of(unsigned n, uint8_t out[LRA_SPOOL_ID_SIZE])
{
    const uint8_t id[LRA_SPOOL_ID_SIZE] = {0x01, 0x9b, (uint8_t)(n >> 8), (uint8_t)n, 0, 0, 0x70,
                                           0,    0x80};
    memcpy(out, id, sizeof id);
}

START_TEST(refusals_survive_and_damage_is_told)
{
    auth_error err;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    char name[REGISTRY_UUID_TEXT_SIZE];
    lra_refusal found;
    lra_refusal refusal = {.reason = AUTH_REQUEST_REASON_EXPIRED,
                           .item = AUTH_REQUEST_NOWHERE,
                           .at = NOW,
                           .text = "one line; x"};
    const char *folder = harness_folder();
    lra_refused *refused = open_refused(folder);
    id_of(1, id);
    assert_fails(lra_refused_find(refused, id, &found, &err), AUTH_STATUS_NOT_FOUND, &err);
    assert_ok(lra_refused_note(refused, id, &refusal, &err), &err);
    assert_ok(lra_refused_find(refused, id, &found, &err), &err);
    ck_assert(found.item == AUTH_REQUEST_NOWHERE);
    refusal.reason = AUTH_REQUEST_REASON_ROLE;
    refusal.item = AUTH_REQUEST_ITEMS_MAX - 1;
    assert_ok(lra_refused_note(refused, id, &refusal, &err), &err);
    ck_assert_uint_eq(lra_refused_count(refused), 1);
    lra_refused_free(refused);
    refused = open_refused(folder);
    ck_assert_uint_eq(lra_refused_count(refused), 1);
    assert_ok(lra_refused_find(refused, id, &found, &err), &err);
    ck_assert_int_eq(found.reason, AUTH_REQUEST_REASON_ROLE);
    ck_assert_uint_eq(found.item, AUTH_REQUEST_ITEMS_MAX - 1);
    ck_assert_int_eq(found.at, NOW);
    ck_assert_str_eq(found.text, "one line; x");
    registry_uuid_format(id, name);
    int file = open(harness_path(harness_path(folder, "refused"), name), O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(write(file, "x", 1), 1);
    ck_assert_int_eq(close(file), 0);
    assert_fails(lra_refused_find(refused, id, &found, &err), AUTH_STATUS_MALFORMED, &err);
    lra_refused_free(refused);
}
END_TEST

static void write_octets(const char *folder, unsigned n, const char *text)
{
    uint8_t id[LRA_SPOOL_ID_SIZE];
    char name[REGISTRY_UUID_TEXT_SIZE];
    id_of(n, id);
    registry_uuid_format(id, name);
    int file = openat(AT_FDCWD, harness_path(folder, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(close(file), 0);
}

/* A file as lra_refused_note leaves it, without its waits for the disk. */
static void write_refusal(const char *folder, unsigned n, auth_time at)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%d %lld x\n", (int)AUTH_REQUEST_REASON_ROLE, (long long)at);
    write_octets(folder, n, text);
}

static bool is_refused(lra_refused *refused, unsigned n)
{
    auth_error err;
    lra_refusal found;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    id_of(n, id);
    return lra_refused_find(refused, id, &found, &err) == AUTH_STATUS_OK;
}

/* Files as they cannot have been written, and two that can. */
START_TEST(what_is_no_refusal_is_damage)
{
    static const struct {
        const char *text;
        bool is_good;
    } cases[] = {
        {"12 1767225600 x\n", true},
        {"12@0 1767225600 x\n", true},
        {"12@999 1767225600 x\n", true},
        {"12@1000 1767225600 x\n", false},
        {"12@ 1767225600 x\n", false},
        {"12@-1 1767225600 x\n", false},
        {"12@1", false},
        {"12@99999999999999999999 1767225600 x\n", false},
        {"12@1 x\n", false},
        {"12@1@2 1767225600 x\n", false},
        {"999 1767225600 x\n", false},
        {"12 1767225600 x\ny\n", false},
        {"", false},
    };
    const char *folder = harness_folder();
    lra_refused_free(open_refused(folder));
    for (unsigned n = 0; n < sizeof cases / sizeof cases[0]; n++)
        write_octets(harness_path(folder, "refused"), n, cases[n].text);
    lra_refused *refused = open_refused(folder);
    for (unsigned n = 0; n < sizeof cases / sizeof cases[0]; n++)
        ck_assert_msg(is_refused(refused, n) == cases[n].is_good, "%s", cases[n].text);
    lra_refused_free(refused);
}
END_TEST

/* Whoever makes ids with times ahead pushes nobody out. */
START_TEST(the_refusal_that_came_first_gives_way)
{
    auth_error err;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    const unsigned last = LRA_REFUSED_MAX - 1;
    lra_refusal refusal = {.reason = AUTH_REQUEST_REASON_ROLE, .at = NOW + last + 1, .text = "x"};
    const char *folder = harness_folder();
    lra_refused_free(open_refused(folder));
    /* The greatest ids were refused first. */
    for (unsigned n = 0; n <= last; n++)
        write_refusal(harness_path(folder, "refused"), n, NOW + last - n);
    lra_refused *refused = open_refused(folder);
    ck_assert_uint_eq(lra_refused_count(refused), LRA_REFUSED_MAX);
    for (unsigned n = 0; n < 2; n++) {
        id_of(LRA_REFUSED_MAX + n, id);
        assert_ok(lra_refused_note(refused, id, &refusal, &err), &err);
        ck_assert_uint_eq(lra_refused_count(refused), LRA_REFUSED_MAX);
        ck_assert(!is_refused(refused, last - n) && is_refused(refused, last - n - 1));
        ck_assert(is_refused(refused, 0) && is_refused(refused, LRA_REFUSED_MAX + n));
    }
    lra_refused_free(refused);
}
END_TEST

START_TEST(a_refusal_is_forgotten)
{
    auth_error err;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    lra_refusal refusal = {.reason = AUTH_REQUEST_REASON_ROLE, .at = NOW, .text = "x"};
    const char *folder = harness_folder();
    lra_refused *refused = open_refused(folder);
    for (unsigned n = 1; n <= 3; n++) {
        id_of(n, id);
        assert_ok(lra_refused_note(refused, id, &refusal, &err), &err);
    }
    id_of(1, id);
    assert_ok(lra_refused_forget(refused, id, &err), &err);
    assert_ok(lra_refused_forget(refused, id, &err), &err);
    ck_assert_uint_eq(lra_refused_count(refused), 2);
    lra_refused_free(refused);
    refused = open_refused(folder);
    ck_assert_uint_eq(lra_refused_count(refused), 2);
    ck_assert(!is_refused(refused, 1) && is_refused(refused, 2) && is_refused(refused, 3));
    lra_refused_free(refused);
}
END_TEST

static registry_keyring *keyring_of(uint32_t generation)
{
    auth_error err;
    registry_keyring *ring = NULL;
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    assert_ok(auth_buf_new(TEXT_MAX, &text, &err), &err);
    assert_ok(registry_keyring_new("shaanxi", &ring, &err), &err);
    assert_ok(registry_master_key_new(crypto, "shaanxi", generation, NULL, text, &err), &err);
    assert_ok(registry_keyring_add(ring, crypto, auth_buf_bytes(text), NULL, &err), &err);
    return ring;
}

static registry_keyring *keyring_new(void) { return keyring_of(1); }

static lra_keep *open_keep(const lra_keep_setting *setting)
{
    auth_error err;
    lra_keep *keep = NULL;
    assert_ok(lra_keep_new(setting, &keep, &err), &err);
    return keep;
}

START_TEST(documents_are_sealed_for_their_office)
{
    auth_error err;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    uint8_t ids[4][LRA_SPOOL_ID_SIZE];
    AUTH_AUTO(registry_keyring) *ring = keyring_new();
    AUTH_AUTO(auth_buf) *document = NULL;
    const char *folder = harness_folder();
    lra_known *known = open_known(folder, "xian", false);
    lra_keep_setting setting = {.folder = folder, .ring = ring, .known = known};
    lra_keep *keep = open_keep(&setting);
    id_of(2, id);
    /* As long as nobody knows where the office lies there is no key. */
    assert_fails(lra_keep_put(keep, "chen", id, BYTES("a " NUMBER), &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
    lra_known_note_office(known, PATH, 7, 1, NOW);
    assert_ok(lra_keep_put(keep, "chen", id, BYTES("a " NUMBER), &err), &err);
    id_of(1, id);
    assert_ok(lra_keep_put(keep, "chen", id, BYTES("b " NUMBER), &err), &err);
    ck_assert(lra_keep_is_due(keep, NOW));
    ck_assert_uint_eq(lra_keep_list(keep, NULL, ids, 4), 2);
    ck_assert_mem_eq(ids[0], id, sizeof id);
    ck_assert_uint_eq(lra_keep_list(keep, id, ids, 4), 1);
    lra_keep_free(keep);
    keep = open_keep(&setting);
    assert_ok(lra_keep_next(keep, NULL, NOW, id, &document, &err), &err);
    assert_bytes(auth_buf_bytes(document), BYTES("b " NUMBER));
    assert_ok(lra_keep_done(keep, id, 1, &err), &err);
    ck_assert_int_eq(lra_keep_find(keep, id), LRA_SPOOL_SENT);
    /* In another place of the tree the other one does not open, and waits. */
    lra_known_note_office(known, "/centre/yanan/", 7, 1, NOW);
    auth_buf_free(document);
    document = NULL;
    assert_fails(lra_keep_next(keep, NULL, NOW, id, &document, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_uint_eq(lra_keep_count(keep).waiting, 1);
    ck_assert(!lra_keep_is_due(keep, NOW));
    lra_keep_free(keep);
    lra_known_free(known);
}
END_TEST

/* A key that is not at hand is no file that is gone. */
START_TEST(documents_wait_for_their_key)
{
    auth_error err;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    AUTH_AUTO(registry_keyring) *ring = keyring_new();
    AUTH_AUTO(registry_keyring) *other = keyring_of(2);
    AUTH_AUTO(auth_buf) *document = NULL;
    const char *folder = harness_folder();
    lra_known *known = open_known(folder, "xian", false);
    lra_keep_setting setting = {.folder = folder, .ring = ring, .known = known};
    lra_keep *keep = open_keep(&setting);
    lra_known_note_office(known, PATH, 7, 1, NOW);
    id_of(1, id);
    assert_ok(lra_keep_put(keep, "chen", id, BYTES("a " NUMBER), &err), &err);
    lra_keep_free(keep);
    setting.ring = other;
    keep = open_keep(&setting);
    assert_fails(lra_keep_put(keep, "chen", id, BYTES("a " NUMBER), &err), AUTH_STATUS_DENIED,
                 &err);
    assert_fails(lra_keep_next(keep, NULL, NOW, id, &document, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_uint_eq(lra_keep_count(keep).waiting, 1);
    lra_keep_free(keep);
    setting.ring = ring;
    keep = open_keep(&setting);
    assert_ok(lra_keep_next(keep, NULL, NOW, id, &document, &err), &err);
    assert_bytes(auth_buf_bytes(document), BYTES("a " NUMBER));
    lra_keep_free(keep);
    lra_known_free(known);
}
END_TEST

START_TEST(a_spool_that_failed_is_opened_anew)
{
    auth_error err;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    AUTH_AUTO(registry_keyring) *ring = keyring_new();
    const char *folder = harness_folder();
    lra_known *known = open_known(folder, "xian", false);
    lra_keep_setting setting = {.folder = folder, .ring = ring, .known = known};
    lra_keep *keep = open_keep(&setting);
    lra_known_note_office(known, PATH, 7, 1, NOW);
    id_of(1, id);
    assert_ok(lra_keep_put(keep, "chen", id, BYTES("a " NUMBER), &err), &err);
    /* The folder goes away under it: the next document cannot be named there. */
    ck_assert_int_eq(rename(harness_path(folder, "tmp"), harness_path(folder, "gone")), 0);
    ck_assert_int_eq(rmdir(harness_path(folder, "gone")), 0);
    id_of(2, id);
    assert_fails(lra_keep_put(keep, "chen", id, BYTES("b " NUMBER), &err), AUTH_STATUS_IO, &err);
    assert_fails(lra_keep_put(keep, "chen", id, BYTES("b " NUMBER), &err), AUTH_STATUS_IO, &err);
    assert_ok(lra_keep_mend(keep, &err), &err);
    assert_ok(lra_keep_put(keep, "chen", id, BYTES("b " NUMBER), &err), &err);
    ck_assert_uint_eq(lra_keep_count(keep).waiting, 2);
    lra_keep_free(keep);
    lra_known_free(known);
}
END_TEST

START_TEST(ids_tell_their_time)
{
    uint8_t id[LRA_SPOOL_ID_SIZE] = {0x01, 0x9b, 0x76, 0xda, 0xa8, 0x00, 0x70, 0, 0x80};
    ck_assert_int_eq(lra_id_time(id), NOW);
}
END_TEST

SUITE("lra_parts", TEST(what_is_known_survives), TEST(what_is_the_same_is_written_now_and_then),
      TEST(the_oldest_officer_gives_way), TEST(damage_of_what_is_known_is_found),
      TEST(refusals_survive_and_damage_is_told), TEST(what_is_no_refusal_is_damage),
      TEST(the_refusal_that_came_first_gives_way), TEST(a_refusal_is_forgotten),
      TEST(documents_are_sealed_for_their_office), TEST(documents_wait_for_their_key),
      TEST(a_spool_that_failed_is_opened_anew), TEST(ids_tell_their_time))
