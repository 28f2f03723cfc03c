/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/part.h"

/*
 * critical is DEFAULT FALSE, so DER leaves a FALSE out (X.690 11.5); large authorities have written
 * it all the same, and it changes nothing, so it is read.
 */
bool x509_take_extension(auth_bytes *cursor, x509_extension *out)
{
    auth_bytes at = *cursor;
    auth_bytes extension;
    x509_extension found = {0};
    if (!der_take(&at, DER_SEQUENCE, &extension) || !der_take_oid(&extension, &found.type))
        return false;
    if (der_peek(extension, DER_BOOLEAN) && !der_take_bool(&extension, &found.is_critical))
        return false;
    if (!der_take(&extension, DER_OCTET_STRING, &found.value) || extension.len > 0)
        return false;
    found.id = oid_find(found.type);
    *cursor = at;
    *out = found;
    return true;
}

static const x509_extension *find_type(const x509_extension *rows, size_t count, auth_bytes type)
{
    for (size_t i = 0; i < count; i++) {
        if (auth_bytes_equal(rows[i].type, type))
            return &rows[i];
    }
    return NULL;
}

static auth_status refuse_duplicate(auth_bytes type, auth_error *err)
{
    char dotted[X509_OID_TEXT_SIZE];
    x509_oid_text(type, dotted);
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "extension %s occurs twice; each may occur once (RFC 5280 4.2)", dotted);
}

auth_status x509_extensions_parse(auth_bytes content, x509_extensions *out, auth_error *err)
{
    if (content.len == 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "extensions are present but empty; leave them out (RFC 5280 4.1)");
    size_t count = 0;
    x509_extensions found;
    while (content.len > 0) {
        x509_extension extension;
        if (!x509_take_extension(&content, &extension))
            return auth_error_set(err, AUTH_STATUS_MALFORMED,
                                  "extension %zu is not SEQUENCE { OID, BOOLEAN, OCTET STRING } "
                                  "(RFC 5280 4.1)",
                                  count + 1);
        if (count == X509_EXTENSIONS_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT, "more than %d extensions",
                                  X509_EXTENSIONS_MAX);
        if (find_type(found.rows, count, extension.type) != NULL)
            return refuse_duplicate(extension.type, err);
        found.rows[count++] = extension;
    }
    found.count = count;
    *out = found;
    return AUTH_STATUS_OK;
}

const x509_extension *x509_find(const x509_extensions *extensions, oid id)
{
    for (size_t i = 0; i < extensions->count; i++) {
        if (extensions->rows[i].id == id && id != OID_UNKNOWN)
            return &extensions->rows[i];
    }
    return NULL;
}

const x509_extension *x509_find_type(const x509_extensions *extensions, auth_bytes type)
{
    return find_type(extensions->rows, extensions->count, type);
}

void x509_oid_text(auth_bytes type, char out[X509_OID_TEXT_SIZE])
{
    static const char too_long[] = "(long OID)";
    if (!der_oid_text(type, out, X509_OID_TEXT_SIZE)) {
        for (size_t i = 0; i < sizeof too_long; i++)
            out[i] = too_long[i];
    }
}
