/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one identifier, such as wang"));
    if (!cli_has(call, "comment"))
        return cli_usage(call->command, _("--comment is needed: why is on record"));
    auth_request_item item = {.officer = auth_bytes_from_text(call->arguments[0]),
                              .comment = auth_bytes_from_text(cli_value(call, "comment"))};
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_DISMISS, .items = &item, .item_count = 1};
    if (cli_officer_new(call, &officer, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    return cli_document_submit(call, officer, &wish, NULL);
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON, {"comment", "TEXT", N_("why, for the ledger; no person number"), NULL},
    CLI_OPTION_WAIT, CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth officer dismiss wang --comment 'has moved to another province'",
    NULL,
};

const cli_command cli_command_officer_dismiss = {
    .name = "officer dismiss",
    .summary = N_("end an officer's appointment; two admins have to sign"),
    .arguments = "ID",
    .options = options,
    .description =
        N_("Asks for the dismissal of an officer of one's own office, or of the one that --office "
           "names, with the signature of the admin who calls. From the moment in which it is done, "
           "nothing that she signs counts. In JSON there is one object, by "
           "schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
