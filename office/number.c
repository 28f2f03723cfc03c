/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"

/* Of the shortest person number that is told by its form alone (docs/request.md). */
#define NUMBER_DIGITS 12

/* The next character of UTF-8 that was checked (RFC 3629); 0 at the end. */
static uint32_t next_character(const uint8_t **at)
{
    uint32_t code = **at;
    if (code == 0)
        return 0;
    ++*at;
    if (code >= 0xc0)
        code &= code >= 0xf0 ? 0x07U : code >= 0xe0 ? 0x0fU : 0x1fU;
    for (; (**at & 0xc0) == 0x80; ++*at)
        code = code << 6 | (**at & 0x3fU);
    return code;
}

/* Also of full width, and those of Arabic and Persian. */
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

/* Blanks, hyphens, dots and slashes, as keyboards and typesetters have them. */
static bool is_separator(uint32_t code)
{
    return code == ' ' || code == '-' || code == '.' || code == '/' || code == 0x00a0 ||
           (code >= 0x2000 && code <= 0x2015) || code == 0x202f || code == 0x205f ||
           code == 0x2212 || code == 0x3000 || (code >= 0xff0d && code <= 0xff0f);
}

bool office_may_be_number(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t digits = 0;
    bool is_parted = false;
    for (uint32_t code = next_character(&at); code != 0; code = next_character(&at)) {
        bool is_word = is_digit(code) || is_letter(code);
        /* Separators stand between digits alone: behind them a word begins another row. */
        if ((!is_word && !is_separator(code)) || (is_parted && is_letter(code)))
            digits = 0;
        digits += is_digit(code);
        is_parted = is_separator(code);
        if (digits >= NUMBER_DIGITS)
            return true;
    }
    return false;
}
