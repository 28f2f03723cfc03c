/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses may be asked: URIs, the hosts that are allowed, and what is public. Internal. */
#ifndef FETCH_ADDRESS_H
#define FETCH_ADDRESS_H

#include <auth/fetch.h>
#include <sys/socket.h>

/* A host that is allowed, with what is known of how it answers. */
typedef struct fetch_host {
    char name[AUTH_FETCH_HOST_NAME_MAX + 1]; /* lower case; an IPv6 address without brackets */
    uint16_t port;                           /* 0: the scheme's own */
    bool may_be_private;
    unsigned failures;       /* in a row */
    int64_t failed_at_ms;    /* the last time */
    int64_t retry_at_ms;     /* not asked before */
    auth_fetch_outcome last; /* how it failed last */
} fetch_host;

/* A URI taken apart as far as is needed to hold it against hosts. */
typedef struct fetch_address {
    bool is_tls;
    char name[AUTH_FETCH_HOST_NAME_MAX + 1];
    uint16_t port; /* the scheme's own when none is written */
} fetch_address;

/*
 * Reads an http or https URI (RFC 3986), more strictly than the standard, so that nobody who reads
 * it later finds another host in it: no user, no fragment, no backslash, no character beyond ASCII,
 * hosts of letters, digits, dots and hyphens or an IPv6 address.
 */
bool address_parse(auth_bytes uri, fetch_address *out);

/* Reads a host of the options. Errors: AUTH_STATUS_INVALID. */
auth_status address_read_host(const auth_fetch_host *host, fetch_host *out,
                              auth_error *err) AUTH_MUST_CHECK;

/* Finds the host that allows an address; NULL when none does. */
fetch_host *address_find_host(fetch_host *hosts, size_t count, const fetch_address *address);

/*
 * Tells whether an address of a socket is public: not loopback, private, link-local, multicast,
 * reserved, documentation, or such an IPv4 address inside an IPv6 one (RFC 6890 and its registry).
 */
bool address_is_public(const struct sockaddr *address, socklen_t len);

#endif
