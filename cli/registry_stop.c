/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "registry/embed.h"

static cli_exit run(cli_call *call)
{
    auth_error err;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    auth_status status = registry_embed_stop(call->arguments[0], NULL, REGISTRY_EMBED_FAST, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const char *const examples[] = {
    "auth registry stop /var/lib/auth/registry",
    NULL,
};

const cli_command cli_command_registry_stop = {
    .name = "registry stop",
    .summary = N_("stop the private PostgreSQL cluster of a directory"),
    .arguments = "DIR",
    .description =
        N_("Transactions under way are rolled back, everything that was committed stays. "
           "A cluster that does not run is fine."),
    .examples = examples,
    .run = run,
};
