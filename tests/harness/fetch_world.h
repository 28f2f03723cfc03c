/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority, certificates that name a server of the test, and answers about them: what tests of
 * fetch begin with. Functions die when a call fails.
 */
#ifndef HARNESS_FETCH_WORLD_H
#define HARNESS_FETCH_WORLD_H

#include "harness/status_pki.h"
#include "harness/web.h"

#include <auth/fetch.h>

#define FETCH_HOUR ((auth_time)3600)

typedef struct fetch_world {
    status_pki pki;
    web server;
    char host[64]; /* "127.0.0.1:port" */
} fetch_world;

fetch_world fetch_world_new(const char *key);
void fetch_world_free(fetch_world *world);

/* A certificate with this serial number whose responder is at a path of the server. */
raw_bytes fetch_world_cert(const fetch_world *world, uint8_t serial, const char *path);

/* The same with any addresses; NULL: none. */
raw_bytes fetch_world_cert_at(const fetch_world *world, uint8_t serial, const char *ocsp_uri,
                              const char *crl_uri);

/* What an answer says. */
typedef struct fetch_world_answer {
    uint8_t serial;
    auth_ocsp_status status;
    auth_revocation_reason reason;
    auth_time this_update; /* 0: an hour before STATUS_NOW */
    auth_time next_update; /* 0: an hour after; -1: none */
} fetch_world_answer;

raw_bytes fetch_world_ocsp(const fetch_world *world, const fetch_world_answer *answer);

/* Puts an answer at a path. */
void fetch_world_put(fetch_world *world, const char *path, const fetch_world_answer *answer);

/* A list of the authority. */
typedef struct fetch_world_crl {
    uint8_t number;
    uint8_t base_number; /* 0: a full list */
    uint8_t serial;      /* revoked; 0: none */
    auth_revocation_reason reason;
    const char *uri;       /* distribution point, or NULL */
    const char *delta_uri; /* of its freshestCRL, or NULL */
    bool only_ca_certs;
    auth_time this_update;     /* 0: an hour before STATUS_NOW */
    auth_time next_update;     /* 0: an hour after */
    const auth_signer *signer; /* NULL: the authority */
} fetch_world_crl;

raw_bytes fetch_world_crl_make(const fetch_world *world, const fetch_world_crl *crl);

/* Puts a list at a path. */
void fetch_world_put_crl(fetch_world *world, const char *path, const fetch_world_crl *crl);

/* The address of a path of the server; good until the 4th call after it. */
const char *fetch_world_uri(const fetch_world *world, const char *path);

/* Options that allow the server. host is to live as long as they are used. */
auth_fetch_options fetch_world_options(const fetch_world *world, auth_fetch_host *host);

/* A fetcher of these options, or of the ones above. */
auth_fetcher *fetch_world_fetcher(const fetch_world *world, const auth_fetch_options *options);

/* A question at STATUS_NOW. */
auth_fetch_request fetch_world_request(const fetch_world *world, const raw_bytes *certificate);

#endif
