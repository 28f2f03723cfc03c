/* SPDX-License-Identifier: Apache-2.0 */
#include "remember.h"

#include "registry/ledger.h"
#include "registry/result.h"
#include "registry/statement.h"
#include "registry/transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct search {
    const ca_setting *setting;
    auth_bytes id;
    ca_remember_wish wish;
    bool has_others; /* journals that were written to */
    bool began;      /* one beside them */
    int64_t found;   /* 0: none */
} search;

/* The head of the first segment; what follows it was signed or noted. */
#define FIRST_RECORD 1

static bool is_new(const ca_setting *setting)
{
    return ca_journal_synced_head(setting->journal).sequence == FIRST_RECORD;
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
                                     registry_time(of->wish.now)),
                     &made, err);
    if (status != AUTH_STATUS_OK)
        return status;
    of->found = registry_value_int64(made, 0, 0);
    return registry_result_check(made, err);
}

static auth_status refuse(const search *of, auth_error *err)
{
    if (is_new(of->setting))
        return auth_error_set(
            err, AUTH_STATUS_CONFLICT,
            "journal: the folder holds none that was written to, and the "
            "registry remembers one; put back the newest one; only when it is "
            "lost, or this auth-ca has never signed, make the file " CA_NEW_JOURNAL_FILE
            " in the journal's folder");
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "journal: ends at record %" PRIu64 ", and the registry remembers "
                          "none of it; its end was cut off or an older copy put in place, so "
                          "put back the newest one and run auth fsck before anything is signed",
                          ca_journal_synced_head(of->setting->journal).sequence);
}

/* What auditors ask first when a journal ends: whether somebody said that it may. */
static auth_status tell_ledger(search *of, registry_connection *connection, auth_error *err)
{
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_JOURNAL,
                                 .at = of->wish.now,
                                 .item = REGISTRY_LEDGER_NO_ITEM};
    (void)snprintf(body.realm, sizeof body.realm, "%s", of->setting->realm);
    (void)snprintf(body.detail, sizeof body.detail, "journal %" PRId64, of->found);
    of->began = true;
    return registry_ledger_append(connection, &body, 0, err);
}

static auth_status look(search *of, registry_connection *connection, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_JOURNAL_HEADS,
                                      REGISTRY_VALUES(registry_bytes(of->id)), &rows, err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(rows) : 0;
    of->has_others = false;
    for (size_t i = 0; status == AUTH_STATUS_OK && of->found == 0 && i < count; i++) {
        bool is_mine = false;
        status = compare(of, rows, i, &is_mine, err);
        if (is_mine)
            of->found = registry_value_int64(rows, i, 0);
        else if (!is_new(of->setting) || registry_value_int64(rows, i, 1) > FIRST_RECORD)
            of->has_others = true;
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

static auth_status find(registry_connection *connection, void *context, auth_error *err)
{
    search *of = context;
    of->found = 0;
    of->began = false;
    auth_status status = look(of, connection, err);
    if (status != AUTH_STATUS_OK || of->found != 0)
        return status;
    if (of->has_others && !(is_new(of->setting) && of->wish.may_begin))
        return refuse(of, err);
    status = insert(of, connection, err);
    return status == AUTH_STATUS_OK && of->has_others ? tell_ledger(of, connection, err) : status;
}

auth_status ca_remember_find(const ca_setting *setting, const uint8_t id[CA_JOURNAL_ID_SIZE],
                             const ca_remember_wish *wish, int64_t *out, bool *began,
                             auth_error *err)
{
    search of = {.setting = setting, .id = {id, CA_JOURNAL_ID_SIZE}, .wish = *wish};
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = find,
                                        .context = &of};
    auth_status status = registry_transact(setting->pool, &transaction, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = of.found;
    *began = of.began;
    return AUTH_STATUS_OK;
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
