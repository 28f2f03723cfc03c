/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon auth-ca: a realm's folder becomes two workers. One thread does the duties and all of
 * the work, but under large loads, where another one helps: while one stores its batch and waits
 * for the disk, the other verifies the next. It listens on no port. Internal to ca/.
 */
#ifndef CA_SERVICE_H
#define CA_SERVICE_H

#include "daemon/daemon.h"
#include "duty.h"
#include "realm/realm.h"
#include "recover.h"
#include "worker.h"

#include <pthread.h>

typedef struct ca_service {
    daemon_self *self;
    daemon_log *log;
    daemon_metrics *metrics;
    realm *realm;
    registry_pool *pool;
    registry_connection *listener; /* NULL: none, one is opened when it can */
    registry_crypto *crypto;
    ca_setting setting;
    ca_authority authorities[CA_AUTHORITIES_MAX];
    const auth_profile *profiles[CA_PROFILES_MAX];
    const auth_profile *daemon_profiles[CA_PROFILES_MAX];
    uint8_t binding_key[REGISTRY_KEY_SIZE];
    char anchor[REALM_PATH_SIZE];
    char clock_file[REALM_PATH_SIZE];       /* by which somebody confirms the clock */
    char new_journal_file[REALM_PATH_SIZE]; /* by which somebody allows another journal */
    uint8_t journal_id[CA_JOURNAL_ID_SIZE];
    ca_worker *worker;
    ca_worker *helper;
    ca_crl_plan plan;
    auth_time second;  /* when duties were done last */
    auth_time quarter; /* when the next partitions were looked for */
    auth_time minute;  /* and certificates that end */
    auth_time looked;  /* and how the registry does */
    pthread_mutex_t lock;
    auth_error state; /* of the last turn: what keeps it from working, or OK */
} ca_service;

enum {
    CA_METRIC_GRANTED,
    CA_METRIC_REFUSED,
    CA_METRIC_POISONED,
    CA_METRIC_CRLS,
    CA_METRIC_EXPIRED,
    CA_METRIC_FAILURES,
    CA_METRIC_RENEWED,
    CA_METRIC_LIMITED,
    CA_METRIC_RECOVERED,
    CA_METRIC_BATCH,
    CA_METRIC_QUEUE,
    CA_METRIC_WAITING,
    CA_METRIC_CRL_LEFT,
};
extern const daemon_metric ca_service_metrics[];
extern const daemon_option ca_service_options[];

/*
 * Opens the realm, the journal and the registry, recovers, and starts to work.
 *
 * Errors: those of realm_open, ca_journal_open, ca_recover and ca_worker_new.
 */
auth_status ca_service_start(daemon_self *self, void **context, auth_error *err) AUTH_MUST_CHECK;
auth_status ca_service_ready(void *context, auth_error *err) AUTH_MUST_CHECK;
void ca_service_stop(void *context);

/* The name of the thread that helps. */
#define CA_HELPER "authority-2"

/* loop.c: the threads, and what tells the second one that there is much to do. */
void ca_service_work(daemon_worker *worker, void *context);
void ca_service_help(daemon_worker *worker, void *context);
void ca_service_claimed(size_t items, void *context);

/* report.c: what is told of all that, in the log and as metrics. */
void ca_service_report_batch(ca_service *it, const ca_worker *worker,
                             const registry_queue_report *report, int64_t took_us);
void ca_service_report_recovery(ca_service *it, const ca_recovery *recovery);
void ca_service_report_renewals(ca_service *it, const ca_renewals *renewals, auth_time now);
void ca_service_report_clock(ca_service *it);
void ca_service_report_journal(ca_service *it);
/* Errors: those of a statement. */
auth_status ca_service_report_health(ca_service *it, auth_time now,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Writes that this authority starts or stops into the ledger. Errors: those of statements. */
auth_status ca_service_tell(const ca_service *it, bool is_start, auth_time now,
                            auth_error *err) AUTH_MUST_CHECK;

#endif
