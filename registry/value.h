/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of statements: small values that borrow what they point to until the call returns.
 *
 *     registry_run(connection, REGISTRY_STATEMENT_FIND_REQUEST,
 *                  REGISTRY_VALUES(registry_bytes(id), registry_int64(revision)), &result, err);
 */
#ifndef REGISTRY_VALUE_H
#define REGISTRY_VALUE_H

#include <auth/bytes.h>
#include <auth/time.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most parameters a statement may have, and the most elements an array. */
#define REGISTRY_VALUES_MAX 32
#define REGISTRY_ARRAY_MAX 10000

typedef struct registry_value {
    char type; /* a letter of statements.def; 0: NULL of any type */
    bool truth;
    int64_t number;
    auth_bytes bytes;
    const void *items;
    size_t count;
} registry_value;

static inline registry_value registry_null(void) { return (registry_value){0}; }

static inline registry_value registry_bytes(auth_bytes bytes)
{
    return (registry_value){.type = 'b', .bytes = bytes};
}

/* NULL gives a NULL. */
static inline registry_value registry_text(const char *text)
{
    return (registry_value){.type = text == NULL ? '\0' : 't', .bytes = auth_bytes_from_text(text)};
}

static inline registry_value registry_text_bytes(auth_bytes text)
{
    return (registry_value){.type = 't', .bytes = text};
}

static inline registry_value registry_int64(int64_t number)
{
    return (registry_value){.type = 'i', .number = number};
}

static inline registry_value registry_bool(bool truth)
{
    return (registry_value){.type = 'o', .truth = truth};
}

static inline registry_value registry_time(auth_time time)
{
    return (registry_value){.type = 'z', .number = time * 1000000};
}

/* In microseconds since 1970-01-01T00:00:00Z. */
static inline registry_value registry_time_us(int64_t time_us)
{
    return (registry_value){.type = 'z', .number = time_us};
}

/* A UUID of 16 octets. */
static inline registry_value registry_uuid(auth_bytes id)
{
    return (registry_value){.type = 'u', .bytes = id};
}

/* In arrays these stand for NULL: bytes without data, a text that is NULL, and this number. */
#define REGISTRY_NULL_INT64 INT64_MIN

static inline registry_value registry_bytes_array(const auth_bytes *items, size_t count)
{
    return (registry_value){.type = 'B', .items = items, .count = count};
}

static inline registry_value registry_int64_array(const int64_t *items, size_t count)
{
    return (registry_value){.type = 'I', .items = items, .count = count};
}

static inline registry_value registry_text_array(const char *const *items, size_t count)
{
    return (registry_value){.type = 'T', .items = items, .count = count};
}

static inline registry_value registry_uuid_array(const auth_bytes *items, size_t count)
{
    return (registry_value){.type = 'U', .items = items, .count = count};
}

/* In microseconds since 1970-01-01T00:00:00Z. */
static inline registry_value registry_time_array(const int64_t *times_us, size_t count)
{
    return (registry_value){.type = 'Z', .items = times_us, .count = count};
}

/* The two arguments for parameters of the calls that run a statement. */
#define REGISTRY_VALUES(...)                                                                       \
    (const registry_value[]){__VA_ARGS__},                                                         \
        sizeof((const registry_value[]){__VA_ARGS__}) / sizeof(registry_value)
#define REGISTRY_NO_VALUES NULL, 0

#endif
