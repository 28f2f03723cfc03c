/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which CRLs are due, and making them. A revision up to which all acts are committed is settled
 * first; the list is read after that, so it names them all, and perhaps newer ones.
 */
#include "crl_build.h"
#include "duty.h"
#include "registry/ledger.h"
#include "registry/transaction.h"
#include "remember.h"

#include <auth/crl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nothing was ever listed. */
#define NO_CRL ((registry_crl){.number = 0})

typedef struct tending {
    crl_order order;
    const ca_crl_plan *plan;
    registry_crypto *crypto;
    auth_time now;
    registry_crl full;
    registry_crl delta;
    bool has_news; /* acts that no list has */
    int64_t settled;
    uint64_t batch;
} tending;

static auth_status find(registry_connection *connection, const tending *of, bool is_delta,
                        registry_crl *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    *out = NO_CRL;
    auth_status status = registry_crl_find(connection, of->order.authority->id, of->order.shard,
                                           is_delta, &found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = registry_crl_read(found, 0, out, err);
    out->der = (auth_bytes){NULL, 0};
    return status;
}

static auth_status look(registry_connection *connection, tending *of, auth_error *err)
{
    AUTH_AUTO(registry_result) *news = NULL;
    auth_bytes first = {(const uint8_t *)"", 0};
    auth_status status = find(connection, of, false, &of->full, err);
    if (status == AUTH_STATUS_OK)
        status = find(connection, of, true, &of->delta, err);
    int64_t known = of->delta.revision > of->full.revision ? of->delta.revision : of->full.revision;
    if (status == AUTH_STATUS_OK)
        status = registry_revocation_list_changes(connection, of->order.authority->id,
                                                  of->order.shard, known, first, 1, &news, err);
    if (status == AUTH_STATUS_OK)
        of->has_news = registry_result_rows(news) > 0;
    return status;
}

static bool is_full_due(const tending *of)
{
    return of->full.number == 0 || of->now - of->full.this_update >= of->plan->full_every_s;
}

static bool is_delta_due(const tending *of)
{
    return of->has_news || of->delta.base_number != of->full.number ||
           of->now - of->delta.this_update >= of->plan->delta_every_s;
}

static auth_status tell_journal(tending *of, auth_bytes der, auth_error *err)
{
    ca_journal *journal = of->order.setting->journal;
    ca_journal_entry entry = {.kind = CA_JOURNAL_KIND_CRL,
                              .time = of->now,
                              .authority = (uint16_t)of->order.authority->id,
                              .item = (uint16_t)of->order.shard,
                              .number = (uint64_t)of->order.crl.number};
    /* Done again, the attempt before came to nothing. */
    if (of->batch != 0)
        (void)!ca_journal_commit_note(journal, of->batch, CA_JOURNAL_ABORTED, of->now, NULL);
    of->batch = 0;
    auth_status status = registry_sha256(of->crypto, &der, 1, entry.hash, err);
    if (status == AUTH_STATUS_OK)
        status = ca_journal_append(journal, &entry, err);
    return status == AUTH_STATUS_OK ? ca_journal_sync(journal, &of->batch, err) : status;
}

static auth_status tell_ledger(registry_connection *connection, const tending *of, auth_bytes der,
                               auth_error *err)
{
    const registry_crl *crl = &of->order.crl;
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_CRL,
                                 .at = of->now,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .has_document = true};
    (void)snprintf(body.realm, sizeof body.realm, "%s", of->order.setting->realm);
    (void)snprintf(body.detail, sizeof body.detail, "crl %lld/%lld/%lld%s",
                   (long long)of->order.authority->id, (long long)of->order.shard,
                   (long long)crl->number, crl->base_number == 0 ? "" : "d");
    auth_status status = registry_sha256(of->crypto, &der, 1, body.document, err);
    return status == AUTH_STATUS_OK ? registry_ledger_append(connection, &body, 0, err) : status;
}

static auth_status store(registry_connection *connection, tending *of, auth_buf *out,
                         auth_error *err)
{
    registry_crl *crl = &of->order.crl;
    const ca_authority *authority = of->order.authority;
    auth_status status = crl_build(connection, &of->order, out, &crl->entry_count, err);
    crl->der = auth_buf_bytes(out);
    if (status == AUTH_STATUS_OK)
        status = registry_crl_insert(connection, authority->id, of->order.shard, crl, err);
    if (status == AUTH_STATUS_OK)
        status = tell_ledger(connection, of, crl->der, err);
    ca_reach(of->order.setting, CA_STEP_CRL_STORED);
    if (status != AUTH_STATUS_OK)
        return status;
    ca_journal_take(of->order.setting->journal);
    status = tell_journal(of, crl->der, err);
    ca_reach(of->order.setting, CA_STEP_CRL_JOURNALLED);
    if (status == AUTH_STATUS_OK)
        status = ca_remember(of->order.setting, connection, of->now, err);
    ca_journal_give(of->order.setting->journal);
    return status;
}

/* No list is older than the one before, though the clock was set back in between. */
static auth_time begin_of(const tending *of)
{
    auth_time latest = of->full.number != 0 ? of->full.this_update : of->now;
    if (of->delta.number != 0 && of->delta.this_update > latest)
        latest = of->delta.this_update;
    return of->now > latest ? of->now : latest;
}

/* The number's lock keeps others out; what they made meanwhile is seen behind it. */
static auth_status make(registry_connection *connection, void *context, auth_error *err)
{
    tending *of = context;
    registry_crl *crl = &of->order.crl;
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_status status = registry_crl_take_number(connection, of->order.authority->id,
                                                  of->order.shard, &crl->number, err);
    ca_reach(of->order.setting, CA_STEP_CRL_NUMBERED);
    if (status == AUTH_STATUS_OK)
        status = look(connection, of, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_full = is_full_due(of);
    int64_t every = is_full ? of->plan->full_every_s : of->plan->delta_every_s;
    crl->base_number = is_full ? 0 : of->full.number;
    crl->revision = of->settled;
    crl->this_update = begin_of(of);
    crl->next_update = crl->this_update + 2 * every;
    of->order.base_revision = of->full.revision;
    status = auth_buf_new(AUTH_CRL_MAX, &out, err);
    return status == AUTH_STATUS_OK ? store(connection, of, out, err) : status;
}

static ca_journal_outcome outcome_of(auth_status status)
{
    if (status == AUTH_STATUS_OK)
        return CA_JOURNAL_COMMITTED;
    return status == AUTH_STATUS_UNKNOWN ? CA_JOURNAL_UNKNOWN : CA_JOURNAL_ABORTED;
}

static auth_status look_first(tending *of, auth_error *err)
{
    registry_connection *connection = NULL;
    registry_pool *pool = of->order.setting->pool;
    auth_status status = registry_pool_take(pool, 10000, &connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = look(connection, of, err);
    registry_pool_give(pool, connection);
    return status;
}

static auth_status tend(tending *of, size_t *made, auth_error *err)
{
    const ca_setting *setting = of->order.setting;
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = make,
                                        .context = of};
    auth_status status = look_first(of, err);
    if (status != AUTH_STATUS_OK || (!is_full_due(of) && !is_delta_due(of)))
        return status;
    status = registry_revocation_settled(setting->pool, &of->settled, err);
    if (status == AUTH_STATUS_OK)
        status = registry_transact(setting->pool, &transaction, err);
    ca_reach(setting, CA_STEP_CRL_COMMITTED);
    if (of->batch != 0)
        (void)!ca_journal_commit_note(setting->journal, of->batch, outcome_of(status), of->now,
                                      NULL);
    *made += status == AUTH_STATUS_OK;
    return status;
}

auth_status ca_tend_crls(const ca_setting *setting, const ca_crl_plan *plan,
                         registry_crypto *crypto, auth_time now, size_t *made, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t count = 0;
    for (size_t i = 0; i < setting->authority_count; i++) {
        const ca_authority *authority = &setting->authorities[i];
        uint32_t shards = authority->shards == 0 ? 1 : authority->shards;
        for (uint32_t k = 0; status == AUTH_STATUS_OK && authority->signer != NULL && k < shards;
             k++) {
            tending of = {.order = {.setting = setting, .authority = authority, .shard = k},
                          .plan = plan,
                          .crypto = crypto,
                          .now = now};
            status = tend(&of, &count, err);
        }
    }
    *made = count;
    return status;
}
