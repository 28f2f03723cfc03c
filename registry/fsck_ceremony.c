/* SPDX-License-Identifier: Apache-2.0 */
/* The payload is JSON that was written in one spelling (docs/realm.md), so its text is compared. */
#include "fsck_judge.h"
#include "statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD_SIZE 256
/* More than a ceremony has; each is looked for in one payload. */
#define CERTIFICATES_MAX 1000

static void report(const fsck_judge *judge, const char *key, const char *text)
{
    registry_report(judge->reporter, "request", key, "%s", text);
}

static bool is_anchor(const fsck_judge *judge, auth_bytes certificate)
{
    for (size_t i = 0; i < judge->anchor_count; i++) {
        if (auth_bytes_equal(judge->anchors[i], certificate))
            return true;
    }
    return false;
}

static bool begins_well(const fsck_judge *judge, auth_bytes payload, const char *key)
{
    char head[HEAD_SIZE];
    int len = snprintf(head, sizeof head, "{\"version\":1,\"id\":\"%s\",\"realm\":\"%s\",", key,
                       registry_keyring_realm(judge->by->ring));
    return len > 0 && len < HEAD_SIZE && payload.len >= (size_t)len &&
           memcmp(payload.data, head, (size_t)len) == 0;
}

static auth_status names(const fsck_judge *judge, auth_bytes payload, auth_bytes der, bool *out,
                         auth_error *err)
{
    char member[2 * REGISTRY_HASH_SIZE + 32];
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_status status = registry_sha256(judge->crypto, &der, 1, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t len = (size_t)snprintf(member, sizeof member, "\"certificate\":\"");
    for (size_t i = 0; i < sizeof hash; i++)
        len += (size_t)snprintf(member + len, sizeof member - len, "%02x", hash[i]);
    len += (size_t)snprintf(member + len, sizeof member - len, "\"");
    *out = memmem(payload.data, payload.len, member, len) != NULL;
    return AUTH_STATUS_OK;
}

/* Columns of REGISTRY_STATEMENT_FSCK_ISSUED_BY. */
enum { SERIAL, DER };

static auth_status check_certificates(const fsck_judge *judge, auth_bytes payload, auth_bytes id,
                                      const char *key, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status =
        registry_run(judge->connection, REGISTRY_STATEMENT_FSCK_ISSUED_BY,
                     REGISTRY_VALUES(registry_uuid(id), registry_int64(CERTIFICATES_MAX)), &rows,
                     err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(rows) : 0;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        bool is_named = false;
        status = names(judge, payload, registry_value_bytes(rows, i, DER), &is_named, err);
        if (status == AUTH_STATUS_OK && !is_named)
            registry_report(judge->reporter, "certificate", registry_value_text(rows, i, SERIAL),
                            "the ceremony %s, of which it came, does not name it", key);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

auth_status fsck_judge_ceremony(fsck_judge *judge, const auth_jws *jws, auth_bytes id,
                                const char *key, auth_error *err)
{
    auth_jws_signature_info info = {.chain_len = 0};
    auth_status status = fsck_judge_open(judge, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (auth_jws_signature_count(jws) != 1 || !auth_jws_signature_at(jws, 0, &info) ||
        !is_anchor(judge, info.chain[0]))
        report(judge, key, "the root did not sign this ceremony, or others did too");
    if (!begins_well(judge, auth_jws_payload(jws), key))
        report(judge, key, "its document is of another ceremony or realm");
    return check_certificates(judge, auth_jws_payload(jws), id, key, err);
}
