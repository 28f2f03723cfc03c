/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry remembers how far each signing journal went, which the journal itself cannot tell
 * when its end was cut off between two records. Its one invariant: what stands in the registry was
 * on the journal's disk before; so a journal without it is not the one that it was. Internal to
 * ca/.
 */
#ifndef CA_REMEMBER_H
#define CA_REMEMBER_H

#include "setting.h"

/* By this file in the folder of the journal somebody says that another one may be begun there. */
#define CA_NEW_JOURNAL_FILE "new-journal"

typedef struct ca_remember_wish {
    auth_time now;
    bool may_begin; /* a journal beside those that were written to */
} ca_remember_wish;

/*
 * Finds the journal among those that the registry remembers, by the chain hash of the record that
 * it remembers, and gives the number of its row; the first journal gets one. id is that with which
 * the journal was opened. Of older registries nothing is remembered: then it is from now on.
 *
 * A journal without any entry may be that of a process which never signed, or stand where one was
 * lost: nothing tells them apart. So when another journal was written to, may_begin must be true:
 * somebody has said so. The new row and the ledger's entry "journal" are then one commit; *began
 * tells of it.
 *
 * Errors: AUTH_STATUS_CONFLICT when the registry remembers journals and none of them is this one:
 * it was lost, its end was cut off or an older copy was put in place, and auth-ca must not start;
 * those of the journal and of statements.
 */
auth_status ca_remember_find(const ca_setting *setting, const uint8_t id[CA_JOURNAL_ID_SIZE],
                             const ca_remember_wish *wish, int64_t *out, bool *began,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Remembers the last record that is on the disk, in the transaction of what it tells of. Nothing is
 * done without setting->journal_no.
 *
 * Errors: those of a statement.
 */
auth_status ca_remember(const ca_setting *setting, registry_connection *connection, auth_time now,
                        auth_error *err) AUTH_MUST_CHECK;

#endif
