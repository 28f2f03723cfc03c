/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_act.h"

static cli_exit run(cli_call *call)
{
    if (!cli_has(call, "reason"))
        return cli_usage(call->command, _("--reason is needed"));
    return cli_cert_act(call, AUTH_REQUEST_KIND_REVOKE);
}

static const char *const reasons[] = {
    "unspecified", "keyCompromise",        "affiliationChanged",
    "superseded",  "cessationOfOperation", "privilegeWithdrawn",
    NULL,
};

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"reason", "REASON", N_("why, as it will stand in CRLs (RFC 5280 5.3.1)"), reasons},
    CLI_OPTION_SINCE,
    CLI_OPTION_COMMENT,
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert revoke --reason keyCompromise 01e3a1b2c3d4e5f60718293a4b5c6d7e8f90",
    NULL,
};

const cli_command cli_command_cert_revoke = {
    .name = "cert revoke",
    .summary = N_("end certificates for good"),
    .arguments = "SERIAL...",
    .options = options,
    .description = N_(
        "Asks for the revocation of certificates of one's own office or below it; the signature of "
        "one officer suffices by the ready policy. Waits until it is done: 30 seconds, or what "
        "--wait says. Acknowledged means on record: within a second no status answer says good any "
        "more. In JSON there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
