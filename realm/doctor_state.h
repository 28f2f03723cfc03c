/* SPDX-License-Identifier: Apache-2.0 */
/* An examination under way. Internal to realm. */
#ifndef REALM_DOCTOR_STATE_H
#define REALM_DOCTOR_STATE_H

#include "realm/doctor.h"
#include "registry/health.h"

typedef struct doctor {
    const realm *of; /* realm.conf only */
    auth_time now;
    realm_doctor_visit *visit;
    void *context;
    const char *check;
    bool has_health; /* the registry answered */
    registry_health health;
} doctor;

/* Reports a finding of the check that runs. */
void doctor_fault(const doctor *it, const char *format, ...) AUTH_PRINTF(2, 3);
void doctor_warn(const doctor *it, const char *format, ...) AUTH_PRINTF(2, 3);

#define REALM_DOCTOR_ROW(id, name) void doctor_##id(doctor *it);
#include "doctor.def"

#endif
