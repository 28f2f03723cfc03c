/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/data.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096

void harness_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    abort();
}

static uint8_t hex_digit(const char *hex, size_t at)
{
    static const char digits[] = "0123456789abcdef";
    const char *digit = hex[at] == '\0' ? NULL : strchr(digits, hex[at]);
    if (digit == NULL)
        harness_die("'%s' is not lower-case hex at %zu", hex, at);
    return (uint8_t)(digit - digits);
}

auth_bytes harness_hex(const char *hex, uint8_t *out, size_t size)
{
    size_t len = strlen(hex) / 2;
    if (strlen(hex) % 2 != 0 || len > size)
        harness_die("'%s' is half an octet or too long", hex);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_digit(hex, 2 * i) << 4 | hex_digit(hex, 2 * i + 1));
    return (auth_bytes){out, len};
}

char *harness_read_file(const char *path, size_t *len)
{
    FILE *in = fopen(path, "rbe");
    if (in == NULL)
        harness_die("%s: %s", path, strerror(errno));
    char *data = NULL;
    size_t room = 0;
    *len = 0;
    do {
        room = room == 0 ? FIRST_ROOM : room * 2;
        data = realloc(data, room);
        if (data == NULL)
            harness_die("%s: out of memory", path);
        *len += fread(data + *len, 1, room - 1 - *len, in);
    } while (*len == room - 1);
    if (ferror(in) != 0)
        harness_die("%s: cannot be read", path);
    (void)fclose(in);
    data[*len] = '\0';
    return data;
}

char *harness_read_data(const char *name, size_t *len)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", HARNESS_DATA_DIR, name);
    return harness_read_file(path, len);
}
