/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "result.h"
#include "statement.h"

#include <stdlib.h>
#include <string.h>

/* What the database says before a batch. */
typedef struct state {
    int64_t tree_size;
    int64_t first_xact; /* entries of transactions before it are in the tree */
    int64_t xmin; /* the oldest transaction that is under way: entries before it are settled */
    int64_t xmax; /* no transaction has reached this number */
} state;

static auth_status take_lock(registry_connection *connection, bool *is_taken, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_LEDGER_LOCK, REGISTRY_NO_VALUES, &result, err);
    if (status == AUTH_STATUS_OK) {
        *is_taken = registry_value_bool(result, 0, 0);
        status = registry_result_check(result, err);
    }
    return status;
}

static auth_status read_state(registry_connection *connection, state *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_LEDGER_STATE, REGISTRY_NO_VALUES, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = (state){
        .tree_size = registry_value_int64(result, 0, 0),
        .first_xact = registry_value_int64(result, 0, 1),
        .xmin = registry_value_int64(result, 0, 2),
        .xmax = registry_value_int64(result, 0, 3),
    };
    status = registry_result_check(result, err);
    if (status == AUTH_STATUS_OK && out->first_xact > out->xmax)
        status = auth_error_set(err, AUTH_STATUS_CONFLICT,
                                "ledger: its transactions are numbered by another cluster: the "
                                "registry was restored from a dump; run 'auth registry migrate'");
    return status;
}

/* A batch under way: arrays as the statements take them. */
typedef struct batch {
    registry_crypto *crypto;
    registry_result *entries;
    size_t count;
    merkle_edge edge;
    merkle_hash *leaves;
    int64_t *places;
    int64_t *entry_ids;
    size_t node_count;
    merkle_hash *nodes;
    int64_t *levels;
    int64_t *indexes;
    auth_bytes *views;
} batch;

/* n leaves complete fewer nodes than n + 64: one at each doubling, and those of the old edge. */
#define NODES_MAX (REGISTRY_LEDGER_BATCH_MAX + 64)

static auth_status new_batch(registry_crypto *crypto, batch *out, auth_error *err)
{
    *out = (batch){
        .crypto = crypto,
        .leaves = calloc(REGISTRY_LEDGER_BATCH_MAX, sizeof *out->leaves),
        .places = calloc(REGISTRY_LEDGER_BATCH_MAX, sizeof *out->places),
        .entry_ids = calloc(REGISTRY_LEDGER_BATCH_MAX, sizeof *out->entry_ids),
        .nodes = calloc(NODES_MAX, sizeof *out->nodes),
        .levels = calloc(NODES_MAX, sizeof *out->levels),
        .indexes = calloc(NODES_MAX, sizeof *out->indexes),
        .views = calloc(NODES_MAX, sizeof *out->views),
    };
    bool is_done = out->leaves != NULL && out->places != NULL && out->entry_ids != NULL &&
                   out->nodes != NULL && out->levels != NULL && out->indexes != NULL &&
                   out->views != NULL;
    return is_done ? AUTH_STATUS_OK : auth_error_memory(err);
}

static void clear_batch(batch *of)
{
    registry_result_free(of->entries);
    free(of->leaves);
    free(of->places);
    free(of->entry_ids);
    free(of->nodes);
    free(of->levels);
    free(of->indexes);
    free(of->views);
}

static auth_status keep_node(void *context, unsigned level, uint64_t index, const merkle_hash *hash,
                             auth_error *err)
{
    batch *to = context;
    if (to->node_count == NODES_MAX) {
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "ledger: more nodes than a batch can have; please report this");
    }
    to->levels[to->node_count] = (int64_t)level;
    to->indexes[to->node_count] = (int64_t)index;
    to->nodes[to->node_count++] = *hash;
    return AUTH_STATUS_OK;
}

static auth_status add_leaf(batch *to, size_t row, auth_error *err)
{
    auth_bytes body = registry_value_bytes(to->entries, row, 2);
    to->places[row] = (int64_t)to->edge.size;
    to->entry_ids[row] = registry_value_int64(to->entries, row, 0);
    auth_status status = merkle_leaf(to->crypto, body, &to->leaves[row], err);
    if (status == AUTH_STATUS_OK)
        status = merkle_append(to->crypto, &to->edge, &to->leaves[row], keep_node, to, err);
    return status;
}

static void view(batch *of, const merkle_hash *hashes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        of->views[i] = (auth_bytes){hashes[i].octets, sizeof hashes[i].octets};
}

static auth_status store(registry_connection *connection, batch *of, auth_error *err)
{
    view(of, of->leaves, of->count);
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_LEDGER_INSERT_LEAVES,
                     REGISTRY_VALUES(registry_int64_array(of->places, of->count),
                                     registry_int64_array(of->entry_ids, of->count),
                                     registry_bytes_array(of->views, of->count)),
                     NULL, err);
    if (status != AUTH_STATUS_OK || of->node_count == 0)
        return status;
    view(of, of->nodes, of->node_count);
    return registry_run(connection, REGISTRY_STATEMENT_LEDGER_INSERT_NODES,
                        REGISTRY_VALUES(registry_int64_array(of->levels, of->node_count),
                                        registry_int64_array(of->indexes, of->node_count),
                                        registry_bytes_array(of->views, of->node_count)),
                        NULL, err);
}

/* Takes one entry more than it may, to know whether there are more. */
static auth_status fetch(registry_connection *connection, const state *from, uint64_t max,
                         batch *to, auth_error *err)
{
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_LEDGER_PENDING,
                     REGISTRY_VALUES(registry_int64(from->first_xact), registry_int64(from->xmin),
                                     registry_int64((int64_t)max + 1)),
                     &to->entries, err);
    if (status == AUTH_STATUS_OK) {
        size_t rows = registry_result_rows(to->entries);
        to->count = rows > max ? (size_t)max : rows;
    }
    return status;
}

static auth_status place(registry_connection *connection, const state *from, batch *to,
                         auth_error *err)
{
    merkle_source source = {registry_ledger_node, connection};
    auth_status status = merkle_load_edge(&source, (uint64_t)from->tree_size, &to->edge, err);
    for (size_t i = 0; i < to->count && status == AUTH_STATUS_OK; i++)
        status = add_leaf(to, i, err);
    if (status == AUTH_STATUS_OK && to->count > 0) {
        status = registry_result_check(to->entries, err);
        if (status == AUTH_STATUS_OK)
            status = store(connection, to, err);
    }
    return status;
}

static auth_status run_batch(registry_connection *connection, registry_crypto *crypto,
                             const state *from, uint64_t max, registry_ledger_progress *out,
                             auth_error *err)
{
    batch it;
    auth_status status = new_batch(crypto, &it, err);
    if (status == AUTH_STATUS_OK)
        status = fetch(connection, from, max, &it, err);
    if (status == AUTH_STATUS_OK)
        status = place(connection, from, &it, err);
    if (status == AUTH_STATUS_OK) {
        bool is_more = it.entries != NULL && registry_result_rows(it.entries) > it.count;
        *out = (registry_ledger_progress){
            .is_more = is_more,
            .added = it.count,
            .tree_size = it.edge.size,
            /* The transaction of the first entry that was left may have entries in the tree. */
            .next_xact = is_more ? registry_value_int64(it.entries, it.count, 1) : from->xmin,
        };
        status = merkle_root(crypto, &it.edge, &out->root, err);
    }
    clear_batch(&it);
    return status;
}

auth_status registry_ledger_sequence(registry_connection *connection, registry_crypto *crypto,
                                     uint64_t max, registry_ledger_progress *out, auth_error *err)
{
    bool is_taken = false;
    state from = {0};
    registry_ledger_progress made = {.is_busy = true};
    if (max == 0 || max > REGISTRY_LEDGER_BATCH_MAX)
        max = REGISTRY_LEDGER_BATCH_MAX;
    auth_status status = take_lock(connection, &is_taken, err);
    if (status == AUTH_STATUS_OK && is_taken)
        status = read_state(connection, &from, err);
    if (status == AUTH_STATUS_OK && is_taken)
        status = run_batch(connection, crypto, &from, max, &made, err);
    if (status == AUTH_STATUS_OK)
        *out = made;
    return status;
}
