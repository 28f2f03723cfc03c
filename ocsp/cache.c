/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number of parts, each with a lock, a table of chains and two lists by last use. A certificate's
 * answers, in whatever form they were asked for, are in one chain, since the place follows from the
 * serial number alone.
 */
#include "cache.h"

#include "hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 64
/* What malloc adds to a piece, and the place in the table. */
#define OVERHEAD ((size_t)32)
/* About what an answer takes; the table has as many places as answers fit. */
#define TYPICAL ((size_t)1024)
/* When a refresh came to nothing, another one is asked for so much later. */
#define REFRESH_AGAIN_S 5
/* Of ten octets so many are for protected answers at the most. */
#define PROTECTED_OF_TEN 8

typedef enum segment {
    PROBATION,
    PROTECTED,
    SEGMENTS,
} segment;

typedef struct entry entry;
struct entry {
    entry *next_in_chain;
    entry *newer;
    entry *older;
    daemon_response *response;
    ocsp_term term;
    uint32_t size;
    uint8_t segment;
    ocsp_key key;
};

typedef struct use_list {
    entry *newest;
    entry *oldest;
    size_t octets;
} use_list;

typedef struct part {
    pthread_mutex_t lock;
    entry **chains;
    use_list lists[SEGMENTS];
    size_t answers;
    size_t evicted;
} part;

struct ocsp_cache {
    ocsp_hash_key hash;
    size_t part_octets;
    size_t chain_count; /* of a part; a power of two */
    part parts[PARTS];
};

auth_status ocsp_cache_new(size_t octets, ocsp_cache **out, auth_error *err)
{
    AUTH_AUTO(ocsp_cache) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    auth_status status = ocsp_hash_key_new(&it->hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->part_octets = octets / PARTS;
    it->chain_count = 1;
    while (it->chain_count * TYPICAL < it->part_octets)
        it->chain_count *= 2;
    for (size_t i = 0; i < PARTS; i++) {
        (void)pthread_mutex_init(&it->parts[i].lock, NULL);
        it->parts[i].chains = calloc(it->chain_count, sizeof(entry *));
        if (it->parts[i].chains == NULL)
            return auth_error_memory(err);
    }
    *out = AUTH_TAKE(it);
    return AUTH_STATUS_OK;
}

static void list_remove(use_list *list, entry *it)
{
    if (it->newer != NULL)
        it->newer->older = it->older;
    else
        list->newest = it->older;
    if (it->older != NULL)
        it->older->newer = it->newer;
    else
        list->oldest = it->newer;
    list->octets -= it->size;
}

static void list_add(use_list *list, entry *it)
{
    it->newer = NULL;
    it->older = list->newest;
    if (it->older != NULL)
        it->older->newer = it;
    else
        list->oldest = it;
    list->newest = it;
    list->octets += it->size;
}

static void free_entry(entry *it)
{
    daemon_response_free(it->response);
    free(it);
}

/* Takes what *at points to out of its chain and its list. */
static entry *unlink_entry(part *of, entry **at)
{
    entry *it = *at;
    *at = it->next_in_chain;
    list_remove(&of->lists[it->segment], it);
    of->answers--;
    return it;
}

static part *part_of(ocsp_cache *cache, uint64_t hash) { return &cache->parts[hash % PARTS]; }

static entry **chain_of(const ocsp_cache *cache, part *of, uint64_t hash)
{
    return &of->chains[hash / PARTS & (cache->chain_count - 1)];
}

static uint64_t hash_of(const ocsp_cache *cache, auth_bytes serial)
{
    return ocsp_hash(&cache->hash, serial);
}

static void evict(ocsp_cache *cache, part *of, entry *it)
{
    entry **at = chain_of(cache, of, hash_of(cache, ocsp_key_serial(&it->key)));
    while (*at != it)
        at = &(*at)->next_in_chain;
    free_entry(unlink_entry(of, at));
    of->evicted++;
}

/* Makes room, on probation first. */
static void make_room(ocsp_cache *cache, part *of, size_t size)
{
    use_list *probation = &of->lists[PROBATION];
    use_list *kept = &of->lists[PROTECTED];
    while (probation->octets + kept->octets + size > cache->part_octets) {
        entry *oldest = probation->oldest != NULL ? probation->oldest : kept->oldest;
        if (oldest == NULL)
            return;
        evict(cache, of, oldest);
    }
}

static void move_to(part *of, entry *it, segment to)
{
    list_remove(&of->lists[it->segment], it);
    it->segment = (uint8_t)to;
    list_add(&of->lists[to], it);
}

/* What was asked for again is protected; what was protected longest ago makes room for it. */
static void promote(const ocsp_cache *cache, part *of, entry *it)
{
    use_list *kept = &of->lists[PROTECTED];
    if (kept->newest == it)
        return;
    move_to(of, it, PROTECTED);
    while (kept->octets > cache->part_octets / 10 * PROTECTED_OF_TEN && kept->oldest != it)
        move_to(of, kept->oldest, PROBATION);
}

static entry **find_in(entry **chain, const ocsp_key *key)
{
    while (*chain != NULL && !ocsp_key_equal(&(*chain)->key, key))
        chain = &(*chain)->next_in_chain;
    return chain;
}

daemon_response *ocsp_cache_find(ocsp_cache *cache, const ocsp_key *key, auth_time now,
                                 bool *wants_refresh)
{
    uint64_t hash = hash_of(cache, ocsp_key_serial(key));
    part *of = part_of(cache, hash);
    daemon_response *found = NULL;
    *wants_refresh = false;
    (void)pthread_mutex_lock(&of->lock);
    entry **at = find_in(chain_of(cache, of, hash), key);
    entry *it = *at;
    /* A clock that was set back makes an answer one of the future, which nobody would believe. */
    if (it != NULL && (now >= it->term.next_update || now < it->term.this_update)) {
        free_entry(unlink_entry(of, at));
        it = NULL;
    }
    if (it != NULL) {
        promote(cache, of, it);
        *wants_refresh = now >= it->term.refresh;
        if (*wants_refresh)
            it->term.refresh = now + REFRESH_AGAIN_S;
        found = daemon_response_ref(it->response);
    }
    (void)pthread_mutex_unlock(&of->lock);
    return found;
}

/* An answer that is there already keeps its place. */
static void replace(part *of, entry *it, daemon_response *response, const ocsp_term *term,
                    size_t size)
{
    use_list *list = &of->lists[it->segment];
    list->octets = list->octets - it->size + size;
    it->size = (uint32_t)size;
    daemon_response_free(it->response);
    it->response = daemon_response_ref(response);
    it->term = *term;
}

static void insert(ocsp_cache *cache, part *of, entry **chain, const ocsp_key *key,
                   daemon_response *response, const ocsp_term *term, size_t size)
{
    entry *it = malloc(sizeof *it);
    if (it == NULL)
        return;
    *it = (entry){.response = daemon_response_ref(response),
                  .term = *term,
                  .size = (uint32_t)size,
                  .segment = PROBATION,
                  .key = *key};
    make_room(cache, of, size);
    it->next_in_chain = *chain;
    *chain = it;
    list_add(&of->lists[PROBATION], it);
    of->answers++;
}

/*
 * Who drops has noted the act before it takes the lock. So either it is seen here, or the drop
 * comes after this and finds what was put.
 */
void ocsp_cache_put(ocsp_cache *cache, const ocsp_key *key, daemon_response *response,
                    const ocsp_term *term, const ocsp_acts *acts, uint64_t mark)
{
    auth_bytes serial = ocsp_key_serial(key);
    uint64_t hash = hash_of(cache, serial);
    part *of = part_of(cache, hash);
    size_t size = sizeof(entry) + daemon_response_size(response) + OVERHEAD;
    if (size > cache->part_octets)
        return;
    (void)pthread_mutex_lock(&of->lock);
    entry **chain = chain_of(cache, of, hash);
    entry **at = find_in(chain, key);
    if (ocsp_acts_since(acts, serial, mark))
        ;
    else if (*at != NULL) {
        replace(of, *at, response, term, size);
        make_room(cache, of, 0);
    } else
        insert(cache, of, chain, key, response, term, size);
    (void)pthread_mutex_unlock(&of->lock);
}

void ocsp_cache_drop(ocsp_cache *cache, auth_bytes serial)
{
    uint64_t hash = hash_of(cache, serial);
    part *of = part_of(cache, hash);
    (void)pthread_mutex_lock(&of->lock);
    entry **at = chain_of(cache, of, hash);
    while (*at != NULL) {
        if (auth_bytes_equal(ocsp_key_serial(&(*at)->key), serial))
            free_entry(unlink_entry(of, at));
        else
            at = &(*at)->next_in_chain;
    }
    (void)pthread_mutex_unlock(&of->lock);
}

static void clear_part(part *of, size_t chain_count)
{
    for (size_t i = 0; i < chain_count; i++) {
        while (of->chains[i] != NULL)
            free_entry(unlink_entry(of, &of->chains[i]));
    }
}

void ocsp_cache_clear(ocsp_cache *cache)
{
    for (size_t i = 0; i < PARTS; i++) {
        (void)pthread_mutex_lock(&cache->parts[i].lock);
        clear_part(&cache->parts[i], cache->chain_count);
        (void)pthread_mutex_unlock(&cache->parts[i].lock);
    }
}

void ocsp_cache_free(ocsp_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < PARTS; i++) {
        if (cache->parts[i].chains == NULL)
            continue;
        clear_part(&cache->parts[i], cache->chain_count);
        free(cache->parts[i].chains);
        (void)pthread_mutex_destroy(&cache->parts[i].lock);
    }
    free(cache);
}

void ocsp_cache_tell(ocsp_cache *cache, ocsp_cache_state *out)
{
    *out = (ocsp_cache_state){0};
    for (size_t i = 0; i < PARTS; i++) {
        part *of = &cache->parts[i];
        (void)pthread_mutex_lock(&of->lock);
        out->answers += of->answers;
        out->octets += of->lists[PROBATION].octets + of->lists[PROTECTED].octets;
        out->evicted += of->evicted;
        (void)pthread_mutex_unlock(&of->lock);
    }
}
