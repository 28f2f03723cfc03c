/* SPDX-License-Identifier: Apache-2.0 */
/* What a check found: a reason, and the rule exactly. Internal to validate. */
#ifndef VALIDATE_FINDING_H
#define VALIDATE_FINDING_H

#include <auth/validate.h>

typedef struct finding {
    auth_verdict_reason reason;
    char detail[AUTH_VERDICT_DETAIL_SIZE];
} finding;

/* Writes a finding; returns false, so that a check can say `return finding_set(...)`. */
bool finding_set(finding *found, auth_verdict_reason reason, const char *format, ...)
    AUTH_PRINTF(3, 4);

/*
 * The row of a purpose in auth/purpose.def, OID and OpenSSL's number for it included. A number that
 * is not in the table gives NULL.
 */
typedef struct purpose_rules {
    auth_purpose purpose;
    const char *name;
    int extended_key_usage; /* an oid */
    uint32_t key_usage;
    bool is_authority;
    int openssl_purpose;
} purpose_rules;

const purpose_rules *purpose_find(auth_purpose purpose);

#endif
