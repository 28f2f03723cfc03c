/* SPDX-License-Identifier: Apache-2.0 */
/* POST /certificates/search: by a person, an officer, or the request that they came of. */
#include "handlers.h"
#include "reach.h"
#include "registry/citizen.h"
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define LOOKED_AT_MAX 5000

typedef struct search {
    office_visit *visit;
    office_search asked;
    uint8_t citizen[REGISTRY_ID_SIZE];
    bool is_nobody; /* nothing is there to be found */
    uint8_t after[OFFICE_SERIAL_SIZE];
    size_t after_len;
    size_t looked_at;
    size_t written;
    bool is_more;
} search;

static auth_status find_citizen(search *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    office_indexes indexes;
    registry_citizen citizen;
    auth_status status = office_indexes_of(it->visit, &it->asked.person, &indexes, err);
    if (status == AUTH_STATUS_OK)
        status = registry_citizen_find_person(it->visit->connection, indexes.views, indexes.count,
                                              &found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->is_nobody = registry_result_rows(found) == 0;
    if (it->is_nobody)
        return AUTH_STATUS_OK;
    status = registry_citizen_read(found, 0, &citizen, err);
    if (status == AUTH_STATUS_OK)
        memcpy(it->citizen, citizen.id.data, sizeof it->citizen);
    return status;
}

static auth_status prepare(search *it, auth_error *err)
{
    if (it->asked.after[0] != '\0' &&
        !office_serial_parse(auth_bytes_from_text(it->asked.after), it->after, &it->after_len))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "$.after: must be the serial number of a certificate in small "
                              "hexadecimal");
    return it->asked.by == OFFICE_SEARCH_PERSON ? find_citizen(it, err) : AUTH_STATUS_OK;
}

static auth_status fetch(search *it, registry_result **out, auth_error *err)
{
    registry_connection *connection = it->visit->connection;
    auth_bytes after = {it->after_len > 0 ? it->after : NULL, it->after_len};
    if (it->asked.by == OFFICE_SEARCH_OFFICER)
        return registry_certificate_list_officer(connection, it->asked.text, after,
                                                 REGISTRY_PAGE_MAX, out, err);
    if (it->asked.by == OFFICE_SEARCH_REQUEST)
        return registry_certificate_list_request(connection,
                                                 (auth_bytes){it->asked.request, REGISTRY_ID_SIZE},
                                                 after, REGISTRY_PAGE_MAX, out, err);
    return registry_certificate_list_citizen(connection,
                                             (auth_bytes){it->citizen, sizeof it->citizen}, after,
                                             REGISTRY_PAGE_MAX, out, err);
}

static void put_row(const search *it, const registry_certificate *row,
                    const registry_certificate_status *status, const char *place, daemon_json *json)
{
    daemon_json_open(json, NULL, '{');
    office_put_hex(json, "serial", row->serial);
    office_put_text(json, "profile", row->profile);
    office_put_text(json, "office", place);
    office_put_text(json, "status", office_status_name(status, it->visit->now));
    office_put_time(json, "not_before", row->not_before);
    office_put_time(json, "not_after", row->not_after);
    office_put_time(json, "issued", row->issued_at);
    office_put_id(json, "request", row->request_id);
    daemon_json_close(json, '}');
}

/* Serial numbers of certificates and of statuses are in the same order. */
static auth_status find_status(registry_result *from, size_t *at, auth_bytes serial,
                               registry_certificate_status *out, auth_error *err)
{
    for (; *at < registry_result_rows(from); ++*at) {
        auth_status status = registry_certificate_status_read(from, *at, out, err);
        if (status != AUTH_STATUS_OK || auth_bytes_equal(out->serial, serial))
            return status;
    }
    return auth_error_set(err, AUTH_STATUS_INTERNAL, "certificate: it has no status");
}

static auth_status find_statuses(const search *it, registry_result *page, registry_result **out,
                                 auth_error *err)
{
    registry_certificate row;
    size_t count = registry_result_rows(page);
    auth_status status = AUTH_STATUS_OK;
    auth_bytes *serials = calloc(count + 1, sizeof *serials);
    if (serials == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count; i++) {
        status = registry_certificate_read(page, i, &row, err);
        serials[i] = row.serial;
    }
    if (status == AUTH_STATUS_OK)
        status = registry_certificate_status_list(it->visit->connection, serials, count, out, err);
    free(serials);
    return status;
}

static auth_status put_page(search *it, registry_result *page, daemon_json *json, auth_error *err)
{
    AUTH_AUTO(registry_result) *statuses = NULL;
    registry_certificate row;
    registry_certificate_status known;
    const office_place *place = NULL;
    size_t at = 0;
    auth_status status = find_statuses(it, page, &statuses, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(page); i++) {
        if (it->written == it->asked.limit) {
            it->is_more = true;
            break;
        }
        status = registry_certificate_read(page, i, &row, err);
        if (status == AUTH_STATUS_OK)
            status = find_status(statuses, &at, row.serial, &known, err);
        if (status == AUTH_STATUS_OK)
            status = office_place_find(it->visit->office, it->visit->connection, row.office, &place,
                                       err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (office_is_within(place->path, office_reach_path(it->visit))) {
            put_row(it, &row, &known, place->id, json);
            it->written++;
        }
        memcpy(it->after, row.serial.data, it->after_len = row.serial.len);
        it->looked_at++;
    }
    return status;
}

static auth_status put_rows(search *it, daemon_json *json, auth_error *err)
{
    size_t rows = it->is_nobody ? 0 : REGISTRY_PAGE_MAX;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && rows == REGISTRY_PAGE_MAX && !it->is_more) {
        AUTH_AUTO(registry_result) *page = NULL;
        if (it->looked_at >= LOOKED_AT_MAX || it->written == it->asked.limit) {
            it->is_more = true;
            break;
        }
        status = fetch(it, &page, err);
        if (status == AUTH_STATUS_OK)
            status = put_page(it, page, json, err);
        rows = page == NULL ? 0 : registry_result_rows(page);
    }
    return status;
}

static auth_status answer(search *it, auth_error *err)
{
    office_answer out;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        daemon_json_open(&out.json, "certificates", '[');
        status = put_rows(it, &out.json, err);
        daemon_json_close(&out.json, ']');
    }
    if (status == AUTH_STATUS_OK) {
        auth_bytes next = {it->is_more ? it->after : NULL, it->after_len};
        office_put_hex(&out.json, "next", next);
        status = office_answer_send(&out, it->visit->request, 200, err);
    }
    office_answer_clear(&out);
    return status;
}

static auth_status run(office_visit *visit, auth_error *err)
{
    search it = {.visit = visit};
    auth_status status =
        office_body_search(daemon_request_body(visit->request),
                           OFFICE_SEARCH_PERSON | OFFICE_SEARCH_OFFICER | OFFICE_SEARCH_REQUEST,
                           visit->now, &it.asked, err);
    if (status == AUTH_STATUS_OK)
        status = prepare(&it, err);
    if (status == AUTH_STATUS_OK)
        status = answer(&it, err);
    auth_person_number_wipe(&it.asked.person);
    return status;
}

OFFICE_HANDLER(search_certificates) { return office_run(context, request, run, err); }
