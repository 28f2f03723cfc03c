/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/text.h"

#include <string.h>

/* Every type of person number has at least four digits. */
#define DIGITS_SHOWN 3

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

void daemon_mask(auth_bytes text, char out[DAEMON_MASKED_SIZE])
{
    size_t used = 0;
    for (size_t at = 0; at < text.len && used + sizeof "..." < DAEMON_MASKED_SIZE;) {
        size_t digits = 0;
        while (at + digits < text.len && is_digit(text.data[at + digits]))
            digits++;
        if (digits > DIGITS_SHOWN) {
            memcpy(out + used, "...", 3);
            used += 3;
            at += digits;
            continue;
        }
        uint8_t c = text.data[at++];
        out[used++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
    }
    out[used] = '\0';
}

/* Tells how many octets a sequence has that begins with this octet; 0: none begins so. */
static size_t sequence_len(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* The second octet has narrower bounds: no overlong form, surrogate, or code above U+10FFFF. */
static bool is_second(uint8_t first, uint8_t second)
{
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

static bool is_sequence(const uint8_t *at, size_t len)
{
    if (len > 1 && !is_second(at[0], at[1]))
        return false;
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return false;
    }
    /* C1 controls. */
    return !(at[0] == 0xc2 && at[1] < 0xa0);
}

bool daemon_is_text(auth_bytes octets)
{
    for (size_t at = 0; at < octets.len;) {
        uint8_t first = octets.data[at];
        size_t len = sequence_len(first);
        if (len == 0 || len > octets.len - at)
            return false;
        if (len == 1 && ((first < 0x20 && first != '\t') || first == 0x7f))
            return false;
        if (len > 1 && !is_sequence(octets.data + at, len))
            return false;
        at += len;
    }
    return true;
}

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

auth_bytes daemon_trim(auth_bytes text)
{
    while (text.len > 0 && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool daemon_is(auth_bytes octets, const char *text)
{
    return octets.len == strlen(text) && memcmp(octets.data, text, octets.len) == 0;
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

bool daemon_is_caseless(auth_bytes octets, const char *text)
{
    if (octets.len != strlen(text))
        return false;
    for (size_t i = 0; i < octets.len; i++) {
        if (lower(octets.data[i]) != lower((uint8_t)text[i]))
            return false;
    }
    return true;
}

bool daemon_read_decimal(auth_bytes text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        if (digit > 9 || value > (max - (digit <= max ? digit : max)) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (text.len == 0 || value > max)
        return false;
    *out = value;
    return true;
}
