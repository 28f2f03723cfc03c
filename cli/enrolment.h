/* SPDX-License-Identifier: Apache-2.0 */
/* What one enrolment consists of, from options or from a line of a table. */
#ifndef CLI_ENROLMENT_H
#define CLI_ENROLMENT_H

#include <auth/request.h>

/* The profile of citizens' certificates that nobody named. */
#define CLI_PROFILE "citizen-authentication"

/* Room for an activation code with its NUL: 16 letters of 32, in groups of four. */
#define CLI_CODE_SIZE 20

typedef struct cli_codes {
    char first[CLI_CODE_SIZE];
    char second[CLI_CODE_SIZE];
} cli_codes;

/*
 * Makes two activation codes, 80 bits each, and the hash that stands for them.
 *
 * Errors: AUTH_STATUS_CRYPTO.
 */
auth_status cli_codes_make(cli_codes *out, uint8_t hash[AUTH_REQUEST_HASH_SIZE],
                           auth_error *err) AUTH_MUST_CHECK;

#endif
