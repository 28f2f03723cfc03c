/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_key.h"

#include "command.h"

#include <auth/jws.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define PROVIDER "auth-signer"
/* The one thing that a key of this provider is made of: the address of its signer. */
#define PARAM_SIGNER "auth-signer"
#define POINT_MAX 97

struct cli_tls_key {
    OSSL_PROVIDER *own;
    OSSL_PROVIDER *usual; /* without it, OpenSSL would not load the default one any more */
    EVP_PKEY *key;
    X509 *chain[AUTH_JWS_CHAIN_MAX];
    size_t chain_len;
};

/* What is to be known of a curve. */
typedef struct curve {
    const char *group;
    const char *digests[3];
    int bits;
    int security_bits;
    size_t point_len;
    size_t signature_max; /* two INTEGERs in DER */
} curve;

static const curve curves[] = {
    {"prime256v1", {"SHA256", "SHA2-256", "SHA-256"}, 256, 128, 65, 72},
    {"secp384r1", {"SHA384", "SHA2-384", "SHA-384"}, 384, 192, 97, 104},
};

static bool is_supported(const auth_signer *signer)
{
    auth_key_type type = auth_public_key_type(auth_signer_public_key(signer));
    return type == AUTH_KEY_TYPE_P256 || type == AUTH_KEY_TYPE_P384;
}

/* Of a signer that is supported. */
static const curve *curve_of(const auth_signer *signer)
{
    auth_key_type type = auth_public_key_type(auth_signer_public_key(signer));
    return type == AUTH_KEY_TYPE_P384 ? &curves[1] : &curves[0];
}

/* The point, which ends a SubjectPublicKeyInfo in its canonical form. */
static auth_bytes point_of(const auth_signer *signer)
{
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    size_t len = curve_of(signer)->point_len;
    return (auth_bytes){spki.data + spki.len - len, len};
}

/* Keys, as a provider manages them (provider-keymgmt(7)). */

typedef struct held {
    const auth_signer *signer;
} held;

static void *held_new(void *provider)
{
    (void)provider;
    return calloc(1, sizeof(held));
}

static void held_free(void *key) { free(key); }

static int held_has(const void *key, int selection)
{
    (void)selection;
    return ((const held *)key)->signer != NULL;
}

static int held_match(const void *a, const void *b, int selection)
{
    (void)selection;
    return auth_bytes_equal(point_of(((const held *)a)->signer),
                            point_of(((const held *)b)->signer));
}

static int held_import(void *key, int selection, const OSSL_PARAM params[])
{
    const void *signer = NULL;
    size_t len = 0;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, PARAM_SIGNER);
    (void)selection;
    if (param == NULL || OSSL_PARAM_get_octet_ptr(param, &signer, &len) != 1)
        return 0;
    ((held *)key)->signer = signer;
    return 1;
}

static const OSSL_PARAM *held_import_types(int selection)
{
    static const OSSL_PARAM types[] = {OSSL_PARAM_octet_ptr(PARAM_SIGNER, NULL, 0), OSSL_PARAM_END};
    (void)selection;
    return types;
}

/* The public half goes to whoever compares it with a certificate; there is no other half here. */
static int held_export(void *key, int selection, OSSL_CALLBACK *take, void *context)
{
    const auth_signer *signer = ((const held *)key)->signer;
    uint8_t point[POINT_MAX];
    char group[16];
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)
        return 0;
    auth_bytes octets = point_of(signer);
    memcpy(point, octets.data, octets.len);
    (void)snprintf(group, sizeof group, "%s", curve_of(signer)->group);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, octets.len),
        OSSL_PARAM_construct_end(),
    };
    return take(params, context);
}

static const OSSL_PARAM *held_export_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_END,
    };
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? NULL : types;
}

static bool set_number(OSSL_PARAM params[], const char *name, int value)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, name);
    return param == NULL || OSSL_PARAM_set_int(param, value) == 1;
}

static bool set_text(OSSL_PARAM params[], const char *name, const char *value)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, name);
    return param == NULL || OSSL_PARAM_set_utf8_string(param, value) == 1;
}

static int held_get_params(void *key, OSSL_PARAM params[])
{
    const curve *of = curve_of(((const held *)key)->signer);
    return set_number(params, OSSL_PKEY_PARAM_BITS, of->bits) &&
           set_number(params, OSSL_PKEY_PARAM_SECURITY_BITS, of->security_bits) &&
           set_number(params, OSSL_PKEY_PARAM_MAX_SIZE, (int)of->signature_max) &&
           set_text(params, OSSL_PKEY_PARAM_GROUP_NAME, of->group) &&
           set_text(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST, of->digests[0]);
}

static const OSSL_PARAM *held_gettable_params(void *provider)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)provider;
    return types;
}

static const char *held_operation(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

/* Signatures (provider-signature(7)). */

typedef struct signing {
    const auth_signer *signer;
} signing;

static void *signing_new(void *provider, const char *properties)
{
    (void)provider;
    (void)properties;
    return calloc(1, sizeof(signing));
}

static void signing_free(void *it) { free(it); }

static int signing_begin(void *it, const char *digest, void *key, const OSSL_PARAM params[])
{
    const held *of = key;
    (void)params;
    if (of == NULL || of->signer == NULL)
        return 0;
    const curve *on = curve_of(of->signer);
    bool is_fit = digest == NULL;
    for (size_t i = 0; !is_fit && i < sizeof on->digests / sizeof on->digests[0]; i++)
        is_fit = strcasecmp(digest, on->digests[i]) == 0;
    ((signing *)it)->signer = of->signer;
    return is_fit;
}

static int signing_sign(void *it, unsigned char *out, size_t *len, size_t size,
                        const unsigned char *message, size_t message_len)
{
    const auth_signer *signer = ((const signing *)it)->signer;
    auth_signature made;
    if (out == NULL) {
        *len = curve_of(signer)->signature_max;
        return 1;
    }
    if (auth_signer_sign(signer, (auth_bytes){message, message_len}, &made, NULL) !=
            AUTH_STATUS_OK ||
        made.len > size)
        return 0;
    memcpy(out, made.octets, made.len);
    *len = made.len;
    return 1;
}

/* Every function of a provider has a type of its own and is handed over as one without. */
#define FUNCTION(id, function)                                                                     \
    {                                                                                              \
        (id), (void (*)(void))(function)                                                           \
    }

static const OSSL_DISPATCH key_functions[] = {
    FUNCTION(OSSL_FUNC_KEYMGMT_NEW, held_new),
    FUNCTION(OSSL_FUNC_KEYMGMT_FREE, held_free),
    FUNCTION(OSSL_FUNC_KEYMGMT_HAS, held_has),
    FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, held_match),
    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT, held_import),
    FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, held_import_types),
    FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT, held_export),
    FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, held_export_types),
    FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, held_get_params),
    FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, held_gettable_params),
    FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, held_operation),
    {0, NULL},
};

static const OSSL_DISPATCH signature_functions[] = {
    FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, signing_new),
    FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, signing_free),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, signing_begin),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, signing_sign),
    {0, NULL},
};

static const OSSL_ALGORITHM *find_algorithms(void *provider, int operation, int *is_not_kept)
{
    static const char properties[] = "provider=" PROVIDER;
    static const OSSL_ALGORITHM keys[] = {
        {"EC:id-ecPublicKey:1.2.840.10045.2.1", properties, key_functions, "keys of signers"},
        {NULL, NULL, NULL, NULL},
    };
    static const OSSL_ALGORITHM signatures[] = {
        {"ECDSA", properties, signature_functions, "signatures by signers"},
        {NULL, NULL, NULL, NULL},
    };
    (void)provider;
    *is_not_kept = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return keys;
    return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static int begin_provider(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
                          const OSSL_DISPATCH **out, void **context)
{
    static const OSSL_DISPATCH functions[] = {
        FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, find_algorithms),
        {0, NULL},
    };
    (void)in;
    *out = functions;
    *context = (void *)(uintptr_t)core;
    return 1;
}

/* The default provider comes first, so that everything else goes on as before. */
static bool load(cli_tls_key *key)
{
    key->usual = OSSL_PROVIDER_load(NULL, "default");
    if (key->usual == NULL || OSSL_PROVIDER_add_builtin(NULL, PROVIDER, begin_provider) != 1)
        return false;
    key->own = OSSL_PROVIDER_load(NULL, PROVIDER);
    return key->own != NULL;
}

static bool make(cli_tls_key *key, const auth_signer *signer)
{
    void *address = (void *)(uintptr_t)signer;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_ptr(PARAM_SIGNER, &address, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", "provider=" PROVIDER);
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
    if (!is_supported(signer))
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              _("key: of the keys in tokens, TLS can use P-256 and P-384 here (RFC "
                                "8446 4.2.3); have the officer appointed with one of them"));
    key = calloc(1, sizeof *key);
    if (key == NULL)
        return auth_error_memory(err);
    if (!load(key) || !make(key, signer) || !read_chain(key, chain, chain_len))
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
    (void)OSSL_PROVIDER_unload(key->own);
    (void)OSSL_PROVIDER_unload(key->usual);
    free(key);
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
