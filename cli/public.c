/* SPDX-License-Identifier: Apache-2.0 */
#include "public.h"

#include "file.h"

#include <auth/cert.h>
#include <auth/codec.h>
#include <string.h>

/* Nobody but the authority is waited for. */
#define MOMENT_S 60U

auth_status cli_public_post(cli_officer *officer, const char *path, const char *type,
                            auth_bytes body, cli_answer **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *said = NULL;
    cli_ask_http ask = {
        .method = "POST", .path = path, .type = type, .body = body, .is_repeatable = true};
    auth_status status = cli_officer_ask_publicly(officer, &ask, NULL, &said, err);
    return status == AUTH_STATUS_OK ? cli_answer_parse(auth_buf_bytes(said), out, err) : status;
}

static auth_status decode(const char *text, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_status status = auth_buf_new(AUTH_CERT_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_decode(AUTH_CODEC_BASE64, auth_bytes_from_text(text), der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_parse(auth_buf_bytes(der), &cert, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, _("the certificate in the answer"));
    else
        *out = AUTH_TAKE(der);
    return status;
}

static auth_status save(const cli_call *call, const char *text, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    char path[CLI_HOLDER_PATH_SIZE];
    const char *out = cli_value(call, "out");
    auth_status status = decode(text, &der, err);
    if (status == AUTH_STATUS_OK && out == NULL && cli_has(call, "key-out")) {
        status = cli_holder_beside(call, ".cer", path, err);
        out = path;
    }
    if (status == AUTH_STATUS_OK)
        status = cli_file_write(out, auth_buf_bytes(der), false, err);
    if (status == AUTH_STATUS_OK && out != NULL && strcmp(out, "-") != 0)
        (void)fprintf(stderr, _("the certificate is in %s\n"), out);
    return status;
}

cli_exit cli_public_finish(const cli_call *call, cli_officer *officer, const char *id, size_t item)
{
    auth_error err;
    AUTH_AUTO(cli_answer) *answer = NULL;
    unsigned wait_s = 0;
    auth_status status = cli_wait_read(call, MOMENT_S, &wait_s, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_outcome_wait_publicly(officer, id, item, wait_s, &answer, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    const char *text = cli_answer_text(answer, "certificate");
    bool is_shown = cli_has(call, "out") || cli_has(call, "key-out") || text == NULL;
    cli_exit code = is_shown ? cli_outcome_show(call, answer, true) : CLI_YES;
    if (text == NULL) {
        cli_holder_settle(call, answer, code);
        return code == CLI_YES ? CLI_NO : code;
    }
    status = save(call, text, &err);
    return status == AUTH_STATUS_OK ? code : cli_error(call->command, &err);
}
