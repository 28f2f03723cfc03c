/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bench_cluster.h"

#include "harness/data.h"
#include "registry/bootstrap.h"
#include "registry/embed.h"
#include "registry/migrate.h"
#include "registry/programs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char dir[] = "/tmp/auth-bench-XXXXXX";
static pid_t owner;

static const registry_embed_options options = {
    .settings = "shared_buffers = 256MB\nmax_wal_size = 4GB\nmax_connections = 40\n",
    .is_throwaway = true,
};

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

static void remove_cluster(void)
{
    auth_error err;
    char command[64];
    if (getpid() != owner)
        return;
    if (registry_embed_stop(dir, &options, REGISTRY_EMBED_IMMEDIATE, &err) != AUTH_STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", dir);
}

static void end(int signal_number)
{
    (void)signal_number;
    exit(EXIT_FAILURE);
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
    owner = getpid();
    (void)atexit(remove_cluster);
    /* harness_die aborts. */
    (void)signal(SIGABRT, end);
    (void)signal(SIGINT, end);
    (void)signal(SIGTERM, end);
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

static void write_script(const char *script, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(script, file) < 0 || fclose(file) != 0)
        harness_die("%s: cannot be written", path);
}

double bench_pgbench(const char *script, int clients, double seconds)
{
    char text[REGISTRY_CONNINFO_SIZE];
    char path[64];
    char command[REGISTRY_CONNINFO_SIZE + 256];
    char line[256];
    double rate = 0;
    (void)snprintf(path, sizeof path, "%s/script", dir);
    write_script(script, path);
    conninfo(REGISTRY_SUPERUSER, text);
    (void)snprintf(command, sizeof command,
                   REGISTRY_POSTGRESQL_PROGRAMS "/pgbench -n -M prepared -c %d -j %d -T %d -f %s"
                                                " \"%s\" 2>&1",
                   clients, clients > 1 ? 2 : 1, (int)(seconds + 0.5), path, text);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        harness_die("pgbench: cannot be run");
    while (fgets(line, sizeof line, pipe) != NULL) {
        if (sscanf(line, "tps = %lf", &rate) == 1)
            continue;
        if (strstr(line, "error") != NULL || strstr(line, "ERROR") != NULL)
            harness_die("pgbench: %s", line);
    }
    if (pclose(pipe) != 0 || rate <= 0)
        harness_die("pgbench: it failed");
    return rate;
}

double bench_wall(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
