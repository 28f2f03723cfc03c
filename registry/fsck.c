/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck.h"
#include "fsck_part.h"
#include "result.h"
#include "statement.h"
#include "transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE 1000
#define KEY_SIZE 128

typedef struct check_row {
    registry_statement statement;
    const char *part;
    const char *start;
} check_row;

static const check_row checks[] = {
#define REGISTRY_FSCK_CHECK_ROW(statement, part, start)                                            \
    {REGISTRY_STATEMENT_##statement, (part), (start)},
#include "fsck_check.def"
};

#define CHECK_COUNT (sizeof checks / sizeof checks[0])

static void report_rows(registry_result *page, registry_reporter *reporter)
{
    for (size_t i = 0; i < registry_result_rows(page); i++) {
        if (!registry_value_is_null(page, i, 3))
            registry_report(reporter, registry_value_text(page, i, 1),
                            registry_value_text(page, i, 2), "%s", registry_value_text(page, i, 3));
    }
}

/* Looks at one page and moves key to its end; *is_end when there was none. */
static auth_status run_page(registry_connection *connection, const check_row *check,
                            char key[KEY_SIZE], bool *is_end, registry_reporter *reporter,
                            auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    auth_status status =
        registry_run(connection, check->statement,
                     REGISTRY_VALUES(registry_text(key), registry_int64(PAGE)), &page, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *is_end = true;
    for (size_t i = 0; i < registry_result_rows(page); i++) {
        if (registry_value_is_null(page, i, 0))
            continue;
        (void)snprintf(key, KEY_SIZE, "%s", registry_value_text(page, i, 0));
        *is_end = false;
    }
    report_rows(page, reporter);
    return registry_result_check(page, err);
}

static auth_status run_check(registry_connection *connection, const check_row *check,
                             registry_reporter *reporter, auth_error *err)
{
    char key[KEY_SIZE];
    bool is_end = false;
    uint64_t done = 0;
    (void)snprintf(key, sizeof key, "%s", check->start);
    auth_status status = registry_begin(connection, REGISTRY_SNAPSHOT, err);
    while (status == AUTH_STATUS_OK && !is_end) {
        registry_report_progress(reporter, check->part, done, 0);
        status = run_page(connection, check, key, &is_end, reporter, err);
        done += PAGE;
    }
    if (registry_connection_is_in_transaction(connection))
        registry_rollback(connection);
    return status;
}

static auth_status run_parts(registry_connection *connection, registry_reporter *reporter,
                             registry_fsck_summary *out, auth_error *err)
{
    fsck_authorities authorities = {.count = 0};
    auth_status status = registry_begin(connection, REGISTRY_SNAPSHOT, err);
    if (status == AUTH_STATUS_OK)
        status = fsck_authorities_read(connection, reporter, &authorities, err);
    if (status == AUTH_STATUS_OK)
        status = fsck_certificates(connection, &authorities, reporter, &out->certificates, err);
    if (status == AUTH_STATUS_OK)
        status = fsck_crls(connection, &authorities, reporter, &out->crls, err);
    if (registry_connection_is_in_transaction(connection))
        registry_rollback(connection);
    fsck_authorities_clear(&authorities);
    return status;
}

auth_status registry_fsck(registry_connection *connection, registry_crypto *crypto,
                          const registry_ledger_examination *examination,
                          registry_reporter *reporter, registry_fsck_summary *out, auth_error *err)
{
    registry_fsck_summary found = {.crls = 0};
    auth_status status =
        registry_ledger_verify(connection, crypto, examination, reporter, &found.ledger, err);
    for (size_t i = 0; i < CHECK_COUNT && status == AUTH_STATUS_OK; i++)
        status = run_check(connection, &checks[i], reporter, err);
    if (status == AUTH_STATUS_OK)
        status = run_parts(connection, reporter, &found, err);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}
