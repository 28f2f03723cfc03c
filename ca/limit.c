/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600
#define ROOM_FIRST 64
#define PROFILE_SIZE 65

typedef struct count {
    int64_t office;
    char profile[PROFILE_SIZE];
    uint64_t used;
} count;

struct ca_limit {
    int64_t hour;
    count *rows;
    size_t row_count;
    size_t room;
};

auth_status ca_limit_new(ca_limit **out, auth_error *err)
{
    ca_limit *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    *out = made;
    return AUTH_STATUS_OK;
}

void ca_limit_free(ca_limit *limit)
{
    if (limit == NULL)
        return;
    free(limit->rows);
    free(limit);
}

static count *find(ca_limit *limit, int64_t office, const char *profile)
{
    for (size_t i = 0; i < limit->row_count; i++) {
        if (limit->rows[i].office == office && strcmp(limit->rows[i].profile, profile) == 0)
            return &limit->rows[i];
    }
    return NULL;
}

static count *add(ca_limit *limit, int64_t office, const char *profile)
{
    if (limit->row_count == limit->room) {
        size_t room = limit->room == 0 ? ROOM_FIRST : 2 * limit->room;
        count *grown = reallocarray(limit->rows, room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        limit->rows = grown;
        limit->room = room;
    }
    count *row = &limit->rows[limit->row_count++];
    *row = (count){.office = office};
    (void)snprintf(row->profile, sizeof row->profile, "%s", profile);
    return row;
}

auth_status ca_limit_take(ca_limit *limit, int64_t office, const char *profile, uint64_t most,
                          auth_time now, bool *out, auth_error *err)
{
    if (limit->hour != now / HOUR) {
        limit->hour = now / HOUR;
        limit->row_count = 0;
    }
    *out = true;
    if (most == 0)
        return AUTH_STATUS_OK;
    count *row = find(limit, office, profile);
    if (row == NULL)
        row = add(limit, office, profile);
    if (row == NULL)
        return auth_error_memory(err);
    *out = row->used < most;
    row->used += *out;
    return AUTH_STATUS_OK;
}

void ca_limit_give(ca_limit *limit, int64_t office, const char *profile)
{
    count *row = find(limit, office, profile);
    if (row != NULL && row->used > 0)
        row->used--;
}
