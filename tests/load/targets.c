/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CERTIFICATE_MAX 65536
#define LINE_SIZE 64

void load_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("load: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

void load_must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        load_die("%s: %s", auth_status_name(status), err->text);
}

int64_t load_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static auth_ocsp_issuer *read_issuer(const char *path)
{
    static uint8_t der[CERTIFICATE_MAX];
    auth_error err;
    auth_ocsp_issuer *issuer = NULL;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        load_die("%s cannot be read", path);
    size_t len = fread(der, 1, sizeof der, file);
    (void)fclose(file);
    load_must(auth_ocsp_issuer_new((auth_bytes){der, len}, &issuer, &err), &err);
    return issuer;
}

static int digit(char letter)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = letter == '\0' ? NULL : strchr(digits, letter);
    return at == NULL ? -1 : (int)(at - digits);
}

static bool read_serial(const char *line, load_target *out)
{
    size_t len = strcspn(line, "\r\n");
    if (len == 0 || len % 2 != 0 || len / 2 > sizeof out->octets)
        return false;
    for (size_t i = 0; i < len; i += 2) {
        int high = digit(line[i]);
        int low = digit(line[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out->octets[i / 2] = (uint8_t)(high * 16 + low);
    }
    out->len = len / 2;
    return true;
}

void load_targets_read(const char *serials, const char *issuer, load_targets *out)
{
    char line[LINE_SIZE];
    size_t room = 0;
    FILE *file = fopen(serials, "re");
    if (file == NULL)
        load_die("%s cannot be read", serials);
    out->issuer = read_issuer(issuer);
    while (fgets(line, sizeof line, file) != NULL) {
        if (out->count == room) {
            room = room == 0 ? 1024 : 2 * room;
            load_target *rows = realloc(out->rows, room * sizeof *rows);
            if (rows == NULL)
                load_die("out of memory");
            out->rows = rows;
        }
        out->rows[out->count] = (load_target){.len = 0};
        if (!read_serial(line, &out->rows[out->count]))
            load_die("%s: line %u: no serial number in hex", serials, (unsigned)out->count + 1);
        out->count++;
    }
    (void)fclose(file);
    if (out->count == 0)
        load_die("%s: there is no serial number in it", serials);
}

void load_targets_clear(load_targets *of)
{
    for (uint32_t i = 0; i < of->count; i++)
        auth_buf_free(of->rows[i].last);
    free(of->rows);
    auth_ocsp_issuer_free(of->issuer);
}
