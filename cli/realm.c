/* SPDX-License-Identifier: Apache-2.0 */
#include "realm.h"

#include <stdlib.h>
#include <string.h>

auth_status cli_realm_open(const cli_call *call, unsigned parts, realm **out, auth_error *err)
{
    realm_opening opening = {.parts = parts};
    const char *dir = call->arguments[0];
    char *whole = realpath(dir, NULL);
    auth_status status = realm_open(whole == NULL ? dir : whole, &opening, out, err);
    free(whole);
    return status;
}

cli_exit cli_realm_do(const cli_call *call, cli_realm_work *work)
{
    auth_error err;
    AUTH_AUTO(realm) *of = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    auth_status status = cli_realm_open(call, 0, &of, &err);
    if (status == AUTH_STATUS_OK)
        status = work(of, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

bool cli_realm_is_embedded(const realm *of)
{
    return strcmp(daemon_options_text(realm_options(of), "registry"), REALM_REGISTRY_EMBEDDED) == 0;
}

auth_status cli_realm_registry(const realm *of, char out[REALM_PATH_SIZE], auth_error *err)
{
    return realm_path_join(realm_dir(of), NULL, REALM_REGISTRY_FOLDER, "", out, err);
}

auth_status cli_realm_schema(const realm *of, registry_schema *out, auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    auth_status status = realm_conninfo(of, REGISTRY_ROLE_AUDITOR, conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &connection, err);
    return status == AUTH_STATUS_OK ? registry_schema_read(connection, out, err) : status;
}
