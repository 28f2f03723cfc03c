/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers. A response is made once, is immutable from then on, and may be the answer to any number
 * of requests in any thread at the same time: a signed status or a revocation list is made when it
 * changes and then only referred to.
 */
#ifndef DAEMON_RESPONSE_H
#define DAEMON_RESPONSE_H

#include <auth/time.h>

typedef struct daemon_response daemon_response;

/* A header of a response: both without line ends, which daemon_response_new checks. */
typedef struct daemon_header {
    const char *name;
    const char *value;
} daemon_header;

/*
 * Makes a response with a copy of body. type is its media type; NULL without a body. headers may be
 * NULL; Content-Type, Content-Length, Date and Connection are added as they must be.
 *
 * Ownership: gives *out, one reference, to be given back with daemon_response_free.
 * Errors: AUTH_STATUS_INTERNAL when a header holds a line end; AUTH_STATUS_MEMORY.
 */
auth_status daemon_response_new(int status, const char *type, auth_bytes body,
                                const daemon_header *headers, size_t header_count,
                                daemon_response **out, auth_error *err) AUTH_MUST_CHECK;

/* Adds a reference, for whoever keeps the response as well. */
daemon_response *daemon_response_ref(daemon_response *response);

/* Gives a reference back. NULL is fine. */
void daemon_response_free(daemon_response *response);
AUTH_DEFINE_CLEANUP(daemon_response)

/*
 * Lets caches keep a response until a time, but for no longer than max_s from when it is sent: each
 * time it is sent, Cache-Control has what is left then. Before it is handed to anybody.
 */
void daemon_response_let_keep(daemon_response *response, auth_time until, uint32_t max_s);

/* Lets caches keep a response as long as another one. Before it is handed to anybody. */
void daemon_response_keep_like(daemon_response *response, const daemon_response *other);

/* Tells for how many seconds it may be kept from now on; false when nothing was said of that. */
bool daemon_response_freshness(const daemon_response *response, auth_time now, uint32_t *out);

/*
 * Makes a response whose body is a part of another one's, which lives on with it. from and len lie
 * within it.
 *
 * Ownership: gives *out; adds a reference to whole.
 * Errors: as daemon_response_new.
 */
auth_status daemon_response_part(int status, const char *type, daemon_response *whole, size_t from,
                                 size_t len, const daemon_header *headers, size_t header_count,
                                 daemon_response **out, auth_error *err) AUTH_MUST_CHECK;

/* The value of a header as daemon_response_new got it; data NULL: it has none of this name. */
auth_bytes daemon_response_header(const daemon_response *response, const char *name);

/* The memory that a response takes, in octets. */
size_t daemon_response_size(const daemon_response *response);

/* Writes a time as HTTP does: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7). */
#define DAEMON_HTTP_DATE_SIZE 32
void daemon_http_date(auth_time time, char out[DAEMON_HTTP_DATE_SIZE]);

int daemon_response_status(const daemon_response *response);
auth_bytes daemon_response_body(const daemon_response *response);

/* Status line and headers as they are sent, without the empty line. */
auth_bytes daemon_response_head(const daemon_response *response);

#endif
