/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One throw-away PostgreSQL cluster a test program, and databases cloned from a migrated template.
 *
 * A test file that ends with CLUSTER_SUITE instead of SUITE has one: it is started before the first
 * test and removed after the last one. A process of its own watches for the end of the test
 * program, so the cluster goes also when a test crashes or is killed.
 */
#ifndef HARNESS_CLUSTER_H
#define HARNESS_CLUSTER_H

#include "harness/harness.h"
#include "registry/connection.h"
#include "registry/embed.h"

/* As SUITE, with a cluster. */
#define CLUSTER_SUITE(name, ...) SUITE_AFTER(cluster_start, name, __VA_ARGS__)

/* Starts the cluster of this program; false and a message when it cannot be had. */
bool cluster_start(void);

/* The cluster's directory, and with what it was started. */
const char *cluster_dir(void);
const registry_embed_options *cluster_options(void);

/*
 * Makes a database with the schema of this program and nothing in it; out gets its name. Each test
 * makes its own; they go with the cluster.
 */
#define CLUSTER_NAME_SIZE 64
void cluster_database(char out[CLUSTER_NAME_SIZE]);

/* The same without the schema. */
void cluster_empty_database(char out[CLUSTER_NAME_SIZE]);

/* Writes the connection string for a role of role.def or REGISTRY_SUPERUSER. */
void cluster_conninfo(const char *database, const char *user, char out[REGISTRY_CONNINFO_SIZE]);

/* Opens a connection with the statements of a role, logged in as that role. */
registry_connection *cluster_connect(const char *database, registry_role role);

/* Opens a connection of the superuser, without statements, for cluster_sql. */
registry_connection *cluster_connect_superuser(const char *database);

/* Runs text as it is; fails the test when the server refuses it. */
void cluster_sql(registry_connection *connection, const char *sql);

/*
 * Asks a question that has one value, and gives it as text: "" for no row. The text stays until the
 * next call.
 */
const char *cluster_ask(registry_connection *connection, const char *sql);

/* Asks until the answer is the one, for up to ten seconds; fails the test when it never is. */
void cluster_wait(registry_connection *connection, const char *sql, const char *answer);

#endif
