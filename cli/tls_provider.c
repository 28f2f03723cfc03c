/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_provider.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

static const cli_tls_ability abilities[] = {
    {AUTH_KEY_TYPE_P256, "EC", {"SHA256", "SHA2-256", "SHA-256"}},
    {AUTH_KEY_TYPE_P384, "EC", {"SHA384", "SHA2-384", "SHA-384"}},
    {AUTH_KEY_TYPE_RSA, "RSA", {"SHA256", "SHA2-256", "SHA-256"}},
};

const cli_tls_ability *cli_tls_ability_of(const auth_signer *signer)
{
    auth_key_type type = auth_public_key_type(auth_signer_public_key(signer));
    for (size_t i = 0; i < sizeof abilities / sizeof abilities[0]; i++) {
        if (abilities[i].type == type)
            return &abilities[i];
    }
    return NULL;
}

/* Keys, as a provider manages them (provider-keymgmt(7)). */

typedef struct held {
    const cli_tls_half *half;
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
    return ((const held *)key)->half != NULL;
}

static int held_match(const void *a, const void *b, int selection)
{
    (void)selection;
    return EVP_PKEY_eq(((const held *)a)->half->public, ((const held *)b)->half->public) == 1;
}

static int held_import(void *key, int selection, const OSSL_PARAM params[])
{
    const void *address = NULL;
    size_t len = 0;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, CLI_TLS_PARAM_HALF);
    (void)selection;
    if (param == NULL || OSSL_PARAM_get_octet_ptr(param, &address, &len) != 1)
        return 0;
    ((held *)key)->half = address;
    return 1;
}

static const OSSL_PARAM *held_import_types(int selection)
{
    static const OSSL_PARAM types[] = {OSSL_PARAM_octet_ptr(CLI_TLS_PARAM_HALF, NULL, 0),
                                       OSSL_PARAM_END};
    (void)selection;
    return types;
}

/* The public half goes to whoever compares it with a certificate; there is no other half here. */
static int held_export(void *key, int selection, OSSL_CALLBACK *take, void *context)
{
    OSSL_PARAM *params = NULL;
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ||
        EVP_PKEY_todata(((const held *)key)->half->public, EVP_PKEY_PUBLIC_KEY, &params) != 1)
        return 0;
    int is_taken = take(params, context);
    OSSL_PARAM_free(params);
    return is_taken;
}

static const OSSL_PARAM *held_export_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };
    return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? NULL : types;
}

static int held_get_params(void *key, OSSL_PARAM params[])
{
    return EVP_PKEY_get_params(((const held *)key)->half->public, params);
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

static const char *ec_operation(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

static const char *rsa_operation(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "RSA" : NULL;
}

/* Signatures (provider-signature(7)). */

typedef struct signing {
    const cli_tls_half *half;
    bool is_pss;
} signing;

static void *signing_new(void *provider, const char *properties)
{
    (void)provider;
    (void)properties;
    return calloc(1, sizeof(signing));
}

static void signing_free(void *it) { free(it); }

static bool is_text(const OSSL_PARAM *param, const char *text)
{
    const char *value = NULL;
    return OSSL_PARAM_get_utf8_string_ptr(param, &value) == 1 && strcasecmp(value, text) == 0;
}

static bool is_number(const OSSL_PARAM *param, int number)
{
    int value = 0;
    return param->data_type == OSSL_PARAM_INTEGER && OSSL_PARAM_get_int(param, &value) == 1 &&
           value == number;
}

/* "pss" or "pkcs1", also by OpenSSL's numbers; nothing else is a padding of TLS. */
static bool read_padding(const OSSL_PARAM *param, bool *is_pss)
{
    *is_pss = is_number(param, RSA_PKCS1_PSS_PADDING) || is_text(param, "pss");
    return *is_pss || is_number(param, RSA_PKCS1_PADDING) || is_text(param, "pkcs1");
}

/* As long as the digest, which is what signers take (RFC 8446 4.2.3). */
static bool is_salt(const OSSL_PARAM *param)
{
    return is_number(param, RSA_PSS_SALTLEN_DIGEST) || is_text(param, "digest");
}

static int signing_set(void *it, const OSSL_PARAM params[])
{
    const OSSL_PARAM *padding = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
    const OSSL_PARAM *salt = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
    return (padding == NULL || read_padding(padding, &((signing *)it)->is_pss)) &&
           (salt == NULL || is_salt(salt));
}

static const OSSL_PARAM *signing_settable(void *it, void *provider)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)it;
    (void)provider;
    return types;
}

static int signing_begin(void *it, const char *digest, void *key, const OSSL_PARAM params[])
{
    const held *of = key;
    if (of == NULL || of->half == NULL)
        return 0;
    const cli_tls_ability *can = of->half->can;
    bool is_fit = digest == NULL;
    for (size_t i = 0; !is_fit && i < sizeof can->digests / sizeof can->digests[0]; i++)
        is_fit = strcasecmp(digest, can->digests[i]) == 0;
    *(signing *)it = (signing){.half = of->half};
    return is_fit && (params == NULL || signing_set(it, params));
}

static int signing_sign(void *it, unsigned char *out, size_t *len, size_t size,
                        const unsigned char *message, size_t message_len)
{
    const signing *with = it;
    auth_bytes text = {message, message_len};
    auth_signature made;
    if (out == NULL) {
        *len = (size_t)EVP_PKEY_get_size(with->half->public);
        return 1;
    }
    auth_error *why = with->half->why;
    why->status = AUTH_STATUS_OK;
    auth_status status = with->is_pss ? auth_signer_sign_pss(with->half->signer, text, &made, why)
                                      : auth_signer_sign(with->half->signer, text, &made, why);
    if (status != AUTH_STATUS_OK || made.len > size)
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

#define KEY_FUNCTIONS                                                                              \
    FUNCTION(OSSL_FUNC_KEYMGMT_NEW, held_new), FUNCTION(OSSL_FUNC_KEYMGMT_FREE, held_free),        \
        FUNCTION(OSSL_FUNC_KEYMGMT_HAS, held_has), FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, held_match),  \
        FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT, held_import),                                           \
        FUNCTION(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, held_import_types),                               \
        FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT, held_export),                                           \
        FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, held_export_types),                               \
        FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, held_get_params),                                   \
        FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, held_gettable_params)

static const OSSL_DISPATCH ec_functions[] = {
    KEY_FUNCTIONS,
    FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, ec_operation),
    {0, NULL},
};

static const OSSL_DISPATCH rsa_functions[] = {
    KEY_FUNCTIONS,
    FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, rsa_operation),
    {0, NULL},
};

static const OSSL_DISPATCH signature_functions[] = {
    FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, signing_new),
    FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, signing_free),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, signing_begin),
    FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, signing_sign),
    FUNCTION(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, signing_set),
    FUNCTION(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, signing_settable),
    {0, NULL},
};

static const OSSL_ALGORITHM *find_algorithms(void *provider, int operation, int *is_not_kept)
{
    static const char properties[] = "provider=" CLI_TLS_PROVIDER;
    static const OSSL_ALGORITHM keys[] = {
        {"EC:id-ecPublicKey:1.2.840.10045.2.1", properties, ec_functions, "keys of signers"},
        {"RSA:rsaEncryption:1.2.840.113549.1.1.1", properties, rsa_functions, "keys of signers"},
        {NULL, NULL, NULL, NULL},
    };
    static const OSSL_ALGORITHM signatures[] = {
        {"ECDSA", properties, signature_functions, "signatures by signers"},
        {"RSA", properties, signature_functions, "signatures by signers"},
        {NULL, NULL, NULL, NULL},
    };
    (void)provider;
    *is_not_kept = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return keys;
    return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

int cli_tls_provider_begin(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
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
