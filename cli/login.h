/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of auth login share. */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include "command.h"

#include <auth/secret.h>
#include <auth/time.h>

/*
 * Reads the secret in the first line of the file that an option names; *out stays NULL without the
 * option.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: as auth_passphrase_read, naming the option.
 */
auth_status cli_login_secret(const cli_call *call, const char *option, auth_secret **out,
                             auth_error *err) AUTH_MUST_CHECK;

/* Views a secret that may be NULL. */
auth_bytes cli_login_view(const auth_secret *secret);

/* Views the value of an option; empty without it. */
auth_bytes cli_login_text(const cli_call *call, const char *option);

/* Reads --at, or the clock. Errors: as auth_time_parse. */
auth_status cli_login_now(const cli_call *call, auth_time *out, auth_error *err) AUTH_MUST_CHECK;

/* Reports what is wrong with a call: its words, or a fault. */
cli_exit cli_login_refuse(const cli_call *call, auth_status status, const auth_error *err);

#endif
