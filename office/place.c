/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/office.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool office_is_within(const char *path, const char *subtree)
{
    return subtree[0] != '\0' && strncmp(path, subtree, strlen(subtree)) == 0;
}

/* Under the lock. */
static const office_place *find_known(const office *it, int64_t number)
{
    const office_place *place = it->places;
    while (place != NULL && place->number != number)
        place = place->next;
    return place;
}

static auth_status keep(office *it, const registry_office *row, const office_place **out,
                        auth_error *err)
{
    office_place *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->number = row->number;
    (void)snprintf(made->id, sizeof made->id, "%s", row->id);
    (void)snprintf(made->path, sizeof made->path, "%s", row->path);
    (void)pthread_mutex_lock(&it->lock);
    *out = find_known(it, row->number);
    if (*out == NULL) {
        made->next = it->places;
        *out = it->places = made;
        made = NULL;
    }
    (void)pthread_mutex_unlock(&it->lock);
    free(made);
    return AUTH_STATUS_OK;
}

auth_status office_place_find(office *it, registry_connection *connection, int64_t number,
                              const office_place **out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office row;
    (void)pthread_mutex_lock(&it->lock);
    *out = find_known(it, number);
    (void)pthread_mutex_unlock(&it->lock);
    if (*out != NULL)
        return AUTH_STATUS_OK;
    auth_status status = registry_office_find_number(connection, number, &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(found, 0, &row, err);
    return status == AUTH_STATUS_OK ? keep(it, &row, out, err) : status;
}
