/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks of a daemon: one for deadlines, one for what people read. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <auth/time.h>
#include <time.h>

/* Milliseconds that only rise, whatever is done to the calendar's clock. */
static inline int64_t daemon_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The same in microseconds, for measuring. */
static inline int64_t daemon_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
