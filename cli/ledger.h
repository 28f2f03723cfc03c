/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands that read the ledger have in common. */
#ifndef CLI_LEDGER_H
#define CLI_LEDGER_H

#include "registry.h"

#include "registry/ledger_verify.h"

#define CLI_OPTION_TRUST                                                                           \
    {                                                                                              \
        "trust", "FILE...",                                                                        \
            N_("believe heads of these signers and authorities, not those in the registry"), NULL  \
    }
#define CLI_OPTION_ANCHOR                                                                          \
    {                                                                                              \
        "anchor", "FILE...", N_("an anchor file of auth-ca; together they hold every head"), NULL  \
    }
#define CLI_OPTION_HEAD                                                                            \
    {                                                                                              \
        "head", "FILE...", N_("a file with heads that were kept, one a line, oldest first"), NULL  \
    }

#define CLI_OPTION_DEEP                                                                            \
    {                                                                                              \
        "deep", NULL,                                                                              \
            N_("open and judge every stored document too, with --seal-key and --policy"), NULL     \
    }
#define CLI_OPTION_POLICY                                                                          \
    {                                                                                              \
        "policy", "FILE", N_("the policy by which documents are judged"), NULL                     \
    }

/* What a subcommand works with: a connection, and whose heads are believed. */
typedef struct cli_ledger cli_ledger;

/*
 * Connects as auth_auditor to the registry that --dir or --connect names, and reads the files of
 * --trust.
 *
 * Ownership: gives *out, to be freed with cli_ledger_free.
 * Errors: those of registry_connection_open and cli_input_read.
 */
auth_status cli_ledger_open(const cli_call *call, cli_ledger **out,
                            auth_error *err) AUTH_MUST_CHECK;

void cli_ledger_free(cli_ledger *ledger);

registry_connection *cli_ledger_connection(const cli_ledger *ledger);
registry_crypto *cli_ledger_crypto(const cli_ledger *ledger);

/* The files of --anchor and --head and the certificates of --trust; borrowed from ledger. */
registry_ledger_examination cli_ledger_examination(const cli_ledger *ledger);

/* Whose heads are believed; NULL when --trust was not given. */
const registry_ledger_trust *cli_ledger_trust(const cli_ledger *ledger);

/*
 * A reporter that prints each finding, as text or as a line of JSON, and on a terminal how far it
 * is. To be ended by cli_findings_end.
 */
typedef struct cli_findings {
    registry_reporter reporter;
    bool is_json;
    bool is_terminal;
    bool has_failed; /* a line could not be printed */
    long long shown_at_ms;
    long long began_at_ms;
    const char *part;
} cli_findings;

/* With --deep, --realm, --seal-key and --policy are needed: CLI_USAGE and a message when they lack.
 */
cli_exit cli_ledger_check(const cli_call *call);

/*
 * With --deep, examines every stored document; *count becomes how many there are.
 *
 * Errors: those of cli_sealing_open, auth_policy_validate and registry_fsck_documents.
 */
auth_status cli_ledger_check_documents(const cli_call *call, const cli_ledger *ledger,
                                       registry_reporter *reporter, uint64_t *count,
                                       auth_error *err) AUTH_MUST_CHECK;

void cli_findings_begin(cli_findings *findings, const cli_call *call);

/* Takes the bar away. */
void cli_findings_end(cli_findings *findings);

AUTH_DEFINE_CLEANUP(cli_ledger)

#endif
