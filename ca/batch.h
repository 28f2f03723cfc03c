/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker holds, and what it holds of one batch. Internal to ca/. */
#ifndef CA_BATCH_H
#define CA_BATCH_H

#include "limit.h"
#include "registry/facts.h"
#include "registry/ledger_body.h"
#include "team.h"
#include "worker.h"

#include <auth/cert.h>

/* Room for a reason that people read; the database takes 512 characters. */
#define CA_DETAIL_SIZE AUTH_ERROR_TEXT_SIZE

/* An authority that is ready to issue. */
typedef struct ca_issuer {
    const ca_authority *authority;
    auth_issuer *issuer;
    auth_known_issuer *known;
} ca_issuer;

/* An office: neither its identifier nor its path ever changes. */
typedef struct ca_office {
    int64_t number;
    char id[AUTH_IDENTIFIER_SIZE];
    char *path;
} ca_office;

/* What each thread has of its own. */
typedef struct ca_thread {
    registry_crypto *crypto;
    registry_facts_view view;
} ca_thread;

struct ca_worker {
    ca_setting setting;
    auth_trust *trust;
    ca_issuer issuers[CA_AUTHORITIES_MAX];
    registry_facts_setting facts_setting;
    registry_facts *facts;
    unsigned threads;
    ca_thread thread[CA_THREADS_MAX];
    ca_team *team;
    ca_office *offices;
    size_t office_count;
    _Atomic auth_time own_latest;
    _Atomic auth_time *latest; /* its own, or that of the worker beside which it was made */
    ca_limited limited;
};

/* A claimed document. */
typedef struct ca_document {
    const registry_request *row;
    const ca_office *office;
    auth_buf *clear;
    auth_request *request;
    auth_request_verdict verdict;
    bool is_refused;
    auth_request_reason reason;
    char detail[CA_DETAIL_SIZE];
    size_t first; /* its items in the batch */
    auth_buf *body;
} ca_document;

/* An item of a document, and the decision about it. */
typedef struct ca_item {
    size_t document;
    size_t index;
    auth_bytes csr; /* of the document, or of an activation */
    bool is_waiting;
    bool is_decided; /* by an earlier batch */
    auth_status status;
    auth_request_reason reason;
    char detail[CA_DETAIL_SIZE];

    const ca_issuer *issuer;
    const auth_policy_profile *profile;
    auth_tbs *tbs;
    auth_buf *der;
    uint8_t serial[AUTH_SERIAL_SIZE];
    uint32_t shard;
    uint8_t key_hash[AUTH_KEY_HASH_SIZE];
    auth_person_index person;
    bool has_former;
    auth_person_index former;
    uint8_t citizen_id[REGISTRY_ID_SIZE];
    auth_buf *sealed_number;
    auth_buf *sealed_name;

    char identifier[AUTH_IDENTIFIER_SIZE]; /* of an officer or office that it is about */
    char region[7];
    char *name; /* of an office */
    registry_officer officer;
    registry_office_new opened;

    auth_buf *body;
    auth_buf *act_body;
} ca_item;

typedef struct ca_batch {
    ca_worker *worker;
    auth_time now;
    int64_t began_ms; /* of the clock that only rises */
    const registry_queue_batch *claimed;
    ca_document *documents;
    size_t document_count;
    ca_item *items;
    size_t item_count;
    size_t *decided;           /* the item of each decision, in their order */
    registry_result *citizens; /* who renew */
    ca_limits limits;
    uint64_t journalled; /* the journal's batch whose outcome is to be noted; 0: none */
} ca_batch;

/* refuse.c: what is refused keeps its first reason. */
void ca_document_refuse(ca_document *document, auth_request_reason reason, const char *detail);
void ca_item_refuse(ca_item *item, auth_status status, auth_request_reason reason,
                    const char *detail);

/* office.c */
auth_status ca_office_find(ca_worker *worker, registry_connection *connection, int64_t number,
                           const ca_office **out, auth_error *err) AUTH_MUST_CHECK;
/* clock.c */
int64_t ca_clock_ms(void);

/* Errors: AUTH_STATUS_CONFLICT when the clock is behind what was issued before. */
auth_status ca_check_clock(ca_worker *worker, auth_time now, auth_error *err) AUTH_MUST_CHECK;

/*
 * Sets the time of a batch that has its turn: others may have been waited for, and a batch is of a
 * time that no batch before it is later than, so that an act and what was granted beside it are
 * found in the order in which they were.
 */
void ca_set_time(ca_batch *batch, registry_queue_batch *claimed);

/* For registry_queue_work: whose certificate or appointment ends is obeyed by no batch beside. */
registry_queue_is_alone ca_batch_is_alone;

const ca_office *ca_office_known(const ca_worker *worker, int64_t number);

/* open.c: opens, reads and evaluates the documents. */
auth_status ca_open(ca_batch *batch, registry_connection *connection,
                    auth_error *err) AUTH_MUST_CHECK;

/* decide.c: makes a decision for every item. */
auth_status ca_decide(ca_batch *batch, registry_connection *connection,
                      registry_queue_batch *claimed, auth_error *err) AUTH_MUST_CHECK;

/* certificate.c: builds what an item is to be given. One thread an item. */
auth_status ca_certificate_build(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                                 auth_error *err) AUTH_MUST_CHECK;

/* person.c: the number and name that a certificate is for, and their sealed forms. */
typedef struct ca_person {
    auth_person_number number;
    auth_buf *name;
} ca_person;

auth_status ca_person_find(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                           ca_person *out, auth_error *err) AUTH_MUST_CHECK;
void ca_person_clear(ca_person *person);
auth_status ca_person_seal(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                           const ca_person *person, auth_error *err) AUTH_MUST_CHECK;

/* sign.c, body.c, record.c: the last steps of a batch. */
auth_status ca_sign(ca_batch *batch, registry_queue_batch *claimed,
                    auth_error *err) AUTH_MUST_CHECK;
auth_status ca_write_bodies(ca_batch *batch, registry_queue_batch *claimed,
                            auth_error *err) AUTH_MUST_CHECK;
auth_status ca_record(ca_batch *batch, registry_connection *connection,
                      const registry_queue_batch *claimed, auth_error *err) AUTH_MUST_CHECK;
void ca_note(ca_batch *batch, ca_journal_outcome outcome);

#endif
