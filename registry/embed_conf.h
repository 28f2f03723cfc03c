/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of an embedded cluster. Internal to registry/. */
#ifndef REGISTRY_EMBED_CONF_H
#define REGISTRY_EMBED_CONF_H

#include "embed_place.h"

/*
 * Writes DIR/conf: postgresql.conf, pg_hba.conf and pg_ident.conf, and local.conf when there is
 * none. socket is the directory of the socket, settings may be NULL.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_LIMIT when the settings are too long.
 */
auth_status embed_conf_write(const embed_place *place, const registry_account *as,
                             const char *socket, const char *settings,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
