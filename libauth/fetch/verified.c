/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/verified.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4
#define LOCKS 64
#define CACHE_LINE 64

typedef struct verified_row {
    uint8_t hash[FETCH_KEY_SIZE];
    fetch_knowledge known;
} verified_row;

typedef struct verified_bucket {
    size_t next; /* to be replaced */
    verified_row ways[WAYS];
} verified_bucket;

typedef struct verified_lock {
    pthread_mutex_t mutex;
    uint8_t room[CACHE_LINE];
} verified_lock;

struct fetch_verified {
    verified_lock locks[LOCKS];
    size_t mask; /* buckets less one */
    verified_bucket *buckets;
};

auth_status verified_new(size_t entries, fetch_verified **out, auth_error *err)
{
    size_t buckets = 1;
    while (buckets * WAYS < entries)
        buckets *= 2;
    fetch_verified *verified = calloc(1, sizeof *verified);
    if (verified == NULL)
        return auth_error_memory(err);
    verified->buckets = calloc(buckets, sizeof *verified->buckets);
    if (verified->buckets == NULL) {
        free(verified);
        return auth_error_memory(err);
    }
    verified->mask = buckets - 1;
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_init(&verified->locks[i].mutex, NULL);
    *out = verified;
    return AUTH_STATUS_OK;
}

void verified_free(fetch_verified *verified)
{
    if (verified == NULL)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_destroy(&verified->locks[i].mutex);
    free(verified->buckets);
    free(verified);
}

static verified_bucket *enter(fetch_verified *verified, const uint8_t *hash, pthread_mutex_t **lock)
{
    uint64_t number = 0;
    memcpy(&number, hash, sizeof number);
    size_t index = (size_t)number & verified->mask;
    *lock = &verified->locks[index % LOCKS].mutex;
    (void)pthread_mutex_lock(*lock);
    return &verified->buckets[index];
}

static verified_row *look_for(verified_bucket *bucket, const uint8_t *hash)
{
    for (size_t way = 0; way < WAYS; way++) {
        if (memcmp(bucket->ways[way].hash, hash, FETCH_KEY_SIZE) == 0)
            return &bucket->ways[way];
    }
    return NULL;
}

/* A row that was never used has the hash zero, which no octets have. */
bool verified_find(fetch_verified *verified, const uint8_t hash[FETCH_KEY_SIZE],
                   fetch_knowledge *out)
{
    pthread_mutex_t *lock = NULL;
    const verified_row *row = look_for(enter(verified, hash, &lock), hash);
    bool is_found = row != NULL && row->known.kind != AUTH_REVOCATION_SOURCE_NONE;
    if (is_found)
        *out = row->known;
    (void)pthread_mutex_unlock(lock);
    return is_found;
}

void verified_add(fetch_verified *verified, const uint8_t hash[FETCH_KEY_SIZE],
                  const fetch_knowledge *known)
{
    pthread_mutex_t *lock = NULL;
    verified_bucket *bucket = enter(verified, hash, &lock);
    if (look_for(bucket, hash) == NULL) {
        verified_row *row = &bucket->ways[bucket->next];
        bucket->next = (bucket->next + 1) % WAYS;
        memcpy(row->hash, hash, FETCH_KEY_SIZE);
        row->known = *known;
    }
    (void)pthread_mutex_unlock(lock);
}
