/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of checking a profile. Internal to profile. */
#ifndef PROFILE_CHECK_H
#define PROFILE_CHECK_H

#include "profile/profile.h"
#include "profile/raw.h"

/* Each reads its part of raw into *out. Errors: AUTH_STATUS_INVALID with the JSON path. */
auth_status profile_check_keys(const auth_profile_raw *raw, auth_profile *out,
                               auth_error *err) AUTH_MUST_CHECK;
auth_status profile_check_validity(const auth_profile_raw *raw, auth_profile *out,
                                   auth_error *err) AUTH_MUST_CHECK;
auth_status profile_check_subject(const auth_profile_raw *raw, auth_profile *out,
                                  auth_error *err) AUTH_MUST_CHECK;
auth_status profile_check_usage(const auth_profile_raw *raw, auth_profile *out,
                                auth_error *err) AUTH_MUST_CHECK;
auth_status profile_check_names(const auth_profile_raw *raw, auth_profile *out,
                                auth_error *err) AUTH_MUST_CHECK;
auth_status profile_check_constraints(const auth_profile_raw *raw, auth_profile *out,
                                      auth_error *err) AUTH_MUST_CHECK;
auth_status profile_check_uris(const auth_profile_raw *raw, const char *base, auth_profile *out,
                               auth_error *err) AUTH_MUST_CHECK;

/* A refusal that begins with the JSON path. */
auth_status profile_refuse(auth_error *err, const char *path, const char *what) AUTH_MUST_CHECK;

/* Refusals of element i of an array: path has one %zu. */
auth_status profile_refuse_at(auth_error *err, const char *before, size_t i, const char *after,
                              const char *what) AUTH_MUST_CHECK;

bool profile_is_text(auth_bytes text, const char *expected);

/* Finds an OID among those known, by name or dotted; OID_UNKNOWN when there is none. */
oid profile_find_oid(auth_bytes text);

/* Writes the content octets of a known or dotted OID. False when it is none. */
bool profile_read_oid(auth_bytes text, uint8_t *room, size_t size, size_t *len);

/*
 * Writes an Extension that is the same in every certificate: profile_open_constant, the value,
 * profile_close_constant. Errors of the latter: AUTH_STATUS_LIMIT.
 */
typedef struct constant_writer {
    der_writer writer;
    oid id;
    size_t extension;
    size_t octets;
} constant_writer;
constant_writer profile_open_constant(auth_profile *profile, oid id, bool is_critical);
auth_status profile_close_constant(auth_profile *profile, constant_writer *constant,
                                   auth_error *err) AUTH_MUST_CHECK;

#endif
