/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ready profiles and policy of schemas/, compiled in, so that a realm can be made wherever the
 * program is. Internal to realm.
 */
#ifndef REALM_READY_H
#define REALM_READY_H

#include <auth/bytes.h>

typedef struct realm_ready_file {
    const char *name; /* "officer.json" */
    auth_bytes text;
} realm_ready_file;

/* Ends with a row whose name is NULL. */
extern const realm_ready_file realm_ready_profiles[];
extern const auth_bytes realm_ready_policy;

#endif
