/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/server.h"
#include "daemon/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

static auth_status refuse(const char *what, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_IO,
                          "%s cannot be made: %s; raise the limits of the "
                          "process",
                          what, strerror(errno));
}

static auth_status prepare_loop(server *of, size_t index, auth_error *err)
{
    loop *it = &of->loops[index];
    it->server = of;
    it->index = index;
    it->date_s = -1;
    (void)pthread_mutex_init(&it->lock, NULL);
    atomic_init(&it->beat_ms, daemon_now_ms());
    it->epoll = epoll_create1(EPOLL_CLOEXEC);
    it->wake = (source){SOURCE_WAKE, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &it->wake};
    if (it->epoll < 0 || it->wake.file < 0 ||
        epoll_ctl(it->epoll, EPOLL_CTL_ADD, it->wake.file, &event) != 0)
        return refuse("a loop", err);
    return AUTH_STATUS_OK;
}

static auth_status prepare(server *it, const server_config *config, auth_error *err)
{
    (void)pthread_mutex_init(&it->tls_lock, NULL);
    (void)pthread_mutex_init(&it->pool.lock, NULL);
    (void)pthread_cond_init(&it->pool.ready, NULL);
    (void)pthread_cond_init(&it->pool.judge_ready, NULL);
    it->idle_file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (it->idle_file < 0 ||
        getrandom(&it->id_prefix, sizeof it->id_prefix, 0) != (ssize_t)sizeof it->id_prefix)
        return refuse("an event", err);
    auth_status status = problem_titles_new(&it->titles, err);
    if (status == AUTH_STATUS_OK)
        status = address_table_new(config->connections_max, &it->addresses, err);
    it->loops = calloc(config->threads, sizeof *it->loops);
    if (status == AUTH_STATUS_OK && it->loops == NULL)
        status = auth_error_memory(err);
    for (size_t i = 0; i < config->threads && status == AUTH_STATUS_OK; i++) {
        status = prepare_loop(it, i, err);
        it->loop_count = i + 1;
    }
    return status;
}

auth_status server_new(const server_config *config, server **out, auth_error *err)
{
    auth_status status = route_check(config->routes, err);
    if (status == AUTH_STATUS_OK)
        status = route_check(config->admin_routes, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(server) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->routes = config->routes;
    it->admin_routes = config->admin_routes;
    it->context = config->context;
    it->admin_context = config->admin_context;
    it->judge = config->judge;
    it->log = config->log;
    it->metrics = config->metrics;
    it->shares_addresses = config->shares_addresses;
    status = prepare(it, config, err);
    if (status == AUTH_STATUS_OK)
        status = pool_start(it, config->workers, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(it);
    return status;
}

static void close_loop(loop *it)
{
    for (size_t i = 0; i < it->listener_count; i++) {
        bool is_mine = !it->listeners[i].is_shared || it->index == 0;
        if (is_mine && it->listeners[i].source.file >= 0)
            (void)close(it->listeners[i].source.file);
    }
    if (it->index == 0) {
        for (size_t i = 0; i < it->listener_count; i++) {
            if (it->listeners[i].is_shared && it->listeners[i].address.path[0] == '/')
                (void)unlink(it->listeners[i].address.path);
        }
    }
    if (it->epoll >= 0)
        (void)close(it->epoll);
    if (it->wake.file >= 0)
        (void)close(it->wake.file);
    (void)pthread_mutex_destroy(&it->lock);
}

/* Loops that were started have ended before: server_drain. */
void server_free(server *it)
{
    if (it == NULL)
        return;
    (void)pool_stop(it, 0);
    for (size_t i = 0; i < it->loop_count; i++) {
        if (it->loops[i].is_started)
            (void)pthread_join(it->loops[i].thread, NULL);
        close_loop(&it->loops[i]);
    }
    free(it->loops);
    tls_credentials_free(it->tls);
    address_table_free(it->addresses);
    problem_titles_free(it->titles);
    if (it->idle_file >= 0)
        (void)close(it->idle_file);
    (void)pthread_mutex_destroy(&it->tls_lock);
    (void)pthread_mutex_destroy(&it->pool.lock);
    (void)pthread_cond_destroy(&it->pool.ready);
    (void)pthread_cond_destroy(&it->pool.judge_ready);
    free(it);
}

void server_set_limit(server *it, server_limit limit, int64_t value)
{
    atomic_store(&it->limits[limit], value);
}

auth_status server_start(server *it, auth_error *err)
{
    for (size_t i = 0; i < it->loop_count; i++) {
        atomic_fetch_add(&it->loops_running, 1);
        if (pthread_create(&it->loops[i].thread, NULL, loop_run, &it->loops[i]) != 0) {
            atomic_fetch_sub(&it->loops_running, 1);
            return auth_error_set(err, AUTH_STATUS_MEMORY,
                                  "a thread cannot be started; ask for fewer, or raise the limit");
        }
        it->loops[i].is_started = true;
    }
    return AUTH_STATUS_OK;
}

void server_wake_loops(server *it)
{
    for (size_t i = 0; i < it->loop_count; i++)
        loop_wake(&it->loops[i]);
}

void server_drain(server *it, int64_t drain_ms)
{
    atomic_store(&it->drain_until_ms, daemon_now_ms() + drain_ms);
    atomic_store(&it->is_draining, true);
    server_wake_loops(it);
}

bool server_is_idle(const server *it) { return atomic_load(&it->loops_running) == 0; }

/*
 * A handler that has looked and is about to wait compares the slot's count with what it saw before
 * it looked; whoever wakes counts first and asks then whether somebody waits. So one of the two
 * notices.
 */
void server_wake_key(server *it, uint64_t key)
{
    atomic_fetch_add(&it->watch[key % WATCH_SLOTS], 1);
    if (atomic_load(&it->waiting) == 0)
        return;
    for (size_t i = 0; i < it->loop_count; i++) {
        loop *to = &it->loops[i];
        (void)pthread_mutex_lock(&to->lock);
        if (to->wake_count < WAKES_MAX)
            to->wakes[to->wake_count++] = key;
        else
            to->wakes_all = true;
        (void)pthread_mutex_unlock(&to->lock);
        loop_wake(to);
    }
}

void server_flush(server *it)
{
    for (size_t i = 0; i < it->loop_count; i++) {
        loop *to = &it->loops[i];
        (void)pthread_mutex_lock(&to->lock);
        bool is_due = to->is_wake_due;
        to->is_wake_due = false;
        (void)pthread_mutex_unlock(&to->lock);
        if (is_due)
            loop_wake(to);
    }
}

void server_recheck_peers(server *it)
{
    atomic_fetch_add(&it->generation, 1);
    server_wake_loops(it);
}

int64_t server_silence_ms(const server *it)
{
    int64_t now = daemon_now_ms();
    int64_t longest = 0;
    for (size_t i = 0; i < it->loop_count; i++) {
        int64_t silence = now - atomic_load(&it->loops[i].beat_ms);
        longest = silence > longest ? silence : longest;
    }
    return longest;
}

tls_credentials *server_tls(server *it)
{
    (void)pthread_mutex_lock(&it->tls_lock);
    tls_credentials *credentials = it->tls == NULL ? NULL : tls_credentials_ref(it->tls);
    (void)pthread_mutex_unlock(&it->tls_lock);
    return credentials;
}

void server_set_tls(server *it, tls_credentials *credentials)
{
    (void)pthread_mutex_lock(&it->tls_lock);
    tls_credentials *old = it->tls;
    it->tls = credentials;
    (void)pthread_mutex_unlock(&it->tls_lock);
    tls_credentials_free(old);
}
