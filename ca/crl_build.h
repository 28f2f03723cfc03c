/* SPDX-License-Identifier: Apache-2.0 */
/* One CRL of a scope, from the registry's acts to signed octets. Internal to ca/. */
#ifndef CA_CRL_BUILD_H
#define CA_CRL_BUILD_H

#include "registry/crl.h"
#include "registry/revocation.h"
#include "setting.h"

typedef struct crl_order {
    const ca_setting *setting;
    const ca_authority *authority;
    int64_t shard;
    registry_crl crl; /* number, base_number, base's revision while building, and times */
    int64_t base_revision;
} crl_order;

/*
 * Appends the CRL to out, and tells how many entries it has.
 *
 * Errors: those of statements and of the CRL builder.
 */
auth_status crl_build(registry_connection *connection, const crl_order *order, auth_buf *out,
                      int64_t *entries, auth_error *err) AUTH_MUST_CHECK;

#endif
