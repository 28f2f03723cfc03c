/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"
#include "file.h"
#include "output.h"

#include <stdlib.h>

#define LABEL_WIDTH 12
#define TEXT_SIZE AUTH_ERROR_TEXT_SIZE

static void print_member(const cli_answer *answer, const char *member, const char *label)
{
    char text[TEXT_SIZE];
    const char *value = cli_answer_text(answer, member);
    if (value == NULL || value[0] == '\0')
        return;
    cli_print_padded(stdout, CLI_STYLE_STRONG, label, LABEL_WIDTH);
    (void)puts(cli_plain(value, text));
}

static void print_signatures(const cli_answer *answer)
{
    char officer[TEXT_SIZE];
    char at[TEXT_SIZE];
    char serial[TEXT_SIZE];
    size_t count = cli_answer_count(answer, "signatures");
    for (size_t i = 0; i < count; i++) {
        const cli_answer *row = cli_answer_at(answer, "signatures", i);
        const char *name = cli_answer_text(row, "officer");
        const char *when = cli_answer_text(row, "at");
        const char *number = cli_answer_text(row, "serial");
        cli_print_padded(stdout, CLI_STYLE_STRONG, i == 0 ? _("signed by") : "", LABEL_WIDTH);
        (void)printf(_("%s at %s, certificate %s\n"),
                     cli_plain(name == NULL ? _("the holder") : name, officer),
                     cli_plain(when == NULL ? "?" : when, at),
                     cli_plain(number == NULL ? "?" : number, serial));
    }
}

static void print_persons(const cli_answer *answer)
{
    char name[TEXT_SIZE];
    char number[TEXT_SIZE];
    size_t count = cli_answer_count(answer, "persons");
    for (size_t i = 0; i < count; i++) {
        const cli_answer *row = cli_answer_at(answer, "persons", i);
        const char *shown = cli_answer_text(row, "number");
        const char *called = cli_answer_text(row, "name");
        cli_print_padded(stdout, CLI_STYLE_STRONG, i == 0 ? _("persons") : "", LABEL_WIDTH);
        (void)printf(_("item %lld: %s  %s\n"), cli_answer_number(row, "item", 0),
                     cli_plain(shown == NULL ? "?" : shown, number),
                     cli_plain(called == NULL ? "" : called, name));
    }
}

static void show_text(const cli_call *call, const cli_answer *answer)
{
    print_member(answer, "kind", _("kind"));
    print_member(answer, "office", _("office"));
    print_member(answer, "created", _("created"));
    print_member(answer, "submitted", _("submitted"));
    print_member(answer, "expires", _("expires"));
    print_member(answer, "decided", _("decided"));
    print_member(answer, "reason", _("reason"));
    print_signatures(answer);
    print_persons(answer);
    (void)cli_outcome_show(call, answer, false);
}

static auth_status save_document(const cli_call *call, cli_officer *officer, const char *id,
                                 auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    char path[CLI_PATH_SIZE];
    const char *file = cli_value(call, "document");
    if (file == NULL)
        return AUTH_STATUS_OK;
    (void)snprintf(path, sizeof path, "/requests/%s/document", id);
    cli_ask_http ask = {.method = "GET",
                        .path = path,
                        .accept = CLI_TYPE_DOCUMENT,
                        .max = CLI_DOCUMENT_MAX,
                        .is_repeatable = true};
    auth_status status = cli_officer_ask(officer, &ask, NULL, &document, err);
    return status == AUTH_STATUS_OK ? cli_file_write(file, auth_buf_bytes(document), true, err)
                                    : status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    char path[CLI_PATH_SIZE];
    AUTH_AUTO(cli_officer) *officer = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give the id of one request"));
    const char *id = call->arguments[0];
    if (cli_request_id_check(id, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    (void)snprintf(path, sizeof path, "/requests/%s", id);
    cli_ask_http ask = {.method = "GET", .path = path, .is_repeatable = true};
    auth_status status = cli_officer_new(call, &officer, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_ask_json(officer, &ask, &answer, &err);
    if (status == AUTH_STATUS_OK)
        status = save_document(call, officer, id, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    if (cli_has(call, "json"))
        return cli_answer_print(answer, stdout) ? CLI_YES : cli_fault(_("out of memory"));
    show_text(call, answer);
    return CLI_YES;
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON,
    {"document", "FILE", N_("write the signed document there ('-': standard output)"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth request show 019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77",
    NULL,
};

const cli_command cli_command_request_show = {
    .name = "request show",
    .summary = N_("show a request: where it stands, who signed, what became of each item"),
    .arguments = "ID",
    .options = options,
    .description =
        N_("Shows a request with its signatures, what it still needs, and the outcome of each "
           "item. Persons are shown to those whose office may open them, with their numbers "
           "masked. The signed document holds numbers in clear: it goes into a file for its "
           "owner only.\n\n"
           "In JSON there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
