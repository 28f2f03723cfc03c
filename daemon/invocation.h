/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a daemon is called: what its words ask for, and the options that file and words give.
 * Internal to daemon.
 */
#ifndef DAEMON_INVOCATION_H
#define DAEMON_INVOCATION_H

#include "daemon/option.h"

/* What a daemon says by its exit code. */
#define DAEMON_EXIT_OK 0
#define DAEMON_EXIT_USAGE 2 /* wrong options: starting it again does not help */
#define DAEMON_EXIT_FAULT 3 /* it cannot work here and now */

typedef enum invocation_mode {
    INVOCATION_RUN,
    INVOCATION_CHECK_CONFIG,
    INVOCATION_PRINT_CONFIG,
    INVOCATION_HELP,
    INVOCATION_MANUAL,
    INVOCATION_VERSION,
} invocation_mode;

/* What the texts about a program are made of. */
typedef struct invocation_program {
    const char *name;
    const char *summary;
    const char *description;
    const char *config; /* the file that is read when --config names none */
    const daemon_option *common;
    const daemon_option *own;
} invocation_program;

typedef struct invocation {
    invocation_mode mode;
    const char *config; /* the file to read, borrowed from the words */
    bool is_config_named;
} invocation;

/*
 * Finds mode and file in the words of a command line; words[0] is the program. Faults are noted.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status invocation_read(const invocation_program *program, int count, char **words,
                            invocation *out, daemon_faults *faults,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes the options: table, then file, then words. *out is given when there are no faults.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_INTERNAL for a wrong table.
 */
auth_status invocation_options(const invocation_program *program, const invocation *call, int count,
                               char **words, daemon_options **out, daemon_faults *faults,
                               auth_error *err) AUTH_MUST_CHECK;

void invocation_print_help(const invocation_program *program, FILE *out);
void invocation_print_manual(const invocation_program *program, FILE *out);

#endif
