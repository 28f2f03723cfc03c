/* SPDX-License-Identifier: Apache-2.0 */
#include "result_pq.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

/* Microseconds from 1970 to PostgreSQL's 2000-01-01T00:00:00Z. */
#define EPOCH_US ((int64_t)946684800 * 1000000)
#define SECOND_US 1000000

struct registry_result {
    PGresult *pq;
    char fault[128]; /* the first value that could not be read; "": none */
};

auth_status result_new(PGresult *pq, registry_result **out, auth_error *err)
{
    registry_result *result = calloc(1, sizeof *result);
    if (result == NULL) {
        PQclear(pq);
        return auth_error_memory(err);
    }
    result->pq = pq;
    *out = result;
    return AUTH_STATUS_OK;
}

void registry_result_free(registry_result *result)
{
    if (result == NULL)
        return;
    PQclear(result->pq);
    free(result);
}

size_t registry_result_rows(const registry_result *result) { return (size_t)PQntuples(result->pq); }

size_t registry_result_columns(const registry_result *result)
{
    return (size_t)PQnfields(result->pq);
}

size_t registry_result_affected(const registry_result *result)
{
    return (size_t)strtoull(PQcmdTuples(result->pq), NULL, 10);
}

static bool has(const registry_result *result, size_t row, size_t column)
{
    return row < (size_t)PQntuples(result->pq) && column < (size_t)PQnfields(result->pq);
}

bool registry_value_is_null(const registry_result *result, size_t row, size_t column)
{
    return !has(result, row, column) || PQgetisnull(result->pq, (int)row, (int)column) != 0;
}

static void note_fault(registry_result *result, size_t row, size_t column, const char *wanted)
{
    if (result->fault[0] != '\0')
        return;
    const char *name = has(result, row, column) ? PQfname(result->pq, (int)column) : "(none)";
    (void)snprintf(result->fault, sizeof result->fault, "row %zu, column %zu (%s) is no %s", row,
                   column, name == NULL ? "?" : name, wanted);
}

/* The octets of a value whose type is one of up to three; false: it is none. */
static bool take(registry_result *result, size_t row, size_t column, const char *wanted,
                 const unsigned types[3], auth_bytes *out)
{
    if (!registry_value_is_null(result, row, column) &&
        PQfformat(result->pq, (int)column) == PG_FORMAT_BINARY) {
        Oid type = PQftype(result->pq, (int)column);
        for (size_t i = 0; i < 3 && types[i] != 0; i++) {
            if (type != types[i])
                continue;
            *out = (auth_bytes){(const uint8_t *)PQgetvalue(result->pq, (int)row, (int)column),
                                (size_t)PQgetlength(result->pq, (int)row, (int)column)};
            return true;
        }
    }
    note_fault(result, row, column, wanted);
    return false;
}

auth_bytes registry_value_bytes(registry_result *result, size_t row, size_t column)
{
    auth_bytes value = {(const uint8_t *)"", 0};
    (void)take(result, row, column, "bytea", (const unsigned[3]){TYPE_OID_BYTES}, &value);
    return value;
}

auth_bytes registry_value_uuid(registry_result *result, size_t row, size_t column)
{
    auth_bytes value = {(const uint8_t *)"", 0};
    (void)take(result, row, column, "uuid", (const unsigned[3]){TYPE_OID_UUID}, &value);
    return value;
}

const char *registry_value_text(registry_result *result, size_t row, size_t column)
{
    auth_bytes value = {(const uint8_t *)"", 0};
    (void)take(result, row, column, "text",
               (const unsigned[3]){TYPE_OID_TEXT, TYPE_OID_NAME, TYPE_OID_VARCHAR}, &value);
    return (const char *)value.data;
}

/* Big-endian, two's complement; len is 2, 4 or 8. */
static int64_t read_number(auth_bytes value)
{
    uint64_t number = value.len > 0 && (value.data[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < value.len; i++)
        number = number << 8 | value.data[i];
    return (int64_t)number;
}

int64_t registry_value_int64(registry_result *result, size_t row, size_t column)
{
    auth_bytes value = {NULL, 0};
    if (!take(result, row, column, "int8",
              (const unsigned[3]){TYPE_OID_INT64, TYPE_OID_INT32, TYPE_OID_INT16}, &value))
        return 0;
    return read_number(value);
}

bool registry_value_bool(registry_result *result, size_t row, size_t column)
{
    auth_bytes value = {NULL, 0};
    return take(result, row, column, "bool", (const unsigned[3]){TYPE_OID_BOOL}, &value) &&
           value.len == 1 && value.data[0] == 1;
}

int64_t registry_value_time_us(registry_result *result, size_t row, size_t column)
{
    auth_bytes value = {NULL, 0};
    int64_t time_us = 0;
    if (!take(result, row, column, "timestamptz", (const unsigned[3]){TYPE_OID_TIME}, &value))
        return 0;
    /* "infinity" is the largest number. */
    if (__builtin_add_overflow(read_number(value), EPOCH_US, &time_us)) {
        note_fault(result, row, column, "moment");
        return 0;
    }
    return time_us;
}

auth_time registry_value_time(registry_result *result, size_t row, size_t column)
{
    int64_t time_us = registry_value_time_us(result, row, column);
    int64_t seconds = time_us / SECOND_US;
    return time_us % SECOND_US < 0 ? seconds - 1 : seconds;
}

auth_status registry_result_check(const registry_result *result, auth_error *err)
{
    if (result->fault[0] == '\0')
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INTERNAL,
                          "registry: a statement gave other values than its reader takes: %s; "
                          "please report this",
                          result->fault);
}
