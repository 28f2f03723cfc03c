/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can each role of the database do what it is for, and nothing else? Logs in as each and tries all
 * rows of role_cases.def, most of which are to be refused.
 */
#include "harness/cluster.h"
#include "role_sql.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS " password=test options='-c search_path=registry,pg_temp -c timezone=UTC'"

typedef struct role_case {
    int line;
    const char *login;
    const char *sqlstate; /* NULL: it works */
    long rows;
    const char *what;
    const char *sql;
} role_case;

static const role_case cases[] = {
#define REFUSED(login, sqlstate, what, sql) {__LINE__, #login, sqlstate, 0, what, sql},
#define TOUCHES(login, rows, what, sql) {__LINE__, #login, NULL, rows, what, sql},
#include "role_cases.def"
#undef REFUSED
#undef TOUCHES
};

#define CASES (sizeof cases / sizeof cases[0])

static PGconn *log_in(const char *database, const char *login)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    char text[REGISTRY_CONNINFO_SIZE + sizeof OPTIONS];
    cluster_conninfo(database, login, conninfo);
    (void)snprintf(text, sizeof text, "%s" OPTIONS, conninfo);
    PGconn *pq = PQconnectdb(text);
    ck_assert_msg(PQstatus(pq) == CONNECTION_OK, "%s: %s", login, PQerrorMessage(pq));
    return pq;
}

static void make_world(const char *database)
{
    size_t len = 0;
    char *sql = harness_read_file(REGISTRY_TEST_DIR "/role_world.sql", &len);
    registry_connection *connection = cluster_connect_superuser(database);
    cluster_sql(connection, sql);
    registry_connection_free(connection);
    free(sql);
}

static void run(PGconn *pq, const char *sql) { PQclear(PQexec(pq, sql)); }

/* Tries a case; false and a line when it goes another way. */
static bool try_case(PGconn *pq, const role_case *tried)
{
    run(pq, "BEGIN");
    PGresult *result = PQexec(pq, tried->sql);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    long rows = PQresultStatus(result) == PGRES_TUPLES_OK ? PQntuples(result)
                                                          : strtol(PQcmdTuples(result), NULL, 10);
    bool is_right = tried->sqlstate == NULL
                        ? sqlstate == NULL && rows == tried->rows
                        : sqlstate != NULL && strcmp(sqlstate, tried->sqlstate) == 0;
    if (!is_right)
        fprintf(stderr, "role_cases.def:%d: %s: %s: wanted %s, %ld rows; got %s, %ld rows: %s\n",
                tried->line, tried->login, tried->what,
                tried->sqlstate == NULL ? "success" : tried->sqlstate, tried->rows,
                sqlstate == NULL ? "success" : sqlstate, rows, PQresultErrorMessage(result));
    PQclear(result);
    run(pq, "ROLLBACK");
    return is_right;
}

START_TEST(every_role_does_what_it_may_and_no_more)
{
    char database[CLUSTER_NAME_SIZE];
    PGconn *pq = NULL;
    const char *login = "";
    size_t wrong = 0;
    cluster_database(database);
    make_world(database);
    for (size_t i = 0; i < CASES; i++) {
        if (strcmp(login, cases[i].login) != 0) {
            PQfinish(pq);
            login = cases[i].login;
            pq = log_in(database, login);
        }
        wrong += !try_case(pq, &cases[i]);
    }
    PQfinish(pq);
    ck_assert_msg(wrong == 0, "%zu of %zu tries went another way", wrong, CASES);
}
END_TEST

START_TEST(more_is_refused_than_allowed_and_each_role_is_tried)
{
    static const char *const logins[] = {"auth_owner", "auth_ca",      "test_ra_guangdong",
                                         "auth_ocsp",  "auth_auditor", "test_lra_shenzhen"};
    size_t refused = 0;
    for (size_t i = 0; i < CASES; i++)
        refused += cases[i].sqlstate != NULL;
    ck_assert_uint_ge(refused, 60);
    for (size_t k = 0; k < sizeof logins / sizeof logins[0]; k++) {
        size_t no = 0;
        size_t yes = 0;
        for (size_t i = 0; i < CASES; i++) {
            bool is_his = strcmp(cases[i].login, logins[k]) == 0;
            no += is_his && cases[i].sqlstate != NULL;
            yes += is_his && cases[i].sqlstate == NULL;
        }
        ck_assert_msg(no > 0 && yes > 0, "%s: %zu refused, %zu allowed", logins[k], no, yes);
    }
}
END_TEST

CLUSTER_SUITE("registry_roles", TEST(every_role_does_what_it_may_and_no_more),
              TEST(more_is_refused_than_allowed_and_each_role_is_tried))
