/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of these tests share: files in and out. They use the public interface only. */
#ifndef INTEROP_TOOL_H
#define INTEROP_TOOL_H

#include <auth/auth.h>

#define CHECK(call)                                                                                \
    do {                                                                                           \
        auth_status status_ = (call);                                                              \
        if (status_ != AUTH_STATUS_OK)                                                             \
            return status_;                                                                        \
    } while (0)

/* Errors: AUTH_STATUS_IO; AUTH_STATUS_LIMIT above 16 MiB; AUTH_STATUS_MEMORY. */
auth_status read_file(const char *path, auth_buf **out, auth_error *err);
auth_status write_file(const char *path, auth_bytes octets, auth_error *err);

/* Reads a private key, PEM. */
auth_status load_signer(const char *path, auth_signer **out, auth_error *err);

typedef struct tool_command {
    const char *name;
    int words;
    bool takes_more;
    auth_status (*run)(char **words, auth_error *err);
} tool_command;

/* Runs the command that the command line names. Returns 0: done; 1: refused; 2: no such command. */
int run_command(const tool_command *commands, size_t count, int argc, char **argv);

#endif
