/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What auth-lra asks of an office besides the handlers: to let an officer in whom it judged by
 * itself while the registry was away, and to take in what it had kept. Any thread.
 */
#ifndef OFFICE_COUNTER_H
#define OFFICE_COUNTER_H

#include "office.h"

#include "realm/realm.h"
#include "registry/request.h"

#include <auth/validate.h>

/* The realm and its issuers, as the office opened them; borrowed. */
const realm *office_realm_of(const office *it);
const auth_known_issuer *office_staff(const office *it);
const auth_known_issuer *office_citizens(const office *it);

/* An officer as somebody else has judged him. Borrowed. */
typedef struct office_introduction {
    auth_bytes serial;      /* of the certificate */
    auth_bytes certificate; /* SHA-256 of it */
    const char *officer;
    auth_officer_role role;
    const char *office; /* its identifier, path and number */
    const char *path;
    int64_t number;
} office_introduction;

/*
 * Makes a peer of an officer without asking the registry. Each handler asks it before it acts.
 *
 * Errors: AUTH_STATUS_INVALID when what is told of him does not fit; AUTH_STATUS_MEMORY.
 */
auth_status office_welcome(office *it, const office_introduction *who, daemon_peer *out,
                           auth_error *err) AUTH_MUST_CHECK;

/* The most documents that are delivered at once. */
#define OFFICE_DELIVERY_MAX 64

/* What became of a document. */
typedef struct office_delivery {
    auth_status status;           /* OK: the registry has decided; else a fault, or UNKNOWN */
    auth_request_reason reason;   /* NONE: it is in */
    registry_request_state state; /* of what is in */
    size_t item;      /* whose matter alone a refusal is; AUTH_REQUEST_NOWHERE: the document's */
    auth_error error; /* of a fault, or of a refusal */
} office_delivery;

/*
 * Takes documents in, in their order, for nobody in particular: by their signatures alone. A
 * refusal has left its entry in the ledger. Safe to repeat.
 *
 * Errors: AUTH_STATUS_LIMIT for none or more than OFFICE_DELIVERY_MAX; AUTH_STATUS_MEMORY.
 */
auth_status office_deliver(office *it, const auth_bytes *texts, size_t count, office_delivery *out,
                           auth_error *err) AUTH_MUST_CHECK;

#endif
