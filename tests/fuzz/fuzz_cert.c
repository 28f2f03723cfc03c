/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every certificate that we accept say the same to OpenSSL, where OpenSSL accepts it too:
 * serial number, names, key, times, signature? And do its extensions and names have a text, in
 * clear and masked, that is UTF-8 without control characters?
 */
#include "fuzz/fuzz.h"
#include "x509/name.h"
#include "x509/text.h"
#include "x509/view.h"

#include <auth/cert.h>
#include <openssl/x509.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)

static void check_text(auth_bytes text)
{
    uint32_t code = 0;
    while (x509_next_character(DER_UTF8_STRING, &text, &code))
        FUZZ_CHECK(!x509_is_unseen(code));
    FUZZ_CHECK(text.len == 0);
}

static void show_name(auth_bytes name)
{
    for (int reveal = AUTH_MASKED; reveal <= AUTH_REVEALED; reveal++) {
        auth_buf *out = NULL;
        FUZZ_CHECK(auth_buf_new(TEXT_MAX, &out, NULL) == AUTH_STATUS_OK);
        auth_status status = auth_name_text(name, (auth_reveal)reveal, out, NULL);
        FUZZ_CHECK(status == AUTH_STATUS_OK || status == AUTH_STATUS_UNSUPPORTED);
        check_text(auth_buf_bytes(out));
        auth_buf_free(out);
    }
    FUZZ_CHECK(x509_name_equal(name, name));
}

static void show_extensions(const auth_cert *cert)
{
    auth_extension extension;
    for (size_t i = 0; auth_cert_extension_at(cert, i, &extension); i++) {
        for (int reveal = AUTH_MASKED; reveal <= AUTH_REVEALED; reveal++) {
            auth_buf *out = NULL;
            FUZZ_CHECK(auth_buf_new(TEXT_MAX, &out, NULL) == AUTH_STATUS_OK);
            FUZZ_CHECK(auth_extension_text(&extension, (auth_reveal)reveal, out, NULL) ==
                       AUTH_STATUS_OK);
            check_text(auth_buf_bytes(out));
            auth_buf_free(out);
        }
        auth_extension found;
        FUZZ_CHECK(strcmp(extension.oid, "(long OID)") == 0 ||
                   (auth_cert_extension_find(cert, extension.oid, &found) &&
                    auth_bytes_equal(found.value, extension.value)));
    }
}

static void check_name(X509_NAME *theirs, auth_bytes ours)
{
    uint8_t *der = NULL;
    int len = i2d_X509_NAME(theirs, &der);
    FUZZ_CHECK(len >= 0 && auth_bytes_equal((auth_bytes){der, (size_t)len}, ours));
    OPENSSL_free(der);
}

static void check_time(const ASN1_TIME *theirs, auth_time ours)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(theirs, &tm) == 1)
        FUZZ_CHECK(timegm(&tm) == ours);
}

/* Two's complement from OpenSSL's sign and magnitude. */
static void check_serial(const ASN1_INTEGER *theirs, auth_bytes ours)
{
    uint8_t *der = NULL;
    int len = i2d_ASN1_INTEGER(theirs, &der);
    auth_bytes content;
    FUZZ_CHECK(len > 0 && der_only((auth_bytes){der, (size_t)len}, DER_INTEGER, &content));
    FUZZ_CHECK(auth_bytes_equal(content, ours));
    OPENSSL_free(der);
}

static void compare(const x509_cert_view *view)
{
    const uint8_t *at = view->der.data;
    X509 *theirs = d2i_X509(NULL, &at, (long)view->der.len);
    if (theirs == NULL)
        return;
    FUZZ_CHECK(at == view->der.data + view->der.len);
    FUZZ_CHECK(X509_get_version(theirs) + 1 == (long)view->version);
    check_serial(X509_get0_serialNumber(theirs), view->serial);
    check_name(X509_get_issuer_name(theirs), view->issuer);
    check_name(X509_get_subject_name(theirs), view->subject);
    check_time(X509_get0_notBefore(theirs), view->not_before);
    check_time(X509_get0_notAfter(theirs), view->not_after);
    FUZZ_CHECK(X509_get_ext_count(theirs) == (int)view->extensions.count);
    for (size_t i = 0; i < view->extensions.count; i++) {
        X509_EXTENSION *extension = X509_get_ext(theirs, (int)i);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
        auth_bytes octets = {ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
        FUZZ_CHECK(auth_bytes_equal(octets, view->extensions.rows[i].value));
        FUZZ_CHECK(X509_EXTENSION_get_critical(extension) ==
                   (view->extensions.rows[i].is_critical ? 1 : 0));
    }
    const ASN1_BIT_STRING *signature = NULL;
    X509_get0_signature(&signature, NULL, theirs);
    FUZZ_CHECK(auth_bytes_equal((auth_bytes){ASN1_STRING_get0_data(signature),
                                             (size_t)ASN1_STRING_length(signature)},
                                view->signature));
    X509_free(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_bytes der = {data, size};
    x509_cert_view view;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = x509_cert_view_parse(der, &view, &err);
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(status == err.status && err.text[0] != '\0');
        return 0;
    }
    compare(&view);
    show_name(view.issuer);
    show_name(view.subject);
    (void)x509_name_equal(view.issuer, view.subject);
    auth_cert *cert = NULL;
    if (auth_cert_parse(der, &cert, &err) == AUTH_STATUS_OK)
        show_extensions(cert);
    auth_cert_free(cert);
    return 0;
}
