/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/response.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Room for what a daemon itself adds to an answer. */
#define HEAD_MAX ((size_t)8192)

struct daemon_response {
    atomic_uint references;
    int status;
    auth_buf *head;
    auth_buf *body;
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

static auth_status write_headers(daemon_response *it, const daemon_header *headers, size_t count,
                                 auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        if (strpbrk(headers[i].name, "\r\n: ") != NULL || strpbrk(headers[i].value, "\r\n") != NULL)
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "a header of a response holds a line end; mend the handler");
        status = auth_buf_printf(it->head, err, "%s: %s\r\n", headers[i].name, headers[i].value);
    }
    return status;
}

static auth_status write_head(daemon_response *it, const char *type, size_t body_len,
                              const daemon_header *headers, size_t count, auth_error *err)
{
    auth_status status = auth_buf_printf(it->head, err, "HTTP/1.1 %03d %s\r\n", it->status % 1000,
                                         phrase_of(it->status));
    if (status == AUTH_STATUS_OK && type != NULL)
        status = auth_buf_printf(it->head, err, "Content-Type: %s\r\n", type);
    if (status == AUTH_STATUS_OK && has_content(it->status))
        status = auth_buf_printf(it->head, err, "Content-Length: %zu\r\n", body_len);
    if (status == AUTH_STATUS_OK)
        status = write_headers(it, headers, count, err);
    return status;
}

auth_status daemon_response_new(int status, const char *type, auth_bytes body,
                                const daemon_header *headers, size_t header_count,
                                daemon_response **out, auth_error *err)
{
    AUTH_AUTO(daemon_response) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    atomic_init(&it->references, 1);
    it->status = status;
    auth_status outcome = auth_buf_new(HEAD_MAX, &it->head, err);
    if (outcome == AUTH_STATUS_OK)
        outcome = auth_buf_new(body.len, &it->body, err);
    if (outcome == AUTH_STATUS_OK)
        outcome = write_head(it, type, body.len, headers, header_count, err);
    if (outcome == AUTH_STATUS_OK)
        outcome = auth_buf_append(it->body, body, err);
    if (outcome == AUTH_STATUS_OK)
        *out = AUTH_TAKE(it);
    return outcome;
}

daemon_response *daemon_response_ref(daemon_response *response)
{
    atomic_fetch_add_explicit(&response->references, 1, memory_order_relaxed);
    return response;
}

void daemon_response_free(daemon_response *response)
{
    if (response == NULL ||
        atomic_fetch_sub_explicit(&response->references, 1, memory_order_acq_rel) != 1)
        return;
    auth_buf_free(response->head);
    auth_buf_free(response->body);
    free(response);
}

int daemon_response_status(const daemon_response *response) { return response->status; }
auth_bytes daemon_response_body(const daemon_response *response)
{
    return auth_buf_bytes(response->body);
}
auth_bytes daemon_response_head(const daemon_response *response)
{
    return auth_buf_bytes(response->head);
}
