/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routes of a daemon as one table: its whole attack surface on one screen. What no row allows
 * is refused before a handler hears of it: other methods, types and sizes of bodies, other peers.
 */
#ifndef DAEMON_ROUTE_H
#define DAEMON_ROUTE_H

#include "daemon/http_scan.h"

typedef struct daemon_request daemon_request;

/*
 * Answers a request, once, with a daemon_answer function, or asks to be called again
 * (daemon_request_wait). Anything but AUTH_STATUS_OK becomes a problem document made from err.
 * Handlers of one daemon run in several threads at once.
 */
typedef auth_status (*daemon_handler)(daemon_request *request, void *context, auth_error *err);

/* Who may call a route: one of these, or the roles, bits 0 to 29, of which a peer needs one. A
 * route that says nothing is refused when the daemon starts. */
#define DAEMON_PUBLIC ((uint32_t)1 << 31)
#define DAEMON_ANY_PEER ((uint32_t)1 << 30)

/* No route may take a larger body. */
#define DAEMON_BODY_MAX ((size_t)64 << 20)

typedef struct daemon_route {
    http_method method; /* HTTP_GET answers HEAD too; OPTIONS is answered from the table */
    const char *path; /* "/requests/{id}/outcome"; "{rest...}" at the end takes all that follows */
    uint32_t access;
    size_t body_max;         /* octets; 0: no body */
    const char *body_type;   /* the media type that a body must have; NULL: any */
    const char *answer_type; /* what the client must accept; NULL: whatever */
    uint32_t deadline_ms;    /* from the head to the answer; 0: that of the options */
    bool is_blocking;        /* the handler may wait: it runs in a worker thread */
    daemon_handler handle;
} daemon_route;

#define DAEMON_ROUTE_END                                                                           \
    {                                                                                              \
        .path = NULL                                                                               \
    }

typedef struct route_match {
    const daemon_route *route; /* NULL: none */
    unsigned methods;          /* of all routes with this path: 1 << method */
} route_match;

/*
 * Checks a table when the daemon starts.
 *
 * Errors: AUTH_STATUS_INTERNAL with the row and the rule.
 */
auth_status route_check(const daemon_route *routes, auth_error *err) AUTH_MUST_CHECK;

/* Finds the route of a path without its query. The first row that fits counts. */
route_match route_find(const daemon_route *routes, http_method method, auth_bytes path);

/* Finds the octets of a {segment} in a path that fits the route, as they came. */
bool route_segment(const daemon_route *route, auth_bytes path, const char *name, auth_bytes *out);

/* Writes "GET, HEAD, OPTIONS". */
void route_methods(unsigned methods, char *out, size_t size);

/*
 * Decodes percent-encoding, once. "+" stays what it is.
 *
 * Errors: AUTH_STATUS_MALFORMED when the outcome is no text (daemon_is_text) or has a NUL;
 * AUTH_STATUS_LIMIT when it does not fit; AUTH_STATUS_MEMORY.
 */
auth_status route_decode(auth_bytes text, auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds a parameter in a query ("a=1&b=2") by its name, not decoded.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_MALFORMED when it stands there twice.
 */
auth_status route_query(auth_bytes query, const char *name, auth_bytes *out,
                        auth_error *err) AUTH_MUST_CHECK;

#endif
