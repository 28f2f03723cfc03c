/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a change to a new master key bring every row and every index over, wherever it is killed,
 * and can each row be opened under the generation that it names at any moment?
 */
#include "harness/person_vectors.h"
#include "harness/realm_office.h"
#include "ledger_world.h"
#include "registry/reseal.h"
#include "registry/seal.h"
#include "registry/seal_number.h"

#include <auth/request.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CITIZENS_MAX 40
#define REQUESTS 12
#define PATH "/centre/shaanxi/"

typedef struct sealed_world {
    ledger_world *ledger;
    registry_keyring *first; /* generation 1 */
    registry_keyring *both;
    size_t citizens;
    auth_person_number numbers[CITIZENS_MAX];
    auth_person_number asked; /* the person of all requests */
    auth_buf *document;
} sealed_world;

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

static void insert(sealed_world *world, const char *format, ...) AUTH_PRINTF(2, 3);
static void insert(sealed_world *world, const char *format, ...)
{
    static char sql[1 << 17];
    va_list arguments;
    va_start(arguments, format);
    ck_assert_int_lt(vsnprintf(sql, sizeof sql, format, arguments), (int)sizeof sql);
    va_end(arguments);
    cluster_sql(world->ledger->superuser, sql);
}

static const char *hex_of(auth_bytes octets, char *out)
{
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", octets.data[i]);
    return out;
}

static const char *seal_hex(sealed_world *world, registry_seal_field field, auth_bytes row,
                            auth_bytes value, char *out)
{
    auth_error err;
    auth_buf *sealed = new_buf(value.len + REGISTRY_SEAL_OVERHEAD);
    registry_seal_place place = {field, row, PATH, 1};
    assert_ok(registry_seal(world->first, world->ledger->crypto, &place, value, sealed, &err),
              &err);
    (void)hex_of(auth_buf_bytes(sealed), out);
    auth_buf_free(sealed);
    return out;
}

static const char *index_hex(sealed_world *world, const registry_keyring *ring, uint32_t generation,
                             const auth_person_number *number, char out[65])
{
    auth_error err;
    uint8_t index[32];
    assert_ok(registry_person_index(ring, world->ledger->crypto, generation, number, index, &err),
              &err);
    return hex_of((auth_bytes){index, 32}, out);
}

static void uuid_of(uint8_t kind, size_t number, uint8_t out[16], char text[37])
{
    memset(out, 0, 16);
    out[0] = kind;
    out[15] = (uint8_t)number;
    registry_uuid_format(out, text);
}

static void add_citizen(sealed_world *world, size_t number)
{
    static char sealed[2][1024];
    char id[37];
    char index[65];
    uint8_t uuid[16];
    auth_error err;
    auth_buf *value = new_buf(100);
    uuid_of(1, number, uuid, id);
    assert_ok(registry_seal_number_write(&world->numbers[number], value, &err), &err);
    insert(world,
           "INSERT INTO citizen (citizen_id, office_no, person_index, sealed_number, sealed_name,"
           " seal_key, created_at) VALUES ('%s', 2, '\\x%s', '\\x%s', '\\x%s', 1, now())",
           id, index_hex(world, world->first, 1, &world->numbers[number], index),
           seal_hex(world, REGISTRY_SEAL_FIELD_CITIZEN_NUMBER, (auth_bytes){uuid, 16},
                    auth_buf_bytes(value), sealed[0]),
           seal_hex(world, REGISTRY_SEAL_FIELD_CITIZEN_NAME, (auth_bytes){uuid, 16},
                    BYTES("Li Xiaolong"), sealed[1]));
    auth_buf_free(value);
}

static void add_citizens(sealed_world *world)
{
    person_vectors vectors = person_vectors_load();
    auth_person_rules rules = {.today = {2026, 1, 1}};
    for (size_t i = 0; i < vectors.count && world->citizens < CITIZENS_MAX; i++) {
        auth_person_number *number = &world->numbers[world->citizens];
        bool is_new = vectors.rows[i].is_valid &&
                      auth_person_number_parse(vectors.rows[i].number, &rules, number, NULL) ==
                          AUTH_STATUS_OK;
        for (size_t k = 0; is_new && k < world->citizens; k++)
            is_new = !auth_person_number_equal(number, &world->numbers[k]);
        if (is_new)
            add_citizen(world, world->citizens++);
    }
    person_vectors_free(&vectors);
    ck_assert_uint_gt(world->citizens, 20);
}

static void add_request(sealed_world *world, size_t number)
{
    static char sealed[1 << 16];
    char id[37];
    char index[65];
    uint8_t uuid[16];
    uuid_of(2, number, uuid, id);
    insert(world,
           "INSERT INTO request (request_id, kind, office_no, item_count, payload_hash, document,"
           " seal_key, created_at, expires_at) VALUES ('%s', 1, 2, 1, sha256('%zu'), '\\x%s', 1,"
           " now(), now() + interval '1 day'); INSERT INTO request_item (request_id, item,"
           " person_index) VALUES ('%s', 0, '\\x%s')",
           id, number,
           seal_hex(world, REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT, (auth_bytes){uuid, 16},
                    auth_buf_bytes(world->document), sealed),
           id, index_hex(world, world->first, 1, &world->asked, index));
}

static void add_officer(sealed_world *world)
{
    static char sealed[1024];
    char index[65];
    insert(world,
           "INSERT INTO officer (officer_id, office_no, role, person_index, sealed_name, seal_key,"
           " appointed_at) VALUES ('wang', 2, 1, '\\x%s', '\\x%s', 1, now())",
           index_hex(world, world->first, 1, &world->asked, index),
           seal_hex(world, REGISTRY_SEAL_FIELD_OFFICER_NAME, BYTES("wang"), BYTES("Wang Fang"),
                    sealed));
}

/* A document about the citizen of the realm; the same in all requests. */
static void make_document(sealed_world *world)
{
    office_realm *realm = office_new(AUTH_KEY_TYPE_ED25519);
    auth_request_draft draft = office_draft(realm, AUTH_REQUEST_KIND_ENROL);
    auth_buf *payload = office_payload(&draft);
    world->asked = draft.items[0].person;
    world->document =
        office_sign(realm, auth_buf_bytes(payload), office_signers(AUTH_REQUEST_KIND_ENROL));
    auth_buf_free(payload);
    office_free(realm);
}

static void make_rings(sealed_world *world)
{
    auth_error err;
    registry_crypto *crypto = world->ledger->crypto;
    assert_ok(registry_keyring_new(OFFICE_REALM, &world->first, &err), &err);
    assert_ok(registry_keyring_new(OFFICE_REALM, &world->both, &err), &err);
    for (uint32_t generation = 1; generation <= 2; generation++) {
        auth_buf *text = new_buf(4096);
        assert_ok(registry_master_key_new(crypto, OFFICE_REALM, generation, NULL, text, &err),
                  &err);
        auth_bytes octets = auth_buf_bytes(text);
        if (generation == 1)
            assert_ok(registry_keyring_add(world->first, crypto, octets, NULL, &err), &err);
        assert_ok(registry_keyring_add(world->both, crypto, octets, NULL, &err), &err);
        auth_buf_free(text);
    }
}

static sealed_world *new_world(void)
{
    auth_error err;
    sealed_world *world = calloc(1, sizeof *world);
    ck_assert_ptr_nonnull(world);
    world->ledger = ledger_world_new();
    make_rings(world);
    make_document(world);
    assert_ok(registry_keyring_adopt(world->ledger->ca, world->first, world->ledger->crypto, &err),
              &err);
    insert(world, "INSERT INTO office (office_id, path, region, name, opened_at)"
                  " VALUES ('centre', '/centre/', '000000', 'Centre', now());"
                  "INSERT INTO office (office_id, parent_no, path, region, name, opened_at)"
                  " VALUES ('shaanxi', 1, '/centre/shaanxi/', '610000', 'Shaanxi', now())");
    add_citizens(world);
    for (size_t i = 0; i < REQUESTS; i++)
        add_request(world, i);
    add_officer(world);
    return world;
}

static void free_world(sealed_world *world)
{
    auth_buf_free(world->document);
    registry_keyring_free(world->first);
    registry_keyring_free(world->both);
    ledger_world_free(world->ledger);
    free(world);
}

/* Every row opens under the generation that it names, and is indexed by it. */

static auth_buf *open_column(sealed_world *world, const char *sql, registry_seal_field field,
                             auth_bytes row, uint32_t generation)
{
    static uint8_t sealed[1 << 16];
    auth_error err;
    auth_buf *value = NULL;
    registry_seal_place place = {field, row, PATH, generation};
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
        uuid_of(1, i, uuid, id);
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
                         index_hex(world, world->both, generation, &number, index));
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
    (void)index_hex(world, world->both, 2, &world->asked, index);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM registry.request_item WHERE person_index = '\\x%s'",
                   index);
    ck_assert_int_eq(atoi(cluster_ask(superuser, sql)), REQUESTS);
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
    sealed_world *world = new_world();
    check_citizens(world);
    registry_reseal_summary summary = reseal_all(world, batches[_i]);
    ck_assert_uint_eq(summary.requests, REQUESTS);
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
    free_world(world);
}

/* What a killed process had begun is not there, and what it had committed stays. */
START_TEST(wherever_it_is_killed_it_goes_on)
{
    sealed_world *world = new_world();
    uint64_t before = 0;
    for (unsigned kill_at = 2; kill_at <= 30; kill_at += 14) {
        char sql[256];
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
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
    free_world(world);
}

/* A row that does not open is named and left; the key that it needs is not retired. */
START_TEST(a_row_that_does_not_open_is_left)
{
    sealed_world *world = new_world();
    insert(world, "UPDATE citizen SET sealed_name = set_byte(sealed_name, 20,"
                  " get_byte(sealed_name, 20) # 1) WHERE citizen_id ="
                  " '01000000-0000-0000-0000-000000000003'");
    registry_reseal_summary summary = reseal_all(world, 0);
    ck_assert_uint_eq(summary.left, 1);
    ck_assert_uint_eq(summary.retired, 0);
    ck_assert_uint_eq(summary.citizens, world->citizens - 1);
    check_citizens(world);
    free_world(world);
}

START_TEST(a_wrong_key_seals_nothing)
{
    sealed_world *world = new_world();
    auth_error err;
    registry_crypto *crypto = world->ledger->crypto;
    registry_keyring *wrong = NULL;
    registry_keyring *newer = NULL;
    registry_reporter reporter = {.find = NULL};
    registry_reseal_summary summary;
    assert_ok(registry_keyring_new(OFFICE_REALM, &wrong, &err), &err);
    assert_ok(registry_keyring_new(OFFICE_REALM, &newer, &err), &err);
    assert_fails(registry_keyring_adopt(world->ledger->ca, wrong, crypto, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    auth_buf *text = new_buf(4096);
    assert_ok(registry_master_key_new(crypto, OFFICE_REALM, 1, NULL, text, &err), &err);
    assert_ok(registry_keyring_add(wrong, crypto, auth_buf_bytes(text), NULL, &err), &err);
    auth_buf_truncate(text, 0);
    assert_ok(registry_master_key_new(crypto, OFFICE_REALM, 3, NULL, text, &err), &err);
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
    free_world(world);
}

CLUSTER_SUITE("reseal", TEST_EACH(everything_changes_to_the_new_key, 3),
              TEST(wherever_it_is_killed_it_goes_on), TEST(a_row_that_does_not_open_is_left),
              TEST(a_wrong_key_seals_nothing))
