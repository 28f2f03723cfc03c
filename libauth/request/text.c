/* SPDX-License-Identifier: Apache-2.0 */
#include "request/text.h"
#include "x509/mask.h"
#include "x509/name.h"

#include <string.h>

/* Of the shortest person number that is told by its form alone. */
#define NUMBER_DIGITS 12

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static bool is_lower(uint8_t c) { return c >= 'a' && c <= 'z'; }

bool request_is_identifier(auth_bytes text)
{
    size_t digits = 0;
    if (text.len == 0 || text.len >= AUTH_IDENTIFIER_SIZE || text.data[0] == '-' ||
        text.data[text.len - 1] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (!is_lower(c) && !is_digit(c) && c != '-')
            return false;
        digits = is_digit(c) ? digits + 1 : 0;
        if (digits == NUMBER_DIGITS)
            return false;
    }
    return true;
}

void request_keep_identifier(auth_bytes text, char out[AUTH_IDENTIFIER_SIZE])
{
    memset(out, 0, AUTH_IDENTIFIER_SIZE);
    memcpy(out, text.data, text.len);
}

bool request_is_id(auth_bytes text)
{
    /* 'h' is a hexadecimal digit, 'v' one of 8, 9, a and b (RFC 9562 section 4.1). */
    static const char form[] = "hhhhhhhh-hhhh-7hhh-vhhh-hhhhhhhhhhhh";
    if (text.len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool fits = form[i] == 'h'   ? is_digit(c) || (c >= 'a' && c <= 'f')
                    : form[i] == 'v' ? c == '8' || c == '9' || c == 'a' || c == 'b'
                                     : c == (uint8_t)form[i];
        if (!fits)
            return false;
    }
    return true;
}

bool request_are_digits(auth_bytes text, size_t count)
{
    if (text.len != count)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.data[i]))
            return false;
    }
    return true;
}

/* Masking changes a text when it holds what may be a person number, and only then. */
static auth_status hides_number(auth_bytes text, bool *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *masked = NULL;
    auth_status status = auth_buf_new(text.len, &masked, err);
    if (status == AUTH_STATUS_OK)
        status = x509_mask_text(DER_UTF8_STRING, text, false, masked, err);
    if (status == AUTH_STATUS_OK)
        *out = !auth_bytes_equal(auth_buf_bytes(masked), text);
    return status;
}

auth_status request_check_text(auth_bytes text, size_t max, auth_error *err)
{
    bool hides = false;
    if (text.data[0] == ' ' || text.data[text.len - 1] == ' ') {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "a space at its beginning or end, which nobody sees; remove it");
    }
    auth_status status = x509_check_text(OID_UNKNOWN, text, 1, max, err);
    if (status == AUTH_STATUS_OK)
        status = hides_number(text, &hides, err);
    if (status == AUTH_STATUS_OK && hides) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "digits in a row as a person number has; leave the number out");
    }
    return status;
}
