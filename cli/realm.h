/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands about a realm that is there have in common. */
#ifndef CLI_REALM_H
#define CLI_REALM_H

#include "command.h"
#include "realm/program.h"
#include "registry/migrate.h"

/*
 * Opens the realm in the folder that is the only argument; its path becomes absolute, since daemons
 * do not run where the caller is. parts are bits of realm_part.
 *
 * Errors: AUTH_STATUS_INVALID when it is not one folder; those of realm_open.
 */
auth_status cli_realm_open(const cli_call *call, unsigned parts, realm **out,
                           auth_error *err) AUTH_MUST_CHECK;

/* Does something with the realm that is the only argument, opened without any part of it. */
typedef auth_status cli_realm_work(const realm *of, auth_error *err);
cli_exit cli_realm_do(const cli_call *call, cli_realm_work *work);

bool cli_realm_is_embedded(const realm *of);

/* The embedded registry's folder. Errors: AUTH_STATUS_LIMIT. */
auth_status cli_realm_registry(const realm *of, char out[REALM_PATH_SIZE],
                               auth_error *err) AUTH_MUST_CHECK;

/* The schema of the registry. Errors: those of a connection and a statement. */
auth_status cli_realm_schema(const realm *of, registry_schema *out,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
