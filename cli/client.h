/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking an office's daemon over HTTPS. The only place in cli with libcurl. Its one invariant: an
 * answer comes from a server whose certificate the realm's root stands behind and whose name is the
 * one that was asked for, and it is no larger than the caller said. What is safe to repeat is
 * repeated when the line breaks; a wait has an end in any case.
 *
 * A client serves one thread.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "tls_key.h"

#include <auth/bytes.h>

/* The most of an answer to an ordinary question. */
#define CLI_ANSWER_MAX ((size_t)4 << 20)

/* Media types that are asked for or sent. */
#define CLI_TYPE_JSON "application/json"
#define CLI_TYPE_DOCUMENT "application/jose+json"
#define CLI_TYPE_CERTIFICATE "application/pkix-cert"
#define CLI_TYPE_CHAIN "application/pem-certificate-chain"

/* Where the server is and who asks; PEM. All is borrowed during the call that takes it. */
typedef struct cli_client_settings {
    const char *server;       /* https://HOST:PORT */
    auth_bytes trust;         /* the certificates that are believed */
    auth_bytes certificate;   /* the officer's chain; empty: nobody */
    auth_bytes key;           /* its private key, not encrypted */
    const cli_tls_key *token; /* instead of the two: a key that stays where it is; may be NULL. It
                                 must outlive the client */
    const char *language;     /* for Accept-Language */
} cli_client_settings;

typedef struct cli_client cli_client;

/*
 * Ownership: gives *out, to be freed with cli_client_free; copies what it needs, and wipes it then.
 * Errors: AUTH_STATUS_INVALID when the server is no https address without a path;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_INTERNAL.
 */
auth_status cli_client_new(const cli_client_settings *settings, cli_client **out,
                           auth_error *err) AUTH_MUST_CHECK;

void cli_client_free(cli_client *client);

/* One question. */
typedef struct cli_ask_http {
    const char *method; /* "GET" or "POST" */
    const char *path;   /* "/requests?limit=10", made of safe characters */
    const char *type;   /* of the body; NULL: there is none */
    auth_bytes body;
    const char *accept; /* NULL: JSON */
    size_t max;         /* octets of the answer; 0: CLI_ANSWER_MAX */
    unsigned wait_s;    /* how long the server was asked to wait before it answers */
    bool is_repeatable; /* asking twice does the same as once */
} cli_ask_http;

/*
 * Asks and gives the body of the answer. code becomes the HTTP status, which is 2xx; it may be
 * NULL.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: what the server refused, with the server's text: AUTH_STATUS_MALFORMED, _INVALID,
 * _DENIED, _NOT_FOUND, _CONFLICT, _LIMIT, or AUTH_STATUS_UNAVAILABLE when it cannot now;
 * AUTH_STATUS_UNAVAILABLE when the server cannot be reached or the line breaks;
 * AUTH_STATUS_UNTRUSTED when its certificate is not to be believed; AUTH_STATUS_LIMIT for too large
 * an answer; AUTH_STATUS_MEMORY.
 */
auth_status cli_client_ask(cli_client *client, const cli_ask_http *ask, long *code, auth_buf **out,
                           auth_error *err) AUTH_MUST_CHECK;

/* The item, from 0, that alone is the matter of what the server refused last; CLI_NO_ITEM. */
#define CLI_NO_ITEM (-1)
long long cli_client_refused_item(const cli_client *client);

AUTH_DEFINE_CLEANUP(cli_client)

#endif
