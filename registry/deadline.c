/* SPDX-License-Identifier: Apache-2.0 */
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

registry_deadline registry_deadline_after(unsigned timeout_ms)
{
    return (registry_deadline){now_ms() + timeout_ms};
}

registry_deadline registry_deadline_earlier(registry_deadline a, registry_deadline b)
{
    return a.at_ms < b.at_ms ? a : b;
}

int registry_deadline_left_ms(registry_deadline deadline)
{
    int64_t left = deadline.at_ms - now_ms();
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

void registry_deadline_pause(registry_deadline deadline, unsigned pause_ms)
{
    registry_deadline end = registry_deadline_earlier(deadline, registry_deadline_after(pause_ms));
    struct timespec until = {.tv_sec = end.at_ms / 1000, .tv_nsec = (end.at_ms % 1000) * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}
