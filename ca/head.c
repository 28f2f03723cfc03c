/* SPDX-License-Identifier: Apache-2.0 */
#include "duty.h"
#include "registry/ledger.h"
#include "remember.h"

#include <string.h>

/* What the journal is told, and the batch of it that waits for its note. */
typedef struct head_round {
    const ca_setting *setting;
    const ca_authority *authority;
    registry_crypto *crypto;
    auth_time now;
    registry_connection *connection; /* in whose transaction the head is made */
    uint64_t batch;
} head_round;

static auth_status put_entry(head_round *of, const ca_journal_entry *entry, auth_error *err)
{
    auth_status status = ca_journal_append(of->setting->journal, entry, err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_sync(of->setting->journal, &of->batch, err);
    ca_reach(of->setting, CA_STEP_HEAD_JOURNALLED);
    return status == AUTH_STATUS_OK ? ca_remember(of->setting, of->connection, of->now, err)
                                    : status;
}

static auth_status tell_journal(void *context, const registry_ledger_head *head,
                                auth_bytes document, auth_error *err)
{
    head_round *of = context;
    ca_journal_entry entry = {.kind = CA_JOURNAL_KIND_LEDGER_HEAD,
                              .time = of->now,
                              .authority = (uint16_t)of->authority->id,
                              .number = head->tree_size};
    ca_reach(of->setting, CA_STEP_HEAD_ANCHORED);
    auth_status status = registry_sha256(of->crypto, &document, 1, entry.hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ca_journal_take(of->setting->journal);
    status = put_entry(of, &entry, err);
    ca_journal_give(of->setting->journal);
    return status;
}

static const ca_authority *find_signer(const ca_setting *setting)
{
    for (size_t i = 0; i < setting->authority_count; i++) {
        if (strcmp(setting->authorities[i].name, CA_STAFF) == 0)
            return &setting->authorities[i];
    }
    return NULL;
}

static ca_journal_outcome outcome_of(auth_status status)
{
    if (status == AUTH_STATUS_OK)
        return CA_JOURNAL_COMMITTED;
    return status == AUTH_STATUS_UNKNOWN ? CA_JOURNAL_UNKNOWN : CA_JOURNAL_ABORTED;
}

auth_status ca_advance_ledger(const ca_setting *setting, registry_crypto *crypto, auth_time now,
                              bool *is_more, auth_error *err)
{
    registry_connection *connection = NULL;
    registry_ledger_progress progress = {.is_busy = false};
    head_round of = {setting, find_signer(setting), crypto, now, NULL, 0};
    if (of.authority == NULL || of.authority->signer == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "ledger: its heads are signed with the key of " CA_STAFF
                              ", which is not here; start one with it");
    registry_ledger_round round = {
        .signing = {of.authority->signer, &of.authority->certificate, 1},
        .realm = setting->realm,
        .anchor = setting->anchor,
        .now = now,
        .told = tell_journal,
        .context = &of,
    };
    auth_status status = registry_pool_take(setting->pool, 10000, &connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    of.connection = connection;
    status = registry_ledger_advance(connection, crypto, &round, &progress, err);
    ca_reach(setting, CA_STEP_HEAD_COMMITTED);
    registry_pool_give(setting->pool, connection);
    if (of.batch != 0)
        (void)!ca_journal_commit_note(setting->journal, of.batch, outcome_of(status), now, NULL);
    if (status == AUTH_STATUS_OK)
        *is_more = progress.is_more;
    return status;
}
