/* SPDX-License-Identifier: Apache-2.0 */
/* A document out of the registry: found, opened, evaluated. Internal to office/. */
#ifndef OFFICE_STORED_H
#define OFFICE_STORED_H

#include "document.h"

/* A request that was found within the reach of who asks. */
typedef struct office_stored {
    registry_result *found;
    registry_request row;
    const office_place *place;
    auth_buf *clear;
    office_document document; /* request and verdict of the clear text */
} office_stored;

/*
 * Finds the request of the {id} of the path. What lies outside of the officer's subtree is as if it
 * were not there.
 *
 * Ownership: office_stored_clear, also after a failure.
 * Errors: AUTH_STATUS_NOT_FOUND; those of a statement.
 */
auth_status office_stored_find(office_visit *visit, office_stored *out,
                               auth_error *err) AUTH_MUST_CHECK;
auth_status office_stored_find_id(office_visit *visit, auth_bytes id, office_stored *out,
                                  auth_error *err) AUTH_MUST_CHECK;
void office_stored_clear(office_stored *it);

/* Opens the document's text into clear. Errors: those of registry_unseal. */
auth_status office_stored_open(const office_visit *visit, office_stored *it,
                               auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads and evaluates the opened document. Its refusal is in document.verdict.
 *
 * Errors: those of auth_request_parse; faults.
 */
auth_status office_stored_evaluate(const office_visit *visit, office_stored *it,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * read.c: begins a poll by the parameter wait, before anything is looked at; and says, when it was
 * found and whoever asks may know of it, whether to go on waiting (then the handler answers
 * nothing). What is not there is waited for by nobody; when too many wait, there is an answer at
 * once.
 *
 * Errors: AUTH_STATUS_INVALID for a wrong parameter; those of a statement.
 */
auth_status office_wait_begin(office_visit *visit, int64_t *wait_s,
                              auth_error *err) AUTH_MUST_CHECK;
auth_status office_wait_goes_on(office_visit *visit, office_stored *stored, int64_t wait_s,
                                bool *out, auth_error *err) AUTH_MUST_CHECK;

/* submit.c: answers about a document that was taken in or refused. */
auth_status office_submit_finish(office *it, daemon_request *request, office_document *document,
                                 auth_time now, auth_error *err) AUTH_MUST_CHECK;

#endif
