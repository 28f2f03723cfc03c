/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"
#include "output.h"

#define BODY_MAX ((size_t)4096)

static auth_status write_body(const cli_call *call, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    cli_json *json = cli_json_new();
    cli_json_text(json, "detail", cli_value(call, "detail"));
    auth_status status = auth_buf_new(BODY_MAX, &body, err);
    if (status == AUTH_STATUS_OK)
        status = cli_json_write(json, body, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(body);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    char path[CLI_PATH_SIZE];
    AUTH_AUTO(cli_officer) *officer = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    AUTH_AUTO(auth_buf) *body = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give the id of one request"));
    if (!cli_has(call, "detail"))
        return cli_usage(call->command, _("--detail is needed: whoever asked is to know why"));
    if (cli_request_id_check(call->arguments[0], &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    (void)snprintf(path, sizeof path, "/requests/%s/rejection", call->arguments[0]);
    auth_status status = cli_officer_new(call, &officer, &err);
    if (status == AUTH_STATUS_OK)
        status = write_body(call, &body, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    cli_ask_http ask = {.method = "POST",
                        .path = path,
                        .type = CLI_TYPE_JSON,
                        .body = auth_buf_bytes(body)};
    status = cli_officer_ask_json(officer, &ask, &answer, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    /* That it is rejected now is what was asked for. */
    cli_exit code = cli_outcome_show(call, answer, false);
    return code == CLI_FAULT ? CLI_FAULT : CLI_YES;
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"detail", "TEXT", N_("why, for whoever asked and for the ledger; no person number"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth request reject --detail 'the picture is of somebody else' "
    "019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77",
    NULL,
};

const cli_command cli_command_request_reject = {
    .name = "request reject",
    .summary = N_("reject a request, or withdraw one's own"),
    .arguments = "ID",
    .options = options,
    .description =
        N_("Ends a request that is not decided yet: by an approver or admin, or by the officer who "
           "handed it in. The reason goes on record. In JSON there is one object, by "
           "schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
