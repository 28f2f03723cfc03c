/* SPDX-License-Identifier: Apache-2.0 */
/* Opening files that hold secrets. Internal to key/. */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include <auth/error.h>

/*
 * Opens a file that only its owner may use: a regular one, owned by root or the effective user. The
 * caller closes *out.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED; AUTH_STATUS_IO.
 */
auth_status secret_file_open(const char *path, int *out, auth_error *err) AUTH_MUST_CHECK;

#endif
