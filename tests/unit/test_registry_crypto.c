/* SPDX-License-Identifier: Apache-2.0 */
/* Does the registry's cryptography give what the standards' vectors say, in one part or in many,
 * and does AES-GCM open nothing that was changed? */
#include "harness/harness.h"
#include "registry/crypto.h"

#include <stdlib.h>
#include <string.h>

static registry_crypto *crypto;

static void set_up(void)
{
    auth_error err;
    if (crypto == NULL)
        assert_ok(registry_crypto_new(&crypto, &err), &err);
}

static auth_bytes hex(const char *text)
{
    static uint8_t rooms[8][256];
    static unsigned next;
    uint8_t *room = rooms[next++ % 8];
    return harness_hex(text, room, sizeof rooms[0]);
}

/* FIPS 180-4: the examples of NIST. */
START_TEST(sha256)
{
    set_up();
    auth_error err;
    uint8_t hash[REGISTRY_HASH_SIZE];
    const auth_bytes parts[] = {BYTES("a"), BYTES(""), BYTES("bc")};
    assert_ok(registry_sha256(crypto, parts, 3, hash, &err), &err);
    assert_bytes(((auth_bytes){hash, sizeof hash}),
                 hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert_ok(registry_sha256(crypto, NULL, 0, hash, &err), &err);
    assert_bytes(((auth_bytes){hash, sizeof hash}),
                 hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

/* RFC 4231 sections 4.3 and 4.7: a short key, and one that is longer than a block. */
START_TEST(hmac)
{
    set_up();
    auth_error err;
    uint8_t hash[REGISTRY_HASH_SIZE];
    const auth_bytes parts[] = {BYTES("what do ya want "), BYTES("for nothing?")};
    for (int again = 0; again < 2; again++) {
        assert_ok(registry_hmac_sha256(crypto, BYTES("Jefe"), parts, 2, hash, &err), &err);
        assert_bytes(((auth_bytes){hash, sizeof hash}),
                     hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
        uint8_t key[131];
        memset(key, 0xaa, sizeof key);
        auth_bytes text = BYTES("Test Using Larger Than Block-Size Key - Hash Key First");
        assert_ok(registry_hmac_sha256(crypto, (auth_bytes){key, sizeof key}, &text, 1, hash, &err),
                  &err);
        assert_bytes(((auth_bytes){hash, sizeof hash}),
                     hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    }
}

START_TEST(hmac_needs_a_key)
{
    set_up();
    auth_error err;
    uint8_t hash[REGISTRY_HASH_SIZE];
    assert_fails(registry_hmac_sha256(crypto, BYTES(""), NULL, 0, hash, &err), AUTH_STATUS_CRYPTO,
                 &err);
}

typedef struct hkdf_row {
    const char *key, *salt, *info, *out;
} hkdf_row;

/* RFC 5869 appendix A.1 to A.3. */
static const hkdf_row hkdf_rows[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
     "f0f1f2f3f4f5f6f7f8f9",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2"
     "e"
     "2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8"
     "e"
     "8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcddd"
     "e"
     "dfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590"
     "e"
     "09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

#define HKDF_ROWS (sizeof hkdf_rows / sizeof hkdf_rows[0])

START_TEST(hkdf)
{
    set_up();
    const hkdf_row *row = &hkdf_rows[_i];
    auth_error err;
    uint8_t out[255 * REGISTRY_HASH_SIZE + 1];
    size_t len = strlen(row->out) / 2;
    assert_ok(registry_hkdf_sha256(crypto, hex(row->key), hex(row->salt), hex(row->info), out, len,
                                   &err),
              &err);
    assert_bytes(((auth_bytes){out, len}), hex(row->out));
    assert_ok(registry_hkdf_sha256(crypto, hex(row->key), hex(row->salt), hex(row->info), out,
                                   sizeof out - 1, &err),
              &err);
    assert_bytes(((auth_bytes){out, len}), hex(row->out));
    assert_fails(registry_hkdf_sha256(crypto, hex(row->key), hex(row->salt), hex(row->info), out,
                                      sizeof out, &err),
                 AUTH_STATUS_LIMIT, &err);
}

/* Test case 16 of the GCM specification (McGrew and Viega), which SP 800-38D took over. */
static const char gcm_key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char gcm_nonce[] = "cafebabefacedbaddecaf888";
static const char gcm_associated[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char gcm_plain[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c"
                                "3c0c95956809532fcf0e2449a6b525"
                                "b16aedf5aa0de657ba637b39";
static const char gcm_sealed[] = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8"
                                 "cb08e48590dbb3da7b08b1056828838"
                                 "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";

START_TEST(gcm)
{
    set_up();
    auth_error err;
    uint8_t out[128];
    auth_bytes plain = hex(gcm_plain);
    auth_bytes sealed = hex(gcm_sealed);
    assert_ok(registry_gcm_seal(crypto, hex(gcm_key).data, hex(gcm_nonce).data, hex(gcm_associated),
                                plain, out, &err),
              &err);
    assert_bytes(((auth_bytes){out, plain.len + REGISTRY_TAG_SIZE}), sealed);
    assert_ok(registry_gcm_open(crypto, hex(gcm_key).data, hex(gcm_nonce).data, hex(gcm_associated),
                                sealed, out, &err),
              &err);
    assert_bytes(((auth_bytes){out, plain.len}), plain);
}

START_TEST(gcm_opens_nothing_that_was_changed)
{
    set_up();
    auth_error err;
    uint8_t parts[4][128];
    size_t lens[4];
    const char *texts[] = {gcm_key, gcm_nonce, gcm_associated, gcm_sealed};
    for (int i = 0; i < 4; i++)
        lens[i] = harness_hex(texts[i], parts[i], sizeof parts[i]).len;
    for (int i = 0; i < 4; i++) {
        for (size_t bit = 0; bit < 8 * lens[i]; bit++) {
            uint8_t out[128];
            static const uint8_t zeros[128];
            memset(out, 0xee, sizeof out);
            parts[i][bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_fails(registry_gcm_open(crypto, parts[0], parts[1],
                                           (auth_bytes){parts[2], lens[2]},
                                           (auth_bytes){parts[3], lens[3]}, out, &err),
                         AUTH_STATUS_UNTRUSTED, &err);
            ck_assert_mem_eq(out, zeros, lens[3] - REGISTRY_TAG_SIZE);
            parts[i][bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
    uint8_t out[128];
    assert_fails(registry_gcm_open(crypto, parts[0], parts[1], (auth_bytes){NULL, 0},
                                   (auth_bytes){parts[3], REGISTRY_TAG_SIZE - 1}, out, &err),
                 AUTH_STATUS_MALFORMED, &err);
}

START_TEST(gcm_of_nothing_is_a_tag)
{
    set_up();
    auth_error err;
    uint8_t out[REGISTRY_TAG_SIZE];
    auth_bytes nothing = {NULL, 0};
    assert_ok(registry_gcm_seal(crypto, hex(gcm_key).data, hex(gcm_nonce).data, nothing, nothing,
                                out, &err),
              &err);
    assert_ok(registry_gcm_open(crypto, hex(gcm_key).data, hex(gcm_nonce).data, nothing,
                                (auth_bytes){out, sizeof out}, out, &err),
              &err);
}

START_TEST(too_much_in_one_call)
{
    set_up();
    auth_error err;
    uint8_t out[REGISTRY_TAG_SIZE];
    auth_bytes never_read = {(const uint8_t *)"", REGISTRY_CRYPTO_MAX + 1};
    auth_bytes nothing = {NULL, 0};
    assert_fails(registry_gcm_seal(crypto, hex(gcm_key).data, hex(gcm_nonce).data, nothing,
                                   never_read, out, &err),
                 AUTH_STATUS_LIMIT, &err);
    assert_fails(registry_gcm_open(crypto, hex(gcm_key).data, hex(gcm_nonce).data, never_read,
                                   (auth_bytes){out, sizeof out}, out, &err),
                 AUTH_STATUS_LIMIT, &err);
}

START_TEST(random_octets_differ)
{
    auth_error err;
    uint8_t a[32];
    uint8_t b[32];
    assert_ok(registry_random(a, sizeof a, &err), &err);
    assert_ok(registry_random(b, sizeof b, &err), &err);
    ck_assert_mem_ne(a, b, sizeof a);
}

static auth_status make(void *context)
{
    (void)context;
    registry_crypto *made = NULL;
    auth_error err;
    auth_status status = registry_crypto_new(&made, &err);
    if (status != AUTH_STATUS_OK && made != NULL)
        return AUTH_STATUS_INTERNAL;
    registry_crypto_free(made);
    return status;
}

START_TEST(without_memory_there_is_none)
{
    ck_assert_uint_eq(harness_for_each_failure(make, NULL), 1);
    registry_crypto_free(NULL);
}

SUITE("registry_crypto", TEST(sha256), TEST(hmac), TEST(hmac_needs_a_key),
      TEST_EACH(hkdf, HKDF_ROWS), TEST(gcm), TEST(gcm_opens_nothing_that_was_changed),
      TEST(gcm_of_nothing_is_a_tag), TEST(too_much_in_one_call), TEST(random_octets_differ),
      TEST(without_memory_there_is_none))
