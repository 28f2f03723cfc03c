/* SPDX-License-Identifier: Apache-2.0 */
/* Searches: pages of rows out of which those are left that the officer may see. Internal to
 * office/. */
#ifndef OFFICE_SEARCH_H
#define OFFICE_SEARCH_H

#include "answer.h"
#include "body.h"

/* The indexes of a person, one of each generation of the master key. */
typedef struct office_indexes {
    uint8_t octets[REGISTRY_KEYRING_MAX][REGISTRY_HASH_SIZE];
    auth_bytes views[REGISTRY_KEYRING_MAX];
    size_t count;
} office_indexes;

auth_status office_indexes_of(const office_visit *visit, const auth_person_number *number,
                              office_indexes *out, auth_error *err) AUTH_MUST_CHECK;

#endif
