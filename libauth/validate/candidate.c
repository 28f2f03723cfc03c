/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/candidate.h"
#include "key/sm2.h"

#include <openssl/err.h>

static auth_verdict_reason reason_of(auth_status status)
{
    if (status == AUTH_STATUS_LIMIT)
        return AUTH_VERDICT_REASON_LIMIT;
    return status == AUTH_STATUS_INVALID ? AUTH_VERDICT_REASON_DUPLICATE_EXTENSION
                                         : AUTH_VERDICT_REASON_MALFORMED;
}

auth_status candidate_parse(candidate *c, auth_bytes der, finding *found, auth_error *err)
{
    auth_error why;
    c->der = der;
    if (der.len > AUTH_CERTIFICATE_MAX) {
        finding_set(found, AUTH_VERDICT_REASON_LIMIT, "%zu octets; at most %zu are read", der.len,
                    AUTH_CERTIFICATE_MAX);
        return AUTH_STATUS_OK;
    }
    auth_status status = x509_cert_view_parse(der, &c->view, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (status != AUTH_STATUS_OK) {
        finding_set(found, reason_of(status), "%s", why.text);
        return AUTH_STATUS_OK;
    }
    c->is_parsed = true;
    return AUTH_STATUS_OK;
}

auth_status candidate_read(candidate *c, auth_bytes der, finding *found, auth_error *err)
{
    auth_status status = candidate_parse(c, der, found, err);
    if (status != AUTH_STATUS_OK || !c->is_parsed)
        return status;
    status = x509_name_digest(c->view.subject, &c->subject, err);
    if (status == AUTH_STATUS_OK)
        status = x509_name_digest(c->view.issuer, &c->issuer, err);
    c->is_read = status == AUTH_STATUS_OK;
    return status;
}

auth_status candidate_check(candidate *c, finding *found, auth_error *err)
{
    auth_error why;
    if (c->is_usable || !facts_read(&c->view, &c->facts, found))
        return AUTH_STATUS_OK;
    auth_status status = auth_public_key_parse(c->view.spki, &c->key, &why);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status)) {
        if (err != NULL)
            *err = why;
        return status;
    }
    c->is_usable = status == AUTH_STATUS_OK;
    if (!c->is_usable)
        finding_set(found, AUTH_VERDICT_REASON_KEY, "%s", why.text);
    return AUTH_STATUS_OK;
}

/* The ID belongs to the certificate whose signature is verified, whatever key it holds. */
static bool set_sm2_id(X509 *x509, const x509_cert_view *view)
{
    auth_bytes algorithm;
    auth_bytes type;
    if (!der_only(view->algorithm, DER_SEQUENCE, &algorithm) || !der_take_oid(&algorithm, &type) ||
        oid_find(type) != OID_SM2_SM3)
        return true;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    if (id == NULL || ASN1_OCTET_STRING_set(id, (const unsigned char *)SM2_DEFAULT_ID,
                                            sizeof SM2_DEFAULT_ID - 1) != 1) {
        ASN1_OCTET_STRING_free(id);
        return false;
    }
    X509_set0_distinguishing_id(x509, id);
    return true;
}

auth_status candidate_load(candidate *c, finding *found, auth_error *err)
{
    if (c->x509 != NULL || !c->is_usable)
        return AUTH_STATUS_OK;
    const unsigned char *at = c->der.data;
    ERR_set_mark();
    X509 *x509 = d2i_X509(NULL, &at, (long)c->der.len);
    bool lacks_memory =
        x509 == NULL && ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;
    bool is_whole = x509 != NULL && at == c->der.data + c->der.len;
    ERR_pop_to_mark();
    if (lacks_memory)
        return auth_error_memory(err);
    if (!is_whole) {
        X509_free(x509);
        c->is_usable = false;
        finding_set(found, AUTH_VERDICT_REASON_MALFORMED,
                    "OpenSSL cannot read it; have it issued again");
        return AUTH_STATUS_OK;
    }
    if (!set_sm2_id(x509, &c->view)) {
        X509_free(x509);
        return auth_error_memory(err);
    }
    c->x509 = x509;
    return AUTH_STATUS_OK;
}

void candidate_clear(candidate *c)
{
    auth_public_key_free(c->key);
    X509_free(c->x509);
    *c = (candidate){0};
}
