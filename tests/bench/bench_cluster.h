/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PostgreSQL cluster for a benchmark, with one database that has the schema, and pgbench on it.
 * All of these end the program when something goes wrong; the cluster goes with the program.
 */
#ifndef BENCH_CLUSTER_H
#define BENCH_CLUSTER_H

#include "registry/pool.h"

#include <libpq-fe.h>

/* Starts the cluster, as a small server would be set up, and runs SQL as the superuser. */
void bench_cluster_start(const char *sql);

/* The cluster's folder, which goes with it. */
const char *bench_cluster_dir(void);

/* Runs SQL as the superuser. */
void bench_cluster_sql(const char *sql);

/* Asks for one number. */
double bench_cluster_ask(const char *sql);

/* Logs in as the superuser, to be ended with PQfinish. */
PGconn *bench_cluster_log_in(void);

registry_connection *bench_cluster_connect(registry_role role);
registry_pool *bench_cluster_pool(registry_role role);

/* Runs pgbench with a script, prepared, and gives its transactions a second. */
double bench_pgbench(const char *script, int clients, double seconds);

/* Seconds of the wall since some moment. */
double bench_wall(void);

#endif
