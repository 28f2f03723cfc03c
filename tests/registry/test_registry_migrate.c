/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a database get each version of the schema once, whole or not at all, and is one that this
 * program does not know left alone?
 */
#include "harness/cluster.h"
#include "registry/migration.h"

#include <pthread.h>
#include <string.h>

#define ROW(number, text)                                                                          \
    {                                                                                              \
        .version = (number), .name = "test", .sha256 = {(number)}, .sql = (text)                   \
    }

static const registry_migration good_rows[] = {
    ROW(1, "CREATE TABLE one (n bigint)"),
    ROW(2, "CREATE TABLE two (n bigint); INSERT INTO two VALUES (1)"),
    ROW(3, "ALTER TABLE one ADD COLUMN m bigint"),
};

static char database[CLUSTER_NAME_SIZE];
static registry_connection *connection;

static void open_empty(const char *user)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    if (database[0] == '\0')
        cluster_empty_database(database);
    cluster_conninfo(database, user, conninfo);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
}

static auth_status apply(const registry_migration *rows, size_t count, size_t *applied,
                         auth_error *err)
{
    migration_table table = {rows, count};
    return migration_apply(connection, &table, applied, err);
}

static registry_schema compare(const registry_migration *rows, size_t count)
{
    auth_error err;
    registry_schema schema;
    migration_table table = {rows, count};
    assert_ok(migration_compare(connection, &table, registry_deadline_after(5000), &schema, &err),
              &err);
    return schema;
}

START_TEST(versions_are_applied_once_and_in_order)
{
    auth_error err;
    size_t applied = 9;
    open_empty("auth_owner");
    ck_assert_int_eq(compare(good_rows, 3).state, REGISTRY_SCHEMA_MISSING);
    assert_ok(apply(good_rows, 2, &applied, &err), &err);
    ck_assert_uint_eq(applied, 2);
    ck_assert_int_eq(compare(good_rows, 2).state, REGISTRY_SCHEMA_CURRENT);
    ck_assert_int_eq(compare(good_rows, 3).state, REGISTRY_SCHEMA_OLDER);
    assert_ok(apply(good_rows, 3, &applied, &err), &err);
    ck_assert_uint_eq(applied, 1);
    assert_ok(apply(good_rows, 3, &applied, &err), &err);
    ck_assert_uint_eq(applied, 0);
    ck_assert_str_eq(cluster_ask(connection, "SELECT count(*) FROM two"), "1");
    ck_assert_str_eq(cluster_ask(connection,
                                 "SELECT string_agg(version::text, ' ' ORDER BY version)"
                                 " FROM schema_migration"),
                     "1 2 3");
    ck_assert_str_eq(cluster_ask(connection,
                                 "SELECT tableowner FROM pg_tables"
                                 " WHERE schemaname = 'registry' AND tablename = 'one'"),
                     "auth_owner");
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_superuser_migrates_as_the_owner)
{
    auth_error err;
    size_t applied = 0;
    open_empty(REGISTRY_SUPERUSER);
    assert_ok(apply(good_rows, 3, &applied, &err), &err);
    ck_assert_str_eq(cluster_ask(connection,
                                 "SELECT tableowner FROM pg_tables"
                                 " WHERE schemaname = 'registry' AND tablename = 'one'"),
                     "auth_owner");
    registry_connection_free(connection);
}
END_TEST

START_TEST(another_role_is_refused)
{
    auth_error err;
    size_t applied = 0;
    open_empty("auth_owner");
    cluster_sql(connection, "SELECT 1");
    registry_connection_free(connection);
    open_empty("auth_ca");
    assert_fails(apply(good_rows, 1, &applied, &err), AUTH_STATUS_DENIED, &err);
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_version_that_fails_leaves_nothing_and_the_ones_before_stay)
{
    static const registry_migration rows[] = {
        ROW(1, "CREATE TABLE one (n bigint)"),
        ROW(2, "CREATE TABLE two (n bigint); SELECT 1 / 0"),
    };
    auth_error err;
    size_t applied = 9;
    open_empty("auth_owner");
    assert_fails(apply(rows, 2, &applied, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "0002-test"));
    ck_assert_uint_eq(applied, 1);
    ck_assert_str_eq(cluster_ask(connection, "to_regclass('registry.two')"), "");
    ck_assert_int_eq(compare(rows, 2).version, 1);
    /* The lock is free again, and the mended file goes in. */
    assert_ok(apply(good_rows, 2, &applied, &err), &err);
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_file_that_commits_itself_is_refused)
{
    static const registry_migration rows[] = {ROW(1, "CREATE TABLE one (n bigint); COMMIT")};
    auth_error err;
    size_t applied = 0;
    open_empty("auth_owner");
    auth_status status = apply(rows, 1, &applied, &err);
    ck_assert_int_eq(status, AUTH_STATUS_INTERNAL);
    ck_assert_ptr_nonnull(strstr(err.text, "COMMIT"));
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_changed_file_is_refused)
{
    registry_migration rows[3];
    auth_error err;
    size_t applied = 0;
    memcpy(rows, good_rows, sizeof rows);
    open_empty("auth_owner");
    assert_ok(apply(rows, 2, &applied, &err), &err);
    rows[0].sha256[31] ^= 1;
    ck_assert_int_eq(compare(rows, 3).state, REGISTRY_SCHEMA_CHANGED);
    ck_assert_int_eq(compare(rows, 3).changed, 1);
    assert_fails(apply(rows, 3, &applied, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_uint_eq(applied, 0);
    ck_assert_int_eq(compare(good_rows, 3).version, 2);
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_version_that_is_missing_between_two_is_found)
{
    auth_error err;
    size_t applied = 0;
    open_empty("auth_owner");
    assert_ok(apply(good_rows, 3, &applied, &err), &err);
    cluster_sql(connection, "DELETE FROM schema_migration WHERE version = 2");
    ck_assert_int_eq(compare(good_rows, 3).state, REGISTRY_SCHEMA_CHANGED);
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_newer_schema_is_refused)
{
    auth_error err;
    size_t applied = 0;
    open_empty("auth_owner");
    assert_ok(apply(good_rows, 3, &applied, &err), &err);
    ck_assert_int_eq(compare(good_rows, 2).state, REGISTRY_SCHEMA_NEWER);
    assert_fails(apply(good_rows, 2, &applied, &err), AUTH_STATUS_UNSUPPORTED, &err);
    registry_connection_free(connection);
}
END_TEST

static auth_status open_for(const char *user, registry_connection **out, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_OCSP};
    cluster_conninfo(database, user, conninfo);
    return registry_connection_open(&settings, out, err);
}

START_TEST(a_program_refuses_a_schema_that_is_not_its_own)
{
    auth_error err;
    registry_connection *other = NULL;
    cluster_empty_database(database);
    assert_fails(open_for("auth_owner", &other, &err), AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "auth registry migrate"));
    cluster_database(database);
    assert_ok(open_for("auth_ocsp", &other, &err), &err);
    registry_connection_free(other);
    open_empty("auth_owner");
    cluster_sql(connection, "INSERT INTO schema_migration (version, name, sha256)"
                            " SELECT 9999, 'later', sha256('')");
    assert_fails(open_for("auth_ocsp", &other, &err), AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "newer"));
    registry_connection_free(connection);
}
END_TEST

static void *migrate_too(void *applied)
{
    auth_error err;
    registry_connection *own = NULL;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    migration_table table = {good_rows, 3};
    cluster_conninfo(database, "auth_owner", conninfo);
    if (registry_connection_open(&settings, &own, &err) == AUTH_STATUS_OK &&
        migration_apply(own, &table, applied, &err) != AUTH_STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    registry_connection_free(own);
    return NULL;
}

START_TEST(two_at_once_apply_each_version_once)
{
    pthread_t threads[4];
    size_t applied[4] = {0};
    cluster_empty_database(database);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, migrate_too, &applied[i]), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(applied[0] + applied[1] + applied[2] + applied[3], 3);
}
END_TEST

START_TEST(the_compiled_in_schema_is_whole)
{
    auth_error err;
    registry_schema schema;
    cluster_database(database);
    open_empty("auth_owner");
    assert_ok(registry_schema_read(connection, &schema, &err), &err);
    ck_assert_int_eq(schema.state, REGISTRY_SCHEMA_CURRENT);
    ck_assert_int_eq(schema.version, schema.known);
    ck_assert_int_gt(schema.version, 0);
    /* What is in the table is what the server sees. */
    for (size_t i = 0; i < registry_migrations.count; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "SELECT encode(sha256, 'hex') FROM schema_migration WHERE version = %zu",
                       i + 1);
        ck_assert_uint_eq(strlen(cluster_ask(connection, sql)), 64);
    }
    registry_connection_free(connection);
}
END_TEST

CLUSTER_SUITE("registry_migrate", TEST(versions_are_applied_once_and_in_order),
              TEST(a_superuser_migrates_as_the_owner), TEST(another_role_is_refused),
              TEST(a_version_that_fails_leaves_nothing_and_the_ones_before_stay),
              TEST(a_file_that_commits_itself_is_refused), TEST(a_changed_file_is_refused),
              TEST(a_version_that_is_missing_between_two_is_found), TEST(a_newer_schema_is_refused),
              TEST(a_program_refuses_a_schema_that_is_not_its_own),
              TEST(two_at_once_apply_each_version_once), TEST(the_compiled_in_schema_is_whole))
