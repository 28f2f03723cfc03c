/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider behind tls_key.h (provider(7)): keys whose private half a signer has, and signatures
 * by it. It has no state of its own.
 */
#ifndef CLI_TLS_PROVIDER_H
#define CLI_TLS_PROVIDER_H

#include <auth/key.h>
#include <openssl/core.h>
#include <openssl/evp.h>

#define CLI_TLS_PROVIDER "auth-signer"
/* The one thing that a key of this provider is made of: the address of a cli_tls_half. */
#define CLI_TLS_PARAM_HALF "auth-tls-half"

/* What TLS may ask of a type of key: the name of its operation, and the digest that fits it. */
typedef struct cli_tls_ability {
    auth_key_type type;
    const char *name; /* of the key's type, as OpenSSL knows it */
    const char *digests[3];
} cli_tls_ability;

/* Both halves of a key. Borrowed by the keys of the provider. */
typedef struct cli_tls_half {
    const auth_signer *signer;
    EVP_PKEY *public; /* of the default provider, which knows all about it */
    const cli_tls_ability *can;
    auth_error *why; /* what became of the last signature: TLS itself says only that it failed */
} cli_tls_half;

/* NULL: TLS cannot use such a key here. */
const cli_tls_ability *cli_tls_ability_of(const auth_signer *signer);

/* For OSSL_PROVIDER_add_builtin. */
OSSL_provider_init_fn cli_tls_provider_begin;

#endif
