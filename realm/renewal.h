/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a daemon comes by the certificate that auth-ca made for it anew (docs/realm.md): it looks in
 * the registry, every minute or so, for what is newer than the certificate that it shows. Its one
 * invariant: what is taken over is for the same key and the same subject, signed by the same
 * issuer, valid now and for longer; what the registry has besides is passed over, so a dishonest
 * registry can keep a certificate from being renewed and do no more.
 */
#ifndef REALM_RENEWAL_H
#define REALM_RENEWAL_H

#include "daemon/daemon.h"
#include "registry/connection.h"

#include <auth/time.h>

/*
 * Looks for a certificate in place of current (DER), by its issuer's certificate (DER). *out stays
 * NULL when there is none that is newer.
 *
 * Ownership: gives *out (DER), to be freed with auth_buf_free.
 * Errors: AUTH_STATUS_MALFORMED, AUTH_STATUS_UNSUPPORTED and the like when current or issuer cannot
 * be read; those of a statement.
 */
auth_status realm_renewal_find(registry_connection *connection, auth_bytes current,
                               auth_bytes issuer, auth_time now, auth_buf **out,
                               auth_error *err) AUTH_MUST_CHECK;

/*
 * Puts octets in the place of a file, which is there as a whole before and after, in a folder that
 * is this user's alone.
 *
 * Errors: as disk_folder_open and disk_file_create, naming the file.
 */
auth_status realm_renewal_write(const char *path, auth_bytes octets,
                                auth_error *err) AUTH_MUST_CHECK;

/*
 * Has a daemon that listens for HTTPS show its newest certificate from the next handshake on, with
 * the chain behind it as it was. path is the file of its option tls-certificate: it is written anew
 * when that can be, so that a start has the new one at once; when it cannot be, nothing is lost.
 * *is_replaced tells whether there was a newer one.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when it does not listen for HTTPS; AUTH_STATUS_INVALID when the
 * chain in use has no issuer; those of realm_renewal_find and daemon_tls_replace.
 */
auth_status realm_renewal_tls(daemon_self *self, registry_connection *connection, const char *path,
                              auth_time now, bool *is_replaced, auth_error *err) AUTH_MUST_CHECK;

#endif
