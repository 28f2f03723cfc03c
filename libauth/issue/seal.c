/* SPDX-License-Identifier: Apache-2.0 */
/* From signed octets to a certificate. */
#include "issue/issue.h"
#include "key/local.h"

/* How many octets the certificate has. */
static size_t certificate_len(const auth_tbs *tbs, size_t signature_len)
{
    size_t bits = signature_len + 1;
    size_t content = tbs->len + tbs->algorithm_len + der_header_len(bits) + bits;
    return der_header_len(content) + content;
}

/* Puts the signature in, reads what came out and compares it with what was prepared. */
static auth_status assemble(const auth_tbs *tbs, auth_bytes signature, auth_buf *out,
                            auth_error *err)
{
    uint8_t *room = NULL;
    x509_cert_view view;
    size_t before = auth_buf_bytes(out).len;
    if (signature.len == 0 || signature.len > AUTH_SIGNATURE_MAX)
        return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                              "signature: %zu octets are no signature; sign again", signature.len);
    size_t len = certificate_len(tbs, signature.len);
    auth_status status = auth_buf_extend(out, len, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    der_writer writer = der_writer_on(room, len);
    auth_bytes algorithm = {tbs->algorithm, tbs->algorithm_len};
    issue_put_certificate(&writer, auth_tbs_bytes(tbs), algorithm, signature);
    status = x509_cert_view_parse(der_written(&writer), &view, err);
    if (status != AUTH_STATUS_OK || !auth_bytes_equal(view.tbs, auth_tbs_bytes(tbs)) ||
        !auth_bytes_equal(view.algorithm, algorithm) ||
        !auth_bytes_equal(view.signature, signature)) {
        auth_buf_truncate(out, before);
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "certificate: what was sealed is not what was prepared; please "
                              "report it");
    }
    return AUTH_STATUS_OK;
}

static auth_status seal(auth_tbs *tbs, auth_bytes signature, auth_buf *out, auth_error *err)
{
    if (tbs->is_sealed)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "certificate: it was sealed before, and a second one of the same "
                              "serial number must not be (RFC 5280 4.1.2.2); prepare another");
    auth_status status = assemble(tbs, signature, out, err);
    tbs->is_sealed = status == AUTH_STATUS_OK;
    return status;
}

auth_status auth_issue_seal(auth_tbs *tbs, auth_bytes signature, const auth_public_key *issuer_key,
                            auth_buf *out, auth_error *err)
{
    auth_bytes algorithm = {tbs->algorithm, tbs->algorithm_len};
    if (!tbs->is_sealed) {
        auth_status status =
            auth_public_key_verify(issuer_key, algorithm, auth_tbs_bytes(tbs), signature, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "certificate: the issuer's signature");
            return status;
        }
    }
    return seal(tbs, signature, out, err);
}

auth_status auth_issue(const auth_profile *profile, const auth_issuer *issuer,
                       const auth_signer *signer, const auth_issue_request *request, auth_buf *out,
                       auth_error *err)
{
    AUTH_AUTO(auth_tbs) *tbs = NULL;
    auth_signature signature;
    if (!auth_bytes_equal(auth_public_key_spki(auth_signer_public_key(signer)),
                          auth_public_key_spki(issuer->key)))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "issuer: the signer holds another key than the issuer's certificate; "
                              "take the right pair");
    auth_status status = auth_issue_prepare(profile, issuer, request, &tbs, err);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_sign(signer, auth_tbs_bytes(tbs), &signature, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes octets = {signature.octets, signature.len};
    /* Verifying costs three times what signing does; what this process computed it may believe. */
    return key_signer_is_local(signer) ? seal(tbs, octets, out, err)
                                       : auth_issue_seal(tbs, octets, issuer->key, out, err);
}
