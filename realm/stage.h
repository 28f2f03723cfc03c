/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder in which a realm is made: DIR.new, which becomes DIR when all is in it. Internal to
 * realm.
 */
#ifndef REALM_STAGE_H
#define REALM_STAGE_H

#include "realm/make.h"

typedef struct stage {
    char dir[REALM_PATH_SIZE]; /* where the realm is to be, without a slash at its end */
    char path[REALM_PATH_SIZE];
} stage;

/*
 * Makes the folder with its empty folders.
 *
 * Errors: AUTH_STATUS_CONFLICT when dir holds something, or an unfinished realm lies beside it;
 * AUTH_STATUS_NOT_FOUND when there is no folder around it; AUTH_STATUS_LIMIT; AUTH_STATUS_IO.
 */
auth_status stage_open(const char *dir, stage *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes realm.conf, the policy, the profiles and a new master key.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status stage_fill(const stage *of, const realm_plan *plan, auth_error *err) AUTH_MUST_CHECK;

/*
 * Hands the files over to the account as which daemons run when root starts them, but for the keys
 * of the root and of officers, and gives the folder its name.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no such account; AUTH_STATUS_CONFLICT when something
 * came into its place; AUTH_STATUS_IO.
 */
auth_status stage_finish(const stage *of, const char *account, auth_error *err) AUTH_MUST_CHECK;

/* Removes the folder with all that is in it. */
void stage_remove(const stage *of);

#endif
