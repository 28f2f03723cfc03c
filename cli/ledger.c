/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "file.h"
#include "input.h"
#include "output.h"
#include "sealing.h"

#include "registry/embed.h"
#include "registry/fsck_document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRUST_MAX 256
#define BAR_EVERY_MS 200

struct cli_ledger {
    registry_connection *connection;
    registry_crypto *crypto;
    size_t input_count;
    cli_input *inputs[TRUST_MAX];
    size_t trust_count;
    auth_bytes certificates[TRUST_MAX];
    registry_ledger_trust trust;
    size_t anchor_count;
    const char *anchors[REGISTRY_LEDGER_FILES_MAX];
    size_t head_count;
    const char *heads[REGISTRY_LEDGER_FILES_MAX];
};

static auth_status connect_as_auditor(const cli_call *call, registry_connection **out,
                                      auth_error *err)
{
    char embedded[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = cli_value(call, "connect"),
                                  .roles = REGISTRY_ROLE_AUDITOR};
    if (settings.conninfo == NULL) {
        auth_status status = registry_embed_conninfo(cli_value(call, "dir"),
                                                     registry_role_name(REGISTRY_ROLE_AUDITOR),
                                                     REGISTRY_DATABASE, embedded, err);
        if (status != AUTH_STATUS_OK)
            return status;
        settings.conninfo = embedded;
    }
    return registry_connection_open(&settings, out, err);
}

static auth_status read_trust(cli_ledger *to, const char *path, auth_error *err)
{
    if (to->input_count == TRUST_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, _("--trust: more than %d files"), TRUST_MAX);
    auth_status status =
        cli_input_read(path, CLI_KIND_CERTIFICATE, &to->inputs[to->input_count], err);
    if (status != AUTH_STATUS_OK)
        return status;
    const cli_input *input = to->inputs[to->input_count++];
    for (size_t i = 0; i < cli_input_count(input); i++) {
        if (to->trust_count == TRUST_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT, _("--trust: more than %d certificates"),
                                  TRUST_MAX);
        to->certificates[to->trust_count++] = cli_input_der(input, i);
    }
    return AUTH_STATUS_OK;
}

/* Collects the values of an option; a file too many is found by what examines them. */
static size_t collect(const cli_call *call, const char *option, const char **out)
{
    size_t count = 0;
    size_t at = 0;
    for (const char *value = cli_next_value(call, option, &at);
         value != NULL && count < REGISTRY_LEDGER_FILES_MAX;
         value = cli_next_value(call, option, &at))
        out[count++] = value;
    return count;
}

auth_status cli_ledger_open(const cli_call *call, cli_ledger **out, auth_error *err)
{
    size_t at = 0;
    AUTH_AUTO(cli_ledger) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    auth_status status = registry_crypto_new(&made->crypto, err);
    for (const char *path = cli_next_value(call, "trust", &at);
         path != NULL && status == AUTH_STATUS_OK; path = cli_next_value(call, "trust", &at))
        status = read_trust(made, path, err);
    made->trust = (registry_ledger_trust){made->certificates, made->trust_count};
    made->anchor_count = collect(call, "anchor", made->anchors);
    made->head_count = collect(call, "head", made->heads);
    if (status == AUTH_STATUS_OK)
        status = connect_as_auditor(call, &made->connection, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

void cli_ledger_free(cli_ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (size_t i = 0; i < ledger->input_count; i++)
        cli_input_free(ledger->inputs[i]);
    registry_connection_free(ledger->connection);
    registry_crypto_free(ledger->crypto);
    free(ledger);
}

registry_connection *cli_ledger_connection(const cli_ledger *ledger) { return ledger->connection; }

registry_crypto *cli_ledger_crypto(const cli_ledger *ledger) { return ledger->crypto; }

registry_ledger_examination cli_ledger_examination(const cli_ledger *ledger)
{
    return (registry_ledger_examination){
        .trust = ledger->trust,
        .anchors = ledger->anchors,
        .anchor_count = ledger->anchor_count,
        .heads = ledger->heads,
        .head_count = ledger->head_count,
    };
}

const registry_ledger_trust *cli_ledger_trust(const cli_ledger *ledger)
{
    return ledger->trust_count == 0 ? NULL : &ledger->trust;
}

cli_exit cli_ledger_check(const cli_call *call)
{
    if (cli_has(call, "deep") &&
        (!cli_has(call, "realm") || !cli_has(call, "seal-key") || !cli_has(call, "policy")))
        return cli_usage(call->command, _("--deep needs --realm, --seal-key and --policy"));
    return cli_registry_check(call);
}

static auth_status read_policy(const cli_call *call, auth_policy **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    AUTH_AUTO(auth_policy) *policy = NULL;
    const char *path = cli_value(call, "policy");
    const char *realm = cli_value(call, "realm");
    auth_status status = cli_file_read(path, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_policy_parse(auth_buf_bytes(text), &raw, err);
    if (status == AUTH_STATUS_OK)
        status = auth_policy_validate(raw, &policy, err);
    if (status == AUTH_STATUS_OK && strcmp(auth_policy_realm(policy), realm) != 0)
        status = auth_error_set(err, AUTH_STATUS_INVALID, _("it is of the realm %s, not of %s"),
                                auth_policy_realm(policy), realm);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(policy);
    else
        auth_error_context(err, "%s", path);
    return status;
}

auth_status cli_ledger_check_documents(const cli_call *call, const cli_ledger *ledger,
                                       registry_reporter *reporter, uint64_t *count,
                                       auth_error *err)
{
    AUTH_AUTO(registry_keyring) *ring = NULL;
    AUTH_AUTO(auth_policy) *policy = NULL;
    *count = 0;
    if (!cli_has(call, "deep"))
        return AUTH_STATUS_OK;
    auth_status status = read_policy(call, &policy, err);
    if (status == AUTH_STATUS_OK)
        status = cli_sealing_open(call, ledger->crypto, &ring, err);
    registry_document_examination examination = {ring, policy, ledger->trust};
    if (status == AUTH_STATUS_OK)
        status = registry_fsck_documents(ledger->connection, &examination, ledger->crypto, reporter,
                                         count, err);
    return status;
}

/* Findings */

static long long now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void clear_bar(const cli_findings *findings)
{
    if (findings->is_terminal && findings->part != NULL)
        (void)fputs("\r\033[K", stderr);
}

static void show_finding(void *context, const registry_finding *finding)
{
    cli_findings *to = context;
    clear_bar(to);
    if (!to->is_json) {
        cli_print_styled(stdout, CLI_STYLE_BAD, finding->table);
        (void)printf(" %s: %s\n", finding->row, finding->text);
        return;
    }
    cli_json *json = cli_json_new();
    if (json == NULL) {
        to->has_failed = true;
        return;
    }
    cli_json_text(json, "table", finding->table);
    cli_json_text(json, "row", finding->row);
    cli_json_text(json, "text", finding->text);
    to->has_failed = !cli_json_print(json, stdout) || to->has_failed;
}

static void show_progress(void *context, const char *part, uint64_t done, uint64_t total)
{
    cli_findings *to = context;
    long long now = now_ms();
    bool is_new = to->part != part;
    if (!to->is_terminal || (!is_new && now - to->shown_at_ms < BAR_EVERY_MS))
        return;
    if (is_new)
        to->began_at_ms = now;
    to->part = part;
    to->shown_at_ms = now;
    double seconds = (double)(now - to->began_at_ms) / 1000;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    (void)fprintf(stderr, "\r\033[K%s: %" PRIu64, part, done);
    if (total > 0)
        (void)fprintf(stderr, " / %" PRIu64, total);
    if (rate > 0)
        (void)fprintf(stderr, _(", %.0f a second"), rate);
    if (rate > 0 && total > done)
        (void)fprintf(stderr, _(", %.0f s left"), (double)(total - done) / rate);
    (void)fflush(stderr);
}

void cli_findings_begin(cli_findings *findings, const cli_call *call)
{
    *findings = (cli_findings){
        .reporter = {.find = show_finding, .progress = show_progress, .context = findings},
        .is_json = cli_has(call, "json"),
        .is_terminal = isatty(STDERR_FILENO) == 1,
    };
}

void cli_findings_end(cli_findings *findings)
{
    clear_bar(findings);
    findings->part = NULL;
}
