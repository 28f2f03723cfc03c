/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_key.h"

#include "command.h"
#include "tls_provider.h"

#include <auth/jws.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct cli_tls_key {
    OSSL_PROVIDER *own;
    OSSL_PROVIDER *usual; /* without it, OpenSSL would not load the default one any more */
    cli_tls_half half;
    auth_error why;
    EVP_PKEY *key;
    X509 *chain[AUTH_JWS_CHAIN_MAX];
    size_t chain_len;
};

/* The default provider comes first, so that everything else goes on as before. */
static bool load(cli_tls_key *key)
{
    key->usual = OSSL_PROVIDER_load(NULL, "default");
    if (key->usual == NULL ||
        OSSL_PROVIDER_add_builtin(NULL, CLI_TLS_PROVIDER, cli_tls_provider_begin) != 1)
        return false;
    key->own = OSSL_PROVIDER_load(NULL, CLI_TLS_PROVIDER);
    return key->own != NULL;
}

static bool make(cli_tls_key *key)
{
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(key->half.signer));
    const unsigned char *at = spki.data;
    void *address = &key->half;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_ptr(CLI_TLS_PARAM_HALF, &address, 0),
        OSSL_PARAM_construct_end(),
    };
    key->half.public = d2i_PUBKEY(NULL, &at, (long)spki.len);
    if (key->half.public == NULL)
        return false;
    EVP_PKEY_CTX *context =
        EVP_PKEY_CTX_new_from_name(NULL, key->half.can->name, "provider=" CLI_TLS_PROVIDER);
    bool is_made = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
                   EVP_PKEY_fromdata(context, &key->key, EVP_PKEY_KEYPAIR, params) == 1;
    EVP_PKEY_CTX_free(context);
    return is_made;
}

static bool read_chain(cli_tls_key *key, const auth_bytes *chain, size_t chain_len)
{
    for (size_t i = 0; i < chain_len && i < AUTH_JWS_CHAIN_MAX; i++) {
        const unsigned char *at = chain[i].data;
        key->chain[i] = d2i_X509(NULL, &at, (long)chain[i].len);
        if (key->chain[i] == NULL)
            return false;
        key->chain_len++;
    }
    return key->chain_len > 0;
}

auth_status cli_tls_key_new(const auth_signer *signer, const auth_bytes *chain, size_t chain_len,
                            cli_tls_key **out, auth_error *err)
{
    AUTH_AUTO(cli_tls_key) *key = NULL;
    const cli_tls_ability *can = cli_tls_ability_of(signer);
    if (can == NULL)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              _("key: of the keys in tokens, TLS can use P-256, P-384 and RSA here "
                                "(RFC 8446 4.2.3); have the officer appointed with one of them"));
    key = calloc(1, sizeof *key);
    if (key == NULL)
        return auth_error_memory(err);
    key->half.signer = signer;
    key->half.can = can;
    key->half.why = &key->why;
    if (!load(key) || !make(key) || !read_chain(key, chain, chain_len))
        return auth_error_set(err, AUTH_STATUS_CRYPTO,
                              _("key: OpenSSL does not take the key of the token"));
    if (X509_check_private_key(key->chain[0], key->key) != 1)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("key: the certificate is of another key; compare --certificate "
                                "with --key"));
    *out = AUTH_TAKE(key);
    return AUTH_STATUS_OK;
}

void cli_tls_key_free(cli_tls_key *key)
{
    if (key == NULL)
        return;
    for (size_t i = 0; i < key->chain_len; i++)
        X509_free(key->chain[i]);
    EVP_PKEY_free(key->key);
    EVP_PKEY_free(key->half.public);
    (void)OSSL_PROVIDER_unload(key->own);
    (void)OSSL_PROVIDER_unload(key->usual);
    free(key);
}

const auth_error *cli_tls_key_failure(const cli_tls_key *key)
{
    return key == NULL || key->why.status == AUTH_STATUS_OK ? NULL : &key->why;
}

bool cli_tls_key_use(const cli_tls_key *key, void *ssl_context)
{
    if (SSL_CTX_use_certificate(ssl_context, key->chain[0]) != 1 ||
        SSL_CTX_use_PrivateKey(ssl_context, key->key) != 1)
        return false;
    for (size_t i = 1; i < key->chain_len; i++) {
        if (SSL_CTX_add1_chain_cert(ssl_context, key->chain[i]) != 1)
            return false;
    }
    return true;
}
