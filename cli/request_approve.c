/* SPDX-License-Identifier: Apache-2.0 */
/* An approver signs what was shown to her, and nothing else: the octets that were read are those
 * that are signed. */
#include "ask.h"
#include "document.h"
#include "output.h"

#include <auth/codec.h>
#include <string.h>
#include <time.h>

#define LABEL_WIDTH 12
#define TEXT_SIZE AUTH_ERROR_TEXT_SIZE
#define ITEMS_SHOWN 50U
/* How long an approval that was the last one waits for the authority. */
#define MOMENT_S 30U

static void print_label(const char *label, const char *value)
{
    char text[TEXT_SIZE];
    cli_print_padded(stderr, CLI_STYLE_STRONG, label, LABEL_WIDTH);
    (void)fprintf(stderr, "%s\n", cli_plain(value, text));
}

static void print_octets(auth_bytes octets)
{
    char raw[TEXT_SIZE];
    char shown[TEXT_SIZE];
    (void)snprintf(raw, sizeof raw, "%.*s", (int)octets.len, (const char *)octets.data);
    (void)fprintf(stderr, "  %s", cli_plain(raw, shown));
}

static void print_serial(auth_bytes serial)
{
    (void)fputs("  ", stderr);
    for (size_t i = 0; i < serial.len; i++)
        (void)fprintf(stderr, "%02x", serial.data[i]);
}

static void print_item(const auth_request_item *item, size_t index)
{
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    (void)fprintf(stderr, _("  item %zu:"), index);
    if (item->person.len > 0) {
        auth_person_number_mask(&item->person, masked);
        (void)fprintf(stderr, "  %s", masked);
        print_octets(item->name);
    }
    if (item->serial.len > 0)
        print_serial(item->serial);
    if (item->has_reason)
        (void)fprintf(stderr, "  %s", auth_revocation_reason_name(item->reason));
    if (item->officer.len > 0)
        print_octets(item->officer);
    if (item->role != AUTH_OFFICER_ROLE_NONE)
        (void)fprintf(stderr, "  %s", auth_officer_role_name(item->role));
    if (item->opened_office.len > 0) {
        print_octets(item->opened_office);
        print_octets(item->opened_region);
        print_octets(item->opened_name);
    }
    if (item->closed_office.len > 0)
        print_octets(item->closed_office);
    if (item->comment.len > 0)
        print_octets(item->comment);
    for (size_t i = 0; i < item->evidence_count; i++)
        (void)fprintf(stderr, "  %s", auth_evidence_method_name(item->evidence[i].method));
    (void)fputc('\n', stderr);
}

static void show_document(const auth_request *request)
{
    char created[AUTH_TIME_TEXT_SIZE];
    char expires[AUTH_TIME_TEXT_SIZE];
    size_t count = auth_request_item_count(request);
    auth_time_format(auth_request_created(request), created);
    auth_time_format(auth_request_expires(request), expires);
    print_label(_("kind"), auth_request_kind_name(auth_request_kind_of(request)));
    print_label(_("office"), auth_request_office(request));
    if (auth_request_profile(request)[0] != '\0')
        print_label(_("profile"), auth_request_profile(request));
    print_label(_("created"), created);
    print_label(_("expires"), expires);
    for (size_t i = 0; i < count && i < ITEMS_SHOWN; i++)
        print_item(auth_request_item_at(request, i), i);
    if (count > ITEMS_SHOWN)
        (void)fprintf(stderr,
                      _("  and %zu more items: 'auth request show --document' has them all\n"),
                      count - ITEMS_SHOWN);
}

static auth_status fetch(cli_officer *officer, const char *id, const cli_realm_facts *facts,
                         auth_request **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    AUTH_AUTO(auth_request) *request = NULL;
    char path[CLI_PATH_SIZE];
    (void)snprintf(path, sizeof path, "/requests/%s/document", id);
    cli_ask_http ask = {.method = "GET",
                        .path = path,
                        .accept = CLI_TYPE_DOCUMENT,
                        .max = CLI_DOCUMENT_MAX,
                        .is_repeatable = true};
    auth_request_rules rules = {.now = time(NULL), .realm = facts->realm};
    auth_status status = cli_officer_ask(officer, &ask, NULL, &document, err);
    if (status == AUTH_STATUS_OK)
        status = auth_request_parse(auth_buf_bytes(document), &rules, &request, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (strcmp(auth_request_id(request), id) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("the daemon gave another document than %s; do not sign, and tell "
                                "whoever runs it"),
                              id);
    *out = AUTH_TAKE(request);
    return AUTH_STATUS_OK;
}

static auth_status confirm(const cli_call *call, auth_error *err)
{
    char line[CLI_ASK_SIZE];
    if (cli_has(call, "yes"))
        return AUTH_STATUS_OK;
    if (!cli_can_ask())
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              _("nobody is there to say yes to what is shown; give --yes"));
    auth_status status = cli_ask(_("sign this? yes or no"), NULL, line, err);
    if (status != AUTH_STATUS_OK || strcmp(line, "yes") == 0 || strcmp(line, _("yes")) == 0)
        return status;
    return auth_error_set(err, AUTH_STATUS_DENIED, _("not signed, as you wished"));
}

static auth_status sign(cli_officer *officer, const auth_request *request, auth_buf **out,
                        auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    auth_bytes chain[AUTH_JWS_CHAIN_MAX];
    auth_request_signing signing = {.signer = cli_officer_signer(officer),
                                    .chain = chain,
                                    .chain_len =
                                        cli_officer_chain(officer, chain, AUTH_JWS_CHAIN_MAX),
                                    .signed_at = time(NULL)};
    auth_status status = auth_buf_new(CLI_DOCUMENT_MAX, &document, err);
    if (status == AUTH_STATUS_OK)
        status = auth_request_add_signature(request, &signing, document, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(document);
    return status;
}

/* What it may wait for yet is told to who signs a second time. */
static auth_status explain_twice(cli_officer *officer, const char *id, auth_error *err)
{
    AUTH_AUTO(cli_answer) *answer = NULL;
    auth_error why;
    auth_status status = cli_outcome_wait(officer, id, 0, &answer, &why);
    const char *state = status == AUTH_STATUS_OK ? cli_answer_text(answer, "state") : NULL;
    if (state != NULL && strcmp(state, "submitted") != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("you signed this request before, and it has all signatures that "
                                "it needs; 'auth request show' tells what became of it"));
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          _("you signed this request before, and each signature is to be of "
                            "another officer; have the next one call this"));
}

static auth_status approve(const cli_call *call, cli_officer *officer, const char *id,
                           cli_answer **out, auth_error *err)
{
    AUTH_AUTO(auth_request) *request = NULL;
    AUTH_AUTO(auth_buf) *document = NULL;
    cli_realm_facts facts;
    char path[CLI_PATH_SIZE];
    auth_status status = cli_officer_know(officer, &facts, err);
    if (status == AUTH_STATUS_OK)
        status = fetch(officer, id, &facts, &request, err);
    if (status != AUTH_STATUS_OK)
        return status;
    show_document(request);
    status = confirm(call, err);
    if (status == AUTH_STATUS_OK)
        status = sign(officer, request, &document, err);
    if (status == AUTH_STATUS_CONFLICT)
        return explain_twice(officer, id, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(path, sizeof path, "/requests/%s/signatures", id);
    cli_ask_http ask = {.method = "POST",
                        .path = path,
                        .type = CLI_TYPE_DOCUMENT,
                        .body = auth_buf_bytes(document),
                        .is_repeatable = true};
    return cli_officer_ask_json(officer, &ask, out, err);
}

static cli_exit finish(const cli_call *call, cli_officer *officer, const cli_answer *answer,
                       unsigned wait_s)
{
    auth_error err;
    AUTH_AUTO(cli_answer) *decided = NULL;
    bool is_enough = cli_answer_count(answer, "needs") == 0;
    if (wait_s == 0 || (!is_enough && !cli_has(call, "wait")))
        return cli_outcome_show(call, answer, false);
    if (cli_outcome_wait(officer, call->arguments[0], wait_s, &decided, &err) != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    return cli_outcome_show(call, decided, true);
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    unsigned wait_s = 0;
    AUTH_AUTO(cli_officer) *officer = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give the id of one request"));
    if (cli_request_id_check(call->arguments[0], &err) != AUTH_STATUS_OK ||
        cli_wait_read(call, MOMENT_S, &wait_s, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    auth_status status = cli_officer_new(call, &officer, &err);
    if (status == AUTH_STATUS_OK)
        status = approve(call, officer, call->arguments[0], &answer, &err);
    return status == AUTH_STATUS_OK ? finish(call, officer, answer, wait_s)
                                    : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    CLI_OPTION_JSON, CLI_OPTION_WAIT, {"yes", NULL, N_("sign without asking"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth request approve 019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77",
    NULL,
};

const cli_command cli_command_request_approve = {
    .name = "request approve",
    .summary = N_("sign a request of somebody else, after a look at it"),
    .arguments = "ID",
    .options = options,
    .description = N_(
        "Fetches the document, shows what it asks for with person numbers masked, asks whether to "
        "sign, and adds the officer's signature with her own key. When it was the last one that "
        "the policy wants, the outcome is waited for, 30 seconds unless --wait says otherwise. "
        "Exit code 1: refused.\n\n"
        "In JSON there is one object, by schemas/request-answer.schema.json."),
    .examples = examples,
    .run = run,
};
