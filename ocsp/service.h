/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon auth-ocsp: from a request to an answer.
 *
 *     ask.c      handlers: what can be answered at once is; the rest goes into the waiting room
 *     follow.c   one thread with one line to the registry: follows revocations, looks statuses up
 *     listen.c   hears when something happened, so that it is looked at without delay
 *     sign.c     threads that sign
 *     fetch.c    handlers for revocation lists, authorities' certificates and the page
 *
 * Following and looking up share a line, so that a look-up never comes from a server that knows
 * less than what was followed. Internal to ocsp/.
 */
#ifndef OCSP_SERVICE_H
#define OCSP_SERVICE_H

#include "cache.h"
#include "flight.h"
#include "identity.h"
#include "knowledge.h"
#include "lists.h"
#include "rate.h"
#include "shelf.h"

#include "daemon/daemon.h"
#include "realm/realm.h"
#include "registry/connection.h"

#include <pthread.h>

typedef enum ocsp_nonces {
    OCSP_NONCES_ANSWER,
    OCSP_NONCES_IGNORE,
    OCSP_NONCES_REFUSE,
} ocsp_nonces;

/* What the options say. */
typedef struct ocsp_setting {
    ocsp_nonces nonces;
    uint32_t nonce_rate; /* a second */
    bool revokes_never_issued;
    auth_time life_s;    /* from thisUpdate to nextUpdate */
    uint32_t keep_s;     /* by HTTP caches, at the most */
    auth_time lag_max_s; /* of a standby */
    size_t signers;
    size_t lists_octets;
} ocsp_setting;

/* Answers that are the same for everybody: the errors of OCSP. */
typedef enum ocsp_refusal {
    OCSP_REFUSAL_MALFORMED,
    OCSP_REFUSAL_INTERNAL,
    OCSP_REFUSAL_TRY_LATER,
    OCSP_REFUSAL_UNAUTHORIZED,
    OCSP_REFUSALS,
} ocsp_refusal;

typedef struct ocsp_service {
    daemon_self *self;
    daemon_log *log;
    daemon_metrics *metrics;
    realm *realm;
    ocsp_setting setting;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    ocsp_keys *keys;
    const ocsp_authorities *authorities;
    ocsp_acts *acts;
    ocsp_cache *cache;
    ocsp_room *room;
    ocsp_knowledge knowledge;
    registry_settings lists_settings;
    ocsp_lists *lists;
    ocsp_shelf *shelf;
    ocsp_rate nonce_rate;
    ocsp_rate junk_rate;
    auth_time fetched; /* when certificates were asked for last */
    daemon_response *refusals[OCSP_REFUSALS];
    pthread_mutex_t lock; /* of what follows */
    auth_error state;     /* of the line to the registry, or OK */
} ocsp_service;

enum {
    OCSP_METRIC_ANSWERS,
    OCSP_METRIC_STATUSES,
    OCSP_METRIC_WAITING,
    OCSP_METRIC_CACHED,
    OCSP_METRIC_CACHE_OCTETS,
    OCSP_METRIC_EVICTED,
    OCSP_METRIC_ACTS,
    OCSP_METRIC_LAG,
    OCSP_METRIC_LINE_LOST,
    OCSP_METRIC_RESPONDER_LEFT,
};
extern const daemon_metric ocsp_service_metrics[];
extern const daemon_option ocsp_service_options[];
extern const daemon_route ocsp_service_routes[];

/* How a question was answered: the label of OCSP_METRIC_ANSWERS. */
typedef enum ocsp_source {
    OCSP_SOURCE_CACHED,
    OCSP_SOURCE_SIGNED,
    OCSP_SOURCE_MALFORMED,
    OCSP_SOURCE_INTERNAL,
    OCSP_SOURCE_TRY_LATER,
    OCSP_SOURCE_UNAUTHORIZED,
} ocsp_source;

/*
 * Opens the realm and the keys and starts the threads. The registry need not be there yet.
 *
 * Errors: those of realm_open and ocsp_keys_open.
 */
auth_status ocsp_service_start(daemon_self *self, void **context, auth_error *err) AUTH_MUST_CHECK;
auth_status ocsp_service_ready(void *context, auth_error *err) AUTH_MUST_CHECK;
void ocsp_service_stop(void *context);

/* ask.c */
auth_status ocsp_ask_by_post(daemon_request *request, void *context,
                             auth_error *err) AUTH_MUST_CHECK;
auth_status ocsp_ask_by_get(daemon_request *request, void *context,
                            auth_error *err) AUTH_MUST_CHECK;

/* fetch.c */
auth_status ocsp_fetch_list(daemon_request *request, void *context,
                            auth_error *err) AUTH_MUST_CHECK;
auth_status ocsp_fetch_certificate(daemon_request *request, void *context,
                                   auth_error *err) AUTH_MUST_CHECK;
auth_status ocsp_fetch_page(daemon_request *request, void *context,
                            auth_error *err) AUTH_MUST_CHECK;

/* Counts an answer. */
void ocsp_count(const ocsp_service *it, ocsp_source source);

/* Finishes a flight that cannot be signed now: with what is ready and may still be sent, or with a
 * refusal. */
void ocsp_give_up(ocsp_service *it, ocsp_flight *flight, ocsp_refusal why);

/* The threads; the names are those of daemon_worker. */
void ocsp_follow(daemon_worker *worker, void *context);
void ocsp_listen(daemon_worker *worker, void *context);
void ocsp_sign(daemon_worker *worker, void *context);

/* renew.c: a task for daemon_every: newer responder certificates, and gauges. */
auth_status ocsp_renew(void *context, auth_error *err) AUTH_MUST_CHECK;

/* lists.c as a task. */
auth_status ocsp_renew_lists(void *context, auth_error *err) AUTH_MUST_CHECK;

/* How the threads connect: soon, or not at all. */
registry_settings ocsp_registry_settings(const ocsp_service *it);

#endif
