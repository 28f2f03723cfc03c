/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_head.h"
#include "key_text.h"
#include "line.h"

#include <auth/cert.h>
#include <auth/codec.h>
#include <string.h>

#define PAYLOAD_MAX 512

static bool is_head(const registry_ledger_head *head)
{
    return head->tree_size > 0 && head->tree_size <= MERKLE_SIZE_MAX && head->at >= AUTH_TIME_MIN &&
           head->at <= AUTH_TIME_MAX && key_is_identifier(auth_bytes_from_text(head->realm));
}

static auth_status write_payload(const registry_ledger_head *head, auth_buf *out, auth_error *err)
{
    char at[AUTH_TIME_TEXT_SIZE];
    auth_time_format(head->at, at);
    auth_status status =
        auth_buf_printf(out, err,
                        "{\"version\":1,\"realm\":\"%s\",\"tree_size\":%llu,\"root_hash\":\"",
                        head->realm, (unsigned long long)head->tree_size);
    if (status == AUTH_STATUS_OK)
        status =
            auth_codec_encode(AUTH_CODEC_HEX,
                              (auth_bytes){head->root.octets, sizeof head->root.octets}, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(out, err, "\",\"at\":\"%s\"}", at);
    return status;
}

auth_status registry_ledger_head_sign(const registry_ledger_head *head,
                                      const registry_ledger_signing *signing, auth_buf *out,
                                      auth_error *err)
{
    AUTH_AUTO(auth_buf) *payload = NULL;
    auth_jws_signing jws = {
        .type = REGISTRY_LEDGER_HEAD_TYPE,
        .signer = signing->signer,
        .chain = signing->chain,
        .chain_len = signing->chain_len,
        .signed_at = head->at,
    };
    if (!is_head(head)) {
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            "ledger head: a tree of no entries, a time or a realm that cannot be; "
            "look at the clock and at the realm's name");
    }
    auth_status status = auth_buf_new(PAYLOAD_MAX, &payload, err);
    if (status == AUTH_STATUS_OK)
        status = write_payload(head, payload, err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_sign_compact(auth_buf_bytes(payload), &jws, out, err);
    return status;
}

static auth_status read_payload(auth_bytes payload, registry_ledger_head *out, auth_error *err)
{
    line_reader in = {.left = payload};
    registry_ledger_head found = {.tree_size = 0};
    auth_bytes at;
    bool is_read = line_begins(&in, "realm", "{\"version\":1,\"realm\":\"") &&
                   line_take_text(&in, found.realm, sizeof found.realm, key_is_identifier) &&
                   line_begins(&in, "tree_size", ",\"tree_size\":") &&
                   line_take_number(&in, MERKLE_SIZE_MAX, &found.tree_size) &&
                   line_begins(&in, "root_hash", ",\"root_hash\":\"") &&
                   line_take_hex(&in, found.root.octets, sizeof found.root.octets) &&
                   line_begins(&in, "at", ",\"at\":\"") && line_take(&in, &at) &&
                   auth_time_parse(at, &found.at, NULL) == AUTH_STATUS_OK &&
                   line_begins(&in, "end", "}") && in.left.len == 0 && is_head(&found);
    if (!is_read) {
        return auth_error_set(
            err, AUTH_STATUS_MALFORMED,
            "ledger head: %s: not as auth writes it (docs/ledger.md); name a head "
            "of a ledger",
            in.member);
    }
    *out = found;
    return AUTH_STATUS_OK;
}

/* Tells whether a certificate is one of those that are trusted, or was signed by one. */
static auth_status is_trusted(const auth_cert *cert, const registry_ledger_trust *trust, bool *out,
                              auth_error *err)
{
    *out = false;
    for (size_t i = 0; i < trust->count && !*out; i++) {
        AUTH_AUTO(auth_cert) *issuer = NULL;
        AUTH_AUTO(auth_public_key) *key = NULL;
        if (auth_bytes_equal(trust->certificates[i], auth_cert_der(cert))) {
            *out = true;
            break;
        }
        auth_status status = auth_cert_parse(trust->certificates[i], &issuer, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (!auth_bytes_equal(auth_cert_subject(issuer), auth_cert_issuer(cert)))
            continue;
        status = auth_cert_public_key(issuer, &key, err);
        if (status != AUTH_STATUS_OK)
            return status;
        status = auth_cert_check_signature(cert, key, err);
        if (status == AUTH_STATUS_MEMORY || status == AUTH_STATUS_CRYPTO)
            return status;
        *out = status == AUTH_STATUS_OK;
    }
    return AUTH_STATUS_OK;
}

static auth_status check_signer(const auth_cert *cert, const registry_ledger_trust *trust,
                                auth_time at, auth_error *err)
{
    bool is_known = false;
    auth_status status = is_trusted(cert, trust, &is_known, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!is_known) {
        return auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                              "ledger head: its signer's certificate is of no authority that is "
                              "trusted here; name the authority's certificate, or ask who made it");
    }
    if (at < auth_cert_not_before(cert) || at > auth_cert_not_after(cert)) {
        return auth_error_set(
            err, AUTH_STATUS_UNTRUSTED,
            "ledger head: its signer's certificate was not valid at the time that "
            "it tells (RFC 5280 4.1.2.5); look at the clock of auth-ca");
    }
    return AUTH_STATUS_OK;
}

static auth_status verify(const auth_jws *jws, const registry_ledger_trust *trust, auth_time at,
                          auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_jws_signature_info info;
    if (!auth_jws_is_compact(jws) || !auth_jws_signature_at(jws, 0, &info)) {
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "ledger head: not a compact JWS (RFC 7515 7.1); name a head of a "
                              "ledger");
    }
    auth_status status = auth_cert_parse(info.chain[0], &cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(cert, &key, err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_verify(jws, 0, key, err);
    if (status == AUTH_STATUS_OK && trust != NULL)
        status = check_signer(cert, trust, at, err);
    return status;
}

auth_status registry_ledger_head_read(auth_bytes text, const registry_ledger_trust *trust,
                                      registry_ledger_head *out, auth_error *err)
{
    const auth_jws_rules rules = {.type = REGISTRY_LEDGER_HEAD_TYPE,
                                  .max_size = REGISTRY_LEDGER_HEAD_MAX};
    AUTH_AUTO(auth_jws) *jws = NULL;
    registry_ledger_head found = {.tree_size = 0};
    auth_status status = auth_jws_parse(text, &rules, &jws, err);
    if (status == AUTH_STATUS_OK)
        status = read_payload(auth_jws_payload(jws), &found, err);
    if (status == AUTH_STATUS_OK)
        status = verify(jws, trust, found.at, err);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}
