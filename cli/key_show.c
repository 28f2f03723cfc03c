/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "show.h"
#include "signer.h"

#include <auth/pem.h>

#define PEM_MAX ((size_t)4096)

static auth_status write_pem(const auth_public_key *key, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    auth_status status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode("PUBLIC KEY", auth_public_key_spki(key), pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(pem, (auth_bytes){(const uint8_t *)"", 1}, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(pem);
    return status;
}

static void show_size(cli_view *view, const auth_public_key *key)
{
    char bits[16];
    (void)snprintf(bits, sizeof bits, "%u", auth_public_key_bits(key));
    if (view->json != NULL)
        cli_json_number(view->json, "bits", (long long)auth_public_key_bits(key));
    else
        cli_show_text(view, "bits", _("bits"), bits);
}

static cli_exit show(const cli_call *call, const auth_public_key *key)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    cli_view view = {.json = cli_has(call, "json") ? cli_json_new() : NULL};
    if (view.json == NULL && cli_has(call, "json"))
        return cli_fault(_("out of memory"));
    uint8_t id[AUTH_KEY_ID_SIZE];
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    auth_public_key_id(key, id);
    auth_public_key_hash(key, hash);
    view.status = write_pem(key, &pem, &view.err);
    const char *text = pem == NULL ? "" : (const char *)auth_buf_bytes(pem).data;
    if (view.json == NULL && cli_has(call, "public")) {
        fputs(text, stdout);
        return cli_show_end(&view);
    }
    cli_show_text(&view, "type", _("type"), auth_key_type_name(auth_public_key_type(key)));
    show_size(&view, key);
    cli_show_hex(&view, "key_id", _("key id"), (auth_bytes){id, sizeof id});
    cli_show_hex(&view, "hash", _("hash"), (auth_bytes){hash, sizeof hash});
    if (view.json != NULL)
        cli_show_text(&view, "public_key", "", cli_has(call, "public") ? text : NULL);
    return cli_show_end(&view);
}

static cli_exit run(cli_call *call)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    auth_error err;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one file or URI"));
    if (cli_has(call, "passphrase-file") && cli_has(call, "passphrase-fd"))
        return cli_usage(call->command, _("give --passphrase-file or --passphrase-fd, not both"));
    if (cli_signer_open_named(call, call->arguments[0], &signer, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    return show(call, auth_signer_public_key(signer));
}

static const cli_option options[] = {
    CLI_OPTION_JSON,
    {"public", NULL, N_("print the public key in PEM, or add it to the JSON"), NULL},
    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth key show li.pem",
    "auth key show --public li.pem > li.pub",
    "auth key show --json "
    "'pkcs11:token=ca;object=root?module-name=softhsm2&pin-source=/etc/auth/pin'",
    NULL,
};

const cli_command cli_command_key_show = {
    .name = "key show",
    .summary = N_("show which key a file or a PKCS#11 token holds"),
    .arguments = "FILE|URI",
    .options = options,
    .description = N_(
        "Tells type and size of a private key, its identifier (SHA-1 of the public key's bits, as "
        "in certificates) and the SHA-256 hash of its SubjectPublicKeyInfo, by which keys are "
        "blocked. The private half is checked against the public one and never shown.\n\n"
        "In JSON there are type, bits, key_id, hash and public_key, by "
        "schemas/key.schema.json. The exit code is 1 when the key cannot be read."),
    .examples = examples,
    .run = run,
};
