/* SPDX-License-Identifier: Apache-2.0 */
#include "enrolment.h"
#include "public.h"

#include <auth/cert.h>

/* It goes to the daemon at once. */
#define LIFETIME_S ((int64_t)3600)

/* What no daemon tells a stranger. */
static cli_exit check(const cli_call *call, const cli_officer *holder)
{
    if (cli_officer_value(holder, "realm") == NULL || cli_officer_value(holder, "office") == NULL)
        return cli_usage(call->command, _("--realm and --office are needed: those of the "
                                          "certificate, or the office above"));
    return CLI_YES;
}

static auth_status make(const cli_call *call, cli_officer *holder, char id[AUTH_REQUEST_ID_SIZE],
                        auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *csr = NULL;
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_bytes chain[1] = {{NULL, 0}};
    auth_request_item item = {.csr = {NULL, 0}};
    auth_status status = cli_officer_open_key(holder, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)cli_officer_chain(holder, chain, 1);
    status = auth_cert_parse(chain[0], &cert, err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_request(call, &csr, err);
    if (status != AUTH_STATUS_OK)
        return status;
    item.serial = auth_cert_serial(cert);
    item.csr = auth_buf_bytes(csr);
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_RENEW,
                     .profile = cli_has(call, "profile") ? cli_value(call, "profile") : CLI_PROFILE,
                     .items = &item,
                     .item_count = 1};
    status = cli_document_make_as(holder, &wish, cli_officer_value(holder, "realm"),
                                  cli_officer_value(holder, "office"), LIFETIME_S, id, out, err);
    if (status != AUTH_STATUS_OK)
        cli_holder_settle(call, NULL, CLI_NO);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *holder = NULL;
    AUTH_AUTO(auth_buf) *document = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    char id[AUTH_REQUEST_ID_SIZE];
    unsigned wait_s = 0;
    cli_exit code = cli_holder_check(call);
    if (code != CLI_YES)
        return code;
    if (cli_wait_read(call, 0, &wait_s, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    if (cli_officer_new(call, &holder, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    code = check(call, holder);
    if (code != CLI_YES)
        return code;
    auth_status status = make(call, holder, id, &document, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_public_post(holder, "/renewals", CLI_TYPE_DOCUMENT, auth_buf_bytes(document),
                                 &answer, &err);
    if (status == AUTH_STATUS_OK)
        return cli_public_finish(call, holder, id, 0);
    code = cli_error(call->command, &err);
    if (document != NULL)
        cli_holder_settle(call, NULL, code);
    return code;
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    CLI_OPTION_CSR,
    CLI_OPTION_KEY_OUT,
    CLI_OPTION_KEY_TYPE,
    CLI_OPTION_KEY_PASSPHRASE_FILE,
    {"profile", "NAME", N_("the profile of the certificate, instead of citizen-authentication"),
     NULL},
    {"out", "FILE", N_("write the certificate there, instead of beside --key-out"), NULL},
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert renew --server https://ra.example:8441 --trust root.cer --realm shaanxi "
    "--office xian --certificate li.cer --key li.pem --key-out new.pem",
    NULL,
};

const cli_command cli_command_cert_renew = {
    .name = "cert renew",
    .summary = N_("give the holder of a live certificate a new one, without an officer"),
    .options = options,
    .description = N_(
        "The holder calls this: --certificate and --key are hers, and with this key she signs the "
        "request for the next one, so no officer has to. The old certificate is replaced. What "
        "was asked for is waited for, 60 seconds or what --wait says, and the new certificate is "
        "written. In JSON there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
