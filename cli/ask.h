/* SPDX-License-Identifier: Apache-2.0 */
/* Asking whoever sits at the terminal. Questions go to stderr, so that answers may go elsewhere. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <auth/secret.h>
#include <stdbool.h>

/* Room for an answer with its NUL. */
#define CLI_ASK_SIZE 1024

/* Tells whether somebody is there: both stdin and stderr are a terminal. */
bool cli_can_ask(void);

/*
 * Asks a question. An empty line stands for fallback, if there is one, which is shown.
 *
 * Errors: AUTH_STATUS_INVALID when the input ends; AUTH_STATUS_LIMIT for too long a line.
 */
auth_status cli_ask(const char *question, const char *fallback, char out[CLI_ASK_SIZE],
                    auth_error *err) AUTH_MUST_CHECK;

/*
 * Asks twice for a secret, without showing it. *out stays NULL when the line is empty.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: AUTH_STATUS_INVALID when the input ends, or the second line is another than the first;
 * AUTH_STATUS_LIMIT; AUTH_STATUS_IO when the terminal cannot be told to hide it;
 * AUTH_STATUS_MEMORY.
 */
auth_status cli_ask_secret(const char *question, auth_secret **out,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Asks once for something that is not to be seen and that there is already: a passphrase, the
 * number of a person. Ownership and errors: as cli_ask_secret; AUTH_STATUS_INVALID for an empty
 * line.
 */
auth_status cli_ask_passphrase(const char *question, auth_secret **out,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
