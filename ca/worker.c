/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static auth_status make_issuer(ca_worker *worker, size_t i, auth_time now, auth_error *err)
{
    const ca_authority *authority = &worker->setting.authorities[i];
    ca_issuer *issuer = &worker->issuers[i];
    auth_verdict verdict;
    auth_validation options = {.now = now, .purpose = AUTH_PURPOSE_CA};
    issuer->authority = authority;
    auth_status status = auth_known_issuer_new(worker->trust, &options, authority->certificate,
                                               NULL, &issuer->known, &verdict, err);
    if (status == AUTH_STATUS_OK && issuer->known == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID, "authority %s: %s; %s", authority->name,
                              auth_verdict_reason_text(verdict.reason),
                              auth_verdict_reason_remedy(verdict.reason));
    if (status != AUTH_STATUS_OK || authority->signer == NULL)
        return status;
    status = auth_issuer_new(authority->certificate, auth_signer_algorithm(authority->signer),
                             &issuer->issuer, err);
    if (status == AUTH_STATUS_OK &&
        !auth_bytes_equal(auth_public_key_spki(auth_issuer_key(issuer->issuer)),
                          auth_public_key_spki(auth_signer_public_key(authority->signer))))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "authority %s: the key is not that of the certificate; name the key "
                              "that belongs to it",
                              authority->name);
    return status;
}

static auth_status make_issuers(ca_worker *worker, auth_time now, auth_error *err)
{
    const ca_setting *setting = &worker->setting;
    auth_status status = auth_trust_new(&setting->root, 1, NULL, 0, &worker->trust, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < setting->authority_count; i++)
        status = make_issuer(worker, i, now, err);
    return status;
}

static const auth_known_issuer *find_known(const ca_worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->setting.authority_count; i++) {
        if (strcmp(worker->issuers[i].authority->name, name) == 0)
            return worker->issuers[i].known;
    }
    return NULL;
}

static auth_status make_facts(ca_worker *worker, auth_error *err)
{
    worker->facts_setting = (registry_facts_setting){
        .realm = worker->setting.realm,
        .ring = worker->setting.ring,
        .staff = find_known(worker, CA_STAFF),
        .citizens = find_known(worker, CA_CITIZENS),
    };
    if (worker->facts_setting.staff == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "authorities: there is none of the name " CA_STAFF
                              ", so no officer would be known; add its certificate");
    return registry_facts_new(&worker->facts_setting, &worker->facts, err);
}

static auth_status make_threads(ca_worker *worker, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (unsigned i = 0; status == AUTH_STATUS_OK && i < worker->threads; i++) {
        status = registry_crypto_new(&worker->thread[i].crypto, err);
        worker->thread[i].view = (registry_facts_view){worker->facts, worker->thread[i].crypto};
    }
    return status == AUTH_STATUS_OK ? ca_team_new(worker->threads, &worker->team, err) : status;
}

static auth_status check_setting(const ca_setting *setting, auth_error *err)
{
    if (setting->authority_count > CA_AUTHORITIES_MAX || setting->profile_count > CA_PROFILES_MAX ||
        setting->threads > CA_THREADS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "auth-ca: up to %d authorities, %d profiles and %d threads",
                              CA_AUTHORITIES_MAX, CA_PROFILES_MAX, CA_THREADS_MAX);
    for (size_t i = 0; i < setting->authority_count; i++) {
        if (setting->authorities[i].shards > CA_SHARDS_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT, "authority %s: up to %d shards",
                                  setting->authorities[i].name, CA_SHARDS_MAX);
    }
    if (setting->binding_key.len < REGISTRY_KEY_SIZE)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "binding key: it has less than %d octets; make a new one",
                              REGISTRY_KEY_SIZE);
    return AUTH_STATUS_OK;
}

auth_status ca_worker_new(const ca_setting *setting, auth_time now, auth_time latest,
                          ca_worker **out, auth_error *err)
{
    auth_status status = check_setting(setting, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(ca_worker) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->setting = *setting;
    made->threads = setting->threads == 0 ? 1 : setting->threads;
    atomic_init(&made->own_latest, latest);
    made->latest = &made->own_latest;
    status = make_issuers(made, now, err);
    if (status == AUTH_STATUS_OK)
        status = make_facts(made, err);
    if (status == AUTH_STATUS_OK)
        status = make_threads(made, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

auth_status ca_worker_beside(ca_worker *first, auth_time now, ca_worker **out, auth_error *err)
{
    ca_worker *made = NULL;
    auth_status status = ca_worker_new(&first->setting, now, 0, &made, err);
    if (status != AUTH_STATUS_OK)
        return status;
    made->latest = first->latest;
    *out = made;
    return AUTH_STATUS_OK;
}

void ca_worker_free(ca_worker *worker)
{
    if (worker == NULL)
        return;
    ca_team_free(worker->team);
    registry_facts_free(worker->facts);
    for (size_t i = 0; i < CA_THREADS_MAX; i++)
        registry_crypto_free(worker->thread[i].crypto);
    for (size_t i = 0; i < CA_AUTHORITIES_MAX; i++) {
        auth_issuer_free(worker->issuers[i].issuer);
        auth_known_issuer_free(worker->issuers[i].known);
    }
    for (size_t i = 0; i < worker->office_count; i++)
        free(worker->offices[i].path);
    free(worker->offices);
    auth_trust_free(worker->trust);
    free(worker);
}

const ca_limited *ca_worker_limited(const ca_worker *worker) { return &worker->limited; }

static void clear_item(ca_item *item)
{
    auth_tbs_free(item->tbs);
    auth_buf_free(item->der);
    auth_buf_free(item->sealed_number);
    auth_buf_free(item->sealed_name);
    auth_buf_free(item->body);
    auth_buf_free(item->act_body);
    free(item->name);
}

/* Leaves what the journal has to be told. */
static void clear(ca_batch *batch)
{
    for (size_t i = 0; i < batch->item_count; i++)
        clear_item(&batch->items[i]);
    for (size_t i = 0; i < batch->document_count; i++) {
        auth_buf_free(batch->documents[i].clear);
        auth_request_free(batch->documents[i].request);
        auth_buf_free(batch->documents[i].body);
    }
    registry_result_free(batch->citizens);
    ca_limits_clear(&batch->limits);
    free(batch->items);
    free(batch->decided);
    free(batch->documents);
    *batch = (ca_batch){.worker = batch->worker,
                        .now = batch->now,
                        .began_ms = batch->began_ms,
                        .journalled = batch->journalled};
}

static auth_status begin(ca_batch *batch, const registry_queue_batch *claimed, auth_error *err)
{
    clear(batch);
    batch->claimed = claimed;
    batch->documents = calloc(claimed->document_count + 1, sizeof *batch->documents);
    if (batch->documents == NULL)
        return auth_error_memory(err);
    batch->document_count = claimed->document_count;
    for (size_t i = 0; i < batch->document_count; i++)
        batch->documents[i].row = &claimed->documents[i].request;
    return AUTH_STATUS_OK;
}

static void refuse_documents(const ca_batch *batch, registry_queue_batch *claimed)
{
    for (size_t i = 0; i < batch->document_count; i++) {
        const ca_document *document = &batch->documents[i];
        claimed->documents[i].is_refused = document->is_refused;
        claimed->documents[i].reason = document->reason;
        claimed->documents[i].detail = document->is_refused ? document->detail : NULL;
    }
}

static void tell_claimed(const ca_batch *batch)
{
    const ca_setting *setting = &batch->worker->setting;
    size_t items = 0;
    for (size_t i = 0; i < batch->document_count; i++)
        items += (size_t)batch->documents[i].row->item_count;
    if (setting->claimed != NULL)
        setting->claimed(items, setting->context);
}

static auth_status prepare(registry_connection *connection, registry_queue_batch *claimed,
                           void *context, auth_error *err)
{
    ca_batch *batch = context;
    ca_set_time(batch, claimed);
    ca_reach(&batch->worker->setting, CA_STEP_CLAIMED);
    auth_status status = begin(batch, claimed, err);
    tell_claimed(batch);
    if (status == AUTH_STATUS_OK)
        status = ca_open(batch, connection, err);
    ca_reach(&batch->worker->setting, CA_STEP_OPENED);
    if (status == AUTH_STATUS_OK)
        status = ca_decide(batch, connection, claimed, err);
    if (status == AUTH_STATUS_OK)
        refuse_documents(batch, claimed);
    ca_reach(&batch->worker->setting, CA_STEP_DECIDED);
    return status;
}

static auth_status sign(registry_connection *connection, registry_queue_batch *claimed,
                        void *context, auth_error *err)
{
    ca_batch *batch = context;
    (void)connection;
    ca_reach(&batch->worker->setting, CA_STEP_RESERVED);
    auth_status status = ca_sign(batch, claimed, err);
    ca_reach(&batch->worker->setting, CA_STEP_SIGNED);
    return status == AUTH_STATUS_OK ? ca_write_bodies(batch, claimed, err) : status;
}

/* What is granted counts, whatever was taken for it before. */
static void count_granted(ca_batch *batch, const registry_queue_batch *claimed)
{
    ca_limits_begin(&batch->limits);
    for (size_t i = 0; i < claimed->decision_count; i++) {
        const registry_decision *decision = &claimed->decisions[i];
        const ca_item *item = &batch->items[batch->decided[i]];
        if (registry_queue_is_active(claimed, decision->document) &&
            registry_decision_is_granted(decision) && decision->serial.data != NULL)
            ca_limits_count(&batch->limits, batch->documents[item->document].row->office,
                            item->profile->name);
    }
}

static auth_status journal(registry_connection *connection, registry_queue_batch *claimed,
                           void *context, auth_error *err)
{
    ca_batch *batch = context;
    ca_reach(&batch->worker->setting, CA_STEP_STORED);
    count_granted(batch, claimed);
    auth_status status = ca_limits_store(&batch->limits, connection, batch->now, err);
    if (status == AUTH_STATUS_OK)
        status = ca_record(batch, connection, claimed, err);
    ca_reach(&batch->worker->setting, CA_STEP_JOURNALLED);
    return status;
}

static void stored(const registry_queue_batch *claimed, void *context)
{
    ca_batch *batch = context;
    ca_limited *limited = &batch->worker->limited;
    ca_reach(&batch->worker->setting, CA_STEP_COMMITTED);
    ca_note(batch, CA_JOURNAL_COMMITTED);
    for (size_t i = 0; i < claimed->decision_count; i++) {
        const ca_item *item = &batch->items[batch->decided[i]];
        if (!registry_queue_is_active(claimed, claimed->decisions[i].document) ||
            item->reason != AUTH_REQUEST_REASON_LIMIT || limited->items++ > 0)
            continue;
        (void)snprintf(limited->office, sizeof limited->office, "%s",
                       batch->documents[item->document].office->id);
        (void)snprintf(limited->profile, sizeof limited->profile, "%s", item->profile->name);
    }
}

auth_status ca_worker_run(ca_worker *worker, auth_time now, registry_queue_report *report,
                          auth_error *err)
{
    ca_batch batch = {.worker = worker, .now = now, .began_ms = ca_clock_ms()};
    registry_queue_work work = {prepare, sign, journal, stored, &batch, ca_batch_is_alone};
    auth_status status = ca_check_clock(worker, now, err);
    worker->limited = (ca_limited){.items = 0};
    if (status != AUTH_STATUS_OK)
        return status;
    status =
        registry_queue_run(worker->setting.pool, &worker->setting.limits, now, &work, report, err);
    ca_note(&batch, status == AUTH_STATUS_UNKNOWN ? CA_JOURNAL_UNKNOWN : CA_JOURNAL_ABORTED);
    clear(&batch);
    return status;
}
