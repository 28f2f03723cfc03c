/* SPDX-License-Identifier: Apache-2.0 */
/* POST /requests/search: by a person, a certificate, or a name in the documents. */
#include "search.h"

#include "handlers.h"
#include "reach.h"
#include "registry/seal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Rows looked at for one page; of these, by name, at once. */
#define LOOKED_AT_MAX 2000
#define LISTED_AT_ONCE 50
/* Items of documents that are fetched at once: a document has 4 MiB, an item of it some 24 KiB at
 * the most, so that no more than a few MiB come. */
#define ITEMS_AT_ONCE 200
/* A search by name stops after so long, and says where to go on. */
#define NAMED_MS 2000

typedef struct search {
    office_visit *visit;
    office_search asked;
    office_indexes indexes;
    office_reach reach;
    uint8_t issued_by[REGISTRY_ID_SIZE]; /* the request that the certificate came of */
    bool has_issued_by;
    uint8_t after[REGISTRY_ID_SIZE];
    uint8_t first[REGISTRY_ID_SIZE]; /* of the time that is asked for */
    uint8_t end[REGISTRY_ID_SIZE];
    size_t looked_at;
    size_t written;
    bool is_more;
    int64_t end_ms; /* of a search by name */
} search;

static const int64_t all_states[] = {1, 2, 3, 4, 5, 6, 7};

static auth_bytes after_of(search *it) { return (auth_bytes){it->after, sizeof it->after}; }

/* A certificate is of the requests that speak of it, and of the one that it came of. */
static auth_status find_issuing(search *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_certificate certificate;
    auth_bytes serial = {it->asked.serial, it->asked.serial_len};
    auth_status status = registry_certificate_find(it->visit->connection, serial, &found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = registry_certificate_read(found, 0, &certificate, err);
    if (status == AUTH_STATUS_OK) {
        memcpy(it->issued_by, certificate.request_id.data, sizeof it->issued_by);
        it->has_issued_by = true;
    }
    return status;
}

static auth_status prepare(search *it, auth_error *err)
{
    const office_search *asked = &it->asked;
    memset(it->end, 0xff, sizeof it->end);
    if (asked->from != REGISTRY_NO_TIME)
        registry_request_first_id(asked->from, it->first);
    if (asked->before != REGISTRY_NO_TIME)
        registry_request_first_id(asked->before, it->end);
    if (asked->after[0] != '\0' &&
        !registry_uuid_parse(auth_bytes_from_text(asked->after), it->after))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "$.after: must be the id of a request, a UUID in small letters (RFC "
                              "9562)");
    if (asked->by == OFFICE_SEARCH_PERSON)
        return office_indexes_of(it->visit, &asked->person, &it->indexes, err);
    if (asked->by == OFFICE_SEARCH_SERIAL)
        return find_issuing(it, err);
    return office_reach_list(it->visit, "", &it->reach, err);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The next rows behind after, of all offices within reach. */
static auth_status fetch_reach(search *it, size_t limit, registry_result **out, auth_error *err)
{
    registry_request_query query = {.offices = it->reach.numbers,
                                    .office_count = it->reach.count,
                                    .states = all_states,
                                    .state_count = sizeof all_states / sizeof all_states[0],
                                    .after = after_of(it),
                                    .made_from = it->asked.from,
                                    .made_before = it->asked.before,
                                    .limit = limit};
    return registry_request_list(it->visit->connection, &query, out, err);
}

static auth_status fetch(search *it, size_t limit, registry_result **out, auth_error *err)
{
    registry_connection *connection = it->visit->connection;
    const office_search *asked = &it->asked;
    if (asked->by == OFFICE_SEARCH_PERSON)
        return registry_request_list_person(connection, it->indexes.views, it->indexes.count,
                                            after_of(it), limit, out, err);
    if (asked->by == OFFICE_SEARCH_SERIAL)
        return registry_request_list_serial(connection,
                                            (auth_bytes){asked->serial, asked->serial_len},
                                            after_of(it), limit, out, err);
    return fetch_reach(it, limit, out, err);
}

/* A document that cannot be opened or read has no name that fits. */
static bool has_name(const search *it, const registry_request *row, const office_place *place)
{
    const office *of = it->visit->office;
    AUTH_AUTO(auth_buf) *clear = NULL;
    AUTH_AUTO(auth_request) *request = NULL;
    registry_seal_place sealed = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                  .row = row->id,
                                  .office_path = place->path,
                                  .generation = (uint32_t)row->seal_key};
    auth_request_rules rules = {.now = it->visit->now, .realm = realm_name(of->realm)};
    if (registry_unseal(realm_keyring(of->realm), it->visit->desk->crypto, &sealed, row->document,
                        &clear, NULL) != AUTH_STATUS_OK ||
        auth_request_parse(auth_buf_bytes(clear), &rules, &request, NULL) != AUTH_STATUS_OK)
        return false;
    size_t len = strlen(it->asked.text);
    for (size_t i = 0; i < auth_request_item_count(request); i++) {
        auth_bytes name = auth_request_item_at(request, i)->name;
        if (name.len >= len && memmem(name.data, name.len, it->asked.text, len) != NULL)
            return true;
    }
    return false;
}

static bool is_in_time(const search *it, auth_bytes id)
{
    return auth_bytes_compare(id, (auth_bytes){it->first, sizeof it->first}) >= 0 &&
           auth_bytes_compare(id, (auth_bytes){it->end, sizeof it->end}) < 0;
}

static auth_status put_row(search *it, const registry_request *row, daemon_json *json,
                           auth_error *err)
{
    const office_place *place = NULL;
    auth_status status =
        office_place_find(it->visit->office, it->visit->connection, row->office, &place, err);
    if (status != AUTH_STATUS_OK || !is_in_time(it, row->id) ||
        !office_is_within(place->path, office_reach_path(it->visit)) ||
        (it->asked.by == OFFICE_SEARCH_NAME && !has_name(it, row, place)))
        return status;
    daemon_json_open(json, NULL, '{');
    office_put_request(json, row, place->id);
    daemon_json_number(json, "items", row->item_count);
    daemon_json_close(json, '}');
    it->written++;
    return AUTH_STATUS_OK;
}

/* The request that a certificate came of is older than all that speak of it. */
static auth_status put_issuing(search *it, daemon_json *json, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_request row;
    auth_bytes id = {it->issued_by, sizeof it->issued_by};
    if (!it->has_issued_by || auth_bytes_compare(id, after_of(it)) <= 0)
        return AUTH_STATUS_OK;
    auth_status status = registry_request_list_ids(it->visit->connection, &id, 1, &found, err);
    if (status != AUTH_STATUS_OK || registry_result_rows(found) == 0)
        return status;
    status = registry_request_read(found, 0, &row, err);
    if (status == AUTH_STATUS_OK)
        status = put_row(it, &row, json, err);
    memcpy(it->after, it->issued_by, sizeof it->after);
    return status;
}

static auth_status put_page(search *it, registry_result *page, daemon_json *json, auth_error *err)
{
    registry_request row;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(page); i++) {
        if (it->written == it->asked.limit) {
            it->is_more = true;
            break;
        }
        status = registry_request_read(page, i, &row, err);
        if (status == AUTH_STATUS_OK)
            status = put_row(it, &row, json, err);
        if (status != AUTH_STATUS_OK)
            return status;
        memcpy(it->after, row.id.data, sizeof it->after);
        it->looked_at++;
    }
    return status;
}

/* The documents of the rows from first on that are fetched at once, one at least. */
static auth_status fetch_documents(search *it, registry_result *page, size_t first, size_t *count,
                                   registry_result **out, auth_error *err)
{
    auth_bytes ids[LISTED_AT_ONCE];
    registry_request row;
    int64_t items = 0;
    *count = 0;
    while (first + *count < registry_result_rows(page) && *count < LISTED_AT_ONCE) {
        auth_status status = registry_request_read(page, first + *count, &row, err);
        if (status != AUTH_STATUS_OK)
            return status;
        items += row.item_count;
        if (*count > 0 && items > ITEMS_AT_ONCE)
            break;
        ids[(*count)++] = row.id;
    }
    return registry_request_documents(it->visit->connection, ids, *count, out, err);
}

/* Those of a page of rows whose documents have the name. */
static auth_status put_named(search *it, registry_result *page, daemon_json *json, auth_error *err)
{
    size_t count = 0;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && !it->is_more && i < registry_result_rows(page);
         i += count) {
        AUTH_AUTO(registry_result) *documents = NULL;
        if (i > 0 && now_ms() >= it->end_ms) {
            it->is_more = true;
            break;
        }
        status = fetch_documents(it, page, i, &count, &documents, err);
        if (status == AUTH_STATUS_OK)
            status = put_page(it, documents, json, err);
    }
    return status;
}

/* Whether enough was looked at or found for one call. */
static bool is_enough(const search *it)
{
    return it->looked_at >= LOOKED_AT_MAX || it->written == it->asked.limit ||
           (it->asked.by == OFFICE_SEARCH_NAME && it->looked_at > 0 && now_ms() >= it->end_ms);
}

static auth_status put_rows(search *it, daemon_json *json, auth_error *err)
{
    bool is_named = it->asked.by == OFFICE_SEARCH_NAME;
    size_t asked = is_named ? LISTED_AT_ONCE : REGISTRY_PAGE_MAX;
    size_t rows = asked;
    auth_status status = put_issuing(it, json, err);
    while (status == AUTH_STATUS_OK && rows == asked && !it->is_more) {
        AUTH_AUTO(registry_result) *page = NULL;
        if (is_enough(it)) {
            it->is_more = true;
            break;
        }
        status = fetch(it, asked, &page, err);
        if (status == AUTH_STATUS_OK)
            status = is_named ? put_named(it, page, json, err) : put_page(it, page, json, err);
        rows = page == NULL ? 0 : registry_result_rows(page);
    }
    return status;
}

static auth_status put(search *it, daemon_json *json, auth_error *err)
{
    char next[REGISTRY_UUID_TEXT_SIZE];
    daemon_json_open(json, "requests", '[');
    auth_status status = put_rows(it, json, err);
    daemon_json_close(json, ']');
    registry_uuid_format(it->after, next);
    office_put_next(json, it->is_more ? next : NULL);
    return status;
}

/* So that those who search by name leave threads and memory to all others. */
static auth_status begin_named(const office_visit *visit, auth_error *err)
{
    office *it = visit->office;
    (void)pthread_mutex_lock(&it->lock);
    bool may = it->name_searches < OFFICE_NAME_SEARCHES;
    it->name_searches += may;
    (void)pthread_mutex_unlock(&it->lock);
    if (may)
        return AUTH_STATUS_OK;
    daemon_request_explain(visit->request);
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "search: %d searches by name are at work, and no more are done at once; "
                          "try again soon, or search by person",
                          OFFICE_NAME_SEARCHES);
}

static void end_named(office *it)
{
    (void)pthread_mutex_lock(&it->lock);
    it->name_searches--;
    (void)pthread_mutex_unlock(&it->lock);
}

static auth_status answer(search *it, auth_error *err)
{
    office_answer out = {.text = NULL};
    auth_status status = prepare(it, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put(it, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, it->visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

static auth_status run(office_visit *visit, auth_error *err)
{
    search it = {.visit = visit, .end_ms = now_ms() + NAMED_MS};
    auth_status status =
        office_body_search(daemon_request_body(visit->request),
                           OFFICE_SEARCH_PERSON | OFFICE_SEARCH_NAME | OFFICE_SEARCH_SERIAL,
                           visit->now, &it.asked, err);
    bool is_named = status == AUTH_STATUS_OK && it.asked.by == OFFICE_SEARCH_NAME;
    if (is_named)
        status = begin_named(visit, err);
    is_named = is_named && status == AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = answer(&it, err);
    if (is_named)
        end_named(visit->office);
    auth_person_number_wipe(&it.asked.person);
    free(it.reach.numbers);
    return status;
}

OFFICE_HANDLER(search_requests) { return office_run(context, request, run, err); }
