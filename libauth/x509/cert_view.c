/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/part.h"

static const char object[] = "certificate";

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s: %s", object, what);
}

/* version [0] EXPLICIT INTEGER DEFAULT v1; DER leaves the default out (X.690 11.5). */
static bool take_version(auth_bytes *tbs, unsigned *out)
{
    if (!der_peek(*tbs, DER_CONTEXT_CONSTRUCTED(0))) {
        *out = 1;
        return true;
    }
    auth_bytes explicit_version;
    uint64_t version = 0;
    if (!der_take(tbs, DER_CONTEXT_CONSTRUCTED(0), &explicit_version) ||
        !der_take_uint(&explicit_version, 2, &version) || version == 0 || explicit_version.len > 0)
        return false;
    *out = (unsigned)version + 1;
    return true;
}

static auth_status take_validity(auth_bytes *tbs, x509_cert_view *view, auth_error *err)
{
    auth_bytes validity;
    if (!der_take(tbs, DER_SEQUENCE, &validity))
        return refuse(err, "validity is not a SEQUENCE (RFC 5280 4.1.2.5)");
    auth_status status = x509_take_time(&validity, object, "notBefore", &view->not_before,
                                        &view->not_before_is_generalized, err);
    if (status == AUTH_STATUS_OK)
        status = x509_take_time(&validity, object, "notAfter", &view->not_after,
                                &view->not_after_is_generalized, err);
    if (status == AUTH_STATUS_OK && validity.len > 0)
        return refuse(err, "validity has more than two times (RFC 5280 4.1.2.5)");
    return status;
}

/* issuerUniqueID [1] and subjectUniqueID [2], IMPLICIT BIT STRING: skipped, nothing uses them. */
static auth_status skip_unique_ids(auth_bytes *tbs, unsigned version, auth_error *err)
{
    for (unsigned number = 1; number <= 2; number++) {
        der_item id;
        uint8_t tag = DER_CONTEXT(number);
        if (!der_peek(*tbs, tag))
            continue;
        if (version == 1)
            return refuse(err, "version 1 has a unique identifier (RFC 5280 4.1.2.8)");
        if (!der_take_item(tbs, tag, &id) || id.content.len == 0 || id.content.data[0] > 7)
            return refuse(err, "a unique identifier is not a BIT STRING (RFC 5280 4.1.2.8)");
    }
    return AUTH_STATUS_OK;
}

static auth_status take_extensions(auth_bytes *tbs, x509_cert_view *view, auth_error *err)
{
    view->extensions.count = 0;
    if (tbs->len == 0)
        return AUTH_STATUS_OK;
    auth_bytes explicit_extensions;
    auth_bytes extensions;
    if (!der_take(tbs, DER_CONTEXT_CONSTRUCTED(3), &explicit_extensions) || tbs->len > 0)
        return refuse(err, "what follows subjectPublicKeyInfo is not in RFC 5280 4.1");
    if (view->version != 3)
        return refuse(err, "extensions need version 3 (RFC 5280 4.1.2.9)");
    if (!der_only(explicit_extensions, DER_SEQUENCE, &extensions))
        return refuse(err, "extensions is not one SEQUENCE (RFC 5280 4.1.2.9)");
    auth_status status = x509_extensions_parse(extensions, &view->extensions, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", object);
    return status;
}

static auth_status take_body(auth_bytes tbs, x509_cert_view *view, auth_error *err)
{
    if (!take_version(&tbs, &view->version))
        return refuse(err, "version is not absent, 2 or 3 (RFC 5280 4.1.2.1)");
    if (!der_take_integer(&tbs, &view->serial))
        return refuse(err, "serialNumber is not an INTEGER (RFC 5280 4.1.2.2)");
    if (!x509_take_algorithm(&tbs, &view->tbs_algorithm))
        return refuse(err, "signature is not an AlgorithmIdentifier (RFC 5280 4.1.2.3)");
    if (!x509_take_name(&tbs, &view->issuer))
        return refuse(err, "issuer is not a Name (RFC 5280 4.1.2.4)");
    auth_status status = take_validity(&tbs, view, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!x509_take_name(&tbs, &view->subject))
        return refuse(err, "subject is not a Name (RFC 5280 4.1.2.6)");
    if (!x509_take_spki(&tbs, &view->spki))
        return refuse(err, "subjectPublicKeyInfo is not of its form (RFC 5280 4.1.2.7)");
    status = skip_unique_ids(&tbs, view->version, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return take_extensions(&tbs, view, err);
}

auth_status x509_cert_view_parse(auth_bytes der, x509_cert_view *out, auth_error *err)
{
    x509_signed parts;
    auth_status status = x509_take_signed(der, object, &parts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    x509_cert_view view = {
        .der = der,
        .tbs = parts.body.whole,
        .algorithm = parts.algorithm,
        .signature = parts.signature,
    };
    status = take_body(parts.body.content, &view, err);
    if (status == AUTH_STATUS_OK)
        *out = view;
    return status;
}
