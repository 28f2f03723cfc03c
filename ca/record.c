/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's part of a batch: every signature and every act is on the disk before the commit,
 * and what became of it is noted after.
 */
#include "batch.h"
#include "remember.h"

#include <stdlib.h>
#include <string.h>

static ca_journal_entry entry_of(const ca_batch *batch, const registry_queue_batch *claimed,
                                 const registry_decision *decision, ca_journal_kind kind)
{
    ca_journal_entry entry = {.kind = kind,
                              .time = batch->now,
                              .authority = (uint16_t)decision->authority,
                              .item = (uint16_t)decision->item};
    memcpy(entry.request, claimed->documents[decision->document].request.id.data,
           sizeof entry.request);
    return entry;
}

static void put_serial(ca_journal_entry *entry, auth_bytes serial)
{
    entry->serial_len = (uint8_t)serial.len;
    memcpy(entry->serial, serial.data, serial.len);
}

static auth_status record_certificate(ca_batch *batch, const registry_queue_batch *claimed,
                                      size_t i, auth_error *err)
{
    const registry_decision *decision = &claimed->decisions[i];
    ca_journal_entry entry = entry_of(batch, claimed, decision, CA_JOURNAL_KIND_CERTIFICATE);
    auth_bytes tbs = auth_tbs_bytes(batch->items[batch->decided[i]].tbs);
    put_serial(&entry, decision->serial);
    auth_status status = registry_sha256(batch->worker->thread[0].crypto, &tbs, 1, entry.hash, err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_append(batch->worker->setting.journal, &entry, err);
    return status;
}

static auth_status record_act(ca_batch *batch, const registry_queue_batch *claimed, size_t i,
                              registry_result *revisions, auth_error *err)
{
    const registry_decision *decision = &claimed->decisions[i];
    ca_journal_entry entry = entry_of(batch, claimed, decision, CA_JOURNAL_KIND_REVOCATION);
    auth_bytes id = claimed->documents[decision->document].request.id;
    entry.authority = (uint16_t)decision->target_authority;
    put_serial(&entry, decision->target);
    for (size_t row = 0; row < registry_result_rows(revisions); row++) {
        if (registry_value_int64(revisions, row, 1) == decision->item &&
            auth_bytes_equal(registry_value_uuid(revisions, row, 0), id))
            entry.number = (uint64_t)registry_value_int64(revisions, row, 2);
    }
    auth_status status = registry_result_check(revisions, err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_append(batch->worker->setting.journal, &entry, err);
    return status;
}

static bool is_act(const registry_queue_batch *claimed, const registry_decision *decision)
{
    return registry_queue_is_active(claimed, decision->document) &&
           registry_decision_is_granted(decision) && decision->action != REGISTRY_ACTION_NONE;
}

/* The revisions that the acts of the batch were given. */
static auth_status find_revisions(registry_connection *connection,
                                  const registry_queue_batch *claimed, registry_result **out,
                                  auth_error *err)
{
    size_t count = 0;
    size_t last = SIZE_MAX;
    auth_bytes *ids = calloc(claimed->document_count + 1, sizeof *ids);
    if (ids == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < claimed->decision_count; i++) {
        const registry_decision *decision = &claimed->decisions[i];
        if (!is_act(claimed, decision) || decision->document == last)
            continue;
        last = decision->document;
        ids[count++] = claimed->documents[last].request.id;
    }
    auth_status status = AUTH_STATUS_OK;
    if (count > 0)
        status = registry_run(connection, REGISTRY_STATEMENT_QUEUE_REVISIONS,
                              REGISTRY_VALUES(registry_uuid_array(ids, count)), out, err);
    free(ids);
    return status;
}

/*
 * What was appended of a batch that fails would go out with the next one and look like a part of
 * it, so it is written now, as a batch that came to nothing.
 */
static void give_up(ca_batch *batch)
{
    if (ca_journal_sync(batch->worker->setting.journal, &batch->journalled, NULL) == AUTH_STATUS_OK)
        ca_note(batch, CA_JOURNAL_ABORTED);
}

/* In a turn of the journal, and up to the row that remembers it, so that this never goes back. */
static auth_status record(ca_batch *batch, registry_connection *connection,
                          const registry_queue_batch *claimed, registry_result *revisions,
                          auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < claimed->decision_count; i++) {
        const registry_decision *decision = &claimed->decisions[i];
        if (registry_queue_is_active(claimed, decision->document) &&
            registry_decision_is_granted(decision) && decision->serial.data != NULL)
            status = record_certificate(batch, claimed, i, err);
        if (status == AUTH_STATUS_OK && is_act(claimed, decision))
            status = record_act(batch, claimed, i, revisions, err);
    }
    if (status != AUTH_STATUS_OK) {
        give_up(batch);
        return status;
    }
    status = ca_journal_sync(batch->worker->setting.journal, &batch->journalled, err);
    return status == AUTH_STATUS_OK
               ? ca_remember(&batch->worker->setting, connection, batch->now, err)
               : status;
}

auth_status ca_record(ca_batch *batch, registry_connection *connection,
                      const registry_queue_batch *claimed, auth_error *err)
{
    AUTH_AUTO(registry_result) *revisions = NULL;
    /* The work is done again, so what it journalled before came to nothing. */
    ca_note(batch, CA_JOURNAL_ABORTED);
    auth_status status = find_revisions(connection, claimed, &revisions, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ca_journal_take(batch->worker->setting.journal);
    status = record(batch, connection, claimed, revisions, err);
    ca_journal_give(batch->worker->setting.journal);
    return status;
}

/* A note that is lost is looked up at the next start. */
void ca_note(ca_batch *batch, ca_journal_outcome outcome)
{
    if (batch->journalled == 0)
        return;
    auth_error ignored;
    (void)!ca_journal_commit_note(batch->worker->setting.journal, batch->journalled, outcome,
                                  batch->now, &ignored);
    batch->journalled = 0;
}
