/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/cluster.h"

#include "registry/bootstrap.h"
#include "registry/deadline.h"
#include "registry/migrate.h"
#include "registry/result.h"
#include "registry/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEMPLATE "auth_template"
#define WAIT_MS 10000

/*
 * A cluster that lives for seconds need not survive a loss of power, but it syncs all the same:
 * that is part of what is tested.
 */
static const registry_embed_options options = {
    .settings = "max_connections = 60\nshared_buffers = 32MB\nautovacuum_naptime = 1d\n"
                "log_min_messages = log\nmax_prepared_transactions = 0\n",
    .is_throwaway = true,
};

static char dir[128];
static unsigned databases; /* made by this process */

const char *cluster_dir(void) { return dir; }

const registry_embed_options *cluster_options(void) { return &options; }

/* A test that failed may have left a standby running, whose data is in a folder of dir. */
static void stop_standbys(void)
{
    DIR *folder = opendir(dir);
    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[512];
        char line[32] = "";
        (void)snprintf(path, sizeof path, "%s/%s/postmaster.pid", dir, entry->d_name);
        FILE *file = strcmp(entry->d_name, "data") == 0 ? NULL : fopen(path, "r");
        if (file == NULL)
            continue;
        if (fgets(line, sizeof line, file) != NULL && strtol(line, NULL, 10) > 1)
            (void)kill((pid_t)strtol(line, NULL, 10), SIGQUIT);
        (void)fclose(file);
    }
    (void)closedir(folder);
}

static void remove_dir(void)
{
    auth_error err;
    stop_standbys();
    if (registry_embed_stop(dir, &options, REGISTRY_EMBED_IMMEDIATE, &err) != AUTH_STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    /* What a test that failed has left mounted. */
    char mounted[256];
    (void)snprintf(mounted, sizeof mounted, "%s/full", dir);
    (void)umount2(mounted, MNT_DETACH);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/rm", "rm", "-rf", "--", dir, (char *)NULL);
        _exit(1);
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
}

static pid_t watcher;
static pid_t owner; /* who started it */
static int alive;   /* the end of a pipe that all processes of the test hold */

/* Waits for the end of every process that holds the pipe, then clears up. */
static void watch(int gone)
{
    char octet = 0;
    (void)setsid();
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    while (read(gone, &octet, 1) < 0 && errno == EINTR)
        ;
    remove_dir();
    _exit(0);
}

/* Check's children end by exit too, and inherit this. */
static void stop_watching(void)
{
    if (getpid() != owner)
        return;
    (void)close(alive);
    while (waitpid(watcher, NULL, 0) < 0 && errno == EINTR)
        ;
}

static bool start_watching(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    watcher = fork();
    if (watcher < 0)
        return false;
    if (watcher == 0) {
        (void)close(ends[1]);
        watch(ends[0]);
    }
    (void)close(ends[0]);
    alive = ends[1];
    owner = getpid();
    return true;
}

/* Where the server's account may go, which need not be the build folder. */
static bool make_dir(void)
{
    const char *parent = getenv("AUTH_TEST_CLUSTERS");
    (void)snprintf(dir, sizeof dir, "%s/auth-cluster-XXXXXX", parent == NULL ? "/tmp" : parent);
    if (mkdtemp(dir) == NULL)
        return false;
    return geteuid() != 0 || chmod(dir, 0711) == 0;
}

static auth_status migrate_template(auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    size_t applied = 0;
    AUTH_AUTO(registry_connection) *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    auth_status status =
        registry_embed_conninfo(dir, REGISTRY_SUPERUSER, "postgres", conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = registry_bootstrap(conninfo, TEMPLATE, err);
    if (status == AUTH_STATUS_OK)
        status = registry_embed_conninfo(dir, registry_role_name(REGISTRY_ROLE_OWNER), TEMPLATE,
                                         conninfo, err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_migrate(connection, &applied, err);
    return status;
}

bool cluster_start(void)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    if (!make_dir() || !start_watching()) {
        fprintf(stderr, "%s: no place for a cluster: %s\n", dir, strerror(errno));
        return false;
    }
    (void)atexit(stop_watching);
    auth_status status = registry_embed_start(dir, &options, &err);
    if (status == AUTH_STATUS_OK)
        status = migrate_template(&err);
    if (status != AUTH_STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    return status == AUTH_STATUS_OK;
}

void cluster_conninfo(const char *database, const char *user, char out[REGISTRY_CONNINFO_SIZE])
{
    auth_error err;
    assert_ok(registry_embed_conninfo(dir, user, database, out, &err), &err);
}

registry_connection *cluster_connect_superuser(const char *database)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .takes_any_schema = true};
    cluster_conninfo(database, REGISTRY_SUPERUSER, conninfo);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

registry_connection *cluster_connect(const char *database, registry_role role)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = role};
    cluster_conninfo(database, registry_role_name(role), conninfo);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

static void make_database(const char *template, char out[CLUSTER_NAME_SIZE])
{
    char sql[256];
    registry_connection *connection = cluster_connect_superuser("postgres");
    (void)snprintf(out, CLUSTER_NAME_SIZE, "test_%d_%u", (int)getpid(), databases++);
    (void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s OWNER auth_owner", out,
                   template);
    cluster_sql(connection, sql);
    registry_connection_free(connection);
}

void cluster_database(char out[CLUSTER_NAME_SIZE]) { make_database(TEMPLATE, out); }

void cluster_empty_database(char out[CLUSTER_NAME_SIZE]) { make_database("template0", out); }

static registry_deadline patience(void) { return registry_deadline_after(WAIT_MS); }

void cluster_sql(registry_connection *connection, const char *sql)
{
    auth_error err;
    assert_ok(session_query(connection, "test", sql, patience(), NULL, &err), &err);
}

const char *cluster_ask(registry_connection *connection, const char *sql)
{
    static char answer[4096];
    char text[8192];
    auth_error err;
    AUTH_AUTO(registry_result) *result = NULL;
    (void)snprintf(text, sizeof text, "SELECT (%s)::text", sql);
    assert_ok(session_query_params(connection, "test", text, NULL, 0, patience(), &result, &err),
              &err);
    bool is_empty = registry_result_rows(result) == 0 || registry_value_is_null(result, 0, 0);
    (void)snprintf(answer, sizeof answer, "%s", is_empty ? "" : registry_value_text(result, 0, 0));
    assert_ok(registry_result_check(result, &err), &err);
    return answer;
}

void cluster_wait(registry_connection *connection, const char *sql, const char *answer)
{
    registry_deadline deadline = patience();
    while (strcmp(cluster_ask(connection, sql), answer) != 0) {
        ck_assert_msg(!registry_deadline_has_passed(deadline), "%s is not %s but %s", sql, answer,
                      cluster_ask(connection, sql));
        registry_deadline_pause(deadline, 10);
    }
}
