/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange over HTTP, and what it brings once it is verified. Internal to fetch. */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include "fetch/fetcher.h"

/* Room for an address with a request in it. */
#define TRANSFER_URI_SIZE (2 * AUTH_FETCH_URI_MAX)

struct fetch_transfer {
    fetch_transfer *next;
    uint8_t key[FETCH_KEY_SIZE]; /* of what is asked for */
    auth_fetcher *fetcher;
    fetch_host *host;
    auth_fetch *waiting; /* searches */

    CURL *easy;
    struct curl_slist *headers;
    char uri[TRANSFER_URI_SIZE];
    auth_buf *request; /* POST; NULL: GET */
    auth_buf *body;
    size_t header_len;
    bool is_too_large;
    bool is_address_refused;
    bool is_out_of_memory;
    CURLcode result;
    bool is_over; /* libcurl has done with it */

    fetch_issuer *issuer;
    uint8_t serial[AUTH_SERIAL_MAX];
    size_t serial_len;
    auth_time now;      /* of the one who asked first, */
    int64_t started_ms; /* at this time */

    auth_fetch_outcome outcome;
    auth_error err;
    auth_fetched *fetched; /* with the outcome FOUND */
};

/* What is asked for. */
typedef struct transfer_question {
    auth_bytes uri; /* of the responder */
    const uint8_t *key;
    fetch_issuer *issuer;
    auth_bytes serial;
    auth_time now;
} transfer_question;

/*
 * Finds the transfer that is under way for a key, or starts one; FOUND with *out then. Otherwise
 * how it failed, with err. Under the lock.
 */
auth_fetch_outcome transfer_get(auth_fetcher *fetcher, const transfer_question *question,
                                fetch_transfer **out, auth_error *err);

/* Verifies what a transfer that is over has brought, and fills outcome. Without the lock. */
void transfer_verify(fetch_transfer *transfer);

/* Notes how the host and the question did. Under the lock. */
void transfer_learn(auth_fetcher *fetcher, const fetch_transfer *transfer);

/* Frees a transfer that is in no list. Under the lock. NULL is fine. */
void transfer_free(fetch_transfer *transfer);

#endif
