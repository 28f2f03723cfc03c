/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A master key encrypted to an RSA key in a token. libauth's tokens sign and do nothing else, so
 * the wrapping key is drawn from a signature: RSASSA-PKCS1-v1_5 signs alike each time, and nobody
 * without the private key can tell what the signature is. Who may let the token sign may open the
 * key: the same as with a key for decryption. Internal to registry/.
 */
#ifndef REGISTRY_KEY_WRAP_H
#define REGISTRY_KEY_WRAP_H

#include "key_text.h"

#include <auth/key.h>

/*
 * Encrypts key->key into key->wrapped and wipes the former.
 *
 * Errors: AUTH_STATUS_UNSUPPORTED when the token's key does not fit; AUTH_STATUS_CRYPTO;
 * AUTH_STATUS_UNAVAILABLE.
 */
auth_status key_wrap(registry_crypto *crypto, const auth_signer *token, key_text *key,
                     auth_error *err) AUTH_MUST_CHECK;

/*
 * Decrypts key->wrapped into key->key.
 *
 * Errors: AUTH_STATUS_DENIED when token is NULL or another key; AUTH_STATUS_UNSUPPORTED;
 * AUTH_STATUS_CRYPTO; AUTH_STATUS_UNAVAILABLE.
 */
auth_status key_unwrap(registry_crypto *crypto, const auth_signer *token, key_text *key,
                       auth_error *err) AUTH_MUST_CHECK;

#endif
