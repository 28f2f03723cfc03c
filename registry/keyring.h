/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that one holder has: the realm's master key, or the keys of one office, in one or
 * several generations. Keys are derived down the tree of offices, so that who holds the key of an
 * office can open what is sealed in its subtree, and nothing of anybody else:
 *
 *   master key K of a generation, 32 random octets
 *     index key            HKDF-SHA-256(K, info "auth index")
 *     key of /a/           HKDF-SHA-256(K, info "auth office" 00 "a")
 *     key of /a/b/         HKDF-SHA-256(key of /a/, info "auth office" 00 "b")
 *
 * There is no way back up: from an office's key follows neither its parent's nor its sister's. The
 * index key is one for the whole realm, since a citizen is found wherever she was enrolled; who
 * holds it can try numbers against the look-up indexes, so it is as secret as the rest.
 *
 * A keyring is made and filled by one thread; after that any number of threads may read it, each
 * with a registry_crypto of its own. Keys live in memory that is locked, left out of core dumps and
 * wiped.
 */
#ifndef REGISTRY_KEYRING_H
#define REGISTRY_KEYRING_H

#include "crypto.h"

#include <auth/key.h>
#include <auth/person.h>

/* The most generations and offices that one keyring holds. */
#define REGISTRY_KEYRING_MAX 16

typedef struct registry_keyring registry_keyring;

/*
 * Makes a keyring for a realm, without a key.
 *
 * Ownership: gives *out, to be freed with registry_keyring_free.
 * Errors: AUTH_STATUS_INVALID when realm is no identifier; AUTH_STATUS_MEMORY.
 */
auth_status registry_keyring_new(const char *realm, registry_keyring **out,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Frees and wipes. NULL is fine. */
void registry_keyring_free(registry_keyring *ring);

/*
 * Adds the key that a key file's text holds. token is the RSA key that a wrapped master key was
 * made with; NULL when there is none.
 *
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_UNSUPPORTED for another version; AUTH_STATUS_CONFLICT
 * when the key is another realm's, or the ring has this generation already; AUTH_STATUS_DENIED when
 * the key is wrapped and token is NULL or the wrong key; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; AUTH_STATUS_UNAVAILABLE when the token fails.
 */
auth_status registry_keyring_add(registry_keyring *ring, registry_crypto *crypto, auth_bytes text,
                                 const auth_signer *token, auth_error *err) AUTH_MUST_CHECK;

/*
 * The same with the text of a file, which is for its owner only (see registry_key_file_read).
 *
 * Errors: those of registry_keyring_add and registry_key_file_read, with the file's name.
 */
auth_status registry_keyring_load(registry_keyring *ring, registry_crypto *crypto, const char *path,
                                  const auth_signer *token, auth_error *err) AUTH_MUST_CHECK;

/* Tells the highest generation: the one to seal with. 0: there is no key. */
uint32_t registry_keyring_newest(const registry_keyring *ring);

/* Tells whether a generation is there. */
bool registry_keyring_has(const registry_keyring *ring, uint32_t generation);

/* Views the name of the realm; valid until the ring is freed. */
const char *registry_keyring_realm(const registry_keyring *ring);

/* Views the path below which the ring's keys open: "/" for a master key. Valid until it is freed.
 */
const char *registry_keyring_scope(const registry_keyring *ring);

/*
 * Computes what the registry keeps of a generation, to tell a wrong key before it seals anything:
 * HMAC-SHA-256(index key, "auth check").
 *
 * Errors: AUTH_STATUS_NOT_FOUND when the ring lacks the generation; AUTH_STATUS_CRYPTO.
 */
auth_status registry_keyring_check_value(const registry_keyring *ring, registry_crypto *crypto,
                                         uint32_t generation, uint8_t out[REGISTRY_HASH_SIZE],
                                         auth_error *err) AUTH_MUST_CHECK;

/*
 * Derives the key of an office.
 *
 * Ownership: the caller wipes out.
 * Errors: AUTH_STATUS_NOT_FOUND when the ring lacks the generation; AUTH_STATUS_DENIED when the
 * office lies outside the ring's subtree; AUTH_STATUS_INVALID when path is none;
 * AUTH_STATUS_CRYPTO.
 */
auth_status registry_keyring_office_key(const registry_keyring *ring, registry_crypto *crypto,
                                        uint32_t generation, const char *path,
                                        uint8_t out[REGISTRY_KEY_SIZE],
                                        auth_error *err) AUTH_MUST_CHECK;

/*
 * Computes by what a person is looked up: HMAC-SHA-256(index key, type octet || canonical number).
 *
 * Errors: AUTH_STATUS_NOT_FOUND when the ring lacks the generation; AUTH_STATUS_INVALID when there
 * is no number; AUTH_STATUS_CRYPTO.
 */
auth_status registry_person_index(const registry_keyring *ring, registry_crypto *crypto,
                                  uint32_t generation, const auth_person_number *number,
                                  uint8_t out[REGISTRY_HASH_SIZE], auth_error *err) AUTH_MUST_CHECK;

/*
 * Appends the text of a key file for an office of the ring's subtree, with which it opens its own
 * subtree and no more.
 *
 * Errors: those of registry_keyring_office_key; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status registry_keyring_export_office(const registry_keyring *ring, registry_crypto *crypto,
                                           uint32_t generation, const char *path, auth_buf *out,
                                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes a master key and appends the text of its file. With a token, the key is encrypted so that
 * it opens with the token only: the wrapping key is HKDF-SHA-256 of an RSASSA-PKCS1-v1_5 signature,
 * which is the same each time (RFC 8017 8.2.1), over a random salt. The token's key must be RSA and
 * must not sign for anybody who may not open the registry.
 *
 * Errors: AUTH_STATUS_INVALID for realm or generation; AUTH_STATUS_UNSUPPORTED when the token's key
 * is not RSA or does not sign alike twice; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; AUTH_STATUS_UNAVAILABLE when the token fails.
 */
auth_status registry_master_key_new(registry_crypto *crypto, const char *realm, uint32_t generation,
                                    const auth_signer *token, auth_buf *out,
                                    auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(registry_keyring)

#endif
