/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that share the turns of a loop. The thread that asks takes part, as number 0; one thread
 * asks at a time.
 */
#ifndef CA_TEAM_H
#define CA_TEAM_H

#include <auth/error.h>
#include <stddef.h>

typedef struct ca_team ca_team;

/* One turn, by thread number 0 to threads - 1. Another status than OK ends the loop. */
typedef auth_status ca_team_turn(void *context, unsigned thread, size_t turn, auth_error *err);

/*
 * Starts threads - 1 threads.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_UNAVAILABLE when the machine gives no thread.
 */
auth_status ca_team_new(unsigned threads, ca_team **out, auth_error *err) AUTH_MUST_CHECK;

/* Ends the threads. NULL is fine. */
void ca_team_free(ca_team *team);

/* Takes turns 0 to count - 1, in any order. Returns the status of one that failed. */
auth_status ca_team_run(ca_team *team, size_t count, ca_team_turn *turn, void *context,
                        auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(ca_team)

#endif
