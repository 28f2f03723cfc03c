/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of approved requests, as an authority works through it: claim, decide, sign, store, all
 * in one transaction a batch. Its one invariant: what one batch stores (outcomes, certificates,
 * live certificates, holders, revocations, states, ledger entries) is there as a whole or not at
 * all, and a request has one outcome for each item.
 *
 * A claim is a row lock (FOR NO KEY UPDATE SKIP LOCKED), not a mark with a time: when a claimer
 * dies, the server ends its transaction and the requests are back at once. Several authorities may
 * work at the same time. registry_queue_run drives it all:
 *
 *   claim    whole documents in the order of submission, up to a number of items; a batch that
 *            has to be alone waits for those of others, and they for it
 *   prepare  the caller verifies the documents and adds a decision for each item that has none yet;
 *            an item without one waits (for an activation)
 *   reserve  the registry refuses single items that clash with what is there (a key of somebody
 *            else, a live certificate), and takes the places of the others; nothing is signed yet
 *   sign     the caller signs what is left, and writes the ledger bodies
 *   store    one statement a table
 *   journal  the caller's last word before COMMIT, such as a signing journal on another disk
 *
 * When a rule of the database stops a batch all the same, its documents are taken one by one, and
 * the one that does it is refused. Repeats reuse what was prepared and signed.
 */
#ifndef REGISTRY_QUEUE_H
#define REGISTRY_QUEUE_H

#include "certificate.h"
#include "office.h"
#include "officer.h"
#include "pool.h"
#include "request.h"

typedef enum registry_refusal {
    REGISTRY_REFUSAL_NONE,
#define REGISTRY_REFUSAL_ROW(id, status, text) REGISTRY_REFUSAL_##id,
#include "queue_refusal.def"
} registry_refusal;

/* The text of a refusal for people; NULL for none. */
const char *registry_refusal_text(registry_refusal refusal);

/* A certification request that came later, for an item of a claimed document. */
typedef struct registry_activation {
    size_t document;
    int64_t item;
    auth_bytes csr;
    auth_bytes code;
} registry_activation;

/* An outcome that an item of a claimed document has from an earlier batch. */
typedef struct registry_prior {
    size_t document;
    int64_t item;
    auth_status status;
} registry_prior;

/* A claimed request, and what is decided about it as a whole. */
typedef struct registry_document {
    registry_request request;
    bool is_gone;       /* on a repeat, somebody else has it: leave it out */
    bool is_refused;    /* set by the caller: no item of it is looked at */
    int64_t reason;     /* auth/request_reason.def; 0: none */
    const char *detail; /* up to 512 characters, or NULL */
    int64_t event;      /* of the ledger; 0: no entry for the document as a whole */
    auth_bytes body;
    registry_request_state state; /* what it comes to; set while storing */
} registry_document;

/* The decision about one item. All that it points to stays until the batch is over. */
typedef struct registry_decision {
    size_t document;
    int64_t item;
    auth_status status; /* AUTH_STATUS_OK: granted; the database knows answers (below 64) only */
    int64_t reason;     /* of a refusal, auth/request_reason.def; 0: none */
    const char *detail; /* or NULL */

    /* A certificate that comes of it; none when serial is {NULL, 0}. */
    auth_bytes serial;
    int64_t authority;
    int64_t shard;
    int64_t office;
    const char *profile;
    auth_bytes key_hash;
    auth_time not_before;
    auth_time not_after;
    auth_bytes der;      /* set in sign */
    const char *purpose; /* NULL: it may have others beside it */
    auth_bytes replaces; /* the live certificate whose place it takes, or {NULL, 0} */

    /* Its holder: an officer, nobody (a daemon, an authority), or a citizen, who comes into the
     * registry by it when she is new. */
    const char *officer_id;
    auth_bytes person_index;
    auth_bytes former_index; /* of the key generation before, or {NULL, 0} */
    auth_bytes sealed_number;
    auth_bytes sealed_name;
    int64_t seal_key;
    uint8_t citizen_id[REGISTRY_ID_SIZE]; /* for a new one; reserve puts that of a known one here */

    /*
     * An act on a certificate. Beside a new certificate it ends the one whose place that takes; if
     * it has ended already, action becomes NONE.
     */
    registry_action action;
    auth_bytes target;
    int64_t act_reason; /* RFC 5280 5.3.1 */

    /* What becomes of officers and offices, or NULL. The dates and requests in them count. */
    const registry_officer *appointed;
    const char *dismissed; /* an officer */
    const registry_office_new *opened;
    const char *closed; /* an office */

    /* Its ledger entry, set in sign; event 0: none. */
    int64_t event;
    auth_bytes body;

    /* A second one: of the act beside a certificate, or of the appointment; event 0: none. */
    int64_t act_event;
    auth_bytes act_body;

    /* Set by reserve. */
    registry_refusal refusal;
    int64_t target_authority;
    int64_t target_shard;
    auth_time target_not_after;
    bool is_known; /* the citizen */
} registry_decision;

/* Tells whether a decision stands as granted after reserve. */
static inline bool registry_decision_is_granted(const registry_decision *decision)
{
    return decision->status == AUTH_STATUS_OK && decision->refusal == REGISTRY_REFUSAL_NONE;
}

typedef struct registry_queue_batch {
    registry_document *documents;
    size_t document_count;
    registry_activation *activations;
    size_t activation_count;
    registry_prior *priors;
    size_t prior_count;
    registry_decision *decisions; /* added by registry_queue_decide */
    size_t decision_count;
    auth_time now; /* what is stored is of this time; prepare may set a later one */
} registry_queue_batch;

/* How much to claim; 0: 500 documents, 1,000 items, 16 MiB of documents. One document always fits.
 */
typedef struct registry_queue_limits {
    size_t documents;
    size_t items;
    size_t octets;
} registry_queue_limits;

/*
 * Makes an empty batch.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status registry_queue_batch_new(registry_queue_batch **out, auth_error *err) AUTH_MUST_CHECK;

void registry_queue_batch_free(registry_queue_batch *batch);

/*
 * Claims approved requests, in a transaction of the caller: into an empty batch what comes first,
 * into one with documents these again, where is_gone tells of those that somebody else has.
 *
 * Errors: those of a statement.
 */
auth_status registry_queue_claim(registry_connection *connection,
                                 const registry_queue_limits *limits, registry_queue_batch *batch,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Adds a decision. Errors: AUTH_STATUS_MEMORY. */
auth_status registry_queue_decide(registry_queue_batch *batch, const registry_decision *decision,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * Refuses the items that clash with what is there, and takes the places of the others: citizens,
 * holders of keys, live certificates. In the transaction of the claim.
 *
 * Errors: AUTH_STATUS_CONFLICT when somebody else came in between: roll back and begin again; those
 * of a statement.
 */
auth_status registry_queue_reserve(registry_connection *connection, registry_queue_batch *batch,
                                   auth_time now, auth_error *err) AUTH_MUST_CHECK;

/*
 * Stores the batch: outcomes, certificates, revocations, states, ledger entries and notices. In the
 * transaction of the claim.
 *
 * Errors: AUTH_STATUS_CONFLICT and AUTH_STATUS_INVALID when a rule of the database forbids it;
 * those of a statement.
 */
auth_status registry_queue_complete(registry_connection *connection, registry_queue_batch *batch,
                                    auth_time now, auth_error *err) AUTH_MUST_CHECK;

/* A step of the caller's, inside the transaction; it may run statements and ends nothing. */
typedef auth_status registry_queue_step(registry_connection *connection,
                                        registry_queue_batch *batch, void *context,
                                        auth_error *err);

/*
 * Tells whether a document of a batch is part of what is being stored now, or was. It is not when
 * somebody else has it, and while the documents of a batch are taken one by one.
 */
bool registry_queue_is_active(const registry_queue_batch *batch, size_t document);

/*
 * Tells whether a batch that was claimed ends what others may just be looking at, a certificate or
 * an appointment. From then on up to its commit no other batch is at work, in this process or
 * another, so that nobody obeys who was dismissed by an act that was committed before.
 */
typedef bool registry_queue_is_alone(const registry_queue_batch *batch, void *context);

/* Told after a commit that is known to be done: the active documents are decided. */
typedef void registry_queue_stored(const registry_queue_batch *batch, void *context);

/*
 * The steps of the caller's. prepare is called once and sees all documents; sign and journal may be
 * called again, and look at active documents only: sign leaves what has der. Nobody is told of a
 * certificate before stored.
 */
typedef struct registry_queue_work {
    registry_queue_step *prepare;
    registry_queue_step *sign;     /* or NULL */
    registry_queue_step *journal;  /* or NULL */
    registry_queue_stored *stored; /* or NULL */
    void *context;
    registry_queue_is_alone *is_alone; /* or NULL: never */
} registry_queue_work;

/* What a batch came to. */
typedef struct registry_queue_report {
    size_t documents; /* decided or made to wait */
    size_t granted;   /* items */
    size_t refused;   /* items */
    size_t poisoned;  /* documents that a rule of the database stopped */
} registry_queue_report;

/*
 * Works through one batch, up to its commit. *report tells what became of it: no documents, when
 * the queue is empty.
 *
 * Errors: AUTH_STATUS_UNKNOWN when the outcome of the commit could not be found out in time; those
 * of the steps, of a statement and of registry_transact.
 */
auth_status registry_queue_run(registry_pool *pool, const registry_queue_limits *limits,
                               auth_time now, const registry_queue_work *steps,
                               registry_queue_report *report, auth_error *err) AUTH_MUST_CHECK;

/*
 * Lets requests that are past their time expire, up to limit of them, in a transaction of the
 * caller. The result's rows are id, office and payload hash, for the ledger.
 *
 * Errors: those of a statement.
 */
auth_status registry_queue_expire(registry_connection *connection, auth_time now, size_t limit,
                                  registry_result **out, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(registry_queue_batch)

#endif
