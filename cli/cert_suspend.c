/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_act.h"

static cli_exit run(cli_call *call) { return cli_cert_act(call, AUTH_REQUEST_KIND_SUSPEND); }

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON, CLI_OPTION_SINCE, CLI_OPTION_COMMENT, CLI_OPTION_WAIT, CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert suspend 01e3a1b2c3d4e5f60718293a4b5c6d7e8f90",
    NULL,
};

const cli_command cli_command_cert_suspend = {
    .name = "cert suspend",
    .summary = N_("hold certificates until they are resumed or revoked"),
    .arguments = "SERIAL...",
    .options = options,
    .description =
        N_("Asks for the suspension of certificates; the signature of one officer suffices by the "
           "ready policy. In JSON there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
