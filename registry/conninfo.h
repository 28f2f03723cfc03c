/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connection strings: which are accepted, and what libpq is given. Internal to registry/.
 *
 * The line must be a unix socket, or TLS 1.2 or later with sslmode=verify-full. What counts is what
 * libpq would take, with its environment variables; a service file could say anything later, so it
 * is refused.
 */
#ifndef REGISTRY_CONNINFO_H
#define REGISTRY_CONNINFO_H

#include <auth/error.h>
#include <stddef.h>

typedef struct conninfo conninfo;

/*
 * Reads and judges a connection string. program becomes application_name where the string has none.
 *
 * Errors: AUTH_STATUS_MALFORMED, AUTH_STATUS_DENIED, AUTH_STATUS_LIMIT, AUTH_STATUS_MEMORY. The
 * text repeats nothing of the string: it may hold a password.
 */
auth_status conninfo_new(const char *text, const char *program, conninfo **out,
                         auth_error *err) AUTH_MUST_CHECK;
void conninfo_free(conninfo *info);

/* How many hosts it names, at least 1. */
size_t conninfo_hosts(const conninfo *info);

/* Puts the first host last. */
void conninfo_rotate(conninfo *info);

/* What PQconnectStartParams takes, both ending in NULL. Valid until the next call. */
void conninfo_params(conninfo *info, const char *const **keywords, const char *const **values);

AUTH_DEFINE_CLEANUP(conninfo)

#endif
