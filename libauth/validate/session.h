/* SPDX-License-Identifier: Apache-2.0 */
/* One call of auth_validate: what was handed in, read as far as it is needed. Internal to validate.
 */
#ifndef VALIDATE_SESSION_H
#define VALIDATE_SESSION_H

#include "validate/rules.h"
#include "validate/trust.h"

#include <auth/crl.h>

/* How often another chain is looked for after one was refused. */
#define SESSION_ATTEMPTS 8
/* How deep CRL issuers may hang on CRLs of other issuers. */
#define SESSION_LEVELS 3
/* Chains of CRL issuers that are looked for in all. */
#define SESSION_SIGNERS 64

/* A chain: certs[0] is the certificate asked about, certs[len - 1] the anchor. */
typedef struct path {
    size_t len;
    size_t number; /* of the session's paths, from 1 */
    const candidate *certs[AUTH_CHAIN_MAX];
} path;

typedef struct crl_item {
    auth_bytes der;
    bool is_viewed;    /* the next three are filled */
    auth_bytes issuer; /* Name, whole */
    x509_digest_of_name issuer_digest;
    auth_time this_update;
    bool is_parsed; /* crl or problem is filled */
    auth_crl *crl;
    finding problem;
    const candidate *signer; /* NULL until its signature was verified */
    finding signer_problem;
    size_t judged_path;      /* signer and signer_problem are final for this path; 0: for none */
    size_t judged_index;     /* and for the certificate at this place of it */
    const candidate *judged; /* whose own chain is being looked for, as the signer; or NULL */
} crl_item;

typedef struct session {
    const auth_trust *trust;
    const auth_validation *options;
    const auth_evidence *evidence;
    const purpose_rules *purpose;
    bool is_strict;
    candidate target;
    candidate *pool; /* evidence->intermediates, read, and checked and loaded when needed */
    size_t pool_count;
    size_t dropped_count; /* intermediates that could not be used */
    finding first_dropped;
    crl_item *crls;
    size_t crl_count;
    size_t signer_count; /* CRL issuers whose chains were looked for */
    size_t path_count;
} session;

/* Who decided, and why. */
typedef struct judgement {
    finding found;
    size_t depth;
    const candidate *cert; /* NULL: none in particular */
} judgement;

/* What a chain is wanted for. */
typedef struct path_query {
    const candidate *target;
    const purpose_rules *purpose;
    bool is_strict;
    unsigned level; /* 0: the certificate asked about; above: a CRL issuer */
} path_query;

typedef struct cert_status cert_status;

/*
 * Looks for a valid chain. *out is the chain, complete when the judgement's reason is OK and
 * otherwise as far as the first one came. With status not NULL, that of the certificate that
 * decided, or of the target. Errors: AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO, AUTH_STATUS_INVALID.
 */
auth_status session_find_path(session *s, const path_query *query, path *out, judgement *judged,
                              cert_status *status, auth_error *err) AUTH_MUST_CHECK;

#endif
