/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_csv.h"

#include "enrol_table.h"
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 100U

static bool read_batch(const cli_call *call, size_t *out)
{
    const char *text = cli_value(call, "batch");
    char *end = NULL;
    *out = BATCH;
    if (text == NULL)
        return true;
    errno = 0;
    *out = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= 1 &&
           *out <= AUTH_REQUEST_ITEMS_MAX;
}

cli_exit cli_enrol_csv_check(const cli_call *call)
{
    static const char *const others[] = {"name", "number-file", "type",      "evidence",
                                         "csr",  "key-out",     "activation"};
    auth_error err;
    size_t batch = 0;
    unsigned wait_s = 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (cli_has(call, others[i]))
            return cli_usage(call->command, _("--%s is for one person; with --csv it is a column"),
                             others[i]);
    }
    if (strcmp(cli_value(call, "csv"), "-") == 0)
        return cli_usage(call->command, _("--csv: name a file, since its state is kept beside it"));
    if (!read_batch(call, &batch))
        return cli_usage(call->command, _("--batch: must be a number from 1 to %d"),
                         AUTH_REQUEST_ITEMS_MAX);
    if (cli_wait_read(call, 0, &wait_s, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    return CLI_YES;
}

static cli_exit show(const cli_call *call, const cli_enrol_sum *sum)
{
    const char *path = cli_value(call, "csv");
    if (cli_has(call, "json")) {
        cli_json *json = cli_json_new();
        cli_json_number(json, "lines", (long long)sum->lines);
        cli_json_number(json, "refused", (long long)sum->refused);
        cli_json_number(json, "done", (long long)sum->done);
        cli_json_number(json, "waiting", (long long)sum->waiting);
        cli_json_number(json, "open", (long long)sum->open);
        cli_json_number(json, "kept", (long long)sum->kept);
        cli_json_number(json, "unsigned", (long long)sum->unsigned_count);
        cli_json_bool(json, "has_report", sum->refused > 0);
        cli_json_bool(json, "has_codes", sum->codes > 0);
        if (!cli_json_print(json, stdout))
            return cli_fault(_("out of memory"));
    } else {
        (void)printf(_("%s: %zu lines: %zu with a certificate, %zu waiting for activation, %zu not "
                       "decided yet, %zu refused\n"),
                     path, sum->lines, sum->done, sum->waiting, sum->open, sum->refused);
        if (sum->unsigned_count > 0)
            (void)printf(_("documents that lack a signature: %zu; 'auth request list --state "
                           "submitted' has them, the first is signed by 'auth request approve "
                           "%s'\n"),
                         sum->unsigned_count, sum->unsigned_id);
        if (sum->kept > 0)
            (void)printf(_("%zu of them are kept at the counter and not in the registry yet: call "
                           "this again when it is back; what became of them is told then, and "
                           "whose document was refused because of somebody else is entered anew\n"),
                         sum->kept);
        if (sum->refused > 0)
            (void)printf(_("what was refused, and why: %s.report.csv; correct those lines in a "
                           "new table of their own\n"),
                         path);
        if (sum->codes > 0)
            (void)printf(_("activation codes: %s.codes.csv; hand each over and remove the file\n"),
                         path);
    }
    if (sum->refused > 0)
        return CLI_NO;
    if (cli_has(call, "wait") && sum->open > 0)
        return cli_fault(
            _("not decided within the time of --wait; call this again, nothing is sent twice"));
    return CLI_YES;
}

cli_exit cli_enrol_csv(const cli_call *call, cli_officer *officer)
{
    auth_error err;
    cli_enrol_sum sum = {.lines = 0};
    cli_enrol_order order = {.officer = officer, .path = cli_value(call, "csv")};
    order.profile = cli_has(call, "profile") ? cli_value(call, "profile") : CLI_PROFILE;
    (void)read_batch(call, &order.batch);
    auth_status status = cli_wait_read(call, 0, &order.wait_s, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_enrol_table_run(&order, &sum, &err);
    return status == AUTH_STATUS_OK ? show(call, &sum) : cli_error(call->command, &err);
}
