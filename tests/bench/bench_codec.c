/* SPDX-License-Identifier: Apache-2.0 */
/* How fast is base64url decoded, as in every signed document, and how does that compare with
 * copying the text? Once for a long document and once for the short parts of a login. */
#include "bench/bench.h"
#include "harness/data.h"

#include <auth/codec.h>
#include <stdlib.h>
#include <string.h>

#define LONG_OCTETS ((size_t)1 << 20)
#define SHORT_OCTETS ((size_t)96) /* a P-256 signature has 64 */

typedef struct document {
    auth_buf *text;
    auth_buf *octets;
    uint8_t *copy;
    size_t times; /* a turn */
} document;

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    if (auth_buf_new(max, &buf, &err) != AUTH_STATUS_OK)
        harness_die("%s", err.text);
    return buf;
}

static document new_document(size_t len)
{
    document it = {
        .text = new_buf(2 * len),
        .octets = new_buf(len),
        .copy = malloc(2 * len),
        .times = LONG_OCTETS / len,
    };
    uint8_t *place = NULL;
    auth_error err;
    if (it.copy == NULL || auth_buf_extend(it.octets, len, &place, &err) != AUTH_STATUS_OK)
        harness_die("out of memory");
    for (size_t i = 0; i < len; i++)
        place[i] = (uint8_t)(i * i >> 3);
    if (auth_codec_encode(AUTH_CODEC_BASE64URL, auth_buf_bytes(it.octets), it.text, &err) !=
        AUTH_STATUS_OK)
        harness_die("%s", err.text);
    return it;
}

static void free_document(document *it)
{
    auth_buf_free(it->text);
    auth_buf_free(it->octets);
    free(it->copy);
}

/* Both give megabytes of text. */

static double decode(void *context)
{
    document *it = context;
    auth_bytes text = auth_buf_bytes(it->text);
    auth_error err;
    for (size_t i = 0; i < it->times; i++) {
        auth_buf_truncate(it->octets, 0);
        if (auth_codec_decode(AUTH_CODEC_BASE64URL, text, it->octets, &err) != AUTH_STATUS_OK)
            harness_die("%s", err.text);
    }
    return (double)(it->times * text.len) / 1e6;
}

static double copy(void *context)
{
    document *it = context;
    auth_bytes text = auth_buf_bytes(it->text);
    for (size_t i = 0; i < it->times; i++) {
        memcpy(it->copy, text.data, text.len);
        bench_use(it->copy);
    }
    return (double)(it->times * text.len) / 1e6;
}

static void measure(const char *name, size_t len, double seconds)
{
    document it = new_document(len);
    bench_result result = {
        .name = name,
        .value = bench_rate(decode, &it, seconds / 2),
        .unit = "MB/s",
        .against = "memcpy of the same text",
        .reference_value = bench_rate(copy, &it, seconds / 2),
    };
    bench_print(&result);
    free_document(&it);
}

int main(int argc, char **argv)
{
    double seconds = bench_seconds(argc, argv);
    measure("base64url-decode-long", LONG_OCTETS, seconds / 2);
    measure("base64url-decode-short", SHORT_OCTETS, seconds / 2);
    return 0;
}
