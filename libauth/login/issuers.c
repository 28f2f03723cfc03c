/* SPDX-License-Identifier: Apache-2.0 */
#include "login/issuers.h"
#include "login/levels.h"
#include "login/text.h"
#include "x509/name.h"
#include "x509/view.h"

#include <auth/name.h>
#include <stdlib.h>
#include <string.h>

/* Of the text of a name: three characters may stand for an octet of a certificate. */
#define NAME_MAX_OCTETS (3 * AUTH_CERTIFICATE_MAX)

/* Copies the chain into one block. */
static auth_status copy_chain(login_issuer *issuer, const auth_bytes *chain, size_t chain_len,
                              auth_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < chain_len; i++)
        total += chain[i].len;
    issuer->octets = malloc(total + 1);
    if (issuer->octets == NULL)
        return auth_error_memory(err);
    uint8_t *room = issuer->octets;
    for (size_t i = 0; i < chain_len; i++) {
        memcpy(room, chain[i].data, chain[i].len);
        issuer->chain[i] = (auth_bytes){room, chain[i].len};
        room += chain[i].len;
    }
    issuer->chain_len = chain_len;
    return AUTH_STATUS_OK;
}

static auth_status read_certificate(login_issuer *issuer, size_t index, x509_cert_view *view,
                                    auth_error *err)
{
    auth_status status = x509_cert_view_parse(issuer->chain[index], view, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (view->not_before > issuer->not_before)
        issuer->not_before = view->not_before;
    if (view->not_after < issuer->not_after)
        issuer->not_after = view->not_after;
    return AUTH_STATUS_OK;
}

static void read_key_id(const x509_cert_view *view, login_issuer *issuer)
{
    const x509_extension *extension = x509_find(&view->extensions, OID_SUBJECT_KEY_IDENTIFIER);
    if (extension != NULL && !x509_read_key_identifier(extension->value, &issuer->key_id))
        issuer->key_id = (auth_bytes){NULL, 0};
}

/* An authority is its name and its key: a renewed certificate of it counts too. */
static bool is_allowed(const login_trust *trust, const x509_cert_view *issuer)
{
    x509_cert_view row;
    for (size_t i = 0; i < trust->authority_count; i++) {
        if (x509_cert_view_parse(trust->authorities[i], &row, NULL) == AUTH_STATUS_OK &&
            x509_name_equal(row.subject, issuer->subject) &&
            auth_bytes_equal(row.spki, issuer->spki))
            return true;
    }
    return trust->authority_count == 0;
}

/* A name that is no text is left out. */
static auth_status write_name(auth_bytes name, char out[AUTH_LOGIN_TEXT_SIZE], auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(NAME_MAX_OCTETS, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_name_text(name, AUTH_MASKED, text, err);
    if (auth_status_is_fault(status))
        return status;
    login_keep_text(status == AUTH_STATUS_OK ? auth_buf_bytes(text) : (auth_bytes){NULL, 0}, out);
    return AUTH_STATUS_OK;
}

static auth_status read_chain(const login_trust *trust, login_issuer *issuer, auth_error *err)
{
    x509_cert_view view;
    auth_status status = read_certificate(issuer, 0, &view, err);
    if (status != AUTH_STATUS_OK)
        return status;
    issuer->subject = view.subject;
    issuer->is_allowed = is_allowed(trust, &view);
    read_key_id(&view, issuer);
    issuer->policies = login_levels_all(trust->policy);
    for (size_t i = 0; i + 1 < issuer->chain_len; i++) {
        status = read_certificate(issuer, i, &view, err);
        if (status != AUTH_STATUS_OK)
            return status;
        issuer->policies &= login_levels_of(trust->policy, &view, true);
    }
    status = read_certificate(issuer, issuer->chain_len - 1, &view, err);
    return status == AUTH_STATUS_OK ? write_name(issuer->subject, issuer->name, err) : status;
}

static auth_status prepare(const login_trust *trust, const auth_validation *options,
                           login_issuer *issuer, auth_error *err)
{
    auth_verdict verdict;
    auth_evidence evidence = {
        .intermediates = issuer->chain,
        .intermediate_count = issuer->chain_len,
    };
    auth_status status = auth_known_issuer_new(trust->trust, options, issuer->chain[0], &evidence,
                                               &issuer->known, &verdict, err);
    if (status == AUTH_STATUS_OK && verdict.reason != AUTH_VERDICT_REASON_OK)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "login: an issuer's chain was valid and is not any more: %s; please "
                              "report it",
                              auth_verdict_reason_name(verdict.reason));
    if (status == AUTH_STATUS_OK)
        status = auth_ocsp_issuer_new(issuer->chain[0], &issuer->ocsp, err);
    return status == AUTH_STATUS_OK ? read_chain(trust, issuer, err) : status;
}

auth_status login_issuer_new(const login_trust *trust, const auth_validation *options,
                             const auth_bytes *chain, size_t chain_len, login_issuer **out,
                             auth_error *err)
{
    login_issuer *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return auth_error_memory(err);
    atomic_init(&issuer->references, 1);
    issuer->not_before = AUTH_TIME_MIN;
    issuer->not_after = AUTH_TIME_MAX;
    auth_status status = copy_chain(issuer, chain, chain_len, err);
    if (status == AUTH_STATUS_OK)
        status = prepare(trust, options, issuer, err);
    if (status == AUTH_STATUS_OK)
        *out = issuer;
    else
        login_issuer_release(issuer);
    return status;
}

login_issuer *login_issuer_hold(login_issuer *issuer)
{
    atomic_fetch_add_explicit(&issuer->references, 1, memory_order_relaxed);
    return issuer;
}

void login_issuer_release(login_issuer *issuer)
{
    if (issuer == NULL ||
        atomic_fetch_sub_explicit(&issuer->references, 1, memory_order_acq_rel) > 1)
        return;
    auth_known_issuer_free(issuer->known);
    auth_ocsp_issuer_free(issuer->ocsp);
    free(issuer->octets);
    free(issuer);
}

login_issuer *login_issuers_find(login_issuers *table, auth_bytes name, auth_bytes key_id,
                                 size_t *row)
{
    login_issuer *found = NULL;
    (void)pthread_mutex_lock(&table->lock);
    while (found == NULL && *row < LOGIN_ISSUERS_MAX) {
        login_issuer *issuer = table->rows[(*row)++];
        if (issuer != NULL && x509_name_equal(issuer->subject, name) &&
            (key_id.len == 0 || issuer->key_id.len == 0 ||
             auth_bytes_equal(issuer->key_id, key_id)))
            found = login_issuer_hold(issuer);
    }
    (void)pthread_mutex_unlock(&table->lock);
    return found;
}

static bool has_same_chain(const login_issuer *a, const login_issuer *b)
{
    bool is_same = a->chain_len == b->chain_len;
    for (size_t i = 0; is_same && i < a->chain_len; i++)
        is_same = auth_bytes_equal(a->chain[i], b->chain[i]);
    return is_same;
}

void login_issuers_keep(login_issuers *table, login_issuer *issuer)
{
    login_issuer *old = NULL;
    bool is_there = false;
    (void)pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < LOGIN_ISSUERS_MAX && !is_there; i++)
        is_there = table->rows[i] != NULL && has_same_chain(table->rows[i], issuer);
    if (!is_there) {
        old = table->rows[table->next];
        table->rows[table->next] = login_issuer_hold(issuer);
        table->next = (table->next + 1) % LOGIN_ISSUERS_MAX;
    }
    (void)pthread_mutex_unlock(&table->lock);
    login_issuer_release(old);
}

void login_issuers_clear(login_issuers *table)
{
    for (size_t i = 0; i < LOGIN_ISSUERS_MAX; i++)
        login_issuer_release(table->rows[i]);
}
