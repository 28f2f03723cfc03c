/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of words, one a nonce, in buckets. A word holds 40 bits of the nonce's hash and 24 bits
 * of the second in which it expires, and is written in one piece, so there is nothing to lock and
 * nothing that a killed process could leave half done.
 */
#include "fetch/shared_file.h"

#include "key/digest.h"

#include <auth/replay.h>
#include <stdlib.h>
#include <string.h>

#define REPLAY_MAGIC UINT64_C(0x31594c5045524c41) /* "ALREPLY1" */
#define CAPACITY 65536
#define WORDS_MIN 1024
#define WORDS_MAX (2 * (uint64_t)AUTH_REPLAY_CAPACITY_MAX)
#define WAYS 64
/* How far the moments may lie apart that processes call now. */
#define GRACE_SECONDS 60
#define TIME_BITS 24
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)

struct auth_replay {
    shared_file file;
};

/* Twice as many words as nonces: a bucket is then full about once in a thousand million. */
static uint64_t words_for(size_t capacity)
{
    uint64_t words = WORDS_MIN;
    while (words < 2 * (uint64_t)capacity)
        words *= 2;
    return words;
}

auth_status auth_replay_open(const auth_replay_options *options, auth_replay **out, auth_error *err)
{
    if (options->capacity > AUTH_REPLAY_CAPACITY_MAX)
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "replay memory: a capacity of %zu is asked for and %zu is the most; ask "
            "for less",
            options->capacity, AUTH_REPLAY_CAPACITY_MAX);
    const shared_shape shape = {
        .name = "replay.memory",
        .what = "replay memory",
        .magic = REPLAY_MAGIC,
        .unit_size = sizeof(uint64_t),
        .count = words_for(options->capacity == 0 ? CAPACITY : options->capacity),
        .count_min = WAYS,
        .count_max = WORDS_MAX,
    };
    auth_replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL)
        return auth_error_memory(err);
    auth_status status =
        options->folder == NULL
            ? shared_file_anonymous(&shape, &replay->file, err)
            : shared_file_open(options->folder, options->is_group, &shape, &replay->file, err);
    if (status == AUTH_STATUS_OK)
        *out = replay;
    else
        free(replay);
    return status;
}

void auth_replay_free(auth_replay *replay)
{
    if (replay == NULL)
        return;
    shared_file_close(&replay->file);
    free(replay);
}

static uint64_t tag_of(uint64_t word) { return word >> TIME_BITS; }

/*
 * A word that has expired is as an empty one. The second is known modulo 2^24, half a year: a word
 * that nobody overwrote comes to life again for a day after that and takes room, no more.
 */
static bool is_live(uint64_t word, auth_time now)
{
    uint64_t left = ((word & TIME_MASK) + GRACE_SECONDS - (uint64_t)now) & TIME_MASK;
    return word != 0 && left <= AUTH_REPLAY_LIFETIME_MAX + GRACE_SECONDS;
}

/* The bucket of a nonce, and its word. The file's key keeps others from aiming at a bucket. */
static auth_status place(const auth_replay *replay, auth_bytes nonce, auth_time expires,
                         _Atomic uint64_t **bucket, uint64_t *word, auth_error *err)
{
    uint8_t hash[DIGEST_MAX];
    uint64_t parts[2];
    auth_status status = digest_hmac(DIGEST_SHA256, (auth_bytes){replay->file.key, SHARED_KEY_SIZE},
                                     nonce, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(parts, hash, sizeof parts);
    uint64_t buckets = replay->file.count / WAYS;
    uint64_t tag = parts[1] >> TIME_BITS;
    *bucket = replay->file.units + (parts[0] & (buckets - 1)) * WAYS;
    *word = (tag == 0 ? 1 : tag) << TIME_BITS | ((uint64_t)expires & TIME_MASK);
    return AUTH_STATUS_OK;
}

/* Looks through a bucket; *room becomes the first place without a live word, WAYS when there is
 * none.
 */
static bool is_used(_Atomic uint64_t *bucket, uint64_t word, size_t except, auth_time now,
                    size_t *room)
{
    *room = WAYS;
    for (size_t i = 0; i < WAYS; i++) {
        uint64_t here = atomic_load(&bucket[i]);
        if (!is_live(here, now)) {
            if (*room == WAYS)
                *room = i;
        } else if (i != except && tag_of(here) == tag_of(word)) {
            return true;
        }
    }
    return false;
}

/*
 * Two that use one nonce at once may both write it, in two places. Each looks again after it wrote:
 * of the two the later one sees the other's word, since all of them see the writes in one order. So
 * at most one is told that the nonce is fresh, and perhaps none.
 */
static auth_status use(_Atomic uint64_t *bucket, uint64_t word, auth_time now, auth_error *err)
{
    size_t room = WAYS;
    while (!is_used(bucket, word, WAYS, now, &room)) {
        size_t unused = 0;
        if (room == WAYS)
            return auth_error_set(
                err, AUTH_STATUS_LIMIT,
                "replay memory: there is no room for another nonce; let challenges "
                "live shorter, or make it larger");
        uint64_t before = atomic_load(&bucket[room]);
        if (is_live(before, now) || !atomic_compare_exchange_strong(&bucket[room], &before, word))
            continue;
        if (!is_used(bucket, word, room, now, &unused))
            return AUTH_STATUS_OK;
        break;
    }
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "nonce: it was used before; begin again with a new challenge");
}

auth_status auth_replay_check(auth_replay *replay, auth_bytes nonce, auth_time expires,
                              auth_time now, auth_error *err)
{
    _Atomic uint64_t *bucket = NULL;
    uint64_t word = 0;
    if (nonce.len == 0 || nonce.len > AUTH_REPLAY_NONCE_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "nonce: it has %zu octets and may have 1 to %d; use another",
                              nonce.len, AUTH_REPLAY_NONCE_MAX);
    if (expires < now)
        return auth_error_set(err, AUTH_STATUS_EXPIRED,
                              "nonce: it has expired; begin again with a new challenge");
    if (expires - now > AUTH_REPLAY_LIFETIME_MAX)
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            "nonce: it expires in more than %d seconds; let challenges live shorter",
            AUTH_REPLAY_LIFETIME_MAX);
    auth_status status = place(replay, nonce, expires, &bucket, &word, err);
    if (status == AUTH_STATUS_OK)
        status = use(bucket, word, now, err);
    return status;
}
