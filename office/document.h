/* SPDX-License-Identifier: Apache-2.0 */
/* A document on its way into the registry. Internal to office/. */
#ifndef OFFICE_DOCUMENT_H
#define OFFICE_DOCUMENT_H

#include "state.h"

#include "registry/ledger_body.h"
#include "registry/request.h"

#include <auth/quorum.h>

/* Entries of the ledger that one document may need at once. */
#define OFFICE_BODIES 2

typedef struct office_document {
    const office_officer *officer; /* who sends it; NULL: the holder herself */
    auth_bytes text;
    auth_request *request; /* NULL: it could not be read */
    bool is_amending;      /* it is there already, and gets signatures */

    /* What became of it: OK, or a refusal with its reason. */
    auth_status status;
    auth_error error;
    auth_request_reason reason;
    size_t item; /* whose matter alone the refusal is; AUTH_REQUEST_NOWHERE: it is the document's */
    auth_request_verdict verdict;
    registry_submitted submitted;

    /* Its rows. */
    int64_t office; /* 0: it has none within reach */
    char path[OFFICE_PATH_SIZE];
    uint8_t id[REGISTRY_ID_SIZE];
    uint8_t hash[REGISTRY_HASH_SIZE]; /* of its payload */
    auth_buf *sealed;
    uint8_t (*indexes)[REGISTRY_HASH_SIZE];
    registry_item_new *items;
    registry_signature signatures[AUTH_JWS_SIGNATURES_MAX];
    auth_buf *bodies[OFFICE_BODIES];
    registry_request_new row;

    /* Its place in the queue (queue.h). */
    struct office_document *next;
    pthread_cond_t *waiter; /* of the thread that waits for it */
    int64_t came_ms;
    bool is_coming; /* it is being read */
    bool is_done;
} office_document;

/*
 * Reads a document and the proofs in it, without the registry. What is wrong with it is its
 * refusal, not an error.
 *
 * Ownership: the document is to be cleared with office_document_clear; text is borrowed.
 * Errors: faults.
 */
auth_status office_document_read(const office *it, auth_bytes text, auth_time now,
                                 office_document *out, auth_error *err) AUTH_MUST_CHECK;

void office_document_clear(office_document *document);

/* Refuses a document, unless it was refused before. */
void office_document_refuse(office_document *document, auth_request_reason reason,
                            const char *text);

/* The same for the matter of one of its items: without this item nothing is against it yet. */
void office_document_refuse_item(office_document *document, auth_request_reason reason, size_t item,
                                 const char *text);

/*
 * Evaluates a document with facts that were gathered, and finds its office.
 *
 * Errors: faults.
 */
auth_status office_document_evaluate(const office *it, const office_desk *desk, auth_time now,
                                     office_document *document, auth_error *err) AUTH_MUST_CHECK;

/* Makes the rows of a document that was evaluated and not refused. Errors: faults. */
auth_status office_document_fill(const office *it, const office_desk *desk, auth_time now,
                                 office_document *document, auth_error *err) AUTH_MUST_CHECK;

/* Makes the signatures' rows, in the order of the document. */
void office_document_sign(office_document *document);

/* Seals text as the document, in a buffer that the caller frees. Errors: those of registry_seal. */
auth_status office_document_seal(const office *it, const office_desk *desk,
                                 const office_document *document, auth_bytes text, auth_buf **out,
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes the body of a ledger entry about a document, signed by the first of its signers; with
 * DENIED, by who sent it. The caller frees *out.
 *
 * Errors: those of registry_ledger_body_write.
 */
auth_status office_document_tell(const office *it, const office_document *document,
                                 registry_ledger_event event, size_t signers, auth_time now,
                                 auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/* The entry of a refused document, around a body of office_document_tell. */
registry_entry office_document_denial(const office *it, const office_document *document,
                                      auth_bytes body);

/*
 * intake.c: reads a document as office_document_read, and lets those that wait to be taken in know
 * that it comes. The caller then gives it to office_take_in.
 *
 * Errors: faults; then it does not come.
 */
auth_status office_receive(office *it, auth_bytes text, auth_time now, office_document *out,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * intake.c: takes documents in, in their order, together with those of others, or refuses them;
 * waits until that is done. count is at least 1.
 */
void office_take_in(office *it, office_document *documents, size_t count);

/* intake.c: takes a group in, for the queue of an office, which is the context. */
void office_intake_run(void *context, office_document *const *members, size_t count);

/* intake.c: leaves the entry of a refused document in the ledger. Errors: those of a transaction.
 */
auth_status office_deny(office *it, office_document *document, auth_time now,
                        auth_error *err) AUTH_MUST_CHECK;

/* refuse.c: what a handler returns for a refused document. */
auth_status office_refusal(daemon_request *request, const office_document *document,
                           auth_error *err);

#endif
