/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `auth registry` have in common. */
#ifndef CLI_REGISTRY_H
#define CLI_REGISTRY_H

#include "command.h"
#include "registry/connection.h"

#define CLI_OPTION_DIR                                                                             \
    {                                                                                              \
        "dir", "DIR", N_("the registry in the directory of an embedded cluster"), NULL             \
    }
#define CLI_OPTION_CONNECT                                                                         \
    {                                                                                              \
        "connect", "CONNINFO",                                                                     \
            N_("the registry in the database of a connection string, as libpq reads them"), NULL   \
    }

/* Checks that one of --dir and --connect was given; CLI_USAGE and a message when not. */
cli_exit cli_registry_check(const cli_call *call);

/*
 * Connects to the registry that --dir or --connect names, to look at its schema or to change it; as
 * role where --dir leaves the choice.
 *
 * Errors: those of registry_embed_conninfo and registry_connection_open.
 */
auth_status cli_registry_open(const cli_call *call, registry_role role, registry_connection **out,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
