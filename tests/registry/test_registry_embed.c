/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is an embedded cluster made whole or not at all, started and stopped any number of times, closed
 * to the network and to strangers, and is a directory of somebody else's left alone?
 */
#include "harness/cluster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[512]; /* a directory of the test's own, in the cluster's, which is removed */

static void make_place(const char *name)
{
    (void)snprintf(place, sizeof place, "%s/%s", cluster_dir(), name);
}

static void write_file(const char *folder, const char *name)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fclose(file), 0);
}

static pid_t pid_of(const char *dir)
{
    auth_error err;
    pid_t pid = -1;
    assert_ok(registry_embed_find(dir, &pid, &err), &err);
    return pid;
}

static registry_connection *connect_to(const char *dir)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    assert_ok(registry_embed_conninfo(dir, "auth_owner", REGISTRY_DATABASE, conninfo, &err), &err);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

START_TEST(a_cluster_syncs_sums_pages_and_logs_no_statement)
{
    static const char *const settings[][2] = {
        {"fsync", "on"},
        {"full_page_writes", "on"},
        {"synchronous_commit", "on"},
        {"data_checksums", "on"},
        {"wal_level", "replica"},
        {"listen_addresses", ""},
        {"server_encoding", "UTF8"},
        {"password_encryption", "scram-sha-256"},
        {"log_statement", "none"},
        {"log_min_error_statement", "panic"},
        {"log_min_duration_statement", "-1"},
        {"log_parameter_max_length", "0"},
        {"log_parameter_max_length_on_error", "0"},
        {"log_error_verbosity", "terse"},
        {"logging_collector", "on"},
    };
    registry_connection *connection = cluster_connect_superuser("postgres");
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "current_setting('%s')", settings[i][0]);
        ck_assert_str_eq(cluster_ask(connection, sql), settings[i][1]);
    }
    ck_assert_str_eq(cluster_ask(connection,
                                 "SELECT datcollate FROM pg_database WHERE datname = 'auth'"),
                     "C");
    ck_assert_str_eq(cluster_ask(connection, "SELECT pg_get_userbyid(datdba) FROM pg_database"
                                             " WHERE datname = 'auth'"),
                     "auth_owner");
    registry_connection_free(connection);
}
END_TEST

START_TEST(the_socket_and_the_data_are_closed_to_strangers)
{
    static const char *const closed[] = {"data", "log", "run"};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct stat folder;
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", cluster_dir(), closed[i]);
        ck_assert_int_eq(stat(path, &folder), 0);
        ck_assert_uint_eq(folder.st_mode & 0777, 0700);
        ck_assert(geteuid() != 0 || folder.st_uid != 0);
    }
}
END_TEST

START_TEST(starting_twice_is_starting_once)
{
    auth_error err;
    pid_t before = pid_of(cluster_dir());
    ck_assert_int_gt(before, 1);
    assert_ok(registry_embed_start(cluster_dir(), cluster_options(), &err), &err);
    ck_assert_int_eq(pid_of(cluster_dir()), before);
}
END_TEST

START_TEST(a_cluster_stops_and_comes_back_with_what_it_held)
{
    auth_error err;
    make_place("again");
    for (int i = 0; i < 2; i++) {
        registry_embed_mode mode = i == 0 ? REGISTRY_EMBED_FAST : REGISTRY_EMBED_IMMEDIATE;
        assert_ok(registry_embed_start(place, cluster_options(), &err), &err);
        registry_connection *connection = connect_to(place);
        cluster_sql(connection, i == 0 ? "CREATE SCHEMA kept" : "SELECT 1");
        ck_assert_str_eq(cluster_ask(connection,
                                     "SELECT count(*) FROM pg_namespace WHERE nspname = 'kept'"),
                         "1");
        registry_connection_free(connection);
        assert_ok(registry_embed_stop(place, cluster_options(), mode, &err), &err);
        ck_assert_int_eq(pid_of(place), 0);
    }
    /* Stopping what does not run is fine. */
    assert_ok(registry_embed_stop(place, cluster_options(), REGISTRY_EMBED_FAST, &err), &err);
    char conninfo[REGISTRY_CONNINFO_SIZE];
    assert_fails(registry_embed_conninfo(place, "auth_ca", "auth", conninfo, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
}
END_TEST

START_TEST(what_an_interrupted_start_left_is_made_again)
{
    auth_error err;
    char making[600];
    make_place("interrupted");
    ck_assert_int_eq(mkdir(place, 0711), 0);
    write_file(place, "cluster");
    (void)snprintf(making, sizeof making, "%s/making", place);
    ck_assert_int_eq(mkdir(making, 0700), 0);
    assert_ok(registry_embed_start(place, cluster_options(), &err), &err);
    ck_assert_int_ne(access(making, F_OK), 0);
    registry_connection_free(connect_to(place));
    assert_ok(registry_embed_stop(place, cluster_options(), REGISTRY_EMBED_IMMEDIATE, &err), &err);
}
END_TEST

START_TEST(a_long_path_gets_a_socket_elsewhere)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    make_place("a-name-that-is-so-long-that-the-path-of-a-socket-below-it-has-more-octets-than-"
               "the-system-allows-for-one");
    assert_ok(registry_embed_start(place, cluster_options(), &err), &err);
    assert_ok(registry_embed_conninfo(place, "auth_ca", "auth", conninfo, &err), &err);
    ck_assert_ptr_null(strstr(conninfo, place));
    registry_connection_free(connect_to(place));

    char folder[256];
    const char *host = strchr(conninfo, '\'') + 1;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)strcspn(host, "'"), host);
    struct stat found;
    ck_assert_int_eq(stat(folder, &found), 0);
    ck_assert_uint_eq(found.st_mode & 0777, 0700);
    assert_ok(registry_embed_stop(place, cluster_options(), REGISTRY_EMBED_IMMEDIATE, &err), &err);
    /* A crash leaves the socket, so the directory stays until a start and a clean stop. */
    assert_ok(registry_embed_start(place, cluster_options(), &err), &err);
    assert_ok(registry_embed_stop(place, cluster_options(), REGISTRY_EMBED_FAST, &err), &err);
    make_place("");
}
END_TEST

START_TEST(a_directory_of_somebody_else_is_left_alone)
{
    auth_error err;
    make_place("other");
    ck_assert_int_eq(mkdir(place, 0711), 0);
    write_file(place, "diary");
    assert_fails(registry_embed_start(place, cluster_options(), &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "diary"));
    assert_fails(registry_embed_stop(place, NULL, REGISTRY_EMBED_FAST, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
}
END_TEST

START_TEST(a_way_that_the_server_cannot_go_is_named)
{
    auth_error err;
    char inner[600];
    if (geteuid() != 0)
        return; /* only root starts the server as somebody else */
    make_place("closed");
    ck_assert_int_eq(mkdir(place, 0700), 0);
    (void)snprintf(inner, sizeof inner, "%s/cluster", place);
    assert_fails(registry_embed_start(inner, cluster_options(), &err), AUTH_STATUS_DENIED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "chmod"));
}
END_TEST

START_TEST(paths_that_postgresql_cannot_take_are_refused)
{
    static const char *const names[] = {"with,comma", "with'quote",   "with\"quote", "with$dollar",
                                        "with`tick",  "with\\stroke", "with\nline"};
    auth_error err;
    make_place(names[_i]);
    assert_fails(registry_embed_start(place, cluster_options(), &err), AUTH_STATUS_INVALID, &err);
}
END_TEST

START_TEST(a_space_in_the_path_is_fine)
{
    auth_error err;
    make_place("with space");
    assert_ok(registry_embed_start(place, cluster_options(), &err), &err);
    registry_connection_free(connect_to(place));
    assert_ok(registry_embed_stop(place, cluster_options(), REGISTRY_EMBED_IMMEDIATE, &err), &err);
}
END_TEST

START_TEST(missing_programs_and_accounts_are_named)
{
    auth_error err;
    registry_embed_options options = *cluster_options();
    make_place("programs");
    options.programs = "/nowhere";
    assert_fails(registry_embed_start(place, &options, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "postgresql-15"));
    if (geteuid() != 0)
        return;
    options = *cluster_options();
    options.account = "nobody-at-all";
    assert_fails(registry_embed_start(place, &options, &err), AUTH_STATUS_NOT_FOUND, &err);
}
END_TEST

START_TEST(a_server_that_does_not_start_says_why)
{
    auth_error err;
    registry_embed_options options = *cluster_options();
    make_place("settings");
    options.settings = "shared_buffers = nonsense\n";
    assert_fails(registry_embed_start(place, &options, &err), AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert_msg(strstr(err.text, "postgresql.conf") != NULL, "%s", err.text);
    /* And starts when that is mended. */
    assert_ok(registry_embed_start(place, cluster_options(), &err), &err);
    assert_ok(registry_embed_stop(place, cluster_options(), REGISTRY_EMBED_IMMEDIATE, &err), &err);
}
END_TEST

START_TEST(a_cluster_of_another_version_is_refused)
{
    auth_error err;
    char path[600];
    make_place("old");
    ck_assert_int_eq(mkdir(place, 0711), 0);
    write_file(place, "cluster");
    (void)snprintf(path, sizeof path, "%s/data", place);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/data/PG_VERSION", place);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("13\n", file);
    ck_assert_int_eq(fclose(file), 0);
    assert_fails(registry_embed_start(place, cluster_options(), &err), AUTH_STATUS_UNSUPPORTED,
                 &err);
}
END_TEST

START_TEST(a_role_of_nobody_here_needs_a_password)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = cluster_connect_superuser("postgres");
    cluster_sql(connection, "CREATE ROLE stranger LOGIN");
    registry_connection_free(connection);
    connection = NULL;
    cluster_conninfo(REGISTRY_DATABASE, "stranger", conninfo);
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    auth_status status = registry_connection_open(&settings, &connection, &err);
    ck_assert_int_ne(status, AUTH_STATUS_OK);
    ck_assert_ptr_null(connection);
}
END_TEST

CLUSTER_SUITE(
    "registry_embed", TEST(a_cluster_syncs_sums_pages_and_logs_no_statement),
    TEST(the_socket_and_the_data_are_closed_to_strangers), TEST(starting_twice_is_starting_once),
    TEST(a_cluster_stops_and_comes_back_with_what_it_held),
    TEST(what_an_interrupted_start_left_is_made_again), TEST(a_long_path_gets_a_socket_elsewhere),
    TEST(a_directory_of_somebody_else_is_left_alone),
    TEST(a_way_that_the_server_cannot_go_is_named),
    TEST_EACH(paths_that_postgresql_cannot_take_are_refused, 7), TEST(a_space_in_the_path_is_fine),
    TEST(missing_programs_and_accounts_are_named), TEST(a_server_that_does_not_start_says_why),
    TEST(a_cluster_of_another_version_is_refused), TEST(a_role_of_nobody_here_needs_a_password))
