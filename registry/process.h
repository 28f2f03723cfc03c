/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running PostgreSQL's programs: without a shell, with an environment of three variables, and, when
 * root calls, as somebody without rights. For registry/ and realm/.
 */
#ifndef REGISTRY_PROCESS_H
#define REGISTRY_PROCESS_H

#include <auth/error.h>
#include <sys/types.h>

/* As whom a program runs. */
typedef struct registry_account {
    uid_t uid;
    gid_t gid;
    char name[64];
} registry_account;

/*
 * Finds as whom the server is to run: the caller, or, when that is root, the account called user
 * (PostgreSQL refuses to run as root).
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no such account.
 */
auth_status registry_account_find(const char *user, registry_account *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* What a program printed last, for an error text. */
#define REGISTRY_PROCESS_TAIL_SIZE 256

/*
 * Runs a program and waits for its end. words: its path and arguments, ending in NULL. tail becomes
 * the last line that it printed that is not empty, stdout and stderr together.
 *
 * Errors: AUTH_STATUS_IO when it cannot be started; AUTH_STATUS_UNAVAILABLE when a signal ended it.
 */
auth_status registry_process_run(const char *const *words, const registry_account *as,
                                 int *exit_code, char tail[REGISTRY_PROCESS_TAIL_SIZE],
                                 auth_error *err) AUTH_MUST_CHECK;

/* Copies the last line of text that is not empty. */
void registry_last_line(const char *text, char out[REGISTRY_PROCESS_TAIL_SIZE]);

#endif
