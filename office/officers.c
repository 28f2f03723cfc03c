/* SPDX-License-Identifier: Apache-2.0 */
/* GET /officers and /officers/{id}: who works in the offices that an officer sees. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "reach.h"

#include "registry/office.h"
#include "registry/officer.h"
#include "registry/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static auth_status missing(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "officer: there is none of this name in your office or below it; look at "
                          "the list of officers");
}

/* The name is told when the keys of this daemon open it. */
static void put_name(const office_visit *visit, const registry_officer *row,
                     const office_place *place, daemon_json *json)
{
    AUTH_AUTO(auth_buf) *name = NULL;
    registry_seal_place sealed = {.field = REGISTRY_SEAL_FIELD_OFFICER_NAME,
                                  .row = auth_bytes_from_text(row->id),
                                  .office_path = place->path,
                                  .generation = (uint32_t)row->seal_key};
    if (registry_unseal(realm_keyring(visit->office->realm), visit->desk->crypto, &sealed,
                        row->sealed_name, &name, NULL) == AUTH_STATUS_OK)
        daemon_json_text(json, "name", auth_buf_bytes(name));
    else
        daemon_json_null(json, "name");
}

static void put_row(const office_visit *visit, const registry_officer *row,
                    const office_place *place, daemon_json *json)
{
    office_put_text(json, "id", row->id);
    office_put_text(json, "office", place->id);
    office_put_text(json, "role", auth_officer_role_name((auth_officer_role)row->role));
    office_put_time(json, "appointed", row->appointed_at);
    office_put_time(json, "dismissed", row->dismissed_at);
    put_name(visit, row, place, json);
}

static auth_status put_page(office_visit *visit, registry_result *page, size_t limit,
                            daemon_json *json, auth_error *err)
{
    char next[AUTH_IDENTIFIER_SIZE] = "";
    registry_officer row;
    const office_place *place = NULL;
    auth_status status = AUTH_STATUS_OK;
    size_t rows = registry_result_rows(page);
    daemon_json_open(json, "officers", '[');
    for (size_t i = 0; status == AUTH_STATUS_OK && i < rows && i < limit; i++) {
        status = registry_officer_read(page, i, &row, err);
        if (status == AUTH_STATUS_OK)
            status = office_place_find(visit->office, visit->connection, row.office, &place, err);
        if (status != AUTH_STATUS_OK)
            break;
        daemon_json_open(json, NULL, '{');
        put_row(visit, &row, place, json);
        daemon_json_close(json, '}');
        (void)snprintf(next, sizeof next, "%s", row.id);
    }
    daemon_json_close(json, ']');
    office_put_next(json, rows > limit ? next : NULL);
    return status;
}

/* Those of one office: the one that is named, or the officer's own. */
static auth_status find_office(office_visit *visit, int64_t *out, auth_error *err)
{
    office_reach reach = {.count = 0};
    char id[AUTH_IDENTIFIER_SIZE];
    auth_status status = office_query_identifier(visit->request, "office", id, err);
    if (status == AUTH_STATUS_OK && id[0] == '\0')
        (void)snprintf(id, sizeof id, "%s",
                       office_is_within(visit->officer.path, visit->office->scope_path)
                           ? visit->officer.office_id
                           : visit->office->scope_id);
    if (status == AUTH_STATUS_OK)
        status = office_reach_list(visit, id, &reach, err);
    if (status == AUTH_STATUS_OK)
        *out = reach.numbers[0];
    free(reach.numbers);
    return status;
}

static auth_status list(office_visit *visit, auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    office_answer out = {.text = NULL};
    char after[AUTH_IDENTIFIER_SIZE];
    size_t limit = 0;
    int64_t number = 0;
    auth_status status = office_query_limit(visit->request, &limit, err);
    if (limit == OFFICE_LIMIT_MAX)
        limit--;
    if (status == AUTH_STATUS_OK)
        status = office_query_identifier(visit->request, "after", after, err);
    if (status == AUTH_STATUS_OK)
        status = find_office(visit, &number, err);
    if (status == AUTH_STATUS_OK)
        status = registry_officer_list(visit->connection, number, after, limit + 1, &page, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put_page(visit, page, limit, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

static auth_status find(office_visit *visit, registry_result **found, registry_officer *out,
                        const office_place **place, auth_error *err)
{
    char id[AUTH_IDENTIFIER_SIZE];
    if (!office_segment_identifier(visit->request, id))
        return missing(err);
    auth_status status = registry_officer_find(visit->connection, id, found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return missing(err);
    if (status == AUTH_STATUS_OK)
        status = registry_officer_read(*found, 0, out, err);
    if (status == AUTH_STATUS_OK)
        status = office_place_find(visit->office, visit->connection, out->office, place, err);
    return status == AUTH_STATUS_OK && !office_is_within((*place)->path, office_reach_path(visit))
               ? missing(err)
               : status;
}

static auth_status show(office_visit *visit, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    office_answer out = {.text = NULL};
    registry_officer row;
    const office_place *place = NULL;
    auth_status status = find(visit, &found, &row, &place, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        put_row(visit, &row, place, &out.json);
        status = office_answer_send(&out, visit->request, 200, err);
    }
    office_answer_clear(&out);
    return status;
}

OFFICE_HANDLER(list_officers) { return office_run(context, request, list, err); }
OFFICE_HANDLER(read_officer) { return office_run(context, request, show, err); }
