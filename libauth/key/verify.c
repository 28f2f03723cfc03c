/* SPDX-License-Identifier: Apache-2.0 */
#include "key/public.h"

#define ED25519_SIGNATURE_OCTETS 64

/* Forms that OpenSSL may be lenient about are decided here. */
static bool has_signature_form(const auth_public_key *key, auth_bytes signature)
{
    switch (key->type) {
    case AUTH_KEY_TYPE_RSA:
        return signature.len == key->bits / 8; /* RFC 8017 8.2.2 step 1 */
    case AUTH_KEY_TYPE_ED25519:
        return signature.len == ED25519_SIGNATURE_OCTETS;
    case AUTH_KEY_TYPE_P256:
    case AUTH_KEY_TYPE_P384:
    case AUTH_KEY_TYPE_SM2:
    default:
        return signature_is_pair(signature, public_key_number_len(key));
    }
}

auth_status auth_public_key_verify(const auth_public_key *key, auth_bytes algorithm,
                                   auth_bytes message, auth_bytes signature, auth_error *err)
{
    signature_scheme scheme;
    auth_status status = signature_scheme_parse(algorithm, &scheme, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!signature_fits(scheme.id, key->type)) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "%s is no signature of a key of type %s; take the key of the signer",
                              signature_name(scheme.id), auth_key_type_name(key->type));
    }
    if (!has_signature_form(key, signature)) {
        return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                              "the %s signature is not of the form that its standard gives it "
                              "(RFC 3279 2.2.3: two positive INTEGERs in DER; RFC 8017 8.2.2: as "
                              "long as the modulus; RFC 8032: 64 octets)",
                              signature_name(scheme.id));
    }
    return context_verify(key->verifiers, &scheme, message, signature, err);
}
