/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/request.h"
#include "daemon/server.h"
#include "daemon/text.h"

#include <string.h>

#define DECODED_MAX (sizeof((daemon_request *)0)->decoded / sizeof(auth_buf *))

void request_forget_decoded(daemon_request *request)
{
    for (size_t i = 0; i < request->decoded_count; i++)
        auth_buf_free(request->decoded[i]);
    request->decoded_count = 0;
}

void request_reset(daemon_request *request)
{
    request_forget_decoded(request);
    daemon_response_free(request->answer);
    *request = (daemon_request){.route = NULL};
}

/* Four bits a letter, and no digits: an id is never taken for a person number. */
static char *put_letters(char *at, uint64_t value, unsigned letters)
{
    while (letters-- > 0)
        *at++ = (char)('a' + (int)(value >> (4 * letters) & 0xf));
    return at;
}

const char *daemon_request_id(daemon_request *request)
{
    const connection *of = request->connection;
    if (request->id[0] != '\0')
        return request->id;
    char *at = put_letters(request->id, of->loop->server->id_prefix, 12);
    at = put_letters(at, of->loop->index, 2);
    at = put_letters(at, request->number, 10);
    *at = '\0';
    return request->id;
}

/* Decodes into memory that lives as long as the request. */
static auth_status decode(daemon_request *request, auth_bytes text, auth_bytes *out,
                          auth_error *err)
{
    if (request->decoded_count == DECODED_MAX)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "a handler decodes more than %zu parts of a target; mend it",
                              DECODED_MAX);
    AUTH_AUTO(auth_buf) *decoded = NULL;
    auth_status status = auth_buf_new(text.len, &decoded, err);
    if (status == AUTH_STATUS_OK)
        status = route_decode(text, decoded, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = auth_buf_bytes(decoded);
    request->decoded[request->decoded_count++] = AUTH_TAKE(decoded);
    return AUTH_STATUS_OK;
}

auth_status daemon_request_segment(daemon_request *request, const char *name, auth_bytes *out,
                                   auth_error *err)
{
    auth_bytes found;
    if (!route_segment(request->route, request->path, name, &found))
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "the route has no segment {%s}", name);
    return decode(request, found, out, err);
}

auth_bytes daemon_request_raw_segment(const daemon_request *request, const char *name)
{
    auth_bytes found = {NULL, 0};
    (void)route_segment(request->route, request->path, name, &found);
    return found;
}

auth_status daemon_request_query(daemon_request *request, const char *name, auth_bytes *out,
                                 auth_error *err)
{
    auth_bytes found;
    auth_status status = route_query(request->query, name, &found, err);
    return status == AUTH_STATUS_OK ? decode(request, found, out, err) : status;
}

static auth_bytes span(const daemon_request *request, http_span at)
{
    return (auth_bytes){request->octets + at.at, at.len};
}

auth_bytes daemon_request_header(const daemon_request *request, const char *name)
{
    for (size_t i = 0; request->head != NULL && i < request->head->header_count; i++) {
        const http_header *header = &request->head->headers[i];
        if (daemon_is_caseless(span(request, header->name), name))
            return span(request, header->value);
    }
    return (auth_bytes){NULL, 0};
}

auth_bytes daemon_request_body(const daemon_request *request) { return request->body; }
http_method daemon_request_method(const daemon_request *request) { return request->head->method; }

const daemon_peer *daemon_request_peer(const daemon_request *request)
{
    return request->connection->has_peer ? &request->connection->peer : NULL;
}

size_t daemon_request_chain(const daemon_request *request, const auth_bytes **out)
{
    *out = request->connection->chain;
    return request->connection->chain_count;
}

void daemon_answer(daemon_request *request, daemon_response *response)
{
    if (request->answer == NULL)
        request->answer = daemon_response_ref(response);
}

auth_status daemon_answer_bytes(daemon_request *request, int status, const char *type,
                                auth_bytes body, auth_error *err)
{
    AUTH_AUTO(daemon_response) *response = NULL;
    auth_status outcome = daemon_response_new(status, type, body, NULL, 0, &response, err);
    if (outcome == AUTH_STATUS_OK)
        daemon_answer(request, response);
    return outcome;
}

void daemon_request_park(daemon_request *request) { request->is_parked = true; }
void daemon_request_unpark(daemon_request *request) { request->is_parked = false; }

void daemon_request_finish(daemon_request *request, daemon_response *response)
{
    request->answer = daemon_response_ref(response);
    connection_give_back(request->connection, true);
}

void daemon_request_finish_later(daemon_request *request, daemon_response *response)
{
    request->answer = daemon_response_ref(response);
    connection_give_back(request->connection, false);
}

void daemon_request_reason(daemon_request *request, const char *reason)
{
    request->reason = reason;
}

void daemon_request_item(daemon_request *request, uint32_t item)
{
    request->item = item;
    request->has_item = true;
}

void daemon_request_explain(daemon_request *request) { request->is_explained = true; }

uint64_t daemon_request_origin(const daemon_request *request)
{
    return request->connection->address;
}

bool daemon_request_is_chinese(const daemon_request *request)
{
    return problem_wants_chinese(daemon_request_header(request, "Accept-Language"));
}

static _Atomic uint32_t *slot_of(const daemon_request *request, uint64_t key)
{
    return &request->connection->loop->server->watch[key % WATCH_SLOTS];
}

void daemon_request_watch(daemon_request *request, uint64_t key)
{
    request->key = key;
    request->key_seen = atomic_load(slot_of(request, key));
    request->is_watching = true;
}

void daemon_request_wait(daemon_request *request, uint32_t wait_ms)
{
    request->wait_ms = wait_ms;
    request->wants_wait = true;
}

bool daemon_request_is_last_try(const daemon_request *request) { return request->is_last_try; }
