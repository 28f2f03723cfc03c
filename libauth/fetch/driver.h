/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that renews while nobody waits. It ends with the last transfer. Internal to fetch. */
#ifndef FETCH_DRIVER_H
#define FETCH_DRIVER_H

#include "fetch/fetcher.h"

/*
 * Sees to it that the thread runs. Under the lock. When no thread can be had, the next call that
 * waits for the network takes the renewal along.
 */
void driver_start(auth_fetcher *fetcher);

/* Ends the thread and waits for it. Without the lock. */
void driver_end(auth_fetcher *fetcher);

#endif
