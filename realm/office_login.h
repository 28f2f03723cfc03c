/* SPDX-License-Identifier: Apache-2.0 */
/* For which office the login of auth-lra speaks (docs/registry-tables.md). */
#ifndef REALM_OFFICE_LOGIN_H
#define REALM_OFFICE_LOGIN_H

#include "realm/realm.h"

/*
 * Lets the login of auth-lra speak for the office that realm.conf names as lra-office, and for no
 * other. Safe to repeat. The owner of the database does so, who must be able to log in from here.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no open office of this name; AUTH_STATUS_INVALID when
 * realm.conf names none; those of a connection and a transaction.
 */
auth_status realm_office_login_assign(const realm *of, auth_error *err) AUTH_MUST_CHECK;

#endif
