/* SPDX-License-Identifier: Apache-2.0 */
/* A loop: waits for events, drives connections, looks after deadlines, ends when all is done. */
#include "daemon/clock.h"
#include "daemon/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_A_TURN 256
/* How long a loop without work sleeps; a watchdog wants to see it now and then. */
#define SLEEP_MS 1000

void loop_wake(loop *it)
{
    const uint64_t one = 1;
    while (write(it->wake.file, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

void loop_pend(loop *it, connection *which)
{
    if (which->is_pending)
        return;
    which->is_pending = true;
    which->next_pending = it->pending;
    it->pending = which;
}

/* RFC 9110 5.6.7; made once a second. */
const char *loop_date(loop *it)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == it->date_s)
        return it->date;
    char text[DAEMON_HTTP_DATE_SIZE];
    it->date_s = now.tv_sec;
    daemon_http_date(now.tv_sec, text);
    (void)snprintf(it->date, sizeof it->date, "Date: %s\r\n", text);
    return it->date;
}

static void handle_event(loop *it, const struct epoll_event *event)
{
    source *from = event->data.ptr;
    if (from->kind == SOURCE_WAKE) {
        uint64_t count;
        while (read(from->file, &count, sizeof count) < 0 && errno == EINTR)
            continue;
        return;
    }
    if (from->kind == SOURCE_LISTENER) {
        listener_accept(it, (listener *)from);
        return;
    }
    connection *which = event->data.ptr; /* its first member is the source */
    const uint32_t gone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if ((event->events & (EPOLLIN | gone)) != 0)
        which->can_read = true;
    if ((event->events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
        which->can_write = true;
    if ((event->events & gone) != 0)
        which->is_peer_gone = true;
    connection_drive(which);
}

/* What other threads have for this loop. */
static void take_messages(loop *it)
{
    uint64_t keys[WAKES_MAX];
    (void)pthread_mutex_lock(&it->lock);
    connection *done = it->done;
    size_t count = it->wake_count;
    bool wakes_all = it->wakes_all;
    memcpy(keys, it->wakes, count * sizeof keys[0]);
    it->done = NULL;
    it->is_wake_due = false;
    it->wake_count = 0;
    it->wakes_all = false;
    (void)pthread_mutex_unlock(&it->lock);

    while (done != NULL) {
        connection *next = done->next_done;
        connection_came_back(done);
        done = next;
    }
    if (it->waiting == 0 || (count == 0 && !wakes_all))
        return;
    for (connection *each = it->connections; each != NULL; each = each->next) {
        /* The request of another one may be a worker's at this moment. */
        if (each->state != STATE_WAITING)
            continue;
        bool is_meant = wakes_all;
        for (size_t i = 0; i < count && !is_meant; i++)
            is_meant = each->request.key == keys[i];
        if (is_meant)
            connection_woken(each, false);
    }
}

static void drive_pending(loop *it)
{
    connection *which = it->pending;
    it->pending = NULL;
    while (which != NULL) {
        connection *next = which->next_pending;
        which->is_pending = false;
        bool was_woken = which->was_woken;
        which->was_woken = false;
        if (was_woken && which->state == STATE_WAITING)
            connection_woken(which, which->request.is_last_try);
        else
            connection_drive(which);
        which = next;
    }
}

static void sweep(loop *it)
{
    if (it->now_ms - it->swept_ms < SWEEP_MS)
        return;
    it->swept_ms = it->now_ms;
    listener_resume_all(it);
    for (connection *each = it->connections; each != NULL; each = each->next) {
        if (!each->is_dead && it->now_ms >= each->deadline_ms)
            connection_expire(each);
        else
            connection_rest(each);
    }
}

static void free_graves(loop *it)
{
    connection *which = it->graves;
    it->graves = NULL;
    while (which != NULL) {
        connection *next = which->next_grave;
        if (which->is_pending) {
            which->next_grave = it->graves;
            it->graves = which;
        } else {
            connection_free(which);
        }
        which = next;
    }
}

static void recheck(loop *it, uint32_t *generation)
{
    uint32_t now = atomic_load(&it->server->generation);
    if (now == *generation)
        return;
    *generation = now;
    for (connection *each = it->connections; each != NULL; each = each->next)
        connection_recheck(each);
}

/* No new connections; who has nothing to say goes; who waits is told that there is nothing yet. */
static void begin_drain(loop *it)
{
    it->is_draining = true;
    for (size_t i = 0; i < it->listener_count; i++)
        listener_accept(it, &it->listeners[i]);
    listener_close_all(it);
    for (connection *each = it->connections; each != NULL; each = each->next) {
        if (each->is_dead)
            continue;
        if (each->state == STATE_WAITING)
            connection_woken(each, true);
        else
            connection_drive(each);
        if (!each->is_dead && each->state == STATE_HEAD && each->began_ms == 0)
            connection_close(each);
    }
}

static void drain(loop *it)
{
    if (!atomic_load(&it->server->is_draining))
        return;
    if (!it->is_draining)
        begin_drain(it);
    if (it->now_ms < atomic_load(&it->server->drain_until_ms))
        return;
    if (it->connection_count > 0 && !it->has_cut)
        daemon_log_fields(it->server->log, &daemon_event_drain_cut,
                          DAEMON_LOG_NUMBER("connections", it->connection_count));
    it->has_cut = true;
    for (connection *each = it->connections; each != NULL; each = each->next)
        connection_close(each);
}

static int sleep_of(const loop *it)
{
    if (it->pending != NULL || it->graves != NULL)
        return 0;
    bool has_deadlines = it->connection_count > 0 || it->has_paused || it->is_draining;
    return has_deadlines ? SWEEP_MS : SLEEP_MS;
}

static void turn(loop *it, uint32_t *generation)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(it->epoll, events, EVENTS_A_TURN, sleep_of(it));
    it->now_ms = daemon_now_ms();
    atomic_store_explicit(&it->beat_ms, it->now_ms, memory_order_relaxed);
    for (int i = 0; i < count; i++)
        handle_event(it, &events[i]);
    take_messages(it);
    recheck(it, generation);
    drive_pending(it);
    sweep(it);
    drain(it);
    free_graves(it);
}

void *loop_run(void *argument)
{
    loop *it = argument;
    server *of = it->server;
    uint32_t generation = atomic_load(&of->generation);
    it->now_ms = daemon_now_ms();
    while (!it->is_draining || it->connection_count > 0)
        turn(it, &generation);
    const uint64_t one = 1;
    if (atomic_fetch_sub(&of->loops_running, 1) == 1 &&
        write(of->idle_file, &one, sizeof one) != (ssize_t)sizeof one)
        daemon_log_fields(of->log, &daemon_event_worker_stopped,
                          DAEMON_LOG_FIXED("worker", "loop"));
    return NULL;
}
