/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "file.h"
#include "signer.h"

#include <stdlib.h>
#include <string.h>

#define RSA_BITS 3072
#define PEM_MAX ((size_t)64 * 1024)

typedef struct key_wish {
    auth_key_type type;
    unsigned bits;
} key_wish;

static cli_exit read_wish(const cli_call *call, key_wish *wish)
{
    const char *name = cli_value(call, "type");
    const char *bits = cli_value(call, "bits");
    wish->type = AUTH_KEY_TYPE_P256;
#define AUTH_KEY_TYPE_ROW(id, number, row_name, signature)                                         \
    if (name != NULL && strcmp(name, row_name) == 0)                                               \
        wish->type = AUTH_KEY_TYPE_##id;
#include <auth/key_type.def>
    wish->bits = wish->type == AUTH_KEY_TYPE_RSA ? RSA_BITS : 0;
    if (bits == NULL)
        return CLI_YES;
    if (wish->type != AUTH_KEY_TYPE_RSA)
        return cli_usage(call->command, _("--bits is for --type rsa; the others have one size"));
    wish->bits = (unsigned)strtoul(bits, NULL, 10);
    return CLI_YES;
}

static auth_status make_in_token(cli_call *call, const key_wish *wish, auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    auth_status status =
        auth_signer_generate_in_token(cli_value(call, "token"), wish->type, wish->bits,
                                      cli_passphrase_ask, call, &signer, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--token");
    return status;
}

static auth_status make_in_file(const cli_call *call, const key_wish *wish, auth_error *err)
{
    AUTH_AUTO(auth_secret) *passphrase = NULL;
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *pem = NULL;
    auth_status status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK &&
        (cli_has(call, "passphrase-file") || cli_has(call, "passphrase-fd")))
        status = cli_passphrase_read(call, _("the key"), &passphrase, err);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_generate(wish->type, wish->bits, &signer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_export(signer, passphrase, pem, err);
    if (status == AUTH_STATUS_OK)
        status = cli_has(call, "out")
                     ? cli_file_create(cli_value(call, "out"), auth_buf_bytes(pem), err)
                     : cli_file_write(NULL, auth_buf_bytes(pem), true, err);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    key_wish wish;
    if (cli_has(call, "out") && cli_has(call, "token"))
        return cli_usage(call->command, _("give --out or --token, not both"));
    if (cli_has(call, "passphrase-file") && cli_has(call, "passphrase-fd"))
        return cli_usage(call->command, _("give --passphrase-file or --passphrase-fd, not both"));
    cli_exit code = read_wish(call, &wish);
    if (code != CLI_YES)
        return code;
    auth_status status =
        cli_has(call, "token") ? make_in_token(call, &wish, &err) : make_in_file(call, &wish, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const char *const type_names[] = {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature) name,
#include <auth/key_type.def>
    NULL,
};

static const char *const sizes[] = {"2048", "3072", "4096", NULL};

static const cli_option options[] = {
    {"type", "TYPE", N_("the type of key, instead of p256"), type_names},
    {"bits", "N", N_("the size of an RSA key, instead of 3072"), sizes},
    {"out", "FILE", N_("write the key to a new file instead of to standard output"), NULL},
    {"token", "URI", N_("make the key inside a PKCS#11 token, which it never leaves"), NULL},
    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth key new --out li.pem",
    "auth key new --type sm2 --passphrase-file secret --out li.pem",
    "auth key new --type rsa --bits 4096 --token "
    "'pkcs11:token=ca;object=root?module-name=softhsm2&pin-source=/etc/auth/pin'",
    NULL,
};

const cli_command cli_command_key_new = {
    .name = "key new",
    .summary = N_("make a private key, in a file or in a PKCS#11 token"),
    .options = options,
    .description = N_(
        "The key is written as PKCS#8 in PEM. With a passphrase, the first line of a file or "
        "descriptor, it is encrypted by AES-256 under PBKDF2 with 600,000 rounds. The file is "
        "new and for its owner only: a file that is there already is never overwritten.\n\n"
        "In a token, P-256, P-384 and RSA keys can be made. The URI (RFC 7512) names module-name "
        "or module-path, token, serial or slot-id, and object or id for the new key, which no "
        "object there may have yet."),
    .examples = examples,
    .run = run,
};
