/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 8
#define LOCKS 64

typedef struct memory_bucket {
    auth_fetched *ways[WAYS];
} memory_bucket;

#define CACHE_LINE 64

/* With room behind it, so that threads that take different locks do not share a line. */
typedef struct memory_lock {
    pthread_mutex_t mutex;
    uint8_t room[CACHE_LINE];
} memory_lock;

struct fetch_memory {
    memory_lock locks[LOCKS];
    _Atomic uint64_t clock;
    size_t mask; /* buckets less one; their number is a power of two */
    memory_bucket *buckets;
};

auth_status memory_new(size_t entries, fetch_memory **out, auth_error *err)
{
    size_t buckets = 1;
    while (buckets * WAYS < entries)
        buckets *= 2;
    fetch_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return auth_error_memory(err);
    memory->buckets = calloc(buckets, sizeof *memory->buckets);
    if (memory->buckets == NULL) {
        free(memory);
        return auth_error_memory(err);
    }
    memory->mask = buckets - 1;
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_init(&memory->locks[i].mutex, NULL);
    *out = memory;
    return AUTH_STATUS_OK;
}

void memory_free(fetch_memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i <= memory->mask; i++) {
        for (size_t way = 0; way < WAYS; way++)
            auth_fetched_free(memory->buckets[i].ways[way]);
    }
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_destroy(&memory->locks[i].mutex);
    free(memory->buckets);
    free(memory);
}

static memory_bucket *enter(fetch_memory *memory, const uint8_t *key, pthread_mutex_t **lock)
{
    uint64_t number = 0;
    memcpy(&number, key, sizeof number);
    size_t index = (size_t)number & memory->mask;
    *lock = &memory->locks[index % LOCKS].mutex;
    (void)pthread_mutex_lock(*lock);
    return &memory->buckets[index];
}

static void touch(fetch_memory *memory, auth_fetched *fetched)
{
    uint64_t now = atomic_load_explicit(&memory->clock, memory_order_relaxed);
    if (atomic_load_explicit(&fetched->used, memory_order_relaxed) != now)
        atomic_store_explicit(&fetched->used, now, memory_order_relaxed);
}

auth_fetched *memory_find(fetch_memory *memory, const uint8_t key[FETCH_KEY_SIZE])
{
    auth_fetched *found = NULL;
    pthread_mutex_t *lock = NULL;
    memory_bucket *bucket = enter(memory, key, &lock);
    for (size_t way = 0; way < WAYS && found == NULL; way++) {
        auth_fetched *here = bucket->ways[way];
        if (here != NULL && memcmp(here->key, key, FETCH_KEY_SIZE) == 0)
            found = fetched_share(here);
    }
    if (found != NULL)
        touch(memory, found);
    (void)pthread_mutex_unlock(lock);
    return found;
}

/* The way of the same status, else an empty one, else the one that was not asked for longest. */
static size_t way_for(const memory_bucket *bucket, const uint8_t *key)
{
    size_t best = 0;
    uint64_t oldest = UINT64_MAX;
    for (size_t way = 0; way < WAYS; way++) {
        const auth_fetched *here = bucket->ways[way];
        if (here != NULL && memcmp(here->key, key, FETCH_KEY_SIZE) == 0)
            return way;
        uint64_t used =
            here == NULL ? 0 : 1 + atomic_load_explicit(&here->used, memory_order_relaxed);
        if (used < oldest) {
            oldest = used;
            best = way;
        }
    }
    return best;
}

void memory_store(fetch_memory *memory, auth_fetched *fetched)
{
    auth_fetched *old = NULL;
    pthread_mutex_t *lock = NULL;
    memory_bucket *bucket = enter(memory, fetched->key, &lock);
    size_t way = way_for(bucket, fetched->key);
    auth_fetched *here = bucket->ways[way];
    /* The count goes on with what comes in: what is given out between two arrivals is as new. */
    (void)atomic_fetch_add_explicit(&memory->clock, 1, memory_order_relaxed);
    if (here == NULL || memcmp(here->key, fetched->key, FETCH_KEY_SIZE) != 0 ||
        knowledge_is_better(&here->known, &fetched->known)) {
        old = here;
        bucket->ways[way] = fetched_share(fetched);
        touch(memory, fetched);
    }
    (void)pthread_mutex_unlock(lock);
    auth_fetched_free(old);
}

auth_fetched *memory_better(fetch_memory *memory, auth_fetched *fetched)
{
    memory_store(memory, fetched);
    auth_fetched *best = memory_find(memory, fetched->key);
    if (best == NULL)
        return fetched;
    auth_fetched_free(fetched);
    return best;
}
