/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters in PostgreSQL's binary form, as libpq takes them. Internal to registry/. */
#ifndef REGISTRY_PARAMS_H
#define REGISTRY_PARAMS_H

#include "value.h"

/* All arrays of one call together. */
#define PARAMS_ARRAYS_MAX ((size_t)16 << 20)

typedef struct params {
    int count;
    const char *values[REGISTRY_VALUES_MAX];
    int lengths[REGISTRY_VALUES_MAX];
    int formats[REGISTRY_VALUES_MAX];
    uint8_t numbers[REGISTRY_VALUES_MAX][8];
    size_t offsets[REGISTRY_VALUES_MAX]; /* of an array in arrays, plus 1 */
    auth_buf *arrays;
} params;

/*
 * Encodes values, which out then points into. types is what statements.def says, name whose.
 *
 * Ownership: params_clear frees what out holds, also after a failure.
 * Errors: AUTH_STATUS_INTERNAL when number or types differ; AUTH_STATUS_LIMIT when an array or text
 * is too long; AUTH_STATUS_MEMORY.
 */
auth_status params_encode(const char *name, const char *types, const registry_value *values,
                          size_t count, params *out, auth_error *err) AUTH_MUST_CHECK;

void params_clear(params *of);

#endif
