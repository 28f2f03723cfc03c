/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What auth-ra and auth-lra have in common: who an officer is, taking documents in, and telling
 * what became of them. Its invariants: an officer is whom the realm's staff authority and the
 * registry both know, now, and each handler asks again before it acts; nothing goes into the
 * registry that auth_request_evaluate has not looked at; a refusal names a reason and leaves an
 * entry in the ledger. It signs nothing and believes no document because it is stored.
 *
 * Handlers (office/handlers.h) take an office as their context. Any thread.
 */
#ifndef OFFICE_OFFICE_H
#define OFFICE_OFFICE_H

#include "daemon/daemon.h"
#include "registry/role.h"

typedef struct office office;

/* Threads for handlers: documents that come at the same time wait for one commit, each in its own.
 */
#define OFFICE_WORKERS 32

/* Roles of peers, as the routes use them: bit 1 << auth_officer_role. */
#define OFFICE_CLERK ((uint32_t)1 << 1)
#define OFFICE_APPROVER ((uint32_t)1 << 2)
#define OFFICE_ADMIN ((uint32_t)1 << 3)
#define OFFICE_AUDITOR ((uint32_t)1 << 4)
#define OFFICE_ENTERS (OFFICE_CLERK | OFFICE_APPROVER | OFFICE_ADMIN)
#define OFFICE_ANY (OFFICE_ENTERS | OFFICE_AUDITOR)

/* How an office is opened. All is borrowed; realm is copied. */
typedef struct office_opening {
    daemon_self *self;
    const char *program;          /* "auth-ra" */
    const char *realm;            /* the realm's folder */
    registry_role role;           /* REGISTRY_ROLE_RA or REGISTRY_ROLE_LRA */
    const daemon_metric *metrics; /* the daemon's table, whose first rows are OFFICE_METRIC_ROWS */
} office_opening;

/*
 * Opens the realm and gets ready to work with its registry, which need not be there yet.
 *
 * Ownership: gives *out, to be freed with office_free.
 * Errors: those of realm_open; AUTH_STATUS_INVALID when an authority's certificate is not good;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status office_open(const office_opening *opening, office **out,
                        auth_error *err) AUTH_MUST_CHECK;

/* Frees an office. All of its handlers and workers have ended. NULL is fine. */
void office_free(office *it);
AUTH_DEFINE_CLEANUP(office)

/*
 * Finds out for which office the registry lets this daemon speak. Handlers do it when it was not
 * done; a daemon that cannot work without its registry does it when it starts.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when its login speaks for none; AUTH_STATUS_UNAVAILABLE; those of
 * statements.
 */
auth_status office_find_scope(office *it, auth_error *err) AUTH_MUST_CHECK;

/*
 * Judges a peer, as a daemon_judge with an office as its context: an officer's certificate of the
 * realm that is good now, whom the registry knows with this office and role, and whose office is
 * within, or above, that of this daemon.
 */
auth_status office_judge(void *context, const auth_bytes *chain, size_t count, daemon_peer *out,
                         auth_error *err);

/*
 * A daemon_worker_start function with an office as its context: hears what the registry tells,
 * wakes those who wait for an outcome, and has peers judged again when one of them is no longer
 * good. It looks once a second as well, in case nothing is told.
 */
void office_watch(daemon_worker *worker, void *context);

/*
 * Has the daemon show the certificate that auth-ca made anew for it; for daemon_every, once a
 * minute.
 *
 * Errors: those of realm_renewal_tls; a daemon without HTTPS has nothing to do.
 */
auth_status office_renew_tls(void *context, auth_error *err) AUTH_MUST_CHECK;

/* Whether the registry answers; for a daemon_program's ready. */
auth_status office_ready(void *context, auth_error *err);

/* The rows that a daemon's own table of metrics begins with: OFFICE_METRICS of them. */
enum {
    OFFICE_METRIC_TAKEN,
    OFFICE_METRIC_REFUSED,
    OFFICE_METRIC_GROUPS,
    OFFICE_METRICS,
};
#define OFFICE_METRIC_ROWS                                                                         \
    [OFFICE_METRIC_TAKEN] = {DAEMON_METRIC_COUNTER, "auth_office_documents_total",                 \
                             "Documents that were taken in.", NULL, NULL},                         \
    [OFFICE_METRIC_REFUSED] = {DAEMON_METRIC_COUNTER, "auth_office_refused_total",                 \
                               "Documents that were refused.", NULL, NULL},                        \
    [OFFICE_METRIC_GROUPS] = {DAEMON_METRIC_COUNTER, "auth_office_groups_total",                   \
                              "Transactions in which documents were taken in.", NULL, NULL}

#endif
