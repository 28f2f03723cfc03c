/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

static const cli_column columns[] = {
    {"id", N_("id"), 16},         {"parent", N_("parent"), 16}, {"region", N_("region"), 6},
    {"opened", N_("opened"), 20}, {"closed", N_("closed"), 20}, {"name", N_("name"), 0},
    {.member = NULL, .width = 0},
};

static const cli_list list = {.path = "/offices", .columns = columns, .key = "id"};

static cli_exit run(cli_call *call) { return cli_rows_list(call, &list, NULL); }

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON, CLI_OPTION_LIMIT, CLI_OPTION_AFTER, CLI_OPTION_ALL, CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth office list",
    NULL,
};

const cli_command cli_command_office_list = {
    .name = "office list",
    .summary = N_("list the offices that one's daemon knows"),
    .options = options,
    .description = N_("Lists offices with their place in the tree and their region code (GB/T "
                      "2260), also those that were closed. In JSON there is one object a line, by "
                      "schemas/office-row.schema.json."),
    .examples = examples,
    .run = run,
};
