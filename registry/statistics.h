/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of what the offices of a login did, by the time in the ids of requests. */
#ifndef REGISTRY_STATISTICS_H
#define REGISTRY_STATISTICS_H

#include "record.h"

/* Requests of one kind, state and office. */
typedef struct registry_statistic {
    int64_t kind;
    int64_t state;
    int64_t office;
    int64_t requests;
    int64_t granted; /* items */
    int64_t issued;  /* certificates */
} registry_statistic;

/*
 * Counts the requests of some offices that were made in a time, by office, kind and state.
 *
 * Errors: those of a statement.
 */
auth_status registry_statistics_list(registry_connection *connection, const int64_t *offices,
                                     size_t count, auth_time from, auth_time before,
                                     registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_statistic_read(registry_result *result, size_t row, registry_statistic *out,
                                    auth_error *err) AUTH_MUST_CHECK;

/* Tells since when the oldest request waits; REGISTRY_NO_TIME: none does. */
auth_status registry_statistics_oldest(registry_connection *connection, const int64_t *offices,
                                       size_t count, auth_time *out,
                                       auth_error *err) AUTH_MUST_CHECK;

#endif
