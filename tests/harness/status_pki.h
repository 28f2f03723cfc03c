/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority with an OCSP responder, for one type of key, and answers of any content. Functions
 * die when a call fails.
 */
#ifndef HARNESS_STATUS_PKI_H
#define HARNESS_STATUS_PKI_H

#include "harness/raw_cert.h"

#include <auth/ocsp.h>

#define STATUS_NOW ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */
#define STATUS_DAY ((auth_time)86400)

typedef struct status_pki {
    auth_signer *authority;
    auth_signer *delegate;
    raw_bytes authority_der;
    raw_bytes delegate_der;
    auth_ocsp_issuer *issuer;
} status_pki;

/* Authority "A" with the fixed key of that name, responder "R" with a new one. */
status_pki status_pki_new(const char *key);
void status_pki_free(status_pki *pki);

/* Another certificate for the responder's key, by the authority unless another signer is given. */
typedef struct status_delegate {
    const char *issuer;        /* NULL: "A" */
    auth_time not_before;      /* 0: a day before STATUS_NOW */
    auth_time not_after;       /* 0: a day after */
    auth_bytes extensions;     /* data NULL: those of a good responder */
    const auth_signer *signer; /* NULL: the authority */
} status_delegate;

raw_bytes status_delegate_make(const status_pki *pki, const status_delegate *delegate);

/* Appends a SingleResponse. status is CertStatus whole; extensions the content of Extensions. */
typedef struct status_single {
    const auth_ocsp_issuer *issuer;
    auth_bytes serial;
    auth_bytes status;
    auth_time this_update;
    auth_time next_update; /* 0: left out */
    auth_bytes extensions; /* data NULL: left out */
} status_single;

void status_put_single(der_writer *writer, const status_single *single);

/* An answer as pieces, so that each can be wrong. */
typedef struct status_answer {
    auth_bytes before;    /* whole items in front of responderID */
    auth_bytes responder; /* ResponderID whole; data NULL: by the signer's key */
    auth_time produced_at;
    auth_bytes singles;
    auth_bytes extensions; /* content of Extensions; data NULL: left out */
    const auth_signer *signer;
    auth_bytes certificates; /* content of certs; data NULL: left out */
    auth_bytes behind;
} status_answer;

raw_bytes status_answer_make(const status_answer *answer);

#endif
