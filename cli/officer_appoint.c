/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"
#include "file.h"
#include "holder.h"
#include "input.h"
#include "person.h"

#include <auth/pem.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)64 << 10)

/* The only name of a path. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* What is trusted goes along, so that the new officer's folder can be handed over as it is. */
static auth_status write_trust(const cli_officer *officer, const char *path, auth_error *err)
{
    AUTH_AUTO(cli_input) *trust = NULL;
    AUTH_AUTO(auth_buf) *pem = NULL;
    auth_status status =
        cli_input_read(cli_officer_value(officer, "trust"), CLI_KIND_CERTIFICATE, &trust, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(TEXT_MAX, &pem, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < cli_input_count(trust); i++)
        status = auth_pem_encode("CERTIFICATE", cli_input_der(trust, i), pem, err);
    return status == AUTH_STATUS_OK ? cli_file_write(path, auth_buf_bytes(pem), true, err) : status;
}

static auth_status write_conf(const cli_call *call, const cli_realm_facts *facts,
                              const cli_officer *officer, const char *trust, const char *cert,
                              auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    char path[CLI_HOLDER_PATH_SIZE];
    auth_status status = cli_holder_beside(call, ".conf", path, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(
            text, err,
            "# Who this officer is and where her daemon is: docs/officers.md\n"
            "server = %s\ntrust = %s\ncertificate = %s\nkey = %s\nrealm = %s\noffice = %s\n",
            cli_officer_value(officer, "server"), name_of(trust), name_of(cert),
            name_of(cli_value(call, "key-out")), facts->realm, facts->office);
    return status == AUTH_STATUS_OK ? cli_file_write(path, auth_buf_bytes(text), true, err)
                                    : status;
}

/* Everything of the new officer but the certificate, which is still to come. */
static auth_status write_files(const cli_call *call, cli_officer *officer, auth_error *err)
{
    cli_realm_facts facts;
    char trust[CLI_HOLDER_PATH_SIZE];
    char cert[CLI_HOLDER_PATH_SIZE];
    auth_status status = cli_officer_know(officer, &facts, err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_beside(call, ".trust", trust, err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_beside(call, ".cer", cert, err);
    if (status == AUTH_STATUS_OK)
        status = write_trust(officer, trust, err);
    return status == AUTH_STATUS_OK ? write_conf(call, &facts, officer, trust, cert, err) : status;
}

static auth_status write_certificate(const cli_call *call, cli_officer *officer, const char *serial,
                                     auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    char path[CLI_HOLDER_PATH_SIZE];
    auth_status status = cli_certificate_fetch(officer, serial, false, &der, err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_beside(call, ".cer", path, err);
    return status == AUTH_STATUS_OK ? cli_file_write(path, auth_buf_bytes(der), true, err) : status;
}

/* Says on stderr what is still to be done: stdout may be JSON. */
static cli_exit finish(const cli_call *call, cli_officer *officer, const cli_answer *answer,
                       cli_exit code)
{
    auth_error err;
    char path[CLI_HOLDER_PATH_SIZE];
    const char *serial = cli_certificate_of(answer, 0);
    const char *id = cli_answer_text(answer, "id");
    if (!cli_has(call, "key-out"))
        return code;
    auth_status status = write_files(call, officer, &err);
    if (status == AUTH_STATUS_OK && serial != NULL)
        status = write_certificate(call, officer, serial, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_beside(call, "", path, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    if (serial != NULL)
        (void)fprintf(stderr, _("for the new officer: %s.pem, .cer, .conf and .trust\n"), path);
    else if (!cli_outcome_is_decided(answer) && id != NULL)
        (void)fprintf(stderr,
                      _("when it is approved, fetch her certificate: auth cert get --request %s "
                        "--out %s.cer\n"),
                      id, path);
    return code;
}

static cli_exit appoint(const cli_call *call, cli_officer *officer, auth_request_item *item)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *csr = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    cli_realm_facts facts;
    /* Who cannot reach the daemon is to hear so before a key is made. */
    auth_status status = cli_officer_know(officer, &facts, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_person_read(call, time(NULL), &item->person, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_request(call, &csr, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    item->csr = auth_buf_bytes(csr);
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_APPOINT,
                     .profile = cli_has(call, "profile") ? cli_value(call, "profile") : "officer",
                     .items = item,
                     .item_count = 1};
    cli_exit code = cli_document_submit(call, officer, &wish, &answer);
    cli_holder_settle(call, answer, code);
    return answer == NULL ? code : finish(call, officer, answer, code);
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    auth_request_item item = {.csr = {NULL, 0}};
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one identifier, such as wang"));
    if (!cli_has(call, "role") || !cli_has(call, "name"))
        return cli_usage(call->command, _("--role and --name are needed"));
    cli_exit code = cli_holder_check(call);
    if (code != CLI_YES)
        return code;
    item.officer = auth_bytes_from_text(call->arguments[0]);
    item.name = auth_bytes_from_text(cli_value(call, "name"));
    auth_status status = auth_officer_role_find(cli_value(call, "role"), &item.role, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_new(call, &officer, &err);
    code =
        status == AUTH_STATUS_OK ? appoint(call, officer, &item) : cli_error(call->command, &err);
    auth_person_number_wipe(&item.person);
    return code;
}

static const char *const roles[] = {
#define AUTH_OFFICER_ROLE_ROW(id, number, name, is_signer, text) name,
#include <auth/officer_role.def>
    NULL,
};

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"role", "ROLE", N_("what the new officer may do"), roles},
    {"name", "NAME", N_("her name"), NULL},
    CLI_OPTION_NUMBER_FILE,
    CLI_OPTION_TYPE,
    CLI_OPTION_CSR,
    CLI_OPTION_KEY_OUT,
    CLI_OPTION_KEY_TYPE,
    CLI_OPTION_KEY_PASSPHRASE_FILE,
    {"profile", "NAME", N_("the profile of her certificate, instead of 'officer'"), NULL},
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth officer appoint wang --role clerk --name 'Wang Wu' --key-out wang.pem",
    "auth officer appoint zhao --role approver --office xian --name 'Zhao Liu' --csr zhao.csr "
    "--number-file number --wait 600",
    NULL,
};

const cli_command cli_command_officer_appoint = {
    .name = "officer appoint",
    .summary = N_("make a person an officer of an office; two admins have to sign"),
    .arguments = "ID",
    .options = options,
    .description = N_(
        "Asks for an appointment with the signature of the admin who calls, and prints the id of "
        "the request, which a second admin approves with 'auth request approve'. With --wait it "
        "waits for that.\n\n"
        "The new officer brings a certification request, or --key-out makes her a key: "
        "then her configuration and what she is to trust are written beside it, and her "
        "certificate as soon as it is there: wang.pem, wang.conf, wang.trust, wang.cer. These four "
        "are hers; hand them over.\n\n"
        "Her person number is asked for without being shown, or read from --number-file. In JSON "
        "there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
