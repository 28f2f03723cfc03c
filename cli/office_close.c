/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one identifier, such as xian"));
    auth_request_item item = {.closed_office = auth_bytes_from_text(call->arguments[0])};
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_CLOSE_OFFICE, .items = &item, .item_count = 1};
    if (cli_officer_new(call, &officer, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    return cli_document_submit(call, officer, &wish, NULL);
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth office close xian",
    NULL,
};

const cli_command cli_command_office_close = {
    .name = "office close",
    .summary = N_("close an office below one's own; two admins have to sign"),
    .arguments = "ID",
    .options = options,
    .description = N_(
        "Asks for the end of an office below one's own, or below the one that --office names, "
        "with the signature of the admin who calls. Certificates that it issued stay as they are. "
        "In JSON there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
