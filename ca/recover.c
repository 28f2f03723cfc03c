/* SPDX-License-Identifier: Apache-2.0 */
#include "recover.h"

#include "registry/statement.h"
#include "registry/transaction.h"

#include <stdlib.h>
#include <string.h>

/* One batch of the journal, and what of it the registry has. */
typedef struct orphan {
    const ca_setting *setting;
    ca_journal_batch batch;
    ca_journal_entry *entries;
    size_t count;
    size_t found;
} orphan;

static auth_status read_entries(orphan *of, auth_error *err)
{
    ca_journal_record record;
    size_t most = (size_t)(of->batch.last - of->batch.first + 1);
    auth_status status = AUTH_STATUS_OK;
    of->entries = calloc(most, sizeof *of->entries);
    if (of->entries == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < most; i++) {
        status = ca_journal_read(of->setting->journal, of->batch.first + i, &record, err);
        if (status == AUTH_STATUS_OK && record.type == CA_JOURNAL_ENTRY &&
            record.batch == of->batch.batch)
            of->entries[of->count++] = record.entry;
    }
    return status;
}

static bool has_request(const ca_journal_entry *entry)
{
    static const uint8_t none[CA_JOURNAL_ID_SIZE] = {0};
    return memcmp(entry->request, none, sizeof none) != 0;
}

/* The ids of the batch's requests; neighbours are often the same. */
static size_t list_requests(const orphan *of, auth_bytes *out)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++) {
        auth_bytes id = {of->entries[i].request, CA_JOURNAL_ID_SIZE};
        if (has_request(&of->entries[i]) && (count == 0 || !auth_bytes_equal(out[count - 1], id)))
            out[count++] = id;
    }
    return count;
}

static auth_status find_certificates(orphan *of, registry_connection *connection, auth_bytes *keys,
                                     auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++) {
        const ca_journal_entry *entry = &of->entries[i];
        if (entry->kind == CA_JOURNAL_KIND_CERTIFICATE ||
            entry->kind == CA_JOURNAL_KIND_OCSP_RESPONDER)
            keys[count++] = (auth_bytes){entry->serial, entry->serial_len};
    }
    if (count == 0)
        return AUTH_STATUS_OK;
    auth_status status = registry_certificate_status_list(connection, keys, count, &found, err);
    if (status == AUTH_STATUS_OK)
        of->found += registry_result_rows(found);
    return status;
}

static size_t count_revision(registry_result *rows, uint64_t revision)
{
    for (size_t i = 0; i < registry_result_rows(rows); i++) {
        if ((uint64_t)registry_value_int64(rows, i, 2) == revision)
            return 1;
    }
    return 0;
}

static auth_status find_acts(orphan *of, registry_connection *connection, const auth_bytes *ids,
                             size_t id_count, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    if (id_count == 0)
        return AUTH_STATUS_OK;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_QUEUE_REVISIONS,
                     REGISTRY_VALUES(registry_uuid_array(ids, id_count)), &found, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        if (of->entries[i].kind == CA_JOURNAL_KIND_REVOCATION)
            of->found += count_revision(found, of->entries[i].number);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(found, err) : status;
}

/* Heads and lists: a row says whether it is there. */
static auth_status find_other(orphan *of, registry_connection *connection,
                              const ca_journal_entry *entry, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    auth_status status = AUTH_STATUS_OK;
    if (entry->kind == CA_JOURNAL_KIND_LEDGER_HEAD)
        status = registry_run(connection, REGISTRY_STATEMENT_LEDGER_HEAD_AT,
                              REGISTRY_VALUES(registry_int64((int64_t)entry->number)), &found, err);
    else if (entry->kind == CA_JOURNAL_KIND_CRL)
        status = registry_run(connection, REGISTRY_STATEMENT_RECOVER_CRL,
                              REGISTRY_VALUES(registry_int64(entry->authority),
                                              registry_int64((int64_t)entry->number)),
                              &found, err);
    if (status == AUTH_STATUS_OK && found != NULL)
        of->found += registry_result_rows(found) > 0;
    return status;
}

static auth_status look_up(registry_connection *connection, void *context, auth_error *err)
{
    orphan *of = context;
    of->found = 0;
    auth_bytes *keys = calloc(of->count + 1, sizeof *keys);
    if (keys == NULL)
        return auth_error_memory(err);
    size_t ids = list_requests(of, keys);
    auth_status status = AUTH_STATUS_OK;
    /* Whatever the server still does for the process that died holds one of these locks. */
    if (ids > 0)
        status = registry_run(connection, REGISTRY_STATEMENT_RECOVER_WAIT,
                              REGISTRY_VALUES(registry_uuid_array(keys, ids)), NULL, err);
    else
        status = registry_run(connection, REGISTRY_STATEMENT_RECOVER_WAIT_DUTIES,
                              REGISTRY_NO_VALUES, NULL, err);
    if (status == AUTH_STATUS_OK)
        status = find_acts(of, connection, keys, ids, err);
    if (status == AUTH_STATUS_OK)
        status = find_certificates(of, connection, keys, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++)
        status = find_other(of, connection, &of->entries[i], err);
    free(keys);
    return status;
}

static auth_status settle(orphan *of, auth_time now, ca_recovery *recovery, auth_error *err)
{
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = look_up,
                                        .context = of};
    auth_status status = read_entries(of, err);
    if (status == AUTH_STATUS_OK)
        status = registry_transact(of->setting->pool, &transaction, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (of->found != 0 && of->found != of->count)
        return auth_error_set(
            err, AUTH_STATUS_CONFLICT,
            "registry: of the %zu things that batch %llu of the journal signed it "
            "has %zu; rows were deleted, so run auth fsck before anything is "
            "signed",
            of->count, (unsigned long long)of->batch.batch, of->found);
    bool is_committed = of->count > 0 && of->found == of->count;
    recovery->committed += is_committed;
    recovery->aborted += !is_committed;
    return ca_journal_commit_note(of->setting->journal, of->batch.batch,
                                  is_committed ? CA_JOURNAL_COMMITTED : CA_JOURNAL_ABORTED, now,
                                  err);
}

/* A note takes a batch from the list, so the first one is always the next. */
static auth_status settle_all(const ca_setting *setting, auth_time now, ca_recovery *recovery,
                              auth_error *err)
{
    size_t count = 0;
    uint64_t ignored = 0;
    auth_status status = AUTH_STATUS_OK;
    const ca_journal_batch *batches = ca_journal_batches(setting->journal, &count);
    while (status == AUTH_STATUS_OK && count > 0) {
        orphan of = {.setting = setting, .batch = batches[0]};
        status = settle(&of, now, recovery, err);
        free(of.entries);
        batches = ca_journal_batches(setting->journal, &count);
    }
    return status == AUTH_STATUS_OK ? ca_journal_sync(setting->journal, &ignored, err) : status;
}

static auth_status read_marks(registry_connection *connection, void *context, auth_error *err)
{
    ca_journal_marks *out = context;
    AUTH_AUTO(registry_result) *found = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_RECOVER_MARKS, REGISTRY_NO_VALUES, &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = (ca_journal_marks){.revision = (uint64_t)registry_value_int64(found, 0, 0),
                              .tree_size = (uint64_t)registry_value_int64(found, 0, 1)};
    return registry_result_check(found, err);
}

static auth_status read_latest(const ca_setting *setting, ca_recovery *out, auth_error *err)
{
    ca_journal_record record;
    ca_journal_head head = ca_journal_synced_head(setting->journal);
    if (head.sequence == 0)
        return AUTH_STATUS_OK;
    auth_status status = ca_journal_read(setting->journal, head.sequence, &record, err);
    if (status == AUTH_STATUS_OK)
        out->latest = record.time;
    return status;
}

auth_status ca_recover(const ca_setting *setting, auth_time now, ca_recovery *out, auth_error *err)
{
    ca_recovery made = {0};
    ca_journal_marks marks = {0};
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = read_marks,
                                        .context = &marks};
    auth_status status = read_latest(setting, &made, err);
    if (status == AUTH_STATUS_OK)
        status = settle_all(setting, now, &made, err);
    if (status == AUTH_STATUS_OK)
        status = registry_transact(setting->pool, &transaction, err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_check_registry(setting->journal, &marks, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    return status;
}
