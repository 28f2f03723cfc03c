/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of daemons and responders, made anew before they end. What is due is asked for
 * twice: once to see whether there is anything, and again under the lock that keeps other
 * authorities and revocations out until the commit.
 */
#include "duty.h"
#include "registry/ledger.h"
#include "registry/renewal.h"
#include "registry/transaction.h"
#include "remember.h"
#include "serial.h"

#include <auth/cert.h>
#include <stdio.h>
#include <string.h>

#define CERTIFICATE_MAX 65536

typedef struct renewing {
    const ca_setting *setting;
    registry_crypto *crypto;
    auth_time now;
    int64_t margin_s;
    int64_t authorities[CA_AUTHORITIES_MAX]; /* whose keys are here */
    size_t authority_count;
    ca_renewals *out;
    ca_journal_entry entries[CA_RENEWALS_MAX];
    size_t entry_count;
    uint64_t batch; /* of the journal, whose outcome is to be noted; 0: none */
} renewing;

/* One certificate on its way. */
typedef struct renewal {
    registry_renewal_due due;
    const ca_authority *authority;
    auth_issuer *issuer;
    auth_tbs *tbs;
    auth_buf *der;
    uint8_t serial[AUTH_SERIAL_SIZE];
    uint32_t shard;
} renewal;

static void clear(renewal *one)
{
    auth_issuer_free(one->issuer);
    auth_tbs_free(one->tbs);
    auth_buf_free(one->der);
}

static const ca_authority *find_authority(const ca_setting *setting, int64_t id)
{
    for (size_t i = 0; i < setting->authority_count; i++) {
        if (setting->authorities[i].id == id && setting->authorities[i].signer != NULL)
            return &setting->authorities[i];
    }
    return NULL;
}

static const auth_profile *find_profile(const ca_setting *setting, const char *name)
{
    for (size_t i = 0; i < setting->daemon_profile_count; i++) {
        if (strcmp(auth_profile_name(setting->daemon_profiles[i]), name) == 0)
            return setting->daemon_profiles[i];
    }
    return NULL;
}

static auth_status prepare(const renewing *of, renewal *one, auth_error *err)
{
    const auth_profile *profile = find_profile(of->setting, one->due.profile);
    auth_issue_request request = {.serial = {one->serial, sizeof one->serial},
                                  .not_before = of->now,
                                  .now = of->now};
    one->authority = find_authority(of->setting, one->due.authority);
    if (profile == NULL || one->authority == NULL)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "profile %s: it or the key of its authority is not here; put the "
                              "profile back into the realm's folder",
                              one->due.profile);
    auth_status status =
        auth_issuer_new(one->authority->certificate, auth_signer_algorithm(one->authority->signer),
                        &one->issuer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_issue_serial(ca_serial_epoch(of->now), one->serial, err);
    if (status != AUTH_STATUS_OK)
        return status;
    one->shard = ca_serial_shard(one->serial, one->authority->shards);
    request.shard = one->shard;
    return auth_issue_renew(profile, one->issuer, one->due.der, &request, &one->tbs, err);
}

/* A signature that does not verify says that the key or the token is broken. */
static auth_status sign(renewal *one, auth_error *err)
{
    auth_signature signature;
    auth_status status = auth_buf_new(CERTIFICATE_MAX, &one->der, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_signer_sign(one->authority->signer, auth_tbs_bytes(one->tbs), &signature, err);
    if (status == AUTH_STATUS_OK)
        status = auth_issue_seal(one->tbs, (auth_bytes){signature.octets, signature.len},
                                 auth_issuer_key(one->issuer), one->der, err);
    return status == AUTH_STATUS_UNTRUSTED ? AUTH_STATUS_CRYPTO : status;
}

static auth_status tell_ledger(registry_connection *connection, const renewing *of,
                               const renewal *one, auth_error *err)
{
    auth_bytes der = auth_buf_bytes(one->der);
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_ISSUED,
                                 .at = of->now,
                                 .has_request = true,
                                 .item = (int)one->due.item,
                                 .has_document = true,
                                 .has_certificate = true,
                                 .serial = {.len = sizeof one->serial}};
    (void)snprintf(body.realm, sizeof body.realm, "%s", of->setting->realm);
    (void)snprintf(body.office, sizeof body.office, "%s", one->due.office_id);
    (void)snprintf(body.detail, sizeof body.detail, "renewal");
    memcpy(body.request, one->due.request_id.data, sizeof body.request);
    memcpy(body.document, one->due.payload_hash.data, sizeof body.document);
    memcpy(body.serial.octets, one->serial, sizeof one->serial);
    auth_status status = registry_sha256(of->crypto, &der, 1, body.certificate, err);
    return status == AUTH_STATUS_OK
               ? registry_ledger_append(connection, &body, one->due.office, err)
               : status;
}

/* What the journal is told when all is stored: until then others may have their turn with it. */
static auth_status keep_entry(renewing *of, const renewal *one, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_bytes tbs = auth_tbs_bytes(one->tbs);
    ca_journal_entry entry = {.kind = CA_JOURNAL_KIND_CERTIFICATE,
                              .time = of->now,
                              .authority = (uint16_t)one->authority->id,
                              .item = (uint16_t)one->due.item,
                              .serial_len = sizeof one->serial};
    memcpy(entry.request, one->due.request_id.data, sizeof entry.request);
    memcpy(entry.serial, one->serial, sizeof one->serial);
    auth_status status = auth_cert_parse(auth_buf_bytes(one->der), &cert, err);
    if (status == AUTH_STATUS_OK && auth_cert_has_purpose(cert, "OCSPSigning"))
        entry.kind = CA_JOURNAL_KIND_OCSP_RESPONDER;
    if (status == AUTH_STATUS_OK)
        status = registry_sha256(of->crypto, &tbs, 1, entry.hash, err);
    if (status == AUTH_STATUS_OK)
        of->entries[of->entry_count++] = entry;
    return status;
}

static auth_status store(registry_connection *connection, renewing *of, const renewal *one,
                         auth_error *err)
{
    registry_renewed made = {.serial = {one->serial, sizeof one->serial},
                             .shard = one->shard,
                             .not_before = of->now,
                             .not_after = auth_tbs_not_after(one->tbs),
                             .der = auth_buf_bytes(one->der)};
    auth_status status = registry_renewal_insert(connection, &one->due, &made, of->now, err);
    if (status == AUTH_STATUS_OK)
        status = tell_ledger(connection, of, one, err);
    return status == AUTH_STATUS_OK ? keep_entry(of, one, err) : status;
}

/* why NULL: it was made. */
static void report(const renewing *of, const renewal *one, const auth_error *why)
{
    ca_renewal *row = &of->out->rows[of->out->count++];
    *row =
        (ca_renewal){.item = one->due.item,
                     .not_after = why == NULL ? auth_tbs_not_after(one->tbs) : one->due.not_after,
                     .error = why == NULL ? (auth_error){AUTH_STATUS_OK, ""} : *why};
    (void)snprintf(row->profile, sizeof row->profile, "%s", one->due.profile);
}

/* What is wrong with one certificate is told; a fault ends the round. */
static auth_status renew(registry_connection *connection, renewing *of, renewal *one,
                         auth_error *err)
{
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_status status = prepare(of, one, &why);
    if (status != AUTH_STATUS_OK) {
        if (auth_status_is_fault(status))
            return auth_error_set(err, status, "%s", why.text);
        report(of, one, &why);
        return AUTH_STATUS_OK;
    }
    status = sign(one, err);
    if (status == AUTH_STATUS_OK)
        status = store(connection, of, one, err);
    if (status == AUTH_STATUS_OK)
        report(of, one, NULL);
    return status;
}

static auth_status renew_all(registry_connection *connection, renewing *of, registry_result *rows,
                             auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(rows); i++) {
        renewal one = {.authority = NULL};
        status = registry_renewal_read(rows, i, &one.due, err);
        if (status == AUTH_STATUS_OK)
            status = renew(connection, of, &one, err);
        clear(&one);
    }
    return status;
}

static auth_status list(registry_connection *connection, const renewing *of, registry_result **out,
                        auth_error *err)
{
    return registry_renewal_list(connection, of->now, of->margin_s, of->authorities,
                                 of->authority_count, CA_RENEWALS_MAX, out, err);
}

static void note(renewing *of, ca_journal_outcome outcome)
{
    if (of->batch != 0)
        (void)!ca_journal_commit_note(of->setting->journal, of->batch, outcome, of->now, NULL);
    of->batch = 0;
}

static auth_status tell_journal(registry_connection *connection, renewing *of, auth_error *err)
{
    ca_journal *journal = of->setting->journal;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->entry_count; i++)
        status = ca_journal_append(journal, &of->entries[i], err);
    if (status == AUTH_STATUS_OK) {
        status = ca_journal_sync(journal, &of->batch, err);
        ca_reach(of->setting, CA_STEP_RENEWAL_JOURNALLED);
        return status == AUTH_STATUS_OK ? ca_remember(of->setting, connection, of->now, err)
                                        : status;
    }
    /* What was appended must not look like a part of the next batch. */
    if (ca_journal_sync(journal, &of->batch, NULL) == AUTH_STATUS_OK)
        note(of, CA_JOURNAL_ABORTED);
    return status;
}

static auth_status work(registry_connection *connection, void *context, auth_error *err)
{
    renewing *of = context;
    AUTH_AUTO(registry_result) *rows = NULL;
    /* Done again, the attempt before came to nothing. */
    note(of, CA_JOURNAL_ABORTED);
    of->out->count = 0;
    of->entry_count = 0;
    auth_status status = registry_renewal_lock(connection, err);
    ca_reach(of->setting, CA_STEP_RENEWAL_LOCKED);
    if (status == AUTH_STATUS_OK)
        status = list(connection, of, &rows, err);
    if (status == AUTH_STATUS_OK)
        status = renew_all(connection, of, rows, err);
    ca_reach(of->setting, CA_STEP_RENEWAL_STORED);
    if (status != AUTH_STATUS_OK)
        return status;
    ca_journal_take(of->setting->journal);
    status = tell_journal(connection, of, err);
    ca_journal_give(of->setting->journal);
    return status;
}

static auth_status look(renewing *of, bool *is_due, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    registry_connection *connection = NULL;
    auth_status status = registry_pool_take(of->setting->pool, 10000, &connection, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = list(connection, of, &rows, err);
    *is_due = status == AUTH_STATUS_OK && registry_result_rows(rows) > 0;
    registry_pool_give(of->setting->pool, connection);
    return status;
}

static ca_journal_outcome outcome_of(auth_status status)
{
    if (status == AUTH_STATUS_OK)
        return CA_JOURNAL_COMMITTED;
    return status == AUTH_STATUS_UNKNOWN ? CA_JOURNAL_UNKNOWN : CA_JOURNAL_ABORTED;
}

auth_status ca_renew(const ca_setting *setting, registry_crypto *crypto, auth_time now,
                     int64_t margin_s, ca_renewals *out, auth_error *err)
{
    renewing of = {
        .setting = setting, .crypto = crypto, .now = now, .margin_s = margin_s, .out = out};
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = work,
                                        .context = &of};
    bool is_due = false;
    for (size_t i = 0; i < setting->authority_count; i++) {
        if (setting->authorities[i].signer != NULL)
            of.authorities[of.authority_count++] = setting->authorities[i].id;
    }
    out->count = 0;
    auth_status status = look(&of, &is_due, err);
    if (status != AUTH_STATUS_OK || !is_due)
        return status;
    status = registry_transact(setting->pool, &transaction, err);
    ca_reach(setting, CA_STEP_RENEWAL_COMMITTED);
    note(&of, outcome_of(status));
    if (status != AUTH_STATUS_OK)
        out->count = 0;
    return status;
}
