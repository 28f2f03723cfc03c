/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every key file that is read written in exactly the same way, and does every other text leave
 * the result alone? The check of the last line is put right first, so that the lines before it are
 * reached.
 */
#include "fuzz/fuzz.h"
#include "registry/key_text.h"

#include <auth/codec.h>
#include <string.h>

static registry_crypto *crypto;

static auth_buf *new_buf(void)
{
    auth_buf *buf = NULL;
    auth_error err;
    FUZZ_CHECK(auth_buf_new((size_t)1 << 20, &buf, &err) == AUTH_STATUS_OK);
    return buf;
}

static void check(auth_bytes text)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    key_text key;
    memset(&key, 0x5a, sizeof key);
    key_text before = key;
    auth_status status = key_text_parse(crypto, text, &key, &err);
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(err.status == status && memcmp(&key, &before, sizeof key) == 0);
        FUZZ_CHECK(status == AUTH_STATUS_MALFORMED || status == AUTH_STATUS_UNSUPPORTED);
        return;
    }
    auth_buf *again = new_buf();
    FUZZ_CHECK(key_text_write(crypto, &key, again, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_bytes_equal(auth_buf_bytes(again), text));
    FUZZ_CHECK(text.len <= KEY_TEXT_MAX);
    auth_buf_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err;
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_bytes lines = {data, size};
    if (crypto == NULL)
        FUZZ_CHECK(registry_crypto_new(&crypto, &err) == AUTH_STATUS_OK);
    check(lines);
    auth_buf *text = new_buf();
    FUZZ_CHECK(registry_sha256(crypto, &lines, 1, hash, &err) == AUTH_STATUS_OK);
    if (size < (size_t)1 << 19) {
        FUZZ_CHECK(auth_buf_append(text, lines, &err) == AUTH_STATUS_OK);
        FUZZ_CHECK(auth_buf_printf(text, &err, "check ") == AUTH_STATUS_OK);
        FUZZ_CHECK(auth_codec_encode(AUTH_CODEC_HEX, (auth_bytes){hash, 8}, text, &err) ==
                   AUTH_STATUS_OK);
        FUZZ_CHECK(auth_buf_printf(text, &err, "\n") == AUTH_STATUS_OK);
        check(auth_buf_bytes(text));
    }
    auth_buf_free(text);
    return 0;
}
