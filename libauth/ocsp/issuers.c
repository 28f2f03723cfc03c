/* SPDX-License-Identifier: Apache-2.0 */
/* Many authorities behind one responder: a table sorted by hash algorithm, key and name. */
#include "ocsp/ocsp.h"

#include <stdlib.h>
#include <string.h>

typedef struct issuer_row {
    auth_ocsp_hash hash;
    auth_bytes key_hash; /* borrowed from the issuer */
    auth_bytes name_hash;
    size_t index;
} issuer_row;

struct auth_ocsp_issuers {
    size_t count;
    issuer_row rows[];
};

static int compare_rows(const void *a, const void *b)
{
    const issuer_row *left = a;
    const issuer_row *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    int order = auth_bytes_compare(left->key_hash, right->key_hash);
    return order != 0 ? order : auth_bytes_compare(left->name_hash, right->name_hash);
}

static issuer_row row_of(const auth_ocsp_issuer *issuer, size_t hash, size_t index)
{
    size_t len = issuer->hashes[hash].len;
    return (issuer_row){
        .hash = ocsp_hashes[hash].hash,
        .key_hash = {issuer->hashes[hash].key, len},
        .name_hash = {issuer->hashes[hash].name, len},
        .index = index,
    };
}

auth_status auth_ocsp_issuers_new(const auth_ocsp_issuer *const *issuers, size_t count,
                                  auth_ocsp_issuers **out, auth_error *err)
{
    size_t rows = count * OCSP_HASH_COUNT;
    AUTH_AUTO(auth_ocsp_issuers) *table = calloc(1, sizeof *table + rows * sizeof table->rows[0]);
    if (table == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < rows; i++)
        table->rows[i] =
            row_of(issuers[i / OCSP_HASH_COUNT], i % OCSP_HASH_COUNT, i / OCSP_HASH_COUNT);
    table->count = rows;
    qsort(table->rows, rows, sizeof table->rows[0], compare_rows);
    for (size_t i = 1; i < rows; i++) {
        if (compare_rows(&table->rows[i - 1], &table->rows[i]) == 0)
            return auth_error_set(err, AUTH_STATUS_CONFLICT,
                                  "issuers %zu and %zu have the same name and key; give each once",
                                  table->rows[i - 1].index + 1, table->rows[i].index + 1);
    }
    *out = AUTH_TAKE(table);
    return AUTH_STATUS_OK;
}

void auth_ocsp_issuers_free(auth_ocsp_issuers *table) { free(table); }

bool auth_ocsp_issuers_find(const auth_ocsp_issuers *table, const auth_ocsp_cert_id *id,
                            size_t *index)
{
    issuer_row wanted = {.hash = id->hash, .key_hash = id->key_hash, .name_hash = id->name_hash};
    const issuer_row *found =
        bsearch(&wanted, table->rows, table->count, sizeof table->rows[0], compare_rows);
    if (found != NULL)
        *index = found->index;
    return found != NULL;
}
