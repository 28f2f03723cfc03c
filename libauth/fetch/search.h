/* SPDX-License-Identifier: Apache-2.0 */
/* One question on its way from source to source. Internal to fetch. */
#ifndef FETCH_SEARCH_H
#define FETCH_SEARCH_H

#include "fetch/transfer.h"

/* The sources beyond the memory, in their order. */
typedef enum search_stage {
    SEARCH_BEGIN,
    SEARCH_OCSP,
    SEARCH_OVER = SEARCH_OCSP,
} search_stage;

struct auth_fetch {
    auth_fetch *next; /* of fetcher->searches or fetcher->ended */
    auth_fetch *next_waiting;
    fetch_transfer *transfer; /* what it waits for */
    search_stage stage;

    fetch_issuer *issuer;
    auth_cert *cert;
    uint8_t key[FETCH_KEY_SIZE];
    auth_time now;
    int64_t started_ms;
    unsigned sources;
    uint32_t max_age_seconds;

    bool is_renewal; /* nobody waits for it */
    bool is_ended;
    auth_fetch_done done; /* NULL: a thread waits */
    void *context;
    auth_status status;
    auth_fetch_result result;
    auth_error err; /* how each source failed, once one has */
};

/*
 * Makes a search of a request about a certificate that issuer is to have issued.
 *
 * Ownership: gives *out, to be freed with search_free or handed to search_start.
 * Errors: as auth_cert_parse; as issuer_status_key.
 */
auth_status search_new(const auth_fetch_request *request, fetch_issuer *issuer, auth_fetch **out,
                       auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. It is in no list. */
void search_free(auth_fetch *search);

/*
 * Notes that a source failed: the first that did decides how the search has failed, the error tells
 * of all.
 */
void search_note(auth_fetch *search, const char *source, auth_fetch_outcome outcome,
                 const auth_error *why);

/*
 * Starts a search: it asks its first source. True when it waits for an answer; otherwise it has
 * ended, and a renewal has been freed. Under the lock, as all that follow.
 */
bool search_start(auth_fetcher *fetcher, auth_fetch *search);

/* Hands a transfer that is over to all that wait for it, and lets them go on. */
void search_take(auth_fetcher *fetcher, fetch_transfer *transfer);

/* Takes a search out of all lists, ended or not. */
void search_withdraw(auth_fetcher *fetcher, auth_fetch *search);

/* Fills a result from evidence that the caller gives a reference of. */
void search_fill(auth_fetch_result *out, auth_fetch_source source, auth_fetched *fetched);

#endif
