/* SPDX-License-Identifier: Apache-2.0 */
#include "registry.h"
#include "show.h"

#include "registry/migrate.h"

static void show_number(cli_view *view, const char *member, const char *label, long long number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", number);
    if (view->json != NULL)
        cli_json_number(view->json, member, number);
    else
        cli_show_text(view, member, label, text);
}

static const char *state_text(registry_schema_state state)
{
    switch (state) {
    case REGISTRY_SCHEMA_MISSING:
        return _("missing; run 'auth registry migrate'");
    case REGISTRY_SCHEMA_OLDER:
        return _("older than this program; run 'auth registry migrate'");
    case REGISTRY_SCHEMA_CURRENT:
        return _("current");
    case REGISTRY_SCHEMA_NEWER:
        return _("newer than this program; use a newer one");
    case REGISTRY_SCHEMA_CHANGED:
        return _("changed: a version has another SHA-256 than the one of this program");
    }
    return "";
}

static cli_exit show(const cli_call *call, const registry_schema *schema)
{
    cli_view view = {.json = cli_has(call, "json") ? cli_json_new() : NULL};
    if (view.json == NULL && cli_has(call, "json"))
        return cli_fault(_("out of memory"));
    cli_show_text(&view, "state", _("schema"),
                  view.json != NULL ? registry_schema_state_name(schema->state)
                                    : state_text(schema->state));
    show_number(&view, "version", _("version"), schema->version);
    show_number(&view, "known", _("known here"), schema->known);
    cli_exit code = cli_show_end(&view);
    return code == CLI_YES && schema->state != REGISTRY_SCHEMA_CURRENT ? CLI_NO : code;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_schema schema;
    AUTH_AUTO(registry_connection) *connection = NULL;
    cli_exit code = cli_registry_check(call);
    if (code != CLI_YES)
        return code;
    auth_status status = cli_registry_open(call, REGISTRY_ROLE_AUDITOR, &connection, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_schema_read(connection, &schema, &err);
    return status == AUTH_STATUS_OK ? show(call, &schema) : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_DIR,
    CLI_OPTION_CONNECT,
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth registry status --dir /var/lib/auth/registry",
    "auth registry status --json --connect 'host=/run/postgresql dbname=auth user=auth_auditor'",
    NULL,
};

const cli_command cli_command_registry_status = {
    .name = "registry status",
    .summary = N_("tell whether a registry can be reached and has this program's schema"),
    .options = options,
    .description = N_(
        "Tells the version of the schema that the database has, and the last one that this program "
        "knows. In JSON there are state (missing, older, current, newer or changed), version and "
        "known, by schemas/registry-status.schema.json.\n\n"
        "The exit code is 0 when the schema is current, 1 when it is another one, when no cluster "
        "runs in the directory or no connection is allowed, and 3 when the server does not "
        "answer."),
    .examples = examples,
    .run = run,
};
