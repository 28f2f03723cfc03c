/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates that a verifier has validated, each with its issuer and its key, found by their
 * hash. Internal to login.
 *
 * A holder never changes and is kept until the last login and the table let it go. Which one gives
 * way when there is no room is the one of its bucket that came first.
 */
#ifndef LOGIN_HOLDERS_H
#define LOGIN_HOLDERS_H

#include "login/issuers.h"
#include "x509/view.h"

#include <auth/key.h>

#define LOGIN_HASH_SIZE 32

typedef struct login_holder {
    atomic_size_t references;
    uint8_t hash[LOGIN_HASH_SIZE]; /* SHA-256 of der */
    login_issuer *issuer;
    auth_public_key *key;
    auth_time not_before; /* of the chain whole */
    auth_time not_after;
    auth_assurance assurance;
    auth_identity_binding binding;
    char name[AUTH_LOGIN_TEXT_SIZE]; /* to greet her by; person numbers masked */
    auth_bytes serial;               /* content octets, of der */
    auth_bytes der;
    uint8_t octets[]; /* what they view */
} login_holder;

/*
 * Makes a holder of a certificate that was validated, with its SHA-256; it holds issuer and takes
 * *key, which is the certificate's, or NULL: then it is read. Errors: as the readers'.
 */
auth_status login_holder_new(const auth_login_policy *policy, const x509_cert_view *certificate,
                             const uint8_t hash[LOGIN_HASH_SIZE], login_issuer *issuer,
                             auth_public_key **key, login_holder **out,
                             auth_error *err) AUTH_MUST_CHECK;
void login_holder_release(login_holder *holder);

/* Fills in name and binding: describe.c. Errors: AUTH_STATUS_MEMORY. */
auth_status login_describe_holder(const x509_cert_view *view, login_holder *out,
                                  auth_error *err) AUTH_MUST_CHECK;

typedef struct login_holders login_holders;

/* The most holders of a table. */
#define LOGIN_HOLDERS_MAX ((size_t)1 << 20)

auth_status login_holders_new(size_t count, login_holders **out, auth_error *err) AUTH_MUST_CHECK;
void login_holders_free(login_holders *table);

/* Finds a certificate by its hash, held; NULL when it is not there. */
login_holder *login_holders_find(login_holders *table, const uint8_t hash[LOGIN_HASH_SIZE]);

/* Keeps a holder. */
void login_holders_keep(login_holders *table, login_holder *holder);

#endif
