/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm that exists: its folder, and what is in it, read and checked for a program that is about
 * to work with it. Its one invariant: what is handed out fits together; a certificate is the one of
 * the key beside it and of the issuer above it, the policy is of this realm and names profiles that
 * are there, the master key is this realm's. What does not fit is refused by name, with a remedy.
 *
 * A realm never changes after it was opened and may be read by several threads at once. Nothing is
 * written here; realm/make.h makes one.
 */
#ifndef REALM_REALM_H
#define REALM_REALM_H

#include "realm/conf.h"
#include "realm/path.h"
#include "registry/embed.h"
#include "registry/keyring.h"

#include <auth/cert.h>
#include <auth/issue.h>
#include <auth/policy.h>

/* The authorities, from realm/authority.def; the numbers are those of the registry. */
typedef enum realm_authority {
#define REALM_AUTHORITY_ROW(id, number, name, profile, issuer, title)                              \
    REALM_AUTHORITY_##id = (number),
#include "authority.def"
    REALM_AUTHORITY_END,
} realm_authority;

/* The name of an authority, "staff"; NULL when there is none of this number. */
const char *realm_authority_name(realm_authority authority);

/* What a program needs of a realm; bits of realm_opening.parts. realm.conf is always read. */
typedef enum realm_part {
    REALM_AUTHORITIES = 1 << 0, /* their certificates */
    REALM_PROFILES = 1 << 1,    /* all profiles, checked with the realm's base */
    REALM_POLICY = 1 << 2,      /* the policy; its profiles must be there: implies REALM_PROFILES */
    REALM_MASTER_KEY = 1 << 3,  /* the keyring */
    REALM_SIGNERS = 1 << 4,     /* keys of the issuing authorities: implies REALM_AUTHORITIES */
} realm_part;

typedef struct realm_opening {
    unsigned parts;
    auth_passphrase_ask *ask; /* for keys that are encrypted or in a token; may be NULL */
    void *context;
} realm_opening;

typedef struct realm realm;

/*
 * Opens a realm. Keys are read as by auth_signer_load: for their owner only.
 *
 * Ownership: gives *out, to be freed with realm_free; borrows nothing.
 * Errors: AUTH_STATUS_NOT_FOUND, AUTH_STATUS_IO, AUTH_STATUS_DENIED for a file; AUTH_STATUS_INVALID
 * or AUTH_STATUS_MALFORMED for what is in it; AUTH_STATUS_CONFLICT for files that do not belong
 * together; AUTH_STATUS_UNTRUSTED for a certificate that its issuer did not sign;
 * AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO; AUTH_STATUS_UNAVAILABLE for a token.
 * All name the file.
 */
auth_status realm_open(const char *dir, const realm_opening *opening, realm **out,
                       auth_error *err) AUTH_MUST_CHECK;

/* Frees a realm and wipes its keys. NULL is fine. */
void realm_free(realm *of);

/* The folder, the name, the public address and all options; borrowed. */
const char *realm_dir(const realm *of);
const char *realm_name(const realm *of);
const char *realm_base(const realm *of);
const daemon_options *realm_options(const realm *of);

/* An authority's certificate; NULL without REALM_AUTHORITIES. Borrowed. */
const auth_cert *realm_authority_cert(const realm *of, realm_authority authority);

/* An authority's key, and what it issues with; NULL without REALM_SIGNERS, and for the root, whose
 * key lies in a safe. Borrowed. */
const auth_signer *realm_authority_signer(const realm *of, realm_authority authority);
const auth_issuer *realm_authority_issuer(const realm *of, realm_authority authority);

/*
 * Finds a profile by its name. Borrowed.
 *
 * Errors: AUTH_STATUS_NOT_FOUND.
 */
auth_status realm_profile_find(const realm *of, const char *name, const auth_profile **out,
                               auth_error *err) AUTH_MUST_CHECK;

/* The policy and the keyring; NULL when they were not opened. Borrowed. */
const auth_policy *realm_policy(const realm *of);
const registry_keyring *realm_keyring(const realm *of);

/* The login role of the database as which a program of a role works; borrowed. */
const char *realm_login(const realm *of, registry_role role);

/* The policy as its file has it, JSON; empty when it was not opened. Borrowed. */
auth_bytes realm_policy_text(const realm *of);

/*
 * Writes the connection string of the registry for a role.
 *
 * Errors: those of registry_embed_conninfo; AUTH_STATUS_LIMIT.
 */
auth_status realm_conninfo(const realm *of, registry_role role, char out[REGISTRY_CONNINFO_SIZE],
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * The same for a program that can wait for its registry: one that is embedded need not run.
 *
 * Errors: as realm_conninfo.
 */
auth_status realm_conninfo_ahead(const realm *of, registry_role role,
                                 char out[REGISTRY_CONNINFO_SIZE], auth_error *err) AUTH_MUST_CHECK;

/* Tells the CRL shard of a serial number: the first two octets of its random part, modulo the
 * number of shards. The certificates of staff are too few to be shared out. */
uint32_t realm_shard(const realm *of, realm_authority authority, auth_bytes serial);

/* The issue epoch of a time: 0x0100 and the quarters since 1970, the first two octets of serial
 * numbers (as epoch_of in schemas/registry/0002-rules.sql). */
uint16_t realm_epoch(auth_time now);

/*
 * Opens a private key of the realm: DIR/keys/NAME.pem, or the token that DIR/keys/NAME.uri names.
 *
 * Ownership: gives *out, to be freed with auth_signer_free.
 * Errors: as auth_signer_load and auth_signer_open_token, naming the file.
 */
auth_status realm_key_open(const char *dir, const char *folder, const char *name,
                           auth_passphrase_ask *ask, void *context, auth_signer **out,
                           auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(realm)

#endif
