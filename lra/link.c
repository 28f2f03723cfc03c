/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the registry is there. One thread keeps a connection of its own for that, with short
 * deadlines, so that a registry that hangs is found as one that is gone, and one whom many ask at
 * once is not; and asks the registry again about the officers that are known, so that what is known
 * is young when it goes away.
 */
#include "registry/office.h"
#include "registry/peer.h"
#include "registry/realm.h"
#include "service.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_MS 1000
#define PROBE_TIMEOUT_MS 3000
/* How often a newer certificate of its own is looked for. */
#define RENEW_S 60

static const daemon_event event_away = {
    "registry-away", DAEMON_LEVEL_ERROR,
    "the registry does not answer; documents are kept here until it does"};
static const daemon_event event_back = {"registry-back", DAEMON_LEVEL_NOTICE,
                                        "the registry answers"};
static const daemon_event event_not_renewed = {
    "renewal-failed", DAEMON_LEVEL_ERROR,
    "a newer certificate of its own could not be looked for; it is tried again"};
static const daemon_event event_save = {
    "knowledge-unsaved", DAEMON_LEVEL_ERROR,
    "what is known of officers could not be written; it is tried again"};

bool lra_link_is_away(auth_status status)
{
    return status == AUTH_STATUS_UNAVAILABLE || status == AUTH_STATUS_UNKNOWN ||
           status == AUTH_STATUS_IO;
}

void lra_link_doubt(lra_service *it) { daemon_worker_nudge(it->self, LRA_LINK_WORKER); }

static void lose(lra_service *it, const auth_error *why)
{
    bool was_up = atomic_exchange(&it->is_up, false);
    (void)pthread_mutex_lock(&it->lock);
    it->state = *why;
    (void)pthread_mutex_unlock(&it->lock);
    if (was_up)
        daemon_log_fields(it->log, &event_away, DAEMON_LOG_ERROR(why));
}

static auth_status open_probe(lra_service *it, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo,
                                  .program = "auth-lra",
                                  .roles = REGISTRY_ROLE_LRA,
                                  .connect_timeout_ms = PROBE_TIMEOUT_MS,
                                  .call_timeout_ms = PROBE_TIMEOUT_MS,
                                  .statement_timeout_ms = PROBE_TIMEOUT_MS};
    if (it->probe != NULL)
        return AUTH_STATUS_OK;
    auth_status status =
        realm_conninfo_ahead(office_realm_of(it->office), REGISTRY_ROLE_LRA, conninfo, err);
    return status == AUTH_STATUS_OK ? registry_connection_open(&settings, &it->probe, err) : status;
}

static auth_status check_realm(lra_service *it, auth_error *err)
{
    char name[REGISTRY_REALM_SIZE];
    auth_status status = registry_realm_find(it->probe, name, err);
    if (status == AUTH_STATUS_OK && strcmp(name, it->offline.realm) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "registry: holds the realm '%s', and realm.conf says '%s'; look at "
                              "its member registry",
                              name, it->offline.realm);
    return status;
}

/* Where this office lies, and that it is this one that the login speaks for. */
static auth_status find_office(lra_service *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office row;
    auth_status status = registry_office_scope(it->probe, &found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "registry: the login of auth-lra speaks for no open office; open %s, "
                              "and call 'auth registry assign'",
                              it->offline.office);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(found, 0, &row, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (strcmp(row.id, it->offline.office) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "registry: the login of auth-lra speaks for the office %s, and "
                              "realm.conf says %s; call 'auth registry assign'",
                              row.id, it->offline.office);
    lra_known_note_office(it->known, row.path, row.number,
                          registry_keyring_newest(realm_keyring(office_realm_of(it->office))),
                          (auth_time)time(NULL));
    return AUTH_STATUS_OK;
}

static bool is_good(const lra_service *it, const lra_known_officer *officer,
                    const registry_peer *peer)
{
    return auth_bytes_equal(peer->hash,
                            (auth_bytes){officer->certificate, sizeof officer->certificate}) &&
           strcmp(peer->officer, officer->officer) == 0 &&
           strcmp(peer->office_id, it->offline.office) == 0 &&
           peer->role == (int64_t)officer->role && peer->dismissed_at == REGISTRY_NO_TIME &&
           peer->closed_at == REGISTRY_NO_TIME && peer->action != REGISTRY_ACTION_REVOKE &&
           peer->action != REGISTRY_ACTION_SUSPEND;
}

/* Both are in the order of serial numbers. */
static auth_status note_all(lra_service *it, lra_known_officer *officers, size_t count,
                            registry_result *found, auth_time now, auth_error *err)
{
    size_t row = 0;
    size_t rows = registry_result_rows(found);
    for (size_t i = 0; i < count; i++) {
        lra_known_officer *officer = &officers[i];
        auth_bytes serial = {officer->serial, officer->serial_len};
        registry_peer peer = {0};
        int order = -1;
        while (row < rows) {
            auth_status status = registry_peer_read(found, row, &peer, err);
            if (status != AUTH_STATUS_OK)
                return status;
            order = auth_bytes_compare(serial, peer.serial);
            if (order <= 0)
                break;
            row++;
        }
        officer->is_good = row < rows && order == 0 && is_good(it, officer, &peer);
        officer->at = now;
        lra_known_note(it->known, officer);
    }
    return AUTH_STATUS_OK;
}

static int compare_serials(const void *left, const void *right)
{
    const lra_known_officer *a = left;
    const lra_known_officer *b = right;
    return auth_bytes_compare((auth_bytes){a->serial, a->serial_len},
                              (auth_bytes){b->serial, b->serial_len});
}

static auth_status refresh(lra_service *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    auth_time now = (auth_time)time(NULL);
    auth_bytes *serials = calloc(LRA_KNOWN_MAX, sizeof *serials);
    lra_known_officer *officers = calloc(LRA_KNOWN_MAX, sizeof *officers);
    auth_status status =
        serials == NULL || officers == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
    size_t count = 0;
    if (status == AUTH_STATUS_OK) {
        count = lra_known_list(it->known, officers, LRA_KNOWN_MAX);
        qsort(officers, count, sizeof *officers, compare_serials);
        for (size_t i = 0; i < count; i++)
            serials[i] = (auth_bytes){officers[i].serial, officers[i].serial_len};
    }
    if (status == AUTH_STATUS_OK && count > 0)
        status = registry_peer_list(it->probe, serials, count, &found, err);
    if (status == AUTH_STATUS_OK && count > 0)
        status = note_all(it, officers, count, found, now, err);
    free(serials);
    free(officers);
    return status;
}

static auth_status look(lra_service *it, auth_error *err)
{
    bool was_up = atomic_load(&it->is_up);
    auth_status status = open_probe(it, err);
    if (status == AUTH_STATUS_OK)
        status = check_realm(it, err);
    if (status == AUTH_STATUS_OK)
        status = find_office(it, err);
    if (status == AUTH_STATUS_OK)
        status = refresh(it, err);
    if (status == AUTH_STATUS_OK && !was_up)
        status = office_find_scope(it->office, err);
    return status;
}

/* Those who were let in by what was known are judged by the registry now. */
static void come_back(lra_service *it)
{
    bool was_up = atomic_exchange(&it->is_up, true);
    bool has_guests = atomic_exchange(&it->has_guests, false);
    if (was_up && !has_guests)
        return;
    if (!was_up)
        daemon_log_fields(it->log, &event_back, DAEMON_LOG_WORD("office", it->offline.office));
    daemon_recheck_peers(it->self);
    daemon_worker_nudge(it->self, LRA_DELIVERY_WORKER);
}

auth_status lra_link_look(lra_service *it, auth_error *err)
{
    auth_status status = look(it, err);
    if (status == AUTH_STATUS_OK) {
        come_back(it);
        return AUTH_STATUS_OK;
    }
    registry_connection_free(it->probe);
    it->probe = NULL;
    lose(it, err);
    return status;
}

/* The certificate that it shows is made anew by auth-ca before it ends. */
static void renew(lra_service *it)
{
    auth_error err;
    auth_time now = (auth_time)time(NULL);
    if (now - it->renewed < RENEW_S && now >= it->renewed)
        return;
    it->renewed = now;
    if (office_renew_tls(it->office, &err) != AUTH_STATUS_OK)
        daemon_log_fields(it->log, &event_not_renewed, DAEMON_LOG_ERROR(&err));
}

void lra_link_work(daemon_worker *worker, void *context)
{
    auth_error err;
    lra_service *it = context;
    do {
        if (lra_link_look(it, &err) == AUTH_STATUS_OK)
            renew(it);
        if (lra_known_save(it->known, (auth_time)time(NULL), &err) != AUTH_STATUS_OK)
            daemon_log_fields(it->log, &event_save, DAEMON_LOG_ERROR(&err));
        lra_service_measure(it);
    } while (daemon_worker_sleep(worker, LOOK_MS));
}
