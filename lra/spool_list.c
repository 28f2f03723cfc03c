/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_list.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void spool_list_clear(spool_list *list)
{
    free(list->rows);
    *list = (spool_list){0};
}

auth_status spool_list_reserve(spool_list *list, auth_error *err)
{
    if (list->count < list->room)
        return AUTH_STATUS_OK;
    size_t room = list->room == 0 ? FIRST_ROOM : 2 * list->room;
    spool_row *rows = realloc(list->rows, room * sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    list->rows = rows;
    list->room = room;
    return AUTH_STATUS_OK;
}

/* Where a row with this id is or belongs. */
static size_t place_of(const spool_list *list, const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(list->rows[middle].id, id, LRA_SPOOL_ID_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

spool_row *spool_list_find(const spool_list *list, const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    size_t at = place_of(list, id);
    bool is_here = at < list->count && memcmp(list->rows[at].id, id, LRA_SPOOL_ID_SIZE) == 0;
    return is_here ? &list->rows[at] : NULL;
}

void spool_list_add(spool_list *list, const spool_row *row)
{
    size_t at = place_of(list, row->id);
    memmove(list->rows + at + 1, list->rows + at, (list->count - at) * sizeof *row);
    list->rows[at] = *row;
    list->count++;
}

void spool_list_remove(spool_list *list, spool_row *row)
{
    size_t behind = (size_t)(list->rows + list->count - (row + 1));
    memmove(row, row + 1, behind * sizeof *row);
    list->count--;
}
