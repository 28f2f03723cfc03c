/* SPDX-License-Identifier: Apache-2.0 */
/* Files, whole: read within a bound, written so that a reader never sees half of one. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <auth/bytes.h>

#define CLI_FILE_MAX ((size_t)64 << 20)

/*
 * Reads a file, '-' being standard input.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_LIMIT above CLI_FILE_MAX; AUTH_STATUS_MEMORY. All name the
 * file.
 */
auth_status cli_file_read(const char *path, auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes a file, '-' or NULL being standard output. A regular file appears whole or not at all.
 * is_private makes it one that only its owner may read.
 *
 * Errors: AUTH_STATUS_IO naming the file; AUTH_STATUS_MEMORY.
 */
auth_status cli_file_write(const char *path, auth_bytes octets, bool is_private,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes a file that was not there, for its owner only, and writes it through to the disk. A failure
 * leaves none.
 *
 * Errors: AUTH_STATUS_CONFLICT when there is something of this name; AUTH_STATUS_IO. All name the
 * file.
 */
auth_status cli_file_create(const char *path, auth_bytes octets, auth_error *err) AUTH_MUST_CHECK;

#endif
