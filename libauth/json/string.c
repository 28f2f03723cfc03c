/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: RFC 8259 section 7 in UTF-8 by RFC 3629, and no NUL, which would end a C string. */
#include "json/token.h"

#include <string.h>

#define SURROGATE_FIRST 0xd800U
#define SURROGATE_LOW 0xdc00U
#define SURROGATE_LAST 0xdfffU

/* How many octets a sequence has by its first; 0 for one that begins none. */
static size_t sequence_len(uint8_t first)
{
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* The second octet tells over-long forms, surrogates and what is above U+10FFFF (RFC 3629 4). */
static bool is_second(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return second >= 0x80 && second <= 0xbf;
    }
}

/* Moves a character of several octets to *to. */
static bool copy_sequence(json_reader *reader, uint8_t **to)
{
    const uint8_t *from = reader->text + reader->at;
    size_t len = sequence_len(from[0]);
    bool is_good = len > 0 && len <= reader->len - reader->at && is_second(from[0], from[1]);
    for (size_t i = 2; is_good && i < len; i++)
        is_good = from[i] >= 0x80 && from[i] <= 0xbf;
    if (!is_good)
        return json_fail(reader, "not UTF-8 (RFC 3629); save the text as UTF-8");
    memmove(*to, from, len);
    *to += len;
    reader->at += len;
    return true;
}

/* Reads the four digits behind \u. */
static bool take_unit(json_reader *reader, uint32_t *out)
{
    uint32_t unit = 0;
    if (reader->len - reader->at < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        uint8_t c = reader->text[reader->at + i];
        uint8_t folded = c | 0x20;
        if (c >= '0' && c <= '9')
            unit = unit << 4 | (uint32_t)(c - '0');
        else if (folded >= 'a' && folded <= 'f')
            unit = unit << 4 | (uint32_t)(folded - 'a' + 10);
        else
            return false;
    }
    reader->at += 4;
    *out = unit;
    return true;
}

/* The second half of a pair, if it is there. */
static bool take_low(json_reader *reader, uint32_t *out)
{
    if (reader->len - reader->at < 2 || reader->text[reader->at] != '\\' ||
        reader->text[reader->at + 1] != 'u')
        return false;
    reader->at += 2;
    return take_unit(reader, out) && *out >= SURROGATE_LOW && *out <= SURROGATE_LAST;
}

static void put_character(uint32_t c, uint8_t **to)
{
    uint8_t *at = *to;
    if (c < 0x80) {
        *at++ = (uint8_t)c;
    } else if (c < 0x800) {
        *at++ = (uint8_t)(0xc0 | c >> 6);
        *at++ = (uint8_t)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *at++ = (uint8_t)(0xe0 | c >> 12);
        *at++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        *at++ = (uint8_t)(0x80 | (c & 0x3f));
    } else {
        *at++ = (uint8_t)(0xf0 | c >> 18);
        *at++ = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        *at++ = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        *at++ = (uint8_t)(0x80 | (c & 0x3f));
    }
    *to = at;
}

/* A character by its number, in one unit or a pair. It never gets longer than it was. */
static bool decode_unit(json_reader *reader, uint8_t **to)
{
    uint32_t c = 0;
    uint32_t low = 0;
    if (!take_unit(reader, &c))
        return json_fail(reader, "\\u without four hexadecimal digits; write them");
    if (c == 0)
        return json_fail(reader, "\\u0000 is not allowed; remove it");
    if (c >= SURROGATE_LOW && c <= SURROGATE_LAST)
        return json_fail(reader, "half of a surrogate pair; write both");
    if (c >= SURROGATE_FIRST && c < SURROGATE_LOW) {
        if (!take_low(reader, &low))
            return json_fail(reader, "half of a surrogate pair; write both");
        c = 0x10000 + ((c - SURROGATE_FIRST) << 10) + (low - SURROGATE_LOW);
    }
    put_character(c, to);
    return true;
}

/* Reads what follows a backslash. */
static bool decode_escape(json_reader *reader, uint8_t **to)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    uint8_t name = ++reader->at < reader->len ? reader->text[reader->at] : 0;
    reader->at++;
    if (name == 'u')
        return decode_unit(reader, to);
    const char *found = name == 0 ? NULL : strchr(names, name);
    if (found == NULL) {
        reader->at--;
        return json_fail(reader, "an unknown escape; write \\\\ for a backslash");
    }
    *(*to)++ = (uint8_t)values[found - names];
    return true;
}

/* Printable ASCII that stands for itself. */
static bool is_plain(uint8_t c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

/* As many octets as compilers test at once. */
#define BLOCK 32

static bool is_plain_block(const uint8_t *octets)
{
    unsigned others = 0;
    for (size_t i = 0; i < BLOCK; i++)
        others |= is_plain(octets[i]) ? 0U : 1U;
    return others == 0;
}

/* How many octets from the reader's place on are plain: nearly all of what is base64. */
static size_t count_plain(const json_reader *reader)
{
    size_t at = reader->at;
    while (reader->len - at >= BLOCK && is_plain_block(reader->text + at))
        at += BLOCK;
    while (at < reader->len && is_plain(reader->text[at]))
        at++;
    return at - reader->at;
}

bool json_read_string(json_reader *reader, auth_bytes *out)
{
    uint8_t *start = reader->text + reader->at;
    uint8_t *to = start;
    for (;;) {
        size_t plain = count_plain(reader);
        if (to != reader->text + reader->at)
            memmove(to, reader->text + reader->at, plain);
        to += plain;
        reader->at += plain;
        uint8_t c = reader->at < reader->len ? reader->text[reader->at] : 0;
        if (c == '"')
            break;
        if (c < 0x20)
            return json_fail(reader,
                             "a control character in a string, or no quote at its end; write \\u "
                             "and four digits, or close it");
        if (!(c == '\\' ? decode_escape(reader, &to) : copy_sequence(reader, &to)))
            return false;
    }
    *to = '\0';
    reader->at++;
    *out = (auth_bytes){start, (size_t)(to - start)};
    return true;
}
