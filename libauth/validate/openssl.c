/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/openssl.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* 112 bits: no SHA-1, no RSA below 2048. SM2, P-256 and Ed25519 count as 128. */
#define SECURITY_LEVEL 2

static const struct error_row {
    int error;
    auth_verdict_reason reason;
} errors[] = {
#define OPENSSL_ERROR_ROW(error, reason) {X509_V_ERR_##error, AUTH_VERDICT_REASON_##reason},
#include "validate/openssl_error.def"
};

bool openssl_reason_of(int error, auth_verdict_reason *out)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error) {
            *out = errors[i].reason;
            return true;
        }
    }
    return false;
}

typedef struct run {
    auth_time now;
    int error;
    int depth;
    X509 *cert; /* borrowed from the chain */
} run;

/*
 * Keeps the first error. notAfter belongs to the validity (RFC 5280 4.1.2.5); OpenSSL 3.0 takes the
 * certificate as expired in that second.
 */
static int on_verify(int ok, X509_STORE_CTX *ctx)
{
    run *r = X509_STORE_CTX_get_app_data(ctx);
    X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
    int error = X509_STORE_CTX_get_error(ctx);
    if (ok == 1)
        return 1;
    if (error == X509_V_ERR_CERT_HAS_EXPIRED && cert != NULL &&
        ASN1_TIME_cmp_time_t(X509_get0_notAfter(cert), (time_t)r->now) == 0)
        return 1;
    r->error = error;
    r->depth = X509_STORE_CTX_get_error_depth(ctx);
    r->cert = cert;
    return 0;
}

static bool is_excluded(const exclusion *excluded, const candidate *c)
{
    for (size_t i = 0; i < excluded->count; i++) {
        if (excluded->rows[i] == c)
            return true;
    }
    return false;
}

/* Checks and loads a candidate of the pool; one that cannot be used is left out and counted. */
static auth_status load_from_pool(session *s, candidate *c, auth_error *err)
{
    finding found = {0};
    auth_status status = candidate_check(c, &found, err);
    if (status == AUTH_STATUS_OK)
        status = candidate_load(c, &found, err);
    if (status == AUTH_STATUS_OK && c->x509 == NULL) {
        c->is_read = false;
        if (s->dropped_count++ == 0)
            s->first_dropped = found;
    }
    return status;
}

static bool issued_one_of(const candidate *c, const bool *is_newest, const session *s,
                          const candidate *target, bool is_first_level)
{
    if (is_first_level) {
        if (x509_name_digest_equal(&c->subject, &target->issuer))
            return true;
        /* The intermediates of the trust set are there anyway: what they need is needed. */
        for (size_t i = s->trust->anchor_count; i < s->trust->count; i++) {
            if (x509_name_digest_equal(&c->subject, &s->trust->rows[i].issuer))
                return true;
        }
        return false;
    }
    for (size_t i = 0; i < s->pool_count; i++) {
        if (is_newest[i] && x509_name_digest_equal(&c->subject, &s->pool[i].issuer))
            return true;
    }
    return false;
}

/*
 * Marks what of the pool may stand above target, level by level, so that OpenSSL never sees the
 * rest. Each level is one more intermediate.
 */
static auth_status mark_pool(session *s, const candidate *target, unsigned depth, bool *marks,
                             bool *newest, bool *next, auth_error *err)
{
    for (unsigned level = 0; level <= depth; level++) {
        bool has_found = false;
        for (size_t i = 0; i < s->pool_count; i++) {
            candidate *c = &s->pool[i];
            next[i] = !marks[i] && c->is_read && issued_one_of(c, newest, s, target, level == 0);
            if (!next[i])
                continue;
            auth_status status = load_from_pool(s, c, err);
            if (status != AUTH_STATUS_OK)
                return status;
            next[i] = c->is_read;
            has_found = has_found || next[i];
        }
        for (size_t i = 0; i < s->pool_count; i++) {
            newest[i] = next[i];
            marks[i] = marks[i] || next[i];
        }
        if (!has_found)
            break;
    }
    return AUTH_STATUS_OK;
}

static unsigned depth_of(const auth_validation *options)
{
    unsigned depth = options->max_depth == 0 ? AUTH_CHAIN_DEPTH : options->max_depth;
    return depth > AUTH_CHAIN_MAX - 2 ? AUTH_CHAIN_MAX - 2 : depth;
}

static auth_status fill_untrusted(session *s, const path_query *query, const exclusion *excluded,
                                  STACK_OF(X509) * untrusted, auth_error *err)
{
    for (size_t i = s->trust->anchor_count; i < s->trust->count; i++) {
        const candidate *c = &s->trust->rows[i];
        if (!is_excluded(excluded, c) && sk_X509_push(untrusted, c->x509) <= 0)
            return auth_error_memory(err);
    }
    if (s->pool_count == 0)
        return AUTH_STATUS_OK;
    bool *marks = calloc(s->pool_count * 3, sizeof *marks);
    if (marks == NULL)
        return auth_error_memory(err);
    auth_status status = mark_pool(s, query->target, depth_of(s->options), marks,
                                   marks + s->pool_count, marks + 2 * s->pool_count, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < s->pool_count; i++) {
        candidate *c = &s->pool[i];
        if (marks[i] && !is_excluded(excluded, c) && sk_X509_push(untrusted, c->x509) <= 0)
            status = auth_error_memory(err);
    }
    free(marks);
    return status;
}

/* add0_policy alone does not switch checking on (CVE-2023-0466); the flag does. */
static auth_status set_policies(X509_VERIFY_PARAM *param, const auth_validation *options,
                                auth_error *err)
{
    static const char *const any[] = {"2.5.29.32.0"};
    bool has_some = options->policy_count > 0;
    const char *const *policies = has_some ? options->policies : any;
    size_t count = has_some ? options->policy_count : 1;
    for (size_t i = 0; i < count; i++) {
        ASN1_OBJECT *policy = OBJ_txt2obj(policies[i], 1);
        if (policy == NULL)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "policy %zu is no OID; write it like 1.2.156.1", i + 1);
        if (X509_VERIFY_PARAM_add0_policy(param, policy) != 1) {
            ASN1_OBJECT_free(policy);
            return auth_error_memory(err);
        }
    }
    return AUTH_STATUS_OK;
}

static unsigned long flags_of(const auth_validation *options)
{
    unsigned long flags = X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_TRUSTED_FIRST;
    if (options->requires_explicit_policy)
        flags |= X509_V_FLAG_EXPLICIT_POLICY;
    if (options->inhibits_any_policy)
        flags |= X509_V_FLAG_INHIBIT_ANY;
    if (options->inhibits_policy_mapping)
        flags |= X509_V_FLAG_INHIBIT_MAP;
    if (options->accepts_intermediate_anchor)
        flags |= X509_V_FLAG_PARTIAL_CHAIN;
    return flags;
}

/*
 * X509_V_FLAG_X509_STRICT is not set: rules.c holds certificates to the same rules and more, with a
 * reason for each, and without refusing an authority that has no keyUsage. Revocation is ours too.
 */
static auth_status set_parameters(X509_STORE_CTX *ctx, const session *s, const path_query *query,
                                  auth_error *err)
{
    static const auth_validation plain;
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    /* A CRL issuer need not hold the policies that the certificate asked about is to hold. */
    const auth_validation *options = query->level == 0 ? s->options : &plain;
    unsigned long flags = flags_of(options);
    if (s->options->accepts_intermediate_anchor)
        flags |= X509_V_FLAG_PARTIAL_CHAIN;
    if (X509_VERIFY_PARAM_set_purpose(param, query->purpose->openssl_purpose) != 1 ||
        X509_VERIFY_PARAM_set_flags(param, flags) != 1)
        return auth_error_set(err, AUTH_STATUS_CRYPTO, "OpenSSL does not know the purpose");
    X509_VERIFY_PARAM_set_depth(param, (int)depth_of(s->options));
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_time(param, (time_t)s->options->now);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return set_policies(param, options, err);
}

/* Finds which of the certificates handed in OpenSSL means: it keeps our objects. */
static const candidate *candidate_of(const session *s, const path_query *query, const X509 *x509)
{
    if (query->target->x509 == x509)
        return query->target;
    for (size_t i = 0; i < s->trust->count; i++) {
        if (s->trust->rows[i].x509 == x509)
            return &s->trust->rows[i];
    }
    for (size_t i = 0; i < s->pool_count; i++) {
        if (s->pool[i].x509 == x509)
            return &s->pool[i];
    }
    return NULL;
}

static void copy_chain(const session *s, const path_query *query, X509_STORE_CTX *ctx, path *out)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    out->len = 0;
    for (int i = 0; i < sk_X509_num(chain) && out->len < AUTH_CHAIN_MAX; i++) {
        const candidate *c = candidate_of(s, query, sk_X509_value(chain, i));
        if (c == NULL)
            break;
        out->certs[out->len++] = c;
    }
}

static auth_status judge_failure(const session *s, const path_query *query, const run *r, path *out,
                                 judgement *judged, auth_error *err)
{
    auth_verdict_reason reason = AUTH_VERDICT_REASON_REJECTED;
    if (!openssl_reason_of(r->error, &reason))
        reason = AUTH_VERDICT_REASON_REJECTED;
    if (r->error == X509_V_ERR_OUT_OF_MEM)
        return auth_error_memory(err);
    if (reason == AUTH_VERDICT_REASON_FAULT)
        return auth_error_set(err, AUTH_STATUS_CRYPTO, "OpenSSL: %s",
                              X509_verify_cert_error_string(r->error));
    judged->depth = r->depth < 0 ? 0 : (size_t)r->depth;
    judged->cert = r->cert == NULL ? NULL : candidate_of(s, query, r->cert);
    if (judged->cert == NULL && judged->depth < out->len)
        judged->cert = out->certs[judged->depth];
    finding_set(&judged->found, reason, "OpenSSL: %s", X509_verify_cert_error_string(r->error));
    if (reason == AUTH_VERDICT_REASON_ISSUER_UNKNOWN && s->dropped_count > 0)
        finding_set(&judged->found, reason,
                    "%zu intermediate certificates were left out, one for: %s", s->dropped_count,
                    s->first_dropped.detail);
    return AUTH_STATUS_OK;
}

static bool has_policies(const path *p)
{
    for (size_t i = 0; i < p->len; i++) {
        if (p->certs[i]->facts.policies != NULL)
            return true;
    }
    return false;
}

/*
 * OpenSSL gives up on a tree of more than 1,000 policy nodes and calls that a lack of memory, in
 * one error; where memory really ran out, what asked for it has left another error before.
 */
static bool is_tree_too_large(const path *p, const run *r)
{
    const char *files[2] = {"", ""};
    int lines[2] = {0, 0};
    (void)ERR_peek_error_line(&files[0], &lines[0]);
    (void)ERR_peek_last_error_line(&files[1], &lines[1]);
    return r->error == X509_V_ERR_OUT_OF_MEM && has_policies(p) && lines[0] == lines[1] &&
           strcmp(files[0], files[1]) == 0;
}

static auth_status refuse_tree(const path *p, judgement *judged)
{
    judged->depth = 0;
    judged->cert = p->certs[0];
    finding_set(&judged->found, AUTH_VERDICT_REASON_LIMIT,
                "the policies of the chain and their mappings make a tree of more than 1,000 nodes "
                "(RFC 5280 6.1.2, CVE-2023-0464)");
    return AUTH_STATUS_OK;
}

static auth_status verify(session *s, const path_query *query, STACK_OF(X509) * untrusted,
                          X509_STORE_CTX *ctx, path *out, judgement *judged, auth_error *err)
{
    run r = {.now = s->options->now, .error = X509_V_ERR_UNSPECIFIED};
    if (X509_STORE_CTX_init(ctx, s->trust->store, query->target->x509, untrusted) != 1)
        return auth_error_memory(err);
    auth_status status = set_parameters(ctx, s, query, err);
    if (status != AUTH_STATUS_OK)
        return status;
    X509_STORE_CTX_set_app_data(ctx, &r);
    X509_STORE_CTX_set_verify_cb(ctx, on_verify);
    ERR_set_mark();
    int answer = X509_verify_cert(ctx);
    copy_chain(s, query, ctx, out);
    if (r.error == X509_V_ERR_UNSPECIFIED)
        r.error = X509_STORE_CTX_get_error(ctx);
    bool lacks_memory =
        answer != 1 && ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
    bool has_large_tree = lacks_memory && is_tree_too_large(out, &r);
    ERR_pop_to_mark();
    if (has_large_tree)
        return refuse_tree(out, judged);
    if (lacks_memory)
        return auth_error_memory(err);
    if (answer == 1 && out->len > 0 && out->certs[out->len - 1]->is_anchor) {
        judged->found = (finding){.reason = AUTH_VERDICT_REASON_OK};
        return AUTH_STATUS_OK;
    }
    if (r.error == X509_V_OK)
        r.error = X509_V_ERR_UNSPECIFIED;
    return judge_failure(s, query, &r, out, judged, err);
}

auth_status openssl_build_path(session *s, const path_query *query, const exclusion *excluded,
                               path *out, judgement *judged, auth_error *err)
{
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    auth_status status = untrusted == NULL || ctx == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = fill_untrusted(s, query, excluded, untrusted, err);
    if (status == AUTH_STATUS_OK)
        status = verify(s, query, untrusted, ctx, out, judged, err);
    X509_STORE_CTX_free(ctx);
    sk_X509_free(untrusted);
    return status;
}
