/* SPDX-License-Identifier: Apache-2.0 */
#include "login/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Of challenges that spread evenly, a bucket of 64 is full when the table is, seldom before. */
#define WAYS 64
#define LOCKS 64
/* 128 bits of a hash are enough to tell challenges apart that hold 128 random bits. */
#define KEPT 16
/* A login tells the time of its beginning, and may have waited for a status since. */
#define GRACE_SECONDS 60

typedef struct answered {
    auth_time expires; /* 0: free, as every row GRACE_SECONDS after this time */
    uint8_t hash[KEPT];
} answered;

typedef struct bucket {
    answered rows[WAYS];
} bucket;

struct login_memory {
    pthread_mutex_t locks[LOCKS];
    size_t count; /* of buckets, a power of two */
    bucket *buckets;
};

auth_status login_memory_new(size_t count, login_memory **out, auth_error *err)
{
    login_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return auth_error_memory(err);
    for (memory->count = 1; memory->count * WAYS < count;)
        memory->count *= 2;
    memory->buckets = calloc(memory->count, sizeof *memory->buckets);
    if (memory->buckets == NULL) {
        free(memory);
        return auth_error_memory(err);
    }
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_init(&memory->locks[i], NULL);
    *out = memory;
    return AUTH_STATUS_OK;
}

void login_memory_free(login_memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_destroy(&memory->locks[i]);
    free(memory->buckets);
    free(memory);
}

/*
 * A challenge that has expired is refused for that, so it need not be remembered for longer than
 * logins that began before are under way.
 */
static auth_remembered add(bucket *b, const uint8_t hash[KEPT], auth_time now, auth_time expires)
{
    answered *room = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        answered *row = &b->rows[i];
        if (row->expires + GRACE_SECONDS <= now) {
            room = row;
            continue;
        }
        if (memcmp(row->hash, hash, KEPT) == 0)
            return AUTH_REMEMBERED_REPLAY;
    }
    if (room == NULL)
        return AUTH_REMEMBERED_FULL;
    room->expires = expires;
    memcpy(room->hash, hash, KEPT);
    return AUTH_REMEMBERED_FRESH;
}

auth_remembered login_memory_add(login_memory *memory, const uint8_t hash[AUTH_CHALLENGE_HASH_SIZE],
                                 auth_time now, auth_time expires)
{
    size_t number;
    memcpy(&number, hash + KEPT, sizeof number);
    number &= memory->count - 1;
    (void)pthread_mutex_lock(&memory->locks[number % LOCKS]);
    auth_remembered answer = add(&memory->buckets[number], hash, now, expires);
    (void)pthread_mutex_unlock(&memory->locks[number % LOCKS]);
    return answer;
}
