/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "input.h"
#include "output.h"

#include <auth/cert.h>
#include <auth/codec.h>
#include <auth/name.h>
#include <auth/validate.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The most policies that one call may ask for. */
#define POLICIES_MAX 64

/* The objects of all files that one option names. */
typedef struct object_list {
    cli_input **inputs;
    size_t input_count;
    auth_bytes *rows;
    size_t count;
} object_list;

typedef struct verification {
    cli_call *call;
    object_list certificates; /* the first is the one asked about */
    object_list trust;
    object_list untrusted;
    object_list crls;
    object_list ocsp;
    const char *policies[POLICIES_MAX];
    auth_validation options;
    auth_verdict verdict;
} verification;

static void list_free(object_list *list)
{
    for (size_t i = 0; i < list->input_count; i++)
        cli_input_free(list->inputs[i]);
    free(list->inputs);
    free(list->rows);
}

/* Appends room for more to what list has; false when memory runs out. */
static bool list_grow(object_list *list, size_t more)
{
    cli_input **inputs = realloc(list->inputs, (list->input_count + 1) * sizeof *inputs);
    if (inputs == NULL)
        return false;
    list->inputs = inputs;
    auth_bytes *rows = realloc(list->rows, (list->count + more + 1) * sizeof *rows);
    if (rows == NULL)
        return false;
    list->rows = rows;
    return true;
}

static auth_status list_add(object_list *list, const char *path, cli_kind kind, auth_error *err)
{
    cli_input *input = NULL;
    auth_status status = cli_input_read(path, kind, &input, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!list_grow(list, cli_input_count(input))) {
        cli_input_free(input);
        return auth_error_memory(err);
    }
    for (size_t i = 0; i < cli_input_count(input); i++)
        list->rows[list->count++] = cli_input_der(input, i);
    list->inputs[list->input_count++] = input;
    return AUTH_STATUS_OK;
}

static auth_status read_option(verification *v, const char *option, cli_kind kind,
                               object_list *list, auth_error *err)
{
    size_t at = 0;
    const char *path = NULL;
    while ((path = cli_next_value(v->call, option, &at)) != NULL) {
        auth_status status = list_add(list, path, kind, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "--%s", option);
            return status;
        }
    }
    return AUTH_STATUS_OK;
}

static void refuse(verification *v, auth_verdict_reason reason, const auth_error *err)
{
    v->verdict = (auth_verdict){.reason = reason};
    size_t len = strnlen(err->text, sizeof v->verdict.detail - 1);
    memcpy(v->verdict.detail, err->text, len);
}

/* Reads all files. A file that holds something else is an answer, a missing one a fault. */
static auth_status read_files(verification *v, auth_error *err)
{
    const struct {
        const char *option;
        cli_kind kind;
        auth_verdict_reason reason; /* when the file holds something else */
        object_list *list;
    } rows[] = {
        {"trust", CLI_KIND_CERTIFICATE, AUTH_VERDICT_REASON_ANCHOR, &v->trust},
        {"untrusted", CLI_KIND_CERTIFICATE, AUTH_VERDICT_REASON_MALFORMED, &v->untrusted},
        {"crl", CLI_KIND_CRL, AUTH_VERDICT_REASON_CRL_MALFORMED, &v->crls},
        {"ocsp", CLI_KIND_OCSP_RESPONSE, AUTH_VERDICT_REASON_OCSP_MALFORMED, &v->ocsp},
    };
    auth_status status =
        list_add(&v->certificates, v->call->arguments[0], CLI_KIND_CERTIFICATE, err);
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status))
        refuse(v, AUTH_VERDICT_REASON_MALFORMED, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < sizeof rows / sizeof rows[0]; i++) {
        status = read_option(v, rows[i].option, rows[i].kind, rows[i].list, err);
        if (status != AUTH_STATUS_OK && !auth_status_is_fault(status))
            refuse(v, rows[i].reason, err);
    }
    return status;
}

static cli_exit read_policies(verification *v)
{
    size_t at = 0;
    const char *policy = NULL;
    while ((policy = cli_next_value(v->call, "policy", &at)) != NULL) {
        if (v->options.policy_count == POLICIES_MAX)
            return cli_usage(v->call->command, _("--policy: at most %d are taken"), POLICIES_MAX);
        v->policies[v->options.policy_count++] = policy;
    }
    v->options.policies = v->policies;
    return CLI_YES;
}

static cli_exit read_options(verification *v)
{
    const cli_call *call = v->call;
    auth_error err;
    v->options = (auth_validation){
        .now = (auth_time)time(NULL),
        .is_strict = cli_has(call, "strict"),
        .requires_revocation = cli_has(call, "require-revocation"),
        .accepts_intermediate_anchor = cli_has(call, "partial"),
        .requires_explicit_policy = cli_has(call, "explicit-policy"),
        .inhibits_policy_mapping = cli_has(call, "inhibit-mapping"),
        .inhibits_any_policy = cli_has(call, "inhibit-any"),
    };
    const char *at = cli_value(call, "at");
    if (at != NULL &&
        auth_time_parse(auth_bytes_from_text(at), &v->options.now, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "--at: %s", err.text);
    const char *purpose = cli_value(call, "purpose");
    if (purpose != NULL && auth_purpose_find(purpose, &v->options.purpose, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "--purpose: %s", err.text);
    const char *depth = cli_value(call, "depth");
    if (depth != NULL) {
        char *end = NULL;
        unsigned long value = strtoul(depth, &end, 10);
        if (depth[0] < '0' || depth[0] > '9' || *end != '\0' || value == 0 ||
            value > AUTH_CHAIN_MAX - 2)
            return cli_usage(call->command, _("--depth takes a number from 1 to %d"),
                             AUTH_CHAIN_MAX - 2);
        v->options.max_depth = (unsigned)value;
    }
    return read_policies(v);
}

/*
 * Makes the trust set. Of a bundle, anchors that cannot be used (keys too small, forms of long ago)
 * are left out with a remark; when none is left that is the answer.
 */
static auth_status make_trust(verification *v, auth_trust **out, auth_error *err)
{
    auth_status status = auth_trust_new(v->trust.rows, v->trust.count, NULL, 0, out, err);
    if (status == AUTH_STATUS_OK || auth_status_is_fault(status) || v->trust.count < 2)
        return status;
    size_t kept = 0;
    for (size_t i = 0; i < v->trust.count; i++) {
        auth_trust *one = NULL;
        auth_error why;
        auth_status alone = auth_trust_new(&v->trust.rows[i], 1, NULL, 0, &one, &why);
        auth_trust_free(one);
        if (alone == AUTH_STATUS_OK)
            v->trust.rows[kept++] = v->trust.rows[i];
    }
    if (kept == 0)
        return status;
    fprintf(stderr, _("auth: remark: %zu trust anchors cannot be used and are left out; one: %s\n"),
            v->trust.count - kept, err->text);
    v->trust.count = kept;
    return auth_trust_new(v->trust.rows, kept, NULL, 0, out, err);
}

/* What came in the certificate's own file goes with the rest. */
static auth_status gather_untrusted(verification *v, auth_error *err)
{
    if (v->certificates.count < 2)
        return AUTH_STATUS_OK;
    if (!list_grow(&v->untrusted, v->certificates.count))
        return auth_error_memory(err);
    for (size_t i = 1; i < v->certificates.count; i++)
        v->untrusted.rows[v->untrusted.count++] = v->certificates.rows[i];
    return AUTH_STATUS_OK;
}

static auth_status validate(verification *v, auth_error *err)
{
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_status status = gather_untrusted(v, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = make_trust(v, &trust, err);
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status)) {
        refuse(v, AUTH_VERDICT_REASON_ANCHOR, err);
        return AUTH_STATUS_OK;
    }
    if (status != AUTH_STATUS_OK)
        return status;
    auth_evidence evidence = {
        .intermediates = v->untrusted.rows,
        .intermediate_count = v->untrusted.count,
        .crls = v->crls.rows,
        .crl_count = v->crls.count,
        .ocsp = v->ocsp.rows,
        .ocsp_count = v->ocsp.count,
    };
    status =
        auth_validate(trust, &v->options, v->certificates.rows[0], &evidence, &v->verdict, err);
    /* The views of anchors end with the trust set: point to the octets that it was made of. */
    for (size_t i = 0; i < v->verdict.chain_len; i++) {
        for (size_t j = 0; j < v->trust.count; j++) {
            if (auth_bytes_equal(v->verdict.chain[i], v->trust.rows[j])) {
                v->verdict.chain[i] = v->trust.rows[j];
                break;
            }
        }
    }
    return status;
}

static void add_time(cli_json *json, const char *name, auth_time time, bool is_known)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time_format(time, text);
    cli_json_text(json, name, is_known ? text : NULL);
}

static const char *text_or_null(const char *text) { return text[0] == '\0' ? NULL : text; }

static cli_json *revocation_json(const auth_verdict *verdict)
{
    bool is_known = verdict->source != AUTH_REVOCATION_SOURCE_NONE;
    bool is_revoked = verdict->reason == AUTH_VERDICT_REASON_REVOKED ||
                      verdict->reason == AUTH_VERDICT_REASON_ON_HOLD;
    cli_json *json = cli_json_new();
    cli_json_text(json, "source", auth_revocation_source_name(verdict->source));
    add_time(json, "known_from", verdict->status_from, is_known);
    add_time(json, "known_until", verdict->status_until, is_known && verdict->status_until != 0);
    add_time(json, "revoked_at", verdict->revoked_at, is_revoked);
    cli_json_text(json, "reason",
                  is_revoked ? auth_revocation_reason_name(verdict->revocation_reason) : NULL);
    cli_json_number(json, "unchecked", (long long)verdict->unchecked_count);
    return json;
}

/* Names of holders are masked: they may hold a person number. */
static cli_json *link_json(auth_bytes der)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_buf) *subject = NULL;
    AUTH_AUTO(auth_buf) *serial = NULL;
    cli_json *json = cli_json_new();
    const uint8_t nul = 0;
    if (auth_cert_parse(der, &cert, NULL) != AUTH_STATUS_OK ||
        auth_buf_new(1U << 20, &subject, NULL) != AUTH_STATUS_OK ||
        auth_buf_new(1U << 17, &serial, NULL) != AUTH_STATUS_OK ||
        auth_name_text(auth_cert_subject(cert), AUTH_MASKED, subject, NULL) != AUTH_STATUS_OK ||
        auth_buf_append(subject, (auth_bytes){&nul, 1}, NULL) != AUTH_STATUS_OK ||
        auth_codec_encode(AUTH_CODEC_HEX, auth_cert_serial(cert), serial, NULL) != AUTH_STATUS_OK ||
        auth_buf_append(serial, (auth_bytes){&nul, 1}, NULL) != AUTH_STATUS_OK) {
        cli_json_text(json, "subject", NULL);
        cli_json_text(json, "serial", NULL);
        return json;
    }
    cli_json_text(json, "subject", (const char *)auth_buf_bytes(subject).data);
    cli_json_text(json, "serial", (const char *)auth_buf_bytes(serial).data);
    return json;
}

static bool print_json(const verification *v)
{
    const auth_verdict *verdict = &v->verdict;
    cli_json *json = cli_json_new();
    cli_json_bool(json, "valid", verdict->reason == AUTH_VERDICT_REASON_OK);
    cli_json_text(json, "reason", auth_verdict_reason_name(verdict->reason));
    cli_json_text(json, "purpose", auth_purpose_name(v->options.purpose));
    add_time(json, "at", v->options.now, true);
    cli_json_number(json, "depth", (long long)verdict->depth);
    cli_json_text(json, "serial", text_or_null(verdict->serial));
    cli_json_text(json, "subject", text_or_null(verdict->subject));
    cli_json_text(json, "clause", auth_verdict_reason_clause(verdict->reason));
    cli_json_text(json, "message", _(auth_verdict_reason_text(verdict->reason)));
    cli_json_text(json, "detail", text_or_null(verdict->detail));
    cli_json_text(json, "remedy", _(auth_verdict_reason_remedy(verdict->reason)));
    cli_json_object(json, "revocation", revocation_json(verdict));
    cli_json_array(json, "chain");
    for (size_t i = 0; i < verdict->chain_len; i++)
        cli_json_append(json, "chain", link_json(verdict->chain[i]));
    return cli_json_print(json, stdout);
}

static void print_status(const auth_verdict *verdict)
{
    char from[AUTH_TIME_TEXT_SIZE];
    char until[AUTH_TIME_TEXT_SIZE];
    if (verdict->source == AUTH_REVOCATION_SOURCE_NONE) {
        if (verdict->reason == AUTH_VERDICT_REASON_OK)
            printf(_("  revocation: not checked\n"));
        return;
    }
    auth_time_format(verdict->status_from, from);
    auth_time_format(verdict->status_until, until);
    if (verdict->status_until == 0)
        printf(_("  revocation: by %s, known from %s\n"),
               auth_revocation_source_name(verdict->source), from);
    else
        printf(_("  revocation: by %s, known from %s until %s\n"),
               auth_revocation_source_name(verdict->source), from, until);
    if (verdict->unchecked_count > 0)
        printf(_("  not checked for revocation: %zu certificates of the chain\n"),
               verdict->unchecked_count);
}

static void print_text(const verification *v)
{
    const auth_verdict *verdict = &v->verdict;
    bool is_valid = verdict->reason == AUTH_VERDICT_REASON_OK;
    cli_print_styled(stdout, is_valid ? CLI_STYLE_GOOD : CLI_STYLE_BAD,
                     is_valid ? _("valid") : _("invalid"));
    if (is_valid) {
        printf(_(" for %s, chain of %zu certificates\n"), auth_purpose_name(v->options.purpose),
               verdict->chain_len);
    } else {
        printf(": %s: %s (%s)\n", auth_verdict_reason_name(verdict->reason),
               _(auth_verdict_reason_text(verdict->reason)),
               auth_verdict_reason_clause(verdict->reason));
        if (verdict->serial[0] != '\0')
            printf(_("  certificate: depth %u, serial %s%s%s\n"), verdict->depth, verdict->serial,
                   verdict->subject[0] == '\0' ? "" : ", ", verdict->subject);
        if (verdict->detail[0] != '\0')
            printf(_("  detail: %s\n"), verdict->detail);
        printf(_("  remedy: %s\n"), _(auth_verdict_reason_remedy(verdict->reason)));
    }
    print_status(verdict);
}

static cli_exit answer(const verification *v)
{
    if (!cli_has(v->call, "json"))
        print_text(v);
    else if (!print_json(v))
        return cli_fault(_("out of memory"));
    return v->verdict.reason == AUTH_VERDICT_REASON_OK ? CLI_YES : CLI_NO;
}

static cli_exit verify(verification *v)
{
    auth_error err;
    auth_status status = read_files(v, &err);
    if (status != AUTH_STATUS_OK)
        return auth_status_is_fault(status) ? cli_error(v->call->command, &err) : answer(v);
    status = validate(v, &err);
    if (status == AUTH_STATUS_INVALID)
        return cli_usage(v->call->command, "%s", err.text);
    if (status != AUTH_STATUS_OK)
        return cli_error(v->call->command, &err);
    return answer(v);
}

static cli_exit run(cli_call *call)
{
    verification *v = calloc(1, sizeof *v);
    if (v == NULL)
        return cli_fault(_("out of memory"));
    v->call = call;
    cli_exit code =
        call->argument_count == 1 ? read_options(v) : cli_usage(call->command, _("give one file"));
    if (code == CLI_YES)
        code = verify(v);
    list_free(&v->certificates);
    list_free(&v->trust);
    list_free(&v->untrusted);
    list_free(&v->crls);
    list_free(&v->ocsp);
    free(v);
    return code;
}

static const char *const purpose_names[] = {
#define AUTH_PURPOSE_ROW(id, number, name, eku, usage, authority, openssl, text) name,
#include <auth/purpose.def>
    NULL,
};

static const cli_option options[] = {
    CLI_OPTION_JSON,
    {"trust", "FILE...", N_("trust anchors"), NULL},
    {"untrusted", "FILE...", N_("certificates that help to build the chain"), NULL},
    {"crl", "FILE...", N_("CRLs: full, delta or partitioned"), NULL},
    {"ocsp", "FILE...", N_("OCSP responses"), NULL},
    {"at", "TIME", N_("the time to validate at, like 2026-01-31T23:59:59Z, instead of now"), NULL},
    {"purpose", "PURPOSE", N_("what the certificate is to be used for (any)"), purpose_names},
    {"require-revocation", NULL, N_("refuse a chain with a certificate whose status nothing tells"),
     NULL},
    {"depth", "NUMBER", N_("how many authorities may stand below the anchor (8)"), NULL},
    {"partial", NULL, N_("accept a trust anchor that is not self-signed"), NULL},
    {"strict", NULL, N_("hold the purpose any to the strict profile, as all others are"), NULL},
    {"policy", "OID...", N_("a certificate policy that is accepted (any policy)"), NULL},
    {"explicit-policy", NULL, N_("a policy must hold along the chain"), NULL},
    {"inhibit-any", NULL, N_("anyPolicy counts for no policy"), NULL},
    {"inhibit-mapping", NULL, N_("policies are not mapped to others"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth verify --trust root.pem --untrusted authority.pem li.pem",
    "auth verify --json --trust root.pem --crl root.crl --crl authority.crl --require-revocation "
    "chain.pem",
    "auth verify --trust root.pem --purpose citizen-login --at 2026-01-31T00:00:00Z chain.pem",
    NULL,
};

const cli_command cli_command_verify = {
    .name = "verify",
    .summary = N_("tell whether a certificate is valid, and if not, why"),
    .arguments = "FILE",
    .options = options,
    .description = N_(
        "Files hold PEM or DER, one object or several; '-' is standard input. The first "
        "certificate of FILE is the one asked about, the others help to build its chain. Nothing "
        "is fetched and no configuration is read.\n\n"
        "Without --require-revocation a certificate of which no CRL or response speaks passes; "
        "one of which a CRL or response speaks that cannot be used is refused.\n\n"
        "In JSON there is one object with valid, reason, purpose, at, depth, serial, subject, "
        "clause, message, detail, remedy, revocation and chain, by schemas/verify.schema.json. "
        "depth tells the certificate that decided, 0 being the one asked about.\n\n"
        "The exit code is 0 when the certificate is valid, 1 when it is not or a file holds "
        "something else than it should, 2 for wrong usage, and 3 when a file cannot be read or "
        "the machine fails."),
    .examples = examples,
    .run = run,
};
