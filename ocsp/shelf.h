/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What does not change while the daemon runs: the certificates of the authorities, and a page that
 * tells a person what is here. Made once, read by any thread.
 */
#ifndef OCSP_SHELF_H
#define OCSP_SHELF_H

#include "daemon/response.h"
#include "realm/realm.h"

/* Room for an authority's key identifier in hex, as addresses have it, with a NUL. */
#define OCSP_KEY_ID_SIZE 129

typedef struct ocsp_shelf_authority {
    realm_authority authority;
    char key_id[OCSP_KEY_ID_SIZE];
    daemon_response *certificate;
} ocsp_shelf_authority;

typedef struct ocsp_shelf {
    size_t count;
    ocsp_shelf_authority authorities[REALM_AUTHORITY_END];
    daemon_response *pages[2]; /* English, Chinese */
} ocsp_shelf;

/* Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO. */
auth_status ocsp_shelf_new(const realm *of, ocsp_shelf **out, auth_error *err) AUTH_MUST_CHECK;
void ocsp_shelf_free(ocsp_shelf *shelf);
AUTH_DEFINE_CLEANUP(ocsp_shelf)

/* Finds an authority by what stands in an address; NULL: there is none. */
const ocsp_shelf_authority *ocsp_shelf_find(const ocsp_shelf *shelf, auth_bytes key_id);

/* page.c: writes the page in one of the two languages. */
auth_status ocsp_page_write(const realm *of, const ocsp_shelf *shelf, bool is_chinese,
                            auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

#endif
