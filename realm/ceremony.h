/* SPDX-License-Identifier: Apache-2.0 */
/* A ceremony under way: the keys and certificates that it makes. Internal to realm. */
#ifndef REALM_CEREMONY_H
#define REALM_CEREMONY_H

#include "realm/make.h"
#include "registry/connection.h"
#include "registry/ledger_body.h"

/* What daemons show for themselves, from realm/credential.def. */
typedef enum realm_credential {
#define REALM_CREDENTIAL_ROW(id, name, profile, issuer, is_tls) REALM_CREDENTIAL_##id,
#include "credential.def"
    REALM_CREDENTIALS,
} realm_credential;

/* Authorities, from 1 on, credentials and founders, in this order. */
#define CEREMONY_ITEMS_MAX (REALM_AUTHORITY_END - 1 + REALM_CREDENTIALS + REALM_FOUNDERS_MAX)

/* Of the master key that a new realm begins with. */
#define CEREMONY_GENERATION 1

/* Under which officers reach the daemons when nobody says otherwise. */
#define CEREMONY_HOST "localhost"

/* One certificate: what it is to be, and what came of it. */
typedef struct ceremony_item {
    const char *name; /* of its files; an officer's identifier */
    const char *common_name;
    const char *profile;
    realm_authority issuer;
    realm_authority authority;    /* that it is for; 0: none */
    bool is_tls;                  /* of a daemon that listens */
    const realm_founder *founder; /* NULL: of nobody */
    const char *token;            /* where its key is made; NULL: in a file */
    const auth_secret *passphrase;
    auth_signer *signer;
    auth_issuer *own_issuer; /* of authorities: what they issue with */
    auth_cert *cert;
    uint8_t serial[AUTH_SERIAL_SIZE];
    uint8_t key_hash[AUTH_KEY_HASH_SIZE];
    uint8_t fingerprint[AUTH_FINGERPRINT_SIZE];
} ceremony_item;

typedef struct ceremony {
    const realm_plan *plan;
    const realm *of; /* its folder, with profiles and keyring; the authorities are still to come */
    ceremony_item items[CEREMONY_ITEMS_MAX];
    size_t count;
    char id_text[AUTH_REQUEST_ID_SIZE];
    uint8_t id[REGISTRY_LEDGER_UUID_SIZE];
    auth_buf *payload;
    auth_buf *document;
} ceremony;

/*
 * Makes all keys and certificates, and the document that says so. Nothing is written.
 *
 * Ownership: ceremony_clear frees what *out holds, also after a failure.
 * Errors: those of auth_signer_generate, auth_signer_generate_in_token, auth_issue, auth_jws_sign.
 */
auth_status ceremony_hold(const realm_plan *plan, const realm *of, ceremony *out,
                          auth_error *err) AUTH_MUST_CHECK;
void ceremony_clear(ceremony *of);

/* The item of an authority. */
ceremony_item *ceremony_authority(ceremony *of, realm_authority authority);
const ceremony_item *ceremony_root(const ceremony *of);

/* ceremony_document.c: the payload, and the root's signature. */
auth_status ceremony_document_write(ceremony *of, auth_error *err) AUTH_MUST_CHECK;

/*
 * ceremony_files.c: writes keys and certificates into the folder of the realm.
 *
 * Errors: AUTH_STATUS_CONFLICT, AUTH_STATUS_IO naming the file; AUTH_STATUS_MEMORY.
 */
auth_status ceremony_files_write(const ceremony *of, auth_error *err) AUTH_MUST_CHECK;

/*
 * ceremony_record.c: puts everything on record, in one transaction. The connection is the owner's,
 * with the statements of the roles that ceremony_roles tells.
 *
 * Errors: AUTH_STATUS_CONFLICT when the registry has a realm; those of registry_commit and of
 * statements.
 */
unsigned ceremony_roles(void);
auth_status ceremony_record(registry_connection *connection, const ceremony *of,
                            auth_error *err) AUTH_MUST_CHECK;

#endif
