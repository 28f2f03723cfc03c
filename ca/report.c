/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon tells of its work, in the log and as metrics. */
#include "registry/health.h"
#include "service.h"

#define DAY_S 86400
/* How often the registry is asked how it does. */
#define HEALTH_EVERY_S 10

static const daemon_event event_batch = {"batch", DAEMON_LEVEL_INFO,
                                         "a batch of requests was decided"};
static const daemon_event event_limit = {"limit-reached", DAEMON_LEVEL_WARNING,
                                         "an office asked for more certificates than an hour has"};
static const daemon_event event_recovered = {"recovered", DAEMON_LEVEL_NOTICE,
                                             "what a crash had left in doubt was looked up"};
static const daemon_event event_renewed = {"certificate-renewed", DAEMON_LEVEL_INFO,
                                           "a daemon's certificate was made anew"};
static const daemon_event event_not_renewed = {"certificate-not-renewed", DAEMON_LEVEL_WARNING,
                                               "a daemon's certificate ends soon, and no other can "
                                               "be made"};
static const daemon_event event_clock = {"clock-confirmed", DAEMON_LEVEL_NOTICE,
                                         "somebody said that the clock is right"};
static const daemon_event event_journal = {"journal-begun", DAEMON_LEVEL_WARNING,
                                           "one more signing journal was begun, since somebody "
                                           "said that it may"};

const daemon_metric ca_service_metrics[] = {
    [CA_METRIC_GRANTED] = {DAEMON_METRIC_COUNTER, "auth_ca_granted_total",
                           "Items of requests that were obeyed.", NULL, NULL},
    [CA_METRIC_REFUSED] = {DAEMON_METRIC_COUNTER, "auth_ca_refused_total",
                           "Items of requests that were refused.", NULL, NULL},
    [CA_METRIC_POISONED] = {DAEMON_METRIC_COUNTER, "auth_ca_poisoned_total",
                            "Requests that a rule of the registry stopped.", NULL, NULL},
    [CA_METRIC_CRLS] = {DAEMON_METRIC_COUNTER, "auth_ca_crls_total",
                        "Revocation lists that were made.", NULL, NULL},
    [CA_METRIC_EXPIRED] = {DAEMON_METRIC_COUNTER, "auth_ca_expired_total", "Requests that expired.",
                           NULL, NULL},
    [CA_METRIC_FAILURES] = {DAEMON_METRIC_COUNTER, "auth_ca_failures_total",
                            "Turns of work that a fault ended.", NULL, NULL},
    [CA_METRIC_RENEWED] = {DAEMON_METRIC_COUNTER, "auth_ca_renewed_total",
                           "Certificates of daemons that were made anew.", NULL, NULL},
    [CA_METRIC_LIMITED] = {DAEMON_METRIC_COUNTER, "auth_ca_limited_total",
                           "Items that were refused because their office had its hour's share.",
                           NULL, NULL},
    [CA_METRIC_RECOVERED] = {DAEMON_METRIC_COUNTER, "auth_ca_recovered_total",
                             "Batches of the journal that a start had to look up.", NULL, NULL},
    [CA_METRIC_BATCH] = {DAEMON_METRIC_HISTOGRAM, "auth_ca_batch_seconds",
                         "Time from the claim of a batch to its commit.", NULL, NULL},
    [CA_METRIC_QUEUE] = {DAEMON_METRIC_GAUGE, "auth_ca_queue_requests",
                         "Approved requests that wait, counted up to 1,000.", NULL, NULL},
    [CA_METRIC_WAITING] = {DAEMON_METRIC_GAUGE, "auth_ca_queue_oldest_seconds",
                           "How long the oldest approved request has waited.", NULL, NULL},
    [CA_METRIC_CRL_LEFT] = {DAEMON_METRIC_GAUGE, "auth_ca_crl_seconds_left",
                            "Time until the first of the newest full lists runs out.", NULL, NULL},
    DAEMON_METRIC_END,
};

static void add(const ca_service *it, size_t metric, size_t amount)
{
    daemon_metric_add(it->metrics, &ca_service_metrics[metric], 0, (int64_t)amount);
}

void ca_service_report_batch(ca_service *it, const ca_worker *worker,
                             const registry_queue_report *report, int64_t took_us)
{
    const ca_limited *limited = ca_worker_limited(worker);
    add(it, CA_METRIC_GRANTED, report->granted);
    add(it, CA_METRIC_REFUSED, report->refused);
    add(it, CA_METRIC_POISONED, report->poisoned);
    add(it, CA_METRIC_LIMITED, limited->items);
    daemon_metric_observe(it->metrics, &ca_service_metrics[CA_METRIC_BATCH], 0, took_us);
    daemon_log_fields(it->log, &event_batch, DAEMON_LOG_NUMBER("documents", report->documents),
                      DAEMON_LOG_NUMBER("granted", report->granted),
                      DAEMON_LOG_NUMBER("refused", report->refused));
    if (limited->items > 0)
        daemon_log_fields(it->log, &event_limit, DAEMON_LOG_NUMBER("items", limited->items),
                          DAEMON_LOG_WORD("office", limited->office),
                          DAEMON_LOG_WORD("profile", limited->profile));
}

void ca_service_report_recovery(ca_service *it, const ca_recovery *recovery)
{
    size_t batches = recovery->committed + recovery->aborted;
    add(it, CA_METRIC_RECOVERED, batches);
    if (batches > 0)
        daemon_log_fields(it->log, &event_recovered,
                          DAEMON_LOG_NUMBER("committed", recovery->committed),
                          DAEMON_LOG_NUMBER("aborted", recovery->aborted));
}

void ca_service_report_renewals(ca_service *it, const ca_renewals *renewals, auth_time now)
{
    for (size_t i = 0; i < renewals->count; i++) {
        const ca_renewal *row = &renewals->rows[i];
        int64_t days = (row->not_after - now) / DAY_S;
        if (row->error.status == AUTH_STATUS_OK) {
            add(it, CA_METRIC_RENEWED, 1);
            daemon_log_fields(it->log, &event_renewed, DAEMON_LOG_WORD("profile", row->profile),
                              DAEMON_LOG_NUMBER("item", row->item),
                              DAEMON_LOG_NUMBER("days", days));
        } else
            daemon_log_fields(it->log, &event_not_renewed, DAEMON_LOG_WORD("profile", row->profile),
                              DAEMON_LOG_NUMBER("item", row->item), DAEMON_LOG_NUMBER("days", days),
                              DAEMON_LOG_ERROR(&row->error));
    }
}

void ca_service_report_clock(ca_service *it)
{
    daemon_log_fields(it->log, &event_clock, DAEMON_LOG_FIXED("by", "file"));
}

void ca_service_report_journal(ca_service *it)
{
    daemon_log_fields(it->log, &event_journal,
                      DAEMON_LOG_NUMBER("journal", it->setting.journal_no));
}

static void set(const ca_service *it, size_t metric, int64_t value)
{
    daemon_metric_set(it->metrics, &ca_service_metrics[metric], 0, value);
}

auth_status ca_service_report_health(ca_service *it, auth_time now, auth_error *err)
{
    registry_connection *connection = NULL;
    registry_health health;
    if (now - it->looked < HEALTH_EVERY_S && now >= it->looked)
        return AUTH_STATUS_OK;
    it->looked = now;
    auth_status status = registry_pool_take(it->pool, 10000, &connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_health_read(connection, &health, err);
    registry_pool_give(it->pool, connection);
    if (status != AUTH_STATUS_OK)
        return status;
    set(it, CA_METRIC_QUEUE, health.approved_count);
    set(it, CA_METRIC_WAITING,
        health.waits_since == REGISTRY_NO_TIME ? 0 : health.now - health.waits_since);
    set(it, CA_METRIC_CRL_LEFT,
        health.crl_due == REGISTRY_NO_TIME ? 0 : health.crl_due - health.now);
    return AUTH_STATUS_OK;
}
