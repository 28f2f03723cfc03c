/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and their status. Its one invariant: a serial number that the registry does not know
 * has no status, so nobody can call it good. Certificates are written by queue.h and renewal.h.
 */
#ifndef REGISTRY_CERTIFICATE_H
#define REGISTRY_CERTIFICATE_H

#include "record.h"

/* What an act does to a certificate; the numbers are in the database. */
typedef enum registry_action {
    REGISTRY_ACTION_NONE = 0,
    REGISTRY_ACTION_REVOKE = 1,
    REGISTRY_ACTION_SUSPEND = 2,
    REGISTRY_ACTION_RESUME = 3,
} registry_action;

typedef struct registry_certificate {
    auth_bytes serial;
    int64_t authority;
    int64_t shard; /* of the CRL */
    auth_bytes request_id;
    int64_t item;
    auth_bytes citizen_id;  /* {NULL, 0}: not a citizen's */
    const char *officer_id; /* NULL: not an officer's */
    int64_t office;
    const char *profile;
    auth_bytes key_hash;
    auth_time not_before;
    auth_time not_after;
    auth_time issued_at;
    auth_bytes der;
} registry_certificate;

/* The status of one serial number. */
typedef struct registry_certificate_status {
    auth_bytes serial;
    int64_t authority;
    int64_t shard;
    auth_time not_before;
    auth_time not_after;
    int64_t revision; /* of the last act; 0: there was none */
    registry_action action;
    int64_t reason; /* RFC 5280 5.3.1 */
    auth_time at;
} registry_certificate_status;

/*
 * Finds a certificate by its serial number, in the issue epoch that the number names.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; those of a statement.
 */
auth_status registry_certificate_find(registry_connection *connection, auth_bytes serial,
                                      registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* List certificates by serial number. after: {NULL, 0} for the first page. */
auth_status registry_certificate_list_key(registry_connection *connection, auth_bytes key_hash,
                                          auth_bytes after, size_t limit, registry_result **out,
                                          auth_error *err) AUTH_MUST_CHECK;
auth_status registry_certificate_list_citizen(registry_connection *connection,
                                              auth_bytes citizen_id, auth_bytes after, size_t limit,
                                              registry_result **out,
                                              auth_error *err) AUTH_MUST_CHECK;
auth_status registry_certificate_list_officer(registry_connection *connection,
                                              const char *officer_id, auth_bytes after,
                                              size_t limit, registry_result **out,
                                              auth_error *err) AUTH_MUST_CHECK;
auth_status registry_certificate_list_request(registry_connection *connection,
                                              auth_bytes request_id, auth_bytes after, size_t limit,
                                              registry_result **out,
                                              auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_certificate_read(registry_result *result, size_t row,
                                      registry_certificate *out, auth_error *err) AUTH_MUST_CHECK;

/* A certificate of a daemon, responder or authority, without what else the registry knows of it. */
typedef struct registry_daemon_certificate {
    auth_bytes serial;
    auth_bytes key_hash;
    const char *profile;
    auth_time not_before;
    auth_time not_after;
    auth_bytes der;
} registry_daemon_certificate;

/*
 * Lists the certificates of a key that is no person's, whatever its office, the one that ends last
 * first: how a daemon finds what was made for it anew.
 *
 * Ownership: gives *out, to be freed with registry_result_free.
 * Errors: those of a statement.
 */
auth_status registry_certificate_list_daemon(registry_connection *connection, auth_bytes key_hash,
                                             size_t limit, registry_result **out,
                                             auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_daemon_certificate_read(registry_result *result, size_t row,
                                             registry_daemon_certificate *out,
                                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds the status of a certificate of any office: for responders and for who checks a signer.
 * Afterwards out borrows from serial.
 *
 * Errors: AUTH_STATUS_NOT_FOUND for a serial number that was never issued; those of a statement.
 */
auth_status registry_certificate_status_find(registry_connection *connection, auth_bytes serial,
                                             registry_certificate_status *out,
                                             auth_error *err) AUTH_MUST_CHECK;

/* Finds those of many, in no order; what was never issued is not among them. */
auth_status registry_certificate_status_list(registry_connection *connection,
                                             const auth_bytes *serials, size_t count,
                                             registry_result **out,
                                             auth_error *err) AUTH_MUST_CHECK;
auth_status registry_certificate_status_read(registry_result *result, size_t row,
                                             registry_certificate_status *out,
                                             auth_error *err) AUTH_MUST_CHECK;

#endif
