/* SPDX-License-Identifier: Apache-2.0 */
#include "person.h"
#include "rows.h"

#include <string.h>

static const cli_column columns[] = {
    {"id", N_("id"), 36},        {"kind", N_("kind"), 12},     {"office", N_("office"), 12},
    {"state", N_("state"), 9},   {"items", N_("items"), 5},    {"submitted", N_("submitted"), 20},
    {"reason", N_("reason"), 0}, {.member = NULL, .width = 0},
};

static const cli_list list = {.path = "/requests", .columns = columns, .key = "id"};

/* What is searched for goes in a body, the rest in a query; the daemon knows one of the two. */
static cli_exit make_filter(const cli_call *call, cli_filter *filter)
{
    auth_error err;
    char serial[CLI_SERIAL_SIZE];
    const char *name = cli_value(call, "name");
    const char *certificate = cli_value(call, "serial");
    bool is_person = cli_has(call, "person") || cli_has(call, "number-file");
    auth_status status = AUTH_STATUS_OK;
    int searches = (name != NULL) + (certificate != NULL) + is_person;
    int filters = cli_has(call, "state") + cli_has(call, "kind") + cli_has(call, "office") +
                  cli_has(call, "from") + cli_has(call, "before");
    if (searches > 1 || (searches == 1 && filters > 0))
        return cli_usage(call->command, _("search by one thing at a time: --person, --name or "
                                          "--serial, without --state, --kind, --office and times"));
    if (is_person)
        status = cli_filter_person(call, filter, &err);
    else if (name != NULL)
        status = cli_filter_text(filter, "name", name, &err);
    if (status == AUTH_STATUS_OK && certificate != NULL)
        status = cli_serial_check(certificate, serial, &err);
    if (status == AUTH_STATUS_OK && certificate != NULL)
        status = cli_filter_text(filter, "serial", serial, &err);
    static const char *const plain[] = {"state", "kind", "office"};
    for (size_t i = 0; i < 3 && status == AUTH_STATUS_OK; i++)
        status = cli_filter_add(filter, plain[i], cli_value(call, plain[i]), &err);
    if (status == AUTH_STATUS_OK)
        status = cli_filter_add_time(filter, "from", cli_value(call, "from"), &err);
    if (status == AUTH_STATUS_OK)
        status = cli_filter_add_time(filter, "before", cli_value(call, "before"), &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static cli_exit run(cli_call *call) { return cli_rows_list(call, &list, make_filter); }

static const char *const kinds[] = {
#define AUTH_REQUEST_KIND_ROW(id, number, name, has_profile, text) name,
#include <auth/request_kind.def>
    NULL,
};

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"state", "STATE,...", N_("in one of these states: submitted, approved, waiting, done, ..."),
     NULL},
    {"kind", "KIND", N_("of this kind"), kinds},
    {"from", "TIME", N_("handed in at this time or later: 2026-01-31"), NULL},
    {"before", "TIME", N_("handed in before this time"), NULL},
    {"person", NULL, N_("about a person, whose number is asked for"), NULL},
    CLI_OPTION_NUMBER_FILE,
    CLI_OPTION_TYPE,
    {"name", "NAME", N_("about a person of this name"), NULL},
    {"serial", "SERIAL", N_("about this certificate"), NULL},
    CLI_OPTION_LIMIT,
    CLI_OPTION_AFTER,
    CLI_OPTION_ALL,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth request list --state submitted",
    "auth request list --person --json",
    NULL,
};

const cli_command cli_command_request_list = {
    .name = "request list",
    .summary = N_("list the requests of one's office and of those below it"),
    .options = options,
    .description = N_(
        "Lists requests by state, kind, office and time, or those about a person, by number or "
        "name, or about a certificate. The number is asked for without being shown, or read from "
        "a file: it never stands on a command line, and lists do not show it.\n\n"
        "In JSON there is one object a line, by schemas/request-row.schema.json."),
    .examples = examples,
    .run = run,
};
