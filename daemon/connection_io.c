/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

ssize_t connection_read(connection *it, uint8_t *room, size_t size)
{
    if (it->tls != NULL)
        return tls_read(it->tls, room, size);
    ssize_t got;
    do {
        got = recv(it->source.file, room, size, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got > 0)
        return got;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? IO_AGAIN : IO_END;
}

/* What is left of the three parts of an answer, from an offset on. */
static int parts_from(const connection *it, struct iovec out[3])
{
    auth_bytes head = daemon_response_head(it->response);
    auth_bytes body = daemon_response_body(it->response);
    struct iovec parts[3] = {
        {(void *)(uintptr_t)head.data, head.len},
        {(void *)(uintptr_t)it->extra, it->extra_len},
        {(void *)(uintptr_t)body.data, it->is_head_only ? 0 : body.len},
    };
    int count = 0;
    size_t skip = it->sent;
    for (int i = 0; i < 3; i++) {
        if (parts[i].iov_len == 0)
            continue;
        size_t cut = skip < parts[i].iov_len ? skip : parts[i].iov_len;
        skip -= cut;
        parts[i].iov_base = (char *)parts[i].iov_base + cut;
        parts[i].iov_len -= cut;
        if (parts[i].iov_len > 0)
            out[count++] = parts[i];
    }
    return count;
}

static ssize_t write_plain(connection *it, struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    ssize_t written;
    do {
        written = sendmsg(it->source.file, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (written < 0 && errno == EINTR);
    if (written >= 0)
        return written;
    return errno == EAGAIN || errno == EWOULDBLOCK ? IO_AGAIN : IO_END;
}

/* One record for what fits into one: head and body of a small answer travel together. */
static ssize_t write_tls(connection *it, const struct iovec *parts, int count)
{
    char *chunk = it->loop->tls_chunk;
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        size_t room = sizeof it->loop->tls_chunk - used;
        size_t len = parts[i].iov_len < room ? parts[i].iov_len : room;
        memcpy(chunk + used, parts[i].iov_base, len);
        used += len;
    }
    return tls_write(it->tls, chunk, used);
}

/* Writes what can be written of the answer; 0 when all of it is out. */
ssize_t connection_write(connection *it)
{
    for (;;) {
        struct iovec parts[3];
        int count = parts_from(it, parts);
        if (count == 0)
            return 0;
        ssize_t written =
            it->tls != NULL ? write_tls(it, parts, count) : write_plain(it, parts, count);
        if (written < 0)
            return written;
        it->sent += (size_t)written;
        if (it->sent - it->step_from >= WRITE_STEP) {
            it->step_from = it->sent;
            it->deadline_ms = it->loop->now_ms + server_limit_of(it->loop->server, LIMIT_WRITE_MS);
        }
    }
}

/*
 * RFC 9110 10.1.1. It is small and the first thing that goes out, so what does not go out at once
 * goes to a client that reads nothing: false.
 */
bool connection_continue(connection *it)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const ssize_t len = sizeof text - 1;
    if (it->tls != NULL)
        return tls_write(it->tls, text, (size_t)len) == len;
    return send(it->source.file, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) == len;
}
