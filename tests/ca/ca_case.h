/* SPDX-License-Identifier: Apache-2.0 */
/* A world of ca_world.h for one test, on the cluster of its program. */
#ifndef CA_CASE_H
#define CA_CASE_H

#include "ca_world.h"
#include "harness/cluster.h"

#include <auth/cert.h>
#include <auth/codec.h>

#define CITIZEN_1 "11010519491231002X"
#define CITIZEN_2 "440524188001010014"

typedef struct ca_case {
    char database[CLUSTER_NAME_SIZE];
    char journal[128];
    char anchor[128];
    registry_connection *super;
    registry_connection *auditor;
    registry_pool *ca_pool;
    registry_pool *ra_pool;
    ca_world *world;
    auth_signer *card; /* a citizen's key, and a request for it */
    auth_buf *csr;
} ca_case;

ca_case *ca_case_new(void);

/* The same, where an office gets so many certificates of a profile an hour. */
ca_case *ca_case_new_limited(unsigned an_hour);
void ca_case_free(ca_case *it);

/* Removes a folder of files. */
void ca_case_remove_journal(const char *path);

/* Runs one batch, which must succeed. */
registry_queue_report ca_case_run(ca_case *it);

/* Runs one batch and checks how many items were granted and refused. */
void ca_case_expect(ca_case *it, size_t granted, size_t refused);

/* Asks the superuser and compares. */
void ca_case_assert(ca_case *it, const char *sql, const char *expected);

/* Enrols a person with a key; gives the certificate. The caller frees it. */
auth_buf *ca_case_enrol(ca_case *it, const char *number, const auth_signer *key);

/* The newest certificate. */
auth_buf *ca_case_newest(ca_case *it);

/* The serial number of a certificate, in room of the caller's. */
auth_bytes ca_case_serial(const auth_buf *certificate, uint8_t room[20]);

/* Gives the entries of the ledger their places and examines everything: there is no finding. */
void ca_case_expect_clean(ca_case *it);

#endif
