/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is everything that a superuser can change, delete, insert, exchange, cut off or set back behind
 * the registry's back found, and named by table and row?
 */
#include "registry_world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * $0 to $4 stand for the serial numbers of the certificates in hex; requests of ids are
 * 0100...01 to ...0d. All rules of the database are off while the SQL runs.
 */
typedef struct mutation {
    const char *name;
    const char *sql;
    const char *table; /* what must be named */
    const char *row;
} mutation;

#define REQUEST(number) "01000000-0000-0000-0000-0000000000" number
#define CERT(n) "serial = '\\x$" n "'"

static const mutation mutations[] = {
    /* certificate */
    {"an octet of a certificate is changed",
     "UPDATE certificate SET der = set_byte(der, 300, get_byte(der, 300) # 1) WHERE " CERT("3"),
     "certificate", "$3"},
    {"a certificate is longer valid",
     "UPDATE certificate SET not_after = not_after + interval '1 year' WHERE " CERT("3"),
     "certificate", "$3"},
    {"a certificate is moved to another office",
     "UPDATE certificate SET office_no = 2 WHERE " CERT("3"), "certificate", "$3"},
    {"a certificate is deleted", "DELETE FROM certificate WHERE " CERT("3"), "certificate", "$3"},
    {"a certificate is put in",
     "INSERT INTO certificate SELECT set_byte(serial, 9, 9), authority_id, shard, item, request_id,"
     " citizen_id, officer_id, office_no, profile, key_hash, not_before, not_after, issued_at, der"
     " FROM certificate WHERE " CERT("3"),
     "certificate", "+3"},
    {"two certificates are exchanged",
     "UPDATE certificate c SET der = o.der FROM certificate o WHERE c.serial IN ('\\x$3', '\\x$4')"
     " AND o.serial IN ('\\x$3', '\\x$4') AND o.serial <> c.serial",
     "certificate", "$4"},
    {"the holder of a certificate is another",
     "UPDATE certificate SET citizen_id = '" REQUEST("05") "' WHERE " CERT("3"), "key_holder",
     "$3"},
    {"a key gets another holder",
     "UPDATE key_holder SET citizen_id = '" REQUEST("05") "' WHERE citizen_id = '" REQUEST(
         "04") "'",
     "key_holder", "$3"},
    /* revocation */
    {"a revocation is deleted", "DELETE FROM revocation WHERE " CERT("0"), "revocation", "of $0"},
    {"a revocation becomes a suspension",
     "UPDATE revocation SET action = 2, reason = 6 WHERE " CERT("0"), "revocation", "1"},
    {"a revocation gets another reason", "UPDATE revocation SET reason = 4 WHERE " CERT("0"),
     "revocation", "1"},
    {"a revocation is moved to another certificate",
     "UPDATE revocation SET serial = '\\x$4' WHERE " CERT("0"), "revocation", "1"},
    {"a revocation is put in",
     "INSERT INTO revocation (revision, serial, step, authority_id, shard, action, reason, at, "
     "not_after,"
     " request_id, item) OVERRIDING SYSTEM VALUE SELECT 99, '\\x$4', 1, authority_id, shard, "
     "action, reason, at, not_after,"
     " request_id, item FROM revocation WHERE " CERT("0"),
     "revocation", "99"},
    {"a resumption is put in",
     "INSERT INTO revocation (revision, serial, step, authority_id, shard, action, reason, at, "
     "not_after,"
     " request_id, item) OVERRIDING SYSTEM VALUE SELECT 99, serial, 2, authority_id, shard, 3, 6, "
     "at, not_after,"
     " request_id, item FROM revocation WHERE " CERT("1"),
     "revocation", "99"},
    /* request, signature, outcome */
    {"a rejected request becomes approved",
     "UPDATE request SET state = 2, decided_at = NULL WHERE request_id = '" REQUEST("0a") "'",
     "request", REQUEST("0a")},
    {"a request is another document",
     "UPDATE request SET payload_hash = sha256('x') WHERE request_id = '" REQUEST("04") "'",
     "request", REQUEST("04")},
    {"a request is of another office",
     "UPDATE request SET office_no = 2 WHERE request_id = '" REQUEST("04") "'", "request",
     REQUEST("04")},
    {"a request is deleted", "DELETE FROM request WHERE request_id = '" REQUEST("0d") "'",
     "request", REQUEST("0d")},
    {"a request is put in",
     "INSERT INTO request SELECT '" REQUEST("ff") "', kind, office_no, state, item_count, revision,"
                                                  " payload_hash, document, seal_key, created_at, "
                                                  "expires_at, submitted_at FROM request"
                                                  " WHERE request_id = '" REQUEST("0d") "'",
     "request", REQUEST("ff")},
    {"a signature is deleted", "DELETE FROM signature WHERE request_id = '" REQUEST("04") "'",
     "signature", REQUEST("04")},
    {"a signature is somebody else's",
     "UPDATE signature SET signer_serial = '\\x$3' WHERE request_id = '" REQUEST("04") "'",
     "signature", REQUEST("04")},
    {"an outcome is turned round",
     "UPDATE outcome SET status = 0 WHERE request_id = '" REQUEST("0b") "'", "outcome",
     REQUEST("0b") "/0"},
    {"an outcome is deleted", "DELETE FROM outcome WHERE request_id = '" REQUEST("04") "'",
     "outcome", REQUEST("04") "/0"},
    {"an item is put in",
     "INSERT INTO request_item (request_id, item) VALUES ('" REQUEST("04") "', 1)", "request",
     REQUEST("04")},
    /* live_certificate */
    {"a live certificate is deleted", "DELETE FROM live_certificate WHERE " CERT("3"),
     "live_certificate", "$3"},
    {"a live certificate is exchanged",
     "DELETE FROM live_certificate WHERE " CERT("4") "; UPDATE live_certificate"
                                                     " SET serial = '\\x$4' WHERE " CERT("3"),
     "live_certificate", "$4"},
    {"a revoked certificate is live again",
     "INSERT INTO live_certificate SELECT citizen_id, profile, serial, not_after FROM certificate"
     " WHERE " CERT("0"),
     "live_certificate", "$0"},
    /* ledger_entry */
    {"the body of an entry is changed",
     "UPDATE ledger_entry SET body = decode(replace(encode(body, 'escape'), 'issued', 'closed'),"
     " 'escape') WHERE entry_id = 3",
     "ledger_entry", "3"},
    {"a column of an entry is changed", "UPDATE ledger_entry SET item = 1 WHERE entry_id = 3",
     "ledger_entry", "3"},
    {"an entry is deleted", "DELETE FROM ledger_entry WHERE entry_id = 3", "ledger_entry", "3"},
    {"an entry is put in as an old one",
     "INSERT INTO ledger_entry (xact, event, body) SELECT xact, 46, body FROM ledger_entry"
     " WHERE entry_id = 3",
     "ledger_entry", "+entry"},
    {"two entries are exchanged",
     "UPDATE ledger_entry e SET body = o.body FROM ledger_entry o WHERE e.entry_id IN (3, 6)"
     " AND o.entry_id IN (3, 6) AND o.entry_id <> e.entry_id",
     "ledger_entry", "6"},
    {"an entry of something that was not is put in",
     "INSERT INTO ledger_entry (event, item, request_id, serial, office_no, body) SELECT event, "
     "item,"
     " request_id, set_byte(serial, 9, 9), office_no, body FROM ledger_entry WHERE entry_id = 3",
     "certificate", "+0"},
    /* ledger_leaf, ledger_node, ledger_head */
    {"a leaf and its entry are changed alike",
     "UPDATE ledger_entry SET body = decode(replace(encode(body, 'escape'), '2026-01-01',"
     " '2026-01-02'), 'escape') WHERE entry_id = 3; UPDATE ledger_leaf SET leaf_hash ="
     " sha256('\\x00' || (SELECT body FROM ledger_entry WHERE entry_id = 3)) WHERE entry_id = 3",
     "ledger_node", "1/1"},
    {"a leaf is deleted", "DELETE FROM ledger_leaf WHERE leaf_index = 5", "ledger_leaf", "5"},
    {"two leaves are exchanged",
     "UPDATE ledger_leaf SET entry_id = -entry_id WHERE leaf_index IN (5, 6); UPDATE ledger_leaf l"
     " SET entry_id = -o.entry_id FROM ledger_leaf o WHERE l.leaf_index + o.leaf_index = 11"
     " AND l.leaf_index IN (5, 6) AND o.entry_id < 0",
     "ledger_entry", "6"},
    {"a node is changed",
     "UPDATE ledger_node SET hash = sha256('x') WHERE level = 2 AND node_index = 1", "ledger_node",
     "2/1"},
    {"a node is deleted", "DELETE FROM ledger_node WHERE level = 3 AND node_index = 0",
     "ledger_node", "3/0"},
    {"a node is put in", "INSERT INTO ledger_node VALUES (4, 9, sha256('x'))", "ledger_node",
     "4/9"},
    {"the end of the tree is cut off",
     "DELETE FROM ledger_leaf WHERE leaf_index >= 20; DELETE FROM ledger_node WHERE"
     " ((node_index + 1) << level::integer) > 20; DELETE FROM ledger_head WHERE tree_size > 20;"
     " DELETE FROM ledger_entry e WHERE NOT EXISTS (SELECT FROM ledger_leaf l"
     " WHERE l.entry_id = e.entry_id)",
     "anchor", "%:2"},
    {"a head has another root",
     "UPDATE ledger_head SET root_hash = sha256('x') WHERE tree_size = 15", "ledger_head", "15"},
    {"a head is another one's document",
     "UPDATE ledger_head SET document = (SELECT document FROM ledger_head WHERE tree_size = 15)"
     " WHERE tree_size > 30",
     "ledger_head", "37"},
    /* crl */
    {"a CRL is an older one",
     "UPDATE crl SET der = (SELECT der FROM crl WHERE number = 1) WHERE number = 2", "crl",
     "1/0/2"},
    {"a CRL is deleted", "DELETE FROM crl WHERE number = 2", "crl", "1/0/2"},
    {"a CRL is renumbered", "UPDATE crl SET number = 7 WHERE number = 2", "crl", "1/0/7"},
    {"a CRL claims to know later revocations, which it lacks",
     "INSERT INTO revocation (revision, serial, step, authority_id, shard, action, reason, at, "
     "not_after,"
     " request_id, item) OVERRIDING SYSTEM VALUE SELECT 99, serial, 1, authority_id, shard, 1, 1, "
     "now(), not_after, request_id,"
     " item FROM certificate WHERE " CERT("4") "; UPDATE crl SET revision = 99 WHERE number = 2",
     "crl", "1/0/2"},
    /* office, authority */
    {"an office is moved", "UPDATE office SET path = '/other/'", "office", "centre"},
    {"an authority's key hash is changed", "UPDATE authority SET key_hash = sha256('x')",
     "authority", "1"},
};

#define MUTATIONS (sizeof mutations / sizeof mutations[0])

/* Puts serial numbers in for $n, and for "+n" that of a certificate that was put in. */
static void fill_in(const registry_world *world, const char *from, char *out, size_t size)
{
    size_t len = 0;
    for (; *from != '\0' && len + 64 < size; from++) {
        bool is_serial = *from == '$' && from[1] >= '0' && from[1] <= '4';
        bool is_copy = *from == '+' && from[1] >= '0' && from[1] <= '4' && len == 0;
        if (!is_serial && !is_copy) {
            out[len++] = *from;
            continue;
        }
        from++;
        (void)strcpy(out + len, world->serials[*from - '0']);
        if (is_copy)
            out[len + 19] = '9'; /* the low digit of octet 9 */
        len += strlen(out + len);
    }
    out[len] = '\0';
}

/* The row that must be named, where it is not known beforehand. */
static void name_row(registry_world *world, const mutation *of, char *out, size_t size)
{
    ledger_world *ledger = world->ledger;
    char sql[512];
    if (strcmp(of->table, "key_holder") == 0) {
        fill_in(world, of->row, out, size);
    } else if (strcmp(of->row, "+entry") == 0) {
        (void)snprintf(sql, sizeof sql, "SELECT max(entry_id) FROM registry.ledger_entry");
        (void)snprintf(out, size, "%s", cluster_ask(ledger->superuser, sql));
    } else if (of->row[0] == '%') {
        (void)snprintf(out, size, "%s%s", ledger->anchor, of->row + 1);
    } else {
        fill_in(world, of->row, out, size);
    }
}

/* One world for all; the rows of each table are kept, and put back after each mutation. */
static registry_world *world;

#define EACH_TABLE(does)                                                                           \
    "DO $$ DECLARE name text; columns text; BEGIN FOR name, columns IN"                            \
    " SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_class " \
    "c"                                                                                            \
    " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'registry'::regnamespace"   \
    " AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT"               \
    " a.attisdropped AND a.attgenerated = '' AND c.relname <> 'schema_migration' GROUP BY "        \
    "c.relname"                                                                                    \
    " LOOP EXECUTE " does "; END LOOP; END $$"

static void save(void)
{
    cluster_sql(world->ledger->superuser, "SET session_replication_role = replica;"
                                          " SET synchronous_commit = off;"
                                          " CREATE SCHEMA saved");
    cluster_sql(world->ledger->superuser,
                EACH_TABLE("format('CREATE TABLE saved.%I AS SELECT %s FROM registry.%I', name,"
                           " columns, name)"));
}

static void restore(void)
{
    cluster_sql(world->ledger->superuser,
                "BEGIN; " EACH_TABLE("format('DELETE FROM registry.%I', name)") "; " EACH_TABLE(
                    "format('INSERT INTO registry.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM"
                    " saved.%I', name, columns, columns, name)") "; COMMIT");
}

static void set_up(void)
{
    if (world != NULL)
        return;
    world = registry_world_new();
    save();
}

START_TEST(a_whole_registry_is_in_order)
{
    set_up();
    registry_world_fsck(world);
    ledger_world_expect_clean(world->ledger);
    ck_assert_uint_eq(world->summary.certificates, WORLD_CERTIFICATES);
    ck_assert_uint_eq(world->summary.crls, 2);
    ck_assert_uint_gt(world->summary.ledger.entries, 30);
    restore();
    registry_world_fsck(world);
    ledger_world_expect_clean(world->ledger);
}

static void assert_named(const mutation *it, const char *row)
{
    registry_world_fsck(world);
    ck_assert_msg(world->ledger->found > 0, "%s: nothing was found", it->name);
    ledger_world_expect(world->ledger, it->table, row);
}

START_TEST(what_is_changed_behind_its_back_is_named)
{
    const mutation *it = &mutations[_i];
    char sql[2048];
    char row[256];
    set_up();
    fill_in(world, it->sql, sql, sizeof sql);
    cluster_sql(world->ledger->superuser, sql);
    name_row(world, it, row, sizeof row);
    assert_named(it, row);
    restore();
}

/* The whole ledger as it was, with all that belongs together: only the anchor knows. */
START_TEST(an_older_state_is_found_by_the_anchor)
{
    mutation it = {.name = "an older state of the ledger is restored", .table = "anchor"};
    char row[256];
    set_up();
    ledger_world_append(world->ledger, 3);
    ledger_world_advance(world->ledger, 0);
    registry_world_fsck(world);
    ledger_world_expect_clean(world->ledger);
    restore();
    (void)snprintf(row, sizeof row, "%s:4", world->ledger->anchor);
    assert_named(&it, row);
}

static char kept[8][16384];

static size_t keep_lines(void)
{
    size_t have = 0;
    FILE *anchor = fopen(world->ledger->anchor, "r");
    ck_assert_ptr_nonnull(anchor);
    while (have < 8 && fgets(kept[have], sizeof kept[0], anchor) != NULL)
        have++;
    (void)fclose(anchor);
    return have;
}

/* Writes the anchor with the kept lines in the order given, counted from 1. */
static void rewrite_anchor(const unsigned *lines, size_t count)
{
    FILE *anchor = fopen(world->ledger->anchor, "w");
    ck_assert_ptr_nonnull(anchor);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_ge(fputs(kept[lines[i] - 1], anchor), 0);
    }
    ck_assert_int_eq(fclose(anchor), 0);
}

START_TEST(an_anchor_that_was_shortened_or_reordered_is_named)
{
    static const unsigned orders[][3] = {{1, 2}, {2, 3}, {1, 3}, {2, 1, 3}};
    static const size_t counts[] = {2, 2, 2, 3};
    mutation it = {.name = "the anchor is changed", .table = "anchor"};
    char row[256];
    set_up();
    ck_assert_uint_eq(keep_lines(), 3);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(row, sizeof row, "%s%s", world->ledger->anchor, i == 3 ? ":2" : "");
        rewrite_anchor(orders[i], counts[i]);
        assert_named(&it, row);
    }
    rewrite_anchor((const unsigned[]){1, 2, 3}, 3);
    registry_world_fsck(world);
    ledger_world_expect_clean(world->ledger);
}

CLUSTER_SUITE("tamper", TEST(a_whole_registry_is_in_order),
              TEST_EACH(what_is_changed_behind_its_back_is_named, MUTATIONS),
              TEST(an_anchor_that_was_shortened_or_reordered_is_named),
              TEST(an_older_state_is_found_by_the_anchor))
