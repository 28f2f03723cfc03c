/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"
#include "input.h"
#include "login.h"
#include "signer.h"

#include <auth/jws.h>
#include <auth/login.h>

/* What a response is made of, as it is read. */
typedef struct material {
    auth_signer *signer;
    cli_input *chain;
    cli_input *staple;
    auth_buf *challenge;
    auth_bytes rows[AUTH_JWS_CHAIN_MAX];
} material;

static void clear(material *it)
{
    auth_signer_free(it->signer);
    cli_input_free(it->chain);
    cli_input_free(it->staple);
    auth_buf_free(it->challenge);
}

/* A challenge is a word, or the first line of standard input. */
static auth_status read_challenge(const cli_call *call, material *it, auth_bytes *out,
                                  auth_error *err)
{
    *out = auth_bytes_from_text(call->arguments[0]);
    if (out->len != 1 || out->data[0] != '-')
        return AUTH_STATUS_OK;
    auth_status status = cli_file_read("-", &it->challenge, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = auth_buf_bytes(it->challenge);
    if (out->len > 0 && out->data[out->len - 1] == '\n')
        out->len--;
    return AUTH_STATUS_OK;
}

static auth_status read_chain(const cli_call *call, material *it, size_t *count, auth_error *err)
{
    auth_status status =
        cli_input_read(cli_value(call, "cert"), CLI_KIND_CERTIFICATE, &it->chain, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *count = cli_input_count(it->chain);
    if (*count > AUTH_JWS_CHAIN_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              _("--cert: %zu certificates, %d at the most; leave out the root"),
                              *count, AUTH_JWS_CHAIN_MAX);
    for (size_t i = 0; i < *count; i++)
        it->rows[i] = cli_input_der(it->chain, i);
    return AUTH_STATUS_OK;
}

static auth_status read_staple(const cli_call *call, material *it, auth_bytes *out, auth_error *err)
{
    const char *path = cli_value(call, "ocsp");
    if (path == NULL)
        return AUTH_STATUS_OK;
    auth_status status = cli_input_read(path, CLI_KIND_OCSP_RESPONSE, &it->staple, err);
    if (status == AUTH_STATUS_OK)
        *out = cli_input_der(it->staple, 0);
    return status;
}

static auth_status respond(const cli_call *call, material *it, auth_buf *out, auth_error *err)
{
    auth_login_answer answer = {.audience = cli_value(call, "audience"), .chain = it->rows};
    auth_status status = cli_login_now(call, &answer.now, err);
    if (status == AUTH_STATUS_OK)
        status = read_challenge(call, it, &answer.challenge, err);
    if (status == AUTH_STATUS_OK)
        status = read_chain(call, it, &answer.chain_len, err);
    if (status == AUTH_STATUS_OK)
        status = read_staple(call, it, &answer.staple, err);
    if (status == AUTH_STATUS_OK)
        status = cli_signer_open(call, &it->signer, err);
    answer.signer = it->signer;
    if (status == AUTH_STATUS_OK)
        status = auth_login_respond(&answer, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("\n"), err);
    if (status == AUTH_STATUS_OK)
        status = cli_file_write(cli_value(call, "out"), auth_buf_bytes(out), false, err);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *out = NULL;
    material it = {.signer = NULL};
    if (call->argument_count != 1)
        return cli_usage(call->command, _("one challenge is needed, or - to read it"));
    if (!cli_has(call, "audience") || !cli_has(call, "key") || !cli_has(call, "cert"))
        return cli_usage(call->command, _("--audience, --key and --cert are needed"));
    auth_status status = auth_buf_new(AUTH_LOGIN_RESPONSE_MAX + 1, &out, &err);
    if (status == AUTH_STATUS_OK)
        status = respond(call, &it, out, &err);
    clear(&it);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_login_refuse(call, status, &err);
}

static const cli_option options[] = {
    CLI_OPTION_KEY,
    CLI_OPTION_PASSPHRASE_FILE,
    {"cert", "FILE", N_("the certificate of the key, and those of authorities under the root"),
     NULL},
    {"audience", "ORIGIN", N_("the application that is logged in to: its https origin"), NULL},
    {"ocsp", "FILE", N_("an OCSP response about the certificate, to bring along"), NULL},
    {"out", "FILE", N_("write the response there instead of to standard output"), NULL},
    {"at", "TIME", N_("instead of now: 2026-01-31T23:59:59Z"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth login respond --key li.key --cert li.pem --audience https://tax.example.cn CHALLENGE",
    NULL,
};

const cli_command cli_command_login_respond = {
    .name = "login respond",
    .summary = N_("answer a challenge with a citizen's key"),
    .arguments = "CHALLENGE",
    .options = options,
    .description = N_(
        "The response is signed for the application that --audience names and for no other. Take "
        "it from the address that the connection goes to, never from what a page says: a page that "
        "passes on the challenge of another application then gets nothing that is of use there."),
    .examples = examples,
    .run = run,
};
