/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the rules of lint.def over a certificate, and the rules of its own fields. */
#include "issue/lint.h"
#include "key/signature.h"
#include "x509/name.h"

typedef struct rule_row {
    const char *name;
    const char *clause;
    const char *text;
} rule_row;

static const rule_row rules[LINT_RULE_COUNT] = {
#define LINT_ROW(id, label, where, sentence) [LINT_##id] = {(label), (where), (sentence)},
#include "issue/lint.def"
};

void lint_report(lint *run, lint_rule rule, const char *where)
{
    const rule_row *row = &rules[rule];
    auth_lint_finding finding = {row->name, row->clause, row->text, where};
    if (run->count++ == 0)
        (void)auth_error_set(run->err, AUTH_STATUS_INVALID,
                             "certificate: %s: %s: %s (%s); mend the profile or the request", where,
                             row->name, row->text, row->clause);
    if (run->visit != NULL)
        run->visit(run->context, &finding);
}

static void check_serial(lint *run)
{
    auth_bytes serial = run->view->serial;
    bool is_zero = serial.len == 1 && serial.data[0] == 0;
    if (is_zero || serial.data[0] >= 0x80)
        lint_report(run, LINT_SERIAL_POSITIVE, "serialNumber");
    if (serial.len > ISSUE_SERIAL_MAX)
        lint_report(run, LINT_SERIAL_LENGTH, "serialNumber");
    size_t octets = serial.len > 1 && serial.data[0] == 0 ? serial.len - 1 : serial.len;
    if (octets < 8)
        lint_report(run, LINT_SERIAL_ENTROPY, "serialNumber");
}

static void check_algorithm(lint *run)
{
    signature_scheme scheme;
    if (!auth_bytes_equal(run->view->algorithm, run->view->tbs_algorithm))
        lint_report(run, LINT_ALGORITHM_SAME, "signatureAlgorithm");
    if (signature_scheme_parse(run->view->tbs_algorithm, &scheme, NULL) != AUTH_STATUS_OK)
        lint_report(run, LINT_ALGORITHM_KNOWN, "signature");
}

/* 2050-01-01T00:00:00Z */
#define YEAR_2050 ((auth_time)2524608000)

static void check_validity(lint *run)
{
    const x509_cert_view *view = run->view;
    if (view->not_before_is_generalized != (view->not_before >= YEAR_2050))
        lint_report(run, LINT_TIME_FORM, "notBefore");
    if (view->not_after_is_generalized != (view->not_after >= YEAR_2050))
        lint_report(run, LINT_TIME_FORM, "notAfter");
    if (view->not_before > view->not_after)
        lint_report(run, LINT_VALIDITY_ORDER, "validity");
}

/* issuerUniqueID [1] and subjectUniqueID [2] stand behind the key; the view passes over them. */
static void check_unique_ids(lint *run)
{
    auth_bytes content;
    der_item item;
    if (!der_only(run->view->tbs, DER_SEQUENCE, &content))
        return;
    while (der_next(&content, &item)) {
        if (item.tag == DER_CONTEXT(1) || item.tag == DER_CONTEXT(2))
            lint_report(run, LINT_UNIQUE_ID, "issuerUniqueID, subjectUniqueID");
    }
}

void lint_fields(lint *run)
{
    if (run->view->version != 3)
        lint_report(run, LINT_VERSION, "version");
    check_serial(run);
    check_algorithm(run);
    check_validity(run);
    check_unique_ids(run);
    if (run->key == NULL)
        lint_report(run, LINT_KEY_FORM, "subjectPublicKeyInfo");
}

static void read_facts(lint *run)
{
    const x509_extensions *extensions = &run->view->extensions;
    const x509_extension *basic = x509_find(extensions, OID_BASIC_CONSTRAINTS);
    const x509_extension *usage = x509_find(extensions, OID_KEY_USAGE);
    x509_basic_constraints constraints = {0};
    if (basic != NULL && x509_read_basic_constraints(basic->value, &constraints))
        run->is_ca = constraints.is_ca;
    if (usage != NULL && !x509_read_key_usage(usage->value, &run->key_usage))
        run->key_usage = 0;
    run->is_self_issued = x509_name_equal(run->view->issuer, run->view->subject);
}

auth_status lint_view(const x509_cert_view *view, const auth_profile *profile, auth_public_key *key,
                      auth_lint_visit *visit, void *context, auth_error *err)
{
    lint run = {
        .view = view,
        .profile = profile,
        .key = key,
        .visit = visit,
        .context = context,
        .err = err,
    };
    read_facts(&run);
    lint_fields(&run);
    lint_names(&run);
    lint_extensions(&run);
    lint_usage(&run);
    lint_addresses(&run);
    if (profile != NULL)
        lint_profile(&run);
    return run.count == 0 ? AUTH_STATUS_OK : AUTH_STATUS_INVALID;
}

static auth_status report_form(const auth_error *why, auth_lint_visit *visit, void *context,
                               auth_error *err)
{
    auth_error first;
    lint run = {.visit = visit, .context = context, .err = &first};
    lint_report(&run, LINT_FORM, why->text);
    return auth_error_set(err, AUTH_STATUS_INVALID, "%s", first.text);
}

auth_status auth_lint(auth_bytes certificate, const auth_profile *profile, auth_lint_visit *visit,
                      void *context, auth_error *err)
{
    x509_cert_view view;
    auth_error why;
    AUTH_AUTO(auth_public_key) *key = NULL;
    if (x509_cert_view_parse(certificate, &view, &why) != AUTH_STATUS_OK)
        return report_form(&why, visit, context, err);
    auth_status status = auth_public_key_parse(view.spki, &key, &why);
    if (auth_status_is_fault(status))
        return auth_error_set(err, status, "%s", why.text);
    return lint_view(&view, profile, key, visit, context, err);
}
