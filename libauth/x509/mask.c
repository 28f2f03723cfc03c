/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/mask.h"
#include "x509/text.h"

#include <string.h>

/* The shortest numbers that are looked for anywhere, and in serialNumber. */
#define DIGITS_ANYWHERE 12
#define DIGITS_IN_SERIAL 5

/* "PNOCN-", "EI:SE-": two or three characters, a country, a hyphen. */
#define PREFIX_CHARACTERS 6

static bool is_digit(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 0xff10 && code <= 0xff19) ||
           (code >= 0x0660 && code <= 0x0669) || (code >= 0x06f0 && code <= 0x06f9);
}

static bool is_letter(uint32_t code)
{
    return (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z') ||
           (code >= 0xff21 && code <= 0xff3a) || (code >= 0xff41 && code <= 0xff5a);
}

static bool is_separator(uint32_t code)
{
    return code == ' ' || code == '-' || code == '.' || code == '/' || code == 0x3000;
}

static bool next_is_digit(uint8_t tag, auth_bytes text)
{
    uint32_t code = 0;
    return x509_next_character(tag, &text, &code) && is_digit(code);
}

typedef struct row {
    size_t characters;
    size_t digits;
} row;

/* Measures the row that begins at text; without characters when there is none. */
static row measure_row(uint8_t tag, auth_bytes text)
{
    row found = {0};
    bool is_behind_digit = false;
    uint32_t code = 0;
    while (x509_next_character(tag, &text, &code)) {
        bool joins = is_separator(code) && is_behind_digit && next_is_digit(tag, text);
        if (!is_digit(code) && !is_letter(code) && !joins)
            break;
        is_behind_digit = is_digit(code);
        found.digits += is_behind_digit ? 1 : 0;
        found.characters++;
    }
    return found;
}

static auth_status append(auth_buf *out, uint32_t code, auth_error *err)
{
    uint8_t octets[4];
    size_t len = x509_put_utf8(code, octets);
    return auth_buf_append(out, (auth_bytes){octets, len}, err);
}

/* Copies the next characters, letters and digits as '*' when is_hidden. */
static auth_status copy(uint8_t tag, auth_bytes *text, size_t characters, bool is_hidden,
                        auth_buf *out, auth_error *err)
{
    uint32_t code = 0;
    while (characters > 0 && x509_next_character(tag, text, &code)) {
        bool is_shown = !is_hidden || (!is_digit(code) && !is_letter(code));
        auth_status status = append(out, is_shown ? code : '*', err);
        if (status != AUTH_STATUS_OK)
            return status;
        characters--;
    }
    return AUTH_STATUS_OK;
}

static bool has_prefix(auth_bytes text)
{
    return text.len > PREFIX_CHARACTERS && text.data[PREFIX_CHARACTERS - 1] == '-' &&
           (is_letter(text.data[2]) || text.data[2] == ':') && is_letter(text.data[3]) &&
           is_letter(text.data[4]);
}

static size_t count_digits(uint8_t tag, auth_bytes text)
{
    size_t count = 0;
    uint32_t code = 0;
    while (x509_next_character(tag, &text, &code))
        count += is_digit(code) ? 1 : 0;
    return count;
}

static auth_status mask_serial(uint8_t tag, auth_bytes *text, auth_buf *out, auth_error *err)
{
    bool is_ascii = tag == DER_PRINTABLE_STRING || tag == DER_UTF8_STRING;
    auth_status status = AUTH_STATUS_OK;
    if (is_ascii && has_prefix(*text))
        status = copy(tag, text, PREFIX_CHARACTERS, false, out, err);
    bool is_hidden = count_digits(tag, *text) >= DIGITS_IN_SERIAL;
    return status == AUTH_STATUS_OK ? copy(tag, text, SIZE_MAX, is_hidden, out, err) : status;
}

static auth_status mask_rows(uint8_t tag, auth_bytes *text, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    bool has_more = text->len > 0;
    while (has_more && status == AUTH_STATUS_OK) {
        row next = measure_row(tag, *text);
        bool is_hidden = next.digits >= DIGITS_ANYWHERE;
        size_t before = text->len;
        status = copy(tag, text, next.characters == 0 ? 1 : next.characters, is_hidden, out, err);
        has_more = text->len > 0 && text->len < before;
    }
    return status;
}

auth_status x509_mask_text(uint8_t tag, auth_bytes value, bool is_serial, auth_buf *out,
                           auth_error *err)
{
    auth_status status =
        is_serial ? mask_serial(tag, &value, out, err) : mask_rows(tag, &value, out, err);
    if (status == AUTH_STATUS_OK && value.len > 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "text: not of its string type (X.690 8.23)");
    return status;
}

static auth_status append_escaped(auth_buf *out, const uint8_t *octets, size_t len, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < len && status == AUTH_STATUS_OK; i++)
        status = auth_buf_printf(out, err, "\\%02X", octets[i]);
    return status;
}

static auth_status show_characters(uint8_t tag, auth_bytes text, auth_buf *out, auth_error *err)
{
    uint32_t code = 0;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && x509_next_character(tag, &text, &code)) {
        uint8_t octets[4];
        size_t len = x509_put_utf8(code, octets);
        if (x509_is_unseen(code))
            status = append_escaped(out, octets, len, err);
        else
            status = auth_buf_append(out, (auth_bytes){octets, len}, err);
    }
    return status == AUTH_STATUS_OK ? append_escaped(out, text.data, text.len, err) : status;
}

auth_status x509_show_text(uint8_t tag, auth_bytes value, bool is_masked, auth_buf *out,
                           auth_error *err)
{
    if (!is_masked)
        return show_characters(tag, value, out, err);
    AUTH_AUTO(auth_buf) *plain = NULL;
    auth_error inner;
    auth_status status = auth_buf_new(4 * value.len, &plain, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = x509_mask_text(tag, value, false, plain, &inner);
    if (status == AUTH_STATUS_MALFORMED)
        return auth_buf_append(out, auth_bytes_from_text("****"), err);
    if (status != AUTH_STATUS_OK)
        return auth_error_set(err, status, "%s", inner.text);
    return show_characters(DER_UTF8_STRING, auth_buf_bytes(plain), out, err);
}

#define WORD_MIN 15
#define WORD_MAX 20
#define WORD_DIGITS 14

/* Measures the word of letters and digits that begins at text. */
static row measure_word(auth_bytes text)
{
    row found = {0};
    for (size_t i = 0; i < text.len && (is_digit(text.data[i]) || is_letter(text.data[i])); i++) {
        found.characters++;
        found.digits += is_digit(text.data[i]) ? 1 : 0;
    }
    return found;
}

auth_status x509_show_uri(auth_bytes value, bool is_masked, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    while (value.len > 0 && status == AUTH_STATUS_OK) {
        row word = measure_word(value);
        bool is_hidden = is_masked && word.characters >= WORD_MIN && word.characters <= WORD_MAX &&
                         word.digits >= WORD_DIGITS;
        size_t len = word.characters == 0 ? 1 : word.characters;
        auth_bytes part = {value.data, len};
        if (is_hidden)
            status = copy(DER_IA5_STRING, &part, len, true, out, err);
        else
            status = show_characters(DER_IA5_STRING, part, out, err);
        value.data += len;
        value.len -= len;
    }
    return status;
}
