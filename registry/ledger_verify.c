/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_verify.h"
#include "result.h"
#include "statement.h"
#include "transaction.h"
#include "witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096
/* Nodes that a page completes: fewer than it has leaves, and those of the edge before it. */
#define NODES_MAX (PAGE + 64)
#define ROW_SIZE 48
#define AUTHORITIES_MAX 64

/* Columns of REGISTRY_STATEMENT_LEDGER_VERIFY_PAGE. */
enum { LEAF_INDEX, LEAF_HASH, ENTRY_ID, EVENT, ITEM, REQUEST, SERIAL, OFFICE_NO, OFFICE, BODY };

typedef struct examination {
    registry_connection *connection;
    registry_crypto *crypto;
    registry_reporter *reporter;
    char realm[REGISTRY_LEDGER_NAME_SIZE];
    registry_ledger_trust trust;
    auth_bytes authorities[AUTHORITIES_MAX];
    registry_result *authority_rows; /* what the views above point into */
    merkle_edge edge;
    uint64_t total;
    bool is_broken; /* a place of the tree is empty, so nothing can be computed from there on */
    size_t witness_count;
    size_t anchor_end; /* witnesses from 1 to here are anchors; the first is what is stored */
    witness *witnesses;
    size_t file_count;
    registry_anchor *files[REGISTRY_LEDGER_FILES_MAX]; /* anchors first */
    uint64_t settled;    /* of the newest head that was stored before the files were opened */
    uint64_t unanchored; /* stored heads that no anchor has */
    uint64_t first_unanchored;
    size_t node_count;
    merkle_hash nodes[NODES_MAX];
    int64_t levels[NODES_MAX];
    int64_t indexes[NODES_MAX];
    auth_bytes views[NODES_MAX];
} examination;

static const char *number(uint64_t value, char out[ROW_SIZE])
{
    (void)snprintf(out, ROW_SIZE, "%" PRIu64, value);
    return out;
}

/* Heads */

/* Holds the heads of one witness that are of this tree against its root. */
static auth_status confront(examination *it, witness *with, const merkle_hash *root, bool *is_met,
                            auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && !with->is_done && with->head.tree_size == it->edge.size) {
        *is_met = true;
        if (!merkle_hash_equal(&with->head.root, root))
            registry_report(it->reporter, with->table, with->row,
                            "the first %" PRIu64 " entries of the ledger give another root hash "
                            "than this head (RFC 9162 2.1.1): they were changed, or the head is "
                            "of another ledger",
                            it->edge.size);
        status = witness_next(with, err);
    }
    return status;
}

/* Tells whether a head of the tree as it is now is waiting. */
static bool is_awaited(const examination *it)
{
    for (size_t i = 0; i < it->witness_count; i++) {
        if (!it->witnesses[i].is_done && it->witnesses[i].head.tree_size == it->edge.size)
            return true;
    }
    return false;
}

static auth_status confront_all(examination *it, auth_error *err)
{
    merkle_hash root;
    bool is_stored = false;
    bool is_anchored = false;
    if (it->is_broken || !is_awaited(it))
        return AUTH_STATUS_OK;
    auth_status status = merkle_root(it->crypto, &it->edge, &root, err);
    for (size_t i = 0; i < it->witness_count && status == AUTH_STATUS_OK; i++) {
        bool is_met = false;
        status = confront(it, &it->witnesses[i], &root, &is_met, err);
        is_stored = is_stored || (i == 0 && is_met);
        is_anchored = is_anchored || (i > 0 && i < it->anchor_end && is_met);
    }
    /* A head is anchored before it is stored, but perhaps after the files were opened here. */
    if (is_stored && !is_anchored && it->anchor_end > 1 && it->edge.size <= it->settled) {
        it->first_unanchored = it->unanchored++ == 0 ? it->edge.size : it->first_unanchored;
    }
    return status;
}

static auth_status skip_smaller(examination *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < it->witness_count; i++) {
        witness *with = &it->witnesses[i];
        while (status == AUTH_STATUS_OK && !with->is_done && with->head.tree_size <= it->edge.size)
            status = witness_next(with, err);
    }
    return status;
}

/* Heads that tell of more entries than there are. One finding a witness: the first says it all. */
static void report_beyond(examination *it)
{
    for (size_t i = 0; i < it->witness_count; i++) {
        const witness *with = &it->witnesses[i];
        if (!with->is_done)
            registry_report(it->reporter, with->table, with->row,
                            "it tells of %" PRIu64 " entries, and the ledger has %" PRIu64
                            ": its end was cut off, or an older state was restored",
                            with->head.tree_size, it->edge.size);
    }
}

static void report_unanchored(const examination *it)
{
    if (it->unanchored > 0)
        registry_report(it->reporter, "anchor", registry_anchor_path(it->files[0]),
                        "it lacks %" PRIu64
                        " of the heads that are stored, first ledger_head %" PRIu64
                        ": the file was shortened, or it is not the one of auth-ca",
                        it->unanchored, it->first_unanchored);
}

/* Entries */

static bool is_same_bytes(registry_result *page, size_t row, size_t column, bool has,
                          auth_bytes expected)
{
    bool is_null = registry_value_is_null(page, row, column);
    if (is_null || !has)
        return is_null && !has;
    return auth_bytes_equal(registry_value_bytes(page, row, column), expected);
}

/* The first column that does not say what the body says; NULL: all do. */
static const char *find_difference(registry_result *page, size_t row,
                                   const registry_ledger_body *body)
{
    bool has_item = !registry_value_is_null(page, row, ITEM);
    bool has_office = !registry_value_is_null(page, row, OFFICE_NO);
    if (registry_value_int64(page, row, EVENT) != (int64_t)body->event)
        return "event";
    if (has_item != (body->item >= 0) ||
        (has_item && registry_value_int64(page, row, ITEM) != body->item))
        return "item";
    if (!is_same_bytes(page, row, REQUEST, body->has_request,
                       (auth_bytes){body->request, sizeof body->request}))
        return "request_id";
    if (!is_same_bytes(page, row, SERIAL, body->serial.len > 0,
                       (auth_bytes){body->serial.octets, body->serial.len}))
        return "serial";
    if (has_office != (body->office[0] != '\0') ||
        (has_office && (registry_value_is_null(page, row, OFFICE) ||
                        strcmp(registry_value_text(page, row, OFFICE), body->office) != 0)))
        return "office_no";
    return NULL;
}

static void check_entry(examination *it, registry_result *page, size_t row, const char *entry)
{
    registry_ledger_body body;
    auth_error err;
    auth_bytes text = registry_value_bytes(page, row, BODY);
    if (registry_ledger_body_read(text, &body, &err) != AUTH_STATUS_OK) {
        registry_report(it->reporter, "ledger_entry", entry, "%s", err.text);
        return;
    }
    const char *column = find_difference(page, row, &body);
    if (column != NULL)
        registry_report(it->reporter, "ledger_entry", entry,
                        "%s says something else than the body that was hashed", column);
    if (strcmp(body.realm, it->realm) != 0)
        registry_report(it->reporter, "ledger_entry", entry, "its body is of realm %s, not of %s",
                        body.realm, it->realm);
}

static auth_status check_leaf(examination *it, registry_result *page, size_t row,
                              const merkle_hash *stored, auth_error *err)
{
    char entry[ROW_SIZE];
    merkle_hash hash;
    (void)number((uint64_t)registry_value_int64(page, row, ENTRY_ID), entry);
    if (registry_value_is_null(page, row, BODY)) {
        registry_report(it->reporter, "ledger_entry", entry,
                        "it was deleted: ledger_leaf %" PRId64 " points to it",
                        registry_value_int64(page, row, LEAF_INDEX));
        return AUTH_STATUS_OK;
    }
    auth_status status = merkle_leaf(it->crypto, registry_value_bytes(page, row, BODY), &hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!merkle_hash_equal(&hash, stored))
        registry_report(it->reporter, "ledger_entry", entry,
                        "its body does not give the hash of ledger_leaf %" PRId64
                        " (RFC 9162 2.1.1): one of the two was changed",
                        registry_value_int64(page, row, LEAF_INDEX));
    check_entry(it, page, row, entry);
    return AUTH_STATUS_OK;
}

/* The tree */

static auth_status keep_node(void *context, unsigned level, uint64_t index, const merkle_hash *hash,
                             auth_error *err)
{
    examination *to = context;
    if (to->node_count == NODES_MAX)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "ledger: more nodes than a page can have; please report this");
    to->levels[to->node_count] = (int64_t)level;
    to->indexes[to->node_count] = (int64_t)index;
    to->nodes[to->node_count++] = *hash;
    return AUTH_STATUS_OK;
}

/* Builds the tree of what the leaves say, so that one changed entry is one finding. */
static auth_status check_place(examination *it, registry_result *page, size_t row, auth_error *err)
{
    merkle_hash stored = {{0}};
    char place[ROW_SIZE];
    uint64_t index = (uint64_t)registry_value_int64(page, row, LEAF_INDEX);
    auth_bytes hash = registry_value_bytes(page, row, LEAF_HASH);
    memcpy(stored.octets, hash.data, hash.len < sizeof stored ? hash.len : sizeof stored);
    auth_status status = check_leaf(it, page, row, &stored, err);
    if (status == AUTH_STATUS_OK && !it->is_broken && index != it->edge.size) {
        registry_report(it->reporter, "ledger_leaf", number(it->edge.size, place),
                        "it is missing: after it comes ledger_leaf %" PRIu64
                        "; what follows from the tree cannot be checked further",
                        index);
        it->is_broken = true;
    }
    if (status == AUTH_STATUS_OK && !it->is_broken)
        status = merkle_append(it->crypto, &it->edge, &stored, keep_node, it, err);
    if (status == AUTH_STATUS_OK)
        status = confront_all(it, err);
    return status;
}

static void report_node(examination *it, int64_t level, int64_t index, const char *text)
{
    char row[ROW_SIZE];
    (void)snprintf(row, sizeof row, "%" PRId64 "/%" PRId64, level, index);
    registry_report(it->reporter, "ledger_node", row, "%s", text);
}

static auth_status check_nodes(examination *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *wrong = NULL;
    for (size_t i = 0; i < it->node_count; i++)
        it->views[i] = (auth_bytes){it->nodes[i].octets, sizeof it->nodes[i].octets};
    size_t count = it->node_count;
    it->node_count = 0;
    if (count == 0)
        return AUTH_STATUS_OK;
    auth_status status = registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_VERIFY_NODES,
                                      REGISTRY_VALUES(registry_int64_array(it->levels, count),
                                                      registry_int64_array(it->indexes, count),
                                                      registry_bytes_array(it->views, count)),
                                      &wrong, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(wrong); i++)
        report_node(it, registry_value_int64(wrong, i, 0), registry_value_int64(wrong, i, 1),
                    "it is missing, or not the hash of what stands below it (RFC 9162 2.1.1)");
    return status;
}

static auth_status check_surplus(examination *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (unsigned level = 1; level <= MERKLE_LEVELS && status == AUTH_STATUS_OK; level++) {
        AUTH_AUTO(registry_result) *surplus = NULL;
        status = registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_SURPLUS_NODES,
                              REGISTRY_VALUES(registry_int64((int64_t)level),
                                              registry_int64((int64_t)(it->edge.size >> level))),
                              &surplus, err);
        for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(surplus); i++)
            report_node(it, (int64_t)level, registry_value_int64(surplus, i, 0),
                        "there are not as many entries as it stands for: it was put in, or the end "
                        "of the ledger was cut off");
    }
    return status;
}

static auth_status read_page(examination *it, int64_t from, int64_t *next, auth_error *err)
{
    AUTH_AUTO(registry_result) *page = NULL;
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_VERIFY_PAGE,
                     REGISTRY_VALUES(registry_int64(from), registry_int64(PAGE)), &page, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(page) : 0;
    *next = -1;
    for (size_t i = 0; i < rows && status == AUTH_STATUS_OK; i++) {
        status = check_place(it, page, i, err);
        *next = registry_value_int64(page, i, LEAF_INDEX) + 1;
    }
    if (status == AUTH_STATUS_OK)
        status = registry_result_check(page, err);
    if (status == AUTH_STATUS_OK)
        status = check_nodes(it, err);
    return status;
}

static auth_status check_tree(examination *it, uint64_t *entries, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    int64_t next = 0;
    while (status == AUTH_STATUS_OK && next >= 0) {
        *entries = (uint64_t)next;
        registry_report_progress(it->reporter, "ledger", (uint64_t)next, it->total);
        status = read_page(it, next, &next, err);
    }
    if (status == AUTH_STATUS_OK && !it->is_broken)
        status = check_surplus(it, err);
    return status;
}

/* What is not in the tree */

/* A head may be anchored whose transaction did not commit: then what waits gives its tree. */
static auth_status extend(examination *it, uint64_t *pending, auth_error *err)
{
    AUTH_AUTO(registry_result) *waiting = NULL;
    auth_status status =
        registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_WAITING,
                     REGISTRY_VALUES(registry_int64(REGISTRY_LEDGER_BATCH_MAX)), &waiting, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(waiting) : 0;
    *pending = rows;
    for (size_t i = 0; i < rows && status == AUTH_STATUS_OK && !it->is_broken; i++) {
        merkle_hash leaf;
        status = merkle_leaf(it->crypto, registry_value_bytes(waiting, i, 1), &leaf, err);
        if (status == AUTH_STATUS_OK)
            status = merkle_append(it->crypto, &it->edge, &leaf, NULL, NULL, err);
        if (status == AUTH_STATUS_OK)
            status = confront_all(it, err);
    }
    return status;
}

/* Entries of transactions that the newest head says are all in the tree. */
static auth_status check_forgotten(examination *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    int64_t after = 0;
    while (status == AUTH_STATUS_OK && after >= 0) {
        AUTH_AUTO(registry_result) *page = NULL;
        status = registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_FORGOTTEN,
                              REGISTRY_VALUES(registry_int64(after)), &page, err);
        if (status != AUTH_STATUS_OK)
            return status;
        for (size_t i = 0; i < registry_result_rows(page); i++) {
            char row[ROW_SIZE];
            if (registry_value_is_null(page, i, 1))
                continue;
            registry_report(it->reporter, "ledger_entry",
                            number((uint64_t)registry_value_int64(page, i, 1), row),
                            "it is not in the tree, and younger entries are: it was put in behind "
                            "the ledger's back, or its leaf was deleted");
        }
        after = registry_value_is_null(page, 0, 0) ? -1 : registry_value_int64(page, 0, 0);
    }
    return status;
}

/* Beginning */

static auth_status read_realm(examination *it, const registry_ledger_examination *asked,
                              auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_SCOPE,
                                      REGISTRY_NO_VALUES, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *realm = asked->realm;
    if (realm == NULL && registry_result_rows(result) == 1 && !registry_value_is_null(result, 0, 0))
        realm = registry_value_text(result, 0, 0);
    if (realm != NULL)
        (void)strncpy(it->realm, realm, sizeof it->realm - 1);
    it->total = (uint64_t)registry_value_int64(result, 0, 1);
    return registry_result_check(result, err);
}

static auth_status read_authorities(examination *it, auth_error *err)
{
    auth_status status = registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_AUTHORITIES,
                                      REGISTRY_NO_VALUES, &it->authority_rows, err);
    size_t rows = status == AUTH_STATUS_OK ? registry_result_rows(it->authority_rows) : 0;
    for (size_t i = 0; i < rows && i < AUTHORITIES_MAX; i++)
        it->authorities[i] = registry_value_bytes(it->authority_rows, i, 0);
    it->trust =
        (registry_ledger_trust){it->authorities, rows < AUTHORITIES_MAX ? rows : AUTHORITIES_MAX};
    return status;
}

/* Before the snapshot is taken: what a file tells up to now is in the registry by then. */
static auth_status open_files(examination *it, const registry_ledger_examination *asked,
                              auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t count = asked->anchor_count + asked->head_count;
    if (count > REGISTRY_LEDGER_FILES_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "ledger: more than %d files of heads; name fewer at a time",
                              REGISTRY_LEDGER_FILES_MAX);
    it->witnesses = calloc(1 + count, sizeof *it->witnesses);
    if (it->witnesses == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        bool is_anchor = i < asked->anchor_count;
        status = registry_anchor_open(is_anchor ? asked->anchors[i]
                                                : asked->heads[i - asked->anchor_count],
                                      &it->files[i], err);
        it->file_count += status == AUTH_STATUS_OK;
    }
    it->anchor_end = 1 + asked->anchor_count;
    return status;
}

static auth_status read_settled(examination *it, auth_error *err)
{
    AUTH_AUTO(registry_result) *newest = NULL;
    auth_status status = registry_run(it->connection, REGISTRY_STATEMENT_LEDGER_NEWEST_HEAD,
                                      REGISTRY_NO_VALUES, &newest, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(newest) > 0)
        it->settled = (uint64_t)registry_value_int64(newest, 0, 0);
    return status;
}

static auth_status open_witness(examination *it, registry_anchor *file, auth_error *err)
{
    size_t place = it->witness_count++;
    witness *with = &it->witnesses[place];
    *with = (witness){.table = place == 0               ? "ledger_head"
                               : place < it->anchor_end ? "anchor"
                                                        : "head",
                      .realm = it->realm,
                      .trust = &it->trust,
                      .reporter = it->reporter};
    return file == NULL ? witness_open_stored(with, it->connection, err)
                        : witness_open_file(with, file, err);
}

static auth_status open_witnesses(examination *it, auth_error *err)
{
    auth_status status = open_witness(it, NULL, err);
    for (size_t i = 0; i < it->file_count && status == AUTH_STATUS_OK; i++)
        status = open_witness(it, it->files[i], err);
    return status;
}

static auth_status examine(examination *it, const registry_ledger_examination *asked,
                           registry_ledger_summary *out, auth_error *err)
{
    auth_status status = read_realm(it, asked, err);
    if (status == AUTH_STATUS_OK && asked->trust.count == 0)
        status = read_authorities(it, err);
    else
        it->trust = asked->trust;
    if (status == AUTH_STATUS_OK)
        status = open_witnesses(it, err);
    if (status == AUTH_STATUS_OK)
        status = check_tree(it, &out->entries, err);
    if (status == AUTH_STATUS_OK && !it->is_broken)
        status = merkle_root(it->crypto, &it->edge, &out->root, err);
    if (status == AUTH_STATUS_OK)
        status = extend(it, &out->pending, err);
    if (status == AUTH_STATUS_OK)
        status = check_forgotten(it, err);
    if (status == AUTH_STATUS_OK)
        status = skip_smaller(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->heads = it->witnesses[0].count;
    if (!it->is_broken)
        report_beyond(it);
    report_unanchored(it);
    return AUTH_STATUS_OK;
}

static void close_examination(examination *it)
{
    for (size_t i = 0; i < it->witness_count; i++)
        witness_close(&it->witnesses[i]);
    for (size_t i = 0; i < it->file_count; i++)
        registry_anchor_free(it->files[i]);
    free(it->witnesses);
    registry_result_free(it->authority_rows);
    free(it);
}

auth_status registry_ledger_verify(registry_connection *connection, registry_crypto *crypto,
                                   const registry_ledger_examination *asked,
                                   registry_reporter *reporter, registry_ledger_summary *out,
                                   auth_error *err)
{
    registry_ledger_summary found = {.entries = 0};
    examination *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->connection = connection;
    it->crypto = crypto;
    it->reporter = reporter;
    auth_status status = read_settled(it, err);
    if (status == AUTH_STATUS_OK)
        status = open_files(it, asked, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_SNAPSHOT, err);
    if (status == AUTH_STATUS_OK)
        status = examine(it, asked, &found, err);
    if (registry_connection_is_in_transaction(connection))
        registry_rollback(connection);
    close_examination(it);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}
