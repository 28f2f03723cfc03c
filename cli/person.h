/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The number of a person: from a file or a terminal that does not show it. It has no place on a
 * command line, which every user of a machine can read.
 */
#ifndef CLI_PERSON_H
#define CLI_PERSON_H

#include "command.h"

#include <auth/person.h>

/* Rows for a subcommand's options; the second is followed by values of cli_person_types. */
#define CLI_OPTION_NUMBER_FILE                                                                     \
    {                                                                                              \
        "number-file", "FILE", N_("read the person's number from the first line ('-': stdin)"),    \
            NULL                                                                                   \
    }
#define CLI_OPTION_TYPE                                                                            \
    {                                                                                              \
        "type", "TYPE", N_("the type of the number, instead of what its form says"),               \
            cli_person_types                                                                       \
    }

/* The names of types, ending in NULL. */
extern const char *const cli_person_types[];

/* The rules for numbers that a certificate is to stand for: of a type or any, as of now in China.
 */
auth_status cli_person_rules(const char *type, auth_time now, auth_person_rules *out,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads the number of --number-file, or asks for it.
 *
 * Ownership: *out holds the number in clear; wipe it with auth_person_number_wipe.
 * Errors: AUTH_STATUS_INVALID when there is no file and nobody to ask, or with the reason why it is
 * none; those of cli_file_read.
 */
auth_status cli_person_read(const cli_call *call, auth_time now, auth_person_number *out,
                            auth_error *err) AUTH_MUST_CHECK;

#endif
