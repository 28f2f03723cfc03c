/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"
#include "enrolment.h"
#include "evidence.h"
#include "holder.h"
#include "person.h"

#include <auth/codec.h>
#include <time.h>

static auth_status read_serial(const char *text, auth_buf **out, auth_error *err)
{
    char serial[CLI_SERIAL_SIZE];
    AUTH_AUTO(auth_buf) *octets = NULL;
    auth_status status = cli_serial_check(text, serial, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(CLI_SERIAL_SIZE, &octets, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_decode(AUTH_CODEC_HEX, auth_bytes_from_text(serial), octets, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(octets);
    return status;
}

static cli_exit rekey(const cli_call *call, cli_officer *officer, auth_request_item *item,
                      cli_evidence *evidence)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *serial = NULL;
    AUTH_AUTO(auth_buf) *csr = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    cli_realm_facts facts;
    auth_status status = read_serial(call->arguments[0], &serial, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_revocation_reason_find(cli_value(call, "reason"), &item->reason, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_evidence_read(call, evidence, item, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_know(officer, &facts, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_person_read(call, time(NULL), &item->person, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_request(call, &csr, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    item->serial = auth_buf_bytes(serial);
    item->csr = auth_buf_bytes(csr);
    item->has_reason = true;
    item->name = auth_bytes_from_text(cli_value(call, "name"));
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_REKEY,
                     .profile = cli_has(call, "profile") ? cli_value(call, "profile") : CLI_PROFILE,
                     .items = item,
                     .item_count = 1};
    cli_exit code = cli_document_submit(call, officer, &wish, &answer);
    cli_holder_settle(call, answer, code);
    return code;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    auth_request_item item = {.csr = {NULL, 0}};
    cli_evidence evidence;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give the serial number of the certificate to replace"));
    if (!cli_has(call, "name") || !cli_has(call, "evidence") || !cli_has(call, "reason"))
        return cli_usage(call->command, _("--name, --evidence and --reason are needed"));
    cli_exit code = cli_holder_check(call);
    if (code != CLI_YES)
        return code;
    if (cli_officer_new(call, &officer, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    code = rekey(call, officer, &item, &evidence);
    auth_person_number_wipe(&item.person);
    return code;
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
    {"reason", "REASON", N_("why the old one ends (RFC 5280 5.3.1)"), reasons},
    {"name", "NAME", N_("the person's name, as in the document that was shown"), NULL},
    CLI_OPTION_NUMBER_FILE,
    CLI_OPTION_TYPE,
    CLI_OPTION_EVIDENCE,
    CLI_OPTION_CSR,
    CLI_OPTION_KEY_OUT,
    CLI_OPTION_KEY_TYPE,
    CLI_OPTION_KEY_PASSPHRASE_FILE,
    {"profile", "NAME", N_("the profile of the certificate, instead of citizen-authentication"),
     NULL},
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert rekey --reason keyCompromise --name 'Li Lei' --evidence id-card-read=record.xml "
    "--csr new.csr 01e3a1b2c3d4e5f60718293a4b5c6d7e8f90",
    NULL,
};

const cli_command cli_command_cert_rekey = {
    .name = "cert rekey",
    .summary = N_("replace a certificate whose key is lost or worn out, at a counter"),
    .arguments = "SERIAL",
    .options = options,
    .description =
        N_("Asks for a new certificate in the place of an old one, which is revoked with it. The "
           "person is identified anew, as by 'auth enrol', and an approver signs. In JSON there is "
           "one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
