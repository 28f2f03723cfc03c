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

/*
 * Finds the journal among those that the registry remembers, by the chain hash of the record that
 * it remembers, and gives the number of its row; a journal without any entry is new and gets one.
 * id is that with which the journal was opened. Of older registries nothing is remembered: then it
 * is from now on.
 *
 * Errors: AUTH_STATUS_CONFLICT when the registry remembers journals and none of them is this one:
 * its end was cut off or an older copy was put in place, and auth-ca must not start; those of the
 * journal and of statements.
 */
auth_status ca_remember_find(const ca_setting *setting, const uint8_t id[CA_JOURNAL_ID_SIZE],
                             auth_time now, int64_t *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Remembers the last record that is on the disk, in the transaction of what it tells of. Nothing is
 * done without setting->journal_no.
 *
 * Errors: those of a statement.
 */
auth_status ca_remember(const ca_setting *setting, registry_connection *connection, auth_time now,
                        auth_error *err) AUTH_MUST_CHECK;

#endif
