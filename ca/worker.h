/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work of auth-ca: from approved documents in the registry's queue to certificates and acts.
 *
 * Its one invariant: nothing is signed but what a document asks for whose signatures, office,
 * profile and items were all verified here and now against the policy; and nothing that was signed
 * leaves the process before the journal on disk names it and the registry has committed it,
 * together with its outcome and its entry in the ledger.
 *
 * A document that breaks a rule is refused and recorded, and the others go on. A fault of the
 * machine leaves the queue as it was. Several processes may share a queue; each has a journal of
 * its own. One thread at a time uses a worker, which has threads of its own.
 */
#ifndef CA_WORKER_H
#define CA_WORKER_H

#include "setting.h"

/* By how many seconds the clock may step back before work is refused. */
#define CA_CLOCK_STEP_S 2

/* By this file in the folder of the journal somebody says that the clock is right. */
#define CA_CLOCK_FILE "clock-confirmed"

typedef struct ca_worker ca_worker;

/*
 * Makes a worker; checks the authorities and that policy and profiles fit. latest is the time of
 * the newest thing that this authority did, or 0.
 *
 * Ownership: gives *out, to be freed with ca_worker_free; borrows all of setting until then.
 * Errors: AUTH_STATUS_INVALID when a key is not its certificate's, a certificate is not the root's,
 * or a profile of the policy is not there; AUTH_STATUS_LIMIT; those of auth_issuer_new and
 * auth_known_issuer_new.
 */
auth_status ca_worker_new(const ca_setting *setting, auth_time now, auth_time latest,
                          ca_worker **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes one more worker for another thread, of the same settings, journal and clock. Both may run
 * at the same time: the registry keeps their batches apart as it does those of two processes, and
 * the journal takes them in turns.
 *
 * Ownership: gives *out, to be freed with ca_worker_free before first is.
 * Errors: as ca_worker_new.
 */
auth_status ca_worker_beside(ca_worker *first, auth_time now, ca_worker **out,
                             auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void ca_worker_free(ca_worker *worker);

/*
 * Works through one batch of the queue, up to its commit. *report tells what became of it: no
 * documents, when the queue is empty.
 *
 * Errors: AUTH_STATUS_CONFLICT when the clock stepped back: nothing was done; AUTH_STATUS_IO of the
 * journal, after which the process must end and recover; those of registry_queue_run.
 */
auth_status ca_worker_run(ca_worker *worker, auth_time now, registry_queue_report *report,
                          auth_error *err) AUTH_MUST_CHECK;

/* What limits refused of the last batch; the office and profile are those of the first item. */
typedef struct ca_limited {
    size_t items;
    char office[AUTH_IDENTIFIER_SIZE];
    char profile[AUTH_IDENTIFIER_SIZE];
} ca_limited;

const ca_limited *ca_worker_limited(const ca_worker *worker);

/* Tells whether the clock stepped back, so that nothing is done. */
bool ca_worker_is_behind(const ca_worker *worker, auth_time now);

/* Somebody has looked at the clock: it is right, and work goes on from there. */
void ca_worker_confirm_clock(ca_worker *worker);

AUTH_DEFINE_CLEANUP(ca_worker)

#endif
