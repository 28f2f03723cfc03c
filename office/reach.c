/* SPDX-License-Identifier: Apache-2.0 */
#include "reach.h"

#include "registry/office.h"

#include <stdlib.h>
#include <string.h>

const char *office_reach_path(const office_visit *visit)
{
    const office *it = visit->office;
    return office_is_within(visit->officer.path, it->scope_path) ? visit->officer.path
                                                                 : it->scope_path;
}

static auth_status find_one(office_visit *visit, const char *id, office_reach *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office row;
    auth_status status = registry_office_find(visit->connection, id, &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(found, 0, &row, err);
    if (status == AUTH_STATUS_NOT_FOUND ||
        (status == AUTH_STATUS_OK && !office_is_within(row.path, office_reach_path(visit))))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "office: there is none of this name at or below yours; look at the "
                              "list of offices");
    if (status != AUTH_STATUS_OK)
        return status;
    out->numbers = calloc(1, sizeof *out->numbers);
    if (out->numbers == NULL)
        return auth_error_memory(err);
    out->numbers[out->count++] = row.number;
    return AUTH_STATUS_OK;
}

static auth_status add_page(registry_result *page, office_reach *out, char *after, auth_error *err)
{
    registry_office row;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(page); i++) {
        status = registry_office_read(page, i, &row, err);
        if (status == AUTH_STATUS_OK && out->count == OFFICE_REACH_MAX)
            status = auth_error_set(err, AUTH_STATUS_LIMIT,
                                    "offices: more than %d lie below yours; name one with office",
                                    OFFICE_REACH_MAX);
        if (status != AUTH_STATUS_OK)
            return status;
        out->numbers[out->count++] = row.number;
        (void)strncpy(after, row.path, OFFICE_PATH_SIZE - 1);
    }
    return status;
}

auth_status office_reach_list(office_visit *visit, const char *id, office_reach *out,
                              auth_error *err)
{
    char after[OFFICE_PATH_SIZE] = "";
    size_t rows = REGISTRY_PAGE_MAX;
    auth_status status = AUTH_STATUS_OK;
    *out = (office_reach){.count = 0};
    if (id[0] != '\0')
        return find_one(visit, id, out, err);
    out->numbers = calloc(OFFICE_REACH_MAX, sizeof *out->numbers);
    if (out->numbers == NULL)
        return auth_error_memory(err);
    while (status == AUTH_STATUS_OK && rows == REGISTRY_PAGE_MAX) {
        AUTH_AUTO(registry_result) *page = NULL;
        status = registry_office_list(visit->connection, office_reach_path(visit), after,
                                      REGISTRY_PAGE_MAX, &page, err);
        if (status == AUTH_STATUS_OK)
            status = add_page(page, out, after, err);
        rows = page == NULL ? 0 : registry_result_rows(page);
    }
    return status;
}

auth_status office_reach_has(office_visit *visit, int64_t number, bool *out, auth_error *err)
{
    const office_place *place = NULL;
    auth_status status = office_place_find(visit->office, visit->connection, number, &place, err);
    if (status == AUTH_STATUS_OK)
        *out = office_is_within(place->path, office_reach_path(visit));
    return status;
}
