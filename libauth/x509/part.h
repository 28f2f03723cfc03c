/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that certificates, requests and CRLs have in common. Internal to x509. */
#ifndef X509_PART_H
#define X509_PART_H

#include "x509/view.h"

/* SEQUENCE { to be signed, AlgorithmIdentifier, BIT STRING }: the outer form of all three. */
typedef struct x509_signed {
    der_item body; /* what is signed */
    auth_bytes algorithm;
    auth_bytes signature;
} x509_signed;

/*
 * Reads the outer form, which must fill der. object names it in errors: "certificate". Errors:
 * AUTH_STATUS_MALFORMED.
 */
auth_status x509_take_signed(auth_bytes der, const char *object, x509_signed *out,
                             auth_error *err) AUTH_MUST_CHECK;

/* Each takes a part, checks that it is well formed inside and gives it whole. */
bool x509_take_algorithm(auth_bytes *cursor, auth_bytes *whole);
bool x509_take_name(auth_bytes *cursor, auth_bytes *whole);
bool x509_take_spki(auth_bytes *cursor, auth_bytes *whole);

/*
 * Takes a time; *is_generalized tells how it was written. Errors: AUTH_STATUS_MALFORMED and
 * AUTH_STATUS_INVALID, with object and field in front.
 */
auth_status x509_take_time(auth_bytes *cursor, const char *object, const char *field,
                           auth_time *out, bool *is_generalized, auth_error *err) AUTH_MUST_CHECK;

/* Takes one Extension. */
bool x509_take_extension(auth_bytes *cursor, x509_extension *out);

#endif
