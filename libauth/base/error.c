/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/error.h>
#include <stdarg.h>
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

static void mask_control(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            *text = '?';
    }
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
