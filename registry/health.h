/* SPDX-License-Identifier: Apache-2.0 */
/* How a registry is doing, for who looks after it: what waits too long, and what is overdue. */
#ifndef REGISTRY_HEALTH_H
#define REGISTRY_HEALTH_H

#include "record.h"

typedef struct registry_health {
    auth_time now;          /* by the server's clock */
    auth_time waits_since;  /* the oldest approved request; REGISTRY_NO_TIME: none waits */
    auth_time crl_due;      /* the earliest next update of all newest CRLs; REGISTRY_NO_TIME */
    int64_t approved_count; /* requests that wait for the authority, counted up to 1,000 */
} registry_health;

/* Errors: those of a statement. */
auth_status registry_health_read(registry_connection *connection, registry_health *out,
                                 auth_error *err) AUTH_MUST_CHECK;

#endif
