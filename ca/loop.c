/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of auth-ca. The first: batches as long as there are any, the duties once a second,
 * and waiting for the registry to tell of more. The second: a batch each time when one was claimed
 * that is large. A fault is logged and the same is tried again; a journal that cannot be written
 * ends the process, since only a start reads what the disk really has.
 */
#include "registry/ledger.h"
#include "registry/listen.h"
#include "registry/transaction.h"
#include "service.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 200
/*
 * What a batch costs the registry and the disk it costs once, for one document or for hundreds. So
 * while documents come several at a time, batches begin so far apart; who comes alone waits for
 * nobody.
 */
#define GATHER_MS 40
#define RETRY_MS 1000
/* So many items in a batch are worth a second thread: there may be more, and they take long. */
#define LARGE_ITEMS 250
#define MINUTE_MS 60000
#define QUARTER_S 3600
#define MINUTE_S 60
/* Rounds of the sequencer in one turn. */
#define ROUNDS_MAX 8

static const daemon_event event_fault = {"work-failed", DAEMON_LEVEL_ERROR,
                                         "a turn of work failed; it is tried again"};
static int64_t clock_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void gather(daemon_worker *worker, int64_t begin_us)
{
    int64_t passed_ms = (clock_us() - begin_us) / 1000;
    if (passed_ms < GATHER_MS)
        (void)daemon_worker_sleep(worker, (unsigned)(GATHER_MS - passed_ms));
}

static auth_status work_batch(ca_service *it, ca_worker *worker, registry_queue_report *report,
                              auth_error *err)
{
    int64_t begin_us = clock_us();
    *report = (registry_queue_report){0};
    auth_status status = ca_worker_run(worker, (auth_time)time(NULL), report, err);
    if (status == AUTH_STATUS_OK && report->documents > 0)
        ca_service_report_batch(it, worker, report, clock_us() - begin_us);
    return status;
}

/* *is_more: it was left with the last batch not empty. */
static auth_status work_batches(ca_service *it, daemon_worker *worker, bool *is_more,
                                auth_error *err)
{
    registry_queue_report report = {0};
    auth_status status = AUTH_STATUS_OK;
    do {
        int64_t begin_us = clock_us();
        status = work_batch(it, it->worker, &report, err);
        if (status != AUTH_STATUS_OK || report.documents == 0)
            break;
        if (report.documents > 1)
            gather(worker, begin_us);
        /* Under load, too, heads come once a second. */
    } while (it->second == (auth_time)time(NULL) && !daemon_worker_is_stopping(worker));
    *is_more = status == AUTH_STATUS_OK && report.documents > 0;
    return status;
}

/*
 * The file is taken away when it is used, and when there was nothing to confirm: what was said of
 * this clock says nothing of the next step back.
 */
static void look_at_clock(ca_service *it)
{
    auth_time now = (auth_time)time(NULL);
    bool is_behind = ca_worker_is_behind(it->worker, now);
    if ((!is_behind && now == it->second) || unlink(it->clock_file) != 0 || !is_behind)
        return;
    ca_worker_confirm_clock(it->worker);
    ca_service_report_clock(it);
}

static auth_status advance(ca_service *it, auth_time now, auth_error *err)
{
    bool is_more = true;
    auth_status status = AUTH_STATUS_OK;
    for (int i = 0; status == AUTH_STATUS_OK && is_more && i < ROUNDS_MAX; i++)
        status = ca_advance_ledger(&it->setting, it->crypto, now, &is_more, err);
    return status;
}

/* Also after a step back of the clock, which may be long. */
static bool has_passed(auth_time since, auth_time now, int64_t seconds)
{
    return now - since >= seconds || now < since;
}

/* Once a minute. A certificate is replaced before lists that were made today run out. */
static auth_status renew(ca_service *it, auth_time now, auth_error *err)
{
    ca_renewals renewals;
    it->minute = now;
    auth_status status =
        ca_renew(&it->setting, it->crypto, now, 2 * it->plan.full_every_s, &renewals, err);
    ca_service_report_renewals(it, &renewals, now);
    return status;
}

static auth_status do_duties(ca_service *it, auth_error *err)
{
    size_t crls = 0;
    size_t expired = 0;
    uint64_t batch = 0;
    auth_time now = (auth_time)time(NULL);
    if (now == it->second)
        return AUTH_STATUS_OK;
    it->second = now;
    auth_status status = advance(it, now, err);
    if (status == AUTH_STATUS_OK)
        status = ca_tend_crls(&it->setting, &it->plan, it->crypto, now, &crls, err);
    if (status == AUTH_STATUS_OK)
        status = ca_expire(&it->setting, now, &expired, err);
    if (status == AUTH_STATUS_OK && has_passed(it->quarter, now, QUARTER_S)) {
        status = ca_prepare_epochs(&it->setting, err);
        it->quarter = now;
    }
    if (status == AUTH_STATUS_OK && has_passed(it->minute, now, MINUTE_S))
        status = renew(it, now, err);
    if (status == AUTH_STATUS_OK)
        status = ca_service_report_health(it, now, err);
    daemon_metric_add(it->metrics, &ca_service_metrics[CA_METRIC_CRLS], 0, (int64_t)crls);
    daemon_metric_add(it->metrics, &ca_service_metrics[CA_METRIC_EXPIRED], 0, (int64_t)expired);
    /* So that no note waits for the next batch. */
    return status == AUTH_STATUS_OK ? ca_journal_sync(it->setting.journal, &batch, err) : status;
}

static auth_status open_listener(ca_service *it, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo,
                                  .program = "auth-ca",
                                  .roles = REGISTRY_ROLE_CA};
    auth_status status = realm_conninfo(it->realm, REGISTRY_ROLE_CA, conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &it->listener, err);
    if (status == AUTH_STATUS_OK)
        status = registry_listen(it->listener, REGISTRY_CHANNEL_REQUEST, err);
    return status;
}

/*
 * A line that was lost is made anew in the next turn; until then the work itself goes on. While
 * there is more to do the line is only looked at.
 */
static void wait_for_work(ca_service *it, daemon_worker *worker, unsigned wait_ms)
{
    bool is_told = false;
    if (it->listener != NULL &&
        registry_listen_wait(it->listener, wait_ms, &is_told, NULL) == AUTH_STATUS_OK)
        return;
    registry_connection_free(it->listener);
    it->listener = NULL;
    (void)daemon_worker_sleep(worker, wait_ms);
}

static void keep_state(ca_service *it, auth_status status, const auth_error *error)
{
    (void)pthread_mutex_lock(&it->lock);
    if (status == AUTH_STATUS_OK)
        it->state = (auth_error){AUTH_STATUS_OK, ""};
    else
        it->state = *error;
    (void)pthread_mutex_unlock(&it->lock);
}

static void report_fault(const ca_service *it, const auth_error *err)
{
    daemon_metric_add(it->metrics, &ca_service_metrics[CA_METRIC_FAILURES], 0, 1);
    daemon_log_fields(it->log, &event_fault, DAEMON_LOG_ERROR(err));
}

/* When it was the second thread that could not write, the journal tells the first what it is. */
static void fail(const ca_service *it, auth_status status, auth_error *err)
{
    uint64_t ignored = 0;
    if (status == AUTH_STATUS_OK)
        (void)!ca_journal_sync(it->setting.journal, &ignored, err);
    daemon_fail(it->self, err);
}

void ca_service_work(daemon_worker *worker, void *context)
{
    ca_service *it = context;
    while (!daemon_worker_is_stopping(worker)) {
        auth_error err = {AUTH_STATUS_OK, ""};
        auth_status status = AUTH_STATUS_OK;
        bool is_more = false;
        if (it->listener == NULL)
            status = open_listener(it, &err);
        look_at_clock(it);
        if (status == AUTH_STATUS_OK)
            status = work_batches(it, worker, &is_more, &err);
        if (status == AUTH_STATUS_OK)
            status = do_duties(it, &err);
        keep_state(it, status, &err);
        if (status != AUTH_STATUS_OK)
            report_fault(it, &err);
        if (ca_journal_is_dead(it->setting.journal)) {
            fail(it, status, &err);
            return;
        }
        if (status != AUTH_STATUS_OK)
            (void)daemon_worker_sleep(worker, RETRY_MS);
        else
            wait_for_work(it, worker, is_more ? 0 : WAIT_MS);
    }
}

/* Also of what the second thread has claimed itself, so that it goes on. */
void ca_service_claimed(size_t items, void *context)
{
    const ca_service *it = context;
    if (items >= LARGE_ITEMS)
        daemon_worker_nudge(it->self, CA_HELPER);
}

/* What state the daemon is in, and when its journal is dead, is the first thread's to say. */
void ca_service_help(daemon_worker *worker, void *context)
{
    ca_service *it = context;
    while (daemon_worker_sleep(worker, MINUTE_MS)) {
        auth_error err = {AUTH_STATUS_OK, ""};
        registry_queue_report report;
        if (work_batch(it, it->helper, &report, &err) != AUTH_STATUS_OK)
            report_fault(it, &err);
    }
}

auth_status ca_service_tell(const ca_service *it, bool is_start, auth_time now, auth_error *err)
{
    registry_connection *connection = NULL;
    registry_ledger_body body = {.event = is_start ? REGISTRY_LEDGER_EVENT_CA_START
                                                   : REGISTRY_LEDGER_EVENT_CA_STOP,
                                 .at = now,
                                 .item = REGISTRY_LEDGER_NO_ITEM};
    (void)snprintf(body.realm, sizeof body.realm, "%s", it->setting.realm);
    auth_status status = registry_pool_take(it->pool, 10000, &connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_append(connection, &body, 0, err);
    if (status == AUTH_STATUS_OK)
        status = registry_commit(connection, err);
    else
        registry_rollback(connection);
    registry_pool_give(it->pool, connection);
    return status;
}
