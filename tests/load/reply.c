/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_MAX 16384

/* A header's value, up to the end of its line; NULL when it is not there. head ends in NUL. */
static const char *find_header(const char *head, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " \t");
    }
    return NULL;
}

static bool begins_with(const char *value, const char *word)
{
    return value != NULL && strncasecmp(value, word, strlen(word)) == 0;
}

static size_t read_head(const char *head, load_answer *out)
{
    const char *length = find_header(head, "Content-Length");
    if (strncmp(head, "HTTP/1.1 ", 9) != 0 && strncmp(head, "HTTP/1.0 ", 9) != 0)
        load_die("this is no answer of HTTP: %.40s", head);
    *out = (load_answer){.http_status = atoi(head + 9),
                         .is_ocsp = begins_with(find_header(head, "Content-Type"),
                                                "application/ocsp-response\r\n"),
                         .closes = begins_with(find_header(head, "Connection"), "close\r\n") ||
                                   head[7] == '0'};
    if (out->http_status >= 200 && length == NULL && !out->closes)
        load_die("an answer of status %d has no length", out->http_status);
    return length == NULL ? 0 : strtoul(length, NULL, 10);
}

size_t load_reply_read(auth_bytes buffer, load_answer *out)
{
    char head[HEAD_MAX];
    size_t at = 0;
    for (;;) {
        const uint8_t *begin = buffer.data + at;
        const uint8_t *end = memmem(begin, buffer.len - at, "\r\n\r\n", 4);
        if (end == NULL)
            return 0;
        size_t len = (size_t)(end - begin) + 4;
        if (len >= sizeof head)
            load_die("the head of an answer has %zu octets", len);
        memcpy(head, begin, len);
        head[len] = '\0';
        size_t body = read_head(head, out);
        at += len;
        if (out->http_status < 200)
            continue;
        if (buffer.len - at < body)
            return 0;
        out->body = (auth_bytes){buffer.data + at, body};
        return at + body;
    }
}
