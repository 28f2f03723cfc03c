/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every OCSP request that we accept one for OpenSSL too, with the same certificates and nonce,
 * does its CertID come back octet for octet, and does a path hold the same request? An input that
 * begins with "/" is a path, any other a POST body.
 */
#include "fuzz/fuzz.h"
#include "ocsp/ocsp.h"

#include <openssl/ocsp.h>

/* A CertID that was accepted reads the same again and fills its slice. */
static void check_cert_id(const auth_ocsp_cert_id *id)
{
    auth_bytes cursor = id->der;
    auth_ocsp_cert_id again;
    FUZZ_CHECK(ocsp_take_cert_id(&cursor, &again) && cursor.len == 0);
    FUZZ_CHECK(again.hash == id->hash && auth_bytes_equal(again.der, id->der));
    FUZZ_CHECK(auth_bytes_equal(again.name_hash, id->name_hash));
    FUZZ_CHECK(auth_bytes_equal(again.key_hash, id->key_hash));
    FUZZ_CHECK(auth_bytes_equal(again.serial, id->serial) && id->serial.len > 0);
}

static auth_bytes octets_of(const ASN1_STRING *string)
{
    return (auth_bytes){ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

static void compare_cert_id(OCSP_ONEREQ *theirs, const auth_ocsp_cert_id *ours)
{
    OCSP_CERTID *id = OCSP_onereq_get0_id(theirs);
    ASN1_OCTET_STRING *name = NULL;
    ASN1_OCTET_STRING *key = NULL;
    FUZZ_CHECK(OCSP_id_get0_info(&name, NULL, &key, NULL, id) == 1);
    FUZZ_CHECK(auth_bytes_equal(octets_of(name), ours->name_hash));
    FUZZ_CHECK(auth_bytes_equal(octets_of(key), ours->key_hash));
    /* OpenSSL writes parameters of types that it does not know in its own way. */
    if (ours->hash == AUTH_OCSP_HASH_OTHER)
        return;
    uint8_t *der = NULL;
    int len = i2d_OCSP_CERTID(id, &der);
    FUZZ_CHECK(len > 0 && auth_bytes_equal((auth_bytes){der, (size_t)len}, ours->der));
    OPENSSL_free(der);
}

static void compare(auth_bytes der, const auth_ocsp_request *request)
{
    const uint8_t *at = der.data;
    OCSP_REQUEST *theirs = d2i_OCSP_REQUEST(NULL, &at, (long)der.len);
    if (theirs == NULL)
        return;
    FUZZ_CHECK(at == der.data + der.len);
    FUZZ_CHECK(OCSP_request_onereq_count(theirs) == (int)auth_ocsp_request_count(request));
    FUZZ_CHECK((OCSP_request_is_signed(theirs) != 0) == auth_ocsp_request_is_signed(request));
    for (int i = 0; i < OCSP_request_onereq_count(theirs); i++)
        compare_cert_id(OCSP_request_onereq_get0(theirs, i),
                        auth_ocsp_request_cert_id(request, (size_t)i));
    int nonce = OCSP_REQUEST_get_ext_by_NID(theirs, NID_id_pkix_OCSP_Nonce, -1);
    FUZZ_CHECK((nonce >= 0) == (auth_ocsp_request_nonce(request).len > 0));
    OCSP_REQUEST_free(theirs);
}

static void check_path(auth_bytes der, const auth_ocsp_request *request)
{
    auth_buf *path = NULL;
    auth_ocsp_request *again = NULL;
    FUZZ_CHECK(auth_buf_new(AUTH_OCSP_PATH_MAX + 1, &path, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_ocsp_request_encode_path(der, path, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_ocsp_request_parse_path(auth_buf_bytes(path), &again, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_ocsp_request_count(again) == auth_ocsp_request_count(request));
    FUZZ_CHECK(auth_bytes_equal(auth_ocsp_request_cert_id(again, 0)->der,
                                auth_ocsp_request_cert_id(request, 0)->der));
    auth_ocsp_request_free(again);
    auth_buf_free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_bytes input = {data, size};
    bool is_path = size > 0 && data[0] == '/';
    auth_ocsp_request *request = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = is_path ? auth_ocsp_request_parse_path(input, &request, &err)
                                 : auth_ocsp_request_parse(input, &request, &err);
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(request == NULL && err.status == status && err.text[0] != '\0');
        FUZZ_CHECK(auth_ocsp_error_for(status) == AUTH_OCSP_MALFORMED_REQUEST);
        return 0;
    }
    size_t count = auth_ocsp_request_count(request);
    FUZZ_CHECK(count >= 1 && count <= AUTH_OCSP_CERT_IDS_MAX);
    FUZZ_CHECK(auth_ocsp_request_nonce(request).len <= AUTH_OCSP_NONCE_MAX);
    for (size_t i = 0; i < count; i++)
        check_cert_id(auth_ocsp_request_cert_id(request, i));
    if (!is_path) {
        compare(input, request);
        check_path(input, request);
    }
    auth_ocsp_request_free(request);
    return 0;
}
