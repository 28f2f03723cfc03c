/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does decoding and encoding give the text back (hex in lower case), encoding and decoding the
 * octets, and does neither pass the buffer's maximum or change it when it fails? The first octet
 * chooses the codec, the second the maximum.
 */
#include "fuzz/fuzz.h"

#include <auth/codec.h>
#include <string.h>

#define CODECS 3U
#define ROOMY 200U /* from here on the maximum is no obstacle */

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    FUZZ_CHECK(auth_buf_new(max, &buf, &err) == AUTH_STATUS_OK);
    return buf;
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c; }

static void check_text_comes_back(auth_codec codec, auth_bytes octets, auth_bytes text)
{
    auth_buf *again = new_buf(SIZE_MAX);
    auth_error err;
    FUZZ_CHECK(auth_codec_encode(codec, octets, again, &err) == AUTH_STATUS_OK);
    auth_bytes canonical = auth_buf_bytes(again);
    FUZZ_CHECK(canonical.len == text.len);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = codec == AUTH_CODEC_HEX ? lower(text.data[i]) : text.data[i];
        FUZZ_CHECK(canonical.data[i] == c);
    }
    auth_buf_free(again);
}

static void decode(auth_codec codec, auth_bytes text, size_t max)
{
    auth_buf *out = new_buf(max);
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_codec_decode(codec, text, out, &err);
    auth_bytes octets = auth_buf_bytes(out);
    FUZZ_CHECK(octets.len <= max);
    if (status == AUTH_STATUS_OK) {
        check_text_comes_back(codec, octets, text);
    } else {
        FUZZ_CHECK(status == err.status && octets.len == 0);
        FUZZ_CHECK(status == AUTH_STATUS_MALFORMED ||
                   (status == AUTH_STATUS_LIMIT && max < text.len));
    }
    auth_buf_free(out);
}

static void encode(auth_codec codec, auth_bytes octets, size_t max)
{
    auth_buf *text = new_buf(max);
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_codec_encode(codec, octets, text, &err);
    if (status == AUTH_STATUS_OK) {
        auth_buf *back = new_buf(octets.len);
        FUZZ_CHECK(auth_codec_decode(codec, auth_buf_bytes(text), back, &err) == AUTH_STATUS_OK);
        FUZZ_CHECK(auth_bytes_equal(auth_buf_bytes(back), octets));
        auth_buf_free(back);
    } else {
        FUZZ_CHECK(status == AUTH_STATUS_LIMIT && err.status == status);
        FUZZ_CHECK(max < 2 * octets.len + 4 && auth_buf_bytes(text).len == 0);
    }
    auth_buf_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    auth_codec codec = (auth_codec)(data[0] % CODECS);
    size_t max = data[1] < ROOMY ? data[1] : SIZE_MAX;
    auth_bytes rest = {data + 2, size - 2};
    decode(codec, rest, max);
    encode(codec, rest, max);
    return 0;
}
