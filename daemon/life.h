/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon that runs. Internal to daemon. */
#ifndef DAEMON_LIFE_H
#define DAEMON_LIFE_H

#include "daemon/daemon.h"
#include "daemon/invocation.h"
#include "daemon/server.h"

struct daemon_worker {
    daemon_self *self;
    const char *name;
    pthread_t thread;
    int file; /* an eventfd */
    _Atomic bool is_stopping;
    _Atomic bool has_ended;
    void (*work)(daemon_worker *worker, void *context);
    auth_status (*task)(void *context, auth_error *err);
    uint32_t interval_ms;
    void *context;
};

struct daemon_self {
    const daemon_program *program;
    invocation_program invocation;
    int argc;
    char **argv;
    invocation call;
    daemon_options *options;
    daemon_log *log;
    daemon_metrics *metrics;
    server *server;
    void *context;
    bool has_started;
    int fail_file; /* an eventfd */
    pthread_mutex_t lock;
    auth_error failure; /* why it cannot go on */
    daemon_worker workers[DAEMON_WORKERS_MAX];
    size_t worker_count;
};

/* common.c: what every daemon has options for, and what follows from them. */
extern const daemon_option life_options_serving[];
extern const daemon_option life_options_alone[];
void life_apply_limits(daemon_self *self, const daemon_options *options);
auth_status life_load_tls(const daemon_options *options, bool has_routes, tls_credentials **out,
                          auth_error *err) AUTH_MUST_CHECK;
auth_status life_open_listeners(daemon_self *self, auth_error *err) AUTH_MUST_CHECK;
/* Notes what the rows alone cannot tell: options that need each other, credentials that fit. */
auth_status life_check_options(const daemon_options *options, bool has_routes,
                               daemon_faults *faults, auth_error *err) AUTH_MUST_CHECK;

/* harden.c */
auth_status life_harden(auth_error *err) AUTH_MUST_CHECK;

/* notify.c: what systemd is told (sd_notify(3)); without systemd nothing happens. */
void life_notify(const char *state);
int64_t life_watchdog_ms(void); /* how often it wants to hear; 0: never */

/* worker.c */
void life_stop_workers(daemon_self *self);
bool life_join_workers(daemon_self *self, int64_t until_ms);

/* admin.c */
extern const daemon_route life_admin_routes[];

#endif
