/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are in a realm's folder, and reading them. docs/realm.md has the whole list. */
#ifndef REALM_PATH_H
#define REALM_PATH_H

#include <auth/bytes.h>

#define REALM_CONF_FILE "realm.conf"
#define REALM_POLICY_FILE "policy.json"
#define REALM_PROFILES_FOLDER "profiles"
#define REALM_AUTHORITIES_FOLDER "authorities"
#define REALM_KEYS_FOLDER "keys"
#define REALM_OFFICERS_FOLDER "officers"
#define REALM_TLS_FOLDER "tls"
#define REALM_RESPONDERS_FOLDER "responders"
#define REALM_MASTER_KEY_FILE "keys/master.key"
#define REALM_REGISTRY_FOLDER "registry"
#define REALM_JOURNAL_FOLDER "journal"
#define REALM_SPOOL_FOLDER "spool"
#define REALM_LOG_FOLDER "log"
#define REALM_RUN_FOLDER "run"

#define REALM_PATH_SIZE 4096

/* The largest file that is read here. */
#define REALM_FILE_MAX ((size_t)64 << 10)

/*
 * Writes the path of something in a realm's folder: DIR/FOLDER/NAME and an ending. folder may be
 * NULL, ending "".
 *
 * Errors: AUTH_STATUS_LIMIT when it does not fit.
 */
auth_status realm_path_join(const char *dir, const char *folder, const char *name,
                            const char *ending, char out[REALM_PATH_SIZE],
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads a file that is no secret.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_LIMIT; AUTH_STATUS_IO; AUTH_STATUS_MEMORY. All name
 * the file.
 */
auth_status realm_file_read(const char *path, auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

#endif
