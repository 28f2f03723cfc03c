/* SPDX-License-Identifier: Apache-2.0 */
/* What the extensions of one certificate say, decoded once. Internal to validate. */
#ifndef VALIDATE_FACTS_H
#define VALIDATE_FACTS_H

#include "validate/finding.h"
#include "x509/view.h"

typedef struct cert_facts {
    bool is_self_issued; /* subject and issuer are the same */
    bool has_basic_constraints;
    x509_basic_constraints basic_constraints;
    bool has_key_usage;
    uint32_t key_usage;
    auth_bytes subject_key_id;                /* empty with data NULL when absent */
    x509_authority_key authority_key;         /* likewise */
    const x509_extension *extended_key_usage; /* NULL when absent, as the next four */
    const x509_extension *subject_alt_name;
    const x509_extension *name_constraints;
    const x509_extension *policies;
    const x509_extension *distribution_points; /* their content is walked over when needed */
    bool has_policy_rules; /* policyConstraints, policyMappings or inhibitAnyPolicy */
    bool has_no_check;     /* id-pkix-ocsp-nocheck */
} cert_facts;

/*
 * Reads the extensions. Pointers lead into view. False, with *found, when one is not of its form or
 * holds a name that must not come near OpenSSL.
 */
bool facts_read(const x509_cert_view *view, cert_facts *out, finding *found);

#endif
