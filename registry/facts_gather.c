/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the registry once for all that a batch of requests speaks of. */
#include "facts_state.h"

#include "columns.h"
#include "ledger_body.h"
#include "row.h"

#include <stdlib.h>
#include <string.h>

/* One sort of keys, in room that the caller makes for all of them. */
typedef struct keys {
    auth_bytes *items;
    size_t count;
} keys;

typedef struct gathering {
    registry_facts *facts;
    const auth_request *const *requests;
    size_t count;
    auth_time before;
    keys serials;
    keys officers;
    keys offices;
    uint8_t (*ids)[REGISTRY_ID_SIZE];
} gathering;

static void clear(registry_facts *facts)
{
    registry_result_free(facts->holders);
    registry_result_free(facts->officers);
    registry_result_free(facts->offices);
    registry_result_free(facts->requests);
    facts->holders = facts->officers = facts->offices = facts->requests = NULL;
    facts->is_gathered = false;
}

static void add(keys *to, auth_bytes key)
{
    if (key.len > 0)
        to->items[to->count++] = key;
}

/* The most keys of one sort: two for each item, one for each signature, one for each document. */
static size_t count_keys(const gathering *of)
{
    size_t count = 1;
    for (size_t i = 0; i < of->count; i++) {
        if (of->requests[i] != NULL)
            count += 1 + 2 * auth_request_item_count(of->requests[i]) +
                     auth_jws_signature_count(auth_request_jws(of->requests[i]));
    }
    return count;
}

static size_t count_signatures(const gathering *of)
{
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++) {
        if (of->requests[i] != NULL)
            count += auth_jws_signature_count(auth_request_jws(of->requests[i]));
    }
    return count;
}

static auth_status judge(gathering *of, const auth_request *request, size_t index, auth_error *err)
{
    auth_jws_signature_info info;
    uint8_t hash[REGISTRY_HASH_SIZE];
    registry_facts *facts = of->facts;
    if (!auth_jws_signature_at(auth_request_jws(request), index, &info))
        return AUTH_STATUS_OK;
    auth_status status = registry_sha256(facts->crypto, &info.chain[0], 1, hash, err);
    if (status == AUTH_STATUS_OK)
        status = signer_cache_judge(facts->signers, &facts->setting, info.chain[0], hash,
                                    info.signed_at, err);
    return status;
}

/* The serial numbers of trusted signers; their rows stay where they are from here on. */
static void add_signers(gathering *of, const auth_request *request, uint8_t *hash)
{
    auth_jws_signature_info info;
    for (size_t i = 0; auth_jws_signature_at(auth_request_jws(request), i, &info); i++) {
        if (registry_sha256(of->facts->crypto, &info.chain[0], 1, hash, NULL) != AUTH_STATUS_OK)
            continue;
        const cached_signer *signer = signer_cache_find(of->facts->signers, hash);
        if (signer != NULL && signer->is_trusted)
            add(&of->serials, (auth_bytes){signer->serial, signer->serial_len});
    }
}

static auth_status judge_all(gathering *of, auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_status status = AUTH_STATUS_OK;
    signer_cache_make_room(of->facts->signers, count_signatures(of));
    for (size_t i = 0; i < of->count; i++) {
        if (of->requests[i] == NULL)
            continue;
        size_t signatures = auth_jws_signature_count(auth_request_jws(of->requests[i]));
        for (size_t k = 0; status == AUTH_STATUS_OK && k < signatures; k++)
            status = judge(of, of->requests[i], k, err);
    }
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        if (of->requests[i] != NULL)
            add_signers(of, of->requests[i], hash);
    }
    return status;
}

static void add_items(gathering *of, const auth_request *request)
{
    size_t count = auth_request_item_count(request);
    add(&of->offices, auth_bytes_from_text(auth_request_office(request)));
    for (size_t i = 0; i < count; i++) {
        const auth_request_item *item = auth_request_item_at(request, i);
        add(&of->serials, item->serial);
        add(&of->officers, item->officer);
        add(&of->offices, item->closed_office);
        add(&of->offices, item->opened_office);
    }
}

static int compare(const void *left, const void *right)
{
    return auth_bytes_compare(*(const auth_bytes *)left, *(const auth_bytes *)right);
}

/* Officers sign by the hundred; each is asked about once. */
static void make_unique(keys *of)
{
    size_t kept = 0;
    qsort(of->items, of->count, sizeof *of->items, compare);
    for (size_t i = 0; i < of->count; i++) {
        if (kept == 0 || !auth_bytes_equal(of->items[kept - 1], of->items[i]))
            of->items[kept++] = of->items[i];
    }
    of->count = kept;
}

static auth_status ask(registry_connection *connection, registry_statement statement, keys *of,
                       bool is_text, auth_time before, registry_result **out, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    make_unique(of);
    auth_status status = columns_new(statement, of->count, &rows, err);
    char(*texts)[AUTH_IDENTIFIER_SIZE] = is_text ? calloc(of->count + 1, sizeof *texts) : NULL;
    if (status == AUTH_STATUS_OK && is_text && texts == NULL)
        status = auth_error_memory(err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        columns_next_row(rows);
        if (!is_text) {
            columns_bytes(rows, 0, of->items[i]);
            continue;
        }
        size_t len = of->items[i].len < AUTH_IDENTIFIER_SIZE ? of->items[i].len : 0;
        memcpy(texts[i], of->items[i].data, len);
        columns_text(rows, 0, texts[i]);
    }
    if (status == AUTH_STATUS_OK) {
        columns_scalar(rows, 1, registry_time(before));
        status = columns_run(rows, connection, out, err);
    }
    free(texts);
    return status;
}

/* The offices of holders and officers, which are in no document. */
static auth_status add_offices(gathering *of, auth_error *err)
{
    registry_result *holders = of->facts->holders;
    registry_result *officers = of->facts->officers;
    size_t held = holders == NULL ? 0 : registry_result_rows(holders);
    size_t dismissed = officers == NULL ? 0 : registry_result_rows(officers);
    auth_bytes *grown = reallocarray(of->offices.items,
                                     of->offices.count + 2 * held + dismissed + 1, sizeof *grown);
    if (grown == NULL)
        return auth_error_memory(err);
    of->offices.items = grown;
    for (size_t i = 0; i < held; i++) {
        const char *own = row_text(holders, i, HOLDER_OFFICERS_OFFICE);
        add(&of->offices, auth_bytes_from_text(registry_value_text(holders, i, HOLDER_OFFICE)));
        add(&of->offices, auth_bytes_from_text(own == NULL ? "" : own));
    }
    for (size_t i = 0; i < dismissed; i++)
        add(&of->offices, auth_bytes_from_text(registry_value_text(officers, i, OFFICER_OFFICE)));
    return AUTH_STATUS_OK;
}

static auth_status ask_requests(gathering *of, registry_connection *connection, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_REQUEST_BRIEF, of->count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        if (of->requests[i] == NULL ||
            !registry_uuid_parse(auth_bytes_from_text(auth_request_id(of->requests[i])),
                                 of->ids[i]))
            continue;
        columns_next_row(rows);
        columns_bytes(rows, 0, (auth_bytes){of->ids[i], REGISTRY_ID_SIZE});
    }
    return status == AUTH_STATUS_OK ? columns_run(rows, connection, &of->facts->requests, err)
                                    : status;
}

static auth_status check(registry_result *result, auth_error *err)
{
    return result == NULL ? AUTH_STATUS_OK : registry_result_check(result, err);
}

static auth_status ask_all(gathering *of, registry_connection *connection, auth_error *err)
{
    registry_facts *facts = of->facts;
    auth_status status = ask(connection, REGISTRY_STATEMENT_FACTS_HOLDERS, &of->serials, false,
                             of->before, &facts->holders, err);
    if (status == AUTH_STATUS_OK)
        status = ask(connection, REGISTRY_STATEMENT_FACTS_OFFICERS, &of->officers, true, of->before,
                     &facts->officers, err);
    if (status == AUTH_STATUS_OK)
        status = add_offices(of, err);
    if (status == AUTH_STATUS_OK)
        status = check(facts->holders, err);
    if (status == AUTH_STATUS_OK)
        status = check(facts->officers, err);
    if (status == AUTH_STATUS_OK)
        status = ask(connection, REGISTRY_STATEMENT_FACTS_OFFICES, &of->offices, true, of->before,
                     &facts->offices, err);
    if (status == AUTH_STATUS_OK)
        status = ask_requests(of, connection, err);
    return status;
}

static auth_status gather(gathering *of, registry_connection *connection, auth_error *err)
{
    size_t room = count_keys(of);
    of->serials.items = calloc(room, sizeof *of->serials.items);
    of->officers.items = calloc(room, sizeof *of->officers.items);
    of->offices.items = calloc(room, 2 * sizeof *of->offices.items);
    of->ids = calloc(of->count + 1, sizeof *of->ids);
    if (of->serials.items == NULL || of->officers.items == NULL || of->offices.items == NULL ||
        of->ids == NULL)
        return auth_error_memory(err);
    auth_status status = judge_all(of, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        if (of->requests[i] != NULL)
            add_items(of, of->requests[i]);
    }
    return status == AUTH_STATUS_OK ? ask_all(of, connection, err) : status;
}

auth_status registry_facts_gather(registry_facts *facts, registry_connection *connection,
                                  const auth_request *const *requests, size_t count,
                                  auth_error *err)
{
    return registry_facts_gather_before(facts, connection, requests, count, AUTH_TIME_MAX, err);
}

auth_status registry_facts_gather_before(registry_facts *facts, registry_connection *connection,
                                         const auth_request *const *requests, size_t count,
                                         auth_time before, auth_error *err)
{
    gathering of = {.facts = facts, .requests = requests, .count = count, .before = before};
    clear(facts);
    auth_status status = gather(&of, connection, err);
    free(of.serials.items);
    free(of.officers.items);
    free(of.offices.items);
    free(of.ids);
    if (status != AUTH_STATUS_OK)
        clear(facts);
    facts->is_gathered = status == AUTH_STATUS_OK;
    return status;
}

void registry_facts_free(registry_facts *facts)
{
    if (facts == NULL)
        return;
    clear(facts);
    signer_cache_free(facts->signers);
    registry_crypto_free(facts->crypto);
    free(facts);
}
