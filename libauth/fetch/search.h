/* SPDX-License-Identifier: Apache-2.0 */
/* One question on its way from source to source. Internal to fetch. */
#ifndef FETCH_SEARCH_H
#define FETCH_SEARCH_H

#include "fetch/transfer.h"

/* The sources beyond what is at hand, in their order. */
typedef enum search_stage {
    SEARCH_OCSP,
    SEARCH_CRL,
    SEARCH_SNAPSHOT,
    SEARCH_OVER,
} search_stage;

/* What became of a search that asked a source. */
typedef enum search_step {
    SEARCH_NEXT, /* the next source is to be asked */
    SEARCH_WAIT, /* a transfer is under way */
    SEARCH_DONE, /* it has ended; a renewal has been freed */
} search_step;

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

    fetch_list *full; /* what it has of the certificate's lists */
    fetch_list *delta;
    bool has_read_full; /* the file that is shared */
    bool has_read_delta;
    bool has_asked_full;
    bool has_asked_delta;
    bool waits_for_delta;

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

/*
 * For the files that ask a source. search_ask starts a transfer or joins one, and notes under the
 * source's name when it cannot. search_end_with ends a search with evidence, which it shares;
 * search_end_fault with a fault of the machine.
 */
search_step search_ask(auth_fetcher *fetcher, auth_fetch *search, const char *source,
                       const transfer_question *question);
search_step search_end_with(auth_fetcher *fetcher, auth_fetch *search, auth_fetch_source source,
                            auth_fetched *fetched);
search_step search_end_fault(auth_fetcher *fetcher, auth_fetch *search, const auth_error *why);

/* The search leaves those under way, and whoever waits for it is told. A renewal is gone then. */
void search_end(auth_fetcher *fetcher, auth_fetch *search, auth_status status);

/* The time of the question, gone on since. */
auth_time search_now(const auth_fetch *search);

/* Asks for the lists that the certificate names, one after the other, and judges by them. */
search_step search_ask_crl(auth_fetcher *fetcher, auth_fetch *search);

/* Takes a list that has come. */
void search_take_list(auth_fetch *search, fetch_list *list);

/* Hands a transfer that is over to all that wait for it, and lets them go on. */
void search_take(auth_fetcher *fetcher, fetch_transfer *transfer);

/* Takes a search out of all lists, ended or not. */
void search_withdraw(auth_fetcher *fetcher, auth_fetch *search);

/* Fills a result from evidence that the caller gives a reference of. */
void search_fill(auth_fetch_result *out, auth_fetch_source source, auth_fetched *fetched);

#endif
