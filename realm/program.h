/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemons of a realm as processes: started with what realm.conf says, waited for until they are
 * ready, found again, and ended. Their invariant: a process is taken for a daemon of this realm
 * only by number and time of its start, both of which DIR/run/NAME.pid holds; so a number that
 * somebody else got in the meantime is never sent a signal.
 *
 * A daemon is called with --realm=DIR, where it listens and what it shows; it says that it is ready
 * as sd_notify(3) does. What it prints goes to DIR/log/NAME.log.
 */
#ifndef REALM_PROGRAM_H
#define REALM_PROGRAM_H

#include "realm/realm.h"

#include <sys/types.h>

typedef enum realm_program {
#define REALM_PROGRAM_ROW(id, name, program, folder, listen, to, credential, needs)                \
    REALM_PROGRAM_##id,
#include "program.def"
    REALM_PROGRAMS,
} realm_program;

/* Its short name, "ra", and that of its program, "auth-ra". */
const char *realm_program_name(realm_program program);
const char *realm_program_file(realm_program program);

/* Tells whether realm.conf wants it. */
bool realm_program_is_wanted(const realm *of, realm_program program);

/*
 * Finds the file of a program: in the folder bin, beside it in ../sbin, or where the build puts it
 * beside bin.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_LIMIT.
 */
auth_status realm_program_find(const char *bin, realm_program program, char out[REALM_PATH_SIZE],
                               auth_error *err) AUTH_MUST_CHECK;

/* Tells the process of a daemon; 0: none runs. Errors: AUTH_STATUS_IO; AUTH_STATUS_LIMIT. */
auth_status realm_program_process(const realm *of, realm_program program, pid_t *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells where a daemon listens: the value "listen" of *out, which is what realm.conf says, or,
 * where that has the port 0, what was chosen when the daemon was started last; none before that.
 *
 * Ownership: gives *out, to be freed with daemon_options_free.
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status realm_program_listens(const realm *of, realm_program program, daemon_options **out,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Starts a daemon and waits until it says that it is ready. Root starts it as the account of
 * realm.conf. For a port 0 a free one is chosen, the one of last time if it is free. *out becomes
 * its process.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when it ended, or was not ready within timeout_ms and was killed;
 * AUTH_STATUS_NOT_FOUND when there is no such account; AUTH_STATUS_IO; AUTH_STATUS_LIMIT.
 */
auth_status realm_program_start(const realm *of, const char *file, realm_program program,
                                int timeout_ms, pid_t *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Asks a daemon to end and waits for it. One that is not running is fine.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when it did not end within timeout_ms; AUTH_STATUS_DENIED when it
 * is another user's; AUTH_STATUS_IO.
 */
auth_status realm_program_stop(const realm *of, realm_program program, int timeout_ms,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
