/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads of a daemon's own: for what goes on beside the requests. They are told to stop when the
 * daemon ends, and it waits for them.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include <auth/error.h>
#include <stdint.h>

typedef struct daemon_self daemon_self;
typedef struct daemon_worker daemon_worker;

#define DAEMON_WORKERS_MAX 16

/*
 * Starts a thread that runs work once. name is static and at most 15 characters.
 *
 * Errors: AUTH_STATUS_LIMIT when there are DAEMON_WORKERS_MAX already; AUTH_STATUS_MEMORY.
 */
auth_status daemon_worker_start(daemon_self *self, const char *name,
                                void (*work)(daemon_worker *worker, void *context), void *context,
                                auth_error *err) AUTH_MUST_CHECK;

/*
 * Starts a thread that runs task now, and then again and again with interval_ms between. When it
 * fails, that is logged, and it is tried again all the same.
 *
 * Errors: as daemon_worker_start.
 */
auth_status daemon_every(daemon_self *self, const char *name, uint32_t interval_ms,
                         auth_status (*task)(void *context, auth_error *err), void *context,
                         auth_error *err) AUTH_MUST_CHECK;

/* In a worker: sleeps, up to wait_ms or a nudge. False: the daemon ends, so must the worker. */
bool daemon_worker_sleep(daemon_worker *worker, uint32_t wait_ms);
bool daemon_worker_is_stopping(const daemon_worker *worker);

/* A descriptor that becomes readable when the worker must end or was nudged, for poll. */
int daemon_worker_file(const daemon_worker *worker);

/* Ends the running or the next sleep of the worker of this name. Any thread. */
void daemon_worker_nudge(daemon_self *self, const char *name);

#endif
