/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon that listens on no port and works by itself, as an authority does, for the tests beside
 * it. */
#include "daemon/daemon.h"

#include <stdatomic.h>
#include <stdlib.h>

typedef struct quiet {
    daemon_self *self;
    uint64_t turns_until_failure; /* 0: never */
    _Atomic uint64_t turns;
} quiet;

enum { METRIC_TURNS };

static const daemon_metric metrics[] = {
    [METRIC_TURNS] = {DAEMON_METRIC_COUNTER, "quiet_turns_total", "Turns of work.", NULL, NULL},
    DAEMON_METRIC_END,
};

static const daemon_event turn_begins = {"turn-begins", DAEMON_LEVEL_DEBUG, "a turn begins"};

/* Works once a minute, or when it is nudged. */
static void work(daemon_worker *worker, void *context)
{
    quiet *it = context;
    do {
        uint64_t turns = atomic_fetch_add(&it->turns, 1) + 1;
        daemon_metric_add(daemon_self_metrics(it->self), &metrics[METRIC_TURNS], 0, 1);
        daemon_log_fields(daemon_self_log(it->self), &turn_begins,
                          DAEMON_LOG_NUMBER("turn", turns));
        if (turns == it->turns_until_failure) {
            auth_error err;
            (void)auth_error_set(&err, AUTH_STATUS_IO,
                                 "journal: the disk is full; free some space");
            daemon_fail(it->self, &err);
        }
    } while (daemon_worker_sleep(worker, 60000));
}

static auth_status nudge(void *context, auth_error *err)
{
    const quiet *it = context;
    daemon_worker_nudge(it->self, "work");
    return atomic_load(&it->turns) < 3
               ? auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "work: it has just begun; wait")
               : AUTH_STATUS_OK;
}

static auth_status start(daemon_self *self, void **context, auth_error *err)
{
    quiet *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->self = self;
    it->turns_until_failure =
        (uint64_t)daemon_options_number(daemon_self_options(self), "fail-at-turn");
    *context = it;
    auth_status status = daemon_worker_start(self, "work", work, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_every(self, "nudge", 20, nudge, it, err);
    return status;
}

static const daemon_option options[] = {
    {.name = "fail-at-turn",
     .type = DAEMON_NUMBER,
     .fallback = "0",
     .help = N_("which turn of work fails")},
    DAEMON_OPTION_END,
};

static const daemon_program program = {
    .name = "auth-quiet",
    .summary = N_("works by itself"),
    .description = N_("For tests."),
    .options = options,
    .metrics = metrics,
    .start = start,
    .stop = free,
};

int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
