/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm for tests: a root, an issuing authority and a holder with fixed keys, the ready profiles,
 * and a good request for each of them. Functions die when a call fails.
 */
#ifndef GOLDEN_REALM_H
#define GOLDEN_REALM_H

#include "harness/data.h"

#include <auth/issue.h>

/* 2026-01-01T00:00:00Z */
#define REALM_NOW ((auth_time)1767225600)
#define REALM_BASE "http://pki.example"

extern const char *const realm_algorithms[];
extern const size_t realm_algorithm_count;
extern const char *const realm_profiles[];
extern const size_t realm_profile_count;

/* Reads and checks a ready profile. */
auth_profile *realm_profile(const char *name);

/* Checks a profile from its text. */
auth_profile *realm_profile_of(const char *json);

/* The text of a ready profile; the caller frees it. */
char *realm_profile_text(const char *name, size_t *len);

typedef struct realm {
    const char *algorithm;
    auth_time now;
    auth_signer *root;
    auth_signer *authority;
    auth_signer *holder;
    auth_buf *root_csr;
    auth_buf *authority_csr;
    auth_buf *holder_csr;
    auth_buf *root_certificate;
    auth_buf *authority_certificate;
    auth_issuer *self;        /* the root's key without a certificate */
    auth_issuer *root_issuer; /* and with it */
    auth_issuer *authority_issuer;
} realm;

realm *realm_new(const char *algorithm, auth_time now);
void realm_free(realm *it);

/* Who issues a profile here, with the signer, and whose request it is. */
const auth_issuer *realm_issuer_of(const realm *it, const auth_profile *profile);
const auth_signer *realm_signer_of(const realm *it, const auth_profile *profile);

/* A request and what it borrows. */
typedef struct realm_request {
    auth_issue_request request;
    auth_issue_value subject[8];
    auth_issue_name names[4];
    auth_person_number number;
    uint8_t serial[AUTH_SERIAL_SIZE];
} realm_request;

/* Fills a good request for a profile. */
void realm_ask(const realm *it, const auth_profile *profile, realm_request *out);

/* Tells whether a profile takes the holder's key. */
bool realm_can_issue(const realm *it, const auth_profile *profile);

#endif
