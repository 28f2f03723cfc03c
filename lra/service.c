/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_MS 1000

/* What the spool tells, as values of a label. */
static const char *const event_names[] = {
#define LRA_SPOOL_EVENT(id, name, text) name,
#include "spool_event.def"
    NULL,
};

const daemon_metric lra_service_metrics[] = {
    OFFICE_METRIC_ROWS,
    [LRA_METRIC_UP] = {DAEMON_METRIC_GAUGE, "auth_lra_registry_up",
                       "Whether the registry answers: 1 or 0.", NULL, NULL},
    [LRA_METRIC_WAITING] = {DAEMON_METRIC_GAUGE, "auth_lra_spool_waiting",
                            "Documents in the spool that wait for the registry.", NULL, NULL},
    [LRA_METRIC_SENT] = {DAEMON_METRIC_GAUGE, "auth_lra_spool_sent",
                         "Delivered documents that are still known by their ids.", NULL, NULL},
    [LRA_METRIC_BAD] = {DAEMON_METRIC_GAUGE, "auth_lra_spool_bad",
                        "Damaged files that were set aside.", NULL, NULL},
    [LRA_METRIC_REFUSED_NOW] = {DAEMON_METRIC_GAUGE, "auth_lra_spool_refused",
                                "Kept documents that the registry refused.", NULL, NULL},
    [LRA_METRIC_OLDEST] = {DAEMON_METRIC_GAUGE, "auth_lra_spool_oldest_seconds",
                           "Age of the oldest document that waits, by its id.", NULL, NULL},
    [LRA_METRIC_KEPT] = {DAEMON_METRIC_COUNTER, "auth_lra_kept_total",
                         "Documents that were acknowledged as kept.", NULL, NULL},
    [LRA_METRIC_DELIVERED] = {DAEMON_METRIC_COUNTER, "auth_lra_delivered_total",
                              "Kept documents that the registry has.", NULL, NULL},
    [LRA_METRIC_REFUSED] = {DAEMON_METRIC_COUNTER, "auth_lra_refused_total",
                            "Kept documents that the registry refused.", NULL, NULL},
    [LRA_METRIC_EVENTS] = {DAEMON_METRIC_COUNTER, "auth_lra_spool_events_total",
                           "What was wrong with files of the spool.", "event", event_names},
    DAEMON_METRIC_END,
};

const daemon_option lra_service_options[] = {
    {.name = "realm", .type = DAEMON_PATH, .fallback = NULL, .help = N_("folder of the realm")},
    {.name = "spool",
     .type = DAEMON_PATH,
     .fallback = "",
     .help = N_("folder of the documents that wait; none: that of the realm")},
    {.name = "spool-max-documents",
     .type = DAEMON_NUMBER,
     .fallback = "100000",
     .min = 1,
     .max = (int64_t)LRA_SPOOL_COUNT_MAX,
     .help = N_("the most files of the spool")},
    {.name = "spool-max-size",
     .type = DAEMON_SIZE,
     .fallback = "4GiB",
     .min = 65536,
     .max = (int64_t)1 << 40,
     .help = N_("the most octets of the spool")},
    {.name = "offline-max",
     .type = DAEMON_DURATION,
     .fallback = "12h",
     .min = 60000,
     .max = (int64_t)30 * 86400000,
     .help = N_("how old what the registry said of an officer may be while it is away")},
    DAEMON_OPTION_END,
};

static const daemon_event event_spool = {"spool", DAEMON_LEVEL_ERROR,
                                         "something is wrong with a file of the spool"};
static const daemon_event event_forgot = {
    "knowledge-lost", DAEMON_LEVEL_WARNING,
    "the file of what was known cannot be read or is another office's; the registry is asked anew"};
static const daemon_event event_offline = {
    "officer-offline", DAEMON_LEVEL_NOTICE,
    "an officer was let in by what the registry said before it went away"};

/* Under the lock of the spool: it only tells. */
static void hear(void *context, lra_spool_event event, const char *name, const char *why)
{
    const lra_service *it = context;
    daemon_metric_add(it->metrics, &lra_service_metrics[LRA_METRIC_EVENTS], (size_t)event, 1);
    daemon_log_fields(it->log, &event_spool, DAEMON_LOG_WORD("what", lra_spool_event_name(event)),
                      DAEMON_LOG_WORD("file", name), DAEMON_LOG_WORD("why", why));
}

static auth_status open_office(lra_service *it, const daemon_options *options, auth_error *err)
{
    office_opening opening = {.self = it->self,
                              .program = "auth-lra",
                              .realm = daemon_options_text(options, "realm"),
                              .role = REGISTRY_ROLE_LRA,
                              .metrics = lra_service_metrics};
    auth_status status = office_open(&opening, &it->office, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const realm *of = office_realm_of(it->office);
    const char *name = daemon_options_text(realm_options(of), "lra-office");
    if (name[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s/%s: names no office for auth-lra; write lra-office = OFFICE",
                              realm_dir(of), REALM_CONF_FILE);
    it->offline =
        (lra_offline){.realm = realm_name(of),
                      .office = name,
                      .policy = realm_policy(of),
                      .staff = office_staff(it->office),
                      .citizens = office_citizens(it->office),
                      .max_age_s = daemon_options_number(options, "offline-max") / SECOND_MS};
    return AUTH_STATUS_OK;
}

static auth_status open_spool(lra_service *it, const daemon_options *options, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    bool is_damaged = false;
    const realm *of = office_realm_of(it->office);
    const char *folder = daemon_options_text(options, "spool");
    auth_status status = realm_path_join(realm_dir(of), NULL, REALM_SPOOL_FOLDER, "", path, err);
    if (folder[0] != '\0' && status == AUTH_STATUS_OK)
        (void)snprintf(path, sizeof path, "%s", folder);
    if (status == AUTH_STATUS_OK)
        status = lra_known_open(path, it->offline.realm, it->offline.office, &it->known,
                                &is_damaged, err);
    if (status == AUTH_STATUS_OK && is_damaged)
        daemon_log_fields(it->log, &event_forgot, DAEMON_LOG_WORD("folder", path));
    it->offline.known = it->known;
    lra_keep_setting setting = {.folder = path,
                                .ring = realm_keyring(of),
                                .known = it->known,
                                .notice = hear,
                                .context = it,
                                .max_count =
                                    (size_t)daemon_options_number(options, "spool-max-documents"),
                                .max_bytes =
                                    (uint64_t)daemon_options_number(options, "spool-max-size")};
    if (status == AUTH_STATUS_OK)
        status = lra_keep_new(&setting, &it->keep, err);
    return status == AUTH_STATUS_OK ? lra_refused_open(path, &it->refused, err) : status;
}

/* A registry that is away is no reason not to start; one that speaks of another office is. */
static auth_status look_first(lra_service *it, auth_error *err)
{
    auth_error why;
    auth_status status = lra_link_look(it, &why);
    if (status == AUTH_STATUS_OK || lra_link_is_away(status))
        return AUTH_STATUS_OK;
    return auth_error_set(err, status, "%s", why.text);
}

static auth_status begin(lra_service *it, const daemon_options *options, auth_error *err)
{
    auth_status status = open_office(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = open_spool(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = look_first(it, err);
    return status;
}

static auth_status start_workers(lra_service *it, auth_error *err)
{
    auth_status status = daemon_worker_start(it->self, "watch", office_watch, it->office, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_worker_start(it->self, LRA_LINK_WORKER, lra_link_work, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_worker_start(it->self, LRA_DELIVERY_WORKER, lra_delivery_work, it, err);
    return status;
}

auth_status lra_service_start(daemon_self *self, void **context, auth_error *err)
{
    lra_service *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->self = self;
    it->log = daemon_self_log(self);
    it->metrics = daemon_self_metrics(self);
    (void)pthread_mutex_init(&it->lock, NULL);
    auth_status status = begin(it, daemon_self_options(self), err);
    if (status != AUTH_STATUS_OK) {
        lra_service_stop(it);
        return status;
    }
    /* From here on a worker may hold it: it is not freed when the next one cannot be started. */
    *context = it;
    lra_service_measure(it);
    return start_workers(it, err);
}

void lra_service_stop(void *context)
{
    auth_error ignored;
    lra_service *it = context;
    if (it == NULL)
        return;
    if (it->known != NULL)
        (void)!lra_known_save(it->known, AUTH_TIME_MAX, &ignored);
    registry_connection_free(it->probe);
    lra_refused_free(it->refused);
    lra_keep_free(it->keep);
    lra_known_free(it->known);
    office_free(it->office);
    (void)pthread_mutex_destroy(&it->lock);
    free(it);
}

void lra_service_measure(lra_service *it)
{
    uint8_t oldest[1][LRA_SPOOL_ID_SIZE];
    int64_t age = 0;
    if (it->keep == NULL || it->refused == NULL)
        return;
    lra_spool_counts counts = lra_keep_count(it->keep);
    if (lra_keep_list(it->keep, NULL, oldest, 1) == 1)
        age = (auth_time)time(NULL) - lra_id_time(oldest[0]);
    daemon_metric_set(it->metrics, &lra_service_metrics[LRA_METRIC_UP], 0,
                      atomic_load(&it->is_up) ? 1 : 0);
    daemon_metric_set(it->metrics, &lra_service_metrics[LRA_METRIC_WAITING], 0,
                      (int64_t)counts.waiting);
    daemon_metric_set(it->metrics, &lra_service_metrics[LRA_METRIC_SENT], 0, (int64_t)counts.sent);
    daemon_metric_set(it->metrics, &lra_service_metrics[LRA_METRIC_BAD], 0, (int64_t)counts.bad);
    daemon_metric_set(it->metrics, &lra_service_metrics[LRA_METRIC_REFUSED_NOW], 0,
                      (int64_t)lra_refused_count(it->refused));
    daemon_metric_set(it->metrics, &lra_service_metrics[LRA_METRIC_OLDEST], 0, age > 0 ? age : 0);
}

/*
 * Ready means: it takes documents. Without the registry it does so as long as the spool has room,
 * and says that it is degraded.
 */
auth_status lra_service_ready(void *context, auth_error *err)
{
    auth_error why;
    lra_service *it = context;
    if (atomic_load(&it->is_up))
        return AUTH_STATUS_OK;
    (void)pthread_mutex_lock(&it->lock);
    why = it->state;
    (void)pthread_mutex_unlock(&it->lock);
    if (lra_known_where(it->known).path[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "the registry was never reached, so nothing can be kept: %s",
                              why.text);
    auth_status status = lra_keep_check(it->keep, err);
    if (status == AUTH_STATUS_OK && err != NULL)
        (void)auth_error_set(err, AUTH_STATUS_OK,
                             "degraded: documents are kept here, the registry is away: %s",
                             why.text);
    return status;
}

static void note(const lra_service *it, lra_known_officer *officer, bool is_good, auth_time now)
{
    officer->is_good = is_good;
    officer->at = now;
    lra_known_note(it->known, officer);
    daemon_worker_nudge(it->self, LRA_LINK_WORKER);
}

/* What the registry says now is remembered; a fault is no answer. */
static auth_status judge_online(lra_service *it, const auth_bytes *chain, size_t count,
                                lra_known_officer *officer, daemon_peer *out, auth_error *err)
{
    lra_known_officer said;
    auth_status status = office_judge(it->office, chain, count, out, err);
    if (auth_status_is_fault(status) || status == AUTH_STATUS_UNKNOWN)
        return status;
    /* Whoever was never good here is not worth a place. */
    if (status == AUTH_STATUS_OK || lra_known_find(it->known, officer->certificate, &said))
        note(it, officer, status == AUTH_STATUS_OK, (auth_time)time(NULL));
    return status;
}

static auth_status judge_offline(lra_service *it, auth_bytes certificate, daemon_peer *out,
                                 auth_error *err)
{
    lra_known_officer officer;
    auth_time now = (auth_time)time(NULL);
    auth_status status = lra_offline_judge(&it->offline, certificate, now, &officer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    lra_known_office where = lra_known_where(it->known);
    office_introduction who = {.serial = {officer.serial, officer.serial_len},
                               .certificate = {officer.certificate, sizeof officer.certificate},
                               .officer = officer.officer,
                               .role = officer.role,
                               .office = it->offline.office,
                               .path = where.path,
                               .number = where.number};
    daemon_log_fields(it->log, &event_offline, DAEMON_LOG_WORD("officer", officer.officer),
                      DAEMON_LOG_NUMBER("age_s", now - officer.at));
    atomic_store(&it->has_guests, true);
    return office_welcome(it->office, &who, out, err);
}

/* What the certificate says by itself comes first: it costs no question. */
auth_status lra_service_judge(void *context, const auth_bytes *chain, size_t count,
                              daemon_peer *out, auth_error *err)
{
    lra_service *it = context;
    lra_known_officer officer;
    if (count == 0)
        return auth_error_set(err, AUTH_STATUS_DENIED, "certificate: there is none; show one");
    auth_status status =
        lra_offline_read(&it->offline, chain[0], (auth_time)time(NULL), &officer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (atomic_load(&it->is_up)) {
        status = judge_online(it, chain, count, &officer, out, err);
        if (!lra_link_is_away(status))
            return status;
        lra_link_doubt(it);
    }
    return judge_offline(it, chain[0], out, err);
}
