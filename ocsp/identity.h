/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who answers for which authority: keys that stay, and certificates for them that come and go. A
 * newer certificate takes the place of the older one while answers are being signed; whoever signs
 * keeps what it began with. Its one invariant: an authority that had a responder keeps one; a new
 * certificate that does not fit changes nothing.
 */
#ifndef OCSP_IDENTITY_H
#define OCSP_IDENTITY_H

#include "question.h"

#include "realm/realm.h"
#include "registry/connection.h"

typedef struct ocsp_identity ocsp_identity; /* certificates that belong together */
typedef struct ocsp_keys ocsp_keys;

/*
 * Opens the keys and reads the certificates of all responders of a realm, with its authorities.
 *
 * Ownership: gives *out, to be freed with ocsp_keys_free; borrows the realm.
 * Errors: those of realm_key_open, auth_ocsp_issuer_new and auth_ocsp_responder_new, naming the
 * file; AUTH_STATUS_NOT_FOUND when no authority has a responder.
 */
auth_status ocsp_keys_open(const realm *of, auth_passphrase_ask *ask, void *context,
                           ocsp_keys **out, auth_error *err) AUTH_MUST_CHECK;
void ocsp_keys_free(ocsp_keys *keys);
AUTH_DEFINE_CLEANUP(ocsp_keys)

const ocsp_authorities *ocsp_keys_authorities(const ocsp_keys *keys);

/*
 * Looks whether there are newer certificates in the realm's folder: for the same key, valid now and
 * for longer. *changed: there were, and they are in force. One thread does this and
 * ocsp_keys_fetch.
 *
 * Errors: as ocsp_keys_open, for the first certificate that cannot be used; the others count.
 */
auth_status ocsp_keys_renew(ocsp_keys *keys, auth_time now, bool *changed,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * The same in the registry, where auth-ca puts them; writes them into the folder as well.
 *
 * Errors: those of realm_renewal_find; as ocsp_keys_renew.
 */
auth_status ocsp_keys_fetch(ocsp_keys *keys, registry_connection *line, auth_time now,
                            bool *changed, auth_error *err) AUTH_MUST_CHECK;

/* The certificates in force. Any thread. Ownership: a reference. */
ocsp_identity *ocsp_keys_identity(ocsp_keys *keys);
void ocsp_identity_free(ocsp_identity *identity);
AUTH_DEFINE_CLEANUP(ocsp_identity)

/* The responder of an authority; NULL when there is none. Borrowed from the identity. */
const auth_ocsp_responder *ocsp_identity_responder(const ocsp_identity *identity, size_t issuer);

/* The earliest end of a responder's certificate. */
auth_time ocsp_identity_not_after(const ocsp_identity *identity);

#endif
