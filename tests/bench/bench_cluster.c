/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bench_cluster.h"

#include "harness/data.h"
#include "registry/bootstrap.h"
#include "registry/embed.h"
#include "registry/migrate.h"
#include "registry/process.h"
#include "registry/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char dir[] = "/tmp/auth-bench-XXXXXX";

static const registry_embed_options options = {
    .settings = "shared_buffers = 256MB\nmax_wal_size = 4GB\nmax_connections = 40\n",
    .is_throwaway = true,
};

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

const char *bench_cluster_dir(void) { return dir; }

static void remove_cluster(void)
{
    auth_error err;
    if (registry_embed_stop(dir, &options, REGISTRY_EMBED_IMMEDIATE, &err) != AUTH_STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    (void)execl("/bin/rm", "rm", "-rf", "--", dir, (char *)NULL);
    _exit(1);
}

/* Waits for the end of the benchmark, whatever ends it, then clears up. */
static void watch(int gone)
{
    char octet = 0;
    (void)setsid();
    (void)close(STDOUT_FILENO);
    while (read(gone, &octet, 1) < 0 && errno == EINTR)
        ;
    remove_cluster();
}

static pid_t watcher;
static int alive; /* the end of a pipe that the benchmark holds */

static void stop_watching(void)
{
    (void)close(alive);
    (void)waitpid(watcher, NULL, 0);
}

static void start_watching(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        harness_die("no pipe");
    watcher = fork();
    if (watcher < 0)
        harness_die("no process");
    if (watcher == 0) {
        (void)close(ends[1]);
        watch(ends[0]);
    }
    (void)close(ends[0]);
    alive = ends[1];
    (void)atexit(stop_watching);
}

static void conninfo(const char *user, char out[REGISTRY_CONNINFO_SIZE])
{
    auth_error err;
    must(registry_embed_conninfo(dir, user, REGISTRY_DATABASE, out, &err), &err);
}

static void migrate(void)
{
    auth_error err;
    char text[REGISTRY_CONNINFO_SIZE];
    size_t applied = 0;
    AUTH_AUTO(registry_connection) *connection = NULL;
    registry_settings settings = {.conninfo = text, .takes_any_schema = true};
    conninfo(registry_role_name(REGISTRY_ROLE_OWNER), text);
    must(registry_connection_open(&settings, &connection, &err), &err);
    must(registry_migrate(connection, &applied, &err), &err);
}

void bench_cluster_start(const char *sql)
{
    auth_error err;
    if (mkdtemp(dir) == NULL || chmod(dir, 0711) != 0)
        harness_die("%s: no place for a cluster", dir);
    start_watching();
    must(registry_embed_start(dir, &options, &err), &err);
    migrate();
    bench_cluster_sql(sql);
}

PGconn *bench_cluster_log_in(void)
{
    char text[REGISTRY_CONNINFO_SIZE];
    conninfo(REGISTRY_SUPERUSER, text);
    PGconn *pq = PQconnectdb(text);
    if (PQstatus(pq) != CONNECTION_OK)
        harness_die("%s", PQerrorMessage(pq));
    return pq;
}

void bench_cluster_sql(const char *sql)
{
    PGconn *pq = bench_cluster_log_in();
    PGresult *result = PQexec(pq, sql);
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        harness_die("%s", PQresultErrorMessage(result));
    PQclear(result);
    PQfinish(pq);
}

double bench_cluster_ask(const char *sql)
{
    PGconn *pq = bench_cluster_log_in();
    PGresult *result = PQexec(pq, sql);
    if (PQntuples(result) != 1)
        harness_die("%s", PQresultErrorMessage(result));
    double answer = strtod(PQgetvalue(result, 0, 0), NULL);
    PQclear(result);
    PQfinish(pq);
    return answer;
}

registry_connection *bench_cluster_connect(registry_role role)
{
    auth_error err;
    char text[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = text, .roles = role};
    conninfo(registry_role_name(role), text);
    must(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

registry_pool *bench_cluster_pool(registry_role role)
{
    auth_error err;
    char text[REGISTRY_CONNINFO_SIZE];
    registry_pool *pool = NULL;
    registry_settings settings = {.conninfo = text, .roles = role};
    conninfo(registry_role_name(role), text);
    must(registry_pool_new(&settings, 1, &pool, &err), &err);
    return pool;
}

/* What registry/connection.c sets and what speed depends on. */
#define SAME_SETTINGS " options='-c plan_cache_mode=force_generic_plan -c jit=off'"

static void write_script(const char *script, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(script, file) < 0 || fclose(file) != 0 || chmod(path, 0644) != 0)
        harness_die("%s: cannot be written", path);
}

static const char pgbench[] = REGISTRY_POSTGRESQL_PROGRAMS "/pgbench";

double bench_pgbench(const char *script, int clients, double seconds)
{
    auth_error err;
    registry_account as;
    char text[REGISTRY_CONNINFO_SIZE];
    char same[REGISTRY_CONNINFO_SIZE + sizeof SAME_SETTINGS];
    char path[64];
    char numbers[2][16];
    char tail[REGISTRY_PROCESS_TAIL_SIZE];
    double rate = 0;
    int code = 0;
    (void)snprintf(path, sizeof path, "%s/script", dir);
    (void)snprintf(numbers[0], sizeof numbers[0], "%d", clients);
    (void)snprintf(numbers[1], sizeof numbers[1], "%d", (int)(seconds + 0.5));
    write_script(script, path);
    conninfo(REGISTRY_SUPERUSER, text);
    (void)snprintf(same, sizeof same, "%s" SAME_SETTINGS, text);
    const char *const words[] = {pgbench, "-n",       "-M", "prepared",
                                 "-c",    numbers[0], "-j", clients > 1 ? "2" : "1",
                                 "-T",    numbers[1], "-f", path,
                                 same,    NULL};
    must(registry_account_find("postgres", &as, &err), &err);
    must(registry_process_run(words, &as, &code, tail, &err), &err);
    /* The rate is the last thing that it says. */
    if (code != 0 || strncmp(tail, "tps = ", 6) != 0)
        harness_die("pgbench: %s", tail);
    rate = strtod(tail + 6, NULL);
    return rate;
}

double bench_wall(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
