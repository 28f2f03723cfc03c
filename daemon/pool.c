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

/* The loop is woken once for all that comes back before it looks. */
void connection_give_back(connection *it, bool is_now)
{
    loop *to = it->loop;
    (void)pthread_mutex_lock(&to->lock);
    bool is_due = to->done == NULL || to->is_wake_due;
    to->is_wake_due = is_due && !is_now;
    it->next_done = to->done;
    to->done = it;
    (void)pthread_mutex_unlock(&to->lock);
    if (is_due && is_now)
        loop_wake(to);
}

static void put_job(job_queue *queue, connection *job)
{
    job->next_job = NULL;
    if (queue->last == NULL)
        queue->first = job;
    else
        queue->last->next_job = job;
    queue->last = job;
}

static connection *take_job(job_queue *queue)
{
    connection *job = queue->first;
    if (job == NULL)
        return NULL;
    queue->first = job->next_job;
    if (queue->first == NULL)
        queue->last = NULL;
    return job;
}

/* Waits for a job; NULL when there are to be no more. */
static connection *next_job(pool *it, bool judges_only)
{
    connection *job = NULL;
    (void)pthread_mutex_lock(&it->lock);
    for (;;) {
        job = take_job(&it->judging);
        if (job == NULL && !judges_only)
            job = take_job(&it->handling);
        if (job != NULL || it->is_stopping)
            break;
        (void)pthread_cond_wait(judges_only ? &it->judge_ready : &it->ready, &it->lock);
    }
    (void)pthread_mutex_unlock(&it->lock);
    return job;
}

static void work(server *of, bool judges_only)
{
    for (;;) {
        connection *job = next_job(&of->pool, judges_only);
        if (job == NULL)
            return;
        if (job->out == OUT_JUDGE) {
            judge(job);
        } else {
            daemon_metric_add(of->metrics, DAEMON_METRIC(QUEUED), 0, -1);
            dispatch_call(job);
        }
        connection_give_back(job, true);
    }
}

static void *run_judge(void *argument)
{
    work(argument, true);
    return NULL;
}

static void *run_worker(void *argument)
{
    work(argument, false);
    return NULL;
}

auth_status pool_start(server *it, size_t threads, auth_error *err)
{
    for (size_t i = 0; i <= threads; i++) {
        if (pthread_create(&it->pool.threads[i], NULL, i == 0 ? run_judge : run_worker, it) != 0)
            return auth_error_set(err, AUTH_STATUS_MEMORY,
                                  "a thread cannot be started; ask for fewer, or raise the limit");
        it->pool.count++;
    }
    return AUTH_STATUS_OK;
}

void pool_submit(server *it, connection *which)
{
    pool *to = &it->pool;
    bool is_judged = which->out == OUT_JUDGE;
    if (!is_judged)
        daemon_metric_add(it->metrics, DAEMON_METRIC(QUEUED), 0, 1);
    (void)pthread_mutex_lock(&to->lock);
    put_job(is_judged ? &to->judging : &to->handling, which);
    /* One thread that may take the job hears of it; the judge's, too, while he is at another. */
    if (is_judged)
        (void)pthread_cond_signal(&to->judge_ready);
    (void)pthread_cond_signal(&to->ready);
    (void)pthread_mutex_unlock(&to->lock);
}

bool pool_stop(server *it, int64_t wait_ms)
{
    (void)pthread_mutex_lock(&it->pool.lock);
    it->pool.is_stopping = true;
    (void)pthread_cond_broadcast(&it->pool.ready);
    (void)pthread_cond_broadcast(&it->pool.judge_ready);
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
