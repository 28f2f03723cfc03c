/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"
#include "show.h"

#include <auth/csr.h>

static bool extension_at(const void *object, size_t index, auth_extension *out)
{
    return auth_csr_extension_at(object, index, out);
}

/* Whether the key's holder made the request, and why not. */
static void show_possession(cli_view *view, bool is_proved, const char *reason)
{
    if (view->json != NULL) {
        cli_json_bool(view->json, "possession", is_proved);
        cli_json_text(view->json, "possession_error", is_proved ? NULL : reason);
        return;
    }
    cli_show_text(view, "possession", _("possession"), is_proved ? _("proved") : reason);
}

static cli_exit show(const cli_call *call, const auth_csr *csr)
{
    cli_view view = {
        .json = cli_has(call, "json") ? cli_json_new() : NULL,
        .reveal = cli_has(call, "reveal") ? AUTH_REVEALED : AUTH_MASKED,
    };
    if (view.json == NULL && cli_has(call, "json"))
        return cli_fault(_("out of memory"));
    char algorithm[AUTH_OID_TEXT_SIZE];
    auth_algorithm_text(auth_csr_algorithm(csr), algorithm);
    auth_error err;
    auth_status status = auth_csr_check_possession(csr, &err);

    cli_show_name(&view, "subject", _("subject"), auth_csr_subject(csr));
    cli_show_key(&view, auth_csr_spki(csr));
    cli_show_text(&view, "signature_algorithm", _("signature"), algorithm);
    show_possession(&view, status == AUTH_STATUS_OK, err.text);
    cli_show_extensions(&view, extension_at, csr);
    cli_exit code = cli_show_end(&view);
    if (code != CLI_YES)
        return code;
    if (auth_status_is_fault(status))
        return cli_error(call->command, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : CLI_NO;
}

static auth_status show_one(const cli_call *call, auth_bytes der, cli_exit *code, auth_error *err)
{
    AUTH_AUTO(auth_csr) *csr = NULL;
    auth_status status = auth_csr_parse(der, &csr, err);
    if (status == AUTH_STATUS_OK)
        *code = show(call, csr);
    return status;
}

static cli_exit run(cli_call *call) { return cli_show_each(call, CLI_KIND_REQUEST, show_one); }

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_REVEAL, CLI_OPTION_END};

static const char *const examples[] = {
    "auth csr show li.csr",
    "auth csr show --json - < li.csr",
    NULL,
};

const cli_command cli_command_csr_show = {
    .name = "csr show",
    .summary = N_("show certificate requests and check their proof of possession"),
    .arguments = "FILE",
    .options = options,
    .description = N_(
        "The file holds PEM or DER, one request or several; '-' is standard input. What may be a "
        "person number is masked.\n\n"
        "In JSON there is one object a line with subject, public_key (type, bits, error), "
        "signature_algorithm, possession, possession_error and extensions (oid, name, critical, "
        "text), by schemas/csr.schema.json. The exit code is 1 if any request cannot be read or "
        "does not prove possession of its key."),
    .examples = examples,
    .run = run,
};
