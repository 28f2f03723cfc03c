/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A streaming standby of the test's cluster, which commits have to wait for, and which can be
 * stopped in the middle of one.
 */
#ifndef HARNESS_STANDBY_H
#define HARNESS_STANDBY_H

#include "harness/cluster.h"

/* Makes a standby, starts it, and lets every commit of the cluster wait for it. */
void standby_start(registry_connection *superuser);

/* The standby neither receives nor answers, but the line to it stands. */
void standby_freeze(void);
void standby_thaw(void);

/* Ends it as a loss of power would, and waits until the primary knows. */
void standby_kill(registry_connection *superuser);

/* Starts it again after a kill, and waits until it has caught up. */
void standby_restart(registry_connection *superuser);

/* Makes it a server of its own that can be written to, as a failover does. */
void standby_promote(void);

/* The folder of its socket. */
const char *standby_host(void);

/* Ends it, removes it, and lets commits no longer wait. */
void standby_remove(registry_connection *superuser);

#endif
