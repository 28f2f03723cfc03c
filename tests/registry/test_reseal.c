/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a change to a new master key bring every row and every index over, wherever it is killed,
 * and can each row be opened under the generation that it names at any moment?
 */
#include "sealed_world.h"

#include "harness/child.h"
#include "registry/reseal.h"
#include "registry/seal.h"
#include "registry/seal_number.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

/* Every row opens under the generation that it names, and is indexed by it. */

static auth_buf *open_column(sealed_world *world, const char *sql, registry_seal_field field,
                             auth_bytes row, uint32_t generation)
{
    static uint8_t sealed[1 << 16];
    auth_error err;
    auth_buf *value = NULL;
    registry_seal_place place = {field, row, SEALED_PATH, generation};
    static char hex[1 << 17];
    (void)snprintf(hex, sizeof hex, "%s", cluster_ask(world->ledger->superuser, sql));
    assert_ok(registry_unseal(world->both, world->ledger->crypto, &place,
                              harness_hex(hex, sealed, sizeof sealed), &value, &err),
              &err);
    return value;
}

static uint32_t generation_of(sealed_world *world, const char *table, const char *key,
                              const char *id)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT seal_key FROM registry.%s WHERE %s = '%s'", table, key,
                   id);
    return (uint32_t)strtoul(cluster_ask(world->ledger->superuser, sql), NULL, 10);
}

static void check_citizens(sealed_world *world)
{
    for (size_t i = 0; i < world->citizens; i++) {
        char id[37];
        char sql[256];
        char index[65];
        uint8_t uuid[16];
        auth_error err;
        auth_person_number number;
        sealed_world_id(1, i, uuid, id);
        uint32_t generation = generation_of(world, "citizen", "citizen_id", id);
        (void)snprintf(sql, sizeof sql,
                       "SELECT encode(sealed_number, 'hex') FROM registry.citizen"
                       " WHERE citizen_id = '%s'",
                       id);
        auth_buf *value = open_column(world, sql, REGISTRY_SEAL_FIELD_CITIZEN_NUMBER,
                                      (auth_bytes){uuid, 16}, generation);
        assert_ok(registry_seal_number_read(auth_buf_bytes(value), &number, &err), &err);
        ck_assert(auth_person_number_equal(&number, &world->numbers[i]));
        (void)snprintf(sql, sizeof sql,
                       "SELECT encode(person_index, 'hex') FROM registry.citizen"
                       " WHERE citizen_id = '%s'",
                       id);
        ck_assert_str_eq(cluster_ask(world->ledger->superuser, sql),
                         sealed_world_index(world, world->both, generation, &number, index));
        auth_buf_free(value);
    }
}

static void check_officer(sealed_world *world)
{
    uint32_t generation = generation_of(world, "officer", "officer_id", "wang");
    auth_buf *name = open_column(world, "SELECT encode(sealed_name, 'hex') FROM registry.officer",
                                 REGISTRY_SEAL_FIELD_OFFICER_NAME, BYTES("wang"), generation);
    assert_bytes(auth_buf_bytes(name), BYTES("Wang Fang"));
    auth_buf_free(name);
}

static void check_finished(sealed_world *world)
{
    char sql[512];
    char index[65];
    registry_connection *superuser = world->ledger->superuser;
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(*) FROM registry.seal_key"
                                            " WHERE seal_key = 1 AND retired_at IS NOT NULL"),
                     "1");
    (void)sealed_world_index(world, world->both, 2, &world->asked, index);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM registry.request_item WHERE person_index = '\\x%s'",
                   index);
    ck_assert_int_eq(atoi(cluster_ask(superuser, sql)), SEALED_REQUESTS);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM registry.officer WHERE person_index = '\\x%s'", index);
    ck_assert_str_eq(cluster_ask(superuser, sql), "1");
    ck_assert_str_eq(cluster_ask(superuser,
                                 "SELECT count(*) FROM registry.request WHERE revision <> 1"),
                     "0");
}

static registry_reseal_summary reseal_all(sealed_world *world, unsigned batch)
{
    auth_error err;
    registry_reporter reporter = {.find = NULL};
    registry_reseal_summary summary;
    assert_ok(registry_reseal(world->ledger->ca, world->both, world->ledger->crypto, batch,
                              &reporter, &summary, &err),
              &err);
    ck_assert_uint_eq(reporter.found, summary.left);
    return summary;
}

START_TEST(everything_changes_to_the_new_key)
{
    static const unsigned batches[] = {0, 1, 5};
    sealed_world *world = sealed_world_new();
    check_citizens(world);
    registry_reseal_summary summary = reseal_all(world, batches[_i]);
    ck_assert_uint_eq(summary.requests, SEALED_REQUESTS);
    ck_assert_uint_eq(summary.citizens, world->citizens);
    ck_assert_uint_eq(summary.officers, 1);
    ck_assert_uint_eq(summary.left, 0);
    ck_assert_uint_eq(summary.retired, 1);
    ck_assert_str_eq(cluster_ask(world->ledger->superuser,
                                 "SELECT min(seal_key) FROM registry.citizen"),
                     "2");
    check_citizens(world);
    check_officer(world);
    check_finished(world);
    /* Once more there is nothing to do. */
    summary = reseal_all(world, batches[_i]);
    ck_assert_uint_eq(summary.requests + summary.citizens + summary.officers, 0);
    sealed_world_free(world);
}

/* What a killed process had begun is not there, and what it had committed stays. */
START_TEST(wherever_it_is_killed_it_goes_on)
{
    sealed_world *world = sealed_world_new();
    uint64_t before = 0;
    for (unsigned kill_at = 2; kill_at <= 30; kill_at += 14) {
        char sql[256];
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            harness_child_begin();
            /* A line of its own: that of the parent stays the parent's. */
            world->ledger->ca = cluster_connect(world->ledger->database, REGISTRY_ROLE_CA);
            (void)reseal_all(world, 1);
            _exit(0);
        }
        (void)snprintf(sql, sizeof sql,
                       "SELECT (SELECT count(*) FROM registry.request WHERE seal_key = 2) +"
                       " (SELECT count(*) FROM registry.citizen WHERE seal_key = 2) >= %u",
                       kill_at);
        cluster_wait(world->ledger->superuser, sql, "true");
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        /* The server may still be at the last statement. */
        cluster_wait(world->ledger->superuser,
                     "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
                     "3");
        check_citizens(world);
        check_officer(world);
        uint64_t now = strtoull(cluster_ask(world->ledger->superuser,
                                            "SELECT (SELECT count(*) FROM registry.request WHERE"
                                            " seal_key = 2) + (SELECT count(*) FROM"
                                            " registry.citizen WHERE seal_key = 2)"),
                                NULL, 10);
        ck_assert_uint_ge(now, before);
        before = now;
    }
    registry_reseal_summary summary = reseal_all(world, 0);
    ck_assert_uint_eq(summary.left, 0);
    check_citizens(world);
    check_officer(world);
    check_finished(world);
    sealed_world_free(world);
}

/* A row that does not open is named and left; the key that it needs is not retired. */
START_TEST(a_row_that_does_not_open_is_left)
{
    sealed_world *world = sealed_world_new();
    sealed_world_sql(world, "UPDATE citizen SET sealed_name = set_byte(sealed_name, 20,"
                            " get_byte(sealed_name, 20) # 1) WHERE citizen_id ="
                            " '01000000-0000-0000-0000-000000000003'");
    registry_reseal_summary summary = reseal_all(world, 0);
    ck_assert_uint_eq(summary.left, 1);
    ck_assert_uint_eq(summary.retired, 0);
    ck_assert_uint_eq(summary.citizens, world->citizens - 1);
    check_citizens(world);
    sealed_world_free(world);
}

START_TEST(a_wrong_key_seals_nothing)
{
    sealed_world *world = sealed_world_new();
    auth_error err;
    registry_crypto *crypto = world->ledger->crypto;
    registry_keyring *wrong = NULL;
    registry_keyring *newer = NULL;
    registry_reporter reporter = {.find = NULL};
    registry_reseal_summary summary;
    assert_ok(registry_keyring_new(registry_keyring_realm(world->both), &wrong, &err), &err);
    assert_ok(registry_keyring_new(registry_keyring_realm(world->both), &newer, &err), &err);
    assert_fails(registry_keyring_adopt(world->ledger->ca, wrong, crypto, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    auth_buf *text = new_buf(4096);
    assert_ok(registry_master_key_new(crypto, registry_keyring_realm(world->both), 1, NULL, text,
                                      &err),
              &err);
    assert_ok(registry_keyring_add(wrong, crypto, auth_buf_bytes(text), NULL, &err), &err);
    auth_buf_truncate(text, 0);
    assert_ok(registry_master_key_new(crypto, registry_keyring_realm(world->both), 3, NULL, text,
                                      &err),
              &err);
    assert_ok(registry_keyring_add(newer, crypto, auth_buf_bytes(text), NULL, &err), &err);
    assert_fails(registry_keyring_check(world->ledger->ca, wrong, crypto, &err), AUTH_STATUS_DENIED,
                 &err);
    assert_fails(registry_keyring_adopt(world->ledger->ca, wrong, crypto, &err), AUTH_STATUS_DENIED,
                 &err);
    assert_fails(registry_reseal(world->ledger->ca, newer, crypto, 0, &reporter, &summary, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    check_citizens(world);
    auth_buf_free(text);
    registry_keyring_free(newer);
    registry_keyring_free(wrong);
    sealed_world_free(world);
}

CLUSTER_SUITE("reseal", TEST_EACH(everything_changes_to_the_new_key, 3),
              TEST(wherever_it_is_killed_it_goes_on), TEST(a_row_that_does_not_open_is_left),
              TEST(a_wrong_key_seals_nothing))
