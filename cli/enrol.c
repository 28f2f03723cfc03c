/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"
#include "enrol_csv.h"
#include "enrolment.h"
#include "evidence.h"
#include "holder.h"
#include "person.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What an item views. */
typedef struct one {
    auth_request_item item;
    auth_buf *csr;
    cli_codes codes;
    uint8_t activation[AUTH_REQUEST_HASH_SIZE];
    cli_evidence evidence;
} one;

static auth_status read_key(const cli_call *call, one *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (cli_has(call, "activation")) {
        status = cli_codes_make(&of->codes, of->activation, err);
        of->item.activation = (auth_bytes){of->activation, sizeof of->activation};
        return status;
    }
    status = cli_holder_request(call, &of->csr, err);
    if (status == AUTH_STATUS_OK)
        of->item.csr = auth_buf_bytes(of->csr);
    return status;
}

/* They are shown now and never again: nothing of them is kept but a hash. */
static void print_codes(const one *of)
{
    (void)fprintf(stderr,
                  _("activation codes, which are not shown again:\n"
                    "  hand over at the counter:  %s\n"
                    "  send in another way:       %s\n"),
                  of->codes.first, of->codes.second);
}

static cli_exit enrol(const cli_call *call, cli_officer *officer, one *of)
{
    auth_error err;
    AUTH_AUTO(cli_answer) *answer = NULL;
    cli_realm_facts facts;
    auth_status status = cli_evidence_read(call, &of->evidence, &of->item, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_know(officer, &facts, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_person_read(call, time(NULL), &of->item.person, &err);
    if (status == AUTH_STATUS_OK)
        status = read_key(call, of, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    of->item.name = auth_bytes_from_text(cli_value(call, "name"));
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_ENROL,
                     .profile = cli_has(call, "profile") ? cli_value(call, "profile") : CLI_PROFILE,
                     .items = &of->item,
                     .item_count = 1};
    cli_exit code = cli_document_submit(call, officer, &wish, &answer);
    cli_holder_settle(call, answer, code);
    if (cli_has(call, "activation") && (answer != NULL || code == CLI_FAULT))
        print_codes(of);
    return code;
}

static cli_exit check_one(const cli_call *call)
{
    int keys = cli_has(call, "csr") + cli_has(call, "key-out") + cli_has(call, "activation");
    if (keys != 1)
        return cli_usage(call->command,
                         _("give one of --csr FILE, --key-out FILE and --activation"));
    if (!cli_has(call, "name") || !cli_has(call, "evidence"))
        return cli_usage(call->command, _("--name and --evidence are needed"));
    return CLI_YES;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    one of = {.csr = NULL};
    bool is_table = cli_has(call, "csv");
    cli_exit code = is_table ? cli_enrol_csv_check(call) : check_one(call);
    if (code != CLI_YES)
        return code;
    if (cli_officer_new(call, &officer, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    code = is_table ? cli_enrol_csv(call, officer) : enrol(call, officer, &of);
    auth_buf_free(of.csr);
    auth_person_number_wipe(&of.item.person);
    auth_secret_wipe(&of, sizeof of);
    return code;
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"name", "NAME", N_("the person's name, as in the document that was shown"), NULL},
    CLI_OPTION_NUMBER_FILE,
    CLI_OPTION_TYPE,
    CLI_OPTION_EVIDENCE,
    CLI_OPTION_CSR,
    CLI_OPTION_KEY_OUT,
    CLI_OPTION_KEY_TYPE,
    CLI_OPTION_KEY_PASSPHRASE_FILE,
    {"activation", NULL, N_("print two codes with which she makes her key later, at home"), NULL},
    {"profile", "NAME", N_("the profile of the certificate, instead of citizen-authentication"),
     NULL},
    CLI_OPTION_WAIT,
    {"csv", "FILE", N_("enrol everybody in a table; the same call again goes on with it"), NULL},
    {"batch", "N", N_("so many persons of a table in one document, instead of 100"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth enrol --name 'Li Lei' --evidence id-card-read=record.xml --csr li.csr",
    "auth enrol --csv today.csv --wait 60",
    NULL,
};

const cli_command cli_command_enrol = {
    .name = "enrol",
    .summary = N_("ask for a person's first certificate, or for those of a whole table"),
    .options = options,
    .description = N_(
        "Makes a request, signs it with the clerk's key and hands it in. An approver signs it with "
        "'auth request approve'. The person's number is asked for without being shown, or read "
        "from --number-file, or from the table; only the digest of the record of --evidence goes "
        "into the request (METHOD=sha256:DIGEST gives the digest itself).\n\n"
        "A table is CSV (RFC 4180) with a first line of names: number, name, evidence-method, "
        "evidence-file or evidence-digest, and perhaps type and csr; an empty csr is for "
        "activation codes. It goes in documents of --batch persons. What was done is in "
        "FILE.state: after a break of any kind, the same call goes on, and nobody is asked for "
        "twice. FILE.report.csv names the lines that were refused, with the reason; FILE.codes.csv "
        "has the activation codes. Exit code 1: some line was refused.\n\n"
        "In JSON there is one object, by schemas/request-answer.schema.json, or, for a table, "
        "schemas/enrol-table.schema.json."),
    .examples = examples,
    .run = run,
};
