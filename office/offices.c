/* SPDX-License-Identifier: Apache-2.0 */
/* GET /offices and /offices/{id}: the part of the tree that an officer sees. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "reach.h"

#include "registry/office.h"

#include <stdio.h>
#include <string.h>

static auth_status missing(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "office: there is none of this name at or below yours; look at the list "
                          "of offices");
}

static auth_status put_row(office_visit *visit, const registry_office *row, daemon_json *json,
                           auth_error *err)
{
    const office_place *parent = NULL;
    auth_status status = AUTH_STATUS_OK;
    if (row->parent != 0)
        status = office_place_find(visit->office, visit->connection, row->parent, &parent, err);
    if (status != AUTH_STATUS_OK)
        return status;
    office_put_text(json, "id", row->id);
    office_put_text(json, "parent", parent == NULL ? NULL : parent->id);
    office_put_text(json, "path", row->path);
    office_put_text(json, "region", row->region);
    office_put_text(json, "name", row->name);
    office_put_time(json, "opened", row->opened_at);
    office_put_time(json, "closed", row->closed_at);
    return AUTH_STATUS_OK;
}

static auth_status find(office_visit *visit, const char *id, registry_result **found,
                        registry_office *out, auth_error *err)
{
    auth_status status = registry_office_find(visit->connection, id, found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return missing(err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(*found, 0, out, err);
    return status == AUTH_STATUS_OK && !office_is_within(out->path, office_reach_path(visit))
               ? missing(err)
               : status;
}

/* A page ends with an office's identifier; the next begins behind its path. */
static auth_status find_after(office_visit *visit, char out[OFFICE_PATH_SIZE], auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office row;
    char after[AUTH_IDENTIFIER_SIZE];
    out[0] = '\0';
    auth_status status = office_query_identifier(visit->request, "after", after, err);
    if (status != AUTH_STATUS_OK || after[0] == '\0')
        return status;
    status = find(visit, after, &found, &row, err);
    if (status == AUTH_STATUS_OK)
        (void)snprintf(out, OFFICE_PATH_SIZE, "%s", row.path);
    return status;
}

static auth_status put_page(office_visit *visit, registry_result *page, size_t limit,
                            daemon_json *json, auth_error *err)
{
    char next[AUTH_IDENTIFIER_SIZE] = "";
    registry_office row;
    auth_status status = AUTH_STATUS_OK;
    size_t rows = registry_result_rows(page);
    daemon_json_open(json, "offices", '[');
    for (size_t i = 0; status == AUTH_STATUS_OK && i < rows && i < limit; i++) {
        status = registry_office_read(page, i, &row, err);
        if (status != AUTH_STATUS_OK)
            break;
        daemon_json_open(json, NULL, '{');
        status = put_row(visit, &row, json, err);
        daemon_json_close(json, '}');
        (void)snprintf(next, sizeof next, "%s", row.id);
    }
    daemon_json_close(json, ']');
    office_put_next(json, rows > limit ? next : NULL);
    return status;
}

static auth_status list(office_visit *visit, auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    office_answer out = {.text = NULL};
    char after[OFFICE_PATH_SIZE];
    size_t limit = 0;
    auth_status status = office_query_limit(visit->request, &limit, err);
    /* One more than is shown tells whether there are more. */
    if (limit == OFFICE_LIMIT_MAX)
        limit--;
    if (status == AUTH_STATUS_OK)
        status = find_after(visit, after, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_list(visit->connection, office_reach_path(visit), after, limit + 1,
                                      &page, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put_page(visit, page, limit, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

static auth_status show(office_visit *visit, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    office_answer out = {.text = NULL};
    registry_office row;
    char id[AUTH_IDENTIFIER_SIZE];
    if (!office_segment_identifier(visit->request, id))
        return missing(err);
    auth_status status = find(visit, id, &found, &row, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put_row(visit, &row, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

OFFICE_HANDLER(list_offices) { return office_run(context, request, list, err); }
OFFICE_HANDLER(read_office) { return office_run(context, request, show, err); }
