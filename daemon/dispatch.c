/* SPDX-License-Identifier: Apache-2.0 */
/* From a head to an answer: what the table of routes lets through, the handler, and what it said.
 */
#include "daemon/clock.h"
#include "daemon/server.h"
#include "daemon/text.h"

#include <stdlib.h>
#include <string.h>

static auth_bytes span(const connection *it, http_span at)
{
    return (auth_bytes){it->in + at.at, at.len};
}

/* Sets what the request borrows from the connection's buffer, which moves as it grows. */
static void point_at(connection *it)
{
    daemon_request *request = &it->request;
    auth_bytes target = span(it, it->scan.head.target);
    const uint8_t *mark = memchr(target.data, '?', target.len);
    size_t len = mark == NULL ? target.len : (size_t)(mark - target.data);
    request->connection = it;
    request->head = &it->scan.head;
    request->octets = it->in;
    request->path = (auth_bytes){target.data, len};
    request->query = (auth_bytes){NULL, 0};
    if (mark != NULL)
        request->query = (auth_bytes){mark + 1, target.len - len - 1};
    request->body = (auth_bytes){it->in + it->scan.line_at, (size_t)it->scan.head.body_len};
}

static void add_extra(connection *it, const char *text)
{
    size_t len = strlen(text);
    if (len > sizeof it->extra - it->extra_len)
        return;
    memcpy(it->extra + it->extra_len, text, len);
    it->extra_len += len;
}

/* What is left at the moment of sending: a number that was written earlier would promise more. */
static void add_freshness(connection *it)
{
    char text[24];
    uint32_t seconds = 0;
    if (!daemon_response_freshness(it->response, it->loop->date_s, &seconds))
        return;
    (void)snprintf(text, sizeof text, "%u", seconds);
    add_extra(it, "Cache-Control: max-age=");
    add_extra(it, text);
    add_extra(it, ", public, no-transform, must-revalidate\r\n");
}

/* RFC 9110 6.6.1, 9111 5.2.2 and 9112 9.6; ends the head. */
static void write_extra(connection *it)
{
    it->extra_len = 0;
    add_extra(it, loop_date(it->loop));
    add_freshness(it);
    add_extra(it, it->closes_after ? "Connection: close\r\n\r\n" : "\r\n");
}

static void count_answer(connection *it, int status)
{
    server *of = it->loop->server;
    daemon_metric_add(of->metrics, DAEMON_METRIC(REQUESTS), (size_t)(status / 100 - 1), 1);
    if (it->request.began_us > 0)
        daemon_metric_observe(of->metrics, DAEMON_METRIC(SECONDS), 0,
                              daemon_now_us() - it->request.began_us);
}

void dispatch_answer(connection *it, daemon_response *response)
{
    loop *of = it->loop;
    if (response == NULL) {
        connection_close(it);
        return;
    }
    bool is_whole = it->state != STATE_HEAD && it->state != STATE_BODY;
    bool has_body = it->state == STATE_BODY && it->scan.head.body_len > 0;
    it->served++;
    it->closes_after = it->scan.head.wants_close || it->scan.fault != HTTP_FAULT_NONE ||
                       it->served >= REQUESTS_A_CONNECTION || of->is_draining || it->has_given_up ||
                       (!is_whole && (has_body || it->state == STATE_HEAD));
    it->response = response;
    it->is_head_only = it->scan.head.method == HTTP_HEAD;
    it->sent = it->step_from = 0;
    it->state = STATE_WRITE;
    it->deadline_ms = of->now_ms + server_limit_of(of->server, LIMIT_WRITE_MS);
    write_extra(it);
    count_answer(it, daemon_response_status(response));
}

static void answer_problem(connection *it, const problem *what, const daemon_header *header)
{
    server *of = it->loop->server;
    /* A worker may be reading the request; its language is not looked up then. */
    auth_bytes language = {NULL, 0};
    if (!it->has_given_up && it->request.head != NULL)
        language = daemon_request_header(&it->request, "Accept-Language");
    daemon_response *response = NULL;
    auth_status status =
        problem_response(of->titles, what, language, header, header != NULL, &response, NULL);
    dispatch_answer(it, status == AUTH_STATUS_OK ? response : NULL);
}

/* The id of a request that a worker has in its hands is not written. */
static const char *id_of(connection *it)
{
    if (it->has_given_up)
        return "";
    it->request.connection = it;
    if (it->request.number == 0)
        it->request.number = ++it->loop->requests;
    return daemon_request_id(&it->request);
}

void dispatch_problem(connection *it, int code, const char *detail, const daemon_header *header)
{
    problem what = problem_of_code(code, detail, id_of(it));
    daemon_log_fields(it->loop->server->log, &daemon_event_request_refused,
                      DAEMON_LOG_OCTETS("request", auth_bytes_from_text(what.id)),
                      DAEMON_LOG_NUMBER("code", code), DAEMON_LOG_WORD("type", what.type),
                      DAEMON_LOG_WORD("peer", it->has_peer ? it->peer.name : ""));
    answer_problem(it, &what, header);
}

void dispatch_fault(connection *it, http_fault fault)
{
    server *of = it->loop->server;
    daemon_metric_add(of->metrics, DAEMON_METRIC(MALFORMED), (size_t)fault, 1);
    daemon_log_fields(of->log, &daemon_event_request_malformed,
                      DAEMON_LOG_WORD("rule", http_fault_name(fault)));
    it->scan.fault = fault;
    it->request.head = NULL;
    problem what = problem_of_code(http_fault_status(fault), http_fault_text(fault), id_of(it));
    answer_problem(it, &what, NULL);
}

static bool may_call(const connection *it, uint32_t access)
{
    if ((access & DAEMON_PUBLIC) != 0)
        return true;
    if (!it->has_peer)
        return false;
    return (access & DAEMON_ANY_PEER) != 0 || (access & it->peer.roles) != 0;
}

static bool is_media_type(auth_bytes value, const char *type)
{
    const uint8_t *semicolon = memchr(value.data, ';', value.len);
    size_t len = semicolon == NULL ? value.len : (size_t)(semicolon - value.data);
    return daemon_is_caseless(daemon_trim((auth_bytes){value.data, len}), type);
}

/* RFC 9110 12.5.1: what the client takes; weights other than 0 do not matter with one form. */
static bool accepts(auth_bytes accept, const char *type)
{
    if (accept.data == NULL || accept.len == 0)
        return true;
    char whole_group[64];
    (void)snprintf(whole_group, sizeof whole_group, "%.*s/*", (int)strcspn(type, "/"), type);
    while (accept.len > 0) {
        const uint8_t *comma = memchr(accept.data, ',', accept.len);
        size_t len = comma == NULL ? accept.len : (size_t)(comma - accept.data);
        auth_bytes range = {accept.data, len};
        bool is_refused = memmem(range.data, len, ";q=0", 4) != NULL &&
                          memmem(range.data, len, ";q=0.", 5) == NULL;
        if (!is_refused && (is_media_type(range, type) || is_media_type(range, whole_group) ||
                            is_media_type(range, "*/*")))
            return true;
        size_t step = comma == NULL ? len : len + 1;
        accept.data += step;
        accept.len -= step;
    }
    return false;
}

static void refuse_method(connection *it, unsigned methods)
{
    char allow[96];
    route_methods(methods, allow, sizeof allow);
    const daemon_header header = {"Allow", allow};
    if (it->scan.head.method != HTTP_OPTIONS) {
        dispatch_problem(it, 405, "", &header);
        return;
    }
    daemon_response *response = NULL;
    auth_status status =
        daemon_response_new(204, NULL, (auth_bytes){NULL, 0}, &header, 1, &response, NULL);
    dispatch_answer(it, status == AUTH_STATUS_OK ? response : NULL);
}

/* Holds a request against its route; false when it was answered with a refusal. */
static bool passes(connection *it, const daemon_route *route)
{
    const daemon_request *request = &it->request;
    uint64_t body_len = it->scan.head.body_len;
    if (!may_call(it, route->access)) {
        dispatch_problem(it, 403, it->refusal.text, NULL);
        return false;
    }
    if (body_len > route->body_max) {
        char detail[96];
        (void)snprintf(detail, sizeof detail, "a body here has at most %zu octets; send less",
                       route->body_max);
        dispatch_problem(it, 413, detail, NULL);
        return false;
    }
    auth_bytes type = daemon_request_header(request, "Content-Type");
    auth_bytes encoding = daemon_request_header(request, "Content-Encoding");
    bool is_wrong_type =
        route->body_type != NULL && (type.data == NULL || !is_media_type(type, route->body_type));
    if (body_len > 0 && (is_wrong_type || encoding.data != NULL)) {
        char detail[128];
        (void)snprintf(detail, sizeof detail, "a body here is %s, without Content-Encoding",
                       route->body_type == NULL ? "plain" : route->body_type);
        dispatch_problem(it, 415, detail, NULL);
        return false;
    }
    if (route->answer_type != NULL &&
        !accepts(daemon_request_header(request, "Accept"), route->answer_type)) {
        dispatch_problem(it, 406, "", NULL);
        return false;
    }
    return true;
}

static const daemon_route *routes_of(const connection *it)
{
    const server *of = it->loop->server;
    return it->kind == LISTENER_ADMIN ? of->admin_routes : of->routes;
}

/*
 * Roles and types are held against the route when the whole head is there, before any body is read.
 * The judge may still be at it then: access is looked at when it has answered.
 */
void dispatch_head(connection *it)
{
    it->request.number = ++it->loop->requests;
    it->state = STATE_BODY;
    it->deadline_ms = it->began_ms + server_limit_of(it->loop->server, LIMIT_REQUEST_MS);
    point_at(it);
    const http_head *head = &it->scan.head;
    bool is_star = daemon_is(it->request.path, "*");
    route_match match = route_find(routes_of(it), head->method, it->request.path);
    if (is_star)
        match.methods = (1U << HTTP_GET) | (1U << HTTP_POST);
    if (match.route == NULL && match.methods == 0) {
        dispatch_problem(it, 404, "", NULL);
        return;
    }
    if (match.route == NULL) {
        refuse_method(it, match.methods);
        return;
    }
    it->request.route = match.route;
    bool is_judging = it->out == OUT_JUDGE;
    if (!is_judging && !passes(it, match.route))
        return;
    if (is_judging && head->body_len > match.route->body_max) {
        dispatch_problem(it, 413, "", NULL);
        return;
    }
    bool is_whole = it->in_len >= it->scan.line_at + head->body_len;
    if (head->wants_continue && !head->is_1_0 && !is_whole && !connection_continue(it))
        connection_close(it);
}

void dispatch_call(connection *it)
{
    const server *of = it->loop->server;
    daemon_request *request = &it->request;
    void *context = it->kind == LISTENER_ADMIN ? of->admin_context : of->context;
    request->wants_wait = false;
    request->error = (auth_error){.status = AUTH_STATUS_OK};
    request->reason = NULL;
    request->has_item = false;
    request->is_explained = false;
    request_forget_decoded(request);
    request->status = request->route->handle(request, context, &request->error);
}

void dispatch_request(connection *it)
{
    server *of = it->loop->server;
    daemon_request *request = &it->request;
    bool is_first = request->began_us == 0;
    point_at(it);
    if (!passes(it, request->route))
        return;
    if (is_first)
        request->began_us = daemon_now_us();
    if (it->loop->is_draining)
        request->is_last_try = true;
    if (!request->route->is_blocking) {
        dispatch_call(it);
        if (!request->is_parked) {
            dispatch_finish(it);
            return;
        }
        /* It may have come back already; the loop looks after it when this turn is over. */
        it->state = STATE_HANDLED;
        it->out = OUT_HANDLE;
        return;
    }
    if (daemon_metric_read(of->metrics, DAEMON_METRIC(QUEUED), 0) >=
        server_limit_of(of, LIMIT_QUEUED)) {
        dispatch_problem(it, 503, "", NULL);
        return;
    }
    (void)daemon_request_id(request);
    if (request->route->deadline_ms > 0)
        it->deadline_ms = it->loop->now_ms + request->route->deadline_ms;
    it->state = STATE_HANDLED;
    it->out = OUT_HANDLE;
    pool_submit(of, it);
}

/* Lets a request wait; it goes on at once when its event came while the handler was looking. */
static void wait_for_event(connection *it)
{
    server *of = it->loop->server;
    daemon_request *request = &it->request;
    if (request->wait_until_ms == 0)
        request->wait_until_ms = it->loop->now_ms + request->wait_ms;
    bool is_over = it->loop->now_ms >= request->wait_until_ms;
    int64_t others = atomic_fetch_add(&of->waiting, 1);
    it->loop->waiting++;
    daemon_metric_add(of->metrics, DAEMON_METRIC(WAITING), 0, 1);
    it->state = STATE_WAITING;
    it->deadline_ms = request->wait_until_ms;
    bool is_last = is_over || others >= server_limit_of(of, LIMIT_WAITING) || it->loop->is_draining;
    bool has_changed = atomic_load(&of->watch[request->key % WATCH_SLOTS]) != request->key_seen;
    it->was_woken = is_last || has_changed;
    request->is_last_try = request->is_last_try || is_last;
    if (it->was_woken || it->is_peer_gone)
        loop_pend(it->loop, it);
}

void dispatch_finish(connection *it)
{
    server *of = it->loop->server;
    daemon_request *request = &it->request;
    if (request->status != AUTH_STATUS_OK) {
        bool is_fault = auth_status_is_fault(request->status);
        bool is_told = !is_fault || request->is_explained;
        problem what = problem_of_status(request->status, is_told ? request->error.text : "",
                                         daemon_request_id(request));
        what.reason = request->reason;
        what.has_item = request->has_item;
        what.item = request->item;
        daemon_log_fields(of->log,
                          is_fault ? &daemon_event_request_failed : &daemon_event_request_refused,
                          DAEMON_LOG_OCTETS("request", auth_bytes_from_text(what.id)),
                          DAEMON_LOG_NUMBER("code", what.code), DAEMON_LOG_ERROR(&request->error),
                          DAEMON_LOG_WORD("peer", it->has_peer ? it->peer.name : ""));
        answer_problem(it, &what, NULL);
        return;
    }
    if (request->answer != NULL) {
        daemon_response *answer = request->answer;
        request->answer = NULL;
        dispatch_answer(it, answer);
        return;
    }
    if (request->wants_wait && request->is_watching && !request->is_last_try) {
        wait_for_event(it);
        return;
    }
    dispatch_problem(it, 500, "", NULL);
}
