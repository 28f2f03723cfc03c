/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an auth-ca does before it works: the journal is held against the registry. Its one
 * invariant: after it every batch in the journal is known to be committed or not, and the registry
 * knows at least what was committed.
 *
 * A batch without a note was cut short by a crash. It is in the registry as a whole or not at all:
 * what is not there was never seen by anybody, and its documents are still in the queue.
 */
#ifndef CA_RECOVER_H
#define CA_RECOVER_H

#include "setting.h"

typedef struct ca_recovery {
    size_t committed; /* batches without a note that were found */
    size_t aborted;   /* and that were not */
    auth_time latest; /* of the journal's newest record; 0: there is none */
} ca_recovery;

/*
 * Looks open batches up and notes what became of them; waits for what the server may still be
 * doing for the process that died. Then checks the registry against the journal.
 *
 * Errors: AUTH_STATUS_CONFLICT when the registry has a part of a batch, or knows less than was
 * committed: a back-up was restored, and auth-ca must not start; those of the journal and of
 * statements.
 */
auth_status ca_recover(const ca_setting *setting, auth_time now, ca_recovery *out,
                       auth_error *err) AUTH_MUST_CHECK;

#endif
