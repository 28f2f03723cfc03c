/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/codec.h>
#include <string.h>

#define PAD '='
/* Stands in the value of an octet that is a digit. */
#define DIGIT 0x80U
/* What four of them add to a group. */
#define MARKS ((DIGIT << 18) + (DIGIT << 12) + (DIGIT << 6) + DIGIT)

/*
 * A base-2^n codec: a group of octets becomes a group of characters. For hex the group is 1 octet
 * and 2 characters, for base64 3 and 4.
 */
typedef struct codec_row {
    const char *name;
    const char *alphabet;
    const uint8_t *values; /* of every octet, with DIGIT in it when it is a digit */
    unsigned bits_per_char;
    bool is_padded;
} codec_row;

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Characters that follow each other, with the values that do. */
#define ONE(c, value) [c] = DIGIT | (value)
#define TWO(c, value) ONE(c, value), ONE((c) + 1, (value) + 1)
#define SIX(c, value) TWO(c, value), TWO((c) + 2, (value) + 2), TWO((c) + 4, (value) + 4)
#define TEN(c, value) SIX(c, value), TWO((c) + 6, (value) + 6), TWO((c) + 8, (value) + 8)
#define ALL_26(c, value) TEN(c, value), TEN((c) + 10, (value) + 10), SIX((c) + 20, (value) + 20)
#define LETTERS_AND_DIGITS_FIRST ALL_26('A', 0), ALL_26('a', 26), TEN('0', 52)

static const uint8_t hex_values[256] = {TEN('0', 0), SIX('a', 10), SIX('A', 10)};
static const uint8_t base64_values[256] = {LETTERS_AND_DIGITS_FIRST, ONE('+', 62), ONE('/', 63)};
static const uint8_t base64url_values[256] = {LETTERS_AND_DIGITS_FIRST, ONE('-', 62), ONE('_', 63)};

static const codec_row codecs[] = {
    [AUTH_CODEC_HEX] = {"hex", "0123456789abcdef", hex_values, 4, false},
    [AUTH_CODEC_BASE64] = {"base64", LETTERS_AND_DIGITS "+/", base64_values, 6, true},
    [AUTH_CODEC_BASE64URL] = {"base64url", LETTERS_AND_DIGITS "-_", base64url_values, 6, false},
};

static size_t encoded_len(const codec_row *codec, size_t len)
{
    if (codec->bits_per_char == 4)
        return len * 2;
    if (codec->is_padded)
        return (len + 2) / 3 * 4;
    return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

auth_status auth_codec_encode(auth_codec id, auth_bytes bytes, auth_buf *out, auth_error *err)
{
    const codec_row *codec = &codecs[id];
    if (bytes.len > SIZE_MAX / 4)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "%zu octets are too many", bytes.len);
    uint8_t *text = NULL;
    size_t text_len = encoded_len(codec, bytes.len);
    auth_status status = auth_buf_extend(out, text_len, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;

    uint32_t window = 0; /* the low `bits` bits are not written yet */
    unsigned bits = 0;
    size_t n = 0;
    uint32_t mask = (1U << codec->bits_per_char) - 1;
    for (size_t i = 0; i < bytes.len; i++) {
        window = window << 8 | bytes.data[i];
        for (bits += 8; bits >= codec->bits_per_char; bits -= codec->bits_per_char)
            text[n++] = (uint8_t)codec->alphabet[window >> (bits - codec->bits_per_char) & mask];
    }
    if (bits > 0)
        text[n++] = (uint8_t)codec->alphabet[window << (codec->bits_per_char - bits) & mask];
    while (n < text_len)
        text[n++] = PAD;
    return AUTH_STATUS_OK;
}

static auth_status malformed_at(const codec_row *codec, size_t index, const char *what,
                                auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s (RFC 4648): character %zu: %s",
                          codec->name, index + 1, what);
}

/* Tells where the digits end: those of a padded codec reach to the first '='. */
static size_t count_digits(const codec_row *codec, auth_bytes text)
{
    const uint8_t *pad = codec->is_padded && text.len > 0 ? memchr(text.data, PAD, text.len) : NULL;
    return pad == NULL ? text.len : (size_t)(pad - text.data);
}

/*
 * Decodes whole groups of 4 characters to 3 octets, up to one with something else in it, which is
 * then looked at character by character. Returns how many characters it took.
 */
static size_t decode_groups(const uint8_t *values, auth_bytes digits, uint8_t *bytes)
{
    size_t i = 0;
    for (size_t n = 0; digits.len - i >= 4; i += 4, n += 3) {
        const uint8_t *c = digits.data + i;
        uint32_t first = values[c[0]];
        uint32_t second = values[c[1]];
        uint32_t third = values[c[2]];
        uint32_t fourth = values[c[3]];
        if ((first & second & third & fourth & DIGIT) == 0)
            break;
        uint32_t group = (first << 18) + (second << 12) + (third << 6) + fourth - MARKS;
        bytes[n] = (uint8_t)(group >> 16);
        bytes[n + 1] = (uint8_t)(group >> 8);
        bytes[n + 2] = (uint8_t)group;
    }
    return i;
}

static auth_status decode_digits(const codec_row *codec, auth_bytes digits, uint8_t *bytes,
                                 auth_error *err)
{
    const uint8_t *values = codec->values;
    uint32_t window = 0;
    unsigned bits = 0;
    size_t start = codec->bits_per_char == 6 ? decode_groups(values, digits, bytes) : 0;
    size_t n = start / 4 * 3;
    for (size_t i = start; i < digits.len; i++) {
        uint8_t value = values[digits.data[i]];
        if ((value & DIGIT) == 0)
            return malformed_at(codec, i, "not a character of this alphabet; copy it again, whole",
                                err);
        window = window << codec->bits_per_char | (value & (uint8_t)~DIGIT);
        bits += codec->bits_per_char;
        if (bits >= 8) {
            bits -= 8;
            bytes[n++] = (uint8_t)(window >> bits);
        }
    }
    if (bits >= codec->bits_per_char)
        return malformed_at(codec, digits.len, "the text ends within an octet", err);
    if ((window & ((1U << bits) - 1)) != 0)
        return malformed_at(codec, digits.len - 1,
                            "unused trailing bits are not zero (section 3.5)", err);
    return AUTH_STATUS_OK;
}

/* Checks what stands behind the digits: the padding of the last group, and nothing more. */
static auth_status check_padding(const codec_row *codec, auth_bytes text, size_t digits,
                                 auth_error *err)
{
    size_t end = codec->is_padded ? (digits + 3) / 4 * 4 : digits;
    for (size_t i = digits; i < end; i++) {
        if (i >= text.len || text.data[i] != PAD)
            return malformed_at(codec, i, "the last group of 4 is not filled; pad it with '='",
                                err);
    }
    if (text.len > end)
        return malformed_at(codec, end, "nothing can follow the last group of 4", err);
    return AUTH_STATUS_OK;
}

auth_status auth_codec_decode(auth_codec id, auth_bytes text, auth_buf *out, auth_error *err)
{
    const codec_row *codec = &codecs[id];
    if (text.len > SIZE_MAX / 8)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "%zu characters are too many", text.len);
    size_t digits = count_digits(codec, text);
    size_t start = auth_buf_bytes(out).len;
    uint8_t *bytes = NULL;
    auth_status status = auth_buf_extend(out, digits * codec->bits_per_char / 8, &bytes, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = decode_digits(codec, (auth_bytes){text.data, digits}, bytes, err);
    if (status == AUTH_STATUS_OK)
        status = check_padding(codec, text, digits, err);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, start);
    return status;
}
