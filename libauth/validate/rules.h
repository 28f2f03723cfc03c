/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of RFC 5280 about one certificate that OpenSSL does not hold it to, and those about its
 * purpose. docs/verify.md lists them. Internal to validate.
 */
#ifndef VALIDATE_RULES_H
#define VALIDATE_RULES_H

#include "validate/facts.h"

typedef struct rules_place {
    bool is_issuer; /* another certificate of the chain was issued with it */
    bool is_anchor;
    bool is_strict; /* the profile of the whole, see auth_validation.is_strict */
    const purpose_rules *purpose;
} rules_place;

/* Checks the form of a certificate in its place in the chain; false with *found. */
bool rules_check_form(const x509_cert_view *view, const cert_facts *facts, rules_place place,
                      finding *found);

/* Checks key usage and extended key usage in its place; false with *found. */
bool rules_check_purpose(const x509_cert_view *view, const cert_facts *facts, rules_place place,
                         finding *found);

/* Checks the validity, both ends included (RFC 5280 4.1.2.5); false with *found. */
bool rules_check_time(const x509_cert_view *view, auth_time now, finding *found);

#endif
