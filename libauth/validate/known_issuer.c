/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short way for certificates of a known issuer. It only ever says yes: whatever it is not sure
 * of goes the long way, so that both give the same verdict.
 */
#include "validate/names.h"
#include "validate/validate.h"
#include "x509/name.h"
#include "x509/text.h"

#include <stdlib.h>
#include <string.h>

struct auth_known_issuer {
    const auth_trust *trust;
    uint8_t *octets;                          /* what intermediates view */
    auth_bytes intermediates[AUTH_CHAIN_MAX]; /* the issuer first, without the anchor */
    size_t intermediate_count;
    auth_evidence evidence; /* of the intermediates */
    auth_validation options;
    session s;      /* keeps the chain's certificates */
    path chain;     /* certs[0] is the issuer */
    bool is_simple; /* the chain lays nothing on a holder but what each certificate says */
};

/* Extensions that OpenSSL acts on and this program does not: 2.16.840.1.113730.1.1 nsCertType,
 * 1.3.6.1.5.5.7.1.7 and .8 of RFC 3779, 1.3.6.1.5.5.7.1.14 proxyCertInfo. */
static const auth_bytes openssl_extensions[] = {
    {(const uint8_t *)"\x60\x86\x48\x01\x86\xf8\x42\x01\x01", 9},
    {(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x01\x07", 8},
    {(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x01\x08", 8},
    {(const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x01\x0e", 8},
};

static bool has_openssl_extension(const x509_cert_view *view)
{
    for (size_t i = 0; i < sizeof openssl_extensions / sizeof openssl_extensions[0]; i++) {
        if (x509_find_type(&view->extensions, openssl_extensions[i]) != NULL)
            return true;
    }
    return false;
}

/* OpenSSL refuses a certificate with a name that it cannot turn into UTF-8. */
static bool is_plain_text(const x509_attribute *attribute)
{
    auth_bytes text = attribute->value;
    uint32_t code = 0;
    if (attribute->tag != DER_UTF8_STRING && attribute->tag != DER_PRINTABLE_STRING &&
        attribute->tag != DER_IA5_STRING)
        return false;
    while (x509_next_character(attribute->tag, &text, &code)) {
    }
    return text.len == 0 && attribute->value.len > 0;
}

static bool is_plain_name(auth_bytes name)
{
    x509_name_cursor cursor = x509_name_start(name);
    x509_attribute attribute;
    while (x509_name_next(&cursor, &attribute)) {
        if (!is_plain_text(&attribute))
            return false;
    }
    return !cursor.is_malformed;
}

static bool is_for_short_way(const auth_known_issuer *issuer, const auth_validation *options,
                             const auth_evidence *evidence)
{
    bool has_evidence = evidence != NULL && (evidence->crl_count > 0 || evidence->ocsp_count > 0);
    unsigned depth = options->max_depth == 0 ? AUTH_CHAIN_DEPTH : options->max_depth;
    return issuer->is_simple && !has_evidence && !options->requires_revocation &&
           options->policy_count == 0 && !options->requires_explicit_policy &&
           !options->accepts_intermediate_anchor && !issuer->options.accepts_intermediate_anchor &&
           issuer->chain.len - 1 <= depth;
}

/* The certificate names this issuer and this key, and nothing else that would have to be looked at.
 */
static bool is_of_issuer(const candidate *c, const candidate *issuer)
{
    const x509_authority_key *named = &c->facts.authority_key;
    auth_bytes key_id = issuer->facts.subject_key_id;
    return x509_name_equal(c->view.issuer, issuer->view.subject) && named->issuer.data == NULL &&
           (named->key_id.len == 0 || key_id.len == 0 || auth_bytes_equal(named->key_id, key_id));
}

static bool is_plain(const candidate *c)
{
    const cert_facts *facts = &c->facts;
    return !facts->basic_constraints.is_ca && !facts->is_self_issued && !facts->has_policy_rules &&
           !(facts->has_key_usage && facts->key_usage == 0) && !has_openssl_extension(&c->view) &&
           is_plain_name(c->view.subject) && is_plain_name(c->view.issuer);
}

static bool keeps_rules(const auth_known_issuer *issuer, const session *s, const candidate *c)
{
    finding unused;
    for (size_t i = 0; i <= issuer->chain.len; i++) {
        const candidate *row = i == 0 ? c : issuer->chain.certs[i - 1];
        rules_place place = {i > 0, row->is_anchor, s->is_strict, s->purpose};
        if (!rules_check_form(&row->view, &row->facts, place, &unused) ||
            !rules_check_time(&row->view, s->options->now, &unused) ||
            !rules_check_purpose(&row->view, &row->facts, place, &unused))
            return false;
    }
    return true;
}

/* Tells in *is_valid whether the short way suffices to say yes. */
static auth_status go_short_way(const auth_known_issuer *issuer, session *s, auth_bytes certificate,
                                bool *is_valid, auth_error *err)
{
    candidate *c = &s->target;
    const candidate *above = issuer->chain.certs[0];
    finding unused;
    auth_status status = candidate_parse(c, certificate, &unused, err);
    if (status == AUTH_STATUS_OK && c->is_parsed)
        status = candidate_check(c, &unused, err);
    if (status != AUTH_STATUS_OK || !c->is_usable || !is_of_issuer(c, above) || !is_plain(c) ||
        !keeps_rules(issuer, s, c))
        return status;
    auth_error why;
    status =
        auth_public_key_verify(above->key, c->view.algorithm, c->view.tbs, c->view.signature, &why);
    *is_valid = status == AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK || !auth_status_is_fault(status))
        return AUTH_STATUS_OK;
    if (err != NULL)
        *err = why;
    return status;
}

static auth_status report_short_way(const auth_known_issuer *issuer, session *s,
                                    auth_bytes certificate, auth_verdict *out, auth_error *err)
{
    judgement judged = {.cert = &s->target};
    cert_status status = {.unchecked_count = issuer->chain.len};
    path p = {.len = issuer->chain.len + 1, .certs = {&s->target}};
    memcpy(p.certs + 1, issuer->chain.certs, issuer->chain.len * sizeof p.certs[0]);
    return validate_report(&judged, &p, &status, certificate, out, err);
}

/* The issuer's chain goes in front of what came along. */
static auth_status go_long_way(const auth_known_issuer *issuer, const auth_validation *options,
                               auth_bytes certificate, const auth_evidence *evidence,
                               auth_verdict *out, auth_error *err)
{
    auth_evidence whole = {0};
    if (evidence != NULL)
        whole = *evidence;
    size_t count = issuer->intermediate_count + whole.intermediate_count;
    auth_bytes *rows = calloc(count + 1, sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    memcpy(rows, issuer->intermediates, issuer->intermediate_count * sizeof *rows);
    if (whole.intermediate_count > 0)
        memcpy(rows + issuer->intermediate_count, whole.intermediates,
               whole.intermediate_count * sizeof *rows);
    whole.intermediates = rows;
    whole.intermediate_count = count;
    auth_status status = auth_validate(issuer->trust, options, certificate, &whole, out, err);
    free(rows);
    return status;
}

auth_status auth_known_issuer_validate(const auth_known_issuer *issuer,
                                       const auth_validation *options, auth_bytes certificate,
                                       const auth_evidence *evidence, auth_verdict *out,
                                       auth_error *err)
{
    AUTH_AUTO(auth_public_key) *unused = NULL;
    return validate_by_known_issuer(issuer, options, certificate, evidence, out, &unused, err);
}

auth_status validate_by_known_issuer(const auth_known_issuer *issuer,
                                     const auth_validation *options, auth_bytes certificate,
                                     const auth_evidence *evidence, auth_verdict *out,
                                     auth_public_key **key, auth_error *err)
{
    bool is_valid = false;
    *out = (auth_verdict){.reason = AUTH_VERDICT_REASON_FAULT};
    if (is_for_short_way(issuer, options, evidence)) {
        session s;
        auth_status status = validate_begin(&s, issuer->trust, options, evidence, err);
        if (status == AUTH_STATUS_OK)
            status = go_short_way(issuer, &s, certificate, &is_valid, err);
        if (status == AUTH_STATUS_OK && is_valid)
            status = report_short_way(issuer, &s, certificate, out, err);
        if (status == AUTH_STATUS_OK && is_valid)
            *key = AUTH_TAKE(s.target.key);
        validate_end(&s);
        if (status != AUTH_STATUS_OK || is_valid)
            return status;
    }
    return go_long_way(issuer, options, certificate, evidence, out, err);
}

/* Copies the issuer and what stands between it and the anchor. */
static auth_status copy_chain(auth_known_issuer *issuer, auth_bytes certificate,
                              const auth_verdict *verdict, auth_error *err)
{
    size_t total = certificate.len;
    for (size_t i = 1; i < verdict->chain_len; i++)
        total += verdict->chain[i].len;
    issuer->octets = malloc(total + 1);
    if (issuer->octets == NULL)
        return auth_error_memory(err);
    uint8_t *room = issuer->octets;
    for (size_t i = 0; i + 1 < verdict->chain_len || i == 0; i++) {
        auth_bytes der = i == 0 ? certificate : verdict->chain[i];
        memcpy(room, der.data, der.len);
        issuer->intermediates[issuer->intermediate_count++] = (auth_bytes){room, der.len};
        room += der.len;
    }
    issuer->evidence = (auth_evidence){
        .intermediates = issuer->intermediates,
        .intermediate_count = issuer->intermediate_count,
    };
    return AUTH_STATUS_OK;
}

static bool is_simple(const path *chain)
{
    uint64_t below = 0; /* authorities that count for a pathLenConstraint above a holder */
    for (size_t i = 0; i < chain->len; i++) {
        const cert_facts *facts = &chain->certs[i]->facts;
        if (facts->name_constraints != NULL || facts->has_policy_rules ||
            (facts->basic_constraints.has_path_len && below > facts->basic_constraints.path_len))
            return false;
        below += facts->is_self_issued ? 0 : 1;
    }
    return true;
}

/* Builds the chain once more, on what the issuer owns; revocation was looked at before. */
static auth_status keep_chain(auth_known_issuer *issuer, auth_error *err)
{
    auth_verdict again;
    issuer->options.requires_revocation = false;
    issuer->options.policies = NULL;
    issuer->options.policy_count = 0;
    auth_status status =
        validate_begin(&issuer->s, issuer->trust, &issuer->options, &issuer->evidence, err);
    if (status == AUTH_STATUS_OK)
        status = validate_read_pool(&issuer->s, err);
    if (status == AUTH_STATUS_OK)
        status = validate_run(&issuer->s, issuer->intermediates[0], &issuer->chain, &again, err);
    if (status == AUTH_STATUS_OK && again.reason != AUTH_VERDICT_REASON_OK)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "an issuer's chain was valid and is not any more; please report it");
    issuer->is_simple = is_simple(&issuer->chain);
    return status;
}

auth_status auth_known_issuer_new(const auth_trust *trust, const auth_validation *options,
                                  auth_bytes certificate, const auth_evidence *evidence,
                                  auth_known_issuer **out, auth_verdict *verdict, auth_error *err)
{
    auth_validation as_authority = *options;
    as_authority.purpose = AUTH_PURPOSE_CA;
    *out = NULL;
    auth_status status = auth_validate(trust, &as_authority, certificate, evidence, verdict, err);
    if (status != AUTH_STATUS_OK || verdict->reason != AUTH_VERDICT_REASON_OK)
        return status;
    AUTH_AUTO(auth_known_issuer) *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return auth_error_memory(err);
    issuer->trust = trust;
    issuer->options = as_authority;
    status = copy_chain(issuer, certificate, verdict, err);
    if (status == AUTH_STATUS_OK)
        status = keep_chain(issuer, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(issuer);
    return status;
}

void auth_known_issuer_free(auth_known_issuer *issuer)
{
    if (issuer == NULL)
        return;
    validate_end(&issuer->s);
    free(issuer->octets);
    free(issuer);
}
