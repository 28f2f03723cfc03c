/* SPDX-License-Identifier: Apache-2.0 */
/* Does every byte string have exactly one text in each codec, and is every other text refused at
 * the first character that cannot stand there? */
#include "harness/harness.h"

#include <auth/codec.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODECS 3

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

/* RFC 4648 section 10; base64url drops the padding (RFC 7515 section 2). */

typedef struct known_text {
    const char *octets;
    const char *text[CODECS];
} known_text;

static const known_text known_texts[] = {
    {"", {"", "", ""}},
    {"f", {"66", "Zg==", "Zg"}},
    {"fo", {"666f", "Zm8=", "Zm8"}},
    {"foo", {"666f6f", "Zm9v", "Zm9v"}},
    {"foob", {"666f6f62", "Zm9vYg==", "Zm9vYg"}},
    {"fooba", {"666f6f6261", "Zm9vYmE=", "Zm9vYmE"}},
    {"foobar", {"666f6f626172", "Zm9vYmFy", "Zm9vYmFy"}},
    {"\xfb\xff\xbf", {"fbffbf", "+/+/", "-_-_"}},
};

START_TEST(the_vectors_of_the_rfc)
{
    for (size_t i = 0; i < sizeof known_texts / sizeof known_texts[0]; i++) {
        auth_bytes octets = auth_bytes_from_text(known_texts[i].octets);
        auth_bytes text = auth_bytes_from_text(known_texts[i].text[_i]);
        auth_buf *buf = new_buf(100);
        auth_error err;
        assert_ok(auth_codec_encode((auth_codec)_i, octets, buf, &err), &err);
        assert_bytes(auth_buf_bytes(buf), text);
        auth_buf_truncate(buf, 0);
        assert_ok(auth_codec_decode((auth_codec)_i, text, buf, &err), &err);
        assert_bytes(auth_buf_bytes(buf), octets);
        auth_buf_free(buf);
    }
}

START_TEST(hex_is_read_in_both_cases_and_written_in_one)
{
    auth_buf *buf = new_buf(100);
    auth_error err;
    assert_ok(auth_codec_decode(AUTH_CODEC_HEX, BYTES("00aAfFEe9B"), buf, &err), &err);
    assert_bytes(auth_buf_bytes(buf), BYTES("\0\xaa\xff\xee\x9b"));
    auth_buf *text = new_buf(100);
    assert_ok(auth_codec_encode(AUTH_CODEC_HEX, auth_buf_bytes(buf), text, &err), &err);
    assert_bytes(auth_buf_bytes(text), BYTES("00aaffee9b"));
    auth_buf_free(text);
    auth_buf_free(buf);
}

/* Octets without a pattern, the same in every run. */
static void fill(uint8_t *out, size_t len)
{
    uint64_t state = 0x9e3779b97f4a7c15U + len;
    for (size_t i = 0; i < len; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        out[i] = (uint8_t)(state >> 56);
    }
}

START_TEST(what_was_encoded_is_decoded)
{
    auth_buf *text = new_buf(1000);
    auth_buf *back = new_buf(1000);
    auth_error err;
    for (size_t len = 0; len < 200; len++) {
        uint8_t octets[200];
        fill(octets, len);
        auth_buf_truncate(text, 0);
        auth_buf_truncate(back, 0);
        assert_ok(auth_codec_encode((auth_codec)_i, (auth_bytes){octets, len}, text, &err), &err);
        assert_ok(auth_codec_decode((auth_codec)_i, auth_buf_bytes(text), back, &err), &err);
        assert_bytes(auth_buf_bytes(back), ((auth_bytes){octets, len}));
    }
    auth_buf_free(back);
    auth_buf_free(text);
}

START_TEST(a_megabyte_comes_back)
{
    size_t len = ((size_t)1 << 20) + 1;
    uint8_t *octets = malloc(len);
    ck_assert_ptr_nonnull(octets);
    fill(octets, len);
    auth_buf *text = new_buf(4 * len);
    auth_buf *back = new_buf(len);
    auth_error err;
    assert_ok(auth_codec_encode((auth_codec)_i, (auth_bytes){octets, len}, text, &err), &err);
    assert_ok(auth_codec_decode((auth_codec)_i, auth_buf_bytes(text), back, &err), &err);
    assert_bytes(auth_buf_bytes(back), ((auth_bytes){octets, len}));
    auth_buf_free(back);
    auth_buf_free(text);
    free(octets);
}

/* One text for each byte string */

/* Tells whether text is what encoding would write: accepted exactly then. */
static bool is_canonical(auth_codec codec, auth_bytes text, auth_buf *octets, auth_buf *again)
{
    auth_buf_truncate(octets, 0);
    auth_buf_truncate(again, 0);
    if (auth_codec_decode(codec, text, octets, NULL) != AUTH_STATUS_OK) {
        assert_each(auth_buf_bytes(octets).len == 0, "a refused text left octets");
        return false;
    }
    if (auth_codec_encode(codec, auth_buf_bytes(octets), again, NULL) != AUTH_STATUS_OK)
        ck_abort_msg("what was decoded cannot be encoded");
    auth_bytes canonical = auth_buf_bytes(again);
    assert_each(canonical.len == text.len, "another text of the same octets was accepted");
    for (size_t i = 0; i < text.len; i++) {
        int c = codec == AUTH_CODEC_HEX ? tolower(text.data[i]) : text.data[i];
        assert_each(canonical.data[i] == c, "'%.*s' is not the text of its octets", (int)text.len,
                    (const char *)text.data);
    }
    return true;
}

START_TEST(of_all_texts_of_one_and_two_characters)
{
    /* Hex: 22 digits squared. Base64: none without padding. Base64url: an octet in two digits. */
    static const size_t expected[CODECS] = {(size_t)22 * 22, 0, 256};
    auth_buf *octets = new_buf(10);
    auth_buf *again = new_buf(10);
    size_t accepted = 0;
    for (unsigned first = 0; first < 256; first++) {
        uint8_t text[2] = {(uint8_t)first};
        assert_each(!is_canonical((auth_codec)_i, (auth_bytes){text, 1}, octets, again),
                    "one character is no octet");
        for (unsigned second = 0; second < 256; second++) {
            text[1] = (uint8_t)second;
            accepted += is_canonical((auth_codec)_i, (auth_bytes){text, 2}, octets, again) ? 1 : 0;
        }
    }
    ck_assert_uint_eq(accepted, expected[_i]);
    auth_buf_free(again);
    auth_buf_free(octets);
}

START_TEST(of_all_texts_of_four_characters_that_matter)
{
    static const char some[] = "AQgwBz09+/-_= \nF\x80";
    size_t count = sizeof some; /* its NUL matters too */
    auth_buf *octets = new_buf(10);
    auth_buf *again = new_buf(10);
    size_t accepted = 0;
    for (size_t n = 0; n < count * count * count * count; n++) {
        uint8_t text[4];
        size_t rest = n;
        for (size_t i = 0; i < 4; i++, rest /= count)
            text[i] = (uint8_t)some[rest % count];
        for (size_t len = 3; len <= 4; len++)
            accepted +=
                is_canonical((auth_codec)_i, (auth_bytes){text, len}, octets, again) ? 1 : 0;
    }
    ck_assert_uint_gt(accepted, 100);
    auth_buf_free(again);
    auth_buf_free(octets);
}

/* The place of the fault */

typedef struct refused_text {
    auth_codec codec;
    auth_bytes text;
    size_t position; /* from 1 */
} refused_text;

#define ROW(codec, text, position)                                                                 \
    {                                                                                              \
        AUTH_CODEC_##codec, {(const uint8_t *)(text), sizeof(text) - 1}, (position)                \
    }

/* clang-format off */
static const refused_text refused_texts[] = {
    ROW(HEX, "0", 2), ROW(HEX, "000", 4), ROW(HEX, "0g", 2), ROW(HEX, "g", 1), ROW(HEX, "zzz", 1),
    ROW(HEX, "0x00", 2), ROW(HEX, " 00", 1), ROW(HEX, "00 ", 3), ROW(HEX, "00\n", 3),
    ROW(HEX, "0\0" "0", 2), ROW(HEX, "00:00", 3), ROW(HEX, "００", 1), ROW(HEX, "00==", 3),

    ROW(BASE64, "Zg", 3), ROW(BASE64, "Zg=", 4), ROW(BASE64, "Zm8", 4), ROW(BASE64, "Z", 2),
    ROW(BASE64, "=", 1), ROW(BASE64, "====", 1), ROW(BASE64, "Z===", 2), ROW(BASE64, "Zg==Zg==", 5),
    ROW(BASE64, "Zg=g", 4), ROW(BASE64, "Zm8==", 5), ROW(BASE64, "Zm9v=", 5),
    ROW(BASE64, "Zm9v====", 5), ROW(BASE64, "Zh==", 2), ROW(BASE64, "Zm9=", 3),
    ROW(BASE64, "Zm9vYh==", 6), ROW(BASE64, "Zg==\n", 5), ROW(BASE64, "Zm9v\nYmFy", 5),
    ROW(BASE64, " Zg==", 1), ROW(BASE64, "Z g==", 2), ROW(BASE64, "-_-_", 1),
    ROW(BASE64, "Zm9*", 4), ROW(BASE64, "Zm\0v", 3), ROW(BASE64, "Zm9\x80", 4),
    ROW(BASE64, "Z=g=", 2), ROW(BASE64, "!!!!!", 1),

    ROW(BASE64URL, "Z", 2), ROW(BASE64URL, "Zg==", 3), ROW(BASE64URL, "Zm8=", 4),
    ROW(BASE64URL, "Zh", 2), ROW(BASE64URL, "Zm9", 3), ROW(BASE64URL, "Zm9vYh", 6),
    ROW(BASE64URL, "+/+/", 1), ROW(BASE64URL, "Zm9v\n", 5), ROW(BASE64URL, "Zm9vY", 6),
    ROW(BASE64URL, " Zm9v", 1), ROW(BASE64URL, "Zm9.", 4), ROW(BASE64URL, "Zm9\0", 4),
};
/* clang-format on */

START_TEST(a_refusal_names_the_first_character_that_cannot_stand_there)
{
    const refused_text *row = &refused_texts[_i];
    auth_buf *out = new_buf(100);
    auth_error err;
    assert_ok(auth_buf_append(out, BYTES("before"), &err), &err);
    assert_fails(auth_codec_decode(row->codec, row->text, out, &err), AUTH_STATUS_MALFORMED, &err);
    char place[64];
    (void)snprintf(place, sizeof place, ": character %zu: ", row->position);
    ck_assert_msg(strstr(err.text, place) != NULL, "not%s but %s", place, err.text);
    assert_bytes(auth_buf_bytes(out), BYTES("before"));
    ck_assert_int_eq((int)auth_codec_decode(row->codec, row->text, out, NULL),
                     (int)AUTH_STATUS_MALFORMED);
    auth_buf_free(out);
}

/* Buffers */

START_TEST(what_is_decoded_follows_what_was_there)
{
    auth_buf *out = new_buf(100);
    auth_error err;
    assert_ok(auth_buf_append(out, BYTES("before"), &err), &err);
    assert_ok(auth_codec_decode(AUTH_CODEC_HEX, BYTES("2121"), out, &err), &err);
    assert_bytes(auth_buf_bytes(out), BYTES("before!!"));
    assert_ok(auth_codec_encode(AUTH_CODEC_BASE64, BYTES("f"), out, &err), &err);
    assert_bytes(auth_buf_bytes(out), BYTES("before!!Zg=="));
    auth_buf_free(out);
}

START_TEST(a_buffer_that_is_too_small_is_left_alone)
{
    static const char *const texts[CODECS] = {"666f6f", "Zm9v", "Zm9v"};
    auth_buf *out = new_buf(2);
    auth_error err;
    assert_fails(auth_codec_decode((auth_codec)_i, auth_bytes_from_text(texts[_i]), out, &err),
                 AUTH_STATUS_LIMIT, &err);
    assert_fails(auth_codec_encode((auth_codec)_i, BYTES("foo"), out, &err), AUTH_STATUS_LIMIT,
                 &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    auth_buf_free(out);
    out = new_buf(3);
    assert_ok(auth_codec_decode((auth_codec)_i, auth_bytes_from_text(texts[_i]), out, &err), &err);
    assert_bytes(auth_buf_bytes(out), BYTES("foo"));
    auth_buf_free(out);
}

START_TEST(sizes_do_not_wrap_around)
{
    static const size_t huge[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 4 + 4};
    auth_buf *out = new_buf(SIZE_MAX);
    auth_error err;
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        auth_bytes never_read = {(const uint8_t *)"", huge[i]};
        assert_fails(auth_codec_encode((auth_codec)_i, never_read, out, &err), AUTH_STATUS_LIMIT,
                     &err);
        assert_fails(auth_codec_decode((auth_codec)_i, never_read, out, &err), AUTH_STATUS_LIMIT,
                     &err);
    }
    auth_buf_free(out);
}

typedef struct attempt {
    auth_codec codec;
    bool is_decoding;
    auth_buf *out;
} attempt;

static auth_status convert(void *context)
{
    static const char *const texts[CODECS] = {"666f6f", "Zm9v", "Zm9v"};
    attempt *it = context;
    auth_bytes text = auth_bytes_from_text(texts[it->codec]);
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = it->is_decoding
                             ? auth_codec_decode(it->codec, text, it->out, &err)
                             : auth_codec_encode(it->codec, BYTES("foo"), it->out, &err);
    if (status != AUTH_STATUS_OK && (auth_buf_bytes(it->out).len != 0 || err.status != status))
        return AUTH_STATUS_INTERNAL;
    return status;
}

START_TEST(without_memory_nothing_is_written)
{
    for (int way = 0; way < 2; way++) {
        attempt it = {.codec = (auth_codec)_i, .is_decoding = way == 1, .out = new_buf(100)};
        ck_assert_uint_eq(harness_for_each_failure(convert, &it), 1);
        auth_buf_free(it.out);
    }
}

SUITE("codec", TEST_EACH(the_vectors_of_the_rfc, CODECS),
      TEST(hex_is_read_in_both_cases_and_written_in_one),
      TEST_EACH(what_was_encoded_is_decoded, CODECS), TEST_EACH(a_megabyte_comes_back, CODECS),
      TEST_EACH(of_all_texts_of_one_and_two_characters, CODECS),
      TEST_EACH(of_all_texts_of_four_characters_that_matter, CODECS),
      TEST_EACH(a_refusal_names_the_first_character_that_cannot_stand_there,
                sizeof refused_texts / sizeof refused_texts[0]),
      TEST(what_is_decoded_follows_what_was_there),
      TEST_EACH(a_buffer_that_is_too_small_is_left_alone, CODECS),
      TEST_EACH(sizes_do_not_wrap_around, CODECS),
      TEST_EACH(without_memory_nothing_is_written, CODECS))
