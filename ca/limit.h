/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many certificates of a profile an office was given in the hour that runs. Counted in this
 * process only, from its start: it bounds what a broken or bought office can do in an hour, and is
 * no account.
 */
#ifndef CA_LIMIT_H
#define CA_LIMIT_H

#include <auth/error.h>
#include <auth/time.h>

typedef struct ca_limit ca_limit;

auth_status ca_limit_new(ca_limit **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void ca_limit_free(ca_limit *limit);

/*
 * Takes one of an office's certificates of a profile in the hour of now. *out: there was one left;
 * most 0: there is no limit.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status ca_limit_take(ca_limit *limit, int64_t office, const char *profile, uint64_t most,
                          auth_time now, bool *out, auth_error *err) AUTH_MUST_CHECK;

/* Gives one back that came to nothing. */
void ca_limit_give(ca_limit *limit, int64_t office, const char *profile);

AUTH_DEFINE_CLEANUP(ca_limit)

#endif
