/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HARNESS_CHILD_H
#define HARNESS_CHILD_H

/*
 * To be called first by a process that a test forks and means to kill. Check's assertions write to
 * a nameless file that it shares with the test, and half a message left there ends the whole suite;
 * from now on this process's go nowhere. One that fails still ends it with an exit code.
 */
void harness_child_begin(void);

#endif
