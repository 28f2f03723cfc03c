/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of registry_fsck that look into DER. Internal to registry/. */
#ifndef REGISTRY_FSCK_PART_H
#define REGISTRY_FSCK_PART_H

#include "connection.h"
#include "finding.h"

#include <auth/cert.h>

/* The certificates of the authorities with their keys. */
typedef struct fsck_authority {
    int64_t id;
    auth_cert *cert;
    auth_public_key *key;
} fsck_authority;

typedef struct fsck_authorities {
    size_t count;
    fsck_authority *rows;
} fsck_authorities;

/* Reads them; one that cannot be read is reported and has no key. Errors: those of registry_run. */
auth_status fsck_authorities_read(registry_connection *connection, registry_reporter *reporter,
                                  fsck_authorities *out, auth_error *err) AUTH_MUST_CHECK;

void fsck_authorities_clear(fsck_authorities *of);

/* Finds one; NULL when it is not there. */
const fsck_authority *fsck_authority_find(const fsck_authorities *in, int64_t id);

/* Holds each certificate's row against its DER. Errors: those of registry_run. */
auth_status fsck_certificates(registry_connection *connection, const fsck_authorities *authorities,
                              registry_reporter *reporter, uint64_t *count,
                              auth_error *err) AUTH_MUST_CHECK;

/* The same for CRLs, and that the newest of each scope names all that it must. */
auth_status fsck_crls(registry_connection *connection, const fsck_authorities *authorities,
                      registry_reporter *reporter, uint64_t *count,
                      auth_error *err) AUTH_MUST_CHECK;

#endif
