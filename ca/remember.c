/* SPDX-License-Identifier: Apache-2.0 */
#include "remember.h"

#include "registry/result.h"
#include "registry/statement.h"
#include "registry/transaction.h"

#include <inttypes.h>
#include <string.h>

typedef struct search {
    const ca_setting *setting;
    auth_bytes id;
    auth_time now;
    int64_t found; /* 0: none */
} search;

/* The first record is the head of the first segment; what follows it was signed or noted. */
static bool is_new(const ca_setting *setting)
{
    return ca_journal_synced_head(setting->journal).sequence == 1;
}

/* A record that is not here, or is another one, is of another journal or was cut off. */
static auth_status compare(const search *of, registry_result *rows, size_t row, bool *is_mine,
                           auth_error *err)
{
    ca_journal_head head;
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_bytes hash = registry_value_bytes(rows, row, 2);
    auth_status status =
        ca_journal_head_at(of->setting->journal, (uint64_t)registry_value_int64(rows, row, 1),
                           &head, &why);
    *is_mine = status == AUTH_STATUS_OK &&
               auth_bytes_equal(hash, (auth_bytes){head.hash, sizeof head.hash});
    if (status == AUTH_STATUS_OK || status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    return auth_error_set(err, status, "%s", why.text);
}

static auth_status insert(search *of, registry_connection *connection, auth_error *err)
{
    AUTH_AUTO(registry_result) *made = NULL;
    ca_journal_head head = ca_journal_synced_head(of->setting->journal);
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_JOURNAL_HEAD_INSERT,
                     REGISTRY_VALUES(registry_bytes(of->id), registry_int64((int64_t)head.sequence),
                                     registry_bytes((auth_bytes){head.hash, sizeof head.hash}),
                                     registry_time(of->now)),
                     &made, err);
    if (status != AUTH_STATUS_OK)
        return status;
    of->found = registry_value_int64(made, 0, 0);
    return registry_result_check(made, err);
}

static auth_status find(registry_connection *connection, void *context, auth_error *err)
{
    search *of = context;
    AUTH_AUTO(registry_result) *rows = NULL;
    of->found = 0;
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_JOURNAL_HEADS,
                                      REGISTRY_VALUES(registry_bytes(of->id)), &rows, err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(rows) : 0;
    for (size_t i = 0; status == AUTH_STATUS_OK && of->found == 0 && i < count; i++) {
        bool is_mine = false;
        status = compare(of, rows, i, &is_mine, err);
        if (is_mine)
            of->found = registry_value_int64(rows, i, 0);
    }
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(rows, err);
    if (status != AUTH_STATUS_OK || of->found != 0)
        return status;
    if (count > 0 && !is_new(of->setting))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "journal: ends at record %" PRIu64 ", and the registry remembers "
                              "none of it; its end was cut off or an older copy put in place, so "
                              "put back the newest one and run auth fsck before anything is signed",
                              ca_journal_synced_head(of->setting->journal).sequence);
    return insert(of, connection, err);
}

auth_status ca_remember_find(const ca_setting *setting, const uint8_t id[CA_JOURNAL_ID_SIZE],
                             auth_time now, int64_t *out, auth_error *err)
{
    search of = {.setting = setting, .id = {id, CA_JOURNAL_ID_SIZE}, .now = now};
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = find,
                                        .context = &of};
    auth_status status = registry_transact(setting->pool, &transaction, err);
    if (status == AUTH_STATUS_OK)
        *out = of.found;
    return status;
}

auth_status ca_remember(const ca_setting *setting, registry_connection *connection, auth_time now,
                        auth_error *err)
{
    ca_journal_head head = ca_journal_synced_head(setting->journal);
    if (setting->journal_no == 0)
        return AUTH_STATUS_OK;
    return registry_run(connection, REGISTRY_STATEMENT_JOURNAL_HEAD_MOVE,
                        REGISTRY_VALUES(registry_int64(setting->journal_no),
                                        registry_int64((int64_t)head.sequence),
                                        registry_bytes((auth_bytes){head.hash, sizeof head.hash}),
                                        registry_time(now)),
                        NULL, err);
}
