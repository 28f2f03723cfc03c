/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"

#include "registry/result.h"
#include "registry/statement.h"

#include <stdlib.h>
#include <string.h>

#define HOUR 3600
#define ROOM_FIRST 16

static ca_limit_row *find(const ca_limits *limits, int64_t office, const char *profile)
{
    for (size_t i = 0; i < limits->count; i++) {
        if (limits->rows[i].office == office && strcmp(limits->rows[i].profile, profile) == 0)
            return &limits->rows[i];
    }
    return NULL;
}

auth_status ca_limits_add(ca_limits *limits, int64_t office, const char *profile, uint64_t most,
                          auth_error *err)
{
    if (most == 0 || find(limits, office, profile) != NULL)
        return AUTH_STATUS_OK;
    if (limits->count == limits->room) {
        size_t room = limits->room == 0 ? ROOM_FIRST : 2 * limits->room;
        ca_limit_row *grown = reallocarray(limits->rows, room, sizeof *grown);
        if (grown == NULL)
            return auth_error_memory(err);
        limits->rows = grown;
        limits->room = room;
    }
    limits->rows[limits->count++] =
        (ca_limit_row){.office = office, .profile = profile, .most = most};
    return AUTH_STATUS_OK;
}

/* Adds to the counts; *out has the sums. */
static auth_status add(const ca_limits *limits, registry_connection *connection, auth_time now,
                       bool is_end, registry_result **out, auth_error *err)
{
    int64_t *numbers = calloc(2 * limits->count, sizeof *numbers);
    const char **profiles = calloc(limits->count, sizeof *profiles);
    auth_status status = AUTH_STATUS_OK;
    if (numbers == NULL || profiles == NULL)
        status = auth_error_memory(err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < limits->count; i++) {
        numbers[i] = limits->rows[i].office;
        numbers[limits->count + i] = is_end ? limits->rows[i].granted : 0;
        profiles[i] = limits->rows[i].profile;
    }
    if (status == AUTH_STATUS_OK)
        status = registry_run(connection, REGISTRY_STATEMENT_ISSUE_COUNT_ADD,
                              REGISTRY_VALUES(registry_int64_array(numbers, limits->count),
                                              registry_text_array(profiles, limits->count),
                                              registry_int64_array(numbers + limits->count,
                                                                   limits->count),
                                              registry_time(now - now % HOUR)),
                              out, err);
    free(numbers);
    free(profiles);
    return status;
}

auth_status ca_limits_open(ca_limits *limits, registry_connection *connection, auth_time now,
                           auth_error *err)
{
    AUTH_AUTO(registry_result) *sums = NULL;
    if (limits->count == 0)
        return AUTH_STATUS_OK;
    auth_status status = add(limits, connection, now, false, &sums, err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(sums) : 0;
    for (size_t i = 0; i < count; i++) {
        ca_limit_row *row =
            find(limits, registry_value_int64(sums, i, 0), registry_value_text(sums, i, 1));
        if (row != NULL)
            row->used = (uint64_t)registry_value_int64(sums, i, 2);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(sums, err) : status;
}

bool ca_limits_take(ca_limits *limits, int64_t office, const char *profile)
{
    ca_limit_row *row = find(limits, office, profile);
    if (row == NULL)
        return true;
    if (row->used >= row->most)
        return false;
    row->used++;
    return true;
}

void ca_limits_begin(ca_limits *limits)
{
    for (size_t i = 0; i < limits->count; i++)
        limits->rows[i].granted = 0;
}

void ca_limits_count(ca_limits *limits, int64_t office, const char *profile)
{
    ca_limit_row *row = find(limits, office, profile);
    if (row != NULL)
        row->granted++;
}

auth_status ca_limits_store(const ca_limits *limits, registry_connection *connection, auth_time now,
                            auth_error *err)
{
    AUTH_AUTO(registry_result) *sums = NULL;
    if (limits->count == 0)
        return AUTH_STATUS_OK;
    auth_status status = add(limits, connection, now, true, &sums, err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(sums) : 0;
    bool is_passed = false;
    for (size_t i = 0; i < count; i++) {
        const ca_limit_row *row =
            find(limits, registry_value_int64(sums, i, 0), registry_value_text(sums, i, 1));
        is_passed = is_passed || (row != NULL && row->granted > 0 &&
                                  (uint64_t)registry_value_int64(sums, i, 2) > row->most);
    }
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(sums, err);
    if (status == AUTH_STATUS_OK && is_passed)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "limit: another authority issued for the same office meanwhile; the "
                              "documents are decided anew");
    return status;
}

void ca_limits_clear(ca_limits *limits)
{
    free(limits->rows);
    *limits = (ca_limits){.rows = NULL};
}
