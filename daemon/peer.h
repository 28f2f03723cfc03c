/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the other end of a TLS connection. The handshake proves that the client has the key of
 * the certificate that it showed, and nothing more; what the certificate means is for the daemon's
 * judge. Until that has answered, the client is nobody.
 */
#ifndef DAEMON_PEER_H
#define DAEMON_PEER_H

#include <auth/bytes.h>

/* More certificates, or more octets of them, are refused unseen. */
#define DAEMON_CHAIN_MAX 8
#define DAEMON_CHAIN_OCTETS_MAX ((size_t)65536)

#define DAEMON_PEER_NAME_SIZE 64

typedef struct daemon_peer {
    uint32_t roles;                   /* bits 0 to 29, as the routes use them */
    char name[DAEMON_PEER_NAME_SIZE]; /* for the log; never a person number */
    void *data;                       /* the daemon's own */
    void (*free_data)(void *data);    /* called once, when the connection ends; may be NULL */
} daemon_peer;

/*
 * Judges a chain in DER, the client's own certificate first. Called once a connection, and again
 * for every connection after daemon_recheck_peers; in a worker thread, so it may wait. OK fills
 * *out; anything else refuses: at first the client stays nobody and is told err, later its
 * connection ends.
 */
typedef auth_status (*daemon_judge)(void *context, const auth_bytes *chain, size_t count,
                                    daemon_peer *out, auth_error *err);

#endif
