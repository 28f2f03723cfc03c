/* SPDX-License-Identifier: Apache-2.0 */
/* Is the chain good, revocation aside, and whose is it? */
#include "key/digest.h"
#include "login/work.h"
#include "validate/validate.h"
#include "x509/view.h"

#include <stdio.h>
#include <string.h>

static auth_login_reason reason_of(auth_verdict_reason reason)
{
    static const struct {
        auth_verdict_reason from;
        auth_login_reason to;
    } rows[] = {
        {AUTH_VERDICT_REASON_EXPIRED, AUTH_LOGIN_REASON_EXPIRED},
        {AUTH_VERDICT_REASON_NOT_YET_VALID, AUTH_LOGIN_REASON_NOT_YET_VALID},
        {AUTH_VERDICT_REASON_ISSUER_UNKNOWN, AUTH_LOGIN_REASON_AUTHORITY_UNKNOWN},
        {AUTH_VERDICT_REASON_UNTRUSTED_ROOT, AUTH_LOGIN_REASON_AUTHORITY_UNKNOWN},
        {AUTH_VERDICT_REASON_ISSUER_MISMATCH, AUTH_LOGIN_REASON_AUTHORITY_UNKNOWN},
        {AUTH_VERDICT_REASON_SIGNATURE, AUTH_LOGIN_REASON_AUTHORITY_UNKNOWN},
        {AUTH_VERDICT_REASON_KEY_USAGE, AUTH_LOGIN_REASON_PURPOSE},
        {AUTH_VERDICT_REASON_EXTENDED_KEY_USAGE, AUTH_LOGIN_REASON_PURPOSE},
        {AUTH_VERDICT_REASON_AUTHORITY_AS_END, AUTH_LOGIN_REASON_PURPOSE},
        {AUTH_VERDICT_REASON_MALFORMED, AUTH_LOGIN_REASON_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].from == reason)
            return rows[i].to;
    }
    return AUTH_LOGIN_REASON_CERTIFICATE;
}

/* What a verdict about a chain becomes, with the certificate that decided. */
static auth_status refuse(login_work *work, const auth_verdict *verdict)
{
    const char *rule =
        verdict->detail[0] != '\0' ? verdict->detail : auth_verdict_reason_text(verdict->reason);
    work->out->chain_reason = verdict->reason;
    return login_decide_because(work, reason_of(verdict->reason),
                                "certificate %u of the chain: %s: %s", verdict->depth,
                                auth_verdict_reason_name(verdict->reason), rule);
}

static auth_validation options_of(const login_work *work)
{
    return (auth_validation){.now = work->input.now, .purpose = work->verifier->purpose};
}

static login_trust trust_of(const auth_verifier *verifier)
{
    return (login_trust){
        .trust = verifier->trust,
        .authorities = verifier->authorities,
        .authority_count = verifier->authority_count,
        .policy = &verifier->policy,
    };
}

/*
 * Asks the issuers that are known; *out is held when one certified it, and *key the certificate's,
 * or NULL.
 */
static auth_status try_known(login_work *work, const x509_cert_view *view, login_issuer **out,
                             auth_public_key **key, auth_error *err)
{
    auth_verdict verdict;
    auth_bytes key_id = {NULL, 0};
    auth_validation options = options_of(work);
    auth_status status = AUTH_STATUS_OK;
    size_t row = 0;
    const x509_extension *named = x509_find(&view->extensions, OID_AUTHORITY_KEY_IDENTIFIER);
    if (named != NULL && !x509_read_authority_key_identifier(named->value, &key_id))
        return AUTH_STATUS_OK;
    login_issuer *issuer = login_issuers_find(&work->verifier->issuers, view->issuer, key_id, &row);
    while (issuer != NULL && status == AUTH_STATUS_OK) {
        status =
            validate_by_known_issuer(issuer->known, &options, view->der, NULL, &verdict, key, err);
        if (status == AUTH_STATUS_OK && verdict.reason == AUTH_VERDICT_REASON_OK) {
            *out = issuer;
            return AUTH_STATUS_OK;
        }
        login_issuer_release(issuer);
        issuer = status != AUTH_STATUS_OK
                     ? NULL
                     : login_issuers_find(&work->verifier->issuers, view->issuer, key_id, &row);
    }
    return status;
}

/* Looks for a chain; *out is held when there is one, and kept for others. */
static auth_status find_chain(login_work *work, const auth_bytes *chain, size_t chain_len,
                              login_issuer **out, auth_error *err)
{
    auth_verdict verdict;
    auth_validation options = options_of(work);
    login_trust trust = trust_of(work->verifier);
    auth_evidence evidence = {.intermediates = chain + 1, .intermediate_count = chain_len - 1};
    auth_status status =
        auth_validate(work->verifier->trust, &options, chain[0], &evidence, &verdict, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (verdict.reason != AUTH_VERDICT_REASON_OK)
        return refuse(work, &verdict);
    if (verdict.chain_len < 2)
        return login_decide_because(
            work, AUTH_LOGIN_REASON_PURPOSE,
            "the certificate is a trust anchor itself, which logs nobody in");
    status = login_issuer_new(&trust, &options, verdict.chain + 1, verdict.chain_len - 1, out, err);
    if (status == AUTH_STATUS_OK)
        login_issuers_keep(&work->verifier->issuers, *out);
    return status;
}

/* What cannot be read is left to the long way, which tells why. */
static auth_status validate(login_work *work, const auth_bytes *chain, size_t chain_len,
                            const uint8_t hash[LOGIN_HASH_SIZE], auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    x509_cert_view view;
    login_issuer *issuer = NULL;
    auth_error why;
    auth_status status = AUTH_STATUS_OK;
    auth_status form = x509_cert_view_parse(chain[0], &view, &why);
    if (form == AUTH_STATUS_OK)
        status = try_known(work, &view, &issuer, &key, err);
    if (status == AUTH_STATUS_OK && issuer == NULL)
        status = find_chain(work, chain, chain_len, &issuer, err);
    if (status == AUTH_STATUS_OK && issuer != NULL && form != AUTH_STATUS_OK)
        status = auth_error_set(err, AUTH_STATUS_INTERNAL,
                                "a chain is valid whose certificate cannot be read (%s); please "
                                "report it",
                                why.text);
    if (status == AUTH_STATUS_OK && issuer != NULL)
        status = login_holder_new(&work->verifier->policy, &view, hash, issuer, &key, &work->holder,
                                  err);
    login_issuer_release(issuer);
    if (status == AUTH_STATUS_OK && work->holder != NULL)
        login_holders_keep(work->verifier->holders, work->holder);
    return status;
}

/* Takes a certificate that was validated before, if its chain is valid now as well. */
static void find_holder(login_work *work, const uint8_t hash[LOGIN_HASH_SIZE])
{
    login_holder *holder = login_holders_find(work->verifier->holders, hash);
    if (holder != NULL &&
        (work->input.now < holder->not_before || work->input.now > holder->not_after)) {
        login_holder_release(holder);
        holder = NULL;
    }
    work->holder = holder;
}

static void write_serial(auth_bytes serial, char out[AUTH_VERDICT_SERIAL_SIZE])
{
    size_t len = 0;
    for (size_t i = 0; i < serial.len && len + 3 < AUTH_VERDICT_SERIAL_SIZE; i++)
        len += (size_t)snprintf(out + len, AUTH_VERDICT_SERIAL_SIZE - len, "%02x", serial.data[i]);
}

auth_status login_judge_chain(login_work *work, const auth_bytes *chain, size_t chain_len,
                              auth_error *err)
{
    uint8_t hash[LOGIN_HASH_SIZE];
    auth_status status = digest(DIGEST_SHA256, chain[0], hash, err);
    if (status == AUTH_STATUS_OK)
        find_holder(work, hash);
    if (status == AUTH_STATUS_OK && work->holder == NULL)
        status = validate(work, chain, chain_len, hash, err);
    if (status != AUTH_STATUS_OK || login_is_decided(work))
        return status;
    const login_issuer *issuer = work->holder->issuer;
    memcpy(work->out->authority, issuer->name, sizeof issuer->name);
    write_serial(work->holder->serial, work->out->serial);
    work->out->certificate_until = work->holder->not_after;
    if (!issuer->is_allowed)
        return login_decide(work, AUTH_LOGIN_REASON_AUTHORITY_WRONG);
    return AUTH_STATUS_OK;
}
