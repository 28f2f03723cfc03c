/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of issue share. Internal to issue. */
#ifndef ISSUE_ISSUE_H
#define ISSUE_ISSUE_H

#include "profile/profile.h"
#include "x509/view.h"

#include <auth/issue.h>

/* A certificate of the largest profile fits: 100 names, 8 KiB of constants, addresses. */
#define ISSUE_TBS_SIZE ((size_t)48 * 1024)
/* The most octets of a serial number (RFC 5280 4.1.2.2). */
#define ISSUE_SERIAL_MAX 20
/* The longest AlgorithmIdentifier: RSASSA-PSS with all its parameters. */
#define ISSUE_ALGORITHM_MAX 80
/* The most octets of a subject. */
#define ISSUE_SUBJECT_MAX 8192

struct auth_issuer {
    bool is_self; /* has no certificate yet */
    auth_public_key *key;
    auth_bytes name; /* whole Name; empty when is_self */
    auth_bytes key_id;
    auth_bytes algorithm;
    auth_time not_before;
    auth_time not_after;
    bool has_path_len;
    uint64_t path_len;
    uint8_t *octets; /* what the views above point into */
};

struct auth_tbs {
    bool is_sealed;
    auth_time not_after;
    uint8_t key_hash[AUTH_KEY_HASH_SIZE];
    size_t len;
    size_t algorithm_len;
    uint8_t algorithm[ISSUE_ALGORITHM_MAX];
    uint8_t octets[];
};

/* What is known before the octets are written. */
typedef struct issue_plan {
    const auth_profile *profile;
    const auth_issuer *issuer;
    const auth_issue_request *request;
    const auth_public_key *key;
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    auth_time not_after;
    auth_bytes real_name; /* the approved CN, for a VID */
    bool is_proved;       /* a bare key is taken: its issuer saw the proof before */
} issue_plan;

/* Checks what is planned, builds it and lints it. Errors: as auth_issue_prepare. */
auth_status issue_prepare(issue_plan *plan, auth_tbs **out, auth_error *err) AUTH_MUST_CHECK;

/* Writes a TBSCertificate. Errors: AUTH_STATUS_INVALID, AUTH_STATUS_LIMIT; faults. */
auth_status issue_build(issue_plan *plan, der_writer *writer, auth_error *err) AUTH_MUST_CHECK;

/* Writes the subject, whole. */
auth_status issue_put_subject(issue_plan *plan, der_writer *writer,
                              auth_error *err) AUTH_MUST_CHECK;

/* Writes the content of Extensions. */
auth_status issue_put_extensions(issue_plan *plan, der_writer *writer,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Writes a Certificate around octets that are DER already. */
void issue_put_certificate(der_writer *writer, auth_bytes tbs, auth_bytes algorithm,
                           auth_bytes signature);

#endif
