/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/response.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The longest head. */
#define HEAD_MAX ((size_t)4096)

/* Head and body lie in one piece: responses are kept in great numbers. */
struct daemon_response {
    atomic_uint references;
    uint16_t status;
    uint16_t head_len;
    uint32_t keep_max_s;
    auth_time keep_until;   /* 0: nothing is said of it */
    daemon_response *whole; /* whose body is lent; NULL: it has its own */
    const uint8_t *body;
    size_t body_len;
    uint8_t octets[];
};

typedef struct phrase {
    int status;
    const char *text;
} phrase;

/* RFC 9110 15. */
static const phrase phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (phrases[i].status == status)
            return phrases[i].text;
    }
    return "";
}

/* RFC 9110 8.6: no Content-Length with 1xx and 204; with 304 it would be another answer's. */
static bool has_content(int status) { return status >= 200 && status != 204 && status != 304; }

/* A head is written into one piece on the stack: this is done for each answer that is signed. */
typedef struct head_text {
    size_t len;
    char text[HEAD_MAX];
} head_text;

/* What does not fit makes len greater than there is room. */
static void put(head_text *head, const char *text)
{
    size_t len = strlen(text);
    if (head->len <= sizeof head->text && len <= sizeof head->text - head->len)
        memcpy(head->text + head->len, text, len);
    head->len += len;
}

static void put_number(head_text *head, size_t number)
{
    char digits[24];
    char *at = digits + sizeof digits - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(head, at);
}

static void put_line(head_text *head, const char *name, const char *value)
{
    put(head, name);
    put(head, ": ");
    put(head, value);
    put(head, "\r\n");
}

static bool is_header(const daemon_header *header)
{
    return strpbrk(header->name, "\r\n: ") == NULL && strpbrk(header->value, "\r\n") == NULL;
}

static auth_status write_head(head_text *head, int code, const char *type, size_t body_len,
                              const daemon_header *headers, size_t count, auth_error *err)
{
    head->len = 0;
    put(head, "HTTP/1.1 ");
    put_number(head, (size_t)code);
    put(head, " ");
    put(head, phrase_of(code));
    put(head, "\r\n");
    if (type != NULL)
        put_line(head, "Content-Type", type);
    if (has_content(code)) {
        put(head, "Content-Length: ");
        put_number(head, body_len);
        put(head, "\r\n");
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_header(&headers[i]))
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "a header of a response holds a line end; mend the handler");
        put_line(head, headers[i].name, headers[i].value);
    }
    return head->len <= sizeof head->text
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_LIMIT,
                                "the head of a response has more than %zu octets; mend the handler",
                                sizeof head->text);
}

/* own: octets to be copied; empty when the body is lent by another response. NULL: no memory. */
static daemon_response *make(int code, const head_text *head, auth_bytes own)
{
    daemon_response *it = malloc(sizeof *it + head->len + own.len);
    if (it == NULL)
        return NULL;
    *it = (daemon_response){.status = (uint16_t)code,
                            .head_len = (uint16_t)head->len,
                            .body = it->octets + head->len,
                            .body_len = own.len};
    atomic_init(&it->references, 1);
    memcpy(it->octets, head->text, head->len);
    if (own.len > 0)
        memcpy(it->octets + head->len, own.data, own.len);
    return it;
}

auth_status daemon_response_new(int status, const char *type, auth_bytes body,
                                const daemon_header *headers, size_t header_count,
                                daemon_response **out, auth_error *err)
{
    head_text head;
    auth_status outcome = write_head(&head, status, type, body.len, headers, header_count, err);
    if (outcome != AUTH_STATUS_OK)
        return outcome;
    daemon_response *it = make(status, &head, body);
    if (it == NULL)
        return auth_error_memory(err);
    *out = it;
    return AUTH_STATUS_OK;
}

auth_status daemon_response_part(int status, const char *type, daemon_response *whole, size_t from,
                                 size_t len, const daemon_header *headers, size_t header_count,
                                 daemon_response **out, auth_error *err)
{
    head_text head;
    auth_status outcome = write_head(&head, status, type, len, headers, header_count, err);
    if (outcome != AUTH_STATUS_OK)
        return outcome;
    daemon_response *it = make(status, &head, (auth_bytes){NULL, 0});
    if (it == NULL)
        return auth_error_memory(err);
    it->whole = daemon_response_ref(whole);
    it->body = whole->body + from;
    it->body_len = len;
    *out = it;
    return AUTH_STATUS_OK;
}

daemon_response *daemon_response_ref(daemon_response *response)
{
    atomic_fetch_add_explicit(&response->references, 1, memory_order_relaxed);
    return response;
}

/* One whose body is lent gives back the one that it is lent by. */
void daemon_response_free(daemon_response *response)
{
    while (response != NULL &&
           atomic_fetch_sub_explicit(&response->references, 1, memory_order_acq_rel) == 1) {
        daemon_response *whole = response->whole;
        free(response);
        response = whole;
    }
}

void daemon_response_let_keep(daemon_response *response, auth_time until, uint32_t max_s)
{
    response->keep_until = until;
    response->keep_max_s = max_s;
}

void daemon_response_keep_like(daemon_response *response, const daemon_response *other)
{
    daemon_response_let_keep(response, other->keep_until, other->keep_max_s);
}

bool daemon_response_freshness(const daemon_response *response, auth_time now, uint32_t *out)
{
    if (response->keep_until == 0)
        return false;
    auth_time left = response->keep_until > now ? response->keep_until - now : 0;
    *out = left < response->keep_max_s ? (uint32_t)left : response->keep_max_s;
    return true;
}

auth_bytes daemon_response_header(const daemon_response *response, const char *name)
{
    const char *line = (const char *)response->octets;
    const char *end = line + response->head_len;
    size_t len = strlen(name);
    while (line < end) {
        const char *stop = memchr(line, '\r', (size_t)(end - line));
        if (stop == NULL)
            break;
        if ((size_t)(stop - line) >= len + 2 && memcmp(line, name, len) == 0 && line[len] == ':')
            return (auth_bytes){(const uint8_t *)line + len + 2, (size_t)(stop - line) - len - 2};
        line = stop + 2;
    }
    return (auth_bytes){NULL, 0};
}

size_t daemon_response_size(const daemon_response *response)
{
    return sizeof *response + response->head_len +
           (response->whole == NULL ? response->body_len : 0);
}

/* Writes so many digits, the last of them in front of end. */
static void put_digits(char *end, int number, int count)
{
    for (int i = 0; i < count; i++) {
        *--end = (char)('0' + number % 10);
        number /= 10;
    }
}

/* For each answer that is signed, two of them: printf takes ten times as long. */
void daemon_http_date(auth_time time, char out[DAEMON_HTTP_DATE_SIZE])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char form[DAEMON_HTTP_DATE_SIZE] = "Day, 00 Mon 0000 00:00:00 GMT";
    time_t seconds = (time_t)time;
    struct tm tm;
    out[0] = '\0';
    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    memcpy(out, form, sizeof form);
    memcpy(out, days + (ptrdiff_t)3 * tm.tm_wday, 3);
    put_digits(out + 7, tm.tm_mday, 2);
    memcpy(out + 8, months + (ptrdiff_t)3 * tm.tm_mon, 3);
    put_digits(out + 16, (tm.tm_year + 1900) % 10000, 4);
    put_digits(out + 19, tm.tm_hour, 2);
    put_digits(out + 22, tm.tm_min, 2);
    put_digits(out + 25, tm.tm_sec, 2);
}

int daemon_response_status(const daemon_response *response) { return response->status; }
auth_bytes daemon_response_body(const daemon_response *response)
{
    return (auth_bytes){response->body, response->body_len};
}
auth_bytes daemon_response_head(const daemon_response *response)
{
    return (auth_bytes){response->octets, response->head_len};
}
