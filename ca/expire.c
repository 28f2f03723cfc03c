/* SPDX-License-Identifier: Apache-2.0 */
#include "duty.h"
#include "registry/ledger.h"
#include "registry/office.h"
#include "registry/transaction.h"

#include <stdio.h>
#include <string.h>

#define AT_ONCE 100

typedef struct expiry {
    const ca_setting *setting;
    auth_time now;
    size_t count;
} expiry;

static auth_status tell(registry_connection *connection, const expiry *of, registry_result *rows,
                        size_t row, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office office = {.number = 0};
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_EXPIRED,
                                 .at = of->now,
                                 .has_request = true,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .has_document = true};
    auth_bytes id = registry_value_uuid(rows, row, 0);
    auth_bytes hash = registry_value_bytes(rows, row, 2);
    auth_status status =
        registry_office_find_number(connection, registry_value_int64(rows, row, 1), &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(found, 0, &office, err);
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(rows, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(body.realm, sizeof body.realm, "%s", of->setting->realm);
    (void)snprintf(body.office, sizeof body.office, "%s", office.id);
    memcpy(body.request, id.data, sizeof body.request);
    memcpy(body.document, hash.data, sizeof body.document);
    return registry_ledger_append(connection, &body, office.number, err);
}

static auth_status work(registry_connection *connection, void *context, auth_error *err)
{
    expiry *of = context;
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status = registry_queue_expire(connection, of->now, AT_ONCE, &rows, err);
    of->count = status == AUTH_STATUS_OK ? registry_result_rows(rows) : 0;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++)
        status = tell(connection, of, rows, i, err);
    return status;
}

auth_status ca_expire(const ca_setting *setting, auth_time now, size_t *expired, auth_error *err)
{
    expiry of = {.setting = setting, .now = now};
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED,
                                        .work = work,
                                        .context = &of};
    auth_status status = registry_transact(setting->pool, &transaction, err);
    if (status == AUTH_STATUS_OK)
        *expired = of.count;
    return status;
}
