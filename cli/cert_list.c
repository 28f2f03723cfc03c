/* SPDX-License-Identifier: Apache-2.0 */
#include "person.h"
#include "rows.h"

static const cli_column columns[] = {
    {"serial", N_("serial"), 36},         {"status", N_("status"), 9},
    {"profile", N_("profile"), 22},       {"office", N_("office"), 12},
    {"not_after", N_("valid until"), 20}, {"request", N_("request"), 0},
    {.member = NULL, .width = 0},
};

static const cli_list list = {.path = "/certificates", .columns = columns, .key = "serial"};

static cli_exit make_filter(const cli_call *call, cli_filter *filter)
{
    auth_error err;
    const char *officer = cli_value(call, "officer");
    const char *request = cli_value(call, "request");
    bool is_person = cli_has(call, "person") || cli_has(call, "number-file");
    if ((officer != NULL) + (request != NULL) + is_person != 1)
        return cli_usage(call->command,
                         _("search by one thing: --person, --officer ID or --request ID"));
    auth_status status = request == NULL ? AUTH_STATUS_OK : cli_request_id_check(request, &err);
    if (status == AUTH_STATUS_OK && is_person)
        status = cli_filter_person(call, filter, &err);
    else if (status == AUTH_STATUS_OK)
        status = officer != NULL ? cli_filter_text(filter, "officer", officer, &err)
                                 : cli_filter_text(filter, "request", request, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static cli_exit run(cli_call *call) { return cli_rows_list(call, &list, make_filter); }

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"person", NULL, N_("of a person, whose number is asked for"), NULL},
    CLI_OPTION_NUMBER_FILE,
    CLI_OPTION_TYPE,
    {"officer", "ID", N_("of an officer"), NULL},
    {"request", "ID", N_("that came of a request"), NULL},
    CLI_OPTION_LIMIT,
    CLI_OPTION_AFTER,
    CLI_OPTION_ALL,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert list --person",
    "auth cert list --request 019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77 --json",
    NULL,
};

const cli_command cli_command_cert_list = {
    .name = "cert list",
    .summary = N_("list the certificates of a person, an officer or a request"),
    .options = options,
    .description = N_(
        "Lists certificates with their status: good, suspended, revoked or expired. A person's "
        "number is asked for without being shown, or read from a file. In JSON there is one object "
        "a line, by schemas/certificate-row.schema.json."),
    .examples = examples,
    .run = run,
};
