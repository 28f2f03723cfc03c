/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first octet says what the rest is. Is a public key that we accept the one that OpenSSL reads,
 * and its canonical form its own? Does a private key that we accept sign, and come back from its
 * export? Are URIs and algorithms that are accepted of bounded parts?
 */
#include "fuzz/fuzz.h"
#include "key/signature.h"
#include "key/uri.h"

#include <auth/key.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#define EXPORT_MAX ((size_t)1 << 16)

static void check_public(auth_bytes spki)
{
    auth_public_key *key = NULL;
    auth_public_key *again = NULL;
    auth_status status = auth_public_key_parse(spki, &key, NULL);
    FUZZ_CHECK(!auth_status_is_fault(status));
    FUZZ_CHECK(ERR_peek_error() == 0);
    if (status != AUTH_STATUS_OK)
        return;
    auth_bytes canonical = auth_public_key_spki(key);
    FUZZ_CHECK(auth_public_key_parse(canonical, &again, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_bytes_equal(auth_public_key_spki(again), canonical));
    status = auth_public_key_check_strength(key, NULL, NULL, NULL);
    FUZZ_CHECK(!auth_status_is_fault(status));

    const unsigned char *at = spki.data;
    EVP_PKEY *theirs = d2i_PUBKEY(NULL, &at, (long)spki.len);
    FUZZ_CHECK(theirs != NULL);
    at = canonical.data;
    EVP_PKEY *ours = d2i_PUBKEY(NULL, &at, (long)canonical.len);
    FUZZ_CHECK(ours != NULL && EVP_PKEY_eq(ours, theirs) == 1);
    EVP_PKEY_free(ours);
    EVP_PKEY_free(theirs);
    ERR_clear_error();
    auth_public_key_free(again);
    auth_public_key_free(key);
}

/* Nobody knows a passphrase, so that the fuzzer does not spend its time deriving keys. */
static auth_status know_nothing(void *context, const char *what, auth_secret **out, auth_error *err)
{
    (void)context;
    (void)what;
    (void)out;
    return auth_error_set(err, AUTH_STATUS_DENIED, "nobody knows");
}

static void check_private(auth_bytes pkcs8)
{
    auth_signer *signer = NULL;
    auth_signer *again = NULL;
    auth_buf *pem = NULL;
    auth_status status = auth_signer_parse(pkcs8, know_nothing, NULL, &signer, NULL);
    FUZZ_CHECK(!auth_status_is_fault(status));
    FUZZ_CHECK(ERR_peek_error() == 0);
    if (status != AUTH_STATUS_OK)
        return;
    FUZZ_CHECK(auth_buf_new(EXPORT_MAX, &pem, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_signer_export(signer, NULL, pem, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_signer_parse(auth_buf_bytes(pem), NULL, NULL, &again, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_bytes_equal(auth_public_key_spki(auth_signer_public_key(signer)),
                                auth_public_key_spki(auth_signer_public_key(again))));
    auth_buf_free(pem);
    auth_signer_free(again);
    auth_signer_free(signer);
}

static void check_uri(auth_bytes octets)
{
    token_uri uri;
    char *text = strndup((const char *)octets.data, octets.len);
    FUZZ_CHECK(text != NULL);
    if (token_uri_parse(text, &uri, NULL) == AUTH_STATUS_OK) {
        FUZZ_CHECK(memchr(uri.token, 0, sizeof uri.token) != NULL);
        FUZZ_CHECK(memchr(uri.object, 0, sizeof uri.object) != NULL);
        FUZZ_CHECK(uri.id_len <= sizeof uri.id);
        FUZZ_CHECK(uri.object[0] != '\0' || uri.id_len > 0);
        FUZZ_CHECK((uri.module_path[0] == '/') != (uri.module_name[0] != '\0'));
        FUZZ_CHECK(uri.pin_source[0] == '\0' || uri.pin_source[0] == '/');
    }
    free(text);
}

static void check_algorithm(auth_bytes algorithm)
{
    signature_scheme scheme;
    if (signature_scheme_parse(algorithm, &scheme, NULL) == AUTH_STATUS_OK) {
        FUZZ_CHECK(scheme.salt_len >= 0 && scheme.salt_len < AUTH_SIGNATURE_MAX);
        FUZZ_CHECK(digest_len(scheme.digest) <= DIGEST_MAX && scheme.digest != DIGEST_SHA1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const checks[])(auth_bytes) = {check_public, check_private, check_uri,
                                                 check_algorithm};
    if (size > 0 && data[0] < sizeof checks / sizeof checks[0])
        checks[data[0]]((auth_bytes){data + 1, size - 1});
    return 0;
}
