/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/part.h"

static const char object[] = "CRL";

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s: %s", object, what);
}

/* version INTEGER OPTIONAL: absent is 1, and the only number that may stand there is v2(1). */
static bool take_version(auth_bytes *tbs, unsigned *out)
{
    uint64_t version = 0;
    if (der_peek(*tbs, DER_INTEGER) && (!der_take_uint(tbs, 1, &version) || version != 1))
        return false;
    *out = (unsigned)version + 1;
    return true;
}

static bool is_time(auth_bytes cursor)
{
    return der_peek(cursor, AUTH_ASN1_UTC_TIME) || der_peek(cursor, AUTH_ASN1_GENERALIZED_TIME);
}

static auth_status take_times(auth_bytes *tbs, x509_crl_view *view, auth_error *err)
{
    auth_status status = x509_take_time(tbs, object, "thisUpdate", &view->this_update,
                                        &view->this_update_is_generalized, err);
    if (status != AUTH_STATUS_OK || !is_time(*tbs))
        return status;
    view->has_next_update = true;
    return x509_take_time(tbs, object, "nextUpdate", &view->next_update,
                          &view->next_update_is_generalized, err);
}

static auth_status take_extensions(auth_bytes *tbs, x509_crl_view *view, auth_error *err)
{
    view->extensions.count = 0;
    if (tbs->len == 0)
        return AUTH_STATUS_OK;
    auth_bytes explicit_extensions;
    auth_bytes extensions;
    if (!der_take(tbs, DER_CONTEXT_CONSTRUCTED(0), &explicit_extensions) || tbs->len > 0)
        return refuse(err, "what follows revokedCertificates is not in RFC 5280 5.1");
    if (view->version != 2)
        return refuse(err, "crlExtensions need version 2 (RFC 5280 5.1.2.7)");
    if (!der_only(explicit_extensions, DER_SEQUENCE, &extensions))
        return refuse(err, "crlExtensions is not one SEQUENCE (RFC 5280 5.1.2.7)");
    auth_status status = x509_extensions_parse(extensions, &view->extensions, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", object);
    return status;
}

static auth_status take_body(auth_bytes tbs, x509_crl_view *view, auth_error *err)
{
    if (!take_version(&tbs, &view->version))
        return refuse(err, "version is neither absent nor 2 (RFC 5280 5.1.2.1)");
    if (!x509_take_algorithm(&tbs, &view->tbs_algorithm))
        return refuse(err, "signature is not an AlgorithmIdentifier (RFC 5280 5.1.2.2)");
    if (!x509_take_name(&tbs, &view->issuer))
        return refuse(err, "issuer is not a Name (RFC 5280 5.1.2.3)");
    auth_status status = take_times(&tbs, view, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!der_take_optional(&tbs, DER_SEQUENCE, &view->entries))
        return refuse(err, "revokedCertificates is not a SEQUENCE (RFC 5280 5.1.2.6)");
    return take_extensions(&tbs, view, err);
}

auth_status x509_crl_view_parse(auth_bytes der, x509_crl_view *out, auth_error *err)
{
    x509_signed parts;
    auth_status status = x509_take_signed(der, object, &parts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    x509_crl_view view = {
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

/* Takes an entry extension's meaning over into the entry. */
static auth_status apply_extension(const x509_extension *extension, x509_crl_entry *entry,
                                   auth_error *err)
{
    auth_bytes value = extension->value;
    bool is_generalized = false;
    auth_status status = AUTH_STATUS_OK;
    if (extension->id == OID_CRL_REASON) {
        entry->has_reason = der_take_enumerated(&value, &entry->reason);
        if (!entry->has_reason || value.len > 0)
            return refuse(err, "reasonCode is not an ENUMERATED (RFC 5280 5.3.1)");
    } else if (extension->id == OID_INVALIDITY_DATE) {
        entry->has_invalidity_date = true;
        status = x509_take_time(&value, object, "invalidityDate", &entry->invalidity_date,
                                &is_generalized, err);
        if (status == AUTH_STATUS_OK && (!is_generalized || value.len > 0))
            return refuse(err, "invalidityDate is not one GeneralizedTime (RFC 5280 5.3.2)");
    } else if (extension->id == OID_CERTIFICATE_ISSUER) {
        if (!der_only(value, DER_SEQUENCE, &value) || value.len == 0)
            return refuse(err, "certificateIssuer is not GeneralNames (RFC 5280 5.3.3)");
        entry->certificate_issuer = extension->value;
    } else if (extension->is_critical) {
        entry->has_unknown_critical = true;
    }
    return status;
}

/* Entries come by the million, so their extensions are compared in place instead of kept. */
static auth_status take_entry_extensions(auth_bytes extensions, x509_crl_entry *entry,
                                         auth_error *err)
{
    auth_bytes types[X509_ENTRY_EXTENSIONS_MAX];
    size_t count = 0;
    if (extensions.len == 0)
        return refuse(err, "crlEntryExtensions is empty (RFC 5280 5.1.2.6)");
    entry->has_extensions = true;
    while (extensions.len > 0) {
        x509_extension extension;
        if (!x509_take_extension(&extensions, &extension))
            return refuse(err, "an entry extension is not of its form (RFC 5280 5.3)");
        for (size_t i = 0; i < count; i++) {
            if (auth_bytes_equal(types[i], extension.type))
                return auth_error_set(err, AUTH_STATUS_INVALID,
                                      "%s: an entry extension occurs twice (RFC 5280 4.2)", object);
        }
        if (count == X509_ENTRY_EXTENSIONS_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "%s: an entry has more than %d extensions", object,
                                  X509_ENTRY_EXTENSIONS_MAX);
        types[count++] = extension.type;
        auth_status status = apply_extension(&extension, entry, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status take_entry(auth_bytes *entries, x509_crl_entry *out, auth_error *err)
{
    auth_bytes entry;
    x509_crl_entry found = {0};
    if (!der_take(entries, DER_SEQUENCE, &entry))
        return refuse(err, "an entry is not a SEQUENCE (RFC 5280 5.1.2.6)");
    if (!der_take_integer(&entry, &found.serial))
        return refuse(err, "an entry's userCertificate is not an INTEGER (RFC 5280 5.1.2.6)");
    auth_status status = x509_take_time(&entry, object, "revocationDate", &found.revoked,
                                        &found.revoked_is_generalized, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (entry.len > 0) {
        auth_bytes extensions;
        if (!der_only(entry, DER_SEQUENCE, &extensions))
            return refuse(err, "an entry has more than its three parts (RFC 5280 5.1.2.6)");
        status = take_entry_extensions(extensions, &found, err);
    }
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}

bool x509_crl_next(auth_bytes *entries, x509_crl_entry *out, auth_status *status, auth_error *err)
{
    *status = AUTH_STATUS_OK;
    if (entries->len == 0)
        return false;
    *status = take_entry(entries, out, err);
    return *status == AUTH_STATUS_OK;
}
