/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers. A response is made once, is immutable from then on, and may be the answer to any number
 * of requests in any thread at the same time: a signed status or a revocation list is made when it
 * changes and then only referred to.
 */
#ifndef DAEMON_RESPONSE_H
#define DAEMON_RESPONSE_H

#include <auth/bytes.h>

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

int daemon_response_status(const daemon_response *response);
auth_bytes daemon_response_body(const daemon_response *response);

/* Status line and headers as they are sent, without the empty line. */
auth_bytes daemon_response_head(const daemon_response *response);

#endif
