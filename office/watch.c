/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hearing what the registry tells. A notification says only that something happened: which of the
 * requests that somebody waits for are decided, and whether every officer who is connected is still
 * one, is looked up. Both are looked up once a second, too.
 */
#include "registry/listen.h"
#include "registry/request.h"
#include "state.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_MS 1000
#define RETRY_MS 500
/* Under load notifications come without end; officers are looked at so often. */
#define PEERS_MS 250
/* A row of those who wait outlives their poll by so much. */
#define NOTED_MS 5000

static const daemon_event event_lost = {"registry-lost", DAEMON_LEVEL_WARNING,
                                        "the registry does not answer; it is asked again"};
static const daemon_event event_found = {"registry-found", DAEMON_LEVEL_INFO,
                                         "the registry answers"};

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The end of a UUIDv7 is random. */
uint64_t office_wait_key(const uint8_t id[REGISTRY_ID_SIZE])
{
    uint64_t key = 0;
    memcpy(&key, &id[REGISTRY_ID_SIZE - sizeof key], sizeof key);
    return key;
}

/* The row of a request, or a free one; NULL: there is none. Under the lock. */
static office_wait *find_row(office *it, const uint8_t id[REGISTRY_ID_SIZE], bool is_public,
                             int64_t now)
{
    office_wait *place = NULL;
    size_t of_public = 0;
    for (size_t i = 0; i < OFFICE_WAITS; i++) {
        office_wait *row = &it->waits[i];
        bool is_free = row->until_ms < now;
        if (!is_free && memcmp(row->id, id, REGISTRY_ID_SIZE) == 0)
            return row;
        of_public += !is_free && row->is_public;
        if (place == NULL && is_free)
            place = row;
    }
    return is_public && of_public >= OFFICE_WAITS_PUBLIC ? NULL : place;
}

bool office_is_settled(registry_request_state state, bool is_public)
{
    return state >= REGISTRY_REQUEST_DONE || (state == REGISTRY_REQUEST_WAITING && !is_public);
}

bool office_wait_note(office *it, const uint8_t id[REGISTRY_ID_SIZE], bool is_public,
                      int64_t wait_s)
{
    int64_t now = now_ms();
    int64_t until = now + wait_s * 1000 + NOTED_MS;
    (void)pthread_mutex_lock(&it->lock);
    office_wait *row = find_row(it, id, is_public, now);
    if (row != NULL) {
        bool is_new = row->until_ms < now;
        memcpy(row->id, id, REGISTRY_ID_SIZE);
        row->is_public = is_public && (is_new || row->is_public);
        row->until_ms = is_new || row->until_ms < until ? until : row->until_ms;
    }
    (void)pthread_mutex_unlock(&it->lock);
    return row != NULL;
}

typedef struct watcher {
    office *office;
    registry_connection *connection;
    bool is_lost;
    bool is_told; /* since officers were looked at */
    int64_t peers_at_ms;
    uint8_t ids[OFFICE_WAITS][REGISTRY_ID_SIZE];
    auth_bytes views[OFFICE_WAITS];
    bool are_public[OFFICE_WAITS];
    office_officer *officers;
} watcher;

static size_t copy_waits(watcher *it)
{
    size_t count = 0;
    int64_t now = now_ms();
    office *of = it->office;
    (void)pthread_mutex_lock(&of->lock);
    for (size_t i = 0; i < OFFICE_WAITS; i++) {
        if (of->waits[i].until_ms < now)
            continue;
        memcpy(it->ids[count], of->waits[i].id, REGISTRY_ID_SIZE);
        it->views[count] = (auth_bytes){it->ids[count], REGISTRY_ID_SIZE};
        it->are_public[count] = of->waits[i].is_public;
        count++;
    }
    (void)pthread_mutex_unlock(&of->lock);
    return count;
}

static void forget(office *it, auth_bytes id)
{
    (void)pthread_mutex_lock(&it->lock);
    for (size_t i = 0; i < OFFICE_WAITS; i++) {
        if (it->waits[i].until_ms != 0 && memcmp(it->waits[i].id, id.data, id.len) == 0)
            it->waits[i].until_ms = 0;
    }
    (void)pthread_mutex_unlock(&it->lock);
}

static bool is_public(const watcher *it, size_t count, auth_bytes id)
{
    for (size_t i = 0; i < count; i++) {
        if (auth_bytes_equal(it->views[i], id))
            return it->are_public[i];
    }
    return true;
}

/* Whoever waits is told when his request is settled. */
static auth_status wake(watcher *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_request row;
    size_t count = copy_waits(it);
    if (count == 0)
        return AUTH_STATUS_OK;
    auth_status status = registry_request_list_ids(it->connection, it->views, count, &found, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(found); i++) {
        status = registry_request_read(found, i, &row, err);
        if (status != AUTH_STATUS_OK ||
            !office_is_settled(row.state, row.state == REGISTRY_REQUEST_WAITING &&
                                              is_public(it, count, row.id)))
            continue;
        forget(it->office, row.id);
        daemon_wake(it->office->self, office_wait_key(row.id.data));
    }
    return status;
}

/* Those who are connected, as they were judged. */
static auth_status copy_guests(watcher *it, size_t *count, auth_error *err)
{
    size_t room = 0;
    office *of = it->office;
    *count = 0;
    (void)pthread_mutex_lock(&of->lock);
    for (const office_guest *guest = of->guests; guest != NULL; guest = guest->next)
        room++;
    room = room > REGISTRY_PEERS_MAX ? REGISTRY_PEERS_MAX : room;
    free(it->officers);
    it->officers = calloc(room + 1, sizeof *it->officers);
    for (const office_guest *guest = of->guests;
         it->officers != NULL && guest != NULL && *count < room; guest = guest->next)
        it->officers[(*count)++] = guest->officer;
    (void)pthread_mutex_unlock(&of->lock);
    return it->officers == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
}

/* Rows are in the order of serial numbers. */
static auth_status find_peer(registry_result *found, auth_bytes serial, registry_peer *out,
                             bool *is_there, auth_error *err)
{
    size_t low = 0;
    size_t high = registry_result_rows(found);
    *is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        auth_status status = registry_peer_read(found, middle, out, err);
        if (status != AUTH_STATUS_OK)
            return status;
        int order = auth_bytes_compare(out->serial, serial);
        *is_there = order == 0;
        if (order == 0)
            return AUTH_STATUS_OK;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return AUTH_STATUS_OK;
}

static auth_status is_anyone_gone(watcher *it, size_t count, bool *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_peer peer;
    auth_time now = (auth_time)time(NULL);
    auth_bytes *serials = calloc(count, sizeof *serials);
    if (serials == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < count; i++)
        serials[i] = (auth_bytes){it->officers[i].serial, it->officers[i].serial_len};
    auth_status status = registry_peer_list(it->connection, serials, count, &found, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count && !*out; i++) {
        bool is_there = false;
        status = find_peer(found, serials[i], &peer, &is_there, err);
        *out = status == AUTH_STATUS_OK &&
               office_officer_check(it->office, &it->officers[i], is_there ? &peer : NULL, now,
                                    NULL) != AUTH_STATUS_OK;
    }
    free(serials);
    return status;
}

/* When one is no longer an officer, all are judged again, and his connection ends. */
static auth_status check_peers(watcher *it, auth_error *err)
{
    size_t count = 0;
    bool is_gone = false;
    if (now_ms() - it->peers_at_ms < (it->is_told ? PEERS_MS : WAIT_MS))
        return AUTH_STATUS_OK;
    it->peers_at_ms = now_ms();
    it->is_told = false;
    auth_status status = copy_guests(it, &count, err);
    if (status == AUTH_STATUS_OK && count > 0)
        status = is_anyone_gone(it, count, &is_gone, err);
    if (is_gone)
        daemon_recheck_peers(it->office->self);
    return status;
}

static auth_status open_connection(watcher *it, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    const office *of = it->office;
    registry_settings settings = {.conninfo = conninfo, .program = of->program, .roles = of->role};
    auth_status status = realm_conninfo(of->realm, of->role, conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &it->connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_listen(it->connection, REGISTRY_CHANNEL_OUTCOME, err);
    if (status == AUTH_STATUS_OK)
        status = registry_listen(it->connection, REGISTRY_CHANNEL_REVOCATION, err);
    return status;
}

static auth_status turn(watcher *it, auth_error *err)
{
    bool is_told = false;
    auth_status status = AUTH_STATUS_OK;
    if (it->connection == NULL)
        status = open_connection(it, err);
    if (status == AUTH_STATUS_OK)
        status = wake(it, err);
    if (status == AUTH_STATUS_OK)
        status = check_peers(it, err);
    if (status == AUTH_STATUS_OK && it->is_lost) {
        it->is_lost = false;
        daemon_log_write(it->office->log, &event_found, NULL, 0);
    }
    if (status == AUTH_STATUS_OK)
        status =
            registry_listen_wait(it->connection, it->is_told ? PEERS_MS : WAIT_MS, &is_told, err);
    it->is_told = it->is_told || is_told;
    return status;
}

void office_watch(daemon_worker *worker, void *context)
{
    watcher *it = calloc(1, sizeof *it);
    auth_error err = {.status = AUTH_STATUS_OK};
    if (it == NULL) {
        (void)auth_error_memory(&err);
        daemon_fail(((office *)context)->self, &err);
        return;
    }
    it->office = context;
    while (!daemon_worker_is_stopping(worker)) {
        if (turn(it, &err) == AUTH_STATUS_OK)
            continue;
        registry_connection_free(it->connection);
        it->connection = NULL;
        if (!it->is_lost)
            daemon_log_fields(it->office->log, &event_lost, DAEMON_LOG_ERROR(&err));
        it->is_lost = true;
        (void)daemon_worker_sleep(worker, RETRY_MS);
    }
    registry_connection_free(it->connection);
    free(it->officers);
    free(it);
}
