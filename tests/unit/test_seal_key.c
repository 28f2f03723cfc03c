/* SPDX-License-Identifier: Apache-2.0 */
/* Do keys follow the tree of offices downwards only, are key files read in one spelling and from
 * safe places only, and does a key that is encrypted to a token open with that token only? */
#include "harness/harness.h"
#include "registry/key_file.h"
#include "registry/key_text.h"
#include "registry/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made for this test: 32 octets 00 to 1f, and the first half of the SHA-256 of the lines. */
static const char master_text[] = "auth-master-key 1\n"
                                  "realm test\n"
                                  "generation 7\n"
                                  "key AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

static registry_crypto *crypto;

static auth_buf *new_buf(void)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(4096, &buf, &err), &err);
    return buf;
}

/* Appends the check to the lines of a file. */
static auth_buf *with_check(const char *lines)
{
    auth_error err;
    uint8_t hash[32];
    auth_buf *text = new_buf();
    auth_bytes octets = auth_bytes_from_text(lines);
    assert_ok(auth_buf_append(text, octets, &err), &err);
    assert_ok(registry_sha256(crypto, &octets, 1, hash, &err), &err);
    assert_ok(auth_buf_printf(text, &err, "check "), &err);
    for (int i = 0; i < 8; i++)
        assert_ok(auth_buf_printf(text, &err, "%02x", hash[i]), &err);
    assert_ok(auth_buf_printf(text, &err, "\n"), &err);
    return text;
}

static registry_keyring *new_ring(void)
{
    registry_keyring *ring = NULL;
    auth_error err;
    if (crypto == NULL)
        assert_ok(registry_crypto_new(&crypto, &err), &err);
    assert_ok(registry_keyring_new("test", &ring, &err), &err);
    return ring;
}

static registry_keyring *known_ring(void)
{
    auth_error err;
    registry_keyring *ring = new_ring();
    auth_buf *text = with_check(master_text);
    assert_ok(registry_keyring_add(ring, crypto, auth_buf_bytes(text), NULL, &err), &err);
    auth_buf_free(text);
    return ring;
}

static void assert_office_key(const registry_keyring *ring, const char *path, const char *expected)
{
    auth_error err;
    uint8_t key[REGISTRY_KEY_SIZE];
    uint8_t room[REGISTRY_KEY_SIZE];
    assert_ok(registry_keyring_office_key(ring, crypto, 7, path, key, &err), &err);
    assert_bytes(((auth_bytes){key, sizeof key}), harness_hex(expected, room, sizeof room));
}

/* Computed with Python's hmac module, by the definition in keyring.h. */
static const char index_of_known[] =
    "e0be80c2442aaf51df2278a6c2cd407092d071930f32a84e06b2a5db48d32f56";
static const char check_of_known[] =
    "2dbfa4c177b9e34fa5ef98011b5d0500f64d7fa12aab990a24d6c03cb620572a";
static const char key_of_centre[] =
    "e10fc76c7d54fd767b2b9b2f251925454652e195bb7ded2327b33d90602fd843";
static const char key_of_city[] =
    "962db8a293d97067f0458e9ce574dcd6d4fab752c250d1b33524d1f4be5fc647";

static auth_person_number known_person(void)
{
    auth_person_number number;
    auth_error err;
    auth_person_rules rules = {.type = AUTH_PERSON_TYPE_ANY, .today = {2026, 1, 1}};
    assert_ok(auth_person_number_parse(BYTES("11010519491231002X"), &rules, &number, &err), &err);
    return number;
}

START_TEST(keys_are_those_of_the_definition)
{
    registry_keyring *ring = known_ring();
    auth_error err;
    uint8_t hash[32];
    uint8_t room[32];
    auth_person_number number = known_person();
    ck_assert_uint_eq(registry_keyring_newest(ring), 7);
    ck_assert(registry_keyring_has(ring, 7) && !registry_keyring_has(ring, 1));
    ck_assert_str_eq(registry_keyring_scope(ring), "/");
    ck_assert_str_eq(registry_keyring_realm(ring), "test");
    assert_office_key(ring, "/centre/", key_of_centre);
    assert_office_key(ring, "/centre/shaanxi/xian/", key_of_city);
    assert_ok(registry_keyring_check_value(ring, crypto, 7, hash, &err), &err);
    assert_bytes(((auth_bytes){hash, 32}), harness_hex(check_of_known, room, 32));
    assert_ok(registry_person_index(ring, crypto, 7, &number, hash, &err), &err);
    assert_bytes(((auth_bytes){hash, 32}), harness_hex(index_of_known, room, 32));
    registry_keyring_free(ring);
}

START_TEST(the_same_octets_of_another_type_are_another_person)
{
    registry_keyring *ring = known_ring();
    auth_error err;
    uint8_t a[32];
    uint8_t b[32];
    auth_person_number number = known_person();
    assert_ok(registry_person_index(ring, crypto, 7, &number, a, &err), &err);
    number.type = AUTH_PERSON_TYPE_PASSPORT;
    assert_ok(registry_person_index(ring, crypto, 7, &number, b, &err), &err);
    ck_assert_mem_ne(a, b, sizeof a);
    number.type = AUTH_PERSON_TYPE_ANY;
    assert_fails(registry_person_index(ring, crypto, 7, &number, b, &err), AUTH_STATUS_INVALID,
                 &err);
    registry_keyring_free(ring);
}

START_TEST(an_office_derives_its_own_subtree_and_nothing_else)
{
    registry_keyring *ring = known_ring();
    registry_keyring *office = new_ring();
    auth_error err;
    uint8_t key[REGISTRY_KEY_SIZE];
    uint8_t hash[2][REGISTRY_HASH_SIZE];
    auth_buf *text = new_buf();
    assert_ok(registry_keyring_export_office(ring, crypto, 7, "/centre/shaanxi/", text, &err),
              &err);
    assert_ok(registry_keyring_add(office, crypto, auth_buf_bytes(text), NULL, &err), &err);
    ck_assert_str_eq(registry_keyring_scope(office), "/centre/shaanxi/");
    assert_office_key(office, "/centre/shaanxi/xian/", key_of_city);
    static const char *const others[] = {"/centre/", "/centre/gansu/", "/centre/shaanxi-2/",
                                         "/centre/gansu/shaanxi/"};
    for (size_t i = 0; i < 4; i++)
        assert_fails(registry_keyring_office_key(office, crypto, 7, others[i], key, &err),
                     AUTH_STATUS_DENIED, &err);
    /* It finds people and tells its key by the same values as the realm. */
    assert_ok(registry_keyring_check_value(ring, crypto, 7, hash[0], &err), &err);
    assert_ok(registry_keyring_check_value(office, crypto, 7, hash[1], &err), &err);
    ck_assert_mem_eq(hash[0], hash[1], sizeof hash[0]);
    /* And hands keys out below itself only. */
    auth_buf_truncate(text, 0);
    assert_ok(registry_keyring_export_office(office, crypto, 7, "/centre/shaanxi/xian/", text,
                                             &err),
              &err);
    assert_fails(registry_keyring_export_office(office, crypto, 7, "/centre/", text, &err),
                 AUTH_STATUS_DENIED, &err);
    auth_buf_free(text);
    registry_keyring_free(office);
    registry_keyring_free(ring);
}

START_TEST(only_paths_are_paths)
{
    static const char *const bad[] = {"",
                                      "/",
                                      "//",
                                      "centre/",
                                      "/centre",
                                      "/Centre/",
                                      "/a//b/",
                                      "/-a/",
                                      "/a-/",
                                      "/a b/",
                                      "/a/b/c/d/e/f/g/h/i/",
                                      "/.../"};
    registry_keyring *ring = known_ring();
    auth_error err;
    uint8_t key[REGISTRY_KEY_SIZE];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(registry_keyring_office_key(ring, crypto, 7, bad[i], key, &err),
                     AUTH_STATUS_INVALID, &err);
    assert_ok(registry_keyring_office_key(ring, crypto, 7, "/a/b/c/d/e/f/g/h/", key, &err), &err);
    assert_fails(registry_keyring_office_key(ring, crypto, 8, "/a/", key, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    registry_keyring_free(ring);
}

START_TEST(a_ring_is_of_one_realm_and_one_place)
{
    registry_keyring *ring = known_ring();
    auth_error err;
    auth_buf *other = with_check("auth-master-key 1\nrealm other\ngeneration 8\n"
                                 "key AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    assert_fails(registry_keyring_add(ring, crypto, auth_buf_bytes(other), NULL, &err),
                 AUTH_STATUS_CONFLICT, &err);
    auth_buf_free(other);
    auth_buf *again = with_check(master_text);
    assert_fails(registry_keyring_add(ring, crypto, auth_buf_bytes(again), NULL, &err),
                 AUTH_STATUS_CONFLICT, &err);
    auth_buf_free(again);
    auth_buf *office = new_buf();
    assert_ok(registry_keyring_export_office(ring, crypto, 7, "/centre/", office, &err), &err);
    assert_fails(registry_keyring_add(ring, crypto, auth_buf_bytes(office), NULL, &err),
                 AUTH_STATUS_CONFLICT, &err);
    auth_buf_free(office);
    registry_keyring *none = NULL;
    assert_fails(registry_keyring_new("Test", &none, &err), AUTH_STATUS_INVALID, &err);
    registry_keyring_free(ring);
}

START_TEST(a_ring_holds_some_generations)
{
    registry_keyring *ring = new_ring();
    auth_error err;
    for (uint32_t i = 1; i <= REGISTRY_KEYRING_MAX + 1; i++) {
        auth_buf *text = new_buf();
        assert_ok(registry_master_key_new(crypto, "test", i, NULL, text, &err), &err);
        if (i <= REGISTRY_KEYRING_MAX) {
            assert_ok(registry_keyring_add(ring, crypto, auth_buf_bytes(text), NULL, &err), &err);
            ck_assert_uint_eq(registry_keyring_newest(ring), i);
        } else {
            assert_fails(registry_keyring_add(ring, crypto, auth_buf_bytes(text), NULL, &err),
                         AUTH_STATUS_LIMIT, &err);
        }
        auth_buf_free(text);
    }
    registry_keyring_free(ring);
}

typedef struct bad_text {
    const char *lines;
    auth_status status;
} bad_text;

#define KEY "key AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

static const bad_text bad_texts[] = {
    {"", AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\n", AUTH_STATUS_MALFORMED},
    {"auth-master-key 2\nrealm test\ngeneration 7\n" KEY, AUTH_STATUS_UNSUPPORTED},
    {"auth-master-key 1 \nrealm test\ngeneration 7\n" KEY, AUTH_STATUS_UNSUPPORTED},
    {"auth-other-key 1\nrealm test\ngeneration 7\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\r\nrealm test\ngeneration 7\n" KEY, AUTH_STATUS_UNSUPPORTED},
    {"auth-master-key 1\nrealm Test\ngeneration 7\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm\ngeneration 7\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 0\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 07\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration +7\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 2147483648\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 99999999999\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 7\npath /a/\n" KEY, AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 7\nkey AAECAw==\n", AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 7\nkey \n", AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 7\ntoken AAECAw==\n", AUTH_STATUS_MALFORMED},
    {"auth-master-key 1\nrealm test\ngeneration 7\n" KEY KEY, AUTH_STATUS_MALFORMED},
    {"auth-office-key 1\nrealm test\ngeneration 7\npath /\nindex AAECAwQFBgcICQoLDA0ODxAREhMUFRYXG"
     "BkaGxwdHh8=\n" KEY,
     AUTH_STATUS_MALFORMED},
    {"auth-office-key 1\nrealm test\ngeneration 7\npath /a/\n" KEY, AUTH_STATUS_MALFORMED},
};

#define BAD_TEXTS (sizeof bad_texts / sizeof bad_texts[0])

START_TEST(a_file_that_is_not_of_the_form)
{
    registry_keyring *ring = new_ring();
    auth_error err;
    auth_buf *text = with_check(bad_texts[_i].lines);
    assert_fails(registry_keyring_add(ring, crypto, auth_buf_bytes(text), NULL, &err),
                 bad_texts[_i].status, &err);
    ck_assert_uint_eq(registry_keyring_newest(ring), 0);
    auth_buf_free(text);
    registry_keyring_free(ring);
}

START_TEST(no_octet_of_a_file_can_be_changed_or_left_out)
{
    registry_keyring *ring = new_ring();
    auth_error err;
    auth_buf *text = with_check(master_text);
    auth_bytes whole = auth_buf_bytes(text);
    uint8_t *copy = malloc(whole.len + 1);
    ck_assert_ptr_nonnull(copy);
    for (size_t i = 0; i < whole.len; i++) {
        memcpy(copy, whole.data, whole.len);
        assert_each(registry_keyring_add(ring, crypto, (auth_bytes){copy, i}, NULL, &err) !=
                        AUTH_STATUS_OK,
                    "the first %zu octets are taken", i);
        copy[i] ^= 1;
        assert_each(registry_keyring_add(ring, crypto, (auth_bytes){copy, whole.len}, NULL, &err) !=
                        AUTH_STATUS_OK,
                    "octet %zu may be changed", i);
    }
    memcpy(copy, whole.data, whole.len);
    copy[whole.len] = '\n';
    assert_fails(registry_keyring_add(ring, crypto, (auth_bytes){copy, whole.len + 1}, NULL, &err),
                 AUTH_STATUS_MALFORMED, &err);
    assert_ok(registry_keyring_add(ring, crypto, (auth_bytes){copy, whole.len}, NULL, &err), &err);
    free(copy);
    auth_buf_free(text);
    registry_keyring_free(ring);
}

/* Keys that are encrypted to a token; a key in memory signs as one in a token does. */

static auth_signer *new_signer(auth_key_type type)
{
    auth_signer *signer = NULL;
    auth_error err;
    assert_ok(auth_signer_generate(type, type == AUTH_KEY_TYPE_RSA ? 2048 : 0, &signer, &err),
              &err);
    return signer;
}

START_TEST(a_key_opens_with_its_token_only)
{
    registry_keyring *ring = new_ring();
    auth_error err;
    auth_signer *token = new_signer(AUTH_KEY_TYPE_RSA);
    auth_signer *other = new_signer(AUTH_KEY_TYPE_RSA);
    auth_signer *unfit = new_signer(AUTH_KEY_TYPE_P256);
    auth_buf *text = new_buf();
    assert_fails(registry_master_key_new(crypto, "test", 1, unfit, text, &err),
                 AUTH_STATUS_UNSUPPORTED, &err);
    assert_ok(registry_master_key_new(crypto, "test", 1, token, text, &err), &err);
    auth_bytes octets = auth_buf_bytes(text);
    ck_assert_ptr_nonnull(memmem(octets.data, octets.len, "\ntoken ", 7));
    assert_fails(registry_keyring_add(ring, crypto, octets, NULL, &err), AUTH_STATUS_DENIED, &err);
    assert_fails(registry_keyring_add(ring, crypto, octets, other, &err), AUTH_STATUS_DENIED, &err);
    assert_fails(registry_keyring_add(ring, crypto, octets, unfit, &err), AUTH_STATUS_UNSUPPORTED,
                 &err);
    assert_ok(registry_keyring_add(ring, crypto, octets, token, &err), &err);
    /* It is the same key each time. */
    registry_keyring *again = new_ring();
    uint8_t a[32];
    uint8_t b[32];
    assert_ok(registry_keyring_add(again, crypto, octets, token, &err), &err);
    assert_ok(registry_keyring_check_value(ring, crypto, 1, a, &err), &err);
    assert_ok(registry_keyring_check_value(again, crypto, 1, b, &err), &err);
    ck_assert_mem_eq(a, b, sizeof a);
    registry_keyring_free(again);
    auth_buf_free(text);
    auth_signer_free(unfit);
    auth_signer_free(other);
    auth_signer_free(token);
    registry_keyring_free(ring);
}

/* An RSA key elsewhere that does not sign alike twice: a key for PSS would be one. */
static auth_status sign_otherwise(void *context, auth_bytes message, auth_signature *out,
                                  auth_error *err)
{
    static uint8_t turn;
    auth_status status = auth_signer_sign(context, message, out, err);
    out->octets[0] ^= ++turn;
    return status;
}

START_TEST(a_token_must_sign_alike_twice)
{
    registry_keyring_free(new_ring());
    auth_error err;
    auth_signer *key = new_signer(AUTH_KEY_TYPE_RSA);
    auth_signer *signer = NULL;
    auth_buf *text = new_buf();
    assert_ok(auth_signer_from_callback(auth_signer_public_key(key), sign_otherwise, NULL, key,
                                        &signer, &err),
              &err);
    assert_fails(registry_master_key_new(crypto, "test", 1, signer, text, &err),
                 AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_uint_eq(auth_buf_bytes(text).len, 0);
    auth_buf_free(text);
    auth_signer_free(signer);
    auth_signer_free(key);
}

START_TEST(master_keys_differ)
{
    registry_keyring_free(new_ring());
    auth_error err;
    auth_buf *a = new_buf();
    auth_buf *b = new_buf();
    assert_ok(registry_master_key_new(crypto, "test", 1, NULL, a, &err), &err);
    assert_ok(registry_master_key_new(crypto, "test", 1, NULL, b, &err), &err);
    ck_assert(!auth_bytes_equal(auth_buf_bytes(a), auth_buf_bytes(b)));
    assert_fails(registry_master_key_new(crypto, "", 1, NULL, a, &err), AUTH_STATUS_INVALID, &err);
    assert_fails(registry_master_key_new(crypto, "test", 0, NULL, a, &err), AUTH_STATUS_INVALID,
                 &err);
    auth_buf_free(b);
    auth_buf_free(a);
}

/* Files */

static char folder[32];

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/auth-test-XXXXXX");
    if (mkdtemp(folder) == NULL)
        ck_abort_msg("%s", strerror(errno));
}

static const char *in_folder(const char *name)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

START_TEST(a_file_is_for_its_owner_only)
{
    registry_keyring *ring = new_ring();
    auth_error err;
    struct stat file;
    make_folder();
    const char *path = in_folder("key");
    auth_buf *text = with_check(master_text);
    assert_fails(registry_keyring_load(ring, crypto, path, NULL, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
    assert_ok(registry_key_file_create(path, auth_buf_bytes(text), &err), &err);
    ck_assert_int_eq(stat(path, &file), 0);
    ck_assert_uint_eq(file.st_mode & 07777U, 0600);
    assert_fails(registry_key_file_create(path, auth_buf_bytes(text), &err), AUTH_STATUS_CONFLICT,
                 &err);
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        ck_assert_int_eq(chmod(path, 0600U | bit), 0);
        assert_fails(registry_keyring_load(ring, crypto, path, NULL, &err), AUTH_STATUS_DENIED,
                     &err);
        ck_assert_ptr_nonnull(strstr(err.text, path));
    }
    ck_assert_int_eq(chmod(path, 0400), 0);
    assert_ok(registry_keyring_load(ring, crypto, path, NULL, &err), &err);
    ck_assert_uint_eq(registry_keyring_newest(ring), 7);
    if (geteuid() == 0) { /* only root can give files away */
        ck_assert_int_eq(chown(path, 65534, 65534), 0);
        assert_fails(registry_keyring_load(ring, crypto, path, NULL, &err), AUTH_STATUS_DENIED,
                     &err);
    }
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    auth_buf_free(text);
    registry_keyring_free(ring);
}

START_TEST(what_is_no_key_file)
{
    registry_keyring *ring = new_ring();
    auth_error err;
    char long_text[KEY_TEXT_MAX + 1];
    memset(long_text, 'x', sizeof long_text);
    make_folder();
    const char *path = in_folder("pipe");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    assert_fails(registry_keyring_load(ring, crypto, path, NULL, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(unlink(path), 0);
    path = in_folder("long");
    assert_ok(registry_key_file_create(path,
                                       (auth_bytes){(const uint8_t *)long_text, sizeof long_text},
                                       &err),
              &err);
    assert_fails(registry_keyring_load(ring, crypto, path, NULL, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_int_eq(truncate(path, 0), 0);
    assert_fails(registry_keyring_load(ring, crypto, path, NULL, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_int_eq(unlink(path), 0);
    assert_fails(registry_keyring_load(ring, crypto, in_folder(""), NULL, &err), AUTH_STATUS_DENIED,
                 &err);
    assert_fails(registry_key_file_create(in_folder("none/key"), BYTES("x"), &err), AUTH_STATUS_IO,
                 &err);
    ck_assert_int_eq(rmdir(folder), 0);
    registry_keyring_free(ring);
}

/* Memory */

typedef struct attempt {
    auth_bytes text;
    auth_buf *out;
} attempt;

static auth_status go_round(void *context)
{
    attempt *it = context;
    registry_keyring *ring = NULL;
    auth_status status = registry_keyring_new("test", &ring, NULL);
    if (status == AUTH_STATUS_OK)
        status = registry_keyring_add(ring, crypto, it->text, NULL, NULL);
    if (status == AUTH_STATUS_OK) {
        auth_buf_truncate(it->out, 0);
        status = registry_keyring_export_office(ring, crypto, 7, "/centre/", it->out, NULL);
        if (status != AUTH_STATUS_OK && auth_buf_bytes(it->out).len != 0)
            status = AUTH_STATUS_INTERNAL;
    }
    registry_keyring_free(ring);
    return status;
}

START_TEST(without_memory)
{
    registry_keyring_free(new_ring());
    auth_buf *text = with_check(master_text);
    attempt it = {.text = auth_buf_bytes(text), .out = new_buf()};
    ck_assert_uint_gt(harness_for_each_failure(go_round, &it), 4);
    auth_buf_free(it.out);
    auth_buf_free(text);
    registry_keyring_free(NULL);
}

START_TEST(no_key_is_left_in_memory)
{
    uint8_t key[32];
    for (uint8_t i = 0; i < 32; i++)
        key[i] = i;
    registry_keyring_free(new_ring());
    auth_buf *text = with_check(master_text);
    harness_watch_memory((auth_bytes){key, sizeof key});
    attempt it = {.text = auth_buf_bytes(text), .out = new_buf()};
    auth_status status = go_round(&it);
    ck_assert_uint_eq(harness_stop_watching(), 0);
    ck_assert_int_eq((int)status, (int)AUTH_STATUS_OK);
    auth_buf_free(it.out);
    auth_buf_free(text);
}

SUITE("seal_key", TEST(keys_are_those_of_the_definition),
      TEST(the_same_octets_of_another_type_are_another_person),
      TEST(an_office_derives_its_own_subtree_and_nothing_else), TEST(only_paths_are_paths),
      TEST(a_ring_is_of_one_realm_and_one_place), TEST(a_ring_holds_some_generations),
      TEST_EACH(a_file_that_is_not_of_the_form, BAD_TEXTS),
      TEST(no_octet_of_a_file_can_be_changed_or_left_out), TEST(a_key_opens_with_its_token_only),
      TEST(a_token_must_sign_alike_twice), TEST(master_keys_differ),
      TEST(a_file_is_for_its_owner_only), TEST(what_is_no_key_file), TEST(without_memory),
      TEST(no_key_is_left_in_memory))
