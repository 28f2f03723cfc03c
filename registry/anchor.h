/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The anchor file: signed tree heads outside of the database, one a line, oldest first. It is only
 * ever appended to. What it is good for grows with its distance from the database: another disk,
 * another machine, another organisation.
 */
#ifndef REGISTRY_ANCHOR_H
#define REGISTRY_ANCHOR_H

#include <auth/bytes.h>

/*
 * Appends a head and syncs it to disk. The file is made when it is not there. A line that a crash
 * left unfinished is removed first: nobody was told of it. Several processes may append at once.
 *
 * Errors: AUTH_STATUS_IO, AUTH_STATUS_DENIED naming the file.
 */
auth_status registry_anchor_append(const char *path, auth_bytes head,
                                   auth_error *err) AUTH_MUST_CHECK;

/* An anchor file that is read line by line, in bounded memory. */
typedef struct registry_anchor registry_anchor;

/*
 * Opens a file to read it from its beginning to the end that it has now.
 *
 * Ownership: gives *out, to be freed with registry_anchor_free; copies path.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED; AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status registry_anchor_open(const char *path, registry_anchor **out,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Closes it. NULL is fine. */
void registry_anchor_free(registry_anchor *anchor);

/* Tells the path. */
const char *registry_anchor_path(const registry_anchor *anchor);

/*
 * Reads the next line, without its LF; line becomes its number from 1. At the end, *out becomes
 * empty and has no data; a last line without LF is still being written and not read. A line too
 * long for a head comes cut.
 *
 * Ownership: *out is valid until the next call.
 * Errors: AUTH_STATUS_IO.
 */
auth_status registry_anchor_next(registry_anchor *anchor, uint64_t *line, auth_bytes *out,
                                 auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(registry_anchor)

#endif
