/* SPDX-License-Identifier: Apache-2.0 */
/* Person numbers for tests: the rows of tests/data/citizen_id.tsv. Numbers keep the white space
 * that they have there. */
#ifndef HARNESS_PERSON_VECTORS_H
#define HARNESS_PERSON_VECTORS_H

#include "harness/data.h"

#include <auth/person.h>

typedef struct person_vector {
    auth_bytes number;
    bool is_valid;
    const char *reason;     /* "ok;...", "ok-fold-x;...", "ok-legacy15;..." or why it is refused */
    const char *birth_date; /* "" when refused */
    const char *sex;        /* "F", "M" or "" */
    const char *region;     /* six digits or "" */
} person_vector;

typedef struct person_vectors {
    person_vector *rows;
    size_t count;
    char *text; /* what the rows point into */
} person_vectors;

person_vectors person_vectors_load(void);
void person_vectors_free(person_vectors *vectors);

/* Tells whether a result says nothing but reason, position and type, as a refusal must. */
bool person_tells_nothing(const auth_person *person);

#endif
