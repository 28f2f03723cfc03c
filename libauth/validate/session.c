/* SPDX-License-Identifier: Apache-2.0 */
/* Chains: one after the other, until one is valid or none is left to try. */
#include "validate/names.h"
#include "validate/openssl.h"
#include "validate/revocation.h"

static bool blame(judgement *judged, const path *p, size_t depth)
{
    judged->depth = depth;
    judged->cert = p->certs[depth];
    return false;
}

/* Names of the certificates below against the constraints of one above. */
static bool check_below(const path *p, size_t above, judgement *judged)
{
    auth_bytes constraints = p->certs[above]->facts.name_constraints->value;
    for (size_t i = 0; i < above; i++) {
        const cert_facts *facts = &p->certs[i]->facts;
        const x509_extension *names = facts->subject_alt_name;
        const char *what = NULL;
        /* RFC 5280 6.1.3 (b) and (c). */
        if (facts->is_self_issued && i > 0)
            continue;
        if (names != NULL && names_wildcard_is_excluded(constraints, names->value))
            what = "a wildcard covers a host that an authority above excludes";
        else if (names != NULL && names_uri_is_refused(constraints, names->value))
            what = "a URI's host is not one that an authority above permits, or cannot be told";
        if (what != NULL) {
            finding_set(&judged->found, AUTH_VERDICT_REASON_NAME_CONSTRAINTS,
                        "%s (RFC 5280 4.2.1.10)", what);
            return blame(judged, p, i);
        }
    }
    return true;
}

/*
 * Where OpenSSL compares wildcards as they stand, and takes the host of a URI to reach to the first
 * colon, be it in the path.
 */
static bool check_constrained_names(const path *p, judgement *judged)
{
    for (size_t i = 1; i < p->len; i++) {
        if (p->certs[i]->facts.name_constraints != NULL && !check_below(p, i, judged))
            return false;
    }
    return true;
}

static rules_place place_of(const path_query *query, const path *p, size_t depth)
{
    return (rules_place){
        .is_issuer = depth > 0,
        .is_anchor = p->certs[depth]->is_anchor,
        .is_strict = query->is_strict,
        .purpose = query->purpose,
    };
}

static bool check_rules(const session *s, const path_query *query, const path *p, judgement *judged)
{
    for (size_t i = 0; i < p->len; i++) {
        const candidate *c = p->certs[i];
        rules_place place = place_of(query, p, i);
        if (!rules_check_form(&c->view, &c->facts, place, &judged->found) ||
            !rules_check_time(&c->view, s->options->now, &judged->found) ||
            !rules_check_purpose(&c->view, &c->facts, place, &judged->found))
            return blame(judged, p, i);
    }
    return check_constrained_names(p, judged);
}

/* Where OpenSSL and a rule of ours refuse the same certificate, the rule tells more. */
static void sharpen(const path_query *query, const path *p, judgement *judged)
{
    finding sharper = {0};
    if (judged->cert == NULL || judged->depth >= p->len || p->certs[judged->depth] != judged->cert)
        return;
    const candidate *c = judged->cert;
    rules_place place = place_of(query, p, judged->depth);
    if (!rules_check_form(&c->view, &c->facts, place, &sharper) ||
        !rules_check_purpose(&c->view, &c->facts, place, &sharper))
        judged->found = sharper;
}

static auth_status attempt(session *s, const path_query *query, const exclusion *excluded,
                           path *out, judgement *judged, cert_status *status, auth_error *err)
{
    auth_status outcome = openssl_build_path(s, query, excluded, out, judged, err);
    out->number = ++s->path_count;
    if (outcome != AUTH_STATUS_OK)
        return outcome;
    if (judged->found.reason != AUTH_VERDICT_REASON_OK) {
        sharpen(query, out, judged);
        return AUTH_STATUS_OK;
    }
    if (!check_rules(s, query, out, judged))
        return AUTH_STATUS_OK;
    return revocation_check(s, query, out, judged, status, err);
}

static bool is_in(const exclusion *excluded, const candidate *c)
{
    for (size_t i = 0; i < excluded->count; i++) {
        if (excluded->rows[i] == c)
            return true;
    }
    return false;
}

static bool may_replace(const exclusion *excluded, const candidate *c, const candidate *other)
{
    return other != c && !is_in(excluded, other) && other->x509 != NULL &&
           x509_name_digest_equal(&other->subject, &c->subject) &&
           !auth_bytes_equal(other->der, c->der);
}

static bool has_alternative(const session *s, const exclusion *excluded, const candidate *c)
{
    if (c->is_anchor || is_in(excluded, c))
        return false;
    for (size_t i = 0; i < s->trust->count; i++) {
        if (may_replace(excluded, c, &s->trust->rows[i]))
            return true;
    }
    for (size_t i = 0; i < s->pool_count; i++) {
        if (may_replace(excluded, c, &s->pool[i]))
            return true;
    }
    return false;
}

/*
 * OpenSSL builds one chain and stays with it. Where an intermediate of a refused chain has a
 * namesake, one more chain is tried without it: the one that decided first, then from the bottom.
 */
static bool exclude_one(const session *s, const path *p, const judgement *judged,
                        exclusion *excluded)
{
    const candidate *choice = NULL;
    if (judged->cert != NULL && judged->depth > 0 && has_alternative(s, excluded, judged->cert))
        choice = judged->cert;
    for (size_t i = 1; choice == NULL && i < p->len; i++) {
        if (has_alternative(s, excluded, p->certs[i]))
            choice = p->certs[i];
    }
    if (choice == NULL || excluded->count == SESSION_ATTEMPTS)
        return false;
    excluded->rows[excluded->count++] = choice;
    return true;
}

auth_status session_find_path(session *s, const path_query *query, path *out, judgement *judged,
                              cert_status *status, auth_error *err)
{
    exclusion excluded = {0};
    path tried = {0};
    judgement judged_now = {0};
    cert_status status_now = {0};
    for (bool is_first = true;; is_first = false) {
        judged_now = (judgement){0};
        status_now = (cert_status){0};
        auth_status outcome = attempt(s, query, &excluded, &tried, &judged_now, &status_now, err);
        if (outcome != AUTH_STATUS_OK)
            return outcome;
        bool is_valid = judged_now.found.reason == AUTH_VERDICT_REASON_OK;
        if (is_first || is_valid) {
            *out = tried;
            *judged = judged_now;
            if (status != NULL)
                *status = status_now;
        }
        if (is_valid || !exclude_one(s, &tried, &judged_now, &excluded))
            return AUTH_STATUS_OK;
    }
}
