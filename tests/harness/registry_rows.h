/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm in a test database, and requests for it: what a province would submit and an authority
 * would issue, with octets made of numbers instead of real documents. The same number always gives
 * the same request.
 */
#ifndef HARNESS_REGISTRY_ROWS_H
#define HARNESS_REGISTRY_ROWS_H

#include "registry/queue.h"
#include "registry/request.h"

#define ROWS_DOCUMENT_SIZE 2400
#define ROWS_DER_SIZE 1200
#define ROWS_BODY_SIZE 300

/* The time of everything: 2026-01-01T00:00:00Z. */
#define ROWS_NOW ((auth_time)1767225600)

/* SQL for the superuser that makes the realm: centre, three provinces, officers, an authority. */
extern const char *const rows_realm;

/* The numbers of the offices. */
enum { ROWS_CENTRE = 1, ROWS_GUANGDONG = 2, ROWS_BEIJING = 3 };

/* What one request is made of. */
typedef struct rows_request {
    registry_request_new request;
    registry_item_new item;
    registry_signature signatures[2];
    uint8_t id[16];
    uint8_t payload_hash[32];
    uint8_t person_index[32];
    uint8_t key_hash[32];
    uint8_t citizen_id[16];
    uint8_t serial[18];
    uint8_t document[ROWS_DOCUMENT_SIZE];
    uint8_t der[ROWS_DER_SIZE];
    uint8_t body[ROWS_BODY_SIZE];
    uint8_t sealed[92];
} rows_request;

/* Makes request number of an approved enrolment with one item. */
void rows_make(rows_request *out, uint64_t number);

/* The serial number of what is issued for a request. */
void rows_serial(uint64_t number, uint8_t out[18]);

/* A decision that grants item 0 of a claimed document, made as request number. */
registry_decision rows_grant(const rows_request *made, size_t document);

/* The number that a request id was made of. */
uint64_t rows_number(auth_bytes id);

#endif
