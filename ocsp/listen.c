/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hears when something happened to a certificate, on a line of its own. It is a hint: who follows
 * looks all the same, from time to time. A standby cannot tell, so on one this thread rests.
 */
#include "service.h"

#include "registry/listen.h"

#define HEAR_MS 200
#define RETRY_MS 500
#define REST_MS 5000

static auth_status hear(const ocsp_service *it, registry_connection **line, bool *is_told,
                        auth_error *err)
{
    registry_settings settings = ocsp_registry_settings(it);
    auth_status status = AUTH_STATUS_OK;
    if (*line == NULL) {
        status = registry_connection_open(&settings, line, err);
        if (status == AUTH_STATUS_OK)
            status = registry_listen(*line, REGISTRY_CHANNEL_REVOCATION, err);
        /* What was told before is not heard. */
        *is_told = status == AUTH_STATUS_OK;
        return status;
    }
    return registry_listen_wait(*line, HEAR_MS, is_told, err);
}

void ocsp_listen(daemon_worker *worker, void *context)
{
    ocsp_service *it = context;
    registry_connection *line = NULL;
    while (!daemon_worker_is_stopping(worker)) {
        auth_error err;
        bool is_told = false;
        bool is_standby = atomic_load(&it->knowledge.is_standby);
        auth_status status = AUTH_STATUS_OK;
        if (!is_standby)
            status = hear(it, &line, &is_told, &err);
        if (is_told)
            ocsp_room_nudge(it->room);
        if (status != AUTH_STATUS_OK || is_standby) {
            registry_connection_free(line);
            line = NULL;
            (void)daemon_worker_sleep(worker, is_standby ? REST_MS : RETRY_MS);
        }
    }
    registry_connection_free(line);
}
