/* SPDX-License-Identifier: Apache-2.0 */
/* The signatures of a request: whether they verify, and whose they are. */
#include "request/evaluate.h"

#include <auth/cert.h>
#include <string.h>

static auth_status refuse(evaluation *it, auth_request_reason reason, size_t index)
{
    return evaluation_refuse(it, reason, index, AUTH_REQUEST_NOWHERE);
}

/* A certificate or key that cannot be read has signed nothing. */
static auth_status answer(evaluation *it, auth_status status, auth_request_reason reason,
                          size_t index)
{
    if (status == AUTH_STATUS_OK || auth_status_is_fault(status))
        return status;
    return refuse(it, reason, index);
}

/* Verifies with the key of the signature's own certificate; whether that is trusted comes later. */
static auth_status verify(evaluation *it, size_t index, const auth_cert *cert, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *own = NULL;
    const auth_request_facts *facts = it->facts;
    const auth_public_key *key =
        facts->key_of == NULL ? NULL : facts->key_of(facts->context, auth_cert_der(cert));
    auth_status status = key == NULL ? auth_cert_public_key(cert, &own, err) : AUTH_STATUS_OK;
    if (key == NULL)
        key = own;
    if (status == AUTH_STATUS_OK)
        status = auth_jws_verify(it->request->jws, index, key, err);
    if (status == AUTH_STATUS_OK)
        auth_public_key_hash(key, it->key_hashes[index]);
    return answer(it, status, AUTH_REQUEST_REASON_BAD_SIGNATURE, index);
}

/*
 * A signature cannot be older than what it signs, but for clocks that differ; nor be made after the
 * document's expiry or in the future.
 */
static bool is_timely(const evaluation *it, auth_time signed_at, const auth_cert *cert)
{
    int64_t skew = auth_policy_clock_skew_s(it->policy);
    return signed_at >= auth_request_created(it->request) - skew &&
           signed_at <= auth_request_expires(it->request) && signed_at <= it->now + skew &&
           signed_at >= auth_cert_not_before(cert) && signed_at <= auth_cert_not_after(cert);
}

static bool is_same_signer(const evaluation *it, size_t a, size_t b)
{
    const auth_request_holder *first = &it->verdict.signers[a].holder;
    const auth_request_holder *second = &it->verdict.signers[b].holder;
    return evaluation_is_same_person(&first->person, &second->person) ||
           (first->kind == AUTH_HOLDER_OFFICER && second->kind == AUTH_HOLDER_OFFICER &&
            strcmp(first->officer, second->officer) == 0) ||
           memcmp(it->key_hashes[a], it->key_hashes[b], AUTH_KEY_HASH_SIZE) == 0;
}

static auth_status check_holder(evaluation *it, size_t index)
{
    const auth_request_holder *holder = &it->verdict.signers[index].holder;
    auth_holder_kind expected = it->quorum->is_holder ? AUTH_HOLDER_CITIZEN : AUTH_HOLDER_OFFICER;
    if (holder->kind != expected)
        return refuse(it, AUTH_REQUEST_REASON_SIGNER_KIND, index);
    if (evaluation_is_revoked(it, holder))
        return refuse(it, AUTH_REQUEST_REASON_REVOKED_SIGNER, index);
    if (evaluation_is_dismissed(it, holder))
        return refuse(it, AUTH_REQUEST_REASON_DISMISSED_SIGNER, index);
    for (size_t other = 0; other < index; other++) {
        if (is_same_signer(it, other, index))
            return refuse(it, AUTH_REQUEST_REASON_SAME_SIGNER, index);
    }
    return AUTH_STATUS_OK;
}

/* Whoever was left in an office that is closed has no say. */
static auth_status check_office(evaluation *it, size_t index, auth_error *err)
{
    bool is_open = false;
    const auth_request_holder *holder = &it->verdict.signers[index].holder;
    if (holder->kind != AUTH_HOLDER_OFFICER)
        return AUTH_STATUS_OK;
    auth_status status = it->facts->is_open(it->facts->context, holder->office, &is_open, err);
    if (status == AUTH_STATUS_OK && !is_open)
        return refuse(it, AUTH_REQUEST_REASON_OFFICE_CLOSED, index);
    return status;
}

/* An expired certificate signs nothing more, though its signature was made in time. */
static bool is_expired(const evaluation *it, const auth_cert *cert)
{
    return it->now > auth_cert_not_after(cert);
}

static auth_status ask(evaluation *it, size_t index, const auth_jws_signature_info *info,
                       const auth_cert *cert, auth_error *err)
{
    auth_request_signer signer = {.is_trusted = false};
    auth_request_signed *row = &it->verdict.signers[index];
    auth_bytes serial = auth_cert_serial(cert);
    if (serial.len > sizeof row->serial)
        return refuse(it, AUTH_REQUEST_REASON_UNTRUSTED_SIGNER, index);
    auth_status status = it->facts->find_signer(it->facts->context, info->chain, info->chain_len,
                                                info->signed_at, &signer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!signer.is_trusted || is_expired(it, cert))
        return refuse(it, AUTH_REQUEST_REASON_UNTRUSTED_SIGNER, index);
    memcpy(row->serial, serial.data, serial.len);
    row->serial_len = serial.len;
    row->signed_at = info->signed_at;
    row->holder = signer.holder;
    it->verdict.signed_count = index + 1;
    status = check_holder(it, index);
    if (status != AUTH_STATUS_OK || it->is_refused)
        return status;
    return check_office(it, index, err);
}

static auth_status check_signature(evaluation *it, size_t index, auth_error *err)
{
    auth_jws_signature_info info;
    AUTH_AUTO(auth_cert) *cert = NULL;
    if (!auth_jws_signature_at(it->request->jws, index, &info))
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "request: it lost signature %zu", index);
    auth_status status = answer(it, auth_cert_parse(info.chain[0], &cert, err),
                                AUTH_REQUEST_REASON_UNTRUSTED_SIGNER, index);
    if (status != AUTH_STATUS_OK || it->is_refused)
        return status;
    if (!is_timely(it, info.signed_at, cert))
        return refuse(it, AUTH_REQUEST_REASON_SIGNED_AT, index);
    status = verify(it, index, cert, err);
    if (status != AUTH_STATUS_OK || it->is_refused)
        return status;
    return ask(it, index, &info, cert, err);
}

auth_status evaluation_check_signers(evaluation *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t count = auth_jws_signature_count(it->request->jws);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK && !it->is_refused; i++)
        status = check_signature(it, i, err);
    return status;
}
