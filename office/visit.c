/* SPDX-License-Identifier: Apache-2.0 */
/* What all handlers begin and end with. */
#include "state.h"

#include <time.h>

/* What a desk is made of is made when it is taken first, and kept. */
static auth_status furnish(office *it, office_desk *desk, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (desk->crypto == NULL)
        status = registry_crypto_new(&desk->crypto, err);
    if (status == AUTH_STATUS_OK && desk->facts == NULL)
        status = registry_facts_new(&it->facts, &desk->facts, err);
    desk->view = (registry_facts_view){desk->facts, desk->crypto};
    return status;
}

static office_desk *find_free(office *it)
{
    for (size_t i = 0; i < OFFICE_DESKS; i++) {
        if (!it->desks[i].is_taken)
            return &it->desks[i];
    }
    return NULL;
}

auth_status office_desk_take(office *it, office_desk **out, auth_error *err)
{
    struct timespec until;
    int waited = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += OFFICE_TAKE_MS / 1000;
    (void)pthread_mutex_lock(&it->lock);
    office_desk *desk = find_free(it);
    while (desk == NULL && waited == 0) {
        waited = pthread_cond_timedwait(&it->changed, &it->lock, &until);
        desk = find_free(it);
    }
    if (desk != NULL)
        desk->is_taken = true;
    (void)pthread_mutex_unlock(&it->lock);
    if (desk == NULL)
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "office: all its threads are at work; try again soon");
    auth_status status = furnish(it, desk, err);
    if (status == AUTH_STATUS_OK)
        *out = desk;
    else
        office_desk_give(it, desk);
    return status;
}

void office_desk_give(office *it, office_desk *desk)
{
    if (desk == NULL)
        return;
    (void)pthread_mutex_lock(&it->lock);
    desk->is_taken = false;
    (void)pthread_cond_signal(&it->changed);
    (void)pthread_mutex_unlock(&it->lock);
}

void office_visit_release(office_visit *visit)
{
    registry_pool_give(visit->office->pool, visit->connection);
    visit->connection = NULL;
}

static auth_status begin(office_visit *visit, auth_error *err)
{
    office *it = visit->office;
    auth_status status = office_find_scope(it, err);
    if (status == AUTH_STATUS_OK)
        status = office_desk_take(it, &visit->desk, err);
    if (status == AUTH_STATUS_OK)
        status = registry_pool_take(it->pool, OFFICE_TAKE_MS, &visit->connection, err);
    return status;
}

/* The certificate was judged when the connection began; what may have changed is asked again. */
static auth_status check_officer(office_visit *visit, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_peer peer;
    auth_bytes serial = {visit->officer.serial, visit->officer.serial_len};
    auth_status status = registry_peer_list(visit->connection, &serial, 1, &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_there = registry_result_rows(found) > 0;
    if (is_there)
        status = registry_peer_read(found, 0, &peer, err);
    return status == AUTH_STATUS_OK ? office_officer_check(visit->office, &visit->officer,
                                                           is_there ? &peer : NULL, visit->now, err)
                                    : status;
}

static void end(office_visit *visit)
{
    office_visit_release(visit);
    office_desk_give(visit->office, visit->desk);
}

auth_status office_run(office *it, daemon_request *request, office_work *work, auth_error *err)
{
    const daemon_peer *peer = daemon_request_peer(request);
    if (peer == NULL || peer->data == NULL)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "officer: this needs a certificate of an officer; show one");
    office_visit visit = {.office = it,
                          .request = request,
                          .officer = ((const office_guest *)peer->data)->officer,
                          .now = (auth_time)time(NULL)};
    auth_status status = begin(&visit, err);
    if (status == AUTH_STATUS_OK)
        status = check_officer(&visit, err);
    if (status == AUTH_STATUS_OK)
        status = work(&visit, err);
    end(&visit);
    return status;
}

auth_status office_run_public(office *it, daemon_request *request, office_work *work,
                              auth_error *err)
{
    office_visit visit = {.office = it, .request = request, .now = (auth_time)time(NULL)};
    auth_status status = begin(&visit, err);
    if (status == AUTH_STATUS_OK)
        status = work(&visit, err);
    end(&visit);
    return status;
}
