/* SPDX-License-Identifier: Apache-2.0 */
#include "base/der.h"
#include "base/oid.h"
#include "key/openssl.h"
#include "key/pkcs8.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

/* OWASP's figure of 2023 for PBKDF2 with HMAC-SHA-256. */
#define WRITTEN_ROUNDS 600000
#define WRITTEN_SALT_OCTETS 16

/* Ten seconds of PBKDF2; OpenSSL itself bounds the memory of scrypt (RFC 7914) to 32 MiB. */
#define ROUNDS_MAX 10000000
#define SCRYPT_COST_MAX (1U << 20)
#define SCRYPT_BLOCK_MAX 64
#define SCRYPT_PARALLEL_MAX 16
#define SALT_MAX 1024
#define CIPHERTEXT_MAX ((size_t)64 * 1024)

static auth_status refuse_form(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "private key: no EncryptedPrivateKeyInfo with PBES2 parameters in DER "
                          "(RFC 5958 section 3, RFC 8018 A.4); take another copy of the key");
}

static auth_status refuse_scheme(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "private key: %s; encrypt it anew with 'openssl pkcs8 -topk8 -v2 "
                          "aes-256-cbc'",
                          what);
}

static auth_status check_pbkdf2(auth_bytes parameters, auth_error *err)
{
    auth_bytes salt;
    uint64_t rounds = 0;
    if (!der_take(&parameters, DER_OCTET_STRING, &salt) || salt.len > SALT_MAX)
        return refuse_form(err);
    if (!der_take_uint(&parameters, ROUNDS_MAX, &rounds) || rounds == 0)
        return refuse_scheme(err, "its encryption asks for no or more than 10,000,000 rounds");
    return AUTH_STATUS_OK;
}

static auth_status check_scrypt(auth_bytes parameters, auth_error *err)
{
    auth_bytes salt;
    uint64_t cost = 0;
    uint64_t block = 0;
    uint64_t parallel = 0;
    if (!der_take(&parameters, DER_OCTET_STRING, &salt) || salt.len > SALT_MAX)
        return refuse_form(err);
    if (!der_take_uint(&parameters, SCRYPT_COST_MAX, &cost) ||
        !der_take_uint(&parameters, SCRYPT_BLOCK_MAX, &block) ||
        !der_take_uint(&parameters, SCRYPT_PARALLEL_MAX, &parallel))
        return refuse_scheme(err, "its encryption asks for more scrypt than a key file needs");
    return AUTH_STATUS_OK;
}

/* Checks the derivation inside PBES2-params, the part that can be made to take for ever. */
static auth_status check_pbes2(auth_bytes parameters, auth_error *err)
{
    auth_bytes content;
    auth_bytes derivation;
    auth_bytes type;
    auth_bytes values;
    if (!der_only(parameters, DER_SEQUENCE, &content) ||
        !der_take(&content, DER_SEQUENCE, &derivation) || !der_take_oid(&derivation, &type) ||
        !der_only(derivation, DER_SEQUENCE, &values))
        return refuse_form(err);
    switch ((int)oid_find(type)) {
    case OID_PBKDF2:
        return check_pbkdf2(values, err);
    case OID_SCRYPT:
        return check_scrypt(values, err);
    default:
        return refuse_scheme(err, "its encryption derives the key by neither PBKDF2 nor scrypt");
    }
}

typedef struct encrypted_fields {
    auth_bytes algorithm; /* whole */
    auth_bytes ciphertext;
} encrypted_fields;

static auth_status read_encrypted(auth_bytes der, encrypted_fields *out, auth_error *err)
{
    auth_bytes content;
    der_item algorithm;
    auth_bytes type;
    if (!der_only(der, DER_SEQUENCE, &content) ||
        !der_take_item(&content, DER_SEQUENCE, &algorithm) ||
        !der_take(&content, DER_OCTET_STRING, &out->ciphertext) || content.len != 0 ||
        !der_take_oid(&algorithm.content, &type))
        return refuse_form(err);
    if (oid_find(type) != OID_PBES2)
        return refuse_scheme(err, "it is encrypted by a scheme older than PBES2");
    if (out->ciphertext.len == 0 || out->ciphertext.len > CIPHERTEXT_MAX)
        return refuse_form(err);
    out->algorithm = algorithm.whole;
    return check_pbes2(algorithm.content, err);
}

auth_status pkcs8_check_encrypted(auth_bytes der, auth_error *err)
{
    encrypted_fields fields;
    return read_encrypted(der, &fields, err);
}

bool pkcs8_is_encrypted(auth_bytes der)
{
    auth_bytes content;
    return der_only(der, DER_SEQUENCE, &content) && der_peek(content, DER_SEQUENCE);
}

static auth_status refuse_passphrase(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          "private key: the passphrase does not decrypt it; give the one that it "
                          "was encrypted with");
}

static auth_status decryption_failed(auth_error *err)
{
    if (openssl_lacks_memory())
        return openssl_failed(err, "private key");
    bool is_padding = ERR_GET_REASON(ERR_peek_last_error()) == PKCS12_R_PKCS12_CIPHERFINAL_ERROR;
    ERR_clear_error();
    if (is_padding)
        return refuse_passphrase(err);
    return refuse_scheme(err, "OpenSSL cannot use the cipher that it is encrypted with");
}

auth_status pkcs8_decrypt(auth_bytes der, auth_bytes passphrase, auth_secret **out, auth_error *err)
{
    encrypted_fields fields;
    auth_status status = read_encrypted(der, &fields, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const unsigned char *at = fields.algorithm.data;
    X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &at, (long)fields.algorithm.len);
    if (algorithm == NULL) {
        ERR_clear_error();
        return refuse_form(err);
    }
    unsigned char *plain = NULL;
    int len = 0;
    bool is_done =
        PKCS12_pbe_crypt_ex(algorithm, (const char *)passphrase.data, (int)passphrase.len,
                            fields.ciphertext.data, (int)fields.ciphertext.len, &plain, &len, 0,
                            NULL, NULL) != NULL;
    X509_ALGOR_free(algorithm);
    if (!is_done)
        return decryption_failed(err);
    auth_bytes ignored;
    /* One wrong passphrase in 256 leaves padding that looks right. */
    if (len > 0 && der_only((auth_bytes){plain, (size_t)len}, DER_SEQUENCE, &ignored))
        status = auth_secret_from_bytes((auth_bytes){plain, (size_t)len}, out, err);
    else
        status = refuse_passphrase(err);
    OPENSSL_clear_free(plain, (size_t)len);
    return status;
}

auth_status pkcs8_write(const EVP_PKEY *key, auth_buf *out, auth_error *err)
{
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    PKCS8_PRIV_KEY_INFO_free(info);
    if (len <= 0)
        return openssl_failed(err, "private key");
    auth_status status = auth_buf_append(out, (auth_bytes){der, (size_t)len}, err);
    OPENSSL_clear_free(der, (size_t)len);
    return status;
}

static X509_SIG *encrypt(auth_bytes der, auth_bytes passphrase)
{
    unsigned char salt[WRITTEN_SALT_OCTETS];
    const unsigned char *at = der.data;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
    X509_ALGOR *algorithm = NULL;
    X509_SIG *made = NULL;
    if (info != NULL && digest_random(salt, sizeof salt, NULL) == AUTH_STATUS_OK)
        algorithm = PKCS5_pbe2_set_iv_ex(EVP_aes_256_cbc(), WRITTEN_ROUNDS, salt, sizeof salt, NULL,
                                         NID_hmacWithSHA256, NULL);
    if (algorithm != NULL)
        made = PKCS8_set0_pbe_ex((const char *)passphrase.data, (int)passphrase.len, info,
                                 algorithm, NULL, NULL);
    if (made == NULL)
        X509_ALGOR_free(algorithm);
    PKCS8_PRIV_KEY_INFO_free(info);
    return made;
}

auth_status pkcs8_encrypt(auth_bytes der, auth_bytes passphrase, auth_buf *out, auth_error *err)
{
    unsigned char *encrypted = NULL;
    X509_SIG *made = encrypt(der, passphrase);
    int len = made == NULL ? -1 : i2d_X509_SIG(made, &encrypted);
    X509_SIG_free(made);
    if (len <= 0)
        return openssl_failed(err, "private key: encryption");
    auth_status status = auth_buf_append(out, (auth_bytes){encrypted, (size_t)len}, err);
    OPENSSL_free(encrypted);
    return status;
}
