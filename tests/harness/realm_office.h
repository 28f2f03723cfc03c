/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm for tests of requests: four offices, the officers and citizens in them, what the registry
 * would know of them, and a good request of each kind. Keys are Ed25519 of fixed octets unless
 * asked otherwise, so every document is the same each time. Functions die when a call fails.
 *
 *     centre - province - city
 *                       - sibling
 *            - elsewhere
 */
#ifndef HARNESS_REALM_OFFICE_H
#define HARNESS_REALM_OFFICE_H

#include "harness/raw_cert.h"

#include <auth/quorum.h>

#define OFFICE_NOW ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */
#define OFFICE_REALM "example"
#define OFFICE_ID "019b76da-a800-7123-8456-789abcdef012"
#define OFFICE_TEXT_MAX ((size_t)8 << 20)
#define OFFICE_SERIAL "\x01\x65\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"
#define OFFICE_SERIAL_SIZE 18

/* Who there is; OFFICE_NOBODY ends a list of signers. */
typedef enum office_who {
    OFFICE_CLERK,
    OFFICE_CLERK_2,
    OFFICE_APPROVER,
    OFFICE_APPROVER_2,
    OFFICE_ADMIN,
    OFFICE_AUDITOR,
    OFFICE_PROVINCE_CLERK,
    OFFICE_PROVINCE_APPROVER,
    OFFICE_PROVINCE_ADMIN,
    OFFICE_CENTRE_ADMIN,
    OFFICE_SIBLING_CLERK,
    OFFICE_SIBLING_APPROVER,
    OFFICE_ELSEWHERE_ADMIN,
    OFFICE_CITIZEN,
    OFFICE_NEIGHBOUR,
    OFFICE_PEOPLE,
    OFFICE_NOBODY = OFFICE_PEOPLE,
} office_who;

/* A person with her certificate, and what the registry knows. Tests change it. */
typedef struct office_person {
    auth_signer *signer;
    raw_bytes certificate;
    auth_bytes chain[1];
    uint8_t serial[OFFICE_SERIAL_SIZE];
    auth_request_signer facts;
} office_person;

typedef struct office_realm {
    office_person people[OFFICE_PEOPLE];
    auth_policy *policy;
    bool is_closed[5]; /* offices, in the order of the tree above */
    auth_request_use use;
    auth_request_item item; /* of the last office_draft */
    uint8_t digest[32];
    auth_buf *csr;
    auth_status failure; /* what every fact ends in, unless it is OK */
} office_realm;

office_realm *office_new(auth_key_type type);
void office_free(office_realm *it);

/* The policy of schemas/policy.json, with a text replaced when what is not NULL. */
auth_policy *office_policy(const char *what, const char *with);

/* The facts of this realm. */
auth_request_facts office_facts(office_realm *it);

/* A certification request for a new key, or for that of a person; the caller frees it. */
auth_buf *office_csr(const auth_signer *signer);

/* A good request of a kind for the city, with one item, about the citizen. */
auth_request_draft office_draft(office_realm *it, auth_request_kind kind);

/* Its payload; with items of its own. The caller frees it. */
auth_buf *office_payload(const auth_request_draft *draft);

/* A document with the signatures of those named, each a minute after the other. */
auth_buf *office_sign(office_realm *it, auth_bytes payload, const office_who *signers);

/* The same with a type and time of one's own. */
auth_buf *office_sign_as(office_realm *it, auth_bytes payload, const office_who *signers,
                         const char *type, auth_time at);

/* Who signs a kind by the policy. */
const office_who *office_signers(auth_request_kind kind);

/* Reads a document that is good. */
auth_request *office_parse(auth_bytes document);

/* Evaluates it at OFFICE_NOW. */
auth_request_verdict office_evaluate(office_realm *it, const auth_request *request);

/* All of it: draft, signatures, verdict. */
auth_request_verdict office_ask(office_realm *it, const auth_request_draft *draft,
                                const office_who *signers);

#endif
