/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's binary forms (src/backend/utils/adt, *_send and *_recv): numbers big-endian, a
 * timestamptz as microseconds since 2000, an array as: dimensions, has NULLs, type of elements,
 * length, lower bound, and each element with its length.
 */
#include "params.h"

#include "result_pq.h"
#include "type.h"

#include <limits.h>
#include <string.h>

#define EPOCH_US ((int64_t)946684800 * 1000000)
#define VALUE_MAX ((size_t)INT_MAX)

static void put_number(uint8_t *out, int64_t number, size_t size)
{
    uint64_t left = (uint64_t)number;
    for (size_t i = size; i > 0; i--) {
        out[i - 1] = (uint8_t)(left & 0xff);
        left >>= 8;
    }
}

static auth_status append_number(auth_buf *to, int64_t number, size_t size, auth_error *err)
{
    uint8_t octets[8];
    put_number(octets, number, size);
    return auth_buf_append(to, (auth_bytes){octets, size}, err);
}

/* An element's octets; without data it is a NULL. */
static auth_bytes item_bytes(const registry_value *value, size_t i, uint8_t number[8])
{
    if (value->type == 'B' || value->type == 'U')
        return ((const auth_bytes *)value->items)[i];
    if (value->type == 'T') {
        const char *text = ((const char *const *)value->items)[i];
        return text == NULL ? (auth_bytes){NULL, 0} : auth_bytes_from_text(text);
    }
    int64_t of = ((const int64_t *)value->items)[i];
    if (of == REGISTRY_NULL_INT64)
        return (auth_bytes){NULL, 0};
    put_number(number, value->type == 'Z' ? of - EPOCH_US : of, 8);
    return (auth_bytes){number, 8};
}

static auth_status append_item(auth_buf *to, const registry_value *value, size_t i, auth_error *err)
{
    uint8_t number[8];
    auth_bytes item = item_bytes(value, i, number);
    if (item.data == NULL)
        return append_number(to, -1, 4, err);
    if (item.len > VALUE_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: an array's element is longer than 2 GiB; store less");
    auth_status status = append_number(to, (int64_t)item.len, 4, err);
    return status == AUTH_STATUS_OK ? auth_buf_append(to, item, err) : status;
}

static int64_t element_type(char array)
{
    switch (array) {
    case 'B':
        return TYPE_OID_BYTES;
    case 'T':
        return TYPE_OID_TEXT;
    case 'U':
        return TYPE_OID_UUID;
    case 'Z':
        return TYPE_OID_TIME;
    default:
        return TYPE_OID_INT64;
    }
}

/* Whether an array holds a NULL, which its head says. */
static bool has_null(const registry_value *value)
{
    uint8_t number[8];
    for (size_t i = 0; i < value->count; i++) {
        if (item_bytes(value, i, number).data == NULL)
            return true;
    }
    return false;
}

static auth_status append_array(auth_buf *to, const registry_value *value, auth_error *err)
{
    int64_t element = element_type(value->type);
    if (value->count > REGISTRY_ARRAY_MAX) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: an array of %zu elements; the most are %d: send it in "
                              "parts",
                              value->count, REGISTRY_ARRAY_MAX);
    }
    const int64_t head[] = {value->count == 0 ? 0 : 1, has_null(value), element,
                            (int64_t)value->count, 1};
    size_t head_count = value->count == 0 ? 3 : 5;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < head_count; i++)
        status = append_number(to, head[i], 4, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < value->count; i++)
        status = append_item(to, value, i, err);
    return status;
}

static void set(params *out, size_t i, const void *octets, size_t len)
{
    /* A pointer to nothing would be a NULL to libpq. */
    out->values[i] = len == 0 ? "" : octets;
    out->lengths[i] = (int)len;
}

static auth_status encode_array(const registry_value *value, params *out, size_t i, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (out->arrays == NULL)
        status = auth_buf_new(PARAMS_ARRAYS_MAX, &out->arrays, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t begin = auth_buf_bytes(out->arrays).len;
    status = append_array(out->arrays, value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->offsets[i] = begin + 1;
    out->lengths[i] = (int)(auth_buf_bytes(out->arrays).len - begin);
    return AUTH_STATUS_OK;
}

static auth_status encode(const registry_value *value, params *out, size_t i, auth_error *err)
{
    out->formats[i] = PG_FORMAT_BINARY;
    switch (value->type) {
    case '\0':
        return AUTH_STATUS_OK;
    case 'b':
    case 't':
    case 'u':
        if (value->bytes.len > VALUE_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "registry: a value is longer than 2 GiB; store less");
        set(out, i, value->bytes.data, value->bytes.len);
        return AUTH_STATUS_OK;
    case 'o':
        out->numbers[i][0] = value->truth ? 1 : 0;
        set(out, i, out->numbers[i], 1);
        return AUTH_STATUS_OK;
    case 'i':
    case 'z':
        put_number(out->numbers[i], value->type == 'z' ? value->number - EPOCH_US : value->number,
                   8);
        set(out, i, out->numbers[i], 8);
        return AUTH_STATUS_OK;
    default:
        return encode_array(value, out, i, err);
    }
}

auth_status params_encode(const char *name, const char *types, const registry_value *values,
                          size_t count, params *out, auth_error *err)
{
    *out = (params){.count = (int)count};
    if (count != strlen(types) || count > REGISTRY_VALUES_MAX) {
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "registry: %s takes %zu parameters, and %zu are given; please report "
                              "this",
                              name, strlen(types), count);
    }
    for (size_t i = 0; i < count; i++) {
        if (values[i].type != '\0' && values[i].type != types[i]) {
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "registry: %s: parameter %zu is of type '%c', and '%c' is given; "
                                  "please report this",
                                  name, i + 1, types[i], values[i].type);
        }
        auth_status status = encode(&values[i], out, i, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    /* The buffer no longer moves. */
    for (size_t i = 0; i < count; i++) {
        if (out->offsets[i] != 0)
            out->values[i] = (const char *)auth_buf_bytes(out->arrays).data + out->offsets[i] - 1;
    }
    return AUTH_STATUS_OK;
}

void params_clear(params *of)
{
    auth_buf_free(of->arrays);
    of->arrays = NULL;
}
