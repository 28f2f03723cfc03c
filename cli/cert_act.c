/* SPDX-License-Identifier: Apache-2.0 */
#include "cert_act.h"

#include <auth/codec.h>
#include <stdlib.h>

typedef struct act {
    auth_request_item *items;
    auth_buf *serials;
    size_t count;
} act;

static auth_status read_common(const cli_call *call, auth_request_item *out, auth_error *err)
{
    const char *reason = cli_value(call, "reason");
    const char *since = cli_value(call, "since");
    auth_status status = AUTH_STATUS_OK;
    *out = (auth_request_item){.comment = auth_bytes_from_text(cli_value(call, "comment"))};
    if (reason != NULL) {
        out->has_reason = true;
        status = auth_revocation_reason_find(reason, &out->reason, err);
    }
    if (status == AUTH_STATUS_OK && since != NULL) {
        out->has_invalidity = true;
        status = auth_time_parse(auth_bytes_from_text(since), &out->invalidity, err);
        if (status != AUTH_STATUS_OK)
            auth_error_context(err, "--since");
    }
    return status;
}

static auth_status add(act *of, const char *text, auth_error *err)
{
    char serial[CLI_SERIAL_SIZE];
    size_t before = auth_buf_bytes(of->serials).len;
    auth_status status = cli_serial_check(text, serial, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_decode(AUTH_CODEC_HEX, auth_bytes_from_text(serial), of->serials, err);
    if (status == AUTH_STATUS_OK)
        of->items[of->count++].serial.len = auth_buf_bytes(of->serials).len - before;
    return status;
}

static auth_status read_items(const cli_call *call, act *of, auth_error *err)
{
    auth_request_item common;
    size_t count = (size_t)call->argument_count;
    auth_status status = read_common(call, &common, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(count * CLI_SERIAL_SIZE, &of->serials, err);
    of->items = calloc(count, sizeof *of->items);
    if (status == AUTH_STATUS_OK && of->items == NULL)
        status = auth_error_memory(err);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++)
        status = add(of, call->arguments[i], err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* The buffer stays where it is from now on. */
    const uint8_t *at = auth_buf_bytes(of->serials).data;
    for (size_t i = 0; i < count; i++) {
        size_t len = of->items[i].serial.len;
        of->items[i] = common;
        of->items[i].serial = (auth_bytes){at, len};
        at += len;
    }
    return AUTH_STATUS_OK;
}

cli_exit cli_cert_act(const cli_call *call, auth_request_kind kind)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    act of = {.items = NULL};
    if (call->argument_count < 1 || call->argument_count > AUTH_REQUEST_ITEMS_MAX)
        return cli_usage(call->command, _("give 1 to %d serial numbers"), AUTH_REQUEST_ITEMS_MAX);
    auth_status status = read_items(call, &of, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_new(call, &officer, &err);
    cli_wish wish = {.kind = kind, .items = of.items, .item_count = of.count};
    cli_exit code = status == AUTH_STATUS_OK ? cli_document_submit(call, officer, &wish, NULL)
                                             : cli_error(call->command, &err);
    free(of.items);
    auth_buf_free(of.serials);
    return code;
}
