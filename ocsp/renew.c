/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked at from time to time: newer certificates of the responders, and what metrics tell.
 */
#include "service.h"

#include <time.h>

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

auth_status ocsp_renew(void *context, auth_error *err)
{
    const ocsp_service *it = context;
    bool changed = false;
    tell_parts(it);
    auth_status status = ocsp_keys_renew(it->keys, &changed, err);
    AUTH_AUTO(ocsp_identity) *identity = ocsp_keys_identity(it->keys);
    auth_time left = ocsp_identity_not_after(identity) - (auth_time)time(NULL);
    daemon_metric_set(it->metrics, &ocsp_service_metrics[OCSP_METRIC_RESPONDER_LEFT], 0, left);
    if (changed)
        daemon_log_fields(it->log, &event_renewed, DAEMON_LOG_NUMBER("seconds_left", left));
    return status;
}
