/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/doctor.h"
#include "command.h"
#include "output.h"

#include <stdlib.h>
#include <time.h>

/* What has been found so far. */
typedef struct tally {
    const cli_call *call;
    size_t faults;
    size_t warnings;
    bool has_failed; /* to print */
} tally;

static void print_json(tally *of, const realm_doctor_finding *finding)
{
    cli_json *json = cli_json_new();
    if (json == NULL) {
        of->has_failed = true;
        return;
    }
    cli_json_text(json, "check", finding->check);
    cli_json_bool(json, "is_fault", finding->is_fault);
    cli_json_text(json, "text", finding->text);
    of->has_failed = !cli_json_print(json, stdout) || of->has_failed;
}

static void print(void *context, const realm_doctor_finding *finding)
{
    tally *of = context;
    of->faults += finding->is_fault;
    of->warnings += !finding->is_fault;
    if (cli_has(of->call, "json")) {
        print_json(of, finding);
        return;
    }
    cli_print_styled(stdout, finding->is_fault ? CLI_STYLE_BAD : CLI_STYLE_STRONG,
                     finding->is_fault ? _("fault") : _("warning"));
    (void)printf(": %s: %s\n", finding->check, finding->text);
}

static cli_exit show(const tally *of)
{
    if (of->has_failed)
        return cli_fault(_("out of memory"));
    if (!cli_has(of->call, "json"))
        (void)printf(_("faults: %zu, warnings: %zu\n"), of->faults, of->warnings);
    return of->faults == 0 ? CLI_YES : CLI_NO;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    tally of = {.call = call};
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    if (realm_doctor(call->arguments[0], time(NULL), print, &of, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    return show(&of);
}

static const cli_option options[] = {
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth doctor /var/lib/auth",
    NULL,
};

const cli_command cli_command_doctor = {
    .name = "doctor",
    .summary = N_("look a realm over, and tell what is wrong and what to do"),
    .arguments = "DIR",
    .options = options,
    .description = N_(
        "Looks at the realm's files and whether they belong together, the keys of its authorities, "
        "the root's key, certificates that expire, room on the disk, documents in the spool, "
        "the daemons' ports, "
        "whether the registry answers and is this realm's, the clocks, requests that wait too long "
        "and CRLs that are overdue. It changes nothing. Exit code 1: there is a fault; a warning "
        "is none yet. In JSON each finding is an object on a line of its own."),
    .examples = examples,
    .run = run,
};
