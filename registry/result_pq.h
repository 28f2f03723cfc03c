/* SPDX-License-Identifier: Apache-2.0 */
/* Results as libpq gives them. Internal to registry/. */
#ifndef REGISTRY_RESULT_PQ_H
#define REGISTRY_RESULT_PQ_H

#include "result.h"

#include <libpq-fe.h>

/* The code of binary values in libpq's calls. */
#define PG_FORMAT_BINARY 1

/* Takes pq, also on failure. Errors: AUTH_STATUS_MEMORY. */
auth_status result_new(PGresult *pq, registry_result **out, auth_error *err) AUTH_MUST_CHECK;

#endif
