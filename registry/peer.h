/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Officers as the registry knows them by a certificate: who opens a connection is judged by it. Its
 * one invariant: what it tells is of one moment, certificate, officer, office and status together.
 */
#ifndef REGISTRY_PEER_H
#define REGISTRY_PEER_H

#include "certificate.h"

/* The most that are asked for at once. */
#define REGISTRY_PEERS_MAX 10000

typedef struct registry_peer {
    auth_bytes serial;
    auth_bytes hash; /* SHA-256 of the certificate */
    auth_time not_after;
    const char *officer;
    int64_t role; /* auth/officer_role.def */
    auth_time dismissed_at;
    int64_t office;
    const char *office_id;
    const char *office_path;
    auth_time closed_at;    /* the office */
    registry_action action; /* the last one on the certificate */
} registry_peer;

/*
 * Lists those of serials that are certificates of officers within the sight of this login, by
 * serial number.
 *
 * Errors: AUTH_STATUS_LIMIT; those of a statement.
 */
auth_status registry_peer_list(registry_connection *connection, const auth_bytes *serials,
                               size_t count, registry_result **out,
                               auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_peer_read(registry_result *result, size_t row, registry_peer *out,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
