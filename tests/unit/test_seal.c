/* SPDX-License-Identifier: Apache-2.0 */
/* Does a sealed value open in its own place with its own key, and nowhere else and with nothing
 * else, and does its length hide the length of names and numbers? */
#include "harness/harness.h"
#include "registry/seal.h"

#include <stdlib.h>
#include <string.h>

static registry_crypto *crypto;
static registry_keyring *ring; /* generations 1 and 2 */
static registry_keyring *stranger;

static const uint8_t row_octets[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static const registry_seal_place home = {
    .field = REGISTRY_SEAL_FIELD_CITIZEN_NAME,
    .row = {row_octets, sizeof row_octets},
    .office_path = "/centre/shaanxi/",
    .generation = 1,
};

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

static registry_keyring *new_ring(void)
{
    registry_keyring *made = NULL;
    auth_error err;
    assert_ok(registry_keyring_new("test", &made, &err), &err);
    for (uint32_t generation = 1; generation <= 2; generation++) {
        auth_buf *text = new_buf(4096);
        assert_ok(registry_master_key_new(crypto, "test", generation, NULL, text, &err), &err);
        assert_ok(registry_keyring_add(made, crypto, auth_buf_bytes(text), NULL, &err), &err);
        auth_buf_free(text);
    }
    return made;
}

static void set_up(void)
{
    auth_error err;
    if (crypto != NULL)
        return;
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    ring = new_ring();
    stranger = new_ring();
}

static auth_buf *seal(const registry_seal_place *place, auth_bytes value)
{
    auth_error err;
    auth_buf *sealed = new_buf(value.len + REGISTRY_SEAL_OVERHEAD);
    assert_ok(registry_seal(ring, crypto, place, value, sealed, &err), &err);
    return sealed;
}

static void assert_opens(const registry_seal_place *place, auth_bytes sealed, auth_bytes expected)
{
    auth_error err;
    auth_buf *value = NULL;
    assert_ok(registry_unseal(ring, crypto, place, sealed, &value, &err), &err);
    assert_bytes(auth_buf_bytes(value), expected);
    auth_buf_free(value);
}

START_TEST(what_was_sealed_opens_in_its_place)
{
    set_up();
    static const registry_seal_field fields[] = {REGISTRY_SEAL_FIELD_CITIZEN_NUMBER,
                                                 REGISTRY_SEAL_FIELD_CITIZEN_NAME,
                                                 REGISTRY_SEAL_FIELD_OFFICER_NAME,
                                                 REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT};
    for (size_t i = 0; i < 4; i++) {
        registry_seal_place place = home;
        uint8_t value[100];
        memset(value, 'v', sizeof value);
        place.field = fields[i];
        for (size_t len = 0; len <= sizeof value; len++) {
            auth_buf *sealed = seal(&place, (auth_bytes){value, len});
            assert_opens(&place, auth_buf_bytes(sealed), (auth_bytes){value, len});
            auth_buf_free(sealed);
        }
    }
}

START_TEST(a_sealed_length_hides_the_length)
{
    set_up();
    size_t lengths[2] = {0, 0};
    uint8_t name[28];
    memset(name, 'n', sizeof name);
    for (size_t len = 1; len <= sizeof name; len++) {
        auth_buf *sealed = seal(&home, (auth_bytes){name, len});
        lengths[0] = auth_buf_bytes(sealed).len;
        ck_assert(len == 1 || lengths[0] == lengths[1]);
        lengths[1] = lengths[0];
        auth_buf_free(sealed);
    }
    ck_assert_uint_eq(lengths[0], 1 + 12 + 32 + 16);
}

START_TEST(the_same_value_is_never_sealed_alike)
{
    set_up();
    auth_buf *a = seal(&home, BYTES("Li"));
    auth_buf *b = seal(&home, BYTES("Li"));
    ck_assert_mem_ne(auth_buf_bytes(a).data + 1, auth_buf_bytes(b).data + 1, 12);
    ck_assert(!auth_bytes_equal(auth_buf_bytes(a), auth_buf_bytes(b)));
    auth_buf_free(b);
    auth_buf_free(a);
}

static void assert_refused(const registry_keyring *keys, const registry_seal_place *place,
                           auth_bytes sealed, auth_status expected)
{
    auth_error err;
    auth_buf *value = NULL;
    assert_fails(registry_unseal(keys, crypto, place, sealed, &value, &err), expected, &err);
    ck_assert_ptr_null(value);
}

START_TEST(a_value_that_was_moved_does_not_open)
{
    set_up();
    auth_buf *buf = seal(&home, BYTES("Li"));
    auth_bytes sealed = auth_buf_bytes(buf);
    registry_seal_place other = home;
    other.field = REGISTRY_SEAL_FIELD_CITIZEN_NUMBER; /* another column */
    assert_refused(ring, &other, sealed, AUTH_STATUS_UNTRUSTED);
    other.field = REGISTRY_SEAL_FIELD_OFFICER_NAME; /* a column of the same name elsewhere */
    assert_refused(ring, &other, sealed, AUTH_STATUS_UNTRUSTED);
    other = home;
    other.generation = 2;
    assert_refused(ring, &other, sealed, AUTH_STATUS_UNTRUSTED);
    other.generation = 3;
    assert_refused(ring, &other, sealed, AUTH_STATUS_NOT_FOUND);
    static const char *const offices[] = {"/centre/", "/centre/gansu/", "/centre/shaanxi/xian/"};
    for (size_t i = 0; i < 3; i++) {
        other = home;
        other.office_path = offices[i];
        assert_refused(ring, &other, sealed, AUTH_STATUS_UNTRUSTED);
    }
    other.office_path = "nowhere";
    assert_refused(ring, &other, sealed, AUTH_STATUS_INVALID);
    uint8_t row[16];
    other = home;
    other.row = (auth_bytes){row, sizeof row};
    for (size_t bit = 0; bit < 8 * sizeof row; bit++) {
        memcpy(row, row_octets, sizeof row);
        row[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_refused(ring, &other, sealed, AUTH_STATUS_UNTRUSTED);
    }
    assert_refused(stranger, &home, sealed, AUTH_STATUS_UNTRUSTED);
    assert_opens(&home, sealed, BYTES("Li"));
    auth_buf_free(buf);
}

START_TEST(rows_with_keys_of_their_own)
{
    set_up();
    uint8_t row[16] = {0};
    registry_seal_place place = home;
    place.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT;
    auth_buf *sealed = seal(&place, BYTES("{}"));
    registry_seal_place other = place;
    other.row = (auth_bytes){row, sizeof row};
    assert_refused(ring, &other, auth_buf_bytes(sealed), AUTH_STATUS_UNTRUSTED);
    assert_opens(&place, auth_buf_bytes(sealed), BYTES("{}"));
    auth_buf_free(sealed);
}

START_TEST(a_value_that_was_changed_does_not_open)
{
    set_up();
    auth_buf *buf = seal(&home, BYTES("Li"));
    auth_bytes sealed = auth_buf_bytes(buf);
    uint8_t copy[128];
    for (size_t bit = 8; bit < 8 * sealed.len; bit++) {
        memcpy(copy, sealed.data, sealed.len);
        copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_refused(ring, &home, (auth_bytes){copy, sealed.len}, AUTH_STATUS_UNTRUSTED);
    }
    for (size_t len = 0; len < sealed.len; len++) {
        bool is_long_enough = len >= 1 + 12 + 16 + 4;
        assert_refused(ring, &home, (auth_bytes){sealed.data, len},
                       is_long_enough ? AUTH_STATUS_UNTRUSTED : AUTH_STATUS_MALFORMED);
    }
    for (unsigned version = 0; version < 256; version++) {
        memcpy(copy, sealed.data, sealed.len);
        copy[0] = (uint8_t)version;
        if (version != 1)
            assert_refused(ring, &home, (auth_bytes){copy, sealed.len}, AUTH_STATUS_UNSUPPORTED);
    }
    auth_buf_free(buf);
}

START_TEST(an_error_names_the_column_and_nothing_of_the_value)
{
    set_up();
    auth_error err;
    auth_buf *value = NULL;
    auth_buf *sealed = seal(&home, BYTES("Li"));
    registry_seal_place other = home;
    other.generation = 2;
    assert_fails(registry_unseal(ring, crypto, &other, auth_buf_bytes(sealed), &value, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "citizen.sealed_name: "));
    ck_assert_ptr_null(strstr(err.text, "Li"));
    auth_buf_free(sealed);
}

START_TEST(bounds)
{
    set_up();
    auth_error err;
    auth_buf *out = new_buf(100);
    auth_bytes never_read = {(const uint8_t *)"", REGISTRY_SEAL_MAX + 1};
    assert_fails(registry_seal(ring, crypto, &home, never_read, out, &err), AUTH_STATUS_LIMIT,
                 &err);
    uint8_t row[REGISTRY_SEAL_ROW_MAX + 1] = {0};
    registry_seal_place place = home;
    for (size_t i = 0; i < 2; i++) {
        place.row = (auth_bytes){row, i == 0 ? 0 : sizeof row};
        assert_fails(registry_seal(ring, crypto, &place, BYTES("x"), out, &err), AUTH_STATUS_LIMIT,
                     &err);
    }
    assert_fails(registry_seal(ring, crypto, &home,
                               BYTES("a name that needs more than the 100 octets that the buffer "
                                     "has room for"),
                               out, &err),
                 AUTH_STATUS_LIMIT, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    auth_buf_free(out);
}

/* The longest path and row fit into what is authenticated. */
START_TEST(the_longest_place)
{
    set_up();
    char path[8 * 65 + 2] = "/";
    for (int i = 0; i < 8; i++) {
        memset(path + 1 + i * 65, 'a' + i, 64);
        path[(i + 1) * 65] = '/';
    }
    uint8_t row[REGISTRY_SEAL_ROW_MAX];
    memset(row, 'r', sizeof row);
    registry_seal_place place = home;
    place.row = (auth_bytes){row, sizeof row};
    place.office_path = path;
    auth_buf *sealed = seal(&place, BYTES("Li"));
    assert_opens(&place, auth_buf_bytes(sealed), BYTES("Li"));
    auth_buf_free(sealed);
}

static auth_status go_round(void *context)
{
    (void)context;
    auth_buf *value = NULL;
    auth_buf *sealed = NULL;
    auth_status status = auth_buf_new(1000, &sealed, NULL);
    if (status == AUTH_STATUS_OK)
        status = registry_seal(ring, crypto, &home, BYTES("Li Xiaolong"), sealed, NULL);
    if (status == AUTH_STATUS_OK)
        status = registry_unseal(ring, crypto, &home, auth_buf_bytes(sealed), &value, NULL);
    if (status != AUTH_STATUS_OK && value != NULL)
        status = AUTH_STATUS_INTERNAL;
    auth_buf_free(value);
    auth_buf_free(sealed);
    return status;
}

START_TEST(without_memory)
{
    set_up();
    ck_assert_uint_gt(harness_for_each_failure(go_round, NULL), 4);
}

START_TEST(no_value_is_left_in_memory)
{
    set_up();
    harness_watch_memory(BYTES("Li Xiaolong"));
    auth_status status = go_round(NULL);
    ck_assert_uint_eq(harness_stop_watching(), 0);
    ck_assert_int_eq((int)status, (int)AUTH_STATUS_OK);
}

SUITE("seal", TEST(what_was_sealed_opens_in_its_place), TEST(a_sealed_length_hides_the_length),
      TEST(the_same_value_is_never_sealed_alike), TEST(a_value_that_was_moved_does_not_open),
      TEST(rows_with_keys_of_their_own), TEST(a_value_that_was_changed_does_not_open),
      TEST(an_error_names_the_column_and_nothing_of_the_value), TEST(bounds),
      TEST(the_longest_place), TEST(without_memory), TEST(no_value_is_left_in_memory))
