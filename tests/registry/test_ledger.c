/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do entries get their place in the tree once, in the order of their transactions, whoever commits
 * first and wherever the sequencer is interrupted, and does every head that was ever signed stay a
 * beginning of the tree?
 */
#include "ledger_world.h"
#include "registry/anchor.h"
#include "registry/migrate.h"
#include "registry/programs.h"
#include "registry/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(an_empty_ledger_is_in_order)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    registry_ledger_examination examination = {.anchor_count = 0};
    registry_reporter reporter = {.find = NULL};
    registry_ledger_summary summary;
    ledger_world_advance(world, 0);
    ck_assert_int_ne(access(world->anchor, F_OK), 0);
    assert_ok(registry_ledger_verify(world->auditor, world->crypto, &examination, &reporter,
                                     &summary, &err),
              &err);
    ck_assert_uint_eq(reporter.found, 0);
    ck_assert_uint_eq(summary.entries, 0);
    ledger_world_free(world);
}

/* The tree does not depend on how it grew. */
START_TEST(the_same_entries_give_the_same_tree)
{
    static const uint64_t batches[] = {0, 1, 2, 7, 64};
    merkle_hash roots[5];
    for (size_t i = 0; i < 5; i++) {
        ledger_world *world = ledger_world_new();
        ledger_world_append(world, 100);
        ledger_world_append(world, 1);
        ledger_world_advance(world, batches[i]);
        ledger_world_verify(world);
        ledger_world_expect_clean(world);
        ck_assert_uint_eq(world->summary.entries, 101);
        ck_assert_uint_eq(world->summary.pending, 0);
        roots[i] = world->summary.root;
        ck_assert(merkle_hash_equal(&roots[0], &roots[i]));
        ledger_world_free(world);
    }
}

START_TEST(more_than_one_batch)
{
    ledger_world *world = ledger_world_new();
    for (int i = 0; i < 4; i++)
        ledger_world_append(world, 3000);
    ledger_world_advance(world, 0);
    ck_assert_str_eq(cluster_ask(world->superuser, "SELECT count(*) FROM registry.ledger_head"),
                     "2");
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 12000);
    ck_assert_uint_eq(world->summary.heads, 2);
    ledger_world_free(world);
}

static void begin_with_entry(registry_connection *connection, const char *detail)
{
    auth_error err;
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_CA_START,
                                 .at = CHAIN_NOW,
                                 .realm = "test",
                                 .item = REGISTRY_LEDGER_NO_ITEM};
    (void)snprintf(body.detail, sizeof body.detail, "%s", detail);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_ledger_append(connection, &body, 0, &err), &err);
}

/* What began first and commits last holds up the younger, and comes before them in the tree. */
START_TEST(an_old_transaction_keeps_its_place)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    registry_connection *old = cluster_connect(world->database, REGISTRY_ROLE_CA);
    ledger_world_append(world, 3);
    begin_with_entry(old, "old");
    ledger_world_append(world, 2);
    ledger_world_advance(world, 0);
    ck_assert_str_eq(cluster_ask(world->superuser, "SELECT count(*) FROM registry.ledger_leaf"),
                     "3");
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.pending, 2);
    assert_ok(registry_commit(old, &err), &err);
    ledger_world_advance(world, 0);
    ck_assert_str_eq(
        cluster_ask(world->superuser,
                    "SELECT string_agg(leaf_index::text, ' ' ORDER BY l.entry_id)"
                    " FROM registry.ledger_leaf l JOIN registry.ledger_entry USING (entry_id)"
                    " WHERE convert_from(body, 'UTF8') LIKE '%\"old\"%'"),
        "3");
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 6);
    registry_connection_free(old);
    ledger_world_free(world);
}

START_TEST(an_old_transaction_that_fails_leaves_no_gap)
{
    ledger_world *world = ledger_world_new();
    registry_connection *old = cluster_connect(world->database, REGISTRY_ROLE_CA);
    begin_with_entry(old, "old");
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    registry_rollback(old);
    ledger_world_advance(world, 0);
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 5);
    registry_connection_free(old);
    ledger_world_free(world);
}

START_TEST(one_sequencer_at_a_time)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    registry_ledger_progress progress;
    registry_connection *other = cluster_connect(world->database, REGISTRY_ROLE_CA);
    ledger_world_append(world, 5);
    assert_ok(registry_begin(other, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_ledger_sequence(other, world->crypto, 0, &progress, &err), &err);
    ck_assert(!progress.is_busy);
    ck_assert_uint_eq(progress.added, 5);
    assert_ok(registry_begin(world->ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_ledger_sequence(world->ca, world->crypto, 0, &progress, &err), &err);
    ck_assert(progress.is_busy);
    registry_rollback(world->ca);
    registry_rollback(other);
    registry_connection_free(other);
    ledger_world_free(world);
}

/* A sequencer that dies between anchor and commit: what it anchored is still true. */
START_TEST(a_head_that_was_not_committed_is_a_beginning_all_the_same)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    registry_ledger_progress progress;
    auth_buf *document = NULL;
    registry_ledger_head head = {.at = CHAIN_NOW, .realm = "test"};
    registry_ledger_signing signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), world->certs,
                                       2};
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    ledger_world_append(world, 6);
    assert_ok(registry_begin(world->ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_ledger_sequence(world->ca, world->crypto, 4, &progress, &err), &err);
    head.tree_size = progress.tree_size;
    head.root = progress.root;
    assert_ok(auth_buf_new(REGISTRY_LEDGER_HEAD_MAX, &document, &err), &err);
    assert_ok(registry_ledger_head_sign(&head, &signing, document, &err), &err);
    assert_ok(registry_anchor_append(world->anchor, auth_buf_bytes(document), &err), &err);
    registry_rollback(world->ca);
    /* Before the next round as well as after it. */
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 5);
    ledger_world_append(world, 3);
    ledger_world_advance(world, 0);
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 14);
    auth_buf_free(document);
    ledger_world_free(world);
}

START_TEST(proofs_from_the_stored_tree)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    ledger_world_append(world, 37);
    ledger_world_advance(world, 0);
    ledger_world_verify(world);
    merkle_hash first = world->summary.root;
    ledger_world_append(world, 100);
    ledger_world_advance(world, 0);
    ledger_world_verify(world);
    merkle_hash second = world->summary.root;
    merkle_source source = {registry_ledger_node, world->auditor};
    merkle_proof proof;
    merkle_hash leaf;
    for (uint64_t i = 0; i < 137; i += 17) {
        assert_ok(merkle_prove_inclusion(world->crypto, &source, i, 137, &proof, &err), &err);
        assert_ok(registry_ledger_node(world->auditor, 0, i, &leaf, &err), &err);
        assert_ok(merkle_verify_inclusion(world->crypto, &leaf, i, 137, &proof, &second, &err),
                  &err);
    }
    assert_ok(merkle_prove_consistency(world->crypto, &source, 37, 137, &proof, &err), &err);
    assert_ok(merkle_verify_consistency(world->crypto, 37, 137, &first, &second, &proof, &err),
              &err);
    assert_fails(registry_ledger_node(world->auditor, 3, 1000, &leaf, &err), AUTH_STATUS_CONFLICT,
                 &err);
    ledger_world_free(world);
}

START_TEST(a_head_of_another_ledger_is_found)
{
    ledger_world *world = ledger_world_new();
    ledger_world *other = ledger_world_new();
    char row[256];
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    other->now += 100;
    ledger_world_append(other, 5);
    ledger_world_advance(other, 0);
    ledger_world_verify_with(world, world->anchor);
    ledger_world_expect_clean(world);
    ledger_world_verify_with(world, other->anchor);
    (void)snprintf(row, sizeof row, "%s:1", other->anchor);
    ledger_world_expect(world, "head", row);
    ledger_world_free(other);
    ledger_world_free(world);
}

/* The anchor file */

static off_t size_of(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 ? file.st_size : -1;
}

START_TEST(an_unfinished_line_of_the_anchor_is_mended)
{
    ledger_world *world = ledger_world_new();
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    off_t whole = size_of(world->anchor);
    FILE *anchor = fopen(world->anchor, "a");
    ck_assert_ptr_nonnull(anchor);
    ck_assert_int_gt(fprintf(anchor, "eyJhbGciOiJFUzI1NiJ9.eyJ2ZXJzaW"), 0);
    ck_assert_int_eq(fclose(anchor), 0);
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    ck_assert_int_lt(size_of(world->anchor), 3 * whole);
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ledger_world_free(world);
}

START_TEST(without_its_anchor_no_head_is_stored)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    registry_ledger_progress progress;
    registry_ledger_round round = {
        .signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), world->certs, 2},
        .realm = "test",
        .anchor = "/nowhere/anchor",
        .now = CHAIN_NOW,
    };
    ledger_world_append(world, 5);
    assert_fails(registry_ledger_advance(world->ca, world->crypto, &round, &progress, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    ck_assert(!registry_connection_is_in_transaction(world->ca));
    ck_assert_str_eq(cluster_ask(world->superuser, "SELECT count(*) FROM registry.ledger_leaf"),
                     "0");
    ledger_world_free(world);
}

/* A dump that is restored into a cluster whose transactions have lower numbers. */
START_TEST(after_a_restore_the_ledger_goes_on)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    registry_ledger_progress progress;
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    ledger_world_append(world, 2);
    /* As pg_restore leaves it: the numbers of the old cluster lie ahead of this one's. */
    cluster_sql(world->superuser, "SET session_replication_role = replica;"
                                  " UPDATE registry.ledger_entry SET xact = '1000000000';"
                                  " UPDATE registry.ledger_head SET next_xact = '1000000001';"
                                  " SET session_replication_role = origin");
    assert_ok(registry_begin(world->ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_fails(registry_ledger_sequence(world->ca, world->crypto, 0, &progress, &err),
                 AUTH_STATUS_CONFLICT, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "auth registry migrate"));
    registry_rollback(world->ca);
    ck_assert_str_eq(cluster_ask(world->superuser, "SELECT registry.rebase_transactions()"), "8");
    ck_assert_str_eq(cluster_ask(world->superuser, "SELECT registry.rebase_transactions()"), "0");
    ledger_world_append(world, 3);
    ledger_world_advance(world, 0);
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 10);
    /* What was rebased is still never changed. */
    ck_assert_str_eq(cluster_ask(world->superuser,
                                 "SELECT count(*) FROM pg_trigger WHERE tgname = 'is_never_changed'"
                                 " AND tgenabled <> 'O'"),
                     "0");
    ledger_world_free(world);
}

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command); /* NOLINT(cert-env33-c) */
}

static void migrate(const char *dir, const char *database)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    size_t applied = 0;
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    assert_ok(registry_embed_conninfo(dir, "auth_owner", database, conninfo, &err), &err);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    assert_ok(registry_migrate(connection, &applied, &err), &err);
    ck_assert_uint_eq(applied, 0);
    registry_connection_free(connection);
}

static registry_connection *connect_to(const char *dir, registry_role role)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = role};
    assert_ok(registry_embed_conninfo(dir, registry_role_name(role), REGISTRY_DATABASE, conninfo,
                                      &err),
              &err);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

/* A real dump, into a real cluster that is younger than the one that it comes from. */
START_TEST(a_dump_goes_on_in_a_new_cluster)
{
    ledger_world *world = ledger_world_new();
    auth_error err;
    char dir[128];
    char dump[160];
    char command[1024];
    char conninfo[REGISTRY_CONNINFO_SIZE];
    /* Each block that writes takes a number of its own. */
    cluster_sql(
        world->superuser,
        "CREATE TEMP TABLE used (number integer); DO $$ BEGIN FOR i IN 1 .. 20000 LOOP"
        " BEGIN INSERT INTO used VALUES (i); EXCEPTION WHEN others THEN NULL; END; END LOOP;"
        " END $$");
    ledger_world_append(world, 5);
    ledger_world_advance(world, 0);
    ledger_world_append(world, 2);
    (void)snprintf(dir, sizeof dir, "%s/restored", cluster_dir());
    (void)snprintf(dump, sizeof dump, "%s/dump", cluster_dir());
    cluster_conninfo(world->database, REGISTRY_SUPERUSER, conninfo);
    (void)snprintf(command, sizeof command,
                   REGISTRY_POSTGRESQL_PROGRAMS "/pg_dump -Fc --dbname=\"%s\" --file=%s", conninfo,
                   dump);
    run(command);
    assert_ok(registry_embed_start(dir, cluster_options(), &err), &err);
    assert_ok(registry_embed_conninfo(dir, REGISTRY_SUPERUSER, REGISTRY_DATABASE, conninfo, &err),
              &err);
    (void)snprintf(command, sizeof command,
                   REGISTRY_POSTGRESQL_PROGRAMS "/pg_restore --exit-on-error --dbname=\"%s\" %s",
                   conninfo, dump);
    run(command);
    registry_connection_free(world->ca);
    registry_connection_free(world->auditor);
    world->ca = connect_to(dir, REGISTRY_ROLE_CA);
    world->auditor = connect_to(dir, REGISTRY_ROLE_AUDITOR);
    registry_ledger_progress progress;
    registry_ledger_round round = {.signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF),
                                               world->certs, 2},
                                   .realm = "test",
                                   .anchor = world->anchor,
                                   .now = CHAIN_NOW + 50};
    assert_fails(registry_ledger_advance(world->ca, world->crypto, &round, &progress, &err),
                 AUTH_STATUS_CONFLICT, &err);
    migrate(dir, REGISTRY_DATABASE);
    ledger_world_append(world, 3);
    ledger_world_advance(world, 0);
    ledger_world_verify(world);
    ledger_world_expect_clean(world);
    ck_assert_uint_eq(world->summary.entries, 10);
    assert_ok(registry_embed_stop(dir, cluster_options(), REGISTRY_EMBED_IMMEDIATE, &err), &err);
    (void)unlink(dump);
    (void)snprintf(command, sizeof command, "rm -rf -- %s", dir);
    run(command);
    ledger_world_free(world);
}

CLUSTER_SUITE("ledger", TEST(an_empty_ledger_is_in_order),
              TEST(the_same_entries_give_the_same_tree), TEST(more_than_one_batch),
              TEST(an_old_transaction_keeps_its_place),
              TEST(an_old_transaction_that_fails_leaves_no_gap), TEST(one_sequencer_at_a_time),
              TEST(a_head_that_was_not_committed_is_a_beginning_all_the_same),
              TEST(proofs_from_the_stored_tree), TEST(a_head_of_another_ledger_is_found),
              TEST(an_unfinished_line_of_the_anchor_is_mended),
              TEST(without_its_anchor_no_head_is_stored), TEST(after_a_restore_the_ledger_goes_on),
              TEST(a_dump_goes_on_in_a_new_cluster))
