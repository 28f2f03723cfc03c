/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows that are there before anybody can ask for anything: the realm, the generations of its
 * master key, its authorities, and which office a login speaks for. They are written by the owner,
 * in the transaction of a ceremony, and a realm has one name for ever.
 */
#ifndef REGISTRY_REALM_H
#define REGISTRY_REALM_H

#include "record.h"

/* A request of this kind is a ceremony: it comes after those of auth/request_kind.def. */
#define REGISTRY_KIND_CEREMONY 11

/* "typ" of its document (docs/realm.md). */
#define REGISTRY_CEREMONY_TYPE "auth-ceremony+jws"

/*
 * Names the realm, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_CONFLICT when it has a name; those of a statement.
 */
auth_status registry_realm_insert(registry_connection *connection, const char *realm, auth_time now,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Room for the name of a realm, with its NUL. */
#define REGISTRY_REALM_SIZE 65

/* Tells the name of the realm; "" when no ceremony was held. Errors: those of a statement. */
auth_status registry_realm_find(registry_connection *connection, char out[REGISTRY_REALM_SIZE],
                                auth_error *err) AUTH_MUST_CHECK;

/*
 * Records a generation of the master key, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_CONFLICT when it is there; those of a statement.
 */
auth_status registry_seal_key_insert(registry_connection *connection, int64_t generation,
                                     auth_bytes check_value, auth_error *err) AUTH_MUST_CHECK;

typedef struct registry_authority {
    int64_t id;
    const char *name;
    auth_bytes certificate; /* DER */
    auth_bytes key_hash;
    auth_time not_after;
} registry_authority;

/*
 * Adds an authority, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_CONFLICT when number, name or key are taken; those of a statement.
 */
auth_status registry_authority_insert(registry_connection *connection,
                                      const registry_authority *authority, auth_time now,
                                      auth_error *err) AUTH_MUST_CHECK;

/*
 * Lets a login speak for an office, in a transaction of the caller.
 *
 * Errors: AUTH_STATUS_CONFLICT when it speaks for one; those of a statement.
 */
auth_status registry_office_login_insert(registry_connection *connection, const char *login,
                                         int64_t office, auth_error *err) AUTH_MUST_CHECK;

/*
 * Lets a login speak for the open office with an identifier, and for no other any more, in a
 * transaction of the caller.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no open office of this identifier; those of a
 * statement.
 */
auth_status registry_office_login_assign(registry_connection *connection, const char *login,
                                         const char *office, auth_error *err) AUTH_MUST_CHECK;

#endif
