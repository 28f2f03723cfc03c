/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_act.h"

static cli_exit run(cli_call *call) { return cli_cert_act(call, AUTH_REQUEST_KIND_RESUME); }

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON, CLI_OPTION_COMMENT, CLI_OPTION_WAIT, CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert resume 01e3a1b2c3d4e5f60718293a4b5c6d7e8f90",
    NULL,
};

const cli_command cli_command_cert_resume = {
    .name = "cert resume",
    .summary = N_("make suspended certificates good again; two officers have to sign"),
    .arguments = "SERIAL...",
    .options = options,
    .description = N_(
        "Asks for the end of a suspension. By the ready policy two officers sign, one of them an "
        "approver: 'auth request approve' with the id that is printed. In JSON there is one "
        "object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
