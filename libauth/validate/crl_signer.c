/* SPDX-License-Identifier: Apache-2.0 */
/* Who signed a CRL, and may he: RFC 5280 6.3.3 (f) and (g). */
#include "validate/revocation.h"

/* Namesakes whose keys are tried on one CRL: each costs a hash of all of it. */
#define KEYS_TRIED 16

typedef struct signer_search {
    session *s;
    crl_item *item;
    const path *p;
    size_t index; /* in p, of the certificate whose status is asked for */
    unsigned level;
    size_t tried; /* keys */
} signer_search;

static bool is_named(const signer_search *look, const candidate *c)
{
    auth_bytes wanted = auth_crl_key_id(look->item->crl);
    return c->is_read && x509_name_digest_equal(&c->subject, &look->item->issuer_digest) &&
           (wanted.len == 0 || c->facts.subject_key_id.len == 0 ||
            auth_bytes_equal(wanted, c->facts.subject_key_id));
}

static bool may_sign_crls(const candidate *c)
{
    return !c->facts.has_key_usage || (c->facts.key_usage & X509_CRL_SIGN) != 0;
}

static bool is_in_path(const path *p, const candidate *c)
{
    for (size_t i = 0; i < p->len; i++) {
        if (p->certs[i] == c || auth_bytes_equal(p->certs[i]->der, c->der))
            return true;
    }
    return false;
}

static const candidate *anchor_of(const path *p) { return p->certs[p->len - 1]; }

/* Tells whether the CRL bears the name of the certificate's issuer, not of another it points to. */
static bool is_at_home(const crl_item *item, const path *p, size_t index)
{
    return x509_name_digest_equal(&item->issuer_digest, &p->certs[index]->issuer);
}

static void accept(signer_search *look, const candidate *c) { look->item->signer = c; }

static void refuse(signer_search *look, auth_verdict_reason reason, const char *what)
{
    finding_set(&look->item->signer_problem, reason, "%s", what);
}

/*
 * Whether somebody of the chain above the certificate made the signer. RFC 5280 6.3.3 (f) asks for
 * the same anchor alone; then any authority below it could take another's name and speak for it.
 * Where the certificate itself names an issuer of CRLs other than its own, that has to do.
 */
static bool is_made_above(const signer_search *look, const path *own)
{
    if (!is_at_home(look->item, look->p, look->index))
        return true;
    for (size_t i = look->index + 1; own->len > 1 && i < look->p->len; i++) {
        if (look->p->certs[i] == own->certs[1] ||
            auth_bytes_equal(look->p->certs[i]->der, own->certs[1]->der))
            return true;
    }
    return false;
}

/* A signer outside the chain needs one of its own, to the same anchor and not revoked. */
static auth_status find_own_path(signer_search *look, const candidate *c, auth_error *err)
{
    path_query query = {
        .target = c,
        .purpose = purpose_find(AUTH_PURPOSE_ANY),
        .is_strict = false,
        .level = look->level + 1,
    };
    path own = {0};
    judgement judged = {0};
    if (query.level > SESSION_LEVELS) {
        refuse(look, AUTH_VERDICT_REASON_CRL_ISSUER,
               "its status hangs on too many other CRL issuers");
        return AUTH_STATUS_OK;
    }
    if (look->s->signer_count == SESSION_SIGNERS) {
        refuse(look, AUTH_VERDICT_REASON_LIMIT,
               "too many other CRL issuers were handed in; give those of the chain");
        return AUTH_STATUS_OK;
    }
    look->s->signer_count++;
    look->item->judged = c;
    auth_status status = session_find_path(look->s, &query, &own, &judged, NULL, err);
    look->item->judged = NULL;
    look->item->signer = NULL;
    if (status != AUTH_STATUS_OK)
        return status;
    if (judged.found.reason != AUTH_VERDICT_REASON_OK)
        finding_set(&look->item->signer_problem, AUTH_VERDICT_REASON_CRL_ISSUER,
                    "the certificate of the CRL's issuer is not valid: %s",
                    auth_verdict_reason_name(judged.found.reason));
    else if (anchor_of(&own) != anchor_of(look->p))
        refuse(look, AUTH_VERDICT_REASON_CRL_ISSUER,
               "the CRL's issuer hangs on another trust anchor (RFC 5280 6.3.3 (f))");
    else if (!is_made_above(look, &own))
        refuse(look, AUTH_VERDICT_REASON_CRL_ISSUER,
               "an authority outside the chain gave the CRL's issuer its name");
    else
        accept(look, c);
    return AUTH_STATUS_OK;
}

static auth_status try_signer(signer_search *look, const candidate *c, auth_error *err)
{
    if (!may_sign_crls(c)) {
        refuse(look, AUTH_VERDICT_REASON_CRL_ISSUER,
               "keyUsage of the CRL's issuer lacks cRLSign (RFC 5280 6.3.3 (f))");
        return AUTH_STATUS_OK;
    }
    if (look->tried == KEYS_TRIED) {
        refuse(look, AUTH_VERDICT_REASON_LIMIT,
               "too many certificates bear the name of the CRL's issuer");
        return AUTH_STATUS_OK;
    }
    look->tried++;
    auth_error why;
    auth_status status = auth_crl_check_signature(look->item->crl, c->key, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (status != AUTH_STATUS_OK) {
        finding_set(&look->item->signer_problem, AUTH_VERDICT_REASON_CRL_SIGNATURE, "%s", why.text);
        return AUTH_STATUS_OK;
    }
    if (is_in_path(look->p, c)) {
        accept(look, c);
        return AUTH_STATUS_OK;
    }
    return find_own_path(look, c, err);
}

/* Checks and loads what of the pool bears the CRL issuer's name. */
static auth_status load(candidate *c, bool *is_loaded, auth_error *err)
{
    finding unused = {0};
    auth_status status = candidate_check(c, &unused, err);
    if (status == AUTH_STATUS_OK)
        status = candidate_load(c, &unused, err);
    *is_loaded = status == AUTH_STATUS_OK && c->x509 != NULL;
    return status;
}

static auth_status try_pool(signer_search *look, auth_error *err)
{
    for (size_t i = 0; i < look->s->pool_count && look->item->signer == NULL; i++) {
        candidate *c = &look->s->pool[i];
        bool is_loaded = false;
        if (!c->is_read || !x509_name_digest_equal(&c->subject, &look->item->issuer_digest))
            continue;
        auth_status status = load(c, &is_loaded, err);
        if (status == AUTH_STATUS_OK && is_loaded && is_named(look, c) && !is_in_path(look->p, c))
            status = try_signer(look, c, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status try_all(signer_search *look, size_t index, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = index + 1; i < look->p->len && look->item->signer == NULL; i++) {
        if (is_named(look, look->p->certs[i]))
            status = try_signer(look, look->p->certs[i], err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < look->s->trust->count && look->item->signer == NULL; i++) {
        const candidate *c = &look->s->trust->rows[i];
        if (is_named(look, c) && !is_in_path(look->p, c))
            status = try_signer(look, c, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return look->item->signer == NULL ? try_pool(look, err) : AUTH_STATUS_OK;
}

auth_status crl_judge_signer(session *s, crl_item *item, const path *p, size_t index,
                             unsigned level, auth_error *err)
{
    signer_search look = {.s = s, .item = item, .p = p, .index = index, .level = level};
    /*
     * Who may sign for one certificate may not for another: one that names him (is_made_above), or
     * one below a key that an authority gave itself, whose own status that key must not tell.
     */
    if (item->judged_path == p->number && item->judged_index == index)
        return AUTH_STATUS_OK;
    item->signer = NULL;
    /*
     * The status of a CRL's issuer may stand in the CRL itself (RFC 5280 6.3.3 does not forbid it,
     * and a certificate of its authority says so): its signature was verified a moment ago. An
     * authority above that issuer must be good without it, or one that is revoked would make
     * itself an issuer that says otherwise.
     */
    if (item->judged != NULL) {
        if (index == 0 && p->certs[0] == item->judged)
            item->signer = item->judged;
        else
            refuse(&look, AUTH_VERDICT_REASON_CRL_ISSUER,
                   "it cannot tell of an authority on which its own issuer hangs");
        return AUTH_STATUS_OK;
    }
    item->judged_path = 0;
    refuse(&look, AUTH_VERDICT_REASON_CRL_ISSUER,
           "there is no certificate of the CRL's issuer with this key");
    auth_status status = try_all(&look, index, err);
    item->judged_path = status == AUTH_STATUS_OK ? p->number : 0;
    item->judged_index = index;
    return status;
}
