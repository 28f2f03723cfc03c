/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are ready to be sent, by the certificate and the form in which it was asked about.
 * Bounded in octets. Two segments: what was asked for once is on probation, what was asked for
 * again is protected, so that whoever asks for every certificate once moves nothing out that others
 * ask for all the time.
 *
 * Its one invariant: an answer is found only while its time runs, and never after an act on its
 * certificate was dropped here. Any thread.
 */
#ifndef OCSP_CACHE_H
#define OCSP_CACHE_H

#include "acts.h"
#include "question.h"

#include "daemon/response.h"

typedef struct ocsp_cache ocsp_cache;

/* What an answer may be sent by. */
typedef struct ocsp_term {
    auth_time this_update;
    auth_time refresh; /* from then on a new one is wanted, while this one still serves */
    auth_time next_update;
} ocsp_term;

typedef struct ocsp_cache_state {
    size_t answers;
    size_t octets;
    size_t evicted; /* since the beginning */
} ocsp_cache_state;

/*
 * Makes a cache of so many octets, all that it takes included. 0: nothing is ever kept.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status ocsp_cache_new(size_t octets, ocsp_cache **out, auth_error *err) AUTH_MUST_CHECK;
void ocsp_cache_free(ocsp_cache *cache);
AUTH_DEFINE_CLEANUP(ocsp_cache)

/*
 * Finds an answer; NULL when there is none that may be sent now. *wants_refresh: it should be made
 * anew, which is told to one caller in some seconds.
 *
 * Ownership: a reference, to be given back with daemon_response_free.
 */
daemon_response *ocsp_cache_find(ocsp_cache *cache, const ocsp_key *key, auth_time now,
                                 bool *wants_refresh);

/*
 * Keeps an answer, unless acts say that something happened since mark. What does not fit, or finds
 * no memory, is not kept; nobody minds. Adds a reference.
 */
void ocsp_cache_put(ocsp_cache *cache, const ocsp_key *key, daemon_response *response,
                    const ocsp_term *term, const ocsp_acts *acts, uint64_t mark);

/* Drops the answers about a serial number, in every form; note the act first. All of them. */
void ocsp_cache_drop(ocsp_cache *cache, auth_bytes serial);
void ocsp_cache_clear(ocsp_cache *cache);

void ocsp_cache_tell(ocsp_cache *cache, ocsp_cache_state *out);

#endif
