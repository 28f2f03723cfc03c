/* SPDX-License-Identifier: Apache-2.0 */
/* Checks an answer for a client: signer, certificate, time, nonce. */
#include "ocsp/ocsp.h"

static auth_status refuse(auth_error *err, auth_status status, const char *what)
{
    return auth_error_set(err, status, "OCSP answer: %s", what);
}

static bool is_known(oid id)
{
    return id == OID_OCSP_NONCE || id == OID_OCSP_EXTENDED_REVOKE ||
           id == OID_OCSP_ARCHIVE_CUTOFF || id == OID_OCSP_CRL_ID;
}

static auth_status check_critical(const x509_extensions *extensions, auth_error *err)
{
    for (size_t i = 0; i < extensions->count; i++) {
        if (!extensions->rows[i].is_critical || is_known(extensions->rows[i].id))
            continue;
        char dotted[X509_OID_TEXT_SIZE];
        x509_oid_text(extensions->rows[i].type, dotted);
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "OCSP answer: critical extension %s is not known (RFC 6960 4.4)",
                              dotted);
    }
    return AUTH_STATUS_OK;
}

/* Walks over all statements, so that a second one about the certificate is not missed. */
static auth_status find_single(const ocsp_response *response, const auth_ocsp_issuer *issuer,
                               auth_bytes serial, ocsp_single *out, auth_error *err)
{
    auth_bytes singles = response->singles;
    bool is_found = false;
    while (singles.len > 0) {
        ocsp_single single;
        auth_status status = ocsp_take_single(&singles, &single, err);
        if (status == AUTH_STATUS_OK)
            status = check_critical(&single.extensions, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (!auth_bytes_equal(single.id.serial, serial) ||
            !auth_ocsp_issuer_matches(issuer, &single.id))
            continue;
        if (is_found)
            return refuse(err, AUTH_STATUS_CONFLICT,
                          "it speaks of the certificate twice, and the two could contradict each "
                          "other");
        is_found = true;
        *out = single;
    }
    if (!is_found)
        return refuse(err, AUTH_STATUS_NOT_FOUND,
                      "it does not speak of this certificate (RFC 6960 3.2)");
    return AUTH_STATUS_OK;
}

static auth_status check_nonce(const ocsp_response *response, const auth_ocsp_expectation *expected,
                               bool *has_nonce, auth_error *err)
{
    *has_nonce = false;
    if (expected->nonce.len == 0)
        return AUTH_STATUS_OK;
    const x509_extension *extension = x509_find(&response->extensions, OID_OCSP_NONCE);
    if (extension == NULL) {
        if (expected->may_lack_nonce)
            return AUTH_STATUS_OK;
        return refuse(err, AUTH_STATUS_INVALID,
                      "the nonce is missing, so it may be an old one sent again (RFC 9654 2.1)");
    }
    auth_bytes nonce;
    if (!ocsp_read_nonce(extension->value, &nonce) || !auth_bytes_equal(nonce, expected->nonce))
        return refuse(err, AUTH_STATUS_INVALID,
                      "its nonce is not the one that was sent (RFC 9654 2.1)");
    *has_nonce = true;
    return AUTH_STATUS_OK;
}

static auth_status check_times(const ocsp_response *response, const ocsp_single *single,
                               const auth_ocsp_expectation *expected, bool has_nonce,
                               auth_error *err)
{
    auth_time skew = (auth_time)expected->skew_seconds;
    auth_time max_age = (auth_time)expected->max_age_seconds;
    if (single->has_next_update && single->next_update < single->this_update)
        return refuse(err, AUTH_STATUS_INVALID,
                      "nextUpdate is before thisUpdate (RFC 6960 4.2.2.1)");
    if (single->this_update > expected->now + skew || response->produced_at > expected->now + skew)
        return refuse(err, AUTH_STATUS_EXPIRED,
                      "it is of the future; check the clocks (RFC 6960 3.2)");
    if (single->has_next_update && single->next_update < expected->now - skew)
        return refuse(err, AUTH_STATUS_EXPIRED,
                      "its nextUpdate has passed; ask again (RFC 6960 3.2)");
    if (max_age > 0 && single->this_update < expected->now - skew - max_age)
        return refuse(err, AUTH_STATUS_EXPIRED, "it is older than allowed; ask again");
    if (!single->has_next_update && max_age == 0 && !has_nonce)
        return refuse(err, AUTH_STATUS_EXPIRED,
                      "without nextUpdate nothing tells how long it holds; send a nonce or set an "
                      "age limit");
    return AUTH_STATUS_OK;
}

/* RFC 6960 4.4.8: on hold since 1970, under the extension, means that it was never issued. */
static bool is_never_issued(const ocsp_response *response, const ocsp_single *single)
{
    return single->status == AUTH_OCSP_REVOKED && single->revoked == 0 &&
           single->reason == AUTH_REVOCATION_REASON_CERTIFICATE_HOLD &&
           x509_find(&response->extensions, OID_OCSP_EXTENDED_REVOKE) != NULL;
}

static auth_status read_archive_cutoff(const ocsp_single *single, auth_ocsp_answer *answer,
                                       auth_error *err)
{
    const x509_extension *extension = x509_find(&single->extensions, OID_OCSP_ARCHIVE_CUTOFF);
    if (extension == NULL)
        return AUTH_STATUS_OK;
    auth_bytes value = extension->value;
    answer->has_archive_cutoff = true;
    if (!der_peek(value, AUTH_ASN1_GENERALIZED_TIME) ||
        !der_take_time(&value, &answer->archive_cutoff, NULL) || value.len > 0)
        return refuse(err, AUTH_STATUS_MALFORMED,
                      "the archive cutoff is not a GeneralizedTime (RFC 6960 4.4.4)");
    return AUTH_STATUS_OK;
}

static auth_ocsp_answer answer_of(const ocsp_response *response, const ocsp_single *single,
                                  bool has_nonce)
{
    return (auth_ocsp_answer){
        .status = is_never_issued(response, single) ? AUTH_OCSP_NEVER_ISSUED : single->status,
        .revoked = single->revoked,
        .reason = single->reason,
        .produced_at = response->produced_at,
        .this_update = single->this_update,
        .has_next_update = single->has_next_update,
        .next_update = single->next_update,
        .has_nonce = has_nonce,
    };
}

auth_status auth_ocsp_check(auth_bytes response, const auth_ocsp_issuer *issuer,
                            const auth_ocsp_expectation *expected, auth_ocsp_answer *out,
                            auth_error *err)
{
    ocsp_response parts;
    x509_cert_view responder;
    bool is_delegated = false;
    auth_status status = ocsp_response_parse(response, &parts, err);
    if (status == AUTH_STATUS_OK)
        status = check_critical(&parts.extensions, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_check_signer(&parts, issuer, expected->now, expected->skew_seconds,
                                   &responder, &is_delegated, err);
    if (status != AUTH_STATUS_OK)
        return status;

    ocsp_single single;
    bool has_nonce = false;
    status = find_single(&parts, issuer, expected->serial, &single, err);
    if (status == AUTH_STATUS_OK)
        status = check_nonce(&parts, expected, &has_nonce, err);
    if (status == AUTH_STATUS_OK)
        status = check_times(&parts, &single, expected, has_nonce, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_ocsp_answer answer = answer_of(&parts, &single, has_nonce);
    status = read_archive_cutoff(&single, &answer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (is_delegated) {
        answer.responder = responder.der;
        answer.responder_has_no_check = x509_find(&responder.extensions, OID_OCSP_NO_CHECK) != NULL;
    }
    *out = answer;
    return AUTH_STATUS_OK;
}
