/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's sockets and timer behind one descriptor. Internal to fetch. */
#ifndef FETCH_LOOP_H
#define FETCH_LOOP_H

#include "fetch/fetcher.h"

/* Makes the descriptors and libcurl's multi handle. Errors: AUTH_STATUS_IO, AUTH_STATUS_MEMORY. */
auth_status loop_open(auth_fetcher *fetcher, auth_error *err) AUTH_MUST_CHECK;

/* Closes what loop_open made, or as much as it did. The transfers are freed before. */
void loop_close(auth_fetcher *fetcher);

/* Starts a transfer. Under the lock, as all that follow. Errors: AUTH_STATUS_MEMORY, _INTERNAL. */
auth_status loop_add(auth_fetcher *fetcher, fetch_transfer *transfer,
                     auth_error *err) AUTH_MUST_CHECK;

/* Takes a transfer back, whether it is over or not. */
void loop_remove(auth_fetcher *fetcher, fetch_transfer *transfer);

/*
 * Does what can be done without waiting: moves octets, and ends the transfers that are over with
 * all that waits for them. The lock is let go meanwhile, where signatures are verified.
 */
void loop_run(auth_fetcher *fetcher);

/* Waits until there is something to do, letting the lock go; a thread at a time. */
void loop_wait(auth_fetcher *fetcher);

/* Makes the thread that waits look again. */
void loop_wake(auth_fetcher *fetcher);

#endif
