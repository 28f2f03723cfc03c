/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one identifier, such as xian"));
    if (!cli_has(call, "region") || !cli_has(call, "name"))
        return cli_usage(call->command, _("--region and --name are needed"));
    auth_request_item item = {.opened_office = auth_bytes_from_text(call->arguments[0]),
                              .opened_region = auth_bytes_from_text(cli_value(call, "region")),
                              .opened_name = auth_bytes_from_text(cli_value(call, "name"))};
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_OPEN_OFFICE, .items = &item, .item_count = 1};
    if (cli_officer_new(call, &officer, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    return cli_document_submit(call, officer, &wish, NULL);
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"region", "CODE", N_("its region code, six digits (GB/T 2260)"), NULL},
    {"name", "NAME", N_("its name for people"), NULL},
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth office open xian --region 610100 --name 'Xi’an'",
    NULL,
};

const cli_command cli_command_office_open = {
    .name = "office open",
    .summary = N_("open an office below one's own; two admins have to sign"),
    .arguments = "ID",
    .options = options,
    .description = N_(
        "Asks for a new office below one's own, or below the one that --office names, with the "
        "signature of the admin who calls. An identifier is never used again. In JSON there is one "
        "object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
