/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that are made in place of those that a ceremony made for daemons and responders
 * (docs/realm.md). Its one invariant: what is listed as due was certified by a ceremony for nobody,
 * neither authority nor person, and nothing of its key is revoked, suspended or blocked; the rules
 * of the database ask the same again when the renewal is written.
 */
#ifndef REGISTRY_RENEWAL_H
#define REGISTRY_RENEWAL_H

#include "record.h"

/* What ends soon, with the certificate that the ceremony made. Borrowed from the result. */
typedef struct registry_renewal_due {
    auth_bytes request_id;
    auth_bytes payload_hash;
    const char *office_id;
    int64_t office;
    int64_t item;
    auth_bytes serial; /* of what the ceremony made */
    int64_t authority;
    const char *profile;
    auth_bytes key_hash;
    auth_time not_after; /* of the newest */
    auth_bytes der;      /* of what the ceremony made */
} registry_renewal_due;

/*
 * Lists what is due: in the last third of its time or within margin_s seconds of its end, but not
 * in its first third; of these authorities alone, and not what ends with its authority.
 *
 * Ownership: gives *out, to be freed with registry_result_free.
 * Errors: those of a statement.
 */
auth_status registry_renewal_list(registry_connection *connection, auth_time now, int64_t margin_s,
                                  const int64_t *authorities, size_t authority_count, size_t limit,
                                  registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_renewal_read(registry_result *result, size_t row, registry_renewal_due *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Keeps others from renewing or revoking until the transaction ends; what is listed after it stays
 * as it is until then.
 *
 * Errors: those of a statement.
 */
auth_status registry_renewal_lock(registry_connection *connection, auth_error *err) AUTH_MUST_CHECK;

/* What was made in place of it. Borrowed. */
typedef struct registry_renewed {
    auth_bytes serial;
    int64_t shard;
    auth_time not_before;
    auth_time not_after;
    auth_bytes der;
} registry_renewed;

/*
 * Writes the certificate, under request and item of what it renews.
 *
 * Errors: AUTH_STATUS_CONFLICT when a rule of the database forbids it; those of a statement.
 */
auth_status registry_renewal_insert(registry_connection *connection,
                                    const registry_renewal_due *due, const registry_renewed *made,
                                    auth_time now, auth_error *err) AUTH_MUST_CHECK;

#endif
