/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry says: its schema, whose it is, its clock, what waits there. */
#include "realm/doctor_state.h"

#include "registry/realm.h"

#include <string.h>

/* More than this between two clocks, and signatures seem to come from the future. */
#define CLOCK_SKEW_S 2
#define QUEUE_WAIT_S ((auth_time)600)

static auth_status look(doctor *it, const char *conninfo, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    char name[REGISTRY_REALM_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_AUDITOR};
    auth_status status = registry_connection_open(&settings, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_realm_find(connection, name, err);
    if (status == AUTH_STATUS_OK)
        status = registry_health_read(connection, &it->health, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->has_health = true;
    if (strcmp(name, realm_name(it->of)) != 0)
        doctor_fault(it,
                     "registry: holds the realm '%s', and %s says '%s'; look at its member "
                     "registry",
                     name, REALM_CONF_FILE, realm_name(it->of));
    return AUTH_STATUS_OK;
}

void doctor_registry(doctor *it)
{
    auth_error why;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    auth_status status = realm_conninfo(it->of, REGISTRY_ROLE_AUDITOR, conninfo, &why);
    if (status == AUTH_STATUS_OK)
        status = look(it, conninfo, &why);
    if (status == AUTH_STATUS_NOT_FOUND)
        doctor_fault(it, "the embedded one does not run; start the realm with 'auth up'");
    else if (status == AUTH_STATUS_UNAVAILABLE)
        doctor_fault(it, "%s; start the realm with 'auth up'", why.text);
    else if (status != AUTH_STATUS_OK)
        doctor_fault(it, "%s", why.text);
}

/* Whoever asked for the time has waited for the answer, so a second more is no fault. */
void doctor_clock(doctor *it)
{
    if (!it->has_health)
        return;
    int64_t difference = it->health.now - it->now;
    if (difference > CLOCK_SKEW_S + 1 || difference < -CLOCK_SKEW_S)
        doctor_fault(it,
                     "the clock of the registry's server is %lld s ahead of this one; set both "
                     "by one source of time",
                     (long long)difference);
}

void doctor_queue(doctor *it)
{
    if (!it->has_health || it->health.waits_since == REGISTRY_NO_TIME)
        return;
    int64_t waits = it->health.now - it->health.waits_since;
    if (waits > QUEUE_WAIT_S)
        doctor_fault(it,
                     "registry: %lld approved requests wait for the authority, the oldest for "
                     "%lld min; see that auth-ca runs, and look at its log",
                     (long long)it->health.approved_count, (long long)(waits / 60));
}

void doctor_crl(doctor *it)
{
    char due[AUTH_TIME_TEXT_SIZE];
    if (!it->has_health || it->health.crl_due == REGISTRY_NO_TIME ||
        it->health.crl_due >= it->health.now)
        return;
    auth_time_format(it->health.crl_due, due);
    doctor_fault(it,
                 "registry: a CRL was to be replaced at %s (RFC 5280 5.1.2.5); see that auth-ca "
                 "runs, and look at its log",
                 due);
}
