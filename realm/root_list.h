/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root's revocation list, which tells applications that the issuing authorities still count.
 * The root's key lies in a safe, so the list is long-lived: it is made in the ceremony, and again
 * before it ends or when an authority is withdrawn. Its one invariant: like every CRL it has its
 * number, its row and its entry in the ledger (registry/crl.h).
 */
#ifndef REALM_ROOT_LIST_H
#define REALM_ROOT_LIST_H

#include "registry/crl.h"

#include <auth/cert.h>

/* For how long a list of the root counts. */
#define REALM_ROOT_LIST_S ((int64_t)400 * 86400)

typedef struct realm_root_list {
    const char *realm; /* its name */
    const char *base;  /* its public address */
    const auth_cert *root;
    const auth_signer *signer; /* of the root's key */
    auth_time now;
} realm_root_list;

/*
 * Makes the next list and stores it, in a transaction of the caller with the statements of auth-ca.
 * Nothing may be issued or revoked meanwhile by the root.
 *
 * Errors: AUTH_STATUS_LIMIT when the root has revoked more than 999 certificates; those of the CRL
 * builder, of signing and of statements.
 */
auth_status realm_root_list_make(registry_connection *connection, const realm_root_list *of,
                                 registry_crl *out, auth_error *err) AUTH_MUST_CHECK;

#endif
