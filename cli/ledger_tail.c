/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include "registry/ledger_proof.h"

#include <stdlib.h>
#include <time.h>

#define LINES 10
#define LINES_MAX 1000
#define POLL_S 1

static auth_status show(void *context, const registry_ledger_proof *entry, auth_error *err)
{
    (void)context;
    bool is_printed = fwrite(entry->body.data, 1, entry->body.len, stdout) == entry->body.len &&
                      fputc('\n', stdout) != EOF;
    return is_printed ? AUTH_STATUS_OK
                      : auth_error_set(err, AUTH_STATUS_IO, _("cannot write standard output"));
}

static auth_status follow(registry_connection *connection, int64_t last, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK) {
        int64_t before = last;
        status = registry_ledger_read(connection, last, &last, show, NULL, err);
        (void)fflush(stdout);
        if (before == last)
            (void)nanosleep(&(struct timespec){.tv_sec = POLL_S}, NULL);
    }
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    int64_t last = 0;
    long lines = LINES;
    AUTH_AUTO(cli_ledger) *ledger = NULL;
    const char *wanted = cli_value(call, "lines");
    cli_exit code = cli_registry_check(call);
    if (code != CLI_YES)
        return code;
    if (wanted != NULL)
        lines = strtol(wanted, NULL, 10);
    if (lines < 1 || lines > LINES_MAX)
        return cli_usage(call->command, _("--lines is a number from 1 to %d"), LINES_MAX);
    auth_status status = cli_ledger_open(call, &ledger, &err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_ledger_read(cli_ledger_connection(ledger), -lines, &last, show, NULL, &err);
    if (status == AUTH_STATUS_OK && cli_has(call, "follow"))
        status = follow(cli_ledger_connection(ledger), last, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_DIR,
    CLI_OPTION_CONNECT,
    {"lines", "N", N_("show the last N entries, instead of 10"), NULL},
    {"follow", NULL, N_("go on with entries as they come in"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth ledger tail --follow --dir /var/lib/auth/registry",
    NULL,
};

const cli_command cli_command_ledger_tail = {
    .name = "ledger tail",
    .summary = N_("show the newest entries of the ledger"),
    .options = options,
    .description =
        N_("Prints entries as they were hashed, a line of JSON each, oldest first. Entries come in "
           "the order of their numbers, which is not always that of their places in the tree: with "
           "--follow, one that was written early and committed late can be left out."),
    .examples = examples,
    .run = run,
};
