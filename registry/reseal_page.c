/* SPDX-License-Identifier: Apache-2.0 */
#include "reseal_page.h"
#include "ledger_body.h"
#include "seal_number.h"
#include "statement.h"

#include <auth/request.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 2 /* sealed columns of a row */

static bool is_fault(auth_status status) { return status >= AUTH_STATUS_MEMORY; }

/* What a page comes to: rows in arrays, as the statements take them. */
typedef struct page {
    reseal *it;
    registry_result *rows;
    size_t count;
    auth_bytes keys[REGISTRY_RESEAL_BATCH];
    auth_buf *sealed[VALUES_MAX][REGISTRY_RESEAL_BATCH];
    uint8_t indexes[REGISTRY_RESEAL_BATCH][REGISTRY_HASH_SIZE];
    auth_bytes views[REGISTRY_RESEAL_BATCH];
    /* Persons whose index changes, wherever it stands. */
    size_t person_count;
    uint8_t old_persons[RESEAL_PERSONS_MAX][REGISTRY_HASH_SIZE];
    uint8_t new_persons[RESEAL_PERSONS_MAX][REGISTRY_HASH_SIZE];
    auth_bytes person_views[2][RESEAL_PERSONS_MAX];
} page;

static auth_status new_page(reseal *it, page **out, auth_error *err)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return auth_error_memory(err);
    (*out)->it = it;
    return AUTH_STATUS_OK;
}

static void free_page(page *of)
{
    if (of == NULL)
        return;
    for (size_t i = 0; i < REGISTRY_RESEAL_BATCH; i++) {
        auth_buf_free(of->sealed[0][i]);
        auth_buf_free(of->sealed[1][i]);
    }
    registry_result_free(of->rows);
    free(of);
}

/* Opens a value under the old generation and seals it under the new one. */
static auth_status change_value(page *to, registry_seal_place place, auth_bytes sealed,
                                auth_buf **value, auth_buf **out, auth_error *err)
{
    const reseal *it = to->it;
    place.generation = it->from;
    auth_status status = registry_unseal(it->ring, it->crypto, &place, sealed, value, err);
    place.generation = it->to;
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(auth_buf_bytes(*value).len + REGISTRY_SEAL_OVERHEAD, out, err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal(it->ring, it->crypto, &place, auth_buf_bytes(*value), *out, err);
    return status;
}

static auth_status add_person(page *to, const auth_person_number *number, auth_error *err)
{
    const reseal *it = to->it;
    if (to->person_count == RESEAL_PERSONS_MAX)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "reseal: more persons than a page can have; please report this");
    size_t at = to->person_count;
    auth_status status =
        registry_person_index(it->ring, it->crypto, it->from, number, to->old_persons[at], err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_person_index(it->ring, it->crypto, it->to, number, to->new_persons[at], err);
    to->person_count += status == AUTH_STATUS_OK;
    return status;
}

/* Indexes of persons stand in items and officers too, whichever row was the first to tell them. */
static auth_status store_persons(page *of, auth_error *err)
{
    for (size_t i = 0; i < of->person_count; i++) {
        of->person_views[0][i] = (auth_bytes){of->old_persons[i], REGISTRY_HASH_SIZE};
        of->person_views[1][i] = (auth_bytes){of->new_persons[i], REGISTRY_HASH_SIZE};
    }
    static const registry_statement statements[] = {REGISTRY_STATEMENT_RESEAL_ITEM_PERSONS,
                                                    REGISTRY_STATEMENT_RESEAL_OFFICER_PERSONS};
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < 2 && status == AUTH_STATUS_OK && of->person_count > 0; i++)
        status = registry_run(
            of->it->connection, statements[i],
            REGISTRY_VALUES(registry_bytes_array(of->person_views[0], of->person_count),
                            registry_bytes_array(of->person_views[1], of->person_count)),
            NULL, err);
    return status;
}

/* Reports a row that cannot be sealed anew; it stays as it is. Faults go up. */
static auth_status leave_row(page *of, const char *table, const char *key, auth_status status,
                             const auth_error *why, auth_error *err)
{
    if (is_fault(status)) {
        if (err != NULL)
            *err = *why;
        return status;
    }
    registry_report(of->it->reporter, table, key, "it is left under key generation %u: %s",
                    of->it->from, why->text);
    return AUTH_STATUS_OK;
}

/* Reads the next page; key is its first column, as text. */
static auth_status read_rows(page *to, registry_statement statement, auth_error *err)
{
    reseal *it = to->it;
    auth_status status =
        registry_run(it->connection, statement,
                     REGISTRY_VALUES(registry_int64((int64_t)it->from), registry_text(it->after),
                                     registry_int64(REGISTRY_RESEAL_BATCH)),
                     &to->rows, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(to->rows) : 0;
    it->is_end = rows == 0;
    if (rows > 0)
        (void)snprintf(it->after, sizeof it->after, "%s",
                       registry_value_text(to->rows, rows - 1, 0));
    return status;
}

static registry_value sealed_array(page *of, size_t column)
{
    for (size_t i = 0; i < of->count; i++)
        of->views[i] = auth_buf_bytes(of->sealed[column][i]);
    return registry_bytes_array(of->views, of->count);
}

/* Requests: key, its octets, path, document */

static auth_status add_document_persons(page *to, auth_bytes document, auth_error *err)
{
    AUTH_AUTO(auth_request) *request = NULL;
    const auth_request_rules rules = {.now = AUTH_TIME_MAX,
                                      .realm = registry_keyring_realm(to->it->ring)};
    auth_status status = auth_request_parse(document, &rules, &request, err);
    size_t count = status == AUTH_STATUS_OK ? auth_request_item_count(request) : 0;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        const auth_request_item *item = auth_request_item_at(request, i);
        if (item->person.len > 0)
            status = add_person(to, &item->person, err);
    }
    return status;
}

static auth_status change_request(page *to, size_t row, auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_bytes id = registry_value_uuid(to->rows, row, 1);
    size_t persons = to->person_count;
    auth_buf **sealed = &to->sealed[0][to->count];
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = id,
                                 .office_path = registry_value_text(to->rows, row, 2)};
    auth_status status =
        change_value(to, place, registry_value_bytes(to->rows, row, 3), &document, sealed, &why);
    if (status == AUTH_STATUS_OK)
        status = add_document_persons(to, auth_buf_bytes(document), &why);
    if (status == AUTH_STATUS_OK) {
        to->keys[to->count++] = id;
        return AUTH_STATUS_OK;
    }
    to->person_count = persons;
    auth_buf_free(AUTH_TAKE(*sealed));
    return leave_row(to, "request", registry_value_text(to->rows, row, 0), status, &why, err);
}

static auth_status store_requests(page *of, auth_error *err)
{
    if (of->count == 0)
        return AUTH_STATUS_OK;
    return registry_run(of->it->connection, REGISTRY_STATEMENT_RESEAL_UPDATE_REQUESTS,
                        REGISTRY_VALUES(registry_int64((int64_t)of->it->to),
                                        registry_uuid_array(of->keys, of->count),
                                        sealed_array(of, 0)),
                        NULL, err);
}

/* Citizens: key, its octets, path, number, name */

static auth_status change_citizen_values(page *to, size_t row, auth_error *err)
{
    AUTH_AUTO(auth_buf) *number_value = NULL;
    AUTH_AUTO(auth_buf) *name = NULL;
    auth_person_number number = {.len = 0};
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_CITIZEN_NUMBER,
                                 .row = registry_value_uuid(to->rows, row, 1),
                                 .office_path = registry_value_text(to->rows, row, 2)};
    auth_status status = change_value(to, place, registry_value_bytes(to->rows, row, 3),
                                      &number_value, &to->sealed[0][to->count], err);
    place.field = REGISTRY_SEAL_FIELD_CITIZEN_NAME;
    if (status == AUTH_STATUS_OK)
        status = change_value(to, place, registry_value_bytes(to->rows, row, 4), &name,
                              &to->sealed[1][to->count], err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal_number_read(auth_buf_bytes(number_value), &number, err);
    if (status == AUTH_STATUS_OK)
        status = add_person(to, &number, err);
    auth_person_number_wipe(&number);
    return status;
}

static auth_status change_citizen(page *to, size_t row, auth_error *err)
{
    auth_error why = {AUTH_STATUS_OK, ""};
    auth_status status = change_citizen_values(to, row, &why);
    if (status == AUTH_STATUS_OK) {
        to->keys[to->count] = registry_value_uuid(to->rows, row, 1);
        memcpy(to->indexes[to->count++], to->new_persons[to->person_count - 1], REGISTRY_HASH_SIZE);
        return AUTH_STATUS_OK;
    }
    auth_buf_free(AUTH_TAKE(to->sealed[0][to->count]));
    auth_buf_free(AUTH_TAKE(to->sealed[1][to->count]));
    return leave_row(to, "citizen", registry_value_text(to->rows, row, 0), status, &why, err);
}

static auth_status store_citizens(page *of, auth_error *err)
{
    auth_bytes *names = of->person_views[0];
    auth_bytes *indexes = of->person_views[1];
    if (of->count == 0)
        return AUTH_STATUS_OK;
    for (size_t i = 0; i < of->count; i++) {
        names[i] = auth_buf_bytes(of->sealed[1][i]);
        indexes[i] = (auth_bytes){of->indexes[i], REGISTRY_HASH_SIZE};
    }
    return registry_run(of->it->connection, REGISTRY_STATEMENT_RESEAL_UPDATE_CITIZENS,
                        REGISTRY_VALUES(registry_int64((int64_t)of->it->to),
                                        registry_uuid_array(of->keys, of->count),
                                        sealed_array(of, 0), registry_bytes_array(names, of->count),
                                        registry_bytes_array(indexes, of->count)),
                        NULL, err);
}

/* Officers: key, path, name */

static auth_status change_officer(page *to, size_t row, auth_error *err)
{
    AUTH_AUTO(auth_buf) *name = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    const char *id = registry_value_text(to->rows, row, 0);
    auth_buf **sealed = &to->sealed[0][to->count];
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_OFFICER_NAME,
                                 .row = auth_bytes_from_text(id),
                                 .office_path = registry_value_text(to->rows, row, 1)};
    auth_status status =
        change_value(to, place, registry_value_bytes(to->rows, row, 2), &name, sealed, &why);
    if (status == AUTH_STATUS_OK) {
        to->keys[to->count++] = auth_bytes_from_text(id);
        return AUTH_STATUS_OK;
    }
    auth_buf_free(AUTH_TAKE(*sealed));
    return leave_row(to, "officer", id, status, &why, err);
}

static auth_status store_officers(page *of, auth_error *err)
{
    const char *ids[REGISTRY_RESEAL_BATCH];
    if (of->count == 0)
        return AUTH_STATUS_OK;
    for (size_t i = 0; i < of->count; i++)
        ids[i] = (const char *)of->keys[i].data; /* ends in NUL, as registry_value_text says */
    return registry_run(of->it->connection, REGISTRY_STATEMENT_RESEAL_UPDATE_OFFICERS,
                        REGISTRY_VALUES(registry_int64((int64_t)of->it->to),
                                        registry_text_array(ids, of->count), sealed_array(of, 0)),
                        NULL, err);
}

/* All of them alike */

static auth_status run(reseal *it, registry_statement statement,
                       auth_status (*change)(page *, size_t, auth_error *),
                       auth_status (*store)(page *, auth_error *), auth_error *err)
{
    page *made = NULL;
    auth_status status = new_page(it, &made, err);
    if (status == AUTH_STATUS_OK)
        status = read_rows(made, statement, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(made->rows) : 0;
    for (size_t i = 0; i < rows && status == AUTH_STATUS_OK; i++)
        status = change(made, i, err);
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(made->rows, err);
    if (status == AUTH_STATUS_OK)
        status = store(made, err);
    if (status == AUTH_STATUS_OK)
        status = store_persons(made, err);
    if (status == AUTH_STATUS_OK)
        it->done = made->count;
    free_page(made);
    return status;
}

auth_status reseal_requests(reseal *it, auth_error *err)
{
    return run(it, REGISTRY_STATEMENT_RESEAL_REQUESTS, change_request, store_requests, err);
}

auth_status reseal_citizens(reseal *it, auth_error *err)
{
    return run(it, REGISTRY_STATEMENT_RESEAL_CITIZENS, change_citizen, store_citizens, err);
}

auth_status reseal_officers(reseal *it, auth_error *err)
{
    return run(it, REGISTRY_STATEMENT_RESEAL_OFFICERS, change_officer, store_officers, err);
}
