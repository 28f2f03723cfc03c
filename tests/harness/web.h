/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP server on loopback that does what a test tells it, wrong things included. It runs in a
 * process of its own. Functions die when a call fails.
 *
 *     web server = web_open();            binds a port, so that certificates can name it
 *     web_put(&server, "/ocsp", ...);     what is there
 *     web_start(&server);                 from now on it answers
 *     web_stop(&server);
 */
#ifndef HARNESS_WEB_H
#define HARNESS_WEB_H

#include <auth/bytes.h>
#include <sys/types.h>

#define WEB_PAGES 16
#define WEB_BODY_MAX ((size_t)256 << 10)

typedef enum web_manner {
    WEB_ANSWER,  /* status line, headers and body */
    WEB_SILENT,  /* reads the request and never answers */
    WEB_CLOSE,   /* closes instead of an answer */
    WEB_ENDLESS, /* sends ten million octets, without telling how many */
    WEB_RAW,     /* sends the body alone: no HTTP */
    WEB_GATED,   /* answers when web_release lets one request through */
} web_manner;

typedef struct web_page {
    char path[64]; /* and everything below it */
    web_manner manner;
    char head[256]; /* "200 OK\r\nX: y\r\n"; without the length */
    size_t len;
    uint8_t body[WEB_BODY_MAX];
} web_page;

typedef struct web {
    uint16_t port;
    int listener;
    int hits[2]; /* an octet a request: the number of its page */
    int gate[2]; /* an octet a request that may be answered */
    pid_t pid;
    web_page *pages; /* shared with the process */
} web;

web web_open(void);

/* Adds a page, or changes the one of that path, also while the server runs. */
void web_put(web *server, const char *path, web_manner manner, const char *head, auth_bytes body);

void web_start(web *server);

/* Ends the process and closes everything. */
void web_stop(web *server);

/* Waits until count more requests have come in. */
void web_await(web *server, size_t count);

/* How many requests came in that were not counted before. */
size_t web_hits(web *server);

/* Lets count requests to gated pages be answered. */
void web_release(web *server, size_t count);

#endif
