/* SPDX-License-Identifier: Apache-2.0 */
/*
 * realm.conf: what a realm is called and where its parts listen, as "name = value" a line. The
 * reader is that of the daemons' configuration files (daemon/option.h), so one form serves both.
 */
#ifndef REALM_CONF_H
#define REALM_CONF_H

#include "daemon/option.h"

/* The value of "registry" for the cluster inside of the realm's folder. */
#define REALM_REGISTRY_EMBEDDED "embedded"

/* As whom daemons and the embedded registry run when root starts them and nobody says otherwise. */
#define REALM_ACCOUNT "postgres"

/*
 * Reads the text of a realm.conf and checks every value. shown is how errors call it. The values
 * are asked for by daemon_options_text and its sisters.
 *
 * Ownership: gives *out, to be freed with daemon_options_free.
 * Errors: AUTH_STATUS_INVALID with the first faults, each with its line and remedy;
 * AUTH_STATUS_MEMORY.
 */
auth_status realm_conf_parse(const char *shown, auth_bytes text, daemon_options **out,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks the name of a realm, an office or an officer: 1 to 64 small letters, digits and inner
 * hyphens. what names it for a person.
 *
 * Errors: AUTH_STATUS_INVALID.
 */
auth_status realm_identifier_check(const char *what, const char *text,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks the public address of a realm: "http://", a host, perhaps a port and a path, and no slash
 * at its end.
 *
 * Errors: AUTH_STATUS_INVALID.
 */
auth_status realm_base_check(const char *text, auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks what says where the registry is: "embedded", or a connection string of keywords and values
 * without a user, which each program adds for itself.
 *
 * Errors: AUTH_STATUS_INVALID.
 */
auth_status realm_registry_check(const char *text, auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks the name of a login role of the database, "" for none: PostgreSQL's plain identifiers. An
 * embedded registry has one login a daemon, and none may be named for it.
 *
 * Errors: AUTH_STATUS_INVALID.
 */
auth_status realm_login_check(const char *what, const char *text, const char *registry,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
