/* SPDX-License-Identifier: Apache-2.0 */
/* The worker threads: they run what may wait, handlers and the judge, so that a loop never does. */
#include "daemon/clock.h"
#include "daemon/server.h"

#include <string.h>
#include <time.h>

static void judge(connection *it)
{
    const server *of = it->loop->server;
    it->judged = (daemon_peer){.roles = 0};
    it->refusal = (auth_error){.status = AUTH_STATUS_OK};
    it->verdict = of->judge(of->context, it->chain, it->chain_count, &it->judged, &it->refusal);
}

/* Gives a connection back to its loop. After this it is no longer the worker's. */
static void give_back(connection *it)
{
    loop *to = it->loop;
    (void)pthread_mutex_lock(&to->lock);
    it->next_done = to->done;
    to->done = it;
    (void)pthread_mutex_unlock(&to->lock);
    loop_wake(to);
}

static connection *take(pool *it)
{
    (void)pthread_mutex_lock(&it->lock);
    while (it->first == NULL && !it->is_stopping)
        (void)pthread_cond_wait(&it->ready, &it->lock);
    connection *job = it->first;
    if (job != NULL) {
        it->first = job->next_job;
        it->queued--;
        if (it->first == NULL)
            it->last = NULL;
    }
    (void)pthread_mutex_unlock(&it->lock);
    return job;
}

static void *work(void *argument)
{
    server *of = argument;
    for (;;) {
        connection *job = take(&of->pool);
        if (job == NULL)
            break;
        daemon_metric_add(of->metrics, DAEMON_METRIC(QUEUED), 0, -1);
        if (job->out == OUT_JUDGE)
            judge(job);
        else
            dispatch_call(job);
        give_back(job);
    }
    atomic_fetch_sub(&of->pool.running, 1);
    return NULL;
}

auth_status pool_start(server *it, size_t threads, auth_error *err)
{
    for (size_t i = 0; i < threads; i++) {
        atomic_fetch_add(&it->pool.running, 1);
        if (pthread_create(&it->pool.threads[i], NULL, work, it) != 0) {
            atomic_fetch_sub(&it->pool.running, 1);
            return auth_error_set(err, AUTH_STATUS_MEMORY,
                                  "a thread cannot be started; ask for fewer, or raise the limit");
        }
        it->pool.count++;
    }
    return AUTH_STATUS_OK;
}

void pool_submit(server *it, connection *which)
{
    pool *to = &it->pool;
    daemon_metric_add(it->metrics, DAEMON_METRIC(QUEUED), 0, 1);
    which->next_job = NULL;
    (void)pthread_mutex_lock(&to->lock);
    if (to->last == NULL)
        to->first = which;
    else
        to->last->next_job = which;
    to->last = which;
    to->queued++;
    (void)pthread_cond_signal(&to->ready);
    (void)pthread_mutex_unlock(&to->lock);
}

bool pool_stop(server *it, int64_t wait_ms)
{
    (void)pthread_mutex_lock(&it->pool.lock);
    it->pool.is_stopping = true;
    (void)pthread_cond_broadcast(&it->pool.ready);
    (void)pthread_mutex_unlock(&it->pool.lock);
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(wait_ms / 1000) + 1;
    while (it->pool.count > 0) {
        if (pthread_timedjoin_np(it->pool.threads[it->pool.count - 1], NULL, &until) != 0)
            return false;
        it->pool.count--;
    }
    return true;
}
