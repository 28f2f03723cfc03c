/* SPDX-License-Identifier: Apache-2.0 */
/* The time of a batch, and which batch may be at work beside which. */
#include "batch.h"

#include <stdatomic.h>
#include <time.h>

int64_t ca_clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void raise_latest(ca_worker *worker, auth_time to)
{
    auth_time latest = atomic_load(worker->latest);
    while (latest < to && !atomic_compare_exchange_weak(worker->latest, &latest, to))
        continue;
}

bool ca_batch_is_alone(const registry_queue_batch *claimed, void *context)
{
    (void)context;
    for (size_t i = 0; i < claimed->document_count; i++) {
        int64_t kind = claimed->documents[i].request.kind;
        if (registry_queue_is_active(claimed, i) && kind != AUTH_REQUEST_KIND_ENROL &&
            kind != AUTH_REQUEST_KIND_RENEW)
            return true;
    }
    return false;
}

void ca_set_time(ca_batch *batch, registry_queue_batch *claimed)
{
    raise_latest(batch->worker, batch->now + (ca_clock_ms() - batch->began_ms) / 1000);
    batch->now = atomic_load(batch->worker->latest);
    claimed->now = batch->now;
}

void ca_worker_confirm_clock(ca_worker *worker) { atomic_store(worker->latest, 0); }

bool ca_worker_is_behind(const ca_worker *worker, auth_time now)
{
    return now + CA_CLOCK_STEP_S < atomic_load(worker->latest);
}

auth_status ca_check_clock(ca_worker *worker, auth_time now, auth_error *err)
{
    if (ca_worker_is_behind(worker, now))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "clock: it is %lld seconds behind what was issued before; set it, or "
                              "say that it is right by making the file " CA_CLOCK_FILE
                              " in the journal's folder",
                              (long long)(atomic_load(worker->latest) - now));
    raise_latest(worker, now);
    return AUTH_STATUS_OK;
}
