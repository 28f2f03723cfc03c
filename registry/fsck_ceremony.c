/* SPDX-License-Identifier: Apache-2.0 */
/* The payload is JSON that was written in one spelling (docs/realm.md), so its text is compared. */
#include "fsck_judge.h"
#include "statement.h"

#include <auth/cert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD_SIZE 256
#define PAGE 200
#define SERIAL_SIZE 48
#define NAMED_SIZE 512

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

/* Columns of REGISTRY_STATEMENT_FSCK_ISSUED_BY. */
enum { ITEM, SERIAL, DER, PROFILE, AUTHORITY, NAMED_SERIAL, NAMED_DER };

static bool contains(auth_bytes payload, const char *text)
{
    return memmem(payload.data, payload.len, text, strlen(text)) != NULL;
}

static void write_hex(const uint8_t hash[REGISTRY_HASH_SIZE], char out[2 * REGISTRY_HASH_SIZE + 1])
{
    for (size_t i = 0; i < REGISTRY_HASH_SIZE; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static auth_status hash_of(const fsck_judge *judge, auth_bytes der,
                           char out[2 * REGISTRY_HASH_SIZE + 1], auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_status status = registry_sha256(judge->crypto, &der, 1, hash, err);
    if (status == AUTH_STATUS_OK)
        write_hex(hash, out);
    return status;
}

/* The key of a certificate as the payload has it; not an authority's, which is never renewed. */
static auth_status key_of(auth_bytes der, char out[2 * REGISTRY_HASH_SIZE + 1], bool *is_authority,
                          auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    auth_status status = auth_cert_parse(der, &cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(cert, &key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_public_key_hash(key, hash);
    write_hex(hash, out);
    *is_authority = auth_cert_is_ca(cert);
    return AUTH_STATUS_OK;
}

/*
 * A renewal is for the key, profile and authority of the item whose certificate the payload names,
 * and that item has nothing behind the certificate: it is no officer's.
 */
static auth_status is_renewal(const fsck_judge *judge, auth_bytes payload, registry_result *rows,
                              size_t i, bool *out, auth_error *err)
{
    char key[2 * REGISTRY_HASH_SIZE + 1];
    char named[2 * REGISTRY_HASH_SIZE + 1];
    char item[NAMED_SIZE];
    bool is_authority = false;
    auth_error why = {AUTH_STATUS_OK, ""};
    *out = false;
    if (registry_value_is_null(rows, i, NAMED_DER) || registry_value_is_null(rows, i, AUTHORITY))
        return AUTH_STATUS_OK;
    auth_status status = hash_of(judge, registry_value_bytes(rows, i, NAMED_DER), named, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = key_of(registry_value_bytes(rows, i, DER), key, &is_authority, &why);
    if (status >= AUTH_STATUS_MEMORY)
        return auth_error_set(err, status, "%s", why.text);
    if (status != AUTH_STATUS_OK)
        return AUTH_STATUS_OK; /* fsck_certificate.c tells that it cannot be read */
    int len =
        snprintf(item, sizeof item,
                 "\"profile\":\"%s\",\"authority\":\"%s\",\"serial\":\"%s\",\"key\":\"%s\","
                 "\"certificate\":\"%s\"}",
                 registry_value_text(rows, i, PROFILE), registry_value_text(rows, i, AUTHORITY),
                 registry_value_text(rows, i, NAMED_SERIAL), key, named);
    *out = !is_authority && len > 0 && len < NAMED_SIZE && contains(payload, item);
    return AUTH_STATUS_OK;
}

static auth_status check_certificate(const fsck_judge *judge, auth_bytes payload, const char *key,
                                     registry_result *rows, size_t i, auth_error *err)
{
    char hash[2 * REGISTRY_HASH_SIZE + 1];
    char member[2 * REGISTRY_HASH_SIZE + 32];
    bool is_good = false;
    auth_status status = hash_of(judge, registry_value_bytes(rows, i, DER), hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(member, sizeof member, "\"certificate\":\"%s\"", hash);
    if (contains(payload, member))
        return AUTH_STATUS_OK;
    status = is_renewal(judge, payload, rows, i, &is_good, err);
    if (status == AUTH_STATUS_OK && !is_good)
        registry_report(judge->reporter, "certificate", registry_value_text(rows, i, SERIAL),
                        "the ceremony %s, of which it came, names neither it nor a daemon's or "
                        "responder's certificate that it renews",
                        key);
    return status;
}

/* Where the next page begins. */
typedef struct place {
    int64_t item;
    char serial[SERIAL_SIZE];
} place;

static auth_status check_page(const fsck_judge *judge, auth_bytes payload, auth_bytes id,
                              const char *key, place *after, size_t *count, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status =
        registry_run(judge->connection, REGISTRY_STATEMENT_FSCK_ISSUED_BY,
                     REGISTRY_VALUES(registry_uuid(id), registry_int64(after->item),
                                     registry_text(after->serial), registry_int64(PAGE)),
                     &rows, err);
    *count = status == AUTH_STATUS_OK ? registry_result_rows(rows) : 0;
    for (size_t i = 0; i < *count && status == AUTH_STATUS_OK; i++) {
        after->item = registry_value_int64(rows, i, ITEM);
        (void)snprintf(after->serial, sizeof after->serial, "%s",
                       registry_value_text(rows, i, SERIAL));
        status = check_certificate(judge, payload, key, rows, i, err);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

static auth_status check_certificates(const fsck_judge *judge, auth_bytes payload, auth_bytes id,
                                      const char *key, auth_error *err)
{
    place after = {.item = -1, .serial = ""};
    size_t count = PAGE;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && count == PAGE)
        status = check_page(judge, payload, id, key, &after, &count, err);
    return status;
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
