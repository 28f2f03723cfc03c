/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks a realm over: its files, keys, certificates, disk and registry. It changes nothing, and
 * goes on after what it finds: everything that is wrong is told in one go, each with its remedy.
 * Called by root, it reads the realm's files as their owner does, since that is who has to.
 */
#ifndef REALM_DOCTOR_H
#define REALM_DOCTOR_H

#include "realm/realm.h"

/* One thing that is wrong, or will be. Texts are valid during the visit. */
typedef struct realm_doctor_finding {
    const char *check; /* of realm/doctor.def */
    bool is_fault;     /* else it is a warning: nothing is wrong yet */
    const char *text;  /* what, and the remedy */
} realm_doctor_finding;

typedef void realm_doctor_visit(void *context, const realm_doctor_finding *finding);

/*
 * Looks the realm in dir over at a time; visit is called for each finding.
 *
 * Errors: AUTH_STATUS_NOT_FOUND, AUTH_STATUS_INVALID and so on when realm.conf cannot be read;
 * AUTH_STATUS_MEMORY.
 */
auth_status realm_doctor(const char *dir, auth_time now, realm_doctor_visit *visit, void *context,
                         auth_error *err) AUTH_MUST_CHECK;

#endif
