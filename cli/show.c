/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include <auth/codec.h>

/* Cells of the column of labels. */
#define LABEL_WIDTH 14

/* Longer texts are cut off by a fault; a certificate has at most 64 KiB. */
#define TEXT_MAX ((size_t)1 << 20)

static auth_buf *new_text(cli_view *view)
{
    auth_buf *text = NULL;
    if (view->status == AUTH_STATUS_OK)
        view->status = auth_buf_new(TEXT_MAX, &text, &view->err);
    return text;
}

/* Ends a text with NUL and views it; NULL when something failed on the way. */
static const char *end_text(cli_view *view, auth_buf *text)
{
    if (view->status == AUTH_STATUS_OK)
        view->status = auth_buf_append(text, (auth_bytes){(const uint8_t *)"", 1}, &view->err);
    return view->status == AUTH_STATUS_OK ? (const char *)auth_buf_bytes(text).data : NULL;
}

void cli_show_text(cli_view *view, const char *member, const char *label, const char *text)
{
    if (view->status != AUTH_STATUS_OK)
        return;
    if (view->json != NULL) {
        cli_json_text(view->json, member, text);
        return;
    }
    cli_print_padded(stdout, CLI_STYLE_STRONG, label, LABEL_WIDTH);
    printf("%s\n", text == NULL ? "" : text);
}

void cli_show_hex(cli_view *view, const char *member, const char *label, auth_bytes octets)
{
    AUTH_AUTO(auth_buf) *text = new_text(view);
    if (view->status == AUTH_STATUS_OK)
        view->status = auth_codec_encode(AUTH_CODEC_HEX, octets, text, &view->err);
    cli_show_text(view, member, label, end_text(view, text));
}

/* A name that is well formed and too long to be shown is no fault. */
void cli_show_name(cli_view *view, const char *member, const char *label, auth_bytes name)
{
    AUTH_AUTO(auth_buf) *text = new_text(view);
    if (view->status == AUTH_STATUS_OK)
        view->status = auth_name_text(name, view->reveal, text, &view->err);
    if (view->status == AUTH_STATUS_UNSUPPORTED) {
        view->status = auth_buf_append(text, auth_bytes_from_text(view->err.text), &view->err);
    }
    cli_show_text(view, member, label, end_text(view, text));
}

void cli_show_key(cli_view *view, auth_bytes spki)
{
    if (view->status != AUTH_STATUS_OK)
        return;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_error err;
    auth_status status = auth_public_key_parse(spki, &key, &err);
    if (auth_status_is_fault(status)) {
        view->status = status;
        view->err = err;
        return;
    }
    const char *type = key == NULL ? NULL : auth_key_type_name(auth_public_key_type(key));
    long long bits = key == NULL ? 0 : (long long)auth_public_key_bits(key);
    if (view->json != NULL) {
        cli_json *member = cli_json_new();
        cli_json_text(member, "type", type);
        cli_json_number(member, "bits", bits);
        cli_json_text(member, "error", key == NULL ? err.text : NULL);
        cli_json_object(view->json, "public_key", member);
        return;
    }
    char text[64];
    if (key != NULL)
        (void)snprintf(text, sizeof text, _("%s, %lld bits"), type, bits);
    cli_show_text(view, "public_key", _("key"), key == NULL ? err.text : text);
}

static void show_extension(cli_view *view, const auth_extension *extension, const char *text)
{
    if (view->json != NULL) {
        cli_json *element = cli_json_new();
        cli_json_text(element, "oid", extension->oid);
        cli_json_text(element, "name", extension->name[0] == '\0' ? NULL : extension->name);
        cli_json_bool(element, "critical", extension->is_critical);
        cli_json_text(element, "text", text);
        cli_json_append(view->json, "extensions", element);
        return;
    }
    printf("  %s%s: %s\n", extension->name[0] == '\0' ? extension->oid : extension->name,
           extension->is_critical ? _(" (critical)") : "", text);
}

void cli_show_extensions(cli_view *view, cli_extension_at *at, const void *object)
{
    auth_extension extension;
    if (view->json != NULL)
        cli_json_array(view->json, "extensions");
    else if (at(object, 0, &extension))
        cli_show_text(view, "extensions", _("extensions"), "");
    for (size_t i = 0; view->status == AUTH_STATUS_OK && at(object, i, &extension); i++) {
        AUTH_AUTO(auth_buf) *line = new_text(view);
        if (view->status == AUTH_STATUS_OK)
            view->status = auth_extension_text(&extension, view->reveal, line, &view->err);
        const char *text = end_text(view, line);
        if (text != NULL)
            show_extension(view, &extension, text);
    }
}

cli_exit cli_show_end(cli_view *view)
{
    if (view->json != NULL && !cli_json_print(view->json, stdout))
        return cli_fault(_("out of memory"));
    if (view->status != AUTH_STATUS_OK)
        return cli_fault("%s", view->err.text);
    return CLI_YES;
}

cli_exit cli_show_each(const cli_call *call, cli_kind kind, cli_show_one *show)
{
    AUTH_AUTO(cli_input) *input = NULL;
    auth_error err;
    cli_exit worst = CLI_YES;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one file"));
    if (cli_input_read(call->arguments[0], kind, &input, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    for (size_t i = 0; i < cli_input_count(input); i++) {
        cli_exit code = CLI_YES;
        if (i > 0 && !cli_has(call, "json"))
            putchar('\n');
        if (show(call, cli_input_der(input, i), &code, &err) != AUTH_STATUS_OK) {
            cli_input_context(input, i, &err);
            code = cli_error(call->command, &err);
        }
        worst = code > worst ? code : worst;
    }
    return worst;
}
