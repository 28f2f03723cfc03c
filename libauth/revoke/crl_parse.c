/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a CRL whole: all that is not understood, or said twice, is refused before a look-up. */
#include "revoke/crl.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64
#define DIRECTORY_NAME DER_CONTEXT_CONSTRUCTED(4)

static auth_status refuse(auth_error *err, auth_status status, const char *what)
{
    return auth_error_set(err, status, "CRL: %s", what);
}

/* Extensions */

static bool read_number(auth_bytes value, auth_bytes *out)
{
    auth_bytes number;
    if (!der_take_integer(&value, &number) || value.len > 0 || number.data[0] >= 0x80)
        return false;
    /* A sign octet is not part of the number, and does not count among its twenty. */
    if (number.len > 1 && number.data[0] == 0) {
        number.data++;
        number.len--;
    }
    *out = number;
    return number.len <= AUTH_CRL_NUMBER_MAX;
}

/* Which extensions RFC 5280 wants never critical; who makes one critical means something else. */
static bool must_not_be_critical(oid id)
{
    return id == OID_AUTHORITY_KEY_IDENTIFIER || id == OID_CRL_NUMBER || id == OID_FRESHEST_CRL ||
           id == OID_AUTHORITY_INFO_ACCESS;
}

static auth_status read_extension(const x509_extension *extension, auth_crl *crl, auth_error *err)
{
    if (extension->is_critical && must_not_be_critical(extension->id))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "CRL: %s is critical, which it must not be (RFC 5280 5.2)",
                              oid_name(extension->id));
    if (extension->id == OID_CRL_NUMBER) {
        if (!read_number(extension->value, &crl->number))
            return refuse(err, AUTH_STATUS_MALFORMED,
                          "cRLNumber is not a number of at most 20 octets (RFC 5280 5.2.3)");
    } else if (extension->id == OID_DELTA_CRL_INDICATOR) {
        if (!read_number(extension->value, &crl->base_number))
            return refuse(err, AUTH_STATUS_MALFORMED,
                          "deltaCRLIndicator is not a number of at most 20 octets "
                          "(RFC 5280 5.2.4)");
    } else if (extension->id == OID_AUTHORITY_KEY_IDENTIFIER) {
        if (!x509_read_authority_key_identifier(extension->value, &crl->key_id))
            return refuse(err, AUTH_STATUS_MALFORMED,
                          "authorityKeyIdentifier is not of its form (RFC 5280 5.2.1)");
    } else if (extension->id == OID_ISSUING_DISTRIBUTION_POINT) {
        crl->scope_der = extension->value;
        return crl_read_scope(extension->value, &crl->scope, err);
    } else if (extension->is_critical) {
        char dotted[X509_OID_TEXT_SIZE];
        x509_oid_text(extension->type, dotted);
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "CRL: critical extension %s is not known, so the CRL says something "
                              "that cannot be understood (RFC 5280 5.2)",
                              dotted);
    }
    return AUTH_STATUS_OK;
}

static auth_status read_extensions(auth_crl *crl, auth_error *err)
{
    crl->scope.reasons = AUTH_CRL_ALL_REASONS;
    for (size_t i = 0; i < crl->view.extensions.count; i++) {
        auth_status status = read_extension(&crl->view.extensions.rows[i], crl, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* Entries */

/* GeneralNames of a certificateIssuer: gives its directoryName (RFC 5280 5.3.3). */
static bool read_certificate_issuer(auth_bytes value, auth_bytes *out)
{
    auth_bytes names;
    if (!der_only(value, DER_SEQUENCE, &names))
        return false;
    while (names.len > 0) {
        der_item name;
        auth_bytes rdns;
        if (!x509_next_general_name(&names, &name))
            return false;
        if (name.tag == DIRECTORY_NAME && der_only(name.content, DER_SEQUENCE, &rdns)) {
            *out = name.content;
            return true;
        }
    }
    return false;
}

static auth_status check_entry(const auth_crl *crl, const x509_crl_entry *entry, auth_error *err)
{
    if (entry->has_unknown_critical)
        return refuse(err, AUTH_STATUS_UNSUPPORTED,
                      "a critical extension of the entry is not known (RFC 5280 5.3)");
    if (entry->has_extensions && crl->view.version != 2)
        return refuse(err, AUTH_STATUS_MALFORMED,
                      "an entry of version 1 has extensions (RFC 5280 5.1.2.1)");
    if (entry->has_reason && !auth_revocation_reason_exists(entry->reason))
        return refuse(err, AUTH_STATUS_MALFORMED, "there is no such reason (RFC 5280 5.3.1)");
    if (entry->reason == AUTH_REVOCATION_REASON_REMOVE_FROM_CRL && crl->base_number.len == 0)
        return refuse(err, AUTH_STATUS_INVALID,
                      "removeFromCRL stands in a full CRL (RFC 5280 5.3.1)");
    if (entry->certificate_issuer.len > 0 && !crl->scope.is_indirect)
        return refuse(err, AUTH_STATUS_INVALID,
                      "a certificateIssuer stands in a CRL that is not indirect (RFC 5280 5.3.3)");
    return AUTH_STATUS_OK;
}

static auth_status make_room(auth_crl *crl, size_t *capacity, auth_error *err)
{
    if (crl->count < *capacity)
        return AUTH_STATUS_OK;
    size_t wanted = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    crl_place *places = realloc(crl->places, wanted * sizeof *places);
    if (places == NULL)
        return auth_error_memory(err);
    crl->places = places;
    *capacity = wanted;
    return AUTH_STATUS_OK;
}

/* Notes where the entry stands that was just read; *issuer is what the entries before it said. */
static auth_status note(auth_crl *crl, size_t offset, const x509_crl_entry *entry, uint32_t *issuer,
                        auth_error *err)
{
    auth_status status = check_entry(crl, entry, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (entry->certificate_issuer.len > 0) {
        auth_bytes name;
        if (!read_certificate_issuer(entry->certificate_issuer, &name))
            return refuse(err, AUTH_STATUS_MALFORMED,
                          "certificateIssuer has no directoryName (RFC 5280 5.3.3)");
        *issuer = (uint32_t)(name.data - crl->view.der.data);
    }
    crl->places[crl->count++] = (crl_place){(uint32_t)offset, *issuer};
    return AUTH_STATUS_OK;
}

static auth_status read_entries(auth_crl *crl, auth_error *err)
{
    auth_bytes rest = crl->view.entries;
    size_t capacity = 0;
    uint32_t issuer = 0;
    x509_crl_entry entry;
    auth_status status = AUTH_STATUS_OK;
    for (;;) {
        size_t offset = crl->view.entries.len - rest.len;
        if (!x509_crl_next(&rest, &entry, &status, err))
            break;
        status = make_room(crl, &capacity, err);
        if (status == AUTH_STATUS_OK)
            status = note(crl, offset, &entry, &issuer, err);
        if (status != AUTH_STATUS_OK)
            break;
    }
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "entry %zu", crl->count + 1);
    return status;
}

/* Whole */

static auth_status read_all(auth_crl *crl, auth_bytes der, auth_error *err)
{
    crl->der = malloc(der.len);
    if (crl->der == NULL)
        return auth_error_memory(err);
    memcpy(crl->der, der.data, der.len);
    auth_status status = x509_crl_view_parse((auth_bytes){crl->der, der.len}, &crl->view, err);
    if (status == AUTH_STATUS_OK)
        status = read_extensions(crl, err);
    if (status == AUTH_STATUS_OK)
        status = read_entries(crl, err);
    if (status == AUTH_STATUS_OK)
        status = crl_sort(crl, err);
    return status;
}

auth_status auth_crl_parse(auth_bytes der, auth_crl **out, auth_error *err)
{
    if (der.len > AUTH_CRL_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "CRL: %zu octets, at most %zu", der.len,
                              AUTH_CRL_MAX);
    if (der.len == 0)
        return refuse(err, AUTH_STATUS_MALFORMED, "it is empty; give it as DER");
    AUTH_AUTO(auth_crl) *crl = calloc(1, sizeof *crl);
    if (crl == NULL)
        return auth_error_memory(err);
    auth_status status = read_all(crl, der, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(crl);
    return status;
}

void auth_crl_free(auth_crl *crl)
{
    if (crl == NULL)
        return;
    free(crl->places);
    free(crl->der);
    free(crl);
}

auth_bytes auth_crl_der(const auth_crl *crl) { return crl->view.der; }

auth_bytes auth_crl_issuer(const auth_crl *crl) { return crl->view.issuer; }

auth_bytes auth_crl_key_id(const auth_crl *crl) { return crl->key_id; }

auth_bytes auth_crl_number(const auth_crl *crl) { return crl->number; }

auth_bytes auth_crl_base_number(const auth_crl *crl) { return crl->base_number; }

auth_time auth_crl_this_update(const auth_crl *crl) { return crl->view.this_update; }

bool auth_crl_next_update(const auth_crl *crl, auth_time *out)
{
    if (crl->view.has_next_update)
        *out = crl->view.next_update;
    return crl->view.has_next_update;
}

size_t auth_crl_count(const auth_crl *crl) { return crl->count; }

auth_crl_scope auth_crl_scope_of(const auth_crl *crl) { return crl->scope; }

auth_status auth_crl_check_signature(const auth_crl *crl, const auth_public_key *key,
                                     auth_error *err)
{
    /* Else the algorithm that is signed and the one that is used could be two. */
    if (!auth_bytes_equal(crl->view.algorithm, crl->view.tbs_algorithm))
        return refuse(err, AUTH_STATUS_MALFORMED,
                      "its two algorithm identifiers differ (RFC 5280 5.1.1.2)");
    auth_status status =
        auth_public_key_verify(key, crl->view.algorithm, crl->view.tbs, crl->view.signature, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "CRL");
    return status;
}
