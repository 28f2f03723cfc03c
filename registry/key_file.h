/* SPDX-License-Identifier: Apache-2.0 */
/* Key files on disk: for their owner only, written once and never overwritten. */
#ifndef REGISTRY_KEY_FILE_H
#define REGISTRY_KEY_FILE_H

#include <auth/secret.h>

/*
 * Reads a file whole. It must be a regular one, owned by root or the effective user, without
 * permissions for anybody else, as for auth_signer_load; symbolic links to such a file are
 * followed.
 *
 * Ownership: gives *out, to be freed with auth_secret_free.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED for what it is, its owner or its permissions;
 * AUTH_STATUS_LIMIT when it is empty or too long for a key file; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY.
 */
auth_status registry_key_file_read(const char *path, auth_secret **out,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes a new file with permissions for its owner only, and syncs it and its folder to disk. When
 * the call fails, the file is not there.
 *
 * Errors: AUTH_STATUS_CONFLICT when there is a file of this name; AUTH_STATUS_IO.
 */
auth_status registry_key_file_create(const char *path, auth_bytes text,
                                     auth_error *err) AUTH_MUST_CHECK;

#endif
