/* SPDX-License-Identifier: Apache-2.0 */
/* A connection from accept to close: one step a state, until there is nothing to read or write. */
#include "daemon/clock.h"
#include "daemon/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_SIZE_FIRST ((size_t)4096)
/* So many steps in one go, then others have their turn. */
#define STEPS_A_TURN 64
/* What a client may still send after its last answer. */
#define LINGER_OCTETS_MAX ((size_t)1 << 20)

static void enter_head(connection *it)
{
    it->state = STATE_HEAD;
    it->scan = (http_scan){.line_at = 0};
    it->began_ms = 0;
    it->deadline_ms = it->loop->now_ms + server_limit_of(it->loop->server, LIMIT_IDLE_MS);
}

static void link_to(loop *to, connection *it)
{
    it->loop = to;
    it->next = to->connections;
    if (it->next != NULL)
        it->next->previous = it;
    to->connections = it;
    to->connection_count++;
}

static void unlink_from(loop *from, connection *it)
{
    if (it->previous != NULL)
        it->previous->next = it->next;
    else
        from->connections = it->next;
    if (it->next != NULL)
        it->next->previous = it->previous;
}

static bool begin_tls(connection *it)
{
    tls_credentials *credentials = server_tls(it->loop->server);
    if (credentials == NULL)
        return false;
    it->tls = tls_session_new(credentials, it->source.file);
    tls_credentials_free(credentials);
    it->state = STATE_HANDSHAKE;
    it->deadline_ms = it->loop->now_ms + server_limit_of(it->loop->server, LIMIT_HEAD_MS);
    return it->tls != NULL;
}

/* What listener.c has counted. */
static void leave(server *of, listener_kind kind, address_key address)
{
    address_table_leave(of->addresses, address);
    if (kind != LISTENER_ADMIN)
        (void)atomic_fetch_sub(&of->connections, 1);
}

void connection_begin(loop *to, int file, listener_kind kind, address_key address)
{
    connection *it = calloc(1, sizeof *it);
    if (it == NULL) {
        (void)close(file);
        leave(to->server, kind, address);
        return;
    }
    it->source = (source){SOURCE_CONNECTION, file};
    it->kind = kind;
    it->address = address;
    it->can_read = it->can_write = true;
    link_to(to, it);
    daemon_metric_add(to->server->metrics, DAEMON_METRIC(CONNECTIONS), 0, 1);
    daemon_metric_add(to->server->metrics, DAEMON_METRIC(ACCEPTED), 0, 1);
    const int yes = 1;
    if (address != 0)
        (void)setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    enter_head(it);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                .data.ptr = &it->source};
    bool is_good = kind != LISTENER_TLS || begin_tls(it);
    if (!is_good || epoll_ctl(to->epoll, EPOLL_CTL_ADD, file, &event) != 0)
        connection_close(it);
    else
        connection_drive(it);
}

static void free_peer(daemon_peer *peer)
{
    if (peer->free_data != NULL)
        peer->free_data(peer->data);
    *peer = (daemon_peer){.roles = 0};
}

void connection_bury(connection *it)
{
    if (it->is_buried)
        return;
    it->is_buried = true;
    it->next_grave = it->loop->graves;
    it->loop->graves = it;
}

/* Counts memory for bodies, all connections together. False: it would be more than may be. */
static bool account(connection *it, size_t octets)
{
    server *of = it->loop->server;
    int64_t change = (int64_t)octets - (int64_t)it->accounted;
    if (change == 0)
        return true;
    /* Counted first and looked at then: loops that ask at the same time do not both get the rest.
     */
    int64_t before = atomic_fetch_add(&of->body_octets, change);
    if (change > 0 && before + change > server_limit_of(of, LIMIT_BODY_OCTETS)) {
        (void)atomic_fetch_sub(&of->body_octets, change);
        return false;
    }
    daemon_metric_add(of->metrics, DAEMON_METRIC(BODY_OCTETS), 0, change);
    it->accounted = octets;
    return true;
}

static void free_in(connection *it)
{
    free(it->in);
    it->in = NULL;
    it->in_len = it->in_size = 0;
    (void)account(it, 0);
}

void connection_free(connection *it)
{
    unlink_from(it->loop, it);
    it->loop->connection_count--;
    request_reset(&it->request);
    free_in(it);
    if (it->has_peer)
        free_peer(&it->peer);
    free(it->chain_octets);
    free(it);
}

static void leave_waiting(connection *it)
{
    loop *of = it->loop;
    of->waiting--;
    (void)atomic_fetch_sub(&of->server->waiting, 1);
    daemon_metric_add(of->server->metrics, DAEMON_METRIC(WAITING), 0, -1);
}

void connection_close(connection *it)
{
    if (it->is_dead)
        return;
    it->is_dead = true;
    server *of = it->loop->server;
    if (it->state == STATE_WAITING)
        leave_waiting(it);
    tls_session_free(it->tls);
    it->tls = NULL;
    (void)close(it->source.file);
    it->source.file = -1;
    leave(of, it->kind, it->address);
    daemon_metric_add(of->metrics, DAEMON_METRIC(CONNECTIONS), 0, -1);
    daemon_response_free(it->response);
    it->response = NULL;
    if (it->out == OUT_NONE)
        connection_bury(it);
}

/* Makes room for more octets, up to limit in all. False: no memory, or too much of it for bodies.
 */
static bool grow(connection *it, size_t limit)
{
    size_t size = it->in_size == 0 ? IN_SIZE_FIRST : it->in_size * 2;
    size = size > limit && limit > it->in_size ? limit : size;
    size_t counted = it->accounted;
    if (!account(it, size > HTTP_HEAD_MAX + 1 ? size : 0))
        return false;
    uint8_t *in = realloc(it->in, size);
    if (in == NULL) {
        (void)account(it, counted);
        return false;
    }
    it->in = in;
    it->in_size = size;
    return true;
}

/* Reads what there is, so that in holds up to limit octets. True when some came. */
static bool fill(connection *it, size_t limit)
{
    if (!it->can_read)
        return false;
    if (it->in_len == it->in_size && !grow(it, limit)) {
        dispatch_problem(it, 503, "", NULL);
        return true;
    }
    size_t size = it->in_size < limit ? it->in_size : limit;
    size_t room = size - it->in_len;
    ssize_t got = connection_read(it, it->in + it->in_len, room);
    if (got > 0) {
        it->in_len += (size_t)got;
        /* A socket that gave less than it could has nothing left and tells when more comes
         * (epoll(7), 9); but for the end, which it told of already. TLS holds octets of its own. */
        it->can_read = (size_t)got == room || it->tls != NULL || it->is_peer_gone;
        return true;
    }
    it->can_read = false;
    if (got == IO_END)
        connection_close(it);
    else if (it->in_len == 0)
        free_in(it);
    return false;
}

void connection_rest(connection *it)
{
    if (it->state == STATE_HEAD && it->began_ms == 0 && it->in_len == 0 && !it->can_read)
        free_in(it);
}

static bool step_head(connection *it)
{
    if (it->in_len == 0)
        return fill(it, HTTP_HEAD_MAX + 1);
    if (it->began_ms == 0) {
        it->began_ms = it->loop->now_ms;
        it->deadline_ms = it->began_ms + server_limit_of(it->loop->server, LIMIT_HEAD_MS);
    }
    switch (http_scan_next(&it->scan, (auth_bytes){it->in, it->in_len})) {
    case HTTP_SCAN_MORE:
        return fill(it, HTTP_HEAD_MAX + 1);
    case HTTP_SCAN_DONE:
        dispatch_head(it);
        return true;
    case HTTP_SCAN_FAULT:
        break;
    }
    dispatch_fault(it, it->scan.fault);
    return true;
}

/* dispatch_head has held the length against the route's limit. */
static bool step_body(connection *it)
{
    size_t need = it->scan.line_at + (size_t)it->scan.head.body_len;
    if (it->in_len < need)
        return fill(it, need);
    it->state = STATE_READY;
    return true;
}

static bool step_ready(connection *it)
{
    if (it->out != OUT_NONE)
        return false;
    dispatch_request(it);
    return true;
}

/* Takes the request that was answered out of the buffer; what stands behind it is the next one. */
static void next_request(connection *it)
{
    size_t used = it->scan.line_at + (size_t)it->scan.head.body_len;
    it->in_len -= used;
    if (it->in_len > 0)
        memmove(it->in, it->in + used, it->in_len);
    else if (it->in_size > HTTP_HEAD_MAX + 1)
        free_in(it);
    enter_head(it);
}

static void begin_linger(connection *it)
{
    if (it->tls != NULL)
        tls_bye(it->tls);
    (void)shutdown(it->source.file, SHUT_WR);
    it->state = STATE_LINGER;
    it->sent = 0;
    it->deadline_ms = it->loop->now_ms + LINGER_MS;
}

static bool step_write(connection *it)
{
    if (!it->can_write)
        return false;
    ssize_t left = connection_write(it);
    if (left == IO_AGAIN) {
        it->can_write = false;
        return false;
    }
    if (left == IO_END) {
        connection_close(it);
        return false;
    }
    daemon_response_free(it->response);
    it->response = NULL;
    if (it->has_given_up) {
        begin_linger(it);
        return true;
    }
    request_reset(&it->request);
    if (it->closes_after)
        begin_linger(it);
    else
        next_request(it);
    return true;
}

/* The answer is lost when a socket is closed with octets unread (RFC 9112 9.6). */
static bool step_linger(connection *it)
{
    uint8_t *scratch = (uint8_t *)it->loop->tls_chunk;
    while (it->can_read) {
        ssize_t got = connection_read(it, scratch, sizeof it->loop->tls_chunk);
        if (got == IO_AGAIN)
            it->can_read = false;
        else if (got == IO_END || (it->sent += (size_t)got) > LINGER_OCTETS_MAX)
            break;
    }
    if (it->can_read)
        connection_close(it);
    return false;
}

static void judge_peer(connection *it)
{
    server *of = it->loop->server;
    it->judged_generation = atomic_load(&of->generation);
    it->needs_judge = false;
    it->out = OUT_JUDGE;
    pool_submit(of, it);
}

static bool step_handshake(connection *it)
{
    server *of = it->loop->server;
    ssize_t outcome = tls_handshake(it->tls);
    if (outcome == IO_AGAIN) {
        it->can_read = it->can_write = false;
        return false;
    }
    bool is_good =
        outcome == 0 && tls_copy_chain(it->tls, it->chain, &it->chain_count, &it->chain_octets);
    daemon_metric_add(of->metrics, DAEMON_METRIC(HANDSHAKES), is_good ? 0 : 1, 1);
    if (!is_good) {
        daemon_log_fields(of->log, &daemon_event_handshake_failed,
                          DAEMON_LOG_FIXED("remedy", "the client must speak TLS 1.3 and have the "
                                                     "key of what it shows"));
        connection_close(it);
        return false;
    }
    it->can_read = it->can_write = true;
    enter_head(it);
    if (it->chain_count > 0 && of->judge != NULL)
        judge_peer(it);
    return true;
}

static bool step(connection *it)
{
    switch (it->state) {
    case STATE_HANDSHAKE:
        return step_handshake(it);
    case STATE_HEAD:
        return step_head(it);
    case STATE_BODY:
        return step_body(it);
    case STATE_READY:
        return step_ready(it);
    case STATE_WRITE:
        return step_write(it);
    case STATE_LINGER:
        return step_linger(it);
    case STATE_HANDLED:
    case STATE_WAITING:
        break;
    }
    return false;
}

void connection_drive(connection *it)
{
    if (!it->is_dead && it->is_peer_gone && it->state == STATE_WAITING) {
        connection_close(it);
        return;
    }
    for (int i = 0; i < STEPS_A_TURN; i++) {
        if (it->is_dead || !step(it))
            return;
    }
    loop_pend(it->loop, it);
}

static void cut(connection *it)
{
    server *of = it->loop->server;
    daemon_metric_add(of->metrics, DAEMON_METRIC(CUT), 0, 1);
    daemon_log_fields(of->log, &daemon_event_connection_cut, DAEMON_LOG_NUMBER("state", it->state));
    connection_close(it);
}

void connection_woken(connection *it, bool is_last_try)
{
    if (it->is_dead || it->state != STATE_WAITING)
        return;
    leave_waiting(it);
    it->request.is_last_try = it->request.is_last_try || is_last_try;
    it->state = STATE_READY;
    it->deadline_ms = it->loop->now_ms + server_limit_of(it->loop->server, LIMIT_REQUEST_MS);
    connection_drive(it);
}

/* The deadline has passed. */
void connection_expire(connection *it)
{
    switch (it->state) {
    case STATE_HEAD:
        if (it->began_ms == 0) {
            connection_close(it);
            return;
        }
        dispatch_fault(it, HTTP_FAULT_TIMEOUT);
        connection_drive(it);
        return;
    case STATE_BODY:
        dispatch_fault(it, HTTP_FAULT_TIMEOUT);
        connection_drive(it);
        return;
    case STATE_WAITING:
        connection_woken(it, true);
        return;
    case STATE_HANDLED:
        it->has_given_up = true;
        dispatch_problem(it, 503, "", NULL);
        connection_drive(it);
        return;
    case STATE_LINGER:
        connection_close(it);
        return;
    case STATE_HANDSHAKE:
    case STATE_READY:
    case STATE_WRITE:
        cut(it);
        return;
    }
}

void connection_recheck(connection *it)
{
    server *of = it->loop->server;
    if (it->is_dead || it->chain_count == 0 || of->judge == NULL)
        return;
    if (it->out != OUT_NONE)
        it->needs_judge = true;
    else if (it->judged_generation != atomic_load(&of->generation))
        judge_peer(it);
}

/* Applies what the judge said. False: the connection must end. */
static bool take_verdict(connection *it)
{
    server *of = it->loop->server;
    bool is_good = it->verdict == AUTH_STATUS_OK;
    daemon_metric_add(of->metrics, DAEMON_METRIC(JUDGED), is_good ? 0 : 1, 1);
    if (!is_good) {
        daemon_log_fields(of->log, &daemon_event_peer_refused,
                          DAEMON_LOG_WORD("peer", it->has_peer ? it->peer.name : ""),
                          DAEMON_LOG_ERROR(&it->refusal));
        return !it->has_peer;
    }
    daemon_log_fields(of->log, &daemon_event_peer_known, DAEMON_LOG_WORD("peer", it->judged.name));
    if (it->has_peer)
        free_peer(&it->peer);
    it->peer = it->judged;
    it->has_peer = true;
    return true;
}

void connection_came_back(connection *it)
{
    out_kind was = it->out;
    it->out = OUT_NONE;
    if (it->is_dead) {
        if (was == OUT_JUDGE && it->verdict == AUTH_STATUS_OK)
            free_peer(&it->judged);
        connection_bury(it);
        return;
    }
    if (was == OUT_JUDGE && !take_verdict(it)) {
        connection_close(it);
        return;
    }
    if (was == OUT_HANDLE && !it->has_given_up)
        dispatch_finish(it);
    if (it->needs_judge)
        connection_recheck(it);
    connection_drive(it);
}
