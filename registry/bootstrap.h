/* SPDX-License-Identifier: Apache-2.0 */
/* What only a superuser can do, once a server: roles and an empty database. */
#ifndef REGISTRY_BOOTSTRAP_H
#define REGISTRY_BOOTSTRAP_H

#include <auth/error.h>

/*
 * Makes the roles of role.def and a database that belongs to auth_owner, each where it is missing.
 * conninfo logs in as a superuser, to any database of the server. Roles get no password: give one
 * to those that are to log in by password.
 *
 * Errors: AUTH_STATUS_INVALID when the database's name is not made of small letters, digits and
 * "_"; those of registry_connection_open and of a statement.
 */
auth_status registry_bootstrap(const char *conninfo, const char *database,
                               auth_error *err) AUTH_MUST_CHECK;

#endif
