/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the other end: the handshake proved the key, the staff authority's signature the
 * certificate, the registry everything that may change.
 */
#include "state.h"

#include "registry/subject.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What the certificate says by itself. */
static auth_status read_certificate(const office *it, auth_bytes der, auth_time now,
                                    office_officer *out, registry_subject *subject, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_verdict verdict;
    auth_validation options = {.now = now, .purpose = AUTH_PURPOSE_OFFICER};
    auth_status status = auth_known_issuer_validate(it->staff, &options, der, NULL, &verdict, err);
    if (status == AUTH_STATUS_OK && verdict.reason != AUTH_VERDICT_REASON_OK)
        return auth_error_set(err,
                              verdict.reason == AUTH_VERDICT_REASON_EXPIRED ? AUTH_STATUS_EXPIRED
                                                                            : AUTH_STATUS_UNTRUSTED,
                              "certificate: it is no officer's of this realm: %s; %s",
                              auth_verdict_reason_text(verdict.reason),
                              auth_verdict_reason_remedy(verdict.reason));
    if (status == AUTH_STATUS_OK)
        status = auth_cert_parse(der, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = registry_subject_read(auth_cert_subject(cert), subject, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes serial = auth_cert_serial(cert);
    if (serial.len == 0 || serial.len > sizeof out->serial)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "certificate: its serial number is too long (RFC 5280 4.1.2.2); have "
                              "another one issued");
    memcpy(out->serial, serial.data, out->serial_len = serial.len);
    return AUTH_STATUS_OK;
}

static auth_status unknown(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          "certificate: the registry does not know it as that of an officer of "
                          "this office, or of one above or below it; ask the administrator to "
                          "appoint you");
}

auth_status office_officer_check(const office *it, const office_officer *officer,
                                 const registry_peer *peer, auth_time now, auth_error *err)
{
    if (peer == NULL ||
        !auth_bytes_equal(peer->hash, (auth_bytes){officer->hash, sizeof officer->hash}) ||
        strcmp(peer->officer, officer->id) != 0 ||
        strcmp(peer->office_id, officer->office_id) != 0 || peer->role != (int64_t)officer->role)
        return unknown(err);
    if (peer->action == REGISTRY_ACTION_REVOKE || peer->action == REGISTRY_ACTION_SUSPEND)
        return auth_error_set(err, AUTH_STATUS_REVOKED,
                              "certificate: it is revoked or suspended; ask the administrator of "
                              "your office");
    if (peer->dismissed_at != REGISTRY_NO_TIME)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "officer: dismissed; ask the administrator of your office");
    if (peer->closed_at != REGISTRY_NO_TIME)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "office: closed; ask the administrator of the office above it");
    if (peer->not_after < now)
        return auth_error_set(err, AUTH_STATUS_EXPIRED,
                              "certificate: it has expired; have a new one issued");
    bool is_near = it->role == REGISTRY_ROLE_LRA
                       ? strcmp(peer->office_path, it->scope_path) == 0
                       : office_is_within(peer->office_path, it->scope_path) ||
                             office_is_within(it->scope_path, peer->office_path);
    return is_near ? AUTH_STATUS_OK
                   : auth_error_set(err, AUTH_STATUS_DENIED,
                                    "officer: your office is not served here; use the address of "
                                    "your own office");
}

/* Takes from the registry what the certificate says too; the check compares both. */
static auth_status find_peer(office *it, const registry_subject *subject, auth_time now,
                             office_officer *officer, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_connection *connection = NULL;
    registry_peer peer = {0};
    auth_bytes serial = {officer->serial, officer->serial_len};
    auth_status status = office_find_scope(it, err);
    if (status == AUTH_STATUS_OK)
        status = registry_pool_take(it->pool, OFFICE_TAKE_MS, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_peer_list(connection, &serial, 1, &found, err);
    registry_pool_give(it->pool, connection);
    if (status != AUTH_STATUS_OK)
        return status;
    if (registry_result_rows(found) == 0 || strcmp(subject->realm, realm_name(it->realm)) != 0 ||
        auth_officer_role_find(subject->role, &officer->role, NULL) != AUTH_STATUS_OK)
        return unknown(err);
    status = registry_peer_read(found, 0, &peer, err);
    if (status == AUTH_STATUS_OK)
        status = office_officer_check(it, officer, &peer, now, err);
    if (status != AUTH_STATUS_OK)
        return status;
    officer->office = peer.office;
    (void)snprintf(officer->path, sizeof officer->path, "%s", peer.office_path);
    return AUTH_STATUS_OK;
}

static auth_status hash_certificate(auth_bytes der, office_officer *officer, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    return status == AUTH_STATUS_OK ? registry_sha256(crypto, &der, 1, officer->hash, err) : status;
}

auth_status office_judge(void *context, const auth_bytes *chain, size_t count, daemon_peer *out,
                         auth_error *err)
{
    office *it = context;
    office_officer officer = {.serial_len = 0};
    office_guest *guest = NULL;
    registry_subject subject;
    auth_time now = (auth_time)time(NULL);
    if (count == 0)
        return auth_error_set(err, AUTH_STATUS_DENIED, "certificate: there is none; show one");
    auth_status status = read_certificate(it, chain[0], now, &officer, &subject, err);
    if (status == AUTH_STATUS_OK)
        status = hash_certificate(chain[0], &officer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(officer.id, sizeof officer.id, "%s", subject.officer);
    (void)snprintf(officer.office_id, sizeof officer.office_id, "%s", subject.office);
    status = find_peer(it, &subject, now, &officer, err);
    if (status == AUTH_STATUS_OK)
        status = office_guest_new(it, &officer, &guest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = (daemon_peer){.roles = (uint32_t)1 << officer.role,
                         .data = guest,
                         .free_data = office_guest_free};
    (void)snprintf(out->name, sizeof out->name, "%.63s", officer.id);
    return AUTH_STATUS_OK;
}
