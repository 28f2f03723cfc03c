/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the CRL builder share: settings and entries. */
#ifndef REVOKE_CRL_BUILD_H
#define REVOKE_CRL_BUILD_H

#include "revoke/crl.h"

/* Room for all extensions of a CRL: two addresses, two numbers, a key identifier. */
#define CRL_EXTENSIONS_ROOM (4 * AUTH_CRL_URI_MAX)

bool crl_is_time(auth_time time);

/* Errors: as auth_crl_builder_new. */
auth_status crl_check_settings(const auth_crl_settings *settings, auth_error *err) AUTH_MUST_CHECK;

/* Writes crlExtensions [0] whole and views it; empty when it does not fit. */
auth_bytes crl_put_extensions(der_writer *writer, const auth_crl_settings *settings);

/* Opens an Extension up to its value and closes both. */
size_t crl_open_extension(der_writer *writer, oid id, bool is_critical, size_t *value);
void crl_close_extension(der_writer *writer, size_t extension, size_t value);

#endif
