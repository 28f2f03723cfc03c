/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "output.h"
#include "sealing.h"
#include "signer.h"

#include <inttypes.h>

static void root_text(const merkle_hash *root, char out[65])
{
    for (size_t i = 0; i < sizeof root->octets; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", root->octets[i]);
}

static cli_exit show(const cli_call *call, const cli_findings *findings,
                     const registry_ledger_summary *summary, uint64_t documents)
{
    char root[65];
    root_text(&summary->root, root);
    cli_exit code = findings->reporter.found == 0 ? CLI_YES : CLI_NO;
    if (!cli_has(call, "json")) {
        cli_print_styled(stdout, code == CLI_YES ? CLI_STYLE_GOOD : CLI_STYLE_BAD,
                         code == CLI_YES ? _("in order") : _("not in order"));
        (void)printf(_(": %llu entries, %llu waiting, %llu heads, %llu faults, root %s\n"),
                     (unsigned long long)summary->entries, (unsigned long long)summary->pending,
                     (unsigned long long)summary->heads,
                     (unsigned long long)findings->reporter.found, root);
        return code;
    }
    cli_json *json = cli_json_new();
    if (json == NULL)
        return cli_fault(_("out of memory"));
    cli_json_bool(json, "in_order", code == CLI_YES);
    cli_json_number(json, "entries", (long long)summary->entries);
    cli_json_number(json, "waiting", (long long)summary->pending);
    cli_json_number(json, "heads", (long long)summary->heads);
    if (cli_has(call, "deep"))
        cli_json_number(json, "documents", (long long)documents);
    cli_json_number(json, "faults", (long long)findings->reporter.found);
    cli_json_text(json, "root_hash", root);
    return cli_json_print(json, stdout) && !findings->has_failed ? code
                                                                 : cli_fault(_("out of memory"));
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_ledger_summary summary;
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
    status = registry_ledger_verify(cli_ledger_connection(ledger), cli_ledger_crypto(ledger),
                                    &examination, &findings.reporter, &summary, &err);
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
    "auth ledger verify --dir /var/lib/auth/registry --anchor /mnt/elsewhere/heads",
    "auth ledger verify --json --connect 'host=/run/postgresql dbname=auth user=auth_auditor' "
    "--head kept.jws --trust root.pem",
    NULL,
};

const cli_command cli_command_ledger_verify = {
    .name = "ledger verify",
    .summary = N_("check that nothing in the ledger was changed"),
    .options = options,
    .description = N_(
        "Reads the whole ledger, computes its Merkle tree (RFC 9162) and holds it against what is "
        "stored: every entry once, with the hash that it had; every node; every signed head. With "
        "--anchor, every stored head must be in the anchor files, and each head in them must be a "
        "beginning of this ledger: so a registry that was set back or cut off is found. Heads that "
        "somebody kept are held against it with --head. With --deep, every stored request document "
        "is opened and held against what the registry says about it, and those that were obeyed "
        "are judged again by --policy (see 'auth fsck').\n\n"
        "Each fault is a line: table, row, what is wrong. The exit code is 0 when there is none "
        "and 1 when there are some."),
    .examples = examples,
    .run = run,
};
