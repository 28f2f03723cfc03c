/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "output.h"
#include "sealing.h"
#include "signer.h"

#include "registry/fsck.h"

static cli_exit show(const cli_call *call, const cli_findings *findings,
                     const registry_fsck_summary *summary, uint64_t documents)
{
    cli_exit code = findings->reporter.found == 0 ? CLI_YES : CLI_NO;
    if (!cli_has(call, "json")) {
        cli_print_styled(stdout, code == CLI_YES ? CLI_STYLE_GOOD : CLI_STYLE_BAD,
                         code == CLI_YES ? _("in order") : _("not in order"));
        (void)printf(_(": %llu certificates, %llu CRLs, %llu ledger entries, %llu faults\n"),
                     (unsigned long long)summary->certificates, (unsigned long long)summary->crls,
                     (unsigned long long)summary->ledger.entries,
                     (unsigned long long)findings->reporter.found);
        return code;
    }
    cli_json *json = cli_json_new();
    if (json == NULL)
        return cli_fault(_("out of memory"));
    cli_json_bool(json, "in_order", code == CLI_YES);
    cli_json_number(json, "certificates", (long long)summary->certificates);
    cli_json_number(json, "crls", (long long)summary->crls);
    cli_json_number(json, "entries", (long long)summary->ledger.entries);
    if (cli_has(call, "deep"))
        cli_json_number(json, "documents", (long long)documents);
    cli_json_number(json, "faults", (long long)findings->reporter.found);
    return cli_json_print(json, stdout) && !findings->has_failed ? code
                                                                 : cli_fault(_("out of memory"));
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_fsck_summary summary;
    cli_findings findings;
    AUTH_AUTO(cli_ledger) *ledger = NULL;
    uint64_t documents = 0;
    cli_exit code = cli_ledger_check(call);
    if (code != CLI_YES)
        return code;
    auth_status status = cli_ledger_open(call, &ledger, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    registry_ledger_examination examination = cli_ledger_examination(ledger);
    cli_findings_begin(&findings, call);
    status = registry_fsck(cli_ledger_connection(ledger), cli_ledger_crypto(ledger), &examination,
                           &findings.reporter, &summary, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_ledger_check_documents(call, ledger, &findings.reporter, &documents, &err);
    cli_findings_end(&findings);
    return status == AUTH_STATUS_OK ? show(call, &findings, &summary, documents)
                                    : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_DIR,           CLI_OPTION_CONNECT,
    CLI_OPTION_ANCHOR,        CLI_OPTION_HEAD,
    CLI_OPTION_TRUST,         CLI_OPTION_DEEP,
    CLI_OPTION_REALM,         CLI_OPTION_SEAL_KEY,
    CLI_OPTION_SEAL_TOKEN,    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD, CLI_OPTION_POLICY,
    CLI_OPTION_JSON,          CLI_OPTION_END,
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
        "Each fault is a line: table, row, what is wrong. The exit code is 0 when there is none "
        "and 1 when there are some."),
    .examples = examples,
    .run = run,
};
