/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"
#include "file.h"
#include "public.h"

#include <auth/codec.h>
#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)128 << 10)
#define CODE_MAX 64

typedef struct codes {
    char first[CODE_MAX + 1];
    char second[CODE_MAX + 1];
} codes;

/* A code stands in JSON as it is: what needs an escape there is none. */
static auth_status take(auth_bytes text, char out[CODE_MAX + 1], auth_error *err)
{
    bool is_one = text.len >= 8 && text.len <= CODE_MAX;
    for (size_t i = 0; is_one && i < text.len; i++)
        is_one = text.data[i] > ' ' && text.data[i] < 0x7f && strchr("\"\\", text.data[i]) == NULL;
    if (!is_one)
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            _("a code has 8 to 64 letters, digits and hyphens; enter it as it was "
              "handed over"));
    (void)snprintf(out, CODE_MAX + 1, "%.*s", (int)text.len, (const char *)text.data);
    return AUTH_STATUS_OK;
}

static auth_bytes next_line(auth_bytes *text)
{
    const uint8_t *feed = text->len == 0 ? NULL : memchr(text->data, '\n', text->len);
    auth_bytes line = {text->data, feed == NULL ? text->len : (size_t)(feed - text->data)};
    size_t step = line.len + (feed == NULL ? 0 : 1);
    *text = (auth_bytes){text->data + step, text->len - step};
    return line;
}

static auth_status read_codes(const cli_call *call, codes *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *file = NULL;
    AUTH_AUTO(auth_secret) *first = NULL;
    AUTH_AUTO(auth_secret) *second = NULL;
    const char *path = cli_value(call, "codes-file");
    auth_status status = AUTH_STATUS_OK;
    if (path != NULL) {
        status = cli_file_read(path, &file, err);
        auth_bytes text = status == AUTH_STATUS_OK ? auth_buf_bytes(file) : (auth_bytes){NULL, 0};
        if (status == AUTH_STATUS_OK)
            status = take(next_line(&text), out->first, err);
        if (status == AUTH_STATUS_OK)
            status = take(next_line(&text), out->second, err);
        if (status != AUTH_STATUS_OK)
            auth_error_context(err, "--codes-file");
        return status;
    }
    if (!cli_can_ask())
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("the codes are not told; give --codes-file FILE, or call this on a "
                                "terminal"));
    status = cli_ask_passphrase(_("the code from the counter"), &first, err);
    if (status == AUTH_STATUS_OK)
        status = take(auth_secret_bytes(first), out->first, err);
    if (status == AUTH_STATUS_OK)
        status = cli_ask_passphrase(_("the code that came in another way"), &second, err);
    if (status == AUTH_STATUS_OK)
        status = take(auth_secret_bytes(second), out->second, err);
    return status;
}

static auth_status write_body(const char *id, unsigned long item, const codes *with, auth_bytes csr,
                              auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    auth_status status = auth_buf_new(BODY_MAX, &body, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_buf_printf(body, err,
                            "{\"request\":\"%s\",\"item\":%lu,\"codes\":[\"%s\",\"%s\"],\"csr\":\"",
                            id, item, with->first, with->second);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64URL, csr, body, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(body, err, "\"}");
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(body);
    return status;
}

static cli_exit activate(const cli_call *call, const codes *with, unsigned long item)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *holder = NULL;
    AUTH_AUTO(auth_buf) *csr = NULL;
    AUTH_AUTO(auth_buf) *body = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    const char *id = call->arguments[0];
    auth_status status = cli_officer_new(call, &holder, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_request(call, &csr, &err);
    if (status == AUTH_STATUS_OK)
        status = write_body(id, item, with, auth_buf_bytes(csr), &body, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_public_post(holder, "/activations", CLI_TYPE_JSON, auth_buf_bytes(body),
                                 &answer, &err);
    if (status == AUTH_STATUS_OK)
        return cli_public_finish(call, holder, id, item);
    cli_exit code = cli_error(call->command, &err);
    if (csr != NULL)
        cli_holder_settle(call, NULL, code);
    return code;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    codes with;
    const char *item = cli_value(call, "item");
    char *end = NULL;
    unsigned long index = item == NULL ? 0 : strtoul(item, &end, 10);
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give the id of one request"));
    if (cli_request_id_check(call->arguments[0], &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    if (item != NULL &&
        (item[0] < '0' || item[0] > '9' || *end != '\0' || index >= AUTH_REQUEST_ITEMS_MAX))
        return cli_usage(call->command, _("--item: must be a number, from 0"));
    cli_exit code = cli_holder_check(call);
    if (code != CLI_YES)
        return code;
    code = read_codes(call, &with, &err) == AUTH_STATUS_OK ? activate(call, &with, index)
                                                           : cli_error(call->command, &err);
    auth_secret_wipe(&with, sizeof with);
    return code;
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"codes-file", "FILE", N_("read the two codes from the first two lines ('-': stdin)"), NULL},
    {"item", "N", N_("of which item of the request, instead of 0"), NULL},
    CLI_OPTION_CSR,
    CLI_OPTION_KEY_OUT,
    CLI_OPTION_KEY_TYPE,
    CLI_OPTION_KEY_PASSPHRASE_FILE,
    {"out", "FILE", N_("write the certificate there, instead of beside --key-out"), NULL},
    CLI_OPTION_WAIT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert activate --server https://ra.example:8441 --trust root.cer --key-out li.pem "
    "019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77",
    NULL,
};

const cli_command cli_command_cert_activate = {
    .name = "cert activate",
    .summary = N_("make the key of an enrolment with activation codes, and get its certificate"),
    .arguments = "ID",
    .options = options,
    .description = N_(
        "Somebody who was enrolled with --activation calls this, at home: with the two codes and a "
        "new key she gets her certificate. The codes are asked for without being shown. The id of "
        "the request stands on the paper that the office handed over. In JSON there is one object, "
        "by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
