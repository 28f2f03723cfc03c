/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/clock.h"
#include "daemon/life.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *run(void *argument)
{
    daemon_worker *it = argument;
    (void)pthread_setname_np(pthread_self(), it->name);
    it->work(it, it->context);
    daemon_log_fields(it->self->log, &daemon_event_worker_stopped,
                      DAEMON_LOG_WORD("worker", it->name));
    atomic_store(&it->has_ended, true);
    return NULL;
}

/*
 * Called in the main thread, from start; the table does not move. The thread finds its own row, and
 * under the lock others find it once it is whole.
 */
static auth_status start(daemon_self *self, const daemon_worker *like, auth_error *err)
{
    if (self->worker_count == DAEMON_WORKERS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "worker %s: there are %d already", like->name,
                              DAEMON_WORKERS_MAX);
    daemon_worker *it = &self->workers[self->worker_count];
    *it = *like;
    it->self = self;
    it->file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&it->is_stopping, false);
    atomic_init(&it->has_ended, false);
    if (it->file < 0 || pthread_create(&it->thread, NULL, run, it) != 0) {
        if (it->file >= 0)
            (void)close(it->file);
        return auth_error_set(err, AUTH_STATUS_MEMORY,
                              "worker %s cannot be started; raise the limits of the process",
                              like->name);
    }
    (void)pthread_mutex_lock(&self->lock);
    self->worker_count++;
    (void)pthread_mutex_unlock(&self->lock);
    return AUTH_STATUS_OK;
}

auth_status daemon_worker_start(daemon_self *self, const char *name,
                                void (*work)(daemon_worker *worker, void *context), void *context,
                                auth_error *err)
{
    daemon_worker like = {.name = name, .work = work, .context = context};
    return start(self, &like, err);
}

static void repeat(daemon_worker *worker, void *context)
{
    do {
        auth_error err = {.status = AUTH_STATUS_OK};
        if (worker->task(context, &err) != AUTH_STATUS_OK)
            daemon_log_fields(worker->self->log, &daemon_event_task_failed,
                              DAEMON_LOG_WORD("task", worker->name), DAEMON_LOG_ERROR(&err));
    } while (daemon_worker_sleep(worker, worker->interval_ms));
}

auth_status daemon_every(daemon_self *self, const char *name, uint32_t interval_ms,
                         auth_status (*task)(void *context, auth_error *err), void *context,
                         auth_error *err)
{
    daemon_worker like = {
        .name = name, .work = repeat, .task = task, .interval_ms = interval_ms, .context = context};
    return start(self, &like, err);
}

bool daemon_worker_is_stopping(const daemon_worker *worker)
{
    return atomic_load(&worker->is_stopping);
}

int daemon_worker_file(const daemon_worker *worker) { return worker->file; }

bool daemon_worker_sleep(daemon_worker *worker, uint32_t wait_ms)
{
    int64_t until = daemon_now_ms() + wait_ms;
    for (int64_t left = wait_ms; left > 0 && !daemon_worker_is_stopping(worker);
         left = until - daemon_now_ms()) {
        struct pollfd event = {.fd = worker->file, .events = POLLIN};
        uint64_t nudges = 0;
        if (poll(&event, 1, left > 60000 ? 60000 : (int)left) != 1)
            continue;
        (void)!read(worker->file, &nudges, sizeof nudges);
        break;
    }
    return !daemon_worker_is_stopping(worker);
}

static void nudge(const daemon_worker *worker)
{
    const uint64_t one = 1;
    (void)!write(worker->file, &one, sizeof one);
}

void daemon_worker_nudge(daemon_self *self, const char *name)
{
    (void)pthread_mutex_lock(&self->lock);
    for (size_t i = 0; i < self->worker_count; i++) {
        if (strcmp(self->workers[i].name, name) == 0)
            nudge(&self->workers[i]);
    }
    (void)pthread_mutex_unlock(&self->lock);
}

void life_stop_workers(daemon_self *self)
{
    for (size_t i = 0; i < self->worker_count; i++) {
        atomic_store(&self->workers[i].is_stopping, true);
        nudge(&self->workers[i]);
    }
}

bool life_join_workers(daemon_self *self, int64_t until_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    int64_t left = until_ms - daemon_now_ms();
    until.tv_sec += (time_t)(left > 0 ? left / 1000 : 0) + 1;
    while (self->worker_count > 0) {
        daemon_worker *it = &self->workers[self->worker_count - 1];
        if (pthread_timedjoin_np(it->thread, NULL, &until) != 0)
            return false;
        (void)pthread_mutex_lock(&self->lock);
        self->worker_count--;
        (void)close(it->file);
        (void)pthread_mutex_unlock(&self->lock);
    }
    return true;
}
