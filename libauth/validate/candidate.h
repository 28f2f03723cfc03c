/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that may become part of a chain: read by our own parsers first, bounded, and only
 * then by OpenSSL. Internal to validate.
 */
#ifndef VALIDATE_CANDIDATE_H
#define VALIDATE_CANDIDATE_H

#include "validate/facts.h"
#include "x509/name.h"

#include <auth/key.h>
#include <openssl/x509.h>

typedef struct candidate {
    auth_bytes der; /* borrowed */
    bool is_anchor;
    bool is_parsed; /* view is filled */
    bool is_read;   /* subject and issuer, too */
    bool is_usable; /* facts, key and x509 are filled */
    x509_cert_view view;
    x509_digest_of_name subject;
    x509_digest_of_name issuer;
    cert_facts facts;
    auth_public_key *key;
    X509 *x509; /* with the SM2 distinguishing ID set where it is needed */
} candidate;

/*
 * Reads the form of a certificate: cheap. A refusal is in *found and OK is returned with is_parsed
 * false. Errors: AUTH_STATUS_MEMORY.
 */
auth_status candidate_parse(candidate *c, auth_bytes der, finding *found,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * The same, and what its names are found by; is_read is false after a refusal. Errors:
 * AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO.
 */
auth_status candidate_read(candidate *c, auth_bytes der, finding *found,
                           auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads extensions and key of a certificate that was parsed; is_usable stays false, with *found,
 * when one of them is refused. Repeating it is fine. Errors: AUTH_STATUS_MEMORY,
 * AUTH_STATUS_CRYPTO.
 */
auth_status candidate_check(candidate *c, finding *found, auth_error *err) AUTH_MUST_CHECK;

/* Hands a certificate that is usable to OpenSSL. As candidate_check. */
auth_status candidate_load(candidate *c, finding *found, auth_error *err) AUTH_MUST_CHECK;

/* Frees what a candidate owns and makes it zero. */
void candidate_clear(candidate *c);

#endif
