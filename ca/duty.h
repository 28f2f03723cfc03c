/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What auth-ca does besides the queue: heads of the ledger, revocation lists, requests that expire.
 * Its one invariant: a list or head is in the journal before it is committed, and names everything
 * that was committed before it was begun. Several processes may do these at once; numbers and locks
 * of the registry keep them apart. The thread of the worker calls them, because of the journal.
 */
#ifndef CA_DUTY_H
#define CA_DUTY_H

#include "registry/crypto.h"
#include "setting.h"

/*
 * Gives entries of the ledger their places and signs a head with the key of CA_STAFF; to be called
 * about once a second, and again while *is_more.
 *
 * Errors: those of registry_ledger_advance and of the journal.
 */
auth_status ca_advance_ledger(const ca_setting *setting, registry_crypto *crypto, auth_time now,
                              bool *is_more, auth_error *err) AUTH_MUST_CHECK;

/* When lists are made anew. */
typedef struct ca_crl_plan {
    int64_t full_every_s;  /* a full CRL; it is good for twice as long */
    int64_t delta_every_s; /* a delta CRL without anything new; it is good for twice as long */
} ca_crl_plan;

/*
 * Makes the CRLs that are due, of every authority and shard: a full one when there is none or it is
 * old, a delta one when there are new acts, it is old, or it adds to an older full one. *made
 * counts them.
 *
 * Errors: those of statements, of the CRL builder, of signing and of the journal.
 */
auth_status ca_tend_crls(const ca_setting *setting, const ca_crl_plan *plan,
                         registry_crypto *crypto, auth_time now, size_t *made,
                         auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes the partitions of this quarter of a year and the next ones; to be called once an hour.
 *
 * Errors: those of statements.
 */
auth_status ca_prepare_epochs(const ca_setting *setting, auth_error *err) AUTH_MUST_CHECK;

/* The most certificates that are renewed at once; a ceremony makes fewer. */
#define CA_RENEWALS_MAX 64

/* One certificate that was due. */
typedef struct ca_renewal {
    char profile[AUTH_IDENTIFIER_SIZE];
    int64_t item;        /* of the ceremony */
    auth_time not_after; /* of the new one; when none was made, of the one that stays */
    auth_error error;    /* why none was made, or OK */
} ca_renewal;

typedef struct ca_renewals {
    size_t count;
    ca_renewal rows[CA_RENEWALS_MAX];
} ca_renewals;

/*
 * Makes those certificates of daemons and responders anew that end soon (registry/renewal.h): for
 * the key, subject, names and profile that a ceremony certified, which is the mandate for all time,
 * unless something of it was revoked. What cannot be renewed is told in *out and holds up no other.
 * margin_s is how long before its end a certificate must have been replaced at the least.
 *
 * Errors: those of statements, of signing and of the journal.
 */
auth_status ca_renew(const ca_setting *setting, registry_crypto *crypto, auth_time now,
                     int64_t margin_s, ca_renewals *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Lets requests expire that are past their time, up to a hundred, each with its entry in the
 * ledger. *expired counts them.
 *
 * Errors: those of statements.
 */
auth_status ca_expire(const ca_setting *setting, auth_time now, size_t *expired,
                      auth_error *err) AUTH_MUST_CHECK;

#endif
