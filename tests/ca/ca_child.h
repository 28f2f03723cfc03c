/* SPDX-License-Identifier: Apache-2.0 */
/* An authority in a process of its own, which a test lets die. */
#ifndef CA_CHILD_H
#define CA_CHILD_H

#include "ca_case.h"

#include "ca/recover.h"

#include <sys/types.h>

/* One turn of work; *is_idle tells that there was nothing to do. */
typedef auth_status ca_child_work(ca_case *it, bool *is_idle, auth_error *err);

/* Works through a batch of the queue. */
auth_status ca_child_batch(ca_case *it, bool *is_idle, auth_error *err);

/*
 * Starts a process with lines of its own, which recovers and works until it dies. One that is to
 * die at a step (ca_child_die_at) ends by itself when there is nothing to do.
 */
pid_t ca_child_start(ca_case *it, ca_child_work *work, void (*reached)(ca_step, void *),
                     void *context);

/* Kills the process at the step that context points to. */
void ca_child_die_at(ca_step step, void *context);

/* Waits until a process was killed; that it ended by itself is a failure. */
void ca_child_wait(pid_t pid);

/* Opens journal and worker, and recovers: no batch is in doubt any more. */
ca_recovery ca_child_recover(ca_case *it);

#endif
