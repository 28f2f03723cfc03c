/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what a crash can leave at the end of a journal from what it cannot. */
#ifndef CA_JOURNAL_TORN_H
#define CA_JOURNAL_TORN_H

#include "journal_record.h"

/*
 * Tells whether what begins at offset bad of a segment may be the rest of a write that never ended.
 * sequence is the number that the first bad record must have.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status journal_is_torn(int descriptor, uint64_t size, uint64_t bad, uint64_t sequence,
                            bool *out, auth_error *err) AUTH_MUST_CHECK;

#endif
