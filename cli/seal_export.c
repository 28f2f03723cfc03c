/* SPDX-License-Identifier: Apache-2.0 */
#include "sealing.h"
#include "signer.h"

#include "registry/key_file.h"

#define TEXT_MAX 4096

static auth_status export(const cli_call *call, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(registry_keyring) *ring = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK)
        status = cli_sealing_open(call, crypto, &ring, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = registry_keyring_export_office(ring, crypto, registry_keyring_newest(ring),
                                                cli_value(call, "office"), text, err);
    if (status == AUTH_STATUS_OK)
        status = registry_key_file_create(cli_value(call, "out"), auth_buf_bytes(text), err);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    if (!cli_has(call, "realm") || !cli_has(call, "seal-key") || !cli_has(call, "office") ||
        !cli_has(call, "out"))
        return cli_usage(call->command, _("--realm, --seal-key, --office and --out are needed"));
    return export(call, &err) == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_REALM,
    CLI_OPTION_SEAL_KEY,
    {"office", "PATH", N_("the path of the office: /centre/province/"), NULL},
    {"out", "FILE", N_("the new key file"), NULL},
    CLI_OPTION_SEAL_TOKEN,
    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth seal export --realm shaanxi --seal-key /etc/auth/seal-1.key --office /centre/xian/ --out "
    "xian.key",
    NULL,
};

const cli_command cli_command_seal_export = {
    .name = "seal export",
    .summary = N_("make the key file of an office, with which it opens its own subtree"),
    .options = options,
    .description = N_(
        "Derives the key of an office from the master key, or from the key of an office above it, "
        "and writes it to a new file for its owner only. With it the office opens what is sealed "
        "in "
        "it and below it, and nothing else. The file holds the look-up key of the realm as well: "
        "whoever has it can try person numbers against a copy of the registry, so it is as secret "
        "as the rest."),
    .examples = examples,
    .run = run,
};
