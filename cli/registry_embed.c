/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "registry/embed.h"

static cli_exit run(cli_call *call)
{
    auth_error err;
    pid_t pid = 0;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    const char *dir = call->arguments[0];
    auth_status status = registry_embed_start(dir, NULL, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_embed_find(dir, &pid, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    printf(_("%s: PostgreSQL runs as process %d; bring its schema up to date with "
             "'auth registry migrate --dir %s'"),
           dir, (int)pid, dir);
    putchar('\n');
    return CLI_YES;
}

static const char *const examples[] = {
    "auth registry embed /var/lib/auth/registry",
    NULL,
};

const cli_command cli_command_registry_embed = {
    .name = "registry embed",
    .summary = N_("make and start a private PostgreSQL cluster in a directory"),
    .arguments = "DIR",
    .description = N_(
        "Makes the cluster where there is none, with its roles and an empty database, and starts "
        "it where it is not running; so this is safe to repeat. The server listens on a unix "
        "socket only, which nobody but its account and root can reach, and writes neither "
        "statements nor parameters into its log.\n\n"
        "Called by root, the server runs as the account postgres, which must be able to enter the "
        "directory; called by anybody else, as himself. Settings for the machine go into "
        "DIR/conf/local.conf and count from the next start."),
    .examples = examples,
    .run = run,
};
