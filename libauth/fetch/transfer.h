/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thing that is brought for all searches that wait for it: an answer or a list over HTTP, or a
 * status out of the snapshot's file. Internal to fetch.
 */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include "fetch/fetcher.h"
#include "fetch/lists.h"

/* Room for an address with a request in it. */
#define TRANSFER_URI_SIZE ((size_t)2 * AUTH_FETCH_URI_MAX)

typedef enum transfer_kind {
    TRANSFER_OCSP,
    TRANSFER_LIST,
    TRANSFER_LIST_FILE, /* without a host and without libcurl, as the next */
    TRANSFER_SNAPSHOT,
} transfer_kind;

struct fetch_transfer {
    fetch_transfer *next;
    fetch_transfer *next_local; /* of fetcher->local */
    transfer_kind kind;
    uint8_t key[FETCH_KEY_SIZE]; /* of what is asked for */
    auth_fetcher *fetcher;
    fetch_host *host;
    const char *name;    /* of the host, or "snapshot", for errors */
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

    fetch_issuer *issuer;
    auth_cert *cert;    /* asked about; NULL for a list */
    auth_time now;      /* of the one who asked first, */
    int64_t started_ms; /* at this time */

    auth_fetch_outcome outcome;
    auth_error err;
    auth_fetched *fetched; /* with the outcome FOUND, of an answer and of the snapshot; */
    fetch_list *list;      /* of a list */
};

/* What is asked for. */
typedef struct transfer_question {
    transfer_kind kind;
    auth_bytes uri;     /* of the responder or the list */
    const uint8_t *key; /* names what is asked for */
    fetch_issuer *issuer;
    const auth_cert *cert; /* NULL for a list */
    auth_time now;
} transfer_question;

/*
 * Finds the transfer that is under way for a key, or starts one; FOUND with *out then. Otherwise
 * how it failed, with err. Under the lock.
 */
auth_fetch_outcome transfer_get(auth_fetcher *fetcher, const transfer_question *question,
                                fetch_transfer **out, auth_error *err);

/* Tells whether a status is being asked for already. Under the lock. */
bool transfer_is_under_way(const auth_fetcher *fetcher, const uint8_t key[FETCH_KEY_SIZE]);

/* The moment of the question, and what has gone by since. */
auth_time transfer_now(const fetch_transfer *transfer);

/* Verifies what a transfer that is over has brought, and fills outcome. Without the lock. */
void transfer_verify(fetch_transfer *transfer);

/* Notes how the host and the question did. Under the lock. */
void transfer_learn(auth_fetcher *fetcher, const fetch_transfer *transfer);

/* Frees a transfer that is in no list. Under the lock. NULL is fine. */
void transfer_free(fetch_transfer *transfer);

#endif
