/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/codec.h>
#include <auth/secret.h>

#define NOT_A_DIGIT 0xffU
#define PAD '='

/*
 * A base-2^n codec: a group of octets becomes a group of characters. For hex the group is 1 octet
 * and 2 characters, for base64 3 and 4.
 */
typedef struct codec_row {
    const char *name;
    const char *alphabet;
    unsigned bits_per_char;
    bool is_padded;
    bool folds_case;
} codec_row;

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const codec_row codecs[] = {
    [AUTH_CODEC_HEX] = {"hex", "0123456789abcdef", 4, false, true},
    [AUTH_CODEC_BASE64] = {"base64", LETTERS_AND_DIGITS "+/", 6, true, false},
    [AUTH_CODEC_BASE64URL] = {"base64url", LETTERS_AND_DIGITS "-_", 6, false, false},
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

static uint32_t digit_value(const codec_row *codec, uint8_t c)
{
    if (codec->folds_case && c >= 'A' && c <= 'F')
        return (uint32_t)(c - 'A' + 10);
    for (uint32_t value = 0; codec->alphabet[value] != '\0'; value++) {
        if ((uint8_t)codec->alphabet[value] == c)
            return value;
    }
    return NOT_A_DIGIT;
}

static void fill_values(const codec_row *codec, uint8_t values[256])
{
    for (unsigned c = 0; c < 256; c++)
        values[c] = (uint8_t)digit_value(codec, (uint8_t)c);
}

static auth_status malformed_at(const codec_row *codec, size_t index, const char *what,
                                auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s (RFC 4648): character %zu: %s",
                          codec->name, index + 1, what);
}

/* Strips the padding that a padded codec demands; *len becomes the number of digits. */
static auth_status strip_padding(const codec_row *codec, auth_bytes text, size_t *len,
                                 auth_error *err)
{
    *len = text.len;
    if (!codec->is_padded)
        return AUTH_STATUS_OK;
    if (text.len % 4 != 0)
        return malformed_at(codec, text.len, "the text ends within a group of 4; pad it with '='",
                            err);
    for (int i = 0; i < 2 && *len > 0 && text.data[*len - 1] == PAD; i++)
        (*len)--;
    return AUTH_STATUS_OK;
}

auth_status auth_codec_decode(auth_codec id, auth_bytes text, auth_buf *out, auth_error *err)
{
    const codec_row *codec = &codecs[id];
    size_t digits = 0;
    auth_status status = strip_padding(codec, text, &digits, err);
    if (status != AUTH_STATUS_OK)
        return status;
    unsigned group = codec->bits_per_char == 4 ? 2 : 4;
    if (digits % group == 1)
        return malformed_at(codec, digits, "the text ends within an octet", err);
    if (digits > SIZE_MAX / 8)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "%zu characters are too many", text.len);

    size_t start = auth_buf_bytes(out).len;
    size_t octets = digits * codec->bits_per_char / 8;
    uint8_t *bytes = NULL;
    status = auth_buf_extend(out, octets, &bytes, err);
    if (status != AUTH_STATUS_OK)
        return status;

    uint8_t values[256];
    fill_values(codec, values);
    uint32_t window = 0;
    unsigned bits = 0;
    size_t n = 0;
    for (size_t i = 0; i < digits; i++) {
        uint8_t value = values[text.data[i]];
        if (value == NOT_A_DIGIT) {
            auth_buf_truncate(out, start);
            return malformed_at(codec, i, "not a character of this alphabet", err);
        }
        window = window << codec->bits_per_char | value;
        bits += codec->bits_per_char;
        if (bits >= 8) {
            bits -= 8;
            bytes[n++] = (uint8_t)(window >> bits);
        }
    }
    if ((window & ((1U << bits) - 1)) != 0) {
        auth_buf_truncate(out, start);
        return malformed_at(codec, digits - 1, "unused trailing bits are not zero (section 3.5)",
                            err);
    }
    return AUTH_STATUS_OK;
}
