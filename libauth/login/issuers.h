/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorities whose certificates a verifier has met, each validated once. Internal to login.
 *
 * An issuer never changes and is kept until the last holder and the table let it go.
 */
#ifndef LOGIN_ISSUERS_H
#define LOGIN_ISSUERS_H

#include "login/policy.h"

#include <auth/login.h>
#include <auth/ocsp.h>
#include <pthread.h>
#include <stdatomic.h>

/* A realm has a few; more only make the oldest be validated again. */
#define LOGIN_ISSUERS_MAX 64

typedef struct login_issuer {
    atomic_size_t references;
    auth_known_issuer *known;
    auth_ocsp_issuer *ocsp;
    uint8_t *octets;                  /* what the next two view */
    size_t chain_len;                 /* the issuer first, the anchor last */
    auth_bytes chain[AUTH_CHAIN_MAX]; /* DER */
    auth_bytes subject;               /* Name */
    auth_bytes key_id;                /* of subjectKeyIdentifier; empty: it has none */
    auth_time not_before;             /* of the chain whole */
    auth_time not_after;
    bool is_allowed;   /* it may issue for this kind of login */
    unsigned policies; /* bit n: the chain certifies under policy n of the verifier's levels */
    char name[AUTH_LOGIN_TEXT_SIZE];
} login_issuer;

typedef struct login_issuers {
    pthread_mutex_t lock;
    size_t next; /* the row that is replaced when all are taken */
    login_issuer *rows[LOGIN_ISSUERS_MAX];
} login_issuers;

/* What an issuer is judged by. */
typedef struct login_trust {
    const auth_trust *trust;
    const auth_bytes *authorities; /* that may issue; none: all */
    size_t authority_count;
    const auth_login_policy *policy;
} login_trust;

/*
 * Makes an issuer of a chain that was validated: issuer first, anchor last.
 * Errors: those of auth_known_issuer_new; AUTH_STATUS_INTERNAL when it is not valid after all.
 */
auth_status login_issuer_new(const login_trust *trust, const auth_validation *options,
                             const auth_bytes *chain, size_t chain_len, login_issuer **out,
                             auth_error *err) AUTH_MUST_CHECK;

login_issuer *login_issuer_hold(login_issuer *issuer);
void login_issuer_release(login_issuer *issuer);

/* Gives the next issuer from *row on that has this name and key identifier, held; NULL: no more. */
login_issuer *login_issuers_find(login_issuers *table, auth_bytes name, auth_bytes key_id,
                                 size_t *row);

/* Keeps an issuer, unless one with the same chain is there. */
void login_issuers_keep(login_issuers *table, login_issuer *issuer);

void login_issuers_clear(login_issuers *table);

#endif
