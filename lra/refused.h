/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that were kept here and that the registry refused when they were delivered: their ids,
 * with reason, item and text, so that whoever asks for the outcome is told. One small file a
 * document in the folder refused of the spool's; it holds nothing of the document itself. Any
 * thread.
 */
#ifndef LRA_REFUSED_H
#define LRA_REFUSED_H

#include "spool.h"

#include <auth/quorum.h>

/* The most that are remembered; those that were refused first give way. */
#define LRA_REFUSED_MAX 10000

typedef struct lra_refusal {
    auth_request_reason reason;
    size_t item; /* whose matter alone it is; AUTH_REQUEST_NOWHERE: the document's */
    auth_time at;
    char text[AUTH_ERROR_TEXT_SIZE];
} lra_refusal;

typedef struct lra_refused lra_refused;

/*
 * Opens the folder, and makes it when it is missing.
 *
 * Ownership: gives *out, to be freed with lra_refused_free.
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED for permissions; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY.
 */
auth_status lra_refused_open(const char *spool, lra_refused **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void lra_refused_free(lra_refused *refused);

/*
 * Notes a refusal durably. A second one of the same id takes the place of the first.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status lra_refused_note(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE],
                             const lra_refusal *refusal, auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds a refusal.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_MALFORMED for a file that is damaged; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY.
 */
auth_status lra_refused_find(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE],
                             lra_refusal *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Forgets the refusal of a document that was taken in since. There may be none.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status lra_refused_forget(lra_refused *refused, const uint8_t id[LRA_SPOOL_ID_SIZE],
                               auth_error *err) AUTH_MUST_CHECK;

/* How many there are. */
size_t lra_refused_count(lra_refused *refused);

AUTH_DEFINE_CLEANUP(lra_refused)

#endif
