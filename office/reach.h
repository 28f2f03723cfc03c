/* SPDX-License-Identifier: Apache-2.0 */
/* The offices that an officer sees. Internal to office/. */
#ifndef OFFICE_REACH_H
#define OFFICE_REACH_H

#include "state.h"

/* The most offices that are asked about at once. */
#define OFFICE_REACH_MAX 10000

typedef struct office_reach {
    int64_t *numbers;
    size_t count;
} office_reach;

/* The path under which the officer sees: his own office's, or that of this daemon below it. */
const char *office_reach_path(const office_visit *visit);

/*
 * Lists the numbers of the offices that an officer sees; with an identifier, of that one alone.
 *
 * Ownership: free out->numbers.
 * Errors: AUTH_STATUS_NOT_FOUND when the one is not among them; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY; those of a statement.
 */
auth_status office_reach_list(office_visit *visit, const char *id, office_reach *out,
                              auth_error *err) AUTH_MUST_CHECK;

/* Whether an office, by its number, is one that the officer sees. Errors: those of a statement. */
auth_status office_reach_has(office_visit *visit, int64_t number, bool *out,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
