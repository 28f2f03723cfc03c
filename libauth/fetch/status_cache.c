/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/status_cache.h"

#include "fetch/fetcher.h"
#include "fetch/shared_file.h"
#include "key/digest.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_MAGIC UINT64_C(0x3148434143414c41) /* "ALACACH1" */
#define WAYS 8
#define SLOTS_MAX ((uint64_t)1 << 20)

/*
 * Words of a slot: when somebody began to write it (0: nobody writes), the hash, the name, the
 * answer's thisUpdate and length, the answer. The hash is over all that follows it.
 */
#define WORD_CLAIM 0
#define WORD_HASH 1
#define WORD_KEY 5
#define WORD_THIS_UPDATE 9
#define WORD_LEN 10
#define KEY_WORDS (FETCH_KEY_SIZE / sizeof(uint64_t))

/* Who has written for longer is dead, or stopped: its slot may be taken. */
#define CLAIM_MS 1000

struct status_cache {
    shared_file file;
    size_t mask; /* buckets less one */
};

auth_status status_cache_open(const char *folder, bool is_group, size_t entries, status_cache **out,
                              auth_error *err)
{
    shared_shape shape = {
        .name = "status.cache",
        .what = "status cache",
        .magic = CACHE_MAGIC,
        .unit_size = STATUS_SLOT_SIZE,
        .count = WAYS,
        .count_min = WAYS,
        .count_max = SLOTS_MAX,
        .is_replaceable = true,
    };
    while (shape.count < entries && shape.count < SLOTS_MAX)
        shape.count *= 2;
    status_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return auth_error_memory(err);
    auth_status status = shared_file_open(folder, is_group, &shape, &cache->file, err);
    if (status != AUTH_STATUS_OK) {
        free(cache);
        return status;
    }
    cache->mask = (size_t)(cache->file.count / WAYS) - 1;
    *out = cache;
    return AUTH_STATUS_OK;
}

void status_cache_free(status_cache *cache)
{
    if (cache == NULL)
        return;
    shared_file_close(&cache->file);
    free(cache);
}

/* Every octet goes through an atomic word, since others may write the same ones meanwhile. */
static void copy_out(_Atomic uint64_t *from, uint64_t *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = atomic_load_explicit(&from[i], memory_order_relaxed);
}

static void copy_in(_Atomic uint64_t *to, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        atomic_store_explicit(&to[i], from[i], memory_order_relaxed);
}

static _Atomic uint64_t *bucket_of(const status_cache *cache, const uint8_t *key)
{
    uint64_t number = 0;
    memcpy(&number, key, sizeof number);
    return cache->file.units + ((size_t)number & cache->mask) * WAYS * STATUS_WORDS;
}

static bool has_key(_Atomic uint64_t *slot, const uint8_t *key)
{
    uint64_t here[KEY_WORDS];
    copy_out(slot + WORD_KEY, here, KEY_WORDS);
    return memcmp(here, key, FETCH_KEY_SIZE) == 0;
}

static size_t words_of(size_t answer_len) { return STATUS_HEAD_WORDS + (answer_len + 7) / 8; }

/* Hashes what was copied out of a slot or is to be copied into one. */
static bool hash_words(const uint64_t *words, size_t count, uint8_t hash[FETCH_KEY_SIZE])
{
    const auth_bytes octets = {(const uint8_t *)(words + WORD_KEY),
                               (count - WORD_KEY) * sizeof(uint64_t)};
    return digest(DIGEST_SHA256, octets, hash, NULL) == AUTH_STATUS_OK;
}

/* Copies a slot out, and tells whether it is whole. */
static bool read_slot(_Atomic uint64_t *slot, status_copy *out)
{
    copy_out(slot, out->words, STATUS_HEAD_WORDS);
    uint64_t len = out->words[WORD_LEN];
    if (len == 0 || len > STATUS_ANSWER_MAX)
        return false;
    size_t count = words_of((size_t)len);
    copy_out(slot + STATUS_HEAD_WORDS, out->words + STATUS_HEAD_WORDS, count - STATUS_HEAD_WORDS);
    out->answer = (auth_bytes){(const uint8_t *)(out->words + STATUS_HEAD_WORDS), (size_t)len};
    return hash_words(out->words, count, out->hash) &&
           memcmp(out->hash, out->words + WORD_HASH, FETCH_KEY_SIZE) == 0;
}

bool status_cache_read(const status_cache *cache, const uint8_t key[FETCH_KEY_SIZE],
                       status_copy *out)
{
    _Atomic uint64_t *bucket = bucket_of(cache, key);
    for (size_t way = 0; way < WAYS; way++) {
        _Atomic uint64_t *slot = bucket + way * STATUS_WORDS;
        /* The key is compared again in the copy: the slot may have changed since. */
        if (has_key(slot, key) && read_slot(slot, out) &&
            memcmp(out->words + WORD_KEY, key, FETCH_KEY_SIZE) == 0)
            return true;
    }
    return false;
}

/* The slot of this name, else the one with the oldest answer; one that is empty is the oldest. */
static _Atomic uint64_t *slot_for(const status_cache *cache, const uint8_t *key)
{
    _Atomic uint64_t *bucket = bucket_of(cache, key);
    _Atomic uint64_t *best = bucket;
    int64_t oldest = INT64_MAX;
    for (size_t way = 0; way < WAYS; way++) {
        _Atomic uint64_t *slot = bucket + way * STATUS_WORDS;
        if (has_key(slot, key))
            return slot;
        int64_t age = (int64_t)atomic_load_explicit(&slot[WORD_THIS_UPDATE], memory_order_relaxed);
        if (age < oldest) {
            oldest = age;
            best = slot;
        }
    }
    return best;
}

/* Takes the right to write a slot. It keeps writers apart and is no lock: the hash decides. */
static bool claim(_Atomic uint64_t *slot, uint64_t now_ms)
{
    uint64_t before = atomic_load_explicit(&slot[WORD_CLAIM], memory_order_relaxed);
    if (before != 0 && before <= now_ms && now_ms - before < CLAIM_MS)
        return false;
    return atomic_compare_exchange_strong(&slot[WORD_CLAIM], &before, now_ms);
}

void status_cache_write(status_cache *cache, const auth_fetched *fetched,
                        uint8_t hash[FETCH_KEY_SIZE])
{
    uint64_t words[STATUS_WORDS];
    size_t count = words_of(fetched->der_len);
    memset(hash, 0, FETCH_KEY_SIZE);
    if (fetched->der_len == 0 || fetched->der_len > STATUS_ANSWER_MAX)
        return;
    words[count - 1] = 0;
    memcpy(words + WORD_KEY, fetched->key, FETCH_KEY_SIZE);
    words[WORD_THIS_UPDATE] = (uint64_t)fetched->known.this_update;
    words[WORD_LEN] = fetched->der_len;
    memcpy(words + STATUS_HEAD_WORDS, fetched->der, fetched->der_len);
    if (!hash_words(words, count, hash))
        return;
    memcpy(words + WORD_HASH, hash, FETCH_KEY_SIZE);

    _Atomic uint64_t *slot = slot_for(cache, fetched->key);
    status_copy there;
    bool is_older = has_key(slot, fetched->key) && read_slot(slot, &there) &&
                    (int64_t)there.words[WORD_THIS_UPDATE] > fetched->known.this_update;
    if (is_older || !claim(slot, (uint64_t)fetch_clock_ms()))
        return;
    copy_in(slot + WORD_HASH, words + WORD_HASH, count - WORD_HASH);
    atomic_store_explicit(&slot[WORD_CLAIM], 0, memory_order_release);
}

void status_cache_drop(status_cache *cache, const uint8_t key[FETCH_KEY_SIZE])
{
    _Atomic uint64_t *slot = slot_for(cache, key);
    if (!has_key(slot, key))
        return;
    atomic_store_explicit(&slot[WORD_LEN], 0, memory_order_relaxed);
    atomic_store_explicit(&slot[WORD_THIS_UPDATE], 0, memory_order_relaxed);
}
