/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivers what waits, oldest first, some at a time and in their order. The registry knows a
 * document by its id, so one that is delivered again after a crash is the same request. What the
 * registry refuses is noted before the spool lets go of it, and told to whoever asks.
 */
#include "registry/ledger_body.h"
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_MS 1000
/* A document that a fault keeps, and that is not the registry's being away, lets others pass. */
#define DEFER_S 60
/* Of documents that are delivered together. */
#define LOAD_OCTETS ((size_t)4 << 20)

static const daemon_event event_delivered = {"delivered", DAEMON_LEVEL_INFO,
                                             "a kept document is in the registry"};
static const daemon_event event_refused = {
    "delivery-refused", DAEMON_LEVEL_WARNING,
    "the registry refused a kept document; whoever asks for it is told why"};
static const daemon_event event_failed = {"delivery-failed", DAEMON_LEVEL_ERROR,
                                          "a kept document could not be delivered; it is tried "
                                          "again"};
static const daemon_event event_spool = {"spool-failed", DAEMON_LEVEL_ERROR,
                                         "the spool cannot be used; it is opened anew"};

uint64_t lra_wait_key(const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    uint64_t key = 0;
    memcpy(&key, &id[LRA_SPOOL_ID_SIZE - sizeof key], sizeof key);
    return key;
}

static auth_status note_refusal(const lra_service *it, const uint8_t id[LRA_SPOOL_ID_SIZE],
                                const office_delivery *what, auth_error *err)
{
    lra_refusal refusal = {.reason = what->reason, .item = what->item, .at = (auth_time)time(NULL)};
    (void)snprintf(refusal.text, sizeof refusal.text, "%s", what->error.text);
    return lra_refused_note(it->refused, id, &refusal, err);
}

static void tell(const lra_service *it, const char *id, const office_delivery *what)
{
    bool is_refused = what->reason != AUTH_REQUEST_REASON_NONE;
    daemon_metric_add(it->metrics,
                      &lra_service_metrics[is_refused ? LRA_METRIC_REFUSED : LRA_METRIC_DELIVERED],
                      0, 1);
    if (is_refused)
        daemon_log_fields(it->log, &event_refused,
                          DAEMON_LOG_OCTETS("document", auth_bytes_from_text(id)),
                          DAEMON_LOG_WORD("reason", auth_request_reason_name(what->reason)));
    else
        daemon_log_fields(it->log, &event_delivered,
                          DAEMON_LOG_OCTETS("document", auth_bytes_from_text(id)),
                          DAEMON_LOG_WORD("state", registry_request_state_name(what->state)));
}

static auth_status spool_failed(const lra_service *it, const auth_error *why)
{
    daemon_log_fields(it->log, &event_spool, DAEMON_LOG_ERROR(why));
    return why->status;
}

void lra_taken_in(lra_service *it, const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    auth_error err;
    if (lra_refused_forget(it->refused, id, &err) != AUTH_STATUS_OK)
        (void)spool_failed(it, &err);
}

static void put_off(const lra_service *it, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_time until,
                    const auth_error *why)
{
    auth_error ignored;
    daemon_log_fields(it->log, &event_failed, DAEMON_LOG_ERROR(why));
    (void)!lra_keep_defer(it->keep, id, until, &ignored);
}

/* Some documents on their way. */
typedef struct load {
    size_t count;
    uint8_t ids[OFFICE_DELIVERY_MAX][LRA_SPOOL_ID_SIZE];
    auth_buf *documents[OFFICE_DELIVERY_MAX];
    auth_bytes views[OFFICE_DELIVERY_MAX];
    office_delivery what[OFFICE_DELIVERY_MAX];
    size_t done_count;
    uint8_t done[OFFICE_DELIVERY_MAX][LRA_SPOOL_ID_SIZE];
    const office_delivery *told[OFFICE_DELIVERY_MAX]; /* of those */
} load;

static void clear(load *of)
{
    for (size_t i = 0; i < of->count; i++)
        auth_buf_free(of->documents[i]);
    free(of);
}

/* As many as are due and no more than is good for memory; one at least. */
static auth_status gather(const lra_service *it, auth_time now, load *of, auth_error *err)
{
    size_t octets = 0;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && of->count < OFFICE_DELIVERY_MAX && octets < LOAD_OCTETS) {
        size_t i = of->count;
        status = lra_keep_next(it->keep, i == 0 ? NULL : of->ids[i - 1], now, of->ids[i],
                               &of->documents[i], err);
        if (status != AUTH_STATUS_OK)
            break;
        of->views[i] = auth_buf_bytes(of->documents[i]);
        octets += of->views[i].len;
        of->count++;
    }
    return of->count > 0 && status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_OK : status;
}

/* The registry has answered: what it said is durable here before the spool lets go. */
static auth_status note(lra_service *it, load *of, size_t i, auth_error *err)
{
    const uint8_t *id = of->ids[i];
    auth_status status = AUTH_STATUS_OK;
    if (of->what[i].reason != AUTH_REQUEST_REASON_NONE)
        status = note_refusal(it, id, &of->what[i], err);
    else
        lra_taken_in(it, id);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(of->done[of->done_count], id, LRA_SPOOL_ID_SIZE);
    of->told[of->done_count++] = &of->what[i];
    return AUTH_STATUS_OK;
}

/* The spool lets go of all that was noted, and those who wait for it hear. */
static auth_status finish(const lra_service *it, const load *of, auth_error *err)
{
    char name[REGISTRY_UUID_TEXT_SIZE];
    auth_status status = lra_keep_done(it->keep, of->done[0], of->done_count, err);
    /* Of a file that somebody took away meanwhile the spool tells, and its document is delivered.
     */
    if (status == AUTH_STATUS_NOT_FOUND)
        status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->done_count; i++) {
        registry_uuid_format(of->done[i], name);
        tell(it, name, of->told[i]);
        daemon_wake(it->self, lra_wait_key(of->done[i]));
    }
    return status;
}

/* False: it stops here, and what follows waits. */
static bool settle(lra_service *it, load *of, size_t i, auth_time now)
{
    auth_error err;
    const uint8_t *id = of->ids[i];
    const office_delivery *what = &of->what[i];
    if (lra_link_is_away(what->status)) {
        lra_link_doubt(it);
        daemon_log_fields(it->log, &event_failed, DAEMON_LOG_ERROR(&what->error));
        return false;
    }
    if (what->status != AUTH_STATUS_OK) {
        put_off(it, id, now + DEFER_S, &what->error);
        return true;
    }
    return note(it, of, i, &err) == AUTH_STATUS_OK || spool_failed(it, &err) == AUTH_STATUS_OK;
}

static bool deliver(lra_service *it, load *of, auth_time now)
{
    auth_error err;
    bool goes_on = true;
    auth_status status = office_deliver(it->office, of->views, of->count, of->what, &err);
    if (status != AUTH_STATUS_OK) {
        daemon_log_fields(it->log, &event_failed, DAEMON_LOG_ERROR(&err));
        return false;
    }
    for (size_t i = 0; goes_on && i < of->count; i++)
        goes_on = settle(it, of, i, now);
    if (of->done_count > 0 && finish(it, of, &err) != AUTH_STATUS_OK)
        return spool_failed(it, &err) == AUTH_STATUS_OK;
    return goes_on;
}

/* False: there is nothing more to do now. */
static bool deliver_some(lra_service *it)
{
    auth_error err;
    bool goes_on = false;
    auth_time now = (auth_time)time(NULL);
    load *of = calloc(1, sizeof *of);
    auth_status status = of == NULL ? auth_error_memory(&err) : gather(it, now, of, &err);
    if (status == AUTH_STATUS_OK)
        goes_on = deliver(it, of, now);
    else if (status != AUTH_STATUS_NOT_FOUND)
        goes_on = spool_failed(it, &err) == AUTH_STATUS_OK;
    if (of != NULL)
        clear(of);
    lra_service_measure(it);
    return goes_on;
}

void lra_delivery_work(daemon_worker *worker, void *context)
{
    auth_error err;
    lra_service *it = context;
    do {
        if (lra_keep_mend(it->keep, &err) != AUTH_STATUS_OK)
            daemon_log_fields(it->log, &event_spool, DAEMON_LOG_ERROR(&err));
        while (atomic_load(&it->is_up) && !daemon_worker_is_stopping(worker) && deliver_some(it))
            ;
    } while (daemon_worker_sleep(worker, WAIT_MS));
}
