/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates something happened to of late: a table of fixed size, so that whoever is about
 * to hand out what was looked up a moment ago can tell whether it still holds.
 *
 * Its one invariant: when an act on a serial number was noted after a mark was taken,
 * ocsp_acts_since says so. It may also say so when there was none, since serial numbers share
 * places. It takes no lock. Any thread.
 */
#ifndef OCSP_ACTS_H
#define OCSP_ACTS_H

#include <auth/bytes.h>

typedef struct ocsp_acts ocsp_acts;

/* Errors: AUTH_STATUS_MEMORY. */
auth_status ocsp_acts_new(ocsp_acts **out, auth_error *err) AUTH_MUST_CHECK;
void ocsp_acts_free(ocsp_acts *acts);
AUTH_DEFINE_CLEANUP(ocsp_acts)

/* A mark, to be taken before something is looked up. */
uint64_t ocsp_acts_mark(const ocsp_acts *acts);

/* Notes an act on a certificate; on all of them, when nobody can tell on which. */
void ocsp_acts_note(ocsp_acts *acts, auth_bytes serial);
void ocsp_acts_note_all(ocsp_acts *acts);

bool ocsp_acts_since(const ocsp_acts *acts, auth_bytes serial, uint64_t mark);

#endif
