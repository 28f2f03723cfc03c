/* SPDX-License-Identifier: Apache-2.0 */
#include "holder.h"

#include "document.h"
#include "file.h"
#include "input.h"

#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEM_MAX ((size_t)64 << 10)
/* A Name without attributes: who the holder is stands in the document. */
#define EMPTY_NAME                                                                                 \
    (auth_bytes) { (const uint8_t *)"\x30\x00", 2 }

const char *const cli_key_types[] = {"p256", "p384", "ed25519", "sm2", NULL};

cli_exit cli_holder_check(const cli_call *call)
{
    if (cli_has(call, "csr") == cli_has(call, "key-out"))
        return cli_usage(call->command, _("give --csr FILE or --key-out FILE, one of the two"));
    return CLI_YES;
}

auth_status cli_holder_read(const char *path, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(cli_input) *input = NULL;
    AUTH_AUTO(auth_csr) *csr = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_status status = cli_input_read(path, CLI_KIND_REQUEST, &input, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_parse(cli_input_der(input, 0), &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_check_possession(csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_CSR_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(der, cli_input_der(input, 0), err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(der);
    return status;
}

static auth_status write_key(const cli_call *call, const auth_signer *signer, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    AUTH_AUTO(auth_secret) *passphrase = NULL;
    const char *path = cli_value(call, "key-passphrase-file");
    auth_status status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK && path != NULL)
        status = auth_passphrase_read(path, -1, &passphrase, err);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_export(signer, passphrase, pem, err);
    return status == AUTH_STATUS_OK
               ? cli_file_create(cli_value(call, "key-out"), auth_buf_bytes(pem), err)
               : status;
}

static auth_key_type wanted_type(const cli_call *call)
{
    const char *name = cli_value(call, "key-type");
    auth_key_type type = AUTH_KEY_TYPE_P256;
#define AUTH_KEY_TYPE_ROW(id, number, row_name, signature)                                         \
    if (name != NULL && strcmp(name, row_name) == 0)                                               \
        type = AUTH_KEY_TYPE_##id;
#include <auth/key_type.def>
    return type;
}

static auth_status make_key(const cli_call *call, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_status status = auth_signer_generate(wanted_type(call), 0, &signer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_CSR_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_new(signer, EMPTY_NAME, der, err);
    if (status == AUTH_STATUS_OK)
        status = write_key(call, signer, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(der);
    return status;
}

auth_status cli_holder_request(const cli_call *call, auth_buf **out, auth_error *err)
{
    const char *path = cli_value(call, "csr");
    auth_status status = path != NULL ? cli_holder_read(path, out, err) : make_key(call, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, path != NULL ? "--csr" : "--key-out");
    return status;
}

void cli_holder_settle(const cli_call *call, const cli_answer *answer, cli_exit code)
{
    const char *path = cli_value(call, "key-out");
    bool is_lost = answer == NULL
                       ? code != CLI_FAULT
                       : cli_outcome_is_decided(answer) && cli_certificate_of(answer, 0) == NULL;
    if (path != NULL && is_lost)
        (void)unlink(path);
}

auth_status cli_holder_beside(const cli_call *call, const char *ending,
                              char out[CLI_HOLDER_PATH_SIZE], auth_error *err)
{
    static const char usual[] = ".pem";
    const char *path = cli_value(call, "key-out");
    size_t stem = strlen(path);
    if (stem > sizeof usual - 1 && strcmp(path + stem - (sizeof usual - 1), usual) == 0)
        stem -= sizeof usual - 1;
    int len = snprintf(out, CLI_HOLDER_PATH_SIZE, "%.*s%s", (int)stem, path, ending);
    if (len > 0 && len < CLI_HOLDER_PATH_SIZE)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          _("--key-out: the path is too long; choose a shorter one"));
}

auth_status cli_certificate_fetch(cli_officer *officer, const char *serial, bool is_chain,
                                  auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    AUTH_AUTO(auth_cert) *cert = NULL;
    char path[CLI_PATH_SIZE];
    char plain[CLI_SERIAL_SIZE];
    auth_status status = cli_serial_check(serial, plain, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(path, sizeof path, "/certificates/%s", plain);
    cli_ask_http ask = {.method = "GET",
                        .path = path,
                        .accept = is_chain ? CLI_TYPE_CHAIN : CLI_TYPE_CERTIFICATE,
                        .is_repeatable = true};
    status = cli_officer_ask(officer, &ask, NULL, &body, err);
    if (status == AUTH_STATUS_OK && !is_chain)
        status = auth_cert_parse(auth_buf_bytes(body), &cert, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(body);
    return status;
}

const char *cli_certificate_of(const cli_answer *answer, size_t item)
{
    return cli_answer_text(cli_answer_at(answer, "items", item), "certificate");
}
