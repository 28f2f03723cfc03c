/* SPDX-License-Identifier: Apache-2.0 */
/* The table of daemons, and noting which process is one. Internal to realm. */
#ifndef REALM_PROGRAM_ROW_H
#define REALM_PROGRAM_ROW_H

#include "realm/program.h"

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

#endif
