/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/person_vectors.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROWS 1000
#define COLUMNS 6

/* Ends the line at *at, cuts it at its tabs and moves *at behind it. */
static void split_line(char **at, char *columns[COLUMNS])
{
    char *end = strchr(*at, '\n');
    if (end == NULL)
        harness_die("citizen_id.tsv: the last line has no line feed");
    *end = '\0';
    char *rest = *at;
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = strsep(&rest, "\t");
        if (columns[i] == NULL)
            harness_die("citizen_id.tsv: '%s' has fewer than %d columns", *at, COLUMNS);
    }
    if (rest != NULL)
        harness_die("citizen_id.tsv: '%s' has more than %d columns", *at, COLUMNS);
    *at = end + 1;
}

person_vectors person_vectors_load(void)
{
    size_t len = 0;
    person_vectors vectors = {
        .rows = calloc(MAX_ROWS, sizeof(person_vector)),
        .text = harness_read_data("citizen_id.tsv", &len),
    };
    if (vectors.rows == NULL)
        harness_die("citizen_id.tsv: out of memory");
    char *at = vectors.text;
    char *columns[COLUMNS];
    split_line(&at, columns);
    if (strcmp(columns[0], "number") != 0)
        harness_die("citizen_id.tsv: there is no header");
    while (*at != '\0' && vectors.count < MAX_ROWS) {
        split_line(&at, columns);
        vectors.rows[vectors.count++] = (person_vector){
            .number = auth_bytes_from_text(columns[0]),
            .is_valid = strcmp(columns[1], "1") == 0,
            .reason = columns[2],
            .birth_date = columns[3],
            .sex = columns[4],
            .region = columns[5],
        };
    }
    if (vectors.count == 0 || vectors.count == MAX_ROWS)
        harness_die("citizen_id.tsv: %zu rows", vectors.count);
    return vectors;
}

void person_vectors_free(person_vectors *vectors)
{
    free(vectors->rows);
    free(vectors->text);
}

bool person_tells_nothing(const auth_person *person)
{
    static const char zeros[AUTH_PERSON_NUMBER_MAX];
    bool has_number = person->number.type != AUTH_PERSON_TYPE_ANY || person->number.len != 0 ||
                      memcmp(person->number.hidden, zeros, sizeof zeros) != 0;
    bool has_birth = person->birth_date.year != 0 || person->birth_date.month != 0 ||
                     person->birth_date.day != 0 || person->has_century;
    bool has_region = person->region != 0 || person->is_listed_region ||
                      person->province_en != NULL || person->province_zh != NULL;
    return !has_number && !has_birth && !has_region && person->sex == AUTH_PERSON_SEX_UNKNOWN;
}
