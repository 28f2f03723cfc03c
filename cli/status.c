/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"
#include "realm.h"

/* What runs of a realm. */
typedef struct found {
    bool is_embedded;
    pid_t registry;
    bool has_schema; /* the registry answers */
    registry_schema schema;
    pid_t daemons[REALM_PROGRAMS];
    daemon_options *listens[REALM_PROGRAMS]; /* where they listen */
} found;

static auth_status look(const realm *of, found *out, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_error why;
    auth_status status = AUTH_STATUS_OK;
    *out = (found){.is_embedded = cli_realm_is_embedded(of)};
    if (out->is_embedded) {
        status = cli_realm_registry(of, path, err);
        if (status == AUTH_STATUS_OK)
            status = registry_embed_find(path, &out->registry, err);
    }
    if (status == AUTH_STATUS_OK && (!out->is_embedded || out->registry != 0))
        out->has_schema = cli_realm_schema(of, &out->schema, &why) == AUTH_STATUS_OK;
    for (int i = 0; i < REALM_PROGRAMS && status == AUTH_STATUS_OK; i++)
        status = realm_program_process(of, (realm_program)i, &out->daemons[i], err);
    for (int i = 0; i < REALM_PROGRAMS && status == AUTH_STATUS_OK; i++)
        status = realm_program_listens(of, (realm_program)i, &out->listens[i], err);
    return status;
}

static void clear(found *of)
{
    for (int i = 0; i < REALM_PROGRAMS; i++)
        daemon_options_free(of->listens[i]);
}

/* Where a daemon that runs listens; "": nowhere. */
static const char *where(const found *of, int program)
{
    return of->daemons[program] == 0 ? "" : daemon_options_text(of->listens[program], "listen");
}

/* A realm is up when its registry answers and is of this program's version. */
static bool is_up(const found *of)
{
    return of->has_schema && of->schema.state == REGISTRY_SCHEMA_CURRENT;
}

static void print_row(const char *name, bool is_good, const char *state)
{
    (void)printf("%s: ", name);
    cli_print_styled(stdout, is_good ? CLI_STYLE_GOOD : CLI_STYLE_BAD, state);
    (void)putchar('\n');
}

/* The state of its schema is of interest when it is not the one that this program knows. */
static void print_registry(const found *what)
{
    if (is_up(what) && what->registry != 0) {
        (void)printf(_("%s: runs as process %d"), "registry", (int)what->registry);
        (void)putchar('\n');
        return;
    }
    print_row("registry", is_up(what),
              what->has_schema ? registry_schema_state_name(what->schema.state)
                               : _("does not answer"));
}

static cli_exit show_text(const realm *of, const found *what)
{
    print_registry(what);
    for (int i = 0; i < REALM_PROGRAMS; i++) {
        const char *file = realm_program_file((realm_program)i);
        if (what->daemons[i] != 0) {
            (void)printf(_("%s: runs as process %d"), file, (int)what->daemons[i]);
            if (where(what, i)[0] != '\0')
                (void)printf(" (%s)", where(what, i));
            (void)putchar('\n');
        } else if (realm_program_is_wanted(of, (realm_program)i))
            (void)printf(_("%s: does not run\n"), file);
    }
    return is_up(what) ? CLI_YES : CLI_NO;
}

static cli_exit show_json(const realm *of, const found *what)
{
    cli_json *json = cli_json_new();
    cli_json *daemons = cli_json_new();
    if (json == NULL || daemons == NULL)
        return cli_fault(_("out of memory"));
    cli_json_text(json, "realm", realm_name(of));
    cli_json_bool(json, "is_up", is_up(what));
    cli_json_text(json, "registry",
                  what->has_schema ? registry_schema_state_name(what->schema.state) : NULL);
    for (int i = 0; i < REALM_PROGRAMS; i++)
        cli_json_number(daemons, realm_program_file((realm_program)i), what->daemons[i]);
    cli_json_object(json, "daemons", daemons);
    cli_json *addresses = cli_json_new();
    for (int i = 0; i < REALM_PROGRAMS; i++) {
        if (where(what, i)[0] != '\0')
            cli_json_text(addresses, realm_program_file((realm_program)i), where(what, i));
    }
    cli_json_object(json, "addresses", addresses);
    if (!cli_json_print(json, stdout))
        return cli_fault(_("out of memory"));
    return is_up(what) ? CLI_YES : CLI_NO;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    found what = {.registry = 0};
    AUTH_AUTO(realm) *of = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    auth_status status = cli_realm_open(call, 0, &of, &err);
    if (status == AUTH_STATUS_OK)
        status = look(of, &what, &err);
    cli_exit code = CLI_YES;
    if (status != AUTH_STATUS_OK)
        code = cli_error(call->command, &err);
    else
        code = cli_has(call, "json") ? show_json(of, &what) : show_text(of, &what);
    clear(&what);
    return code;
}

static const cli_option options[] = {
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth status /var/lib/auth",
    NULL,
};

const cli_command cli_command_status = {
    .name = "status",
    .summary = N_("tell what runs of a realm"),
    .arguments = "DIR",
    .options = options,
    .description = N_(
        "Tells whether the registry answers, which state its schema has, and the process of "
        "each daemon that 'auth up' started, with the addresses at which it listens; in JSON, 0 is "
        "one that does not run. Exit code 1: "
        "the registry does not answer, or its schema is not the one of this program."),
    .examples = examples,
    .run = run,
};
