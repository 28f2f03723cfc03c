/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP answers that the processes of a host share: a file of slots, each with one answer, its name
 * and the SHA-256 of both. Nobody locks anything. A slot that is written by two at once, or half,
 * or by somebody with other intentions, has another hash, and reads as empty; and what has the
 * right hash is still only what somebody wrote. Internal to fetch.
 */
#ifndef FETCH_STATUS_CACHE_H
#define FETCH_STATUS_CACHE_H

#include "fetch/fetched.h"

/* Octets of a slot, and of the answer in it. */
#define STATUS_SLOT_SIZE 4096
#define STATUS_WORDS (STATUS_SLOT_SIZE / sizeof(uint64_t))
#define STATUS_HEAD_WORDS 11
#define STATUS_ANSWER_MAX (STATUS_SLOT_SIZE - STATUS_HEAD_WORDS * sizeof(uint64_t))

typedef struct status_cache status_cache;

/*
 * Opens the file "status.cache" of a folder.
 *
 * Ownership: gives *out, to be freed with status_cache_free.
 * Errors: as shared_file_open.
 */
auth_status status_cache_open(const char *folder, bool is_group, size_t entries, status_cache **out,
                              auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void status_cache_free(status_cache *cache);

/* An answer as it lies in a slot, copied out of it. */
typedef struct status_copy {
    uint8_t hash[FETCH_KEY_SIZE]; /* of the name and all that follows it */
    uint64_t words[STATUS_WORDS];
    auth_bytes answer; /* in words */
} status_copy;

/*
 * Copies the answer of this name. False when there is none. What it says is to be verified, or its
 * hash to be known as that of something verified.
 */
bool status_cache_read(const status_cache *cache, const uint8_t key[FETCH_KEY_SIZE],
                       status_copy *out);

/*
 * Puts an answer into a slot, unless it is too long, a newer one is there, or another process is
 * just writing there. hash becomes what status_cache_read will give as its hash.
 */
void status_cache_write(status_cache *cache, const auth_fetched *fetched,
                        uint8_t hash[FETCH_KEY_SIZE]);

/* Empties the slot of this name: what is in it turned out to be no answer about it. */
void status_cache_drop(status_cache *cache, const uint8_t key[FETCH_KEY_SIZE]);

#endif
