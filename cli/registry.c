/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"

#include "registry/embed.h"

cli_exit cli_registry_check(const cli_call *call)
{
    if (cli_has(call, "dir") != cli_has(call, "connect"))
        return CLI_YES;
    return cli_usage(call->command, _("give --dir or --connect, one of them"));
}

auth_status cli_registry_open(const cli_call *call, registry_role role, registry_connection **out,
                              auth_error *err)
{
    char embedded[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = cli_value(call, "connect"), .takes_any_schema = true};
    if (settings.conninfo == NULL) {
        auth_status status =
            registry_embed_conninfo(cli_value(call, "dir"), registry_role_name(role),
                                    REGISTRY_DATABASE, embedded, err);
        if (status != AUTH_STATUS_OK)
            return status;
        settings.conninfo = embedded;
    }
    return registry_connection_open(&settings, out, err);
}
