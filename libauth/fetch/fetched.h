/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence that was verified, and what it says. Counted by reference, never changed. Internal. */
#ifndef FETCH_FETCHED_H
#define FETCH_FETCHED_H

#include <auth/fetch.h>
#include <stdatomic.h>

/* How far the clocks of a responder and of this host may differ. */
#define FETCH_SKEW_SECONDS 300

/* Names a status: SHA-256 of the issuer's certificate hashed and the serial number. */
#define FETCH_KEY_SIZE 32

typedef struct fetch_knowledge {
    auth_revocation_source kind;
    auth_ocsp_status status;
    auth_time revoked;
    auth_revocation_reason reason;
    auth_time this_update;
    auth_time next_update; /* 0: it does not say */
    auth_time until;       /* the end of the certificate that signed it */
} fetch_knowledge;

struct auth_fetched {
    atomic_uint references;
    _Atomic uint64_t used;    /* when it was last given out, by the memory's count */
    _Atomic int64_t asked_ms; /* when its sources were last asked, by the monotonic clock */
    uint8_t key[FETCH_KEY_SIZE];
    fetch_knowledge known;
    auth_evidence evidence;
    auth_bytes items[2];         /* what evidence points to: an answer, or a list and its delta */
    struct fetch_list *lists[2]; /* of a CRL; NULL: none */
    size_t der_len;
    uint8_t der[];
};

/* Keeps an OCSP answer that was verified. Errors: AUTH_STATUS_MEMORY. */
auth_status fetched_new(const uint8_t key[FETCH_KEY_SIZE], const fetch_knowledge *known,
                        auth_bytes answer, auth_fetched **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Keeps what a full list, and a delta to it or NULL, were found to say. Ownership: borrows the
 * lists, and keeps references of its own. Errors: AUTH_STATUS_MEMORY.
 */
auth_status fetched_new_lists(const uint8_t key[FETCH_KEY_SIZE], const fetch_knowledge *known,
                              struct fetch_list *full, struct fetch_list *delta, auth_fetched **out,
                              auth_error *err) AUTH_MUST_CHECK;

/* Another reference to the same evidence. */
auth_fetched *fetched_share(auth_fetched *fetched);

/* Notes that its sources were asked just now, and that it is what is known since. */
void fetched_confirm(auth_fetched *fetched);

/*
 * Tells whether evidence stands for the responder until that answers: a list's "good", which is no
 * answer out of the memory when OCSP is among the sources and was not asked for retry_max_ms.
 */
bool fetched_is_makeshift(const auth_fetched *fetched, unsigned sources, uint32_t retry_max_ms);

/* A revocation that nothing ends (RFC 5280 5.3.1). */
bool knowledge_is_final(const fetch_knowledge *known);

/* Tells whether knowledge is as fresh as is demanded; why, if given, becomes why not. */
bool knowledge_is_fresh(const fetch_knowledge *known, auth_time now, uint32_t max_age_seconds,
                        const char **why);

/* Tells whether knowledge is to take the place of what was known before. */
bool knowledge_is_better(const fetch_knowledge *before, const fetch_knowledge *next);

#endif
