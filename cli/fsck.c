/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "output.h"
#include "sealing.h"
#include "signer.h"

#include "registry/fsck.h"
#include "registry/fsck_answers.h"

/* What an examination looked at. */
typedef struct fsck_summary {
    registry_fsck_summary registry;
    registry_answers_summary answers;
    uint64_t documents;
} fsck_summary;

static auth_status check_answers(const cli_call *call, registry_connection *connection,
                                 registry_reporter *reporter, registry_answers_summary *out,
                                 auth_error *err)
{
    size_t at = 0;
    auth_status status = AUTH_STATUS_OK;
    for (const char *path = cli_next_value(call, "answers", &at);
         path != NULL && status == AUTH_STATUS_OK; path = cli_next_value(call, "answers", &at))
        status = registry_fsck_answers(connection, path, reporter, out, err);
    return status;
}

static cli_exit show(const cli_call *call, const cli_findings *findings,
                     const fsck_summary *summary)
{
    cli_exit code = findings->reporter.found == 0 ? CLI_YES : CLI_NO;
    if (!cli_has(call, "json")) {
        cli_print_styled(stdout, code == CLI_YES ? CLI_STYLE_GOOD : CLI_STYLE_BAD,
                         code == CLI_YES ? _("in order") : _("not in order"));
        (void)printf(_(": %llu certificates, %llu CRLs, %llu ledger entries, %llu faults\n"),
                     (unsigned long long)summary->registry.certificates,
                     (unsigned long long)summary->registry.crls,
                     (unsigned long long)summary->registry.ledger.entries,
                     (unsigned long long)findings->reporter.found);
        return code;
    }
    cli_json *json = cli_json_new();
    if (json == NULL)
        return cli_fault(_("out of memory"));
    cli_json_bool(json, "in_order", code == CLI_YES);
    cli_json_number(json, "certificates", (long long)summary->registry.certificates);
    cli_json_number(json, "crls", (long long)summary->registry.crls);
    cli_json_number(json, "entries", (long long)summary->registry.ledger.entries);
    if (cli_has(call, "deep"))
        cli_json_number(json, "documents", (long long)summary->documents);
    if (cli_has(call, "answers")) {
        cli_json_number(json, "told", (long long)summary->answers.told);
        cli_json_number(json, "answers", (long long)summary->answers.seen);
    }
    cli_json_number(json, "faults", (long long)findings->reporter.found);
    return cli_json_print(json, stdout) && !findings->has_failed ? code
                                                                 : cli_fault(_("out of memory"));
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    fsck_summary summary = {.documents = 0};
    cli_findings findings;
    AUTH_AUTO(cli_ledger) *ledger = NULL;
    cli_exit code = cli_ledger_check(call);
    if (code != CLI_YES)
        return code;
    auth_status status = cli_ledger_open(call, &ledger, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    registry_ledger_examination examination = cli_ledger_examination(ledger);
    cli_findings_begin(&findings, call);
    status = registry_fsck(cli_ledger_connection(ledger), cli_ledger_crypto(ledger), &examination,
                           &findings.reporter, &summary.registry, &err);
    if (status == AUTH_STATUS_OK)
        status =
            cli_ledger_check_documents(call, ledger, &findings.reporter, &summary.documents, &err);
    if (status == AUTH_STATUS_OK)
        status = check_answers(call, cli_ledger_connection(ledger), &findings.reporter,
                               &summary.answers, &err);
    cli_findings_end(&findings);
    return status == AUTH_STATUS_OK ? show(call, &findings, &summary)
                                    : cli_error(call->command, &err);
}

#define CLI_OPTION_ANSWERS                                                                         \
    {                                                                                              \
        "answers", "FILE...",                                                                      \
            N_("a file of what was acknowledged, and what OCSP responders answered"), NULL         \
    }

static const cli_option options[] = {
    CLI_OPTION_DIR,           CLI_OPTION_CONNECT,
    CLI_OPTION_ANCHOR,        CLI_OPTION_HEAD,
    CLI_OPTION_TRUST,         CLI_OPTION_DEEP,
    CLI_OPTION_REALM,         CLI_OPTION_SEAL_KEY,
    CLI_OPTION_SEAL_TOKEN,    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD, CLI_OPTION_POLICY,
    CLI_OPTION_ANSWERS,       CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth fsck --dir /var/lib/auth/registry --anchor /mnt/elsewhere/heads",
    NULL,
};

const cli_command cli_command_fsck = {
    .name = "fsck",
    .summary = N_("check the whole registry against itself, its ledger and kept heads"),
    .options = options,
    .description = N_(
        "Checks that every certificate has its request, its outcome and its entry in the ledger, "
        "that its row says what its DER says and its authority signed it, that revocations follow "
        "each other and the newest CRL of each scope names them, that live certificates are those "
        "that should be, and that every act has its entry and every entry its act. The ledger is "
        "checked as by 'auth ledger verify'.\n\n"
        "With --deep, every stored request document is opened as well, which only a holder of the "
        "master key can: it must be the one that its row, items and signatures tell about, and its "
        "signatures must verify. Those that were obeyed are judged again by --policy, with what "
        "the "
        "registry knew at that time. Officers come from the authority 'staff' of the registry, and "
        "that from the root in the registry or one of --trust.\n\n"
        "With --answers, what clients were told and responders were seen to answer is held against "
        "the registry: nothing acknowledged may be missing, and nothing may have been called good "
        "more than a second after its revocation was acknowledged.\n\n"
        "Each fault is a line: table, row, what is wrong. The exit code is 0 when there is none "
        "and 1 when there are some."),
    .examples = examples,
    .run = run,
};
