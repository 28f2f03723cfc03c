/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm in a database of its own: root, staff and citizens' authorities with P-256 keys, the
 * ready profiles and policy, offices, officers with certificates that the registry knows, and a
 * worker with a journal. The rules of the database are in force, and an examination of it is clean.
 *
 *     centre (admin-1, admin-2) - city (clerk-1, clerk-2, approver-1, approver-2)
 *                               - town
 */
#ifndef CA_WORLD_H
#define CA_WORLD_H

#include "ca/worker.h"
#include "registry/fsck.h"
#include "registry/request.h"

#include <auth/request.h>

typedef enum ca_who {
    CLERK_1,
    CLERK_2,
    APPROVER_1,
    APPROVER_2,
    ADMIN_1,
    ADMIN_2,
    CA_OFFICERS,
    NOBODY = CA_OFFICERS,
} ca_who;

typedef struct ca_person_key {
    auth_signer *signer;
    auth_buf *certificate;
} ca_person_key;

/* How a world reaches its database; a test and a benchmark have clusters of different kinds. */
typedef struct ca_world_base {
    registry_pool *ca_pool;
    registry_pool *ra_pool;
    void (*sql)(const char *text);
    const char *journal; /* an empty folder of this user alone */
    const char *anchor;  /* or NULL */
    unsigned threads;
    bool is_unlimited; /* an office gets as many certificates an hour as it asks for */
    unsigned an_hour;  /* or so many; 0: as the ready policy has it */
} ca_world_base;

#define CA_WORLD_PROFILES 4
#define CA_WORLD_OFFICE_CITY 2

typedef struct ca_world {
    ca_world_base base;
    auth_time now;
    registry_crypto *crypto;
    registry_keyring *ring;
    auth_policy *policy;
    auth_profile *profiles[CA_WORLD_PROFILES];
    auth_signer *signers[3]; /* root, staff, citizens */
    auth_buf *certificates[3];
    auth_issuer *issuers[3];
    ca_authority authorities[2];
    ca_person_key officers[CA_OFFICERS];
    ca_setting setting;
    ca_worker *worker;
} ca_world;

ca_world *ca_world_new(const ca_world_base *base);
void ca_world_free(ca_world *it);

/* Opens journal and worker, as a start of the program does; closes them. */
void ca_world_start(ca_world *it);
void ca_world_stop(ca_world *it);

/* A draft of a kind with room for items, made now, for the city. */
typedef struct ca_ask {
    char id[AUTH_REQUEST_ID_SIZE];
    auth_request_draft draft;
    auth_request_item items[AUTH_REQUEST_ITEMS_MAX];
} ca_ask;

void ca_ask_begin(ca_world *it, auth_request_kind kind, ca_ask *out);

/* Adds an item of an enrolment for a person: a passport of that number, or a citizen number. */
auth_request_item *ca_ask_person(ca_ask *ask, const char *number, auth_bytes csr);

/* Adds an item about a certificate. */
auth_request_item *ca_ask_serial(ca_ask *ask, auth_bytes serial);

/* Signs by officers, NOBODY at the end; the caller frees it. */
auth_buf *ca_ask_sign(ca_world *it, const ca_ask *ask, const ca_who *signers);

/* The same by the holder of a certificate. */
auth_buf *ca_ask_sign_holder(ca_world *it, const ca_ask *ask, const auth_signer *signer,
                             auth_bytes certificate);

/* Submits documents as approved, as an RA does that believes everything. */
void ca_world_submit(ca_world *it, const ca_ask *const *asks, auth_buf *const *documents,
                     size_t count);

/* All of it for one document. */
void ca_world_ask(ca_world *it, const ca_ask *ask, const ca_who *signers);

/* A certification request for a key. */
auth_buf *ca_world_csr(const auth_signer *signer);

/* A new P-256 key. */
auth_signer *ca_world_key(void);

/* Who signs a kind by the policy. */
extern const ca_who ca_counter[]; /* clerk and approver */
extern const ca_who ca_clerk[];
extern const ca_who ca_admins[];

#endif
