/* SPDX-License-Identifier: Apache-2.0 */
/* Building what an item is to be given: from the profile, the person, and the key that was proved.
 */
#include "batch.h"
#include "serial.h"

#include <stdlib.h>
#include <string.h>

/* 26 characters of base32 hold 128 bits (auth_identity_secret_new). */
#define SIM_SECRET_SIZE 26
#define SUBJECT_MAX 8

/* RFC 4648 section 6. */
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static const auth_profile *find_profile(const ca_worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->setting.profile_count; i++) {
        if (strcmp(auth_profile_name(worker->setting.profiles[i]), name) == 0)
            return worker->setting.profiles[i];
    }
    return NULL;
}

static const ca_issuer *find_issuer(const ca_worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->setting.authority_count; i++) {
        const ca_issuer *issuer = &worker->issuers[i];
        if (strcmp(issuer->authority->name, name) == 0 && issuer->authority->signer != NULL)
            return issuer;
    }
    return NULL;
}

/* The requests of officers name their office, role and realm; those of citizens her name. */
static size_t fill_subject(const ca_batch *batch, const ca_item *item, const ca_person *person,
                           auth_issue_value out[SUBJECT_MAX])
{
    const ca_document *document = &batch->documents[item->document];
    const auth_request_item *asked = auth_request_item_at(document->request, item->index);
    size_t count = 0;
    out[count++] = (auth_issue_value){"CN", auth_buf_bytes(person->name)};
    if (auth_request_kind_of(document->request) != AUTH_REQUEST_KIND_APPOINT)
        return count;
    out[count++] = (auth_issue_value){"O", auth_bytes_from_text(batch->worker->setting.realm)};
    out[count++] = (auth_issue_value){"OU", auth_bytes_from_text(document->office->id)};
    out[count++] =
        (auth_issue_value){"title", auth_bytes_from_text(auth_officer_role_name(asked->role))};
    out[count++] = (auth_issue_value){"UID", asked->officer};
    return count;
}

/*
 * The holder's secret follows from the realm's key and the serial number, so that whoever has the
 * key can hand it to her later, and nothing of it is stored.
 */
static auth_status make_secret(const ca_batch *batch, const ca_item *item, const ca_thread *thread,
                               char out[SIM_SECRET_SIZE], auth_error *err)
{
    uint8_t mac[REGISTRY_HASH_SIZE];
    auth_bytes parts[2] = {auth_bytes_from_text("auth sim secret"),
                           {item->serial, sizeof item->serial}};
    auth_status status = registry_hmac_sha256(thread->crypto, batch->worker->setting.binding_key,
                                              parts, 2, mac, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < SIM_SECRET_SIZE; i++) {
        size_t bit = 5 * i;
        unsigned pair = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];
        out[i] = base32[pair >> (11 - bit % 8) & 31U];
    }
    explicit_bzero(mac, sizeof mac);
    return status;
}

static auth_request_reason reason_of(auth_status status)
{
    if (status == AUTH_STATUS_UNTRUSTED)
        return AUTH_REQUEST_REASON_POSSESSION;
    if (status == AUTH_STATUS_DENIED || status == AUTH_STATUS_UNSUPPORTED)
        return AUTH_REQUEST_REASON_WEAK_KEY;
    return AUTH_REQUEST_REASON_NOT_ISSUABLE;
}

/* What is wrong with the item refuses it; a fault ends the batch. */
static auth_status answer(ca_item *item, auth_status status, const auth_error *err)
{
    if (status == AUTH_STATUS_OK || auth_status_is_fault(status))
        return status;
    ca_item_refuse(item, status, reason_of(status), err->text);
    return AUTH_STATUS_OK;
}

static auth_status prepare(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                           const auth_profile *profile, const ca_person *person, auth_error *err)
{
    auth_issue_value subject[SUBJECT_MAX];
    char secret[SIM_SECRET_SIZE];
    auth_status status = make_secret(batch, item, thread, secret, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_issue_request request = {
        .csr = item->csr,
        .subject = subject,
        .subject_count = fill_subject(batch, item, person, subject),
        .shard = item->shard,
        .serial = {item->serial, sizeof item->serial},
        .not_before = batch->now,
        .now = batch->now,
    };
    if (auth_profile_binding(profile) != AUTH_IDENTITY_BINDING_NONE)
        request.identity =
            (auth_issue_identity){.number = &person->number,
                                  .sim_secret = {(const uint8_t *)secret, sizeof secret},
                                  .pseudonym_key = batch->worker->setting.binding_key};
    status = auth_issue_prepare(profile, item->issuer->issuer, &request, &item->tbs, err);
    explicit_bzero(secret, sizeof secret);
    return status;
}

static auth_status build(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                         const ca_person *person, auth_error *err)
{
    const auth_request *request = batch->documents[item->document].request;
    const auth_profile *profile = find_profile(batch->worker, auth_request_profile(request));
    auth_status status =
        auth_policy_profile_find(batch->worker->setting.policy, auth_request_profile(request),
                                 &item->profile, err);
    if (status == AUTH_STATUS_OK)
        item->issuer = find_issuer(batch->worker, item->profile->authority);
    if (status == AUTH_STATUS_OK && (profile == NULL || item->issuer == NULL))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "profile: no authority here issues it; start one with its key");
    if (status == AUTH_STATUS_OK)
        status = auth_issue_serial(ca_serial_epoch(batch->now), item->serial, err);
    if (status != AUTH_STATUS_OK)
        return status;
    item->shard = ca_serial_shard(item->serial, item->issuer->authority->shards);
    status = prepare(batch, item, thread, profile, person, err);
    if (status == AUTH_STATUS_OK)
        auth_tbs_key_hash(item->tbs, item->key_hash);
    return status;
}

auth_status ca_certificate_build(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                                 auth_error *err)
{
    ca_person person = {.name = NULL};
    auth_status status = ca_person_find(batch, item, thread, &person, err);
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status)) {
        ca_item_refuse(item, status, AUTH_REQUEST_REASON_SUBJECT, err->text);
        status = AUTH_STATUS_OK;
    }
    if (status == AUTH_STATUS_OK && item->status == AUTH_STATUS_OK)
        status = answer(item, build(batch, item, thread, &person, err), err);
    if (status == AUTH_STATUS_OK && item->status == AUTH_STATUS_OK)
        status = ca_person_seal(batch, item, thread, &person, err);
    ca_person_clear(&person);
    return status;
}
