/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"

#include <auth/version.h>

static cli_exit run(cli_call *call)
{
    if (!cli_has(call, "json")) {
        printf("auth %s, libauth %s\n", AUTH_VERSION, auth_version());
        return CLI_YES;
    }
    cli_json *json = cli_json_new();
    cli_json_text(json, "auth", AUTH_VERSION);
    cli_json_text(json, "libauth", auth_version());
    return cli_json_print(json, stdout) ? CLI_YES : cli_fault(_("out of memory"));
}

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_END};

const cli_command cli_command_version = {
    .name = "version",
    .summary = N_("show the versions of auth and of the libauth it runs with"),
    .options = options,
    .run = run,
};
