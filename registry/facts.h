/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the registry and the realm's authorities know about requests, for auth_request_evaluate: who
 * signed and whether he is trusted, how offices lie, what was used before.
 *
 * Everything about a batch of requests is gathered first, with one statement a table; then any
 * number of threads evaluate, each through a view of its own, without the database. A fact that was
 * not gathered is never made up: it ends the evaluation with AUTH_STATUS_INTERNAL.
 *
 * Its one invariant: an officer's signature counts only when an authority of the realm issued the
 * certificate, the registry has exactly this certificate, and both say the same of officer, office,
 * role and realm. So neither a stolen key of the database nor a certificate from elsewhere makes an
 * officer.
 */
#ifndef REGISTRY_FACTS_H
#define REGISTRY_FACTS_H

#include "crypto.h"
#include "keyring.h"
#include "statement.h"

#include <auth/quorum.h>
#include <auth/validate.h>

/* What facts are judged by. Borrowed, and not changed while facts are there. */
typedef struct registry_facts_setting {
    const char *realm;
    const registry_keyring *ring;      /* with which persons are looked up */
    const auth_known_issuer *staff;    /* who issues to officers */
    const auth_known_issuer *citizens; /* who issues to citizens; NULL: nobody */
    uint32_t generation;               /* of the master key, for persons; 0: the newest of ring */
} registry_facts_setting;

typedef struct registry_facts registry_facts;

/*
 * Makes facts without anything gathered.
 *
 * Ownership: gives *out, to be freed with registry_facts_free; borrows setting until then.
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status registry_facts_new(const registry_facts_setting *setting, registry_facts **out,
                               auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void registry_facts_free(registry_facts *facts);

/*
 * Gathers what evaluating these requests takes, in place of what was gathered before; but judged
 * signers are remembered. Places that are NULL are passed over. Nobody may evaluate meanwhile.
 *
 * Errors: AUTH_STATUS_LIMIT when they speak of more than REGISTRY_ARRAY_MAX things of one sort;
 * those of a statement; faults of validation. After an error nothing is gathered.
 */
auth_status registry_facts_gather(registry_facts *facts, registry_connection *connection,
                                  const auth_request *const *requests, size_t count,
                                  auth_error *err) AUTH_MUST_CHECK;

/*
 * The same as it was just before a time: revocations, suspensions, dismissals and closed offices of
 * that time or later are left out, also those that the requests themselves brought about then.
 */
auth_status registry_facts_gather_before(registry_facts *facts, registry_connection *connection,
                                         const auth_request *const *requests, size_t count,
                                         auth_time before, auth_error *err) AUTH_MUST_CHECK;

/* Facts as one thread sees them. crypto is that thread's own. */
typedef struct registry_facts_view {
    const registry_facts *facts;
    registry_crypto *crypto;
} registry_facts_view;

/* The functions for auth_request_evaluate; view must stay where it is while they are in use. */
auth_request_facts registry_facts_of(registry_facts_view *view);

/* Finds the number of an office that was gathered; 0: there is none. */
int64_t registry_facts_office(const registry_facts *facts, const char *office, const char **path);

AUTH_DEFINE_CLEANUP(registry_facts)

#endif
