/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include <string.h>

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool line_hex(const uint8_t *text, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool line_skip(line_reader *in, const char *word)
{
    size_t len = strlen(word);
    if (in->left.len < len || memcmp(in->left.data, word, len) != 0)
        return false;
    in->left = (auth_bytes){in->left.data + len, in->left.len - len};
    return true;
}

bool line_begins(line_reader *in, const char *member, const char *word)
{
    in->member = member;
    return line_skip(in, word);
}

bool line_take(line_reader *in, auth_bytes *out)
{
    const uint8_t *end = in->left.len == 0 ? NULL : memchr(in->left.data, '"', in->left.len);
    if (end == NULL)
        return false;
    *out = (auth_bytes){in->left.data, (size_t)(end - in->left.data)};
    in->left = (auth_bytes){end + 1, in->left.len - out->len - 1};
    return true;
}

bool line_take_text(line_reader *in, char *out, size_t size, bool (*fits)(auth_bytes))
{
    auth_bytes text;
    if (!line_take(in, &text) || text.len == 0 || text.len >= size || !fits(text))
        return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

bool line_take_hex(line_reader *in, uint8_t *out, size_t len)
{
    auth_bytes text;
    return line_take(in, &text) && text.len == 2 * len && line_hex(text.data, out, len);
}

bool line_take_number(line_reader *in, uint64_t max, uint64_t *out)
{
    uint64_t number = 0;
    size_t len = 0;
    for (; len < in->left.len; len++) {
        uint8_t c = in->left.data[len];
        if (c < '0' || c > '9')
            break;
        if (number > max / 10 || number * 10 > max - (uint64_t)(c - '0'))
            return false;
        number = number * 10 + (uint64_t)(c - '0');
    }
    if (len == 0 || (len > 1 && in->left.data[0] == '0'))
        return false;
    in->left = (auth_bytes){in->left.data + len, in->left.len - len};
    *out = number;
    return true;
}
