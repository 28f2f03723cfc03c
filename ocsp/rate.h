/* SPDX-License-Identifier: Apache-2.0 */
/* So many a second and no more. Any thread; takes no lock. */
#ifndef OCSP_RATE_H
#define OCSP_RATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ocsp_rate {
    _Atomic uint64_t state; /* a second, and above it how many were taken in it */
} ocsp_rate;

#define OCSP_RATE_SECOND UINT64_C(0xffffffff)
#define OCSP_RATE_ONE (UINT64_C(1) << 32)

/* Takes one, of max a second; false when there are none left in this second. */
static inline bool ocsp_rate_take(ocsp_rate *rate, uint32_t max, int64_t now_ms)
{
    uint64_t second = (uint64_t)(now_ms / 1000) & OCSP_RATE_SECOND;
    uint64_t seen = atomic_load(&rate->state);
    uint64_t next;
    do {
        uint64_t taken = (seen & OCSP_RATE_SECOND) == second ? seen >> 32 : 0;
        if (taken >= max)
            return false;
        next = (taken << 32 | second) + OCSP_RATE_ONE;
    } while (!atomic_compare_exchange_weak(&rate->state, &seen, next));
    return true;
}

#endif
