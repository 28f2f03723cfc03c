/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck_part.h"
#include "result.h"
#include "statement.h"

#include <auth/crl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY_SIZE 64
#define SERIAL_SIZE 48
#define PAGE 5000

/* Columns of REGISTRY_STATEMENT_FSCK_CRLS. */
enum {
    AUTHORITY,
    SHARD,
    NUMBER,
    IS_DELTA,
    BASE_NUMBER,
    REVISION,
    THIS_UPDATE,
    NEXT_UPDATE,
    ENTRIES,
    IS_NEWEST,
    HAS_ENTRY,
    IS_ABOVE,
    DER,
};

/* One CRL under examination. */
typedef struct subject {
    registry_connection *connection;
    registry_reporter *reporter;
    registry_result *row;
    const auth_crl *crl;
    const fsck_authority *authority;
    char key[KEY_SIZE];
} subject;

static bool is_fault(auth_status status) { return status >= AUTH_STATUS_MEMORY; }

/* A number as CRLs have it: big-endian, without leading zeros. */
static auth_bytes octets_of(uint64_t number, uint8_t out[8])
{
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> (56 - 8 * i));
    return (auth_bytes){out, 8};
}

static bool is_number(auth_bytes in_crl, bool has, int64_t number)
{
    uint8_t room[8];
    if (!has || in_crl.len == 0)
        return has == (in_crl.len > 0);
    return auth_crl_compare_numbers(in_crl, octets_of((uint64_t)number, room)) == 0;
}

/* The first column that does not say what the DER says; NULL: all do. */
static const char *find_difference(const subject *it)
{
    auth_time next = 0;
    bool is_delta = registry_value_bool(it->row, 0, IS_DELTA);
    int64_t base = is_delta ? registry_value_int64(it->row, 0, BASE_NUMBER) : 0;
    if (!is_number(auth_crl_number(it->crl), true, registry_value_int64(it->row, 0, NUMBER)))
        return "number";
    if (!is_number(auth_crl_base_number(it->crl), is_delta, base))
        return "base_number";
    if (registry_value_time(it->row, 0, THIS_UPDATE) != auth_crl_this_update(it->crl))
        return "this_update";
    if (!auth_crl_next_update(it->crl, &next) ||
        registry_value_time(it->row, 0, NEXT_UPDATE) != next)
        return "next_update";
    if (registry_value_int64(it->row, 0, ENTRIES) != (int64_t)auth_crl_count(it->crl))
        return "entry_count";
    return NULL;
}

static auth_status check_signature(const subject *it, auth_error *err)
{
    auth_error why = {AUTH_STATUS_OK, ""};
    if (it->authority == NULL || it->authority->key == NULL) {
        registry_report(it->reporter, "crl", it->key, "its authority is not there, or unreadable");
        return AUTH_STATUS_OK;
    }
    auth_status status = auth_crl_check_signature(it->crl, it->authority->key, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "crl %s: %s", it->key, why.text);
    if (status != AUTH_STATUS_OK ||
        !auth_bytes_equal(auth_crl_issuer(it->crl), auth_cert_subject(it->authority->cert)))
        registry_report(it->reporter, "crl", it->key,
                        "authority %" PRId64 " did not sign it (RFC 5280 5.1.1.3)",
                        it->authority->id);
    return AUTH_STATUS_OK;
}

/* Each certificate of the scope that was revoked by then and had not expired is in it. */
static auth_status check_complete(const subject *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    char after[SERIAL_SIZE] = "";
    size_t rows = PAGE;
    while (status == AUTH_STATUS_OK && rows == PAGE) {
        AUTH_AUTO(registry_result) *page = NULL;
        status = registry_run(
            it->connection, REGISTRY_STATEMENT_FSCK_CRL_REVOKED,
            REGISTRY_VALUES(registry_int64(registry_value_int64(it->row, 0, AUTHORITY)),
                            registry_int64(registry_value_int64(it->row, 0, SHARD)),
                            registry_int64(registry_value_int64(it->row, 0, REVISION)),
                            registry_time(registry_value_time(it->row, 0, THIS_UPDATE)),
                            registry_text(after), registry_int64(PAGE)),
            &page, err);
        rows = status == AUTH_STATUS_OK ? registry_result_rows(page) : 0;
        for (size_t i = 0; i < rows; i++) {
            auth_crl_entry entry;
            const char *serial = registry_value_text(page, i, 0);
            if (auth_crl_find(it->crl, (auth_bytes){NULL, 0}, registry_value_bytes(page, i, 1),
                              &entry, NULL) != AUTH_STATUS_OK)
                registry_report(it->reporter, "crl", it->key,
                                "it lacks certificate %s, which was revoked or suspended by "
                                "revision %" PRId64 " (RFC 5280 5.1.2.6)",
                                serial, registry_value_int64(it->row, 0, REVISION));
            (void)snprintf(after, sizeof after, "%s", serial);
        }
    }
    return status;
}

static void check_row(const subject *it)
{
    if (!registry_value_bool(it->row, 0, HAS_ENTRY))
        registry_report(it->reporter, "crl", it->key,
                        "the ledger has no entry of it with the hash of this DER");
    if (registry_value_bool(it->row, 0, IS_ABOVE))
        registry_report(it->reporter, "crl", it->key,
                        "its number is above the last one given out in crl_scope (RFC 5280 5.2.3)");
    const char *column = find_difference(it);
    if (column != NULL)
        registry_report(it->reporter, "crl", it->key, "%s says something else than its DER",
                        column);
}

static auth_status check_crl(subject *it, auth_error *err)
{
    AUTH_AUTO(auth_crl) *crl = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    bool is_delta = registry_value_bool(it->row, 0, IS_DELTA);
    auth_status status = auth_crl_parse(registry_value_bytes(it->row, 0, DER), &crl, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "crl %s: %s", it->key, why.text);
    if (status != AUTH_STATUS_OK) {
        registry_report(it->reporter, "crl", it->key, "its DER cannot be read: %s", why.text);
        return AUTH_STATUS_OK;
    }
    it->crl = crl;
    check_row(it);
    status = check_signature(it, err);
    if (status == AUTH_STATUS_OK && !is_delta && registry_value_bool(it->row, 0, IS_NEWEST))
        status = check_complete(it, err);
    it->crl = NULL;
    return status;
}

static void name(subject *it)
{
    (void)snprintf(it->key, sizeof it->key, "%" PRId64 "/%" PRId64 "/%" PRId64 "%s",
                   registry_value_int64(it->row, 0, AUTHORITY),
                   registry_value_int64(it->row, 0, SHARD),
                   registry_value_int64(it->row, 0, NUMBER),
                   registry_value_bool(it->row, 0, IS_DELTA) ? "d" : "");
}

/* One at a time: a CRL may have 49 MB. */
auth_status fsck_crls(registry_connection *connection, const fsck_authorities *authorities,
                      registry_reporter *reporter, uint64_t *count, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    int64_t authority = 0;
    int64_t shard = -2;
    int64_t number = 0;
    bool is_delta = false;
    for (;; (*count)++) {
        AUTH_AUTO(registry_result) *row = NULL;
        registry_report_progress(reporter, "CRLs", *count, 0);
        status = registry_run(connection, REGISTRY_STATEMENT_FSCK_CRLS,
                              REGISTRY_VALUES(registry_int64(authority), registry_int64(shard),
                                              registry_bool(is_delta), registry_int64(number)),
                              &row, err);
        if (status != AUTH_STATUS_OK || registry_result_rows(row) == 0)
            return status;
        authority = registry_value_int64(row, 0, AUTHORITY);
        shard = registry_value_int64(row, 0, SHARD);
        is_delta = registry_value_bool(row, 0, IS_DELTA);
        number = registry_value_int64(row, 0, NUMBER);
        subject it = {.connection = connection, .reporter = reporter, .row = row};
        it.authority = fsck_authority_find(authorities, authority);
        name(&it);
        status = check_crl(&it, err);
        if (status == AUTH_STATUS_OK)
            status = registry_result_check(row, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
}
