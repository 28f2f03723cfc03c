/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signers' certificates that were judged: whose they are by themselves, remembered by the SHA-256
 * of their DER. What is remembered never changes: that an authority of the realm signed it, for a
 * use that fits, and what it says. What does change (revoked, dismissed) is asked anew each time.
 * One thread at a time writes; between two writes any number may read. Internal to registry/.
 */
#ifndef REGISTRY_SIGNER_CACHE_H
#define REGISTRY_SIGNER_CACHE_H

#include "crypto.h"
#include "facts.h"
#include "subject.h"

/* The most that are kept; more than the signatures of a batch of the queue. */
#define SIGNER_CACHE_MAX 16384

/* The most officers' keys that are kept: they sign by the hundred, and a key with what it needs to
 * verify takes some thousand octets. */
#define SIGNER_CACHE_KEYS_MAX 256

typedef struct cached_signer {
    uint8_t hash[REGISTRY_HASH_SIZE]; /* of the DER */
    bool is_trusted;
    auth_holder_kind kind;
    uint8_t serial_len;
    uint8_t serial[20];
    registry_subject subject; /* of an officer */
    auth_public_key *key;     /* of an officer; NULL: it is not kept */
} cached_signer;

typedef struct signer_cache signer_cache;

auth_status signer_cache_new(signer_cache **out, auth_error *err) AUTH_MUST_CHECK;
void signer_cache_free(signer_cache *cache);

/* Forgets everything when fewer than room places are left. */
void signer_cache_make_room(signer_cache *cache, size_t room);

/* Finds a certificate; NULL when it was not judged. */
const cached_signer *signer_cache_find(const signer_cache *cache,
                                       const uint8_t hash[REGISTRY_HASH_SIZE]);

/*
 * Judges a certificate as of a time, unless it is there. What cannot be read is not trusted.
 *
 * Errors: faults of auth_known_issuer_validate; AUTH_STATUS_LIMIT when there is no room.
 */
auth_status signer_cache_judge(signer_cache *cache, const registry_facts_setting *setting,
                               auth_bytes certificate, const uint8_t hash[REGISTRY_HASH_SIZE],
                               auth_time at, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(signer_cache)

#endif
