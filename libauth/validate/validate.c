/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/validate.h"
#include "x509/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const auth_evidence no_evidence;

static bool is_within_bounds(const auth_evidence *evidence)
{
    return evidence->intermediate_count <= AUTH_EVIDENCE_MAX &&
           evidence->crl_count <= AUTH_EVIDENCE_MAX && evidence->ocsp_count <= AUTH_EVIDENCE_MAX;
}

/* Reads the form of what came along; what is no certificate is left out and counted. */
auth_status validate_read_pool(session *s, auth_error *err)
{
    s->pool_count = s->evidence->intermediate_count;
    s->pool = calloc(s->pool_count + 1, sizeof *s->pool);
    s->crl_count = s->evidence->crl_count;
    s->crls = calloc(s->crl_count + 1, sizeof *s->crls);
    if (s->pool == NULL || s->crls == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < s->pool_count; i++) {
        finding found = {0};
        auth_status status =
            candidate_read(&s->pool[i], s->evidence->intermediates[i], &found, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (!s->pool[i].is_read && s->dropped_count++ == 0)
            s->first_dropped = found;
    }
    return crl_view_all(s, err);
}

void validate_end(session *s)
{
    candidate_clear(&s->target);
    for (size_t i = 0; s->pool != NULL && i < s->pool_count; i++)
        candidate_clear(&s->pool[i]);
    for (size_t i = 0; s->crls != NULL && i < s->crl_count; i++)
        auth_crl_free(s->crls[i].crl);
    free(s->pool);
    free(s->crls);
}

auth_status validate_begin(session *s, const auth_trust *trust, const auth_validation *options,
                           const auth_evidence *evidence, auth_error *err)
{
    *s = (session){
        .trust = trust,
        .options = options,
        .evidence = evidence == NULL ? &no_evidence : evidence,
        .purpose = purpose_find(options->purpose),
    };
    if (s->purpose == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID, "purpose %d is not in auth/purpose.def",
                              (int)options->purpose);
    if (!is_within_bounds(s->evidence))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "more than %d certificates, CRLs or OCSP responses were handed in; "
                              "give those that belong to the chain",
                              AUTH_EVIDENCE_MAX);
    s->is_strict = options->is_strict || options->purpose != AUTH_PURPOSE_ANY;
    return AUTH_STATUS_OK;
}

/* Reads the certificate asked about; false with the judgement when it is refused. */
static auth_status read_target(session *s, auth_bytes certificate, judgement *judged,
                               auth_error *err)
{
    candidate *c = &s->target;
    judged->cert = c;
    auth_status status = candidate_read(c, certificate, &judged->found, err);
    if (status == AUTH_STATUS_OK && c->is_read)
        status = candidate_check(c, &judged->found, err);
    if (status == AUTH_STATUS_OK && c->is_usable)
        status = candidate_load(c, &judged->found, err);
    return status;
}

static void write_hex(auth_bytes octets, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < octets.len && at + 3 <= size; i++, at += 2)
        (void)snprintf(out + at, size - at, "%02x", octets.data[i]);
}

/*
 * Names an authority; a holder is told by the serial number alone. A holder whose certificate says
 * that it is an authority would be named: so no person number is shown.
 */
static auth_status write_subject(const candidate *c, auth_verdict *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    out->subject[0] = '\0';
    if (!c->facts.basic_constraints.is_ca)
        return AUTH_STATUS_OK;
    auth_status status = auth_buf_new(1U << 16, &text, err);
    if (status == AUTH_STATUS_OK)
        status = x509_name_text_masked(c->view.subject, text, err);
    if (status == AUTH_STATUS_OK) {
        auth_bytes bytes = auth_buf_bytes(text);
        size_t len = bytes.len < sizeof out->subject ? bytes.len : sizeof out->subject - 1;
        /* Not in the middle of a UTF-8 character. */
        while (len < bytes.len && len > 0 && (bytes.data[len] & 0xc0U) == 0x80U)
            len--;
        if (len > 0)
            memcpy(out->subject, bytes.data, len);
        out->subject[len] = '\0';
    }
    return auth_status_is_fault(status) ? status : AUTH_STATUS_OK; /* some names are no text */
}

auth_status validate_report(const judgement *judged, const path *p, const cert_status *status,
                            auth_bytes certificate, auth_verdict *out, auth_error *err)
{
    auth_status written = AUTH_STATUS_OK;
    out->reason = judged->found.reason;
    out->depth = (unsigned)judged->depth;
    memcpy(out->detail, judged->found.detail, sizeof out->detail);
    if (out->reason == AUTH_VERDICT_REASON_OK)
        out->detail[0] = '\0';
    const candidate *c = judged->cert != NULL ? judged->cert : p->len > 0 ? p->certs[0] : NULL;
    if (c != NULL && c->is_read) {
        write_hex(c->view.serial, out->serial, sizeof out->serial);
        written = write_subject(c, out, err);
    }
    out->source = status->source;
    out->status_from = status->this_update;
    out->status_until = status->next_update;
    out->revoked_at = status->is_revoked ? status->revoked : 0;
    out->revocation_reason =
        status->is_revoked ? status->reason : AUTH_REVOCATION_REASON_UNSPECIFIED;
    out->unchecked_count = status->unchecked_count;
    out->chain_len = p->len;
    for (size_t i = 0; i < p->len; i++)
        out->chain[i] = i == 0 ? certificate : p->certs[i]->der;
    if (written != AUTH_STATUS_OK)
        *out = (auth_verdict){.reason = AUTH_VERDICT_REASON_FAULT};
    return written;
}

auth_status validate_run(session *s, auth_bytes certificate, path *p, auth_verdict *out,
                         auth_error *err)
{
    judgement judged = {0};
    cert_status revocation = {0};
    auth_status status = read_target(s, certificate, &judged, err);
    if (status == AUTH_STATUS_OK && s->target.x509 != NULL) {
        path_query query = {&s->target, s->purpose, s->is_strict, 0};
        judged = (judgement){0};
        status = session_find_path(s, &query, p, &judged, &revocation, err);
    }
    if (status == AUTH_STATUS_OK)
        status = validate_report(&judged, p, &revocation, certificate, out, err);
    return status;
}

auth_status auth_validate(const auth_trust *trust, const auth_validation *options,
                          auth_bytes certificate, const auth_evidence *evidence, auth_verdict *out,
                          auth_error *err)
{
    session s;
    path p = {0};
    *out = (auth_verdict){.reason = AUTH_VERDICT_REASON_FAULT};
    auth_status status = validate_begin(&s, trust, options, evidence, err);
    if (status == AUTH_STATUS_OK)
        status = validate_read_pool(&s, err);
    if (status == AUTH_STATUS_OK)
        status = validate_run(&s, certificate, &p, out, err);
    validate_end(&s);
    return status;
}
