/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/part.h"

static const char object[] = "certificate request";

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s: %s", object, what);
}

/* Attribute: SEQUENCE { OBJECT IDENTIFIER, SET SIZE (1..MAX) OF any value }. */
static bool take_attribute(auth_bytes *attributes, auth_bytes *type, auth_bytes *values)
{
    auth_bytes attribute;
    if (!der_take(attributes, DER_SEQUENCE, &attribute) || !der_take_oid(&attribute, type) ||
        !der_take(&attribute, DER_SET, values) || values->len == 0 || attribute.len > 0)
        return false;
    auth_bytes rest = *values;
    while (rest.len > 0) {
        der_item value;
        if (!der_next(&rest, &value))
            return false;
    }
    return true;
}

static auth_status take_extension_request(auth_bytes values, x509_extensions *out, auth_error *err)
{
    auth_bytes extensions;
    if (!der_only(values, DER_SEQUENCE, &extensions))
        return refuse(err, "extensionRequest does not have exactly one value (RFC 2985 5.4.2)");
    auth_status status = x509_extensions_parse(extensions, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s: extensionRequest", object);
    return status;
}

static auth_status take_attributes(auth_bytes *info, x509_csr_view *view, auth_error *err)
{
    auth_bytes attributes;
    if (!der_take(info, DER_CONTEXT_CONSTRUCTED(0), &attributes) || info->len > 0)
        return refuse(err, "what follows subjectPKInfo is not attributes [0] alone; [0] must be "
                           "there even when it is empty (RFC 2986 4.1)");
    if (attributes.len > X509_CSR_ATTRIBUTES_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: attributes take %zu octets, %d at the most", object,
                              attributes.len, X509_CSR_ATTRIBUTES_MAX);
    view->extensions.count = 0;
    bool has_extension_request = false;
    while (attributes.len > 0) {
        auth_bytes type;
        auth_bytes values;
        if (!take_attribute(&attributes, &type, &values))
            return refuse(err, "an attribute is not of its form (RFC 2986 4.1)");
        if (oid_find(type) != OID_EXTENSION_REQUEST)
            continue;
        if (has_extension_request)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "%s: extensionRequest occurs twice; it may occur once "
                                  "(RFC 2985 5.4.2)",
                                  object);
        has_extension_request = true;
        auth_status status = take_extension_request(values, &view->extensions, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status take_info(auth_bytes info, x509_csr_view *view, auth_error *err)
{
    uint64_t version = 0;
    if (!der_take_uint(&info, 0, &version))
        return refuse(err, "version is not 0 (RFC 2986 4.1)");
    if (!x509_take_name(&info, &view->subject))
        return refuse(err, "subject is not a Name (RFC 2986 4.1)");
    if (!x509_take_spki(&info, &view->spki))
        return refuse(err, "subjectPKInfo is not of its form (RFC 2986 4.1)");
    return take_attributes(&info, view, err);
}

auth_status x509_csr_view_parse(auth_bytes der, x509_csr_view *out, auth_error *err)
{
    x509_signed parts;
    auth_status status = x509_take_signed(der, object, &parts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    x509_csr_view view = {
        .der = der,
        .info = parts.body.whole,
        .algorithm = parts.algorithm,
        .signature = parts.signature,
    };
    status = take_info(parts.body.content, &view, err);
    if (status == AUTH_STATUS_OK)
        *out = view;
    return status;
}
