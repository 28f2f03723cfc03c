/* SPDX-License-Identifier: Apache-2.0 */
/* Status by CRL: RFC 5280 6.3.3, each step in its order. */
#include "validate/crl_match.h"
#include "validate/revocation.h"

#include <stdlib.h>

/* How far a CRL came before it was refused; the one that came furthest tells why. */
typedef enum stage {
    STAGE_NONE,
    STAGE_SCOPE,
    STAGE_FORM,
    STAGE_TIME,
    STAGE_SIGNER,
    STAGE_DELTA,
    STAGE_REASONS,
} stage;

typedef struct search {
    session *s;
    const path *p;
    size_t index;
    unsigned level;
    const candidate *cert;
    unsigned covered; /* reasons */
    stage reached;
    cert_status *out;
} search;

static void note(search *look, stage at, const finding *found)
{
    if (at < look->reached)
        return;
    look->reached = at;
    look->out->has_problem = true;
    look->out->problem = *found;
}

static auth_status view_item(crl_item *item, auth_error *err)
{
    x509_crl_view view;
    auth_error why;
    auth_status status = x509_crl_view_parse(item->der, &view, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    item->is_viewed = status == AUTH_STATUS_OK;
    item->is_parsed = !item->is_viewed;
    if (item->is_viewed) {
        item->issuer = view.issuer;
        item->this_update = view.this_update;
        return x509_name_digest(view.issuer, &item->issuer_digest, err);
    }
    finding_set(&item->problem, AUTH_VERDICT_REASON_CRL_MALFORMED, "%s", why.text);
    return AUTH_STATUS_OK;
}

static int compare_items(const void *left, const void *right)
{
    const crl_item *a = left;
    const crl_item *b = right;
    return (a->this_update < b->this_update) - (a->this_update > b->this_update);
}

/* The newest comes first, so that of two CRLs of one scope the older is not asked. */
auth_status crl_view_all(session *s, auth_error *err)
{
    for (size_t i = 0; i < s->crl_count; i++) {
        s->crls[i].der = s->evidence->crls[i];
        auth_status status = view_item(&s->crls[i], err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    qsort(s->crls, s->crl_count, sizeof *s->crls, compare_items);
    return AUTH_STATUS_OK;
}

static auth_status parse_item(crl_item *item, auth_error *err)
{
    auth_error why;
    if (item->is_parsed)
        return AUTH_STATUS_OK;
    auth_status status = auth_crl_parse(item->der, &item->crl, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    item->is_parsed = true;
    if (status == AUTH_STATUS_UNSUPPORTED)
        finding_set(&item->problem, AUTH_VERDICT_REASON_CRL_CRITICAL_EXTENSION, "%s", why.text);
    else if (status != AUTH_STATUS_OK)
        finding_set(&item->problem, AUTH_VERDICT_REASON_CRL_MALFORMED, "%s", why.text);
    else if (auth_crl_number(item->crl).len == 0 ||
             auth_crl_number(item->crl).len > AUTH_CRL_NUMBER_MAX)
        finding_set(&item->problem, AUTH_VERDICT_REASON_CRL_NUMBER,
                    "it is missing or has more than %d octets (RFC 5280 5.2.3)",
                    AUTH_CRL_NUMBER_MAX);
    return AUTH_STATUS_OK;
}

static bool is_delta(const auth_crl *crl) { return auth_crl_base_number(crl).len > 0; }

static bool check_time(const auth_crl *crl, auth_time now, finding *found)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time next = 0;
    if (auth_crl_this_update(crl) > now) {
        auth_time_format(auth_crl_this_update(crl), text);
        return finding_set(found, AUTH_VERDICT_REASON_CRL_NOT_YET_VALID, "thisUpdate is %s", text);
    }
    if (!auth_crl_next_update(crl, &next))
        return finding_set(found, AUTH_VERDICT_REASON_CRL_EXPIRED,
                           "it has no nextUpdate (RFC 5280 5.1.2.5)");
    if (next < now) {
        auth_time_format(next, text);
        return finding_set(found, AUTH_VERDICT_REASON_CRL_EXPIRED, "nextUpdate was %s", text);
    }
    return true;
}

/* Tells in *is_good whether a parsed CRL was signed by somebody who may. */
static auth_status check_signer(search *look, crl_item *item, bool *is_good, auth_error *err)
{
    auth_status status = crl_judge_signer(look->s, item, look->p, look->index, look->level, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *is_good = item->signer != NULL;
    if (!*is_good)
        note(look, STAGE_SIGNER, &item->signer_problem);
    return AUTH_STATUS_OK;
}

/*
 * Finds the newest delta CRL that joins full. *has_gap: there is one that is good and does not
 * join, so that full is known to be too old. A delta that is out of date or forged is as none.
 */
static auth_status find_delta(search *look, const crl_item *full, crl_item **out, bool *has_gap,
                              auth_error *err)
{
    *out = NULL;
    *has_gap = false;
    for (size_t i = 0; i < look->s->crl_count; i++) {
        crl_item *item = &look->s->crls[i];
        finding unused = {0};
        if (item->crl == NULL || item->problem.reason != AUTH_VERDICT_REASON_OK ||
            !is_delta(item->crl) || !check_time(item->crl, look->s->options->now, &unused))
            continue;
        auth_status pair = auth_crl_check_pair(full->crl, item->crl, NULL);
        if (pair != AUTH_STATUS_OK && pair != AUTH_STATUS_CONFLICT)
            continue;
        auth_status status =
            crl_judge_signer(look->s, item, look->p, look->index, look->level, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (item->signer == NULL)
            continue;
        if (pair == AUTH_STATUS_CONFLICT)
            *has_gap = true;
        else if (*out == NULL || auth_crl_compare_numbers(auth_crl_number(item->crl),
                                                          auth_crl_number((*out)->crl)) > 0)
            *out = item;
    }
    return AUTH_STATUS_OK;
}

static void report(search *look, const crl_item *full, const crl_item *delta,
                   const auth_crl_entry *entry)
{
    const auth_crl *newest = delta == NULL ? full->crl : delta->crl;
    cert_status *out = look->out;
    out->source = AUTH_REVOCATION_SOURCE_CRL;
    out->this_update = auth_crl_this_update(newest);
    out->next_update = 0;
    (void)auth_crl_next_update(newest, &out->next_update);
    out->is_revoked = entry != NULL;
    if (entry != NULL) {
        out->is_known = true;
        out->revoked = entry->revoked;
        out->reason = entry->reason;
    }
}

static auth_status look_up(search *look, const crl_item *full, const crl_item *delta,
                           unsigned reasons, auth_error *err)
{
    auth_crl_entry entry;
    /* Empty: the CRL's own issuer, which is the certificate's, however it is spelled. */
    bool is_indirect = auth_crl_scope_of(full->crl).is_indirect;
    auth_bytes issuer = is_indirect ? look->cert->view.issuer : (auth_bytes){NULL, 0};
    auth_bytes serial = look->cert->view.serial;
    auth_status status =
        delta == NULL ? auth_crl_find(full->crl, issuer, serial, &entry, err)
                      : auth_crl_find_in_pair(full->crl, delta->crl, issuer, serial, &entry, err);
    if (status == AUTH_STATUS_OK) {
        report(look, full, delta, &entry);
        return AUTH_STATUS_OK;
    }
    if (status != AUTH_STATUS_NOT_FOUND)
        return status;
    look->covered |= reasons;
    report(look, full, delta, NULL);
    return AUTH_STATUS_OK;
}

/*
 * A full CRL that is out of date is good together with a delta CRL that is not: the delta brings it
 * up to date (RFC 5280 6.3.3 (a)).
 */
static auth_status use_full(search *look, crl_item *item, unsigned reasons, auth_error *err)
{
    finding found = {0};
    crl_item *delta = NULL;
    bool has_gap = false;
    bool is_good = false;
    bool is_current = check_time(item->crl, look->s->options->now, &found);
    if (found.reason == AUTH_VERDICT_REASON_CRL_NOT_YET_VALID) {
        note(look, STAGE_TIME, &found);
        return AUTH_STATUS_OK;
    }
    auth_status status = check_signer(look, item, &is_good, err);
    if (status != AUTH_STATUS_OK || !is_good)
        return status;
    status = find_delta(look, item, &delta, &has_gap, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (has_gap) {
        finding_set(&found, AUTH_VERDICT_REASON_CRL_DELTA_GAP,
                    "the base of a delta CRL is newer than the full CRL (RFC 5280 5.2.4 (c))");
        note(look, STAGE_DELTA, &found);
        return AUTH_STATUS_OK;
    }
    /* What came behind the full CRL stands in a delta of its number or a higher one. */
    bool is_brought_up = delta != NULL && auth_crl_compare_numbers(auth_crl_number(delta->crl),
                                                                   auth_crl_number(item->crl)) >= 0;
    if (!is_current && !is_brought_up) {
        note(look, STAGE_TIME, &found);
        return AUTH_STATUS_OK;
    }
    return look_up(look, item, delta, reasons, err);
}

/* Tries one CRL for one distribution point. */
static auth_status try_crl(search *look, crl_item *item, const crl_point *point, auth_error *err)
{
    finding found = {0};
    if (item->problem.reason != AUTH_VERDICT_REASON_OK) {
        note(look, STAGE_FORM, &item->problem);
        return AUTH_STATUS_OK;
    }
    if (!crl_scope_matches(item->crl, look->cert, point, &found)) {
        note(look, STAGE_SCOPE, &found);
        return AUTH_STATUS_OK;
    }
    if (is_delta(item->crl)) {
        finding_set(&found, AUTH_VERDICT_REASON_CRL_DELTA_GAP,
                    "there is a delta CRL and no full CRL that it adds to (RFC 5280 5.2.4)");
        note(look, STAGE_SCOPE, &found);
        return AUTH_STATUS_OK;
    }
    unsigned reasons = point->reasons & auth_crl_scope_of(item->crl).reasons;
    if ((reasons & ~look->covered) == 0)
        return AUTH_STATUS_OK;
    return use_full(look, item, reasons, err);
}

/* A CRL whose issuer is on trial is asked about that issuer last, when no other tells of it. */
static auth_status try_point(search *look, const crl_point *point, bool is_on_trial,
                             auth_error *err)
{
    for (size_t i = 0; i < look->s->crl_count; i++) {
        crl_item *item = &look->s->crls[i];
        if (!item->is_viewed || (item->judged != NULL) != is_on_trial ||
            !crl_issuer_matches(item->issuer, look->cert, point))
            continue;
        auth_status status = try_crl(look, item, point, err);
        if (status != AUTH_STATUS_OK || look->out->is_revoked)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* Parses what may be about the certificate, so that deltas stand ready for their full CRLs. */
static auth_status prepare(search *look, const crl_point *points, size_t count, auth_error *err)
{
    for (size_t i = 0; i < look->s->crl_count; i++) {
        crl_item *item = &look->s->crls[i];
        /* Whose it is cannot be told, so it may be the one that counts. */
        if (!item->is_viewed)
            note(look, STAGE_NONE, &item->problem);
        for (size_t j = 0; item->is_viewed && j < count; j++) {
            if (!crl_issuer_matches(item->issuer, look->cert, &points[j]))
                continue;
            auth_status status = parse_item(item, err);
            if (status != AUTH_STATUS_OK)
                return status;
            break;
        }
    }
    return AUTH_STATUS_OK;
}

auth_status crl_status_of(session *s, const path *p, size_t index, unsigned level, cert_status *out,
                          auth_error *err)
{
    search look = {
        .s = s, .p = p, .index = index, .level = level, .cert = p->certs[index], .out = out};
    crl_point points[CRL_POINTS_MAX + 1];
    if (s->crl_count == 0)
        return AUTH_STATUS_OK;
    size_t count = crl_points_of(look.cert, points);
    auth_status status = prepare(&look, points, count, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < 2 * count; i++) {
        status = try_point(&look, &points[i % count], i >= count, err);
        if (out->is_revoked || look.covered == AUTH_CRL_ALL_REASONS)
            break;
    }
    if (status != AUTH_STATUS_OK || out->is_revoked)
        return status;
    out->is_known = look.covered == AUTH_CRL_ALL_REASONS;
    if (!out->is_known && look.covered != 0) {
        finding found = {0};
        finding_set(&found, AUTH_VERDICT_REASON_CRL_REASONS,
                    "only some reasons are covered (RFC 5280 6.3.3 (l))");
        note(&look, STAGE_REASONS, &found);
    }
    return AUTH_STATUS_OK;
}
