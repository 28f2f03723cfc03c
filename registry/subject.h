/* SPDX-License-Identifier: Apache-2.0 */
/* What an officer's certificate says of the officer: attributes of its subject. Pure. */
#ifndef REGISTRY_SUBJECT_H
#define REGISTRY_SUBJECT_H

#include <auth/request.h>

typedef struct registry_subject {
    char realm[AUTH_IDENTIFIER_SIZE];   /* O */
    char office[AUTH_IDENTIFIER_SIZE];  /* OU */
    char role[AUTH_IDENTIFIER_SIZE];    /* title */
    char officer[AUTH_IDENTIFIER_SIZE]; /* UID */
} registry_subject;

/*
 * Reads the subject (Name, DER) of an officer's certificate. An attribute that is missing or does
 * not fit is "".
 *
 * Errors: AUTH_STATUS_CONFLICT when one of them stands there twice; those of auth_name_text.
 */
auth_status registry_subject_read(auth_bytes name, registry_subject *out,
                                  auth_error *err) AUTH_MUST_CHECK;

#endif
