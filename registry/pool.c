/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock is held for looking at slots only, never while connecting or closing. A slot that is
 * being connected counts as taken. Back-off is the pool's and not a slot's: the server is gone for
 * all.
 */
#include "pool.h"

#include "deadline.h"

#include <auth/secret.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BACKOFF_FIRST_MS 50U
#define BACKOFF_MAX_MS 5000U

struct registry_pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    registry_settings settings;
    char *conninfo;
    char *program;
    size_t size;
    size_t taken;
    size_t idle_count;
    registry_connection *idle[REGISTRY_POOL_MAX];
    unsigned backoff_ms;          /* 0: the last attempt to connect succeeded */
    registry_deadline not_before; /* of the next attempt */
};

static auth_status init_lock(registry_pool *pool, auth_error *err)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error == 0) {
        error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        if (error == 0)
            error = pthread_cond_init(&pool->changed, &attributes);
        (void)pthread_condattr_destroy(&attributes);
    }
    if (error == 0)
        error = pthread_mutex_init(&pool->lock, NULL);
    return error == 0 ? AUTH_STATUS_OK : auth_error_memory(err);
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *out = malloc(size);
    if (out != NULL)
        memcpy(out, text, size);
    return out;
}

auth_status registry_pool_new(const registry_settings *settings, size_t size, registry_pool **out,
                              auth_error *err)
{
    if (size == 0 || size > REGISTRY_POOL_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: a pool of %zu connections; choose from 1 to %d", size,
                              REGISTRY_POOL_MAX);
    }
    registry_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return auth_error_memory(err);
    pool->settings = *settings;
    pool->size = size;
    pool->conninfo = copy(settings->conninfo);
    pool->program = copy(settings->program == NULL ? "auth" : settings->program);
    pool->settings.conninfo = pool->conninfo;
    pool->settings.program = pool->program;
    auth_status status = pool->conninfo == NULL || pool->program == NULL ? auth_error_memory(err)
                                                                         : init_lock(pool, err);
    if (status != AUTH_STATUS_OK) {
        free(pool->conninfo);
        free(pool->program);
        free(pool);
        return status;
    }
    *out = pool;
    return AUTH_STATUS_OK;
}

/* The string may hold a password. */
static void wipe(char *text)
{
    if (text != NULL)
        auth_secret_wipe(text, strlen(text));
    free(text);
}

void registry_pool_free(registry_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->idle_count; i++)
        registry_connection_free(pool->idle[i]);
    (void)pthread_cond_destroy(&pool->changed);
    (void)pthread_mutex_destroy(&pool->lock);
    wipe(pool->conninfo);
    wipe(pool->program);
    free(pool);
}

static void wait_until(registry_pool *pool, registry_deadline until)
{
    struct timespec at = {.tv_sec = until.at_ms / 1000, .tv_nsec = (until.at_ms % 1000) * 1000000};
    (void)pthread_cond_timedwait(&pool->changed, &pool->lock, &at);
}

/*
 * Takes an idle connection, or the right to make one (*out is NULL). False: neither was to be had
 * in time.
 */
static bool take_slot(registry_pool *pool, registry_deadline deadline, registry_connection **out)
{
    bool is_taken = false;
    (void)pthread_mutex_lock(&pool->lock);
    for (;;) {
        bool has_room = pool->taken < pool->size;
        bool may_connect = pool->backoff_ms == 0 || registry_deadline_has_passed(pool->not_before);
        if (has_room && (pool->idle_count > 0 || may_connect)) {
            *out = pool->idle_count > 0 ? pool->idle[--pool->idle_count] : NULL;
            pool->taken++;
            is_taken = true;
            break;
        }
        if (registry_deadline_has_passed(deadline))
            break;
        wait_until(pool,
                   has_room ? registry_deadline_earlier(deadline, pool->not_before) : deadline);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return is_taken;
}

static void return_slot(registry_pool *pool, registry_connection *connection)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->taken--;
    if (connection != NULL)
        pool->idle[pool->idle_count++] = connection;
    (void)pthread_cond_signal(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
}

static void note_attempt(registry_pool *pool, bool is_connected)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (is_connected) {
        pool->backoff_ms = 0;
    } else {
        unsigned next = pool->backoff_ms == 0 ? BACKOFF_FIRST_MS : pool->backoff_ms * 2;
        pool->backoff_ms = next > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : next;
        pool->not_before = registry_deadline_after(pool->backoff_ms);
    }
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
}

static auth_status connect_now(registry_pool *pool, registry_deadline deadline,
                               registry_connection **out, auth_error *err)
{
    registry_settings settings = pool->settings;
    unsigned left = (unsigned)registry_deadline_left_ms(deadline);
    left = left == 0 ? 1 : left;
    if (settings.connect_timeout_ms == 0 || settings.connect_timeout_ms > left)
        settings.connect_timeout_ms = left;
    auth_status status = registry_connection_open(&settings, out, err);
    note_attempt(pool, status == AUTH_STATUS_OK);
    return status;
}

auth_status registry_pool_take(registry_pool *pool, unsigned timeout_ms, registry_connection **out,
                               auth_error *err)
{
    registry_deadline deadline = registry_deadline_after(timeout_ms);
    auth_status status = auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                                        "registry: all %zu connections were busy for %u ms; try "
                                        "again, or allow more of them",
                                        pool->size, timeout_ms);
    registry_connection *taken = NULL;
    while (take_slot(pool, deadline, &taken)) {
        if (taken != NULL && registry_connection_check(taken)) {
            *out = taken;
            return AUTH_STATUS_OK;
        }
        registry_connection_free(taken);
        taken = NULL;
        status = connect_now(pool, deadline, &taken, err);
        if (status == AUTH_STATUS_OK) {
            *out = taken;
            return AUTH_STATUS_OK;
        }
        return_slot(pool, NULL);
        if (status != AUTH_STATUS_UNAVAILABLE || registry_deadline_has_passed(deadline))
            break;
    }
    return status;
}

void registry_pool_give(registry_pool *pool, registry_connection *connection)
{
    if (connection == NULL)
        return;
    if (registry_connection_is_broken(connection) ||
        registry_connection_is_in_transaction(connection)) {
        registry_connection_free(connection);
        connection = NULL;
    }
    return_slot(pool, connection);
}
