/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"
#include "ledger.h"
#include "output.h"

#include "registry/ledger_proof.h"

/* Without the line feed that a file of lines has. */
static auth_bytes line_of(auth_bytes text)
{
    size_t len = text.len;
    while (len > 0 && (text.data[len - 1] == '\n' || text.data[len - 1] == '\r'))
        len--;
    return (auth_bytes){text.data, len};
}

static auth_status read_head(const char *path, const registry_ledger_trust *trust,
                             registry_ledger_head *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = cli_file_read(path, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_ledger_head_read(line_of(auth_buf_bytes(text)), trust, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", path);
    return status;
}

static cli_exit show(const registry_ledger_head *first, const registry_ledger_head *second,
                     const merkle_proof *proof)
{
    char text[2 * REGISTRY_HASH_SIZE + 1];
    cli_json *json = cli_json_new();
    if (json == NULL)
        return cli_fault(_("out of memory"));
    cli_json_number(json, "first", (long long)first->tree_size);
    cli_json_number(json, "second", (long long)second->tree_size);
    cli_json_array(json, "hashes");
    for (size_t i = 0; i < proof->count; i++) {
        for (size_t k = 0; k < REGISTRY_HASH_SIZE; k++)
            (void)snprintf(text + 2 * k, 3, "%02x", proof->hashes[i].octets[k]);
        cli_json_append_text(json, "hashes", text);
    }
    return cli_json_print(json, stdout) ? CLI_YES : cli_fault(_("out of memory"));
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_ledger_head heads[2];
    merkle_proof proof;
    AUTH_AUTO(cli_ledger) *ledger = NULL;
    cli_exit code = cli_registry_check(call);
    if (code != CLI_YES)
        return code;
    if (call->argument_count != 2)
        return cli_usage(call->command, _("name two files with a head each, the older first"));
    auth_status status = cli_ledger_open(call, &ledger, &err);
    for (size_t i = 0; i < 2 && status == AUTH_STATUS_OK; i++)
        status = read_head(call->arguments[i], cli_ledger_trust(ledger), &heads[i], &err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_connect(cli_ledger_connection(ledger), cli_ledger_crypto(ledger),
                                         &heads[0], &heads[1], &proof, &err);
    return status == AUTH_STATUS_OK ? show(&heads[0], &heads[1], &proof)
                                    : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_DIR,
    CLI_OPTION_CONNECT,
    CLI_OPTION_TRUST,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth ledger consistency --dir /var/lib/auth/registry monday.jws friday.jws",
    NULL,
};

const cli_command cli_command_ledger_consistency = {
    .name = "ledger consistency",
    .summary = N_("prove that one head of the ledger grew out of another"),
    .arguments = N_("HEAD1 HEAD2"),
    .options = options,
    .description = N_(
        "Makes the proof that the ledger of the second head begins with all of the first "
        "(RFC 9162 section 2.1.4), verifies it against both heads, and prints it as JSON. The "
        "exit code is 1 when there is no such proof: something that was told with the first head "
        "is different in the second."),
    .examples = examples,
    .run = run,
};
