/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Has every request a key that names its CertID and nothing else, and is a path read as its octets
 * are? An input that begins with "/" is a path, any other a POST body.
 */
#include "fuzz/fuzz.h"
#include "ocsp/question.h"

#define EPOCH 480

/* One question, and the key of what it asks; no authority is needed for that. */
static bool write_key(auth_bytes der, ocsp_key *key, auth_bytes *cert_id,
                      auth_ocsp_request **request)
{
    if (auth_ocsp_request_parse(der, request, NULL) != AUTH_STATUS_OK ||
        auth_ocsp_request_count(*request) != 1)
        return false;
    const auth_ocsp_cert_id *id = auth_ocsp_request_cert_id(*request, 0);
    *cert_id = id->der;
    return id->hash != AUTH_OCSP_HASH_OTHER && ocsp_key_write(id, 0, key);
}

/* What the key says must be enough to tell CertIDs of one issuer apart. */
static void check_key(auth_bytes der)
{
    ocsp_key key;
    auth_bytes cert_id;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    if (!write_key(der, &key, &cert_id, &request))
        return;
    const auth_ocsp_cert_id *id = auth_ocsp_request_cert_id(request, 0);
    FUZZ_CHECK(auth_bytes_equal(ocsp_key_serial(&key), id->serial));
    /* Two headers, OID, two hashes and the number, and NULL when the key says so. */
    size_t hashes = 2 * (2 + id->name_hash.len);
    size_t oid = 2 + (size_t)(id->hash == AUTH_OCSP_HASH_SHA1     ? 5
                              : id->hash == AUTH_OCSP_HASH_SHA256 ? 9
                                                                  : 8);
    size_t null = (key.form & 0x10) != 0 ? 2 : 0;
    size_t content = 2 + oid + null + hashes + 2 + id->serial.len;
    FUZZ_CHECK(cert_id.len == content + (content < 128 ? 2 : 3));
}

static void check_question(auth_bytes der)
{
    ocsp_authorities none = {.count = 0};
    ocsp_question question = {.request = NULL};
    FUZZ_CHECK(auth_ocsp_issuers_new(NULL, 0, &none.table, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(ocsp_question_read(der, &none, EPOCH, &question, NULL) != AUTH_STATUS_OK);
    FUZZ_CHECK(question.request == NULL);
    auth_ocsp_issuers_free(none.table);
}

static void check_path(auth_bytes path)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_ocsp_request) *by_path = NULL;
    AUTH_AUTO(auth_ocsp_request) *by_octets = NULL;
    FUZZ_CHECK(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &der, NULL) == AUTH_STATUS_OK);
    auth_status decoded = ocsp_path_decode(path, der, NULL);
    auth_status read = auth_ocsp_request_parse_path(path, &by_path, NULL);
    if (decoded != AUTH_STATUS_OK) {
        FUZZ_CHECK(read != AUTH_STATUS_OK && auth_buf_bytes(der).len == 0);
        return;
    }
    FUZZ_CHECK(read == auth_ocsp_request_parse(auth_buf_bytes(der), &by_octets, NULL));
    check_question(auth_buf_bytes(der));
    check_key(auth_buf_bytes(der));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_bytes input = {data, size};
    if (size > 0 && data[0] == '/') {
        check_path(input);
    } else {
        check_question(input);
        check_key(input);
    }
    return 0;
}
