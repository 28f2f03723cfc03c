/* SPDX-License-Identifier: Apache-2.0 */
/* Does a CRL speak of a certificate? RFC 5280 6.3.3 (b). Internal to validate. */
#ifndef VALIDATE_CRL_MATCH_H
#define VALIDATE_CRL_MATCH_H

#include "validate/candidate.h"

#include <auth/crl.h>

/* A distribution point of a certificate, or the one that RFC 5280 6.3.3 assumes last. */
typedef struct crl_point {
    x509_distribution_point point;
    bool is_assumed; /* the certificate's issuer by name, all reasons */
    unsigned reasons;
} crl_point;

/* The most distribution points of a certificate that are looked at. */
#define CRL_POINTS_MAX 32

/* Fills points with those of a certificate and the assumed one at the end; returns how many. */
size_t crl_points_of(const candidate *c, crl_point points[CRL_POINTS_MAX + 1]);

/* Tells whether a CRL of this issuer may be about certificates of this distribution point. */
bool crl_issuer_matches(auth_bytes crl_issuer, const candidate *c, const crl_point *point);

/*
 * Tells whether the scope of a CRL takes in the certificate by this distribution point; false with
 * *found.
 */
bool crl_scope_matches(const auth_crl *crl, const candidate *c, const crl_point *point,
                       finding *found);

#endif
