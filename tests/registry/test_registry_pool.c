/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can many threads share a few connections, also while these break, without losing or doubling work
 * and without a race that ThreadSanitizer sees?
 */
#include "harness/cluster.h"
#include "registry/session.h"
#include "registry/transaction.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

#define THREADS 8
#define CONNECTIONS 3
#define TURNS 25
#define CUT_EVERY 7

typedef struct worker {
    registry_pool *pool;
    int number;
    int turn;
    bool is_cut;
    auth_status status;
    auth_error err;
} worker;

static auth_status insert(registry_connection *connection, void *context, auth_error *err)
{
    worker *of = context;
    char sql[128];
    if (of->turn % CUT_EVERY == of->number % CUT_EVERY && !of->is_cut) {
        of->is_cut = true;
        (void)shutdown(PQsocket(connection->pq), SHUT_RDWR);
    }
    (void)snprintf(sql, sizeof sql, "INSERT INTO probe VALUES (%d, %d)", of->number, of->turn);
    return session_query(connection, "TEST", sql, registry_deadline_after(20000), NULL, err);
}

static auth_status find(registry_connection *connection, void *context, bool *is_done,
                        auth_error *err)
{
    const worker *of = context;
    char sql[128];
    AUTH_AUTO(registry_result) *result = NULL;
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM probe WHERE worker = %d AND turn = %d",
                   of->number, of->turn);
    auth_status status = session_query_params(connection, "TEST", sql, NULL, 0,
                                              registry_deadline_after(20000), &result, err);
    if (status == AUTH_STATUS_OK)
        *is_done = registry_result_rows(result) == 1;
    return status;
}

static void *work(void *context)
{
    worker *of = context;
    registry_transaction transaction = {.work = insert,
                                        .lookup = find,
                                        .context = of,
                                        .timeout_ms = 60000};
    for (of->turn = 0; of->turn < TURNS && of->status == AUTH_STATUS_OK; of->turn++) {
        of->is_cut = false;
        of->status = registry_transact(of->pool, &transaction, &of->err);
    }
    return NULL;
}

START_TEST(threads_share_connections_that_break)
{
    auth_error err;
    char database[CLUSTER_NAME_SIZE];
    char conninfo[REGISTRY_CONNINFO_SIZE];
    pthread_t threads[THREADS];
    worker workers[THREADS];
    registry_pool *pool = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_CA};
    cluster_database(database);
    cluster_conninfo(database, registry_role_name(REGISTRY_ROLE_CA), conninfo);
    registry_connection *superuser = cluster_connect_superuser(database);
    cluster_sql(superuser,
                "CREATE TABLE registry.probe (worker int, turn int, PRIMARY KEY (worker, turn));"
                "GRANT ALL ON registry.probe TO auth_ca");
    assert_ok(registry_pool_new(&settings, CONNECTIONS, &pool, &err), &err);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.pool = pool, .number = i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_msg(workers[i].status == AUTH_STATUS_OK, "%s", workers[i].err.text);
    }
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(*) FROM registry.probe"), "200");
    /* Never more connections than the pool has. */
    ck_assert_str_eq(cluster_ask(superuser, "SELECT count(*) <= 3 FROM pg_stat_activity"
                                            " WHERE usename = 'auth_ca' AND state = 'idle'"),
                     "true");
    registry_pool_free(pool);
    registry_connection_free(superuser);
}
END_TEST

CLUSTER_SUITE("registry_pool", TEST(threads_share_connections_that_break))
