/* SPDX-License-Identifier: Apache-2.0 */
/* The table of daemons, and noting which process is one. Internal to realm. */
#ifndef REALM_PROGRAM_ROW_H
#define REALM_PROGRAM_ROW_H

#include "realm/program.h"

#include <sys/socket.h>

typedef struct realm_program_row {
    const char *name;
    const char *program;
    const char *folder;
    const char *listen;
    const char *to;
    const char *credential;
    const char *needs;
} realm_program_row;

extern const realm_program_row realm_program_rows[REALM_PROGRAMS];

/* Writes DIR/run/NAME.pid. Errors: AUTH_STATUS_IO; AUTH_STATUS_LIMIT. */
auth_status realm_program_record(const realm *of, realm_program program, pid_t pid,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Room for the addresses of a daemon, as text with a NUL. */
#define REALM_LISTEN_SIZE ((size_t)DAEMON_ADDRESSES_MAX * DAEMON_ADDRESS_SIZE)

/*
 * program_listen.c: writes where a daemon that is about to be started is to listen, and notes the
 * ports that were chosen in DIR/run/NAME.listen.
 *
 * Errors: AUTH_STATUS_UNAVAILABLE when no port is free; AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status realm_program_choose(const realm *of, realm_program program,
                                 char out[REALM_LISTEN_SIZE], auth_error *err) AUTH_MUST_CHECK;

/* An address that is no path, as the kernel takes it; returns its length. */
socklen_t realm_socket_address(const daemon_address *address, struct sockaddr_storage *out);

#endif
