/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"

#include "registry/bootstrap.h"
#include "registry/migrate.h"

static auth_status bring_up(const cli_call *call, size_t *applied, registry_schema *schema,
                            auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    auth_status status = AUTH_STATUS_OK;
    if (cli_has(call, "bootstrap"))
        status = registry_bootstrap(cli_value(call, "bootstrap"), REGISTRY_DATABASE, err);
    if (status == AUTH_STATUS_OK)
        status = cli_registry_open(call, REGISTRY_ROLE_OWNER, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_migrate(connection, applied, err);
    return status == AUTH_STATUS_OK ? registry_schema_read(connection, schema, err) : status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    size_t applied = 0;
    registry_schema schema;
    cli_exit code = cli_registry_check(call);
    if (code != CLI_YES)
        return code;
    if (bring_up(call, &applied, &schema, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    printf(_("schema version %lld, %zu applied now"), (long long)schema.version, applied);
    putchar('\n');
    return CLI_YES;
}

static const cli_option options[] = {
    CLI_OPTION_DIR,
    CLI_OPTION_CONNECT,
    {"bootstrap", "CONNINFO",
     N_("first make the roles and the database 'auth', as the superuser of this connection string"),
     NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth registry migrate --dir /var/lib/auth/registry",
    "auth registry migrate --connect 'host=db.example dbname=auth user=auth_owner "
    "sslmode=verify-full sslrootcert=/etc/auth/db.pem'",
    "auth registry migrate --bootstrap 'host=/run/postgresql user=postgres dbname=postgres' "
    "--connect 'host=/run/postgresql user=postgres dbname=auth'",
    NULL,
};

const cli_command cli_command_registry_migrate = {
    .name = "registry migrate",
    .summary = N_("bring a registry's schema to the version of this program"),
    .options = options,
    .description =
        N_("Applies the versions of the schema that the database does not have, each in a "
           "transaction of its own, so one that fails leaves nothing behind. Several calls at once "
           "wait for each other.\n\n"
           "A schema that is newer than this program, or that holds a version with another SHA-256 "
           "than the one of this program, is left alone. Daemons refuse a schema that is not just "
           "theirs: stop them, migrate, and start the new ones."),
    .examples = examples,
    .run = run,
};
