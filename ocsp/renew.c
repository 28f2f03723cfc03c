/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked at from time to time: newer certificates of the responders, and what metrics tell.
 */
#include "service.h"

#include <time.h>

/* How often the registry is asked for certificates. */
#define FETCH_S 30

static const daemon_event event_renewed = {"responder-renewed", DAEMON_LEVEL_NOTICE,
                                           "answers are signed with a newer certificate"};

static void tell_parts(const ocsp_service *it)
{
    ocsp_cache_state cache;
    ocsp_cache_tell(it->cache, &cache);
    daemon_metric_set(it->metrics, &ocsp_service_metrics[OCSP_METRIC_CACHED], 0,
                      (int64_t)cache.answers);
    daemon_metric_set(it->metrics, &ocsp_service_metrics[OCSP_METRIC_CACHE_OCTETS], 0,
                      (int64_t)cache.octets);
    daemon_metric_set(it->metrics, &ocsp_service_metrics[OCSP_METRIC_EVICTED], 0,
                      (int64_t)cache.evicted);
    daemon_metric_set(it->metrics, &ocsp_service_metrics[OCSP_METRIC_WAITING], 0,
                      (int64_t)ocsp_room_count(it->room));
}

auth_status ocsp_renew_lists(void *context, auth_error *err)
{
    const ocsp_service *it = context;
    return ocsp_lists_renew(it->lists, err);
}

/* On a line of its own, since the one that is followed must not wait. */
static auth_status fetch(ocsp_service *it, auth_time now, bool *changed, auth_error *err)
{
    registry_connection *line = NULL;
    registry_settings settings = ocsp_registry_settings(it);
    if (now - it->fetched < FETCH_S && now >= it->fetched)
        return AUTH_STATUS_OK;
    it->fetched = now;
    auth_status status = registry_connection_open(&settings, &line, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_keys_fetch(it->keys, line, now, changed, err);
    registry_connection_free(line);
    return status;
}

auth_status ocsp_renew(void *context, auth_error *err)
{
    ocsp_service *it = context;
    auth_time now = (auth_time)time(NULL);
    bool is_in_folder = false;
    bool is_in_registry = false;
    tell_parts(it);
    auth_status status = ocsp_keys_renew(it->keys, now, &is_in_folder, err);
    if (status == AUTH_STATUS_OK)
        status = fetch(it, now, &is_in_registry, err);
    AUTH_AUTO(ocsp_identity) *identity = ocsp_keys_identity(it->keys);
    auth_time left = ocsp_identity_not_after(identity) - now;
    daemon_metric_set(it->metrics, &ocsp_service_metrics[OCSP_METRIC_RESPONDER_LEFT], 0, left);
    if (is_in_folder || is_in_registry)
        daemon_log_fields(it->log, &event_renewed, DAEMON_LOG_NUMBER("seconds_left", left));
    return status;
}
