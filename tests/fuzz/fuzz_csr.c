/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every request that we accept say the same to OpenSSL, where OpenSSL accepts it too, and does
 * the proof of possession hold for nobody for whom it does not hold there?
 */
#include "base/der.h"
#include "fuzz/fuzz.h"

#include <auth/csr.h>
#include <openssl/x509.h>

static void compare(const auth_csr *csr, bool is_proved)
{
    auth_bytes der = auth_csr_der(csr);
    const uint8_t *at = der.data;
    X509_REQ *theirs = d2i_X509_REQ(NULL, &at, (long)der.len);
    if (theirs == NULL)
        return;
    uint8_t *name = NULL;
    int len = i2d_X509_NAME(X509_REQ_get_subject_name(theirs), &name);
    FUZZ_CHECK(len >= 0 &&
               auth_bytes_equal((auth_bytes){name, (size_t)len}, auth_csr_subject(csr)));
    OPENSSL_free(name);
    EVP_PKEY *key = X509_REQ_get0_pubkey(theirs);
    if (key != NULL && EVP_PKEY_is_a(key, "SM2")) {
        ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
        FUZZ_CHECK(id != NULL &&
                   ASN1_OCTET_STRING_set(id, (const uint8_t *)"1234567812345678", 16));
        X509_REQ_set0_distinguishing_id(theirs, id);
    }
    if (is_proved && key != NULL)
        FUZZ_CHECK(X509_REQ_verify(theirs, key) == 1);
    X509_REQ_free(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_csr *csr = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_csr_parse((auth_bytes){data, size}, &csr, &err);
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(status == err.status && err.text[0] != '\0');
        return 0;
    }
    status = auth_csr_check_possession(csr, &err);
    FUZZ_CHECK(!auth_status_is_fault(status));
    compare(csr, status == AUTH_STATUS_OK);
    auth_csr_free(csr);
    return 0;
}
