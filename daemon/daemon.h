/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon in a few lines: it describes itself as data (options, routes, metrics) and functions,
 * and daemon_main does what all daemons have in common: options, log, HTTP, TLS peers, metrics,
 * signals, a clean start and a clean end. It knows nothing of PKI: what a peer or a request means
 * comes through the functions.
 *
 *     static const daemon_program program = {
 *         .name = "auth-ocsp",
 *         .summary = N_("tells whether certificates are good"),
 *         .options = options,
 *         .routes = routes,
 *         .start = start,
 *         .stop = stop,
 *     };
 *
 *     int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "daemon/json.h"
#include "daemon/log.h"
#include "daemon/metric.h"
#include "daemon/option.h"
#include "daemon/request.h"
#include "daemon/text.h"
#include "daemon/words.h"
#include "daemon/worker.h"

typedef struct daemon_program {
    const char *name;
    const char *summary;     /* one line, marked with N_ */
    const char *description; /* paragraphs for the man page, marked with N_ */
    const char *config;      /* the usual file of options: "/etc/auth/ocsp.conf"; NULL: none */
    const daemon_option *options;
    const daemon_route *routes; /* NULL: it listens on no port, and has no options for one */
    const daemon_metric *metrics;
    unsigned workers;   /* threads for handlers that may wait, unless an option says; 0: 8 */
    daemon_judge judge; /* NULL: every client is nobody */

    /*
     * Sets up what the daemon works with and checks that it can: what it returns but OK ends it,
     * with the error as the last line of the log. *context goes to all other functions. May be
     * NULL.
     */
    auth_status (*start)(daemon_self *self, void **context, auth_error *err);
    /*
     * Takes new options, all of which are good by the table. Either all of it changes or, with
     * anything but OK, nothing. May be NULL.
     */
    auth_status (*reload)(daemon_self *self, void *context, const daemon_options *next,
                          auth_error *err);
    /*
     * Tells whether it can serve now; err says why not, or with OK what is amiss all the same. Runs
     * in a worker thread. May be NULL.
     */
    auth_status (*ready)(void *context, auth_error *err);
    /* Frees what start has made. All handlers and workers have ended. May be NULL. */
    void (*stop)(void *context);
} daemon_program;

/*
 * Runs a daemon to its end; returns the exit code: 0 ended as it was asked to, 2 wrong options,
 * 3 it cannot work here and now.
 */
int daemon_main(const daemon_program *program, int argc, char **argv);

/* The options in force. For start and reload, which run in the main thread: copy what is needed. */
const daemon_options *daemon_self_options(const daemon_self *self);
daemon_log *daemon_self_log(const daemon_self *self);
daemon_metrics *daemon_self_metrics(const daemon_self *self);

/* Something happened that requests with this key wait for. Any thread. */
void daemon_wake(daemon_self *self, uint64_t key);

/* Sends what daemon_request_finish_later has left lying. Any thread. */
void daemon_flush(daemon_self *self);

/* What peers are judged by has changed: every open connection is judged again. Any thread. */
void daemon_recheck_peers(daemon_self *self);

/*
 * Appends the certificate chain (PEM) that TLS clients are shown, the daemon's own certificate
 * first. Any thread.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when it does not listen for HTTPS; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY.
 */
auth_status daemon_tls_chain(daemon_self *self, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Shows another chain (PEM) for the same key from the next handshake on; open connections go on.
 * What the options name takes its place again when they are read anew. Any thread.
 *
 * Errors: AUTH_STATUS_INVALID when it is no chain or not of the key in use; AUTH_STATUS_NOT_FOUND,
 * AUTH_STATUS_LIMIT, AUTH_STATUS_MEMORY as above.
 */
auth_status daemon_tls_replace(daemon_self *self, auth_bytes chain,
                               auth_error *err) AUTH_MUST_CHECK;

/* The daemon cannot go on: it drains and ends with 3. Any thread. */
void daemon_fail(daemon_self *self, const auth_error *err);

#endif
