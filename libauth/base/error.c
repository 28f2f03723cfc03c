/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/error.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Here they are defined, not called: without what the header tells an analyser. */
#undef auth_error_set
#undef auth_error_memory

/*
 * Cuts text to at most len octets. What may be a split UTF-8 character at the cut goes with it;
 * what lies behind the cut is not looked at, since it may be lost already.
 */
static void cut(char *text, size_t len)
{
    while (len > 0 && ((unsigned char)text[len - 1] & 0xc0U) == 0x80U)
        len--;
    if (len > 0 && ((unsigned char)text[len - 1] & 0xc0U) == 0xc0U)
        len--;
    text[len] = '\0';
}

/*
 * Takes one character of a text that is not at its end. 0 for an octet that begins none: RFC 3629
 * section 4 allows the shortest form only, no surrogates and nothing above U+10FFFF.
 */
static uint32_t take_character(const char *text, size_t *len)
{
    const unsigned char *octets = (const unsigned char *)text;
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    unsigned first = octets[0];
    size_t more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t code = more == 0 ? first : first & (0x3fU >> more);
    *len = 1;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4)
        return 0;
    for (size_t i = 1; i <= more; i++) {
        if ((octets[i] & 0xc0U) != 0x80U)
            return 0;
        code = code << 6 | (octets[i] & 0x3fU);
    }
    if (code < smallest[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *len = 1 + more;
    return code;
}

/* What moves a terminal's cursor, ends a line, or turns the text around it. */
static bool is_control(uint32_t code)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        {0x0000, 0x001f}, /* C0 controls, and what is no character */
        {0x007f, 0x009f}, /* DEL, C1 controls */
        {0x061c, 0x061c}, /* Arabic letter mark */
        {0x200e, 0x200f}, /* direction marks */
        {0x2028, 0x202e}, /* separators, embeddings and overrides */
        {0x2066, 0x2069}, /* isolates */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

static void mask_control(char *text)
{
    char *out = text;
    while (*text != '\0') {
        size_t len = 0;
        if (is_control(take_character(text, &len))) {
            *out++ = '?';
        } else {
            memmove(out, text, len);
            out += len;
        }
        text += len;
    }
    *out = '\0';
}

/* Formats into text[size] and returns the length of what stands there, cut when it was too long. */
AUTH_PRINTF(3, 0)
static size_t format_into(char *text, size_t size, const char *format, va_list arguments)
{
    int wanted = vsnprintf(text, size, format, arguments);
    if (wanted < 0) {
        text[0] = '\0';
        return 0;
    }
    if ((size_t)wanted >= size)
        cut(text, size - 1);
    mask_control(text);
    return strlen(text);
}

auth_status auth_error_set(auth_error *err, auth_status status, const char *format, ...)
{
    if (status == AUTH_STATUS_OK)
        status = AUTH_STATUS_INTERNAL;
    if (err == NULL)
        return status;
    va_list arguments;
    va_start(arguments, format);
    format_into(err->text, sizeof err->text, format, arguments);
    va_end(arguments);
    err->status = status;
    return status;
}

void auth_error_context(auth_error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    char context[sizeof err->text];
    va_list arguments;
    va_start(arguments, format);
    size_t len = format_into(context, sizeof context - 2, format, arguments);
    va_end(arguments);
    context[len++] = ':';
    context[len++] = ' ';

    size_t room = sizeof err->text - 1 - len;
    if (strlen(err->text) > room)
        cut(err->text, room);
    memmove(err->text + len, err->text, strlen(err->text) + 1);
    memcpy(err->text, context, len);
}

auth_status auth_error_memory(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MEMORY, "out of memory; free some and try again");
}
