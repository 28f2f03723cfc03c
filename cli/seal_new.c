/* SPDX-License-Identifier: Apache-2.0 */
#include "sealing.h"
#include "signer.h"

#include "registry/key_file.h"

#include <stdlib.h>

#define TEXT_MAX 4096

static auth_status make(const cli_call *call, uint32_t generation, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(auth_signer) *token = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK && cli_has(call, "token"))
        status = cli_signer_open_named(call, cli_value(call, "token"), &token, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_master_key_new(crypto, cli_value(call, "realm"), generation, token, text, err);
    if (status == AUTH_STATUS_OK)
        status = registry_key_file_create(cli_value(call, "out"), auth_buf_bytes(text), err);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    const char *wanted = cli_value(call, "generation");
    unsigned long generation = wanted == NULL ? 1 : strtoul(wanted, NULL, 10);
    if (!cli_has(call, "realm") || !cli_has(call, "out"))
        return cli_usage(call->command, _("--realm and --out are needed"));
    if (generation < 1 || generation > INT32_MAX)
        return cli_usage(call->command, _("--generation is a number from 1"));
    return make(call, (uint32_t)generation, &err) == AUTH_STATUS_OK
               ? CLI_YES
               : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_REALM,
    {"generation", "N", N_("the generation of the key, instead of 1"), NULL},
    {"out", "FILE", N_("the new key file"), NULL},
    CLI_OPTION_SEAL_TOKEN,
    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth seal new --realm shaanxi --out /etc/auth/seal-1.key",
    "auth seal new --realm shaanxi --generation 2 --out seal-2.key --token "
    "'pkcs11:token=ca;object=seal?module-name=softhsm2&pin-source=/etc/auth/pin'",
    NULL,
};

const cli_command cli_command_seal_new = {
    .name = "seal new",
    .summary = N_("make a master key, under which a registry's persons are sealed"),
    .options = options,
    .description = N_(
        "The key is 32 random octets in a new file for its owner only. Who loses it loses the "
        "names "
        "and numbers of all persons in the registry: keep a copy elsewhere. Each change of the key "
        "is a new generation; 'auth registry reseal' brings the registry over.\n\n"
        "With --token, the key is encrypted so that the file opens only where an RSA key can sign: "
        "a key in a PKCS#11 token never leaves it. Use a key that signs nothing else."),
    .examples = examples,
    .run = run,
};
