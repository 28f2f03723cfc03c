/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck_document.h"
#include "fsck_judge.h"
#include "realm.h"
#include "reseal.h"
#include "result.h"
#include "seal.h"
#include "statement.h"
#include "transaction.h"

#include <auth/cert.h>
#include <auth/request.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PAGE 20
#define KEY_SIZE 40

/* Columns of REGISTRY_STATEMENT_FSCK_DOCUMENTS. */
enum { KEY, ID, KIND, OFFICE, PATH, HASH, SEAL_KEY, ITEMS, DOCUMENT };

typedef struct examination {
    registry_connection *connection;
    const registry_keyring *ring;
    registry_crypto *crypto;
    registry_reporter *reporter;
    fsck_judge judge;
    registry_result *page;
    size_t row;
    const char *key; /* of the row, as text */
    const auth_request *request;
    const auth_jws *jws; /* of the request or ceremony */
} examination;

static bool is_fault(auth_status status) { return status >= AUTH_STATUS_MEMORY; }

static void report(const examination *it, const char *table, const char *text)
{
    registry_report(it->reporter, table, it->key, "%s", text);
}

/* The first column that does not say what the document says; NULL: all do. */
static const char *find_difference(const examination *it)
{
    uint8_t hash[AUTH_REQUEST_HASH_SIZE];
    auth_request_payload_hash(it->request, hash);
    if (strcmp(auth_request_id(it->request), it->key) != 0)
        return "request_id";
    if (!auth_bytes_equal(registry_value_bytes(it->page, it->row, HASH),
                          (auth_bytes){hash, sizeof hash}))
        return "payload_hash";
    if (registry_value_int64(it->page, it->row, KIND) != (int64_t)auth_request_kind_of(it->request))
        return "kind";
    if (strcmp(registry_value_text(it->page, it->row, OFFICE), auth_request_office(it->request)) !=
        0)
        return "office_no";
    if (registry_value_int64(it->page, it->row, ITEMS) !=
        (int64_t)auth_request_item_count(it->request))
        return "item_count";
    return NULL;
}

static auth_status check_item(const examination *it, registry_result *items, size_t row,
                              auth_error *err)
{
    const auth_request_item *item =
        auth_request_item_at(it->request, (size_t)registry_value_int64(items, row, 0));
    uint8_t index[REGISTRY_HASH_SIZE];
    uint32_t generation = (uint32_t)registry_value_int64(it->page, it->row, SEAL_KEY);
    bool has_person = !registry_value_is_null(items, row, 1);
    bool has_serial = !registry_value_is_null(items, row, 2);
    if (item == NULL) {
        report(it, "request_item", "its document has no such item");
        return AUTH_STATUS_OK;
    }
    if (has_serial != (item->serial.len > 0) ||
        (has_serial && !auth_bytes_equal(registry_value_bytes(items, row, 2), item->serial)))
        report(it, "request_item", "serial is not the one that its document names");
    if (item->person.len == 0 || !has_person) {
        if (has_person || item->person.len > 0)
            report(it, "request_item", "person_index is not of the person in its document");
        return AUTH_STATUS_OK;
    }
    auth_status status =
        registry_person_index(it->ring, it->crypto, generation, &item->person, index, err);
    if (status == AUTH_STATUS_OK &&
        !auth_bytes_equal(registry_value_bytes(items, row, 1), (auth_bytes){index, sizeof index}))
        report(it, "request_item", "person_index is not of the person in its document");
    return status;
}

static auth_status check_items(const examination *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *items = NULL;
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_REQUEST_ITEMS,
                     REGISTRY_VALUES(registry_uuid(registry_value_uuid(it->page, it->row, ID))),
                     &items, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(items) : 0;
    for (size_t i = 0; i < rows && status == AUTH_STATUS_OK; i++)
        status = check_item(it, items, i, err);
    return status == AUTH_STATUS_OK ? registry_result_check(items, err) : status;
}

/* Verifies a signature and gives the serial number of its certificate. */
static auth_status verify(const examination *it, size_t place, auth_cert **out, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_jws_signature_info info;
    if (!auth_jws_signature_at(it->jws, place, &info))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "its document has no such signature");
    auth_status status = auth_cert_parse(info.chain[0], &cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(cert, &key, err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_verify(it->jws, place, key, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(cert);
    return status;
}

static auth_status check_signature(const examination *it, registry_result *signatures, size_t row,
                                   auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_status status = verify(it, (size_t)registry_value_int64(signatures, row, 0), &cert, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "request %s: %s", it->key, why.text);
    if (status != AUTH_STATUS_OK)
        report(it, "signature", why.text);
    else if (!auth_bytes_equal(registry_value_bytes(signatures, row, 1), auth_cert_serial(cert)))
        report(it, "signature", "signer_serial is not of the certificate that signed its document");
    return AUTH_STATUS_OK;
}

static auth_status check_signatures(const examination *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *signatures = NULL;
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_REQUEST_SIGNATURES,
                     REGISTRY_VALUES(registry_uuid(registry_value_uuid(it->page, it->row, ID))),
                     &signatures, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(signatures) : 0;
    if (status == AUTH_STATUS_OK && rows != auth_jws_signature_count(it->jws))
        report(it, "signature", "its document has more or fewer signatures");
    for (size_t i = 0; i < rows && status == AUTH_STATUS_OK; i++)
        status = check_signature(it, signatures, i, err);
    return status == AUTH_STATUS_OK ? registry_result_check(signatures, err) : status;
}

static auth_status check_request(examination *it, auth_error *err)
{
    const char *column = find_difference(it);
    if (column != NULL)
        registry_report(it->reporter, "request", it->key,
                        "%s says something else than its document", column);
    auth_status status = check_items(it, err);
    if (status == AUTH_STATUS_OK)
        status = check_signatures(it, err);
    if (status == AUTH_STATUS_OK)
        status = fsck_judge_request(&it->judge, it->request,
                                    registry_value_uuid(it->page, it->row, ID), it->key, err);
    return status;
}

static auth_status check_ceremony(examination *it, auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_bytes payload = auth_jws_payload(it->jws);
    auth_status status = registry_sha256(it->crypto, &payload, 1, hash, err);
    if (status == AUTH_STATUS_OK && !auth_bytes_equal(registry_value_bytes(it->page, it->row, HASH),
                                                      (auth_bytes){hash, sizeof hash}))
        report(it, "request", "payload_hash says something else than its document");
    if (status == AUTH_STATUS_OK)
        status = check_signatures(it, err);
    if (status == AUTH_STATUS_OK)
        status = fsck_judge_ceremony(&it->judge, it->jws,
                                     registry_value_uuid(it->page, it->row, ID), it->key, err);
    return status;
}

/* A document that cannot be read is reported; a fault of the machine goes up. */
static auth_status answer(const examination *it, auth_status status, const auth_error *why,
                          auth_error *err)
{
    if (is_fault(status))
        return auth_error_set(err, status, "request %s: %s", it->key, why->text);
    report(it, "request", why->text);
    return AUTH_STATUS_OK;
}

static auth_status read_request(examination *it, auth_bytes document, auth_error *err)
{
    AUTH_AUTO(auth_request) *request = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    /* What was accepted once is read whatever day it is. */
    const auth_request_rules rules = {AUTH_TIME_MAX, registry_keyring_realm(it->ring)};
    auth_status status = auth_request_parse(document, &rules, &request, &why);
    if (status != AUTH_STATUS_OK)
        return answer(it, status, &why, err);
    it->request = request;
    it->jws = auth_request_jws(request);
    status = check_request(it, err);
    it->request = NULL;
    it->jws = NULL;
    return status;
}

static auth_status read_ceremony(examination *it, auth_bytes document, auth_error *err)
{
    AUTH_AUTO(auth_jws) *jws = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    const auth_jws_rules rules = {.type = REGISTRY_CEREMONY_TYPE};
    auth_status status = auth_jws_parse(document, &rules, &jws, &why);
    if (status != AUTH_STATUS_OK)
        return answer(it, status, &why, err);
    it->jws = jws;
    status = check_ceremony(it, err);
    it->jws = NULL;
    return status;
}

static auth_status check_document(examination *it, auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = registry_value_uuid(it->page, it->row, ID),
                                 .office_path = registry_value_text(it->page, it->row, PATH),
                                 .generation =
                                     (uint32_t)registry_value_int64(it->page, it->row, SEAL_KEY)};
    auth_status status =
        registry_unseal(it->ring, it->crypto, &place,
                        registry_value_bytes(it->page, it->row, DOCUMENT), &document, &why);
    if (status != AUTH_STATUS_OK)
        return answer(it, status, &why, err);
    return registry_value_int64(it->page, it->row, KIND) == REGISTRY_KIND_CEREMONY
               ? read_ceremony(it, auth_buf_bytes(document), err)
               : read_request(it, auth_buf_bytes(document), err);
}

static auth_status check_page(examination *it, char after[KEY_SIZE], size_t *rows, auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_FSCK_DOCUMENTS,
                     REGISTRY_VALUES(registry_text(after), registry_int64(PAGE)), &page, err);
    *rows = status == AUTH_STATUS_OK ? registry_result_rows(page) : 0;
    it->page = page;
    for (it->row = 0; it->row < *rows && status == AUTH_STATUS_OK; it->row++) {
        it->key = registry_value_text(page, it->row, KEY);
        status = check_document(it, err);
        (void)snprintf(after, KEY_SIZE, "%s", it->key);
    }
    it->page = NULL;
    return status == AUTH_STATUS_OK ? registry_result_check(page, err) : status;
}

auth_status registry_fsck_documents(registry_connection *connection,
                                    const registry_document_examination *by,
                                    registry_crypto *crypto, registry_reporter *reporter,
                                    uint64_t *count, auth_error *err)
{
    char after[KEY_SIZE] = "00000000-0000-0000-0000-000000000000";
    examination it = {
        .connection = connection,
        .ring = by->ring,
        .crypto = crypto,
        .reporter = reporter,
        .judge = {.connection = connection, .by = by, .crypto = crypto, .reporter = reporter}};
    uint64_t done = 0;
    size_t rows = PAGE;
    auth_status status = registry_keyring_check(connection, by->ring, crypto, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_SNAPSHOT, err);
    while (status == AUTH_STATUS_OK && rows == PAGE) {
        registry_report_progress(reporter, "documents", done, 0);
        status = check_page(&it, after, &rows, err);
        done += rows;
    }
    if (registry_connection_is_in_transaction(connection))
        registry_rollback(connection);
    fsck_judge_clear(&it.judge);
    if (status == AUTH_STATUS_OK)
        *count = done;
    return status;
}
