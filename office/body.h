/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that clients send, apart from documents. Internal to office/. */
#ifndef OFFICE_BODY_H
#define OFFICE_BODY_H

#include "query.h"

#include <auth/person.h>

/*
 * Puts the signatures of a document behind those of another with the same payload, both General
 * JSON (RFC 7515 7.2.1); those that are there already are left out. Nothing is verified; the
 * outcome is to be read as any document that came in.
 *
 * Ownership: gives *out, to be freed with auth_buf_free; *added tells how many were added.
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_CONFLICT when the payloads differ; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY.
 */
auth_status office_body_merge(auth_bytes stored, auth_bytes sent, auth_buf **out, size_t *added,
                              auth_error *err) AUTH_MUST_CHECK;

/* By what is searched. */
typedef enum office_search_by {
    OFFICE_SEARCH_PERSON = 1 << 0,
    OFFICE_SEARCH_NAME = 1 << 1,
    OFFICE_SEARCH_SERIAL = 1 << 2,
    OFFICE_SEARCH_OFFICER = 1 << 3,
    OFFICE_SEARCH_REQUEST = 1 << 4,
} office_search_by;

/* Octets of a text that is searched for, and of one that rejects, with NUL. */
#define OFFICE_TEXT_SIZE 513

/* What is searched. One of the values is set, as by says. */
typedef struct office_search {
    office_search_by by;
    auth_person_number person;
    char text[OFFICE_TEXT_SIZE]; /* name or officer */
    uint8_t serial[OFFICE_SERIAL_SIZE];
    size_t serial_len;
    uint8_t request[REGISTRY_ID_SIZE];
    char after[AUTH_IDENTIFIER_SIZE]; /* "" for the first page */
    size_t limit;
    auth_time from;
    auth_time before;
} office_search;

/*
 * Reads what to search for: exactly one of allowed, and after, limit, from, before.
 *
 * Ownership: wipe out->person with auth_person_number_wipe.
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_INVALID with the JSON path.
 */
auth_status office_body_search(auth_bytes body, unsigned allowed, auth_time now, office_search *out,
                               auth_error *err) AUTH_MUST_CHECK;

/* Reads why a request is rejected: 1 to 200 characters without what may be a person number. */
auth_status office_body_rejection(auth_bytes body, char out[OFFICE_TEXT_SIZE],
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * number.c: tells whether UTF-8 holds twelve digits or more in a row, of any width, also among
 * letters and with separators between them. It errs on the side of a number.
 */
bool office_may_be_number(const char *text);

/* What activates an item of an enrolment. */
typedef struct office_activation {
    uint8_t request[REGISTRY_ID_SIZE];
    int64_t item;
    char codes[2][65];
    auth_buf *csr;
} office_activation;

/*
 * Reads an activation.
 *
 * Ownership: wipe out->codes and free out->csr, also after a failure.
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_INVALID with the JSON path; AUTH_STATUS_MEMORY.
 */
auth_status office_body_activation(auth_bytes body, office_activation *out,
                                   auth_error *err) AUTH_MUST_CHECK;

#endif
