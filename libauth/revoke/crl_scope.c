/* SPDX-License-Identifier: Apache-2.0 */
/* The issuing distribution point: which certificates a CRL speaks of (RFC 5280 section 5.2.5). */
#include "revoke/crl.h"

#include <string.h>

#define URI_TAG DER_CONTEXT(6)

static auth_status refuse(auth_error *err, auth_status status, const char *what)
{
    return auth_error_set(err, status, "CRL: issuingDistributionPoint: %s (RFC 5280 5.2.5)", what);
}

static bool is_http(auth_bytes uri)
{
    return uri.len > 8 &&
           (memcmp(uri.data, "http://", 7) == 0 || memcmp(uri.data, "https://", 8) == 0);
}

/* fullName [0] GeneralNames or nameRelativeToCRLIssuer [1]. */
static bool read_point(auth_bytes point, auth_bytes *uri)
{
    der_item choice;
    *uri = (auth_bytes){NULL, 0};
    if (!der_next(&point, &choice) || point.len > 0 || choice.content.len == 0)
        return false;
    if (choice.tag == DER_CONTEXT_CONSTRUCTED(1))
        return true;
    if (choice.tag != DER_CONTEXT_CONSTRUCTED(0))
        return false;
    auth_bytes names = choice.content;
    while (names.len > 0) {
        der_item name;
        if (!x509_next_general_name(&names, &name))
            return false;
        if (uri->len == 0 && name.tag == URI_TAG && is_http(name.content))
            *uri = name.content;
    }
    return true;
}

/* BOOLEAN DEFAULT FALSE under an implicit tag: present means TRUE (X.690 11.5). */
static bool take_flag(auth_bytes *cursor, unsigned number, bool *out)
{
    auth_bytes content;
    if (!der_peek(*cursor, DER_CONTEXT(number)))
        return true;
    *out = true;
    return der_take(cursor, DER_CONTEXT(number), &content) && content.len == 1 &&
           content.data[0] == 0xff;
}

/* ReasonFlags, a BIT STRING of nine bits under an implicit tag. */
static bool take_reasons(auth_bytes *cursor, unsigned *out)
{
    auth_bytes content;
    if (!der_peek(*cursor, DER_CONTEXT(3)))
        return true;
    if (!der_take(cursor, DER_CONTEXT(3), &content) || content.len < 2 || content.len > 3 ||
        content.data[0] > 7)
        return false;
    unsigned reasons = 0;
    for (unsigned bit = 0; bit < (content.len - 1) * 8; bit++) {
        if ((content.data[1 + bit / 8] >> (7 - bit % 8) & 1U) != 0)
            reasons |= 1U << bit;
    }
    *out = reasons & AUTH_CRL_ALL_REASONS;
    return true;
}

auth_status crl_read_scope(auth_bytes value, auth_crl_scope *out, auth_error *err)
{
    auth_crl_scope scope = {.reasons = AUTH_CRL_ALL_REASONS};
    auth_bytes content;
    if (!der_only(value, DER_SEQUENCE, &content))
        return refuse(err, AUTH_STATUS_MALFORMED, "it is not a SEQUENCE");
    if (content.len == 0)
        return refuse(err, AUTH_STATUS_INVALID, "it is empty; leave it out");
    if (!der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), &scope.distribution_point) ||
        (scope.distribution_point.data != NULL &&
         !read_point(scope.distribution_point, &scope.uri)))
        return refuse(err, AUTH_STATUS_MALFORMED, "distributionPoint is not of its form");
    if (!take_flag(&content, 1, &scope.only_user_certs) ||
        !take_flag(&content, 2, &scope.only_ca_certs) || !take_reasons(&content, &scope.reasons) ||
        !take_flag(&content, 4, &scope.is_indirect) ||
        !take_flag(&content, 5, &scope.only_attribute_certs) || content.len > 0)
        return refuse(err, AUTH_STATUS_MALFORMED, "its flags are not of their form");
    if ((int)scope.only_user_certs + (int)scope.only_ca_certs + (int)scope.only_attribute_certs > 1)
        return refuse(err, AUTH_STATUS_INVALID,
                      "it cannot be for users only, authorities only and attributes only at once");
    if (scope.reasons == 0)
        return refuse(err, AUTH_STATUS_INVALID, "onlySomeReasons names no reason");
    *out = scope;
    return AUTH_STATUS_OK;
}
