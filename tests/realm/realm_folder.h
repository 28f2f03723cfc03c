/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm for a test program, made once by the ceremony before its first test and removed after its
 * last one. Tests that spoil something put it right again.
 */
#ifndef REALM_FOLDER_H
#define REALM_FOLDER_H

#include "realm/make.h"

/* Makes the realm; false and a message when it cannot be had. For SUITE_AFTER. */
bool realm_folder_make(void);

/* The realm's folder, and the folder around it, which a test may write into. */
const char *realm_folder(void);
const char *realm_folder_parent(void);

/* Goes on as the owner of the realm's files, as daemons do that root starts; and as before. */
void realm_folder_become_owner(void);
void realm_folder_become_maker(void);

/* Writes a file of the realm anew, for that owner. */
void realm_folder_write(const char *path, auth_bytes text);

/* Makes the realm's registry run, if it does not. As who made it. */
void realm_folder_start_registry(void);

/* The plan by which it was made, for another folder NAME beside it; dir gets the path. */
realm_plan realm_folder_plan(const char *name, char dir[REALM_PATH_SIZE]);

/* The passphrase of the root's key, as auth_passphrase_ask. */
auth_status realm_folder_ask(void *context, const char *what, auth_secret **out, auth_error *err);

#endif
