/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

static const cli_column columns[] = {
    {"id", N_("id"), 16},
    {"office", N_("office"), 16},
    {"role", N_("role"), 8},
    {"appointed", N_("appointed"), 20},
    {"dismissed", N_("dismissed"), 20},
    {"name", N_("name"), 0},
    {.member = NULL, .width = 0},
};

static const cli_list list = {.path = "/officers", .columns = columns, .key = "id"};

static cli_exit make_filter(const cli_call *call, cli_filter *filter)
{
    auth_error err;
    if (cli_filter_add(filter, "office", cli_value(call, "office"), &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    return CLI_YES;
}

static cli_exit run(cli_call *call) { return cli_rows_list(call, &list, make_filter); }

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON, CLI_OPTION_LIMIT, CLI_OPTION_AFTER, CLI_OPTION_ALL, CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth officer list --office xian",
    NULL,
};

const cli_command cli_command_officer_list = {
    .name = "officer list",
    .summary = N_("list the officers of an office"),
    .options = options,
    .description = N_("Lists officers with their roles, also those who were dismissed. In JSON "
                      "there is one object a line, by schemas/officer-row.schema.json."),
    .examples = examples,
    .run = run,
};
