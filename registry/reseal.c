/* SPDX-License-Identifier: Apache-2.0 */
#include "reseal.h"
#include "reseal_page.h"
#include "statement.h"
#include "transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static auth_status wrong_key(int64_t generation, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          "key generation %" PRId64 ": this is not the key that the registry was "
                          "sealed with; name the right key file",
                          generation);
}

static auth_status check_row(const registry_keyring *ring, registry_crypto *crypto,
                             registry_result *rows, size_t row, bool may_lack, auth_error *err)
{
    uint8_t value[REGISTRY_HASH_SIZE];
    int64_t generation = registry_value_int64(rows, row, 0);
    if (may_lack && !registry_keyring_has(ring, (uint32_t)generation))
        return AUTH_STATUS_OK;
    auth_status status =
        registry_keyring_check_value(ring, crypto, (uint32_t)generation, value, err);
    if (status == AUTH_STATUS_OK &&
        !auth_bytes_equal(registry_value_bytes(rows, row, 1), (auth_bytes){value, sizeof value}))
        status = wrong_key(generation, err);
    return status;
}

static auth_status check_keys(registry_connection *connection, const registry_keyring *ring,
                              registry_crypto *crypto, bool may_lack, int64_t *newest,
                              auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_SEAL_KEYS, REGISTRY_NO_VALUES, &rows, err);
    *newest = 0;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(rows); i++) {
        status = check_row(ring, crypto, rows, i, may_lack, err);
        *newest = registry_value_int64(rows, i, 0);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

auth_status registry_keyring_check(registry_connection *connection, const registry_keyring *ring,
                                   registry_crypto *crypto, auth_error *err)
{
    int64_t newest = 0;
    return check_keys(connection, ring, crypto, false, &newest, err);
}

static auth_status insert_key(registry_connection *connection, const registry_keyring *ring,
                              registry_crypto *crypto, uint32_t generation, auth_error *err)
{
    uint8_t value[REGISTRY_HASH_SIZE];
    auth_status status = registry_keyring_check_value(ring, crypto, generation, value, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_run(connection, REGISTRY_STATEMENT_SEAL_KEY_INSERT,
                          REGISTRY_VALUES(registry_int64((int64_t)generation),
                                          registry_bytes((auth_bytes){value, sizeof value})),
                          NULL, err);
    if (status == AUTH_STATUS_OK)
        return registry_commit(connection, err);
    registry_rollback(connection);
    return status;
}

auth_status registry_keyring_adopt(registry_connection *connection, const registry_keyring *ring,
                                   registry_crypto *crypto, auth_error *err)
{
    int64_t known = 0;
    uint32_t newest = registry_keyring_newest(ring);
    if (newest == 0)
        return auth_error_set(
            err, AUTH_STATUS_NOT_FOUND,
            "key: there is none; name a key file, or make one with 'auth registry "
            "key'");
    auth_status status = check_keys(connection, ring, crypto, true, &known, err);
    if (status != AUTH_STATUS_OK || known == (int64_t)newest)
        return status;
    if (known > (int64_t)newest)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "key generation %u: the registry has generation %" PRId64
                              " already; name its key file too",
                              newest, known);
    return insert_key(connection, ring, crypto, newest, err);
}

/* Tables in the order of their size, the largest first. */
typedef struct table_row {
    const char *name;
    const char *start;
    auth_status (*page)(reseal *it, auth_error *err);
} table_row;

static const table_row tables[] = {
    {"requests", "00000000-0000-0000-0000-000000000000", reseal_requests},
    {"citizens", "00000000-0000-0000-0000-000000000000", reseal_citizens},
    {"officers", "", reseal_officers},
};

#define TABLES (sizeof tables / sizeof tables[0])

static auth_status run_page(reseal *it, const table_row *table, auth_error *err)
{
    auth_status status = registry_begin(it->connection, REGISTRY_READ_COMMITTED, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->done = 0;
    status = table->page(it, err);
    if (status == AUTH_STATUS_OK)
        return registry_commit(it->connection, err);
    registry_rollback(it->connection);
    return status;
}

static auth_status run_table(reseal *it, const table_row *table, uint64_t *count, uint64_t total,
                             auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    it->is_end = false;
    (void)snprintf(it->after, sizeof it->after, "%s", table->start);
    while (status == AUTH_STATUS_OK && !it->is_end) {
        registry_report_progress(it->reporter, table->name, *count, total);
        status = run_page(it, table, err);
        *count += status == AUTH_STATUS_OK ? it->done : 0;
    }
    return status;
}

/* How many rows of each table have older generations: three numbers, and the oldest of them. */
static auth_status count_left(registry_connection *connection, uint32_t to, uint64_t left[TABLES],
                              auth_error *err)
{
    AUTH_AUTO(registry_result) *row = NULL;
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_RESEAL_LEFT,
                                      REGISTRY_VALUES(registry_int64((int64_t)to)), &row, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < TABLES; i++)
        left[i] = (uint64_t)registry_value_int64(row, 0, i);
    return status == AUTH_STATUS_OK ? registry_result_check(row, err) : status;
}

static auth_status run_generation(reseal *it, uint64_t done[TABLES], const uint64_t total[TABLES],
                                  auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < TABLES && status == AUTH_STATUS_OK; i++)
        status = run_table(it, &tables[i], &done[i], total[i], err);
    return status;
}

static auth_status run_all(reseal *it, uint64_t done[TABLES], auth_error *err)
{
    AUTH_AUTO(registry_result) *keys = NULL;
    uint64_t total[TABLES] = {0};
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_SEAL_KEYS, REGISTRY_NO_VALUES, &keys, err);
    if (status == AUTH_STATUS_OK)
        status = count_left(it->connection, it->to, total, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(keys); i++) {
        it->from = (uint32_t)registry_value_int64(keys, i, 0);
        if (it->from < it->to)
            status = run_generation(it, done, total, err);
    }
    return status;
}

static auth_status retire(registry_connection *connection, uint32_t to, uint32_t *count,
                          auth_error *err)
{
    AUTH_AUTO(registry_result) *row = NULL;
    auth_status status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = registry_run(connection, REGISTRY_STATEMENT_SEAL_KEY_RETIRE,
                          REGISTRY_VALUES(registry_int64((int64_t)to)), &row, err);
    if (status != AUTH_STATUS_OK) {
        registry_rollback(connection);
        return status;
    }
    *count = (uint32_t)registry_result_affected(row);
    return registry_commit(connection, err);
}

auth_status registry_reseal(registry_connection *connection, const registry_keyring *ring,
                            registry_crypto *crypto, unsigned batch, registry_reporter *reporter,
                            registry_reseal_summary *out, auth_error *err)
{
    uint64_t done[TABLES] = {0};
    uint64_t left[TABLES] = {0};
    registry_reseal_summary found = {.left = 0};
    reseal it = {.connection = connection,
                 .ring = ring,
                 .crypto = crypto,
                 .reporter = reporter,
                 .batch =
                     batch == 0 || batch > REGISTRY_RESEAL_BATCH ? REGISTRY_RESEAL_BATCH : batch,
                 .to = registry_keyring_newest(ring)};
    auth_status status = registry_keyring_adopt(connection, ring, crypto, err);
    if (status == AUTH_STATUS_OK)
        status = registry_keyring_check(connection, ring, crypto, err);
    if (status == AUTH_STATUS_OK)
        status = run_all(&it, done, err);
    if (status == AUTH_STATUS_OK)
        status = count_left(connection, it.to, left, err);
    for (size_t i = 0; i < TABLES; i++)
        found.left += left[i];
    if (status == AUTH_STATUS_OK && found.left == 0)
        status = retire(connection, it.to, &found.retired, err);
    if (status != AUTH_STATUS_OK)
        return status;
    found.requests = done[0];
    found.citizens = done[1];
    found.officers = done[2];
    *out = found;
    return AUTH_STATUS_OK;
}
