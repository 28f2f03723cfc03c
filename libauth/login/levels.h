/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of assurance out of certificate policies (RFC 5280 4.2.1.4). Internal to login. */
#ifndef LOGIN_LEVELS_H
#define LOGIN_LEVELS_H

#include "x509/view.h"

#include <auth/verifier.h>

/* A bit for each row of the policy's levels: all of them. */
unsigned login_levels_all(const auth_login_policy *policy);

/*
 * The rows whose policy a certificate names. anyPolicy in an authority's certificate stands for
 * all, in a holder's for none. What is not of its form names none.
 */
unsigned login_levels_of(const auth_login_policy *policy, const x509_cert_view *view,
                         bool is_authority);

/* The highest level of a set of rows. */
auth_assurance login_levels_highest(const auth_login_policy *policy, unsigned rows);

#endif
