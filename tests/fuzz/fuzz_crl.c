/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every CRL that we accept, entries walked over, list the same serial numbers, dates and
 * reasons as in OpenSSL, where OpenSSL accepts it too?
 */
#include "fuzz/fuzz.h"
#include "x509/view.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

static void compare_entry(X509_REVOKED *theirs, const x509_crl_entry *ours)
{
    uint8_t *der = NULL;
    int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(theirs), &der);
    auth_bytes content;
    FUZZ_CHECK(len > 0 && der_only((auth_bytes){der, (size_t)len}, DER_INTEGER, &content));
    FUZZ_CHECK(auth_bytes_equal(content, ours->serial));
    OPENSSL_free(der);
    struct tm tm;
    if (ASN1_TIME_to_tm(X509_REVOKED_get0_revocationDate(theirs), &tm) == 1)
        FUZZ_CHECK(timegm(&tm) == ours->revoked);
    int critical = 0;
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(theirs, NID_crl_reason, &critical, NULL);
    FUZZ_CHECK((reason != NULL) == ours->has_reason);
    if (reason != NULL)
        FUZZ_CHECK(ASN1_ENUMERATED_get(reason) == ours->reason);
    ASN1_ENUMERATED_free(reason);
}

static void compare(const x509_crl_view *view)
{
    const uint8_t *at = view->der.data;
    X509_CRL *theirs = d2i_X509_CRL(NULL, &at, (long)view->der.len);
    if (theirs == NULL)
        return;
    FUZZ_CHECK(X509_CRL_get_version(theirs) + 1 == (long)view->version);
    uint8_t *name = NULL;
    int len = i2d_X509_NAME(X509_CRL_get_issuer(theirs), &name);
    FUZZ_CHECK(len >= 0 && auth_bytes_equal((auth_bytes){name, (size_t)len}, view->issuer));
    OPENSSL_free(name);
    FUZZ_CHECK((X509_CRL_get0_nextUpdate(theirs) != NULL) == view->has_next_update);
    FUZZ_CHECK(X509_CRL_get_ext_count(theirs) == (int)view->extensions.count);
    auth_bytes entries = view->entries;
    x509_crl_entry entry;
    auth_status status = AUTH_STATUS_OK;
    STACK_OF(X509_REVOKED) *rows = X509_CRL_get_REVOKED(theirs);
    int count = 0;
    while (x509_crl_next(&entries, &entry, &status, NULL))
        compare_entry(sk_X509_REVOKED_value(rows, count++), &entry);
    FUZZ_CHECK(count == (rows == NULL ? 0 : sk_X509_REVOKED_num(rows)));
    X509_CRL_free(theirs);
}

static bool are_entries_good(auth_bytes entries)
{
    x509_crl_entry entry;
    auth_status status = AUTH_STATUS_OK;
    auth_error err = {AUTH_STATUS_OK, ""};
    size_t before = entries.len + 1;
    while (x509_crl_next(&entries, &entry, &status, &err)) {
        FUZZ_CHECK(entries.len < before && entry.serial.len > 0);
        before = entries.len;
    }
    FUZZ_CHECK(status == AUTH_STATUS_OK ? entries.len == 0 : status == err.status);
    return status == AUTH_STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    x509_crl_view view;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = x509_crl_view_parse((auth_bytes){data, size}, &view, &err);
    if (status != AUTH_STATUS_OK)
        FUZZ_CHECK(status == err.status && err.text[0] != '\0');
    else if (are_entries_good(view.entries))
        compare(&view);
    return 0;
}
