/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ceremony that makes a realm: its authorities, the first officers, what its daemons show for
 * themselves, and the registry in which all of that is on record. Its one invariant: the folder
 * appears whole, by a rename, or not at all; and every certificate that the ceremony makes is in
 * the registry with its outcome, its entry in the ledger and one document that asked for it, which
 * the root signed.
 *
 * It asks nobody: who calls it knows the answers (realm_plan).
 */
#ifndef REALM_MAKE_H
#define REALM_MAKE_H

#include "realm/realm.h"
#include "registry/realm.h"

/* "typ" of the document of a ceremony (docs/realm.md). */
#define REALM_CEREMONY_TYPE REGISTRY_CEREMONY_TYPE

/* Appointing an officer takes two admins, so a realm begins with two. */
#define REALM_FOUNDERS_MIN 2
#define REALM_FOUNDERS_MAX 8

/* One of the first officers, an admin of the centre. */
typedef struct realm_founder {
    const char *id;   /* identifier */
    const char *name; /* UTF-8, 1 to 64 characters */
    auth_person_number number;
    const char *key; /* a PKCS#11 URI where the key is made; NULL: DIR/officers/ID.pem */
} realm_founder;

/* All that is to be known. Borrowed. */
typedef struct realm_plan {
    const char *dir; /* is not there, or empty */
    const char *name;
    const char *base;     /* http://HOST:PORT */
    const char *registry; /* as in realm.conf; NULL: embedded */
    const char *account;  /* as in realm.conf; NULL: postgres */
    const char *host;     /* DNS name in the certificates of daemons; NULL: localhost */
    const char *centre;   /* identifier of the office at the top of the tree */
    const char *centre_name;
    const char *region; /* GB/T 2260; NULL: 000000, the whole country */
    auth_key_type type; /* of the keys of authorities and officers; SM2: of the citizens' alone */
    unsigned bits;      /* of RSA keys; else 0 */
    const char *authority_keys[REALM_AUTHORITY_END]; /* PKCS#11 URIs; NULL: files */
    const auth_secret *root_passphrase;              /* of the root's key file */
    const auth_secret *key_passphrase; /* of the other key files of authorities and officers; NULL:
                                          they are not encrypted */
    const realm_founder *founders;
    size_t founder_count;
    auth_passphrase_ask *ask; /* for tokens' PINs; may be NULL */
    void *context;
    auth_time now;
    bool is_throwaway; /* making the embedded registry does not wait for the disk: for tests */
} realm_plan;

/*
 * Checks a plan, without touching anything.
 *
 * Errors: AUTH_STATUS_INVALID naming the member; AUTH_STATUS_CONFLICT when two founders are one;
 * AUTH_STATUS_UNSUPPORTED for keys of a type that a token does not make.
 */
auth_status realm_plan_check(const realm_plan *plan, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes a realm. The embedded registry is stopped when the call returns. When it fails, nothing is
 * left but keys in tokens, and what was made in a database that is not embedded before its
 * transaction: its schema.
 *
 * Errors: those of realm_plan_check; AUTH_STATUS_CONFLICT when the folder holds something, an
 * unfinished realm lies beside it, or the database has a realm; AUTH_STATUS_UNKNOWN when the
 * outcome of the COMMIT in a database that is not embedded could not be found out: then the files
 * are left in DIR.new; those of registry_embed_start, registry_migrate, auth_issue and of files.
 */
auth_status realm_make(const realm_plan *plan, auth_error *err) AUTH_MUST_CHECK;

#endif
