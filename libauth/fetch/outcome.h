/* SPDX-License-Identifier: Apache-2.0 */
/* How a step of a search failed. Internal to fetch. */
#ifndef FETCH_OUTCOME_H
#define FETCH_OUTCOME_H

#include <auth/fetch.h>

/* Writes an error with the status of an outcome, and returns the outcome. */
auth_fetch_outcome outcome_set(auth_error *err, auth_fetch_outcome outcome, const char *format, ...)
    AUTH_PRINTF(3, 4);

/* The status of an outcome, as in its table. */
auth_status outcome_status(auth_fetch_outcome outcome);

/* The outcome of a check of evidence that ended with this status: MALFORMED, LYING, STALE, ... */
auth_fetch_outcome outcome_of_check(auth_status status);

#endif
