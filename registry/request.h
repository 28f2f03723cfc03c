/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests on their way: submitted, signed, approved, rejected, found again. Its one invariant: a
 * request id stands for one payload; the same document again is the same request, another one under
 * its id is refused. What is in the document is not read here.
 */
#ifndef REGISTRY_REQUEST_H
#define REGISTRY_REQUEST_H

#include "entry.h"
#include "pool.h"
#include "record.h"

typedef enum registry_request_state {
#define REGISTRY_REQUEST_STATE_ROW(id, number, name, is_decided) REGISTRY_REQUEST_##id = (number),
#include "request_state.def"
} registry_request_state;

/* The name of a state, such as "approved"; NULL when it is none. */
const char *registry_request_state_name(registry_request_state state);

/* What is listed. document is there after registry_request_find only. */
typedef struct registry_request {
    auth_bytes id;
    int64_t kind; /* auth/request_kind.def */
    int64_t office;
    registry_request_state state;
    int64_t item_count;
    int64_t revision; /* of the document: signatures add to it */
    auth_bytes payload_hash;
    int64_t seal_key;
    auth_time created_at;
    auth_time expires_at;
    auth_time submitted_at;
    auth_time decided_at; /* REGISTRY_NO_TIME: not yet */
    int64_t reason;       /* auth/request_reason.def; 0: none */
    const char *detail;   /* or NULL */
    auth_bytes document;  /* sealed */
} registry_request;

typedef struct registry_signature {
    int64_t place; /* in the document, from 0 */
    auth_bytes signer_serial;
    const char *officer_id; /* NULL: the citizen's own key */
    auth_time signed_at;
} registry_signature;

/* An item of a request to be submitted. */
typedef struct registry_item_new {
    auth_bytes person_index; /* or {NULL, 0} */
    auth_bytes serial;       /* the certificate that it speaks of, or {NULL, 0} */
} registry_item_new;

/* A request to be submitted. All that it points to is borrowed. */
typedef struct registry_request_new {
    auth_bytes id;
    int64_t kind;
    int64_t office;
    registry_request_state state; /* SUBMITTED, or APPROVED when it has all its signatures */
    auth_bytes payload_hash;
    auth_bytes document; /* sealed */
    int64_t seal_key;
    auth_time created_at;
    auth_time expires_at;
    const registry_item_new *items;
    size_t item_count;
    const registry_signature *signatures;
    size_t signature_count;
    int64_t event; /* of the ledger, and the body of its entry */
    auth_bytes body;
} registry_request_new;

typedef enum registry_submission {
    REGISTRY_SUBMISSION_NEW,    /* it is in now */
    REGISTRY_SUBMISSION_BEFORE, /* it was in before, the same payload */
    REGISTRY_SUBMISSION_OTHER,  /* its id stands for another payload, or is of another office */
} registry_submission;

/* What became of one request that was submitted. */
typedef struct registry_submitted {
    registry_submission what;
    registry_request_state state; /* where it stands; not set for OTHER */
    int64_t revision;
} registry_submitted;

/*
 * Submits requests with their items, signatures and ledger entries, in a transaction of the caller,
 * and tells the authority when one is approved. results has count places; what was there before is
 * left as it is.
 *
 * Errors: AUTH_STATUS_DENIED when an office is not in the scope of this login; AUTH_STATUS_LIMIT
 * when it is too much for one call; those of a statement.
 */
auth_status registry_request_enqueue(registry_connection *connection,
                                     const registry_request_new *requests, size_t count,
                                     registry_submitted *results, auth_error *err) AUTH_MUST_CHECK;

/*
 * Submits requests in a transaction of their own. Safe to repeat, also after AUTH_STATUS_UNKNOWN.
 *
 * Errors: those of registry_request_enqueue and registry_transact.
 */
auth_status registry_request_submit(registry_pool *pool, const registry_request_new *requests,
                                    size_t count, registry_submitted *results,
                                    auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells whether requests that were submitted together came in, for a look-up after an unknown
 * outcome (registry_transact); results as after registry_request_enqueue of what was there before.
 *
 * Errors: those of a statement.
 */
auth_status registry_request_look_up(registry_connection *connection,
                                     const registry_request_new *requests, size_t count,
                                     registry_submitted *results, bool *is_done,
                                     auth_error *err) AUTH_MUST_CHECK;

/* A signature that is added to a submitted request. */
typedef struct registry_amendment {
    auth_bytes id;
    int64_t revision;    /* the one that was read */
    auth_bytes document; /* sealed, with the new signature */
    int64_t seal_key;
    registry_request_state state; /* SUBMITTED, or APPROVED when that was the last one */
    registry_signature signature;
    registry_entry entry;
} registry_amendment;

/*
 * Adds a signature, in a transaction of the caller, and tells the authority when the request is
 * approved by it.
 *
 * Errors: AUTH_STATUS_CONFLICT when the request is no longer submitted, somebody else signed
 * meanwhile or has signed already: read it again; those of a statement.
 */
auth_status registry_request_amend(registry_connection *connection,
                                   const registry_amendment *amendment,
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Rejects a submitted request, in a transaction of the caller. detail may be NULL.
 *
 * Errors: AUTH_STATUS_CONFLICT when it is no longer submitted; those of a statement.
 */
auth_status registry_request_reject(registry_connection *connection, auth_bytes id, int64_t reason,
                                    const char *detail, auth_time decided_at,
                                    const registry_entry *entry, auth_error *err) AUTH_MUST_CHECK;

/*
 * Adds a certification request with its two codes to an item that waits for it, in a transaction of
 * the caller. A request that waits is approved again, and the authority is told. A second one for
 * the same item changes nothing.
 *
 * Errors: AUTH_STATUS_DENIED when the request is not in scope or decided; AUTH_STATUS_CONFLICT when
 * the item has one already; those of a statement.
 */
auth_status registry_request_activate(registry_connection *connection, auth_bytes id, int64_t item,
                                      auth_bytes csr, auth_bytes code,
                                      auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds the certification request that an item was activated with.
 *
 * Ownership: gives *out, to be freed with registry_result_free; csr is borrowed from it.
 * Errors: AUTH_STATUS_NOT_FOUND when the item has none; those of a statement.
 */
auth_status registry_request_activation(registry_connection *connection, auth_bytes id,
                                        int64_t item, registry_result **out, auth_bytes *csr,
                                        auth_error *err) AUTH_MUST_CHECK;

/* Finds a request with its document. Errors: AUTH_STATUS_NOT_FOUND; those of a statement. */
auth_status registry_request_find(registry_connection *connection, auth_bytes id,
                                  registry_result **out, auth_error *err) AUTH_MUST_CHECK;

/* What to list: of some offices, in some states, made at some time. */
typedef struct registry_request_query {
    const int64_t *offices;
    size_t office_count;
    const int64_t *states;
    size_t state_count;
    auth_bytes after;      /* the last id of the page before, or {NULL, 0} */
    auth_time made_from;   /* by the time in the id (RFC 9562 5.7), or REGISTRY_NO_TIME */
    auth_time made_before; /* or REGISTRY_NO_TIME */
    size_t limit;
} registry_request_query;

/* Lists requests by id, which is the order in which they were made. */
auth_status registry_request_list(registry_connection *connection,
                                  const registry_request_query *query, registry_result **out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Finds those of many ids that there are, by id, without their documents. */
auth_status registry_request_list_ids(registry_connection *connection, const auth_bytes *ids,
                                      size_t count, registry_result **out,
                                      auth_error *err) AUTH_MUST_CHECK;

/* The same with their documents. */
auth_status registry_request_documents(registry_connection *connection, const auth_bytes *ids,
                                       size_t count, registry_result **out,
                                       auth_error *err) AUTH_MUST_CHECK;

/* The id before all that are made at a time: a UUIDv7 begins with it (RFC 9562 5.7). */
void registry_request_first_id(auth_time time, uint8_t out[REGISTRY_ID_SIZE]);

/* List the requests about a person, by indexes of each key generation one, and a certificate. */
auth_status registry_request_list_person(registry_connection *connection, const auth_bytes *indexes,
                                         size_t count, auth_bytes after, size_t limit,
                                         registry_result **out, auth_error *err) AUTH_MUST_CHECK;
auth_status registry_request_list_serial(registry_connection *connection, auth_bytes serial,
                                         auth_bytes after, size_t limit, registry_result **out,
                                         auth_error *err) AUTH_MUST_CHECK;

/* Errors: AUTH_STATUS_INTERNAL when the result is of another kind. */
auth_status registry_request_read(registry_result *result, size_t row, registry_request *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* An item and what became of it. */
typedef struct registry_item {
    int64_t item;
    auth_bytes person_index;
    auth_bytes serial;      /* that it speaks of */
    bool has_outcome;       /* if not, the rest is not set */
    auth_status status;     /* AUTH_STATUS_OK: done */
    int64_t reason;         /* auth/request_reason.def; 0: none */
    const char *detail;     /* or NULL */
    auth_bytes certificate; /* the serial number of what was issued, or {NULL, 0} */
    auth_time at;
} registry_item;

/* Lists all items of a request, and all signatures. */
auth_status registry_request_items(registry_connection *connection, auth_bytes id,
                                   registry_result **out, auth_error *err) AUTH_MUST_CHECK;
auth_status registry_item_read(registry_result *result, size_t row, registry_item *out,
                               auth_error *err) AUTH_MUST_CHECK;
auth_status registry_request_signatures(registry_connection *connection, auth_bytes id,
                                        registry_result **out, auth_error *err) AUTH_MUST_CHECK;
auth_status registry_signature_read(registry_result *result, size_t row, registry_signature *out,
                                    auth_error *err) AUTH_MUST_CHECK;

#endif
