/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread and one line to the registry. Several times a second it takes every act that was
 * committed since the last time, drops what was signed before, and only then says that all up to
 * now is known. In between it looks up whoever waits, many in one statement.
 */
#include "service.h"

#include "daemon/clock.h"
#include "registry/certificate.h"
#include "registry/revocation.h"

#include <stdlib.h>
#include <string.h>

#define POLL_MS 200
#define RETRY_MS 200
#define PAGE 1000
/* Flights that are looked up with one statement. */
#define BATCH 256
#define SERIALS_MAX ((size_t)BATCH * AUTH_OCSP_CERT_IDS_MAX)
/*
 * After a line was lost the server may be another one, to which the last transactions of the old
 * one never came and which has used their numbers since. So the cursor steps back by more than can
 * have been lost.
 */
#define STEP_BACK 100000
/* Acts that are known already come again as long as a transaction runs that is older than they. */
#define SEEN 65536

static const daemon_event event_followed = {"registry-followed", DAEMON_LEVEL_INFO,
                                            "revocations are followed from here on"};
static const daemon_event event_lost = {"registry-lost", DAEMON_LEVEL_ERROR,
                                        "the registry cannot be followed; answers that are ready "
                                        "are sent until their time is over"};
static const daemon_event event_set_back = {"registry-set-back", DAEMON_LEVEL_WARNING,
                                            "the registry knows less than before: another server, "
                                            "or a copy; all answers are made anew"};

typedef struct follower {
    ocsp_service *of;
    registry_connection *line;
    registry_revocation_cursor cursor;
    bool has_cursor;
    int64_t reached; /* all transactions below it were over; the cursor may step back from here */
    bool is_following;
    bool has_told; /* that the registry is gone */
    int64_t polled_ms;
    int64_t tried_ms;   /* to connect */
    int64_t seen[SEEN]; /* revisions, each at its own place */
    auth_bytes serials[SERIALS_MAX];
    registry_certificate_status rows[SERIALS_MAX];
} follower;

/* Following */

static auth_status visit(const registry_revocation *row, void *context, auth_error *err)
{
    follower *it = context;
    ocsp_service *of = it->of;
    int64_t *place = &it->seen[(uint64_t)row->revision % SEEN];
    (void)err;
    if (*place == row->revision)
        return AUTH_STATUS_OK;
    *place = row->revision;
    /* In this order: see ocsp_cache_put. */
    ocsp_acts_note(of->acts, row->serial);
    ocsp_cache_drop(of->cache, row->serial);
    daemon_metric_add(of->metrics, &ocsp_service_metrics[OCSP_METRIC_ACTS], 0, 1);
    return AUTH_STATUS_OK;
}

/* Begins at this moment: nothing that was signed before is kept. */
static void begin_here(follower *it, const registry_knowledge *knowledge)
{
    it->cursor = registry_revocation_from(knowledge);
    it->has_cursor = true;
    it->reached = knowledge->transaction;
    memset(it->seen, 0, sizeof it->seen);
    ocsp_acts_note_all(it->of->acts);
    ocsp_cache_clear(it->of->cache);
}

static auth_status follow(follower *it, auth_error *err)
{
    bool is_end = false;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && !is_end)
        status = registry_revocation_follow(it->line, &it->cursor, PAGE, visit, it, &is_end, err);
    return status;
}

static void keep_state(ocsp_service *of, auth_status status, const auth_error *error)
{
    (void)pthread_mutex_lock(&of->lock);
    of->state = status == AUTH_STATUS_OK ? (auth_error){AUTH_STATUS_OK, ""} : *error;
    (void)pthread_mutex_unlock(&of->lock);
}

static void tell_knowledge(ocsp_service *of, const registry_knowledge *found, int64_t began_ms,
                           auth_time began)
{
    auth_time as_of = began;
    if (found->is_standby)
        as_of = found->as_of < began ? found->as_of : began;
    atomic_store(&of->knowledge.is_standby, found->is_standby);
    atomic_store(&of->knowledge.as_of, as_of);
    atomic_store(&of->knowledge.known_ms, began_ms);
    daemon_metric_set(of->metrics, &ocsp_service_metrics[OCSP_METRIC_LAG], 0,
                      as_of == REGISTRY_NO_TIME ? -1 : (int64_t)(began - as_of));
}

static auth_status poll_registry(follower *it, auth_error *err)
{
    registry_knowledge found = {.transaction = 0};
    int64_t began_ms = daemon_now_ms();
    auth_time began = (auth_time)time(NULL);
    it->polled_ms = began_ms;
    auth_status status = registry_revocation_know(it->line, &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_set_back = it->has_cursor && found.transaction < it->reached;
    if (is_set_back)
        daemon_log_fields(it->of->log, &event_set_back, DAEMON_LOG_NUMBER("from", it->reached),
                          DAEMON_LOG_NUMBER("to", found.transaction));
    if (is_set_back || !it->has_cursor)
        begin_here(it, &found);
    status = follow(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->reached = it->cursor.transaction;
    tell_knowledge(it->of, &found, began_ms, began);
    return AUTH_STATUS_OK;
}

/* The line */

static void step_back(follower *it)
{
    int64_t from = it->cursor.next != 0 ? it->cursor.next : it->cursor.transaction;
    if (!it->has_cursor)
        return;
    it->cursor =
        (registry_revocation_cursor){.transaction = from > STEP_BACK ? from - STEP_BACK : 0};
    memset(it->seen, 0, sizeof it->seen);
}

static void lose(follower *it, auth_status status, const auth_error *error)
{
    keep_state(it->of, status, error);
    daemon_metric_add(it->of->metrics, &ocsp_service_metrics[OCSP_METRIC_LINE_LOST], 0, 1);
    if (!it->has_told)
        daemon_log_fields(it->of->log, &event_lost, DAEMON_LOG_ERROR(error));
    it->has_told = true;
    it->is_following = false;
    registry_connection_free(it->line);
    it->line = NULL;
}

/*
 * Only a registry to which no line can be had is gone. It no longer is as soon as there is one, and
 * so before what was missed meanwhile is dropped.
 */
static auth_status reach(follower *it, auth_error *err)
{
    if (it->line != NULL)
        return AUTH_STATUS_OK;
    registry_settings settings = ocsp_registry_settings(it->of);
    it->tried_ms = daemon_now_ms();
    auth_status status = registry_connection_open(&settings, &it->line, err);
    atomic_store(&it->of->knowledge.is_gone, status != AUTH_STATUS_OK);
    if (status == AUTH_STATUS_OK) {
        step_back(it);
        it->polled_ms = 0;
    }
    return status;
}

/* Connects if need be, and looks if it is time. */
static auth_status keep_up(follower *it, auth_error *err)
{
    auth_status status = reach(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (it->polled_ms != 0 && daemon_now_ms() - it->polled_ms < POLL_MS)
        return AUTH_STATUS_OK;
    status = poll_registry(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    keep_state(it->of, AUTH_STATUS_OK, NULL);
    if (!it->is_following)
        daemon_log_fields(it->of->log, &event_followed,
                          DAEMON_LOG_NUMBER("transaction", it->cursor.transaction));
    it->is_following = true;
    it->has_told = false;
    return AUTH_STATUS_OK;
}

/* Looking up */

static size_t collect(follower *it, ocsp_flight *flights)
{
    const ocsp_authorities *authorities = it->of->authorities;
    uint16_t epoch = realm_epoch((auth_time)time(NULL));
    size_t count = 0;
    for (ocsp_flight *each = flights; each != NULL; each = each->next) {
        const ocsp_question *question = &each->question;
        for (size_t i = 0; i < auth_ocsp_request_count(question->request); i++) {
            auth_bytes serial = auth_ocsp_request_cert_id(question->request, i)->serial;
            if (ocsp_serial_is_possible(authorities, question->issuer, serial, epoch))
                it->serials[count++] = serial;
        }
    }
    return count;
}

static auth_status read_rows(follower *it, registry_result *result, size_t *count, auth_error *err)
{
    size_t rows = registry_result_rows(result);
    auth_status status = AUTH_STATUS_OK;
    if (rows > SERIALS_MAX)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: it gave more statuses than it "
                              "was asked for; please report this");
    for (size_t i = 0; i < rows && status == AUTH_STATUS_OK; i++)
        status = registry_certificate_status_read(result, i, &it->rows[i], err);
    *count = rows;
    return status;
}

/* Rows are sorted by serial number. */
static int compare_serial(const void *serial, const void *row)
{
    return auth_bytes_compare(*(const auth_bytes *)serial,
                              ((const registry_certificate_status *)row)->serial);
}

/* A serial number of another authority was never issued by this one. */
static ocsp_finding find(const follower *it, size_t rows, int64_t authority, auth_bytes serial)
{
    ocsp_finding found = {.status = AUTH_OCSP_NEVER_ISSUED};
    const registry_certificate_status *row =
        rows == 0 ? NULL : bsearch(&serial, it->rows, rows, sizeof it->rows[0], compare_serial);
    if (row == NULL || row->authority != authority)
        return found;
    found.status = AUTH_OCSP_GOOD;
    found.has_act = row->action != REGISTRY_ACTION_NONE;
    found.acted = row->at;
    if (row->action == REGISTRY_ACTION_NONE || row->action == REGISTRY_ACTION_RESUME)
        return found;
    found.status = AUTH_OCSP_REVOKED;
    found.revoked = row->at;
    found.reason = (auth_revocation_reason)row->reason;
    return found;
}

static void fill(const follower *it, size_t rows, ocsp_flight *flight)
{
    const ocsp_authorities *authorities = it->of->authorities;
    const ocsp_question *question = &flight->question;
    for (size_t i = 0; i < auth_ocsp_request_count(question->request); i++) {
        const auth_ocsp_cert_id *id = auth_ocsp_request_cert_id(question->request, i);
        bool is_of_issuer = auth_ocsp_issuer_matches(authorities->issuers[question->issuer], id);
        flight->findings[i] =
            is_of_issuer ? find(it, rows, authorities->numbers[question->issuer], id->serial)
                         : (ocsp_finding){.status = AUTH_OCSP_UNKNOWN};
    }
}

/* All of a chain are given the same moment: that before the statement was sent. */
static void stamp(const follower *it, ocsp_flight *flights)
{
    const ocsp_knowledge *knowledge = &it->of->knowledge;
    int64_t now_ms = daemon_now_ms();
    uint64_t mark = ocsp_acts_mark(it->of->acts);
    auth_time as_of = atomic_load(&knowledge->is_standby) ? atomic_load(&knowledge->as_of)
                                                          : (auth_time)time(NULL);
    for (ocsp_flight *each = flights; each != NULL; each = each->next) {
        each->looked_up_ms = now_ms;
        each->mark = mark;
        each->as_of = as_of;
        each->tries++;
    }
}

static auth_status look_up(follower *it, ocsp_flight *flights, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    size_t rows = 0;
    auth_status status = AUTH_STATUS_OK;
    stamp(it, flights);
    size_t count = collect(it, flights);
    if (count > 0)
        status = registry_certificate_status_list(it->line, it->serials, count, &result, err);
    if (status == AUTH_STATUS_OK && count > 0)
        status = read_rows(it, result, &rows, err);
    for (ocsp_flight *each = flights; status == AUTH_STATUS_OK && each != NULL; each = each->next)
        fill(it, rows, each);
    return status;
}

static void give_up_all(ocsp_service *of, ocsp_flight *flights)
{
    while (flights != NULL) {
        ocsp_flight *next = flights->next;
        ocsp_give_up(of, flights, OCSP_REFUSAL_TRY_LATER);
        flights = next;
    }
    daemon_flush(of->self);
}

static uint32_t wait_of(const follower *it)
{
    if (it->line == NULL)
        return RETRY_MS;
    int64_t left = it->polled_ms + POLL_MS - daemon_now_ms();
    return left > 0 ? (uint32_t)left : 0;
}

/* Between two tries to connect; whoever asks meanwhile is no reason to try again. */
static bool is_resting(const follower *it)
{
    return it->line == NULL && it->tried_ms != 0 && daemon_now_ms() - it->tried_ms < RETRY_MS;
}

static auth_status serve(follower *it, ocsp_flight *flights, auth_error *err)
{
    auth_status status = keep_up(it, err);
    if (status == AUTH_STATUS_OK && flights != NULL)
        status = look_up(it, flights, err);
    return status;
}

/* A line that fails is no registry that is gone: whether it is, a new line tells at once. */
static void turn(follower *it)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    bool is_nudged = false;
    ocsp_flight *flights = ocsp_room_take_unknown(it->of->room, BATCH, wait_of(it), &is_nudged);
    if (is_nudged)
        it->polled_ms = 0;
    if (is_resting(it)) {
        give_up_all(it->of, flights);
        return;
    }
    bool has_line = it->line != NULL;
    auth_status status = serve(it, flights, &err);
    if (status != AUTH_STATUS_OK && has_line) {
        lose(it, status, &err);
        status = serve(it, flights, &err);
    }
    if (status != AUTH_STATUS_OK) {
        lose(it, status, &err);
        give_up_all(it->of, flights);
    } else if (flights != NULL) {
        ocsp_room_hand_on(it->of->room, flights);
    }
}

void ocsp_follow(daemon_worker *worker, void *context)
{
    ocsp_service *of = context;
    follower *it = calloc(1, sizeof *it);
    if (it == NULL) {
        auth_error err;
        (void)auth_error_memory(&err);
        daemon_fail(of->self, &err);
    } else {
        it->of = of;
        while (!daemon_worker_is_stopping(worker))
            turn(it);
        registry_connection_free(it->line);
        free(it);
    }
    ocsp_room_close(of->room, of->refusals[OCSP_REFUSAL_TRY_LATER]);
    daemon_flush(of->self);
}
