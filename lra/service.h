/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon auth-lra: the handlers of office/ as long as the registry answers, and the spool while
 * it does not. Its one invariant: an answer that says "kept" stands for a document that is durable
 * here and will be delivered or told as refused; an answer of the registry is never made up.
 * Internal to lra/.
 */
#ifndef LRA_SERVICE_H
#define LRA_SERVICE_H

#include "daemon/daemon.h"
#include "keep.h"
#include "office/counter.h"
#include "offline.h"
#include "refused.h"

#include <pthread.h>
#include <stdatomic.h>

#define LRA_LINK_WORKER "link"
#define LRA_DELIVERY_WORKER "delivery"

typedef struct lra_service {
    daemon_self *self;
    daemon_log *log;
    daemon_metrics *metrics;
    office *office;
    lra_known *known;
    lra_keep *keep;
    lra_refused *refused;
    lra_offline offline;
    registry_connection *probe; /* of the link's thread; NULL: none */
    auth_time renewed;          /* of the link's thread: when its certificate was looked for last */
    _Atomic bool is_up;         /* the registry answers, and speaks of this office */
    _Atomic bool has_guests;    /* somebody was let in by what was known */
    pthread_mutex_t lock;
    auth_error state; /* under the lock: why the registry is not up */
} lra_service;

enum {
    LRA_METRIC_UP = OFFICE_METRICS,
    LRA_METRIC_WAITING,
    LRA_METRIC_SENT,
    LRA_METRIC_BAD,
    LRA_METRIC_REFUSED_NOW,
    LRA_METRIC_OLDEST,
    LRA_METRIC_KEPT,
    LRA_METRIC_DELIVERED,
    LRA_METRIC_REFUSED,
    LRA_METRIC_EVENTS,
};
extern const daemon_metric lra_service_metrics[];
extern const daemon_option lra_service_options[];
extern const daemon_route lra_service_routes[]; /* routes.c */

/*
 * Opens realm, spool and what was known, and looks for the registry, which need not be there.
 *
 * Errors: those of office_open, lra_known_open, lra_keep_new, lra_refused_open; AUTH_STATUS_INVALID
 * when realm.conf names no office; AUTH_STATUS_CONFLICT when the registry lets this login speak for
 * another one.
 */
auth_status lra_service_start(daemon_self *self, void **context, auth_error *err) AUTH_MUST_CHECK;
auth_status lra_service_ready(void *context, auth_error *err) AUTH_MUST_CHECK;
void lra_service_stop(void *context);

/* A daemon_judge: by the registry, or without it by what was known. */
auth_status lra_service_judge(void *context, const auth_bytes *chain, size_t count,
                              daemon_peer *out, auth_error *err);

/*
 * link.c: looks once a second whether the registry is there, and asks it about the officers that
 * are known. lra_link_look does so once.
 *
 * Errors: AUTH_STATUS_CONFLICT when it speaks of another office; AUTH_STATUS_UNAVAILABLE and others
 * of a connection.
 */
void lra_link_work(daemon_worker *worker, void *context);
auth_status lra_link_look(lra_service *it, auth_error *err) AUTH_MUST_CHECK;

/*
 * Somebody had no answer of the registry. That it is away is only for the link to say, which looks
 * at once: it may be that too many ask it at the same time. Any thread.
 */
void lra_link_doubt(lra_service *it);

/* Whether a status says that the registry gave no answer, and not that it refuses. */
bool lra_link_is_away(auth_status status);

/* delivery.c: delivers what waits. */
void lra_delivery_work(daemon_worker *worker, void *context);

/* The registry has a document: a refusal of before is forgotten. */
void lra_taken_in(lra_service *it, const uint8_t id[LRA_SPOOL_ID_SIZE]);

/* Sets the gauges of the spool. */
void lra_service_measure(lra_service *it);

/* What those who wait for the outcome of a request that is kept here are woken by. */
uint64_t lra_wait_key(const uint8_t id[LRA_SPOOL_ID_SIZE]);

/* submit.c, look.c: handlers of their own; the context is an lra_service. */
auth_status lra_submit(daemon_request *request, void *context, auth_error *err);
auth_status lra_list_requests(daemon_request *request, void *context, auth_error *err);
auth_status lra_read_request(daemon_request *request, void *context, auth_error *err);
auth_status lra_await_outcome(daemon_request *request, void *context, auth_error *err);

/* Runs a handler of office/ when the registry is there, and answers that it is away when it is not.
 */
auth_status lra_online(lra_service *it, daemon_request *request, daemon_handler handler,
                       auth_error *err) AUTH_MUST_CHECK;

/* Answers that the registry is away, with a text for the client. */
auth_status lra_answer_away(daemon_request *request, auth_error *err);

/* The text that a kept document is told with, in the client's language. */
const char *lra_kept_text(const daemon_request *request);

#endif
