/* SPDX-License-Identifier: Apache-2.0 */
/* What a signer is made of. Internal to key/. */
#ifndef KEY_SIGNER_H
#define KEY_SIGNER_H

#include "key/public.h"

/* Where the private key is, and how it is used there. */
typedef struct signer_kind {
    auth_status (*sign)(const auth_signer *signer, auth_bytes message, auth_signature *out,
                        auth_error *err);
    /* The same by RSASSA-PSS, of an RSA key; NULL: it cannot be asked for. */
    auth_status (*sign_pss)(const auth_signer *signer, auth_bytes message, auth_signature *out,
                            auth_error *err);
    /* Appends the PrivateKeyInfo, DER; NULL: the key cannot leave its place. */
    auth_status (*export_key)(const auth_signer *signer, auth_buf *out, auth_error *err);
    void (*free)(void *state);
} signer_kind;

struct auth_signer {
    const signer_kind *kind;
    auth_public_key *key;
    void *state;
};

/*
 * Make a signer. key and state are taken over on success only.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status signer_new(const signer_kind *kind, auth_public_key *key, void *state,
                       auth_signer **out, auth_error *err) AUTH_MUST_CHECK;

/* Free a signer but not its key and state, which stay the caller's. */
void signer_abandon(auth_signer *signer);

/*
 * Make a signer of a private key in memory, with its public half. evp is taken over on success
 * only.
 *
 * Errors: as auth_public_key_parse.
 */
auth_status signer_from_evp(EVP_PKEY *evp, auth_signer **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Check that the private half belongs to the public one: sign something and verify it.
 *
 * Errors: AUTH_STATUS_INVALID when it does not; faults as auth_signer_sign.
 */
auth_status signer_prove(const auth_signer *signer, auth_error *err) AUTH_MUST_CHECK;

/* Checks type and bits of a key to be generated. Errors: AUTH_STATUS_UNSUPPORTED. */
auth_status signer_check_size(auth_key_type type, unsigned bits, auth_error *err) AUTH_MUST_CHECK;

/* auth_signer_parse, with what asks for the passphrase of. */
auth_status signer_parse_named(const char *name, auth_bytes pkcs8, auth_passphrase_ask *ask,
                               void *context, auth_signer **out, auth_error *err) AUTH_MUST_CHECK;

#endif
