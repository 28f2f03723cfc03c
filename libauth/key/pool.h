/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few ready things that threads share without waiting: who needs one takes it or makes a new one,
 * and afterwards puts it back or, when the pool is full, frees it. Internal to key/.
 */
#ifndef KEY_POOL_H
#define KEY_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* About as many as threads sign with one key at once; more of them only make new ones. */
#define POOL_SLOTS 16

typedef struct slot_pool {
    _Atomic(void *) slots[POOL_SLOTS];
} slot_pool;

/* Takes one; NULL when there is none. */
static inline void *pool_take(slot_pool *from)
{
    for (size_t i = 0; i < POOL_SLOTS; i++) {
        void *taken = atomic_load_explicit(&from->slots[i], memory_order_relaxed);
        if (taken != NULL)
            taken = atomic_exchange_explicit(&from->slots[i], NULL, memory_order_acquire);
        if (taken != NULL)
            return taken;
    }
    return NULL;
}

/* Puts one back. False: the pool is full and the thing is still the caller's. */
static inline bool pool_put(slot_pool *into, void *thing)
{
    for (size_t i = 0; i < POOL_SLOTS; i++) {
        void *empty = NULL;
        if (atomic_compare_exchange_strong_explicit(&into->slots[i], &empty, thing,
                                                    memory_order_release, memory_order_relaxed))
            return true;
    }
    return false;
}

#endif
