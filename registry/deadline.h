/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moment by which something must have happened, on the monotonic clock, so that a step of the
 * wall clock neither shortens nor lengthens a wait.
 */
#ifndef REGISTRY_DEADLINE_H
#define REGISTRY_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct registry_deadline {
    int64_t at_ms;
} registry_deadline;

/* The moment timeout_ms from now. */
registry_deadline registry_deadline_after(unsigned timeout_ms);

/* The earlier of two. */
registry_deadline registry_deadline_earlier(registry_deadline a, registry_deadline b);

/* Milliseconds that are left, never negative, as poll takes them. */
int registry_deadline_left_ms(registry_deadline deadline);

static inline bool registry_deadline_has_passed(registry_deadline deadline)
{
    return registry_deadline_left_ms(deadline) == 0;
}

/* Waits until the deadline, or for pause_ms when that is shorter. */
void registry_deadline_pause(registry_deadline deadline, unsigned pause_ms);

#endif
