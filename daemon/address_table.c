/* SPDX-License-Identifier: Apache-2.0 */
/* How many connections each address has: open addressing, twice as many slots as connections. */
#include "daemon/server.h"

#include <stdlib.h>
#include <sys/random.h>

typedef struct slot {
    address_key key;
    uint32_t count;
} slot;

struct address_table {
    pthread_mutex_t lock;
    uint64_t seed; /* so that nobody knows which addresses meet in a slot */
    size_t mask;
    slot slots[];
};

auth_status address_table_new(size_t connections, address_table **out, auth_error *err)
{
    size_t size = 64;
    while (size < connections * 2)
        size *= 2;
    address_table *table = calloc(1, sizeof *table + size * sizeof(slot));
    if (table == NULL)
        return auth_error_memory(err);
    table->mask = size - 1;
    if (getrandom(&table->seed, sizeof table->seed, 0) != (ssize_t)sizeof table->seed) {
        free(table);
        return auth_error_set(err, AUTH_STATUS_IO, "the system gives no random octets; repair it");
    }
    (void)pthread_mutex_init(&table->lock, NULL);
    *out = table;
    return AUTH_STATUS_OK;
}

void address_table_free(address_table *table)
{
    if (table == NULL)
        return;
    (void)pthread_mutex_destroy(&table->lock);
    free(table);
}

static size_t home_of(const address_table *table, address_key key)
{
    return (size_t)(((key ^ table->seed) * 0x9e3779b97f4a7c15U) >> 20) & table->mask;
}

/* The slot of a key, or the empty one where it belongs. */
static size_t find(const address_table *table, address_key key)
{
    size_t at = home_of(table, key);
    while (table->slots[at].count > 0 && table->slots[at].key != key)
        at = (at + 1) & table->mask;
    return at;
}

bool address_table_enter(address_table *table, address_key key, size_t max)
{
    if (key == 0)
        return true;
    (void)pthread_mutex_lock(&table->lock);
    slot *it = &table->slots[find(table, key)];
    bool may = it->count < max;
    if (may) {
        it->key = key;
        it->count++;
    }
    (void)pthread_mutex_unlock(&table->lock);
    return may;
}

/* Moves up what stands behind an emptied slot and would not be found past it. */
static void close_gap(address_table *table, size_t gap)
{
    size_t at = gap;
    for (;;) {
        at = (at + 1) & table->mask;
        if (table->slots[at].count == 0)
            return;
        size_t home = home_of(table, table->slots[at].key);
        bool stays = ((at - home) & table->mask) < ((at - gap) & table->mask);
        if (stays)
            continue;
        table->slots[gap] = table->slots[at];
        table->slots[at].count = 0;
        gap = at;
    }
}

void address_table_leave(address_table *table, address_key key)
{
    if (key == 0)
        return;
    (void)pthread_mutex_lock(&table->lock);
    size_t at = find(table, key);
    if (table->slots[at].count > 0 && --table->slots[at].count == 0)
        close_gap(table, at);
    (void)pthread_mutex_unlock(&table->lock);
}
