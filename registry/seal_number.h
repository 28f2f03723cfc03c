/* SPDX-License-Identifier: Apache-2.0 */
/* A person number as the value that is sealed: its type in one octet, and its canonical form. */
#ifndef REGISTRY_SEAL_NUMBER_H
#define REGISTRY_SEAL_NUMBER_H

#include <auth/person.h>

/*
 * Appends the value. Wipe out when done.
 *
 * Errors: AUTH_STATUS_INVALID when there is no number; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status registry_seal_number_write(const auth_person_number *number, auth_buf *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads it back, by the rules of its type.
 *
 * Ownership: wipe *out with auth_person_number_wipe.
 * Errors: AUTH_STATUS_MALFORMED, AUTH_STATUS_INVALID.
 */
auth_status registry_seal_number_read(auth_bytes value, auth_person_number *out,
                                      auth_error *err) AUTH_MUST_CHECK;

#endif
