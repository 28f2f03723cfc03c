/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a standby, a line, a server or a disk fails in the middle: is nothing called done that may
 * be lost, is the rest told with a remedy, and does work go on afterwards?
 */
#include "harness/standby.h"
#include "registry/migrate.h"
#include "registry/revocation.h"
#include "registry/session.h"
#include "registry/transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define COMMIT_TIMEOUT_MS 1500
#define WAITS_FOR_STANDBY                                                                          \
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'auth_ca'"

static char database[CLUSTER_NAME_SIZE];
static char conninfo[REGISTRY_CONNINFO_SIZE];
static registry_connection *superuser;

static registry_settings settings(void)
{
    return (registry_settings){
        .conninfo = conninfo,
        .roles = REGISTRY_ROLE_CA,
        .commit_timeout_ms = COMMIT_TIMEOUT_MS,
    };
}

static void set_up(void)
{
    cluster_database(database);
    cluster_conninfo(database, "auth_ca", conninfo);
    superuser = cluster_connect_superuser(database);
    cluster_sql(superuser, "CREATE TABLE registry.probe (id bigint PRIMARY KEY, filler text);"
                           "GRANT ALL ON registry.probe TO auth_ca");
}

static registry_connection *connect_as_ca(void)
{
    auth_error err;
    registry_connection *connection = NULL;
    registry_settings how = settings();
    assert_ok(registry_connection_open(&how, &connection, &err), &err);
    return connection;
}

static auth_status run_text(registry_connection *connection, const char *sql, auth_error *err)
{
    return session_query(connection, "TEST", sql, registry_deadline_after(20000), NULL, err);
}

static auth_status insert(registry_connection *connection, int64_t id, auth_error *err)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "INSERT INTO probe VALUES (%lld)", (long long)id);
    return run_text(connection, sql, err);
}

/* A commit in a thread of its own. */
typedef struct commit_call {
    registry_connection *connection;
    int64_t id;
    auth_status status;
    auth_error err;
} commit_call;

static void *commit_one(void *context)
{
    commit_call *call = context;
    call->status = registry_begin(call->connection, REGISTRY_READ_COMMITTED, &call->err);
    if (call->status == AUTH_STATUS_OK)
        call->status = insert(call->connection, call->id, &call->err);
    if (call->status == AUTH_STATUS_OK)
        call->status = registry_commit(call->connection, &call->err);
    return NULL;
}

/* Commits against a standby that does not answer, and does something to it meanwhile. */
static auth_status commit_while(const char *sql, bool kills)
{
    pthread_t thread;
    commit_call call = {.connection = connect_as_ca(), .id = 2};
    standby_freeze();
    ck_assert_int_eq(pthread_create(&thread, NULL, commit_one, &call), 0);
    cluster_wait(superuser, WAITS_FOR_STANDBY, "1");
    if (kills)
        standby_kill(superuser);
    if (sql != NULL)
        ck_assert_str_eq(cluster_ask(superuser, sql), "1");
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(registry_connection_is_broken(call.connection), call.status != AUTH_STATUS_OK);
    registry_connection_free(call.connection);
    return call.status;
}

static void expect_commit(int64_t id)
{
    commit_call call = {.connection = connect_as_ca(), .id = id};
    (void)commit_one(&call);
    ck_assert_msg(call.status == AUTH_STATUS_OK, "%s", call.err.text);
    registry_connection_free(call.connection);
}

/* Which server a connection string of two hosts leads to, the standby named first. */
static const char *server_of_two(void)
{
    auth_error err;
    char hosts[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = hosts, .takes_any_schema = true};
    (void)snprintf(hosts, sizeof hosts,
                   "host='%s,%s/run' user=" REGISTRY_SUPERUSER
                   " dbname=%s target_session_attrs=read-write",
                   standby_host(), cluster_dir(), database);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    const char *folder =
        cluster_ask(connection, "SELECT current_setting('unix_socket_directories')");
    registry_connection_free(connection);
    return folder;
}

START_TEST(of_two_hosts_the_one_that_takes_writes_is_used)
{
    char primary[512];
    set_up();
    standby_start(superuser);
    (void)snprintf(primary, sizeof primary, "%s/run", cluster_dir());
    ck_assert_str_eq(server_of_two(), primary);
    standby_promote();
    ck_assert_str_eq(server_of_two(), standby_host());
    standby_remove(superuser);
    ck_assert_str_eq(server_of_two(), primary);
    registry_connection_free(superuser);
}
END_TEST

static registry_knowledge ask_standby(void)
{
    auth_error err;
    char standby[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_knowledge knowledge;
    registry_settings settings = {.conninfo = standby, .roles = REGISTRY_ROLE_OCSP};
    (void)snprintf(standby, sizeof standby, "host=%s user=auth_ocsp dbname=%s", standby_host(),
                   database);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    assert_ok(registry_revocation_know(connection, &knowledge, &err), &err);
    registry_connection_free(connection);
    return knowledge;
}

/* The time of the last transaction that it has replayed, and not of when it was asked. */
START_TEST(a_standby_tells_up_to_when_it_knows_the_registry)
{
    set_up();
    standby_start(superuser);
    expect_commit(1);
    auth_time before = (auth_time)strtoll(
        cluster_ask(superuser, "SELECT floor(extract(epoch FROM now()))::bigint"), NULL, 10);
    expect_commit(2);
    registry_knowledge known = ask_standby();
    ck_assert(known.is_standby);
    ck_assert_int_ge(known.as_of, before);
    expect_commit(3);
    ck_assert_int_ge(ask_standby().as_of, known.as_of);
    standby_promote();
    ck_assert_msg(!ask_standby().is_standby, "a server that takes writes calls itself a standby");
    standby_remove(superuser);
    registry_connection_free(superuser);
}
END_TEST

START_TEST(a_commit_whose_standby_dies_is_unknown)
{
    static const struct {
        const char *sql;
        bool kills;
    } ways[] = {
        {NULL, true},
        {"SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
         true},
        {"SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
         false},
        {"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
         " WHERE wait_event = 'SyncRep'",
         true},
    };
    set_up();
    standby_start(superuser);
    expect_commit(1);
    auth_status status = commit_while(ways[_i].sql, ways[_i].kills);
    ck_assert_str_eq(auth_status_name(status), "unknown");
    standby_remove(superuser);
    /* The server without its standby goes on, and shows the row that a standby would not have. */
    expect_commit(3);
    cluster_wait(superuser, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM registry.probe",
                 "1 2 3");
    registry_connection_free(superuser);
}
END_TEST

/* What the stream's work and look-up share. */
typedef struct stream_item {
    int64_t id;
} stream_item;

static auth_status insert_item(registry_connection *connection, void *context, auth_error *err)
{
    return insert(connection, ((stream_item *)context)->id, err);
}

static auth_status find_item(registry_connection *connection, void *context, bool *is_done,
                             auth_error *err)
{
    char id[24];
    const char *values[] = {id};
    AUTH_AUTO(registry_result) *result = NULL;
    (void)snprintf(id, sizeof id, "%lld", (long long)((stream_item *)context)->id);
    auth_status status =
        session_query_params(connection, "TEST", "SELECT 1 FROM probe WHERE id = $1", values, 1,
                             registry_deadline_after(5000), &result, err);
    if (status == AUTH_STATUS_OK)
        *is_done = registry_result_rows(result) == 1;
    return status;
}

typedef struct transact_call {
    registry_pool *pool;
    registry_transaction transaction;
    auth_status status;
    auth_error err;
} transact_call;

static void *transact_one(void *context)
{
    transact_call *call = context;
    call->status = registry_transact(call->pool, &call->transaction, &call->err);
    return NULL;
}

static transact_call new_call(stream_item *item, unsigned timeout_ms)
{
    auth_error err;
    registry_settings how = settings();
    transact_call call = {.transaction = {.work = insert_item,
                                          .lookup = find_item,
                                          .context = item,
                                          .timeout_ms = timeout_ms}};
    assert_ok(registry_pool_new(&how, 4, &call.pool, &err), &err);
    return call;
}

START_TEST(an_unknown_commit_is_found_out_when_the_standby_is_back)
{
    pthread_t thread;
    stream_item item = {7};
    set_up();
    standby_start(superuser);
    transact_call call = new_call(&item, 60000);
    standby_freeze();
    ck_assert_int_eq(pthread_create(&thread, NULL, transact_one, &call), 0);
    cluster_wait(superuser, WAITS_FOR_STANDBY, "1");
    standby_kill(superuser);
    /* The interrupted commit is shown by this server, but it would be lost with it. */
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(pg_terminate_backend(pid))"
                                            " FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
                     "1");
    /* So the look-up's own commit waits as well. */
    cluster_wait(superuser,
                 "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                 " AND usename = 'auth_ca'",
                 "true");
    standby_restart(superuser);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_msg(call.status == AUTH_STATUS_OK, "%s", call.err.text);
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(*) FROM registry.probe WHERE id = 7"),
                     "1");
    registry_pool_free(call.pool);
    standby_remove(superuser);
    registry_connection_free(superuser);
}
END_TEST

START_TEST(an_unknown_commit_stays_unknown_without_the_standby)
{
    pthread_t thread;
    stream_item item = {8};
    set_up();
    standby_start(superuser);
    transact_call call = new_call(&item, 4000);
    standby_freeze();
    ck_assert_int_eq(pthread_create(&thread, NULL, transact_one, &call), 0);
    cluster_wait(superuser, WAITS_FOR_STANDBY, "1");
    standby_kill(superuser);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_str_eq(auth_status_name(call.status), "unknown");
    registry_pool_free(call.pool);
    standby_remove(superuser);
    registry_connection_free(superuser);
}
END_TEST

static auth_status cut_and_insert(registry_connection *connection, void *context, auth_error *err)
{
    static bool is_cut;
    if (!is_cut) {
        is_cut = true;
        (void)shutdown(PQsocket(connection->pq), SHUT_RDWR);
    }
    return insert_item(connection, context, err);
}

START_TEST(a_cut_line_is_an_error_and_the_work_is_repeated)
{
    auth_error err;
    stream_item item = {1};
    set_up();
    registry_connection *connection = connect_as_ca();
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    (void)shutdown(PQsocket(connection->pq), SHUT_RDWR);
    assert_fails(insert(connection, 1, &err), AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "try again"));
    registry_connection_free(connection);
    transact_call call = new_call(&item, 10000);
    call.transaction.work = cut_and_insert;
    (void)transact_one(&call);
    ck_assert_msg(call.status == AUTH_STATUS_OK, "%s", call.err.text);
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(*) FROM registry.probe"), "1");
    registry_pool_free(call.pool);
    registry_connection_free(superuser);
}
END_TEST

/* Stops the server as a crash would, a few times, while others work. */
#define CRASHES 3
#define ITEMS 400

static _Atomic bool is_crashing;

static void *crash_server(void *context)
{
    auth_error *err = context;
    auth_status status = AUTH_STATUS_OK;
    for (int i = 0; status == AUTH_STATUS_OK && i < CRASHES; i++) {
        status =
            registry_embed_stop(cluster_dir(), cluster_options(), REGISTRY_EMBED_IMMEDIATE, err);
        if (status == AUTH_STATUS_OK)
            status = registry_embed_start(cluster_dir(), cluster_options(), err);
        registry_deadline_pause(registry_deadline_after(200), 200);
    }
    is_crashing = false;
    return status == AUTH_STATUS_OK ? NULL : err;
}

START_TEST(what_was_acknowledged_survives_crashes_of_the_server)
{
    auth_error err;
    pthread_t thread;
    void *failure = NULL;
    stream_item item = {0};
    set_up();
    registry_connection_free(superuser);
    transact_call call = new_call(&item, 60000);
    is_crashing = true;
    ck_assert_int_eq(pthread_create(&thread, NULL, crash_server, &err), 0);
    while (is_crashing || item.id < ITEMS) {
        item.id++;
        (void)transact_one(&call);
        assert_each(call.status == AUTH_STATUS_OK, "%lld: %s", (long long)item.id, call.err.text);
    }
    ck_assert_int_eq(pthread_join(thread, &failure), 0);
    ck_assert_msg(failure == NULL, "%s", err.text);
    registry_pool_free(call.pool);
    superuser = cluster_connect_superuser(database);
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) = %lld AND max(id) = %lld FROM registry.probe",
                   (long long)item.id, (long long)item.id);
    ck_assert_str_eq(cluster_ask(superuser, sql), "true");
    registry_connection_free(superuser);
}
END_TEST

/* Mounts a small file system for the server's account; false where that cannot be done. */
static bool mount_small(const char *size, char folder[256])
{
    char options[64];
    struct stat owner;
    (void)snprintf(folder, 256, "%s/data", cluster_dir());
    ck_assert_int_eq(stat(folder, &owner), 0);
    (void)snprintf(folder, 256, "%s/full", cluster_dir());
    (void)snprintf(options, sizeof options, "size=%s,mode=0711", size);
    ck_assert(mkdir(folder, 0711) == 0 || errno == EEXIST);
    if (geteuid() != 0 || mount("tmpfs", folder, "tmpfs", 0, options) != 0) {
        printf("# skipped: a small file system cannot be mounted here\n");
        return false;
    }
    ck_assert_int_eq(chown(folder, owner.st_uid, owner.st_gid), 0);
    return true;
}

START_TEST(a_full_disk_is_an_error_with_a_remedy_and_work_goes_on)
{
    auth_error err;
    char folder[256];
    char sql[512];
    if (!mount_small("2m", folder))
        return;
    set_up();
    (void)snprintf(sql, sizeof sql, "CREATE TABLESPACE small LOCATION '%s'", folder);
    cluster_sql(superuser, sql);
    cluster_sql(superuser, "ALTER TABLE registry.probe ALTER filler SET STORAGE plain;"
                           "ALTER TABLE registry.probe SET TABLESPACE small");
    registry_connection *connection = connect_as_ca();
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_fails(run_text(connection,
                          "INSERT INTO probe SELECT n, repeat('x', 4000)"
                          " FROM generate_series(1, 2000) n",
                          &err),
                 AUTH_STATUS_IO, &err);
    ck_assert_str_eq(registry_connection_sqlstate(connection), "53100");
    registry_rollback(connection);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    cluster_sql(superuser, "ALTER TABLE registry.probe SET TABLESPACE pg_default");
    assert_ok(insert(connection, 1, &err), &err);
    assert_ok(registry_commit(connection, &err), &err);
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(*) FROM registry.probe"), "1");
    registry_connection_free(connection);
    cluster_sql(superuser, "DROP TABLESPACE small");
    registry_connection_free(superuser);
    /* A process of the server that is about to end may still be in there. */
    ck_assert_int_eq(umount2(folder, MNT_DETACH), 0);
}
END_TEST

/* Leaves room for less than one more segment of the server's log. */
static void fill(const char *folder, char filler[300])
{
    static const char block[1 << 16];
    struct statvfs space;
    (void)snprintf(filler, 300, "%s/filler", folder);
    int file = open(filler, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ck_assert_int_ge(file, 0);
    do {
        ck_assert_int_eq(write(file, block, sizeof block), sizeof block);
        ck_assert_int_eq(fstatvfs(file, &space), 0);
    } while (space.f_bavail * space.f_bsize > 4U << 20);
    ck_assert_int_eq(close(file), 0);
}

static auth_status insert_much(registry_connection *connection, void *context, auth_error *err)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO probe SELECT %lld, string_agg(sha256(n::text::bytea)::text, '')"
                   " FROM generate_series(1, 8000) n",
                   (long long)((stream_item *)context)->id);
    return run_text(connection, sql, err);
}

static void open_other(const char *dir, registry_connection **out)
{
    auth_error err;
    char text[REGISTRY_CONNINFO_SIZE];
    registry_settings how = {.conninfo = text, .takes_any_schema = true};
    assert_ok(registry_embed_conninfo(dir, "auth_owner", REGISTRY_DATABASE, text, &err), &err);
    assert_ok(registry_connection_open(&how, out, &err), &err);
}

START_TEST(a_full_disk_under_the_log_loses_nothing_acknowledged)
{
    auth_error err;
    size_t applied = 0;
    char folder[256];
    char filler[300];
    char dir[300];
    char sql[128];
    registry_connection *owner = NULL;
    registry_embed_options options = *cluster_options();
    options.settings = "shared_buffers = 16MB\nmax_wal_size = 32MB\nmin_wal_size = 32MB\n";
    if (!mount_small("160m", folder))
        return;
    (void)snprintf(dir, sizeof dir, "%s/other", folder);
    assert_ok(registry_embed_start(dir, &options, &err), &err);
    open_other(dir, &owner);
    assert_ok(registry_migrate(owner, &applied, &err), &err);
    cluster_sql(owner, "CREATE TABLE registry.probe (id bigint PRIMARY KEY, filler text);"
                       "GRANT ALL ON registry.probe TO auth_ca");
    registry_connection_free(owner);
    assert_ok(registry_embed_conninfo(dir, "auth_ca", REGISTRY_DATABASE, conninfo, &err), &err);
    fill(folder, filler);
    stream_item item = {0};
    transact_call call = new_call(&item, 3000);
    call.transaction.work = insert_much;
    do {
        item.id++;
        (void)transact_one(&call);
        assert_each(item.id < 500, "the disk does not fill");
    } while (call.status == AUTH_STATUS_OK);
    /* A server that cannot write its log stops; the last item may be there or not. */
    ck_assert_msg(call.status == AUTH_STATUS_UNKNOWN || call.status == AUTH_STATUS_UNAVAILABLE ||
                      call.status == AUTH_STATUS_IO,
                  "%s", call.err.text);
    ck_assert_int_eq(unlink(filler), 0);
    assert_ok(registry_embed_stop(dir, &options, REGISTRY_EMBED_IMMEDIATE, &err), &err);
    assert_ok(registry_embed_start(dir, &options, &err), &err);
    owner = NULL;
    open_other(dir, &owner);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) = %lld FROM probe WHERE id < %lld",
                   (long long)item.id - 1, (long long)item.id);
    ck_assert_str_eq(cluster_ask(owner, sql), "true");
    registry_connection_free(owner);
    item.id++;
    (void)transact_one(&call);
    ck_assert_msg(call.status == AUTH_STATUS_OK, "%s", call.err.text);
    registry_pool_free(call.pool);
    assert_ok(registry_embed_stop(dir, &options, REGISTRY_EMBED_IMMEDIATE, &err), &err);
    /* A process of the server that is about to end may still be in there. */
    ck_assert_int_eq(umount2(folder, MNT_DETACH), 0);
}
END_TEST

CLUSTER_SUITE("registry_faults", TEST_EACH(a_commit_whose_standby_dies_is_unknown, 4),
              TEST(of_two_hosts_the_one_that_takes_writes_is_used),
              TEST(a_standby_tells_up_to_when_it_knows_the_registry),
              TEST(an_unknown_commit_is_found_out_when_the_standby_is_back),
              TEST(an_unknown_commit_stays_unknown_without_the_standby),
              TEST(a_cut_line_is_an_error_and_the_work_is_repeated),
              TEST(what_was_acknowledged_survives_crashes_of_the_server),
              TEST(a_full_disk_is_an_error_with_a_remedy_and_work_goes_on),
              TEST(a_full_disk_under_the_log_loses_nothing_acknowledged))
