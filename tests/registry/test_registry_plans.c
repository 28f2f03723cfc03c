/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every statement of the table find its rows by an index when there are a million of them?
 * Asks the server for the plan of each statement, under each of its roles, as it is used for ever
 * after it was prepared (the generic plan), with the settings of connection.c.
 */
#include "harness/cluster.h"
#include "harness/registry_rows.h"
#include "registry/statement.h"
#include "registry/type.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables of millions of rows; ledger_leaf and ledger_node are in tests of their own. */
static const char *const big_tables[] = {
    "request",          "request_item",     "signature",  "outcome",      "certificate_012c",
    "citizen",          "certificate_012d", "revocation", "ledger_entry", "certificate_012e",
    "certificate_012f", "live_certificate", "key_holder",
};

/* Statements that read an index in its order up to a limit, and so need no condition on it. */
static const char *const ordered[] = {"HEALTH",        "LEDGER_LAST",    "QUEUE_CLAIM",
                                      "RECOVER_MARKS", "REQUEST_EXPIRE", "REVISION_LAST"};

static char database[CLUSTER_NAME_SIZE];
static size_t wrong;
static size_t seen;

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

/* A value of each type that finds something, so that no part of a plan is left out as empty. */
static const char *value_of(const char *statement, char type)
{
    /* The texts of an examination are keys in hex. */
    if (type == 't' && strncmp(statement, "FSCK_", 5) == 0)
        return "'01'";
    switch (type) {
    case 'b':
        return "'\\x012c00000000000000000000000000000001'";
    case 'B':
        return "'{\"\\\\x012c00000000000000000000000000000001\"}'";
    case 'u':
        return "'00000000-0000-0000-0000-000000000001'";
    case 'U':
        return "'{00000000-0000-0000-0000-000000000001}'";
    case 't':
        return "'officer-1'";
    case 'T':
        return "'{signing}'";
    case 'i':
        return "1";
    case 'I':
        return "'{1}'";
    case 'o':
        return "false";
    case 'z':
        return "'2026-01-01Z'";
    default:
        return "'{2026-01-01Z}'";
    }
}

static void copy_word(const char *from, char *out, size_t size)
{
    size_t len = strcspn(from, "\"");
    if (len >= size)
        len = size - 1;
    memcpy(out, from, len);
    out[len] = '\0';
}

/* The value of a member within one node's text, which ends before the next node; "": none. */
static void member(const char *node, const char *end, const char *name, char out[128])
{
    const char *found = strstr(node, name);
    out[0] = '\0';
    if (found != NULL && found < end)
        copy_word(found + strlen(name), out, 128);
}

static void complain(const registry_statement_info *info, const char *login, const char *what,
                     const char *table)
{
    fprintf(stderr, "%s as %s: %s on %s\n", info->name, login, what, table);
    wrong++;
}

/* Judges one node of a plan in JSON, whose text reaches to end. */
static void judge_node(const registry_statement_info *info, const char *login, const char *node,
                       const char *end)
{
    char type[128];
    char table[128];
    char condition[128];
    copy_word(node, type, sizeof type);
    member(node, end, "\"Relation Name\": \"", table);
    member(node, end, "\"Index Cond\": \"", condition);
    if (!is_among(table, big_tables, sizeof big_tables / sizeof big_tables[0]))
        return;
    seen++;
    if (strcmp(type, "Seq Scan") == 0)
        complain(info, login, type, table);
    if ((strcmp(type, "Index Scan") == 0 || strcmp(type, "Index Only Scan") == 0) &&
        condition[0] == '\0' && !is_among(info->name, ordered, sizeof ordered / sizeof ordered[0]))
        complain(info, login, "Index Scan without a condition", table);
}

static void judge_plan(const registry_statement_info *info, const char *login, const char *plan)
{
    static const char mark[] = "\"Node Type\": \"";
    const char *node = strstr(plan, mark);
    while (node != NULL) {
        const char *begin = node + sizeof mark - 1;
        const char *next = strstr(begin, mark);
        judge_node(info, login, begin, next == NULL ? plan + strlen(plan) : next);
        node = next;
    }
}

static PGresult *explain(PGconn *pq, const registry_statement_info *info)
{
    char sql[2048];
    size_t used =
        (size_t)snprintf(sql, sizeof sql, "EXPLAIN (FORMAT JSON) EXECUTE \"%s\"", info->name);
    for (size_t i = 0; info->types[i] != '\0'; i++)
        used += (size_t)snprintf(sql + used, sizeof sql - used, "%s%s", i == 0 ? "(" : ", ",
                                 value_of(info->name, info->types[i]));
    if (info->types[0] != '\0')
        (void)snprintf(sql + used, sizeof sql - used, ")");
    return PQexec(pq, sql);
}

/* The types as PREPARE wants them. */
static const char *type_name(char letter)
{
    switch (letter) {
#define TYPE_NAME_ROW(id, c, oid, name)                                                            \
    case c:                                                                                        \
        return name;
        TYPE_TABLE(TYPE_NAME_ROW)
    default:
        return "";
    }
}

static void judge(PGconn *pq, const registry_statement_info *info, const char *login)
{
    char sql[8192];
    size_t used = (size_t)snprintf(sql, sizeof sql, "PREPARE \"%s\"", info->name);
    for (size_t i = 0; info->types[i] != '\0'; i++)
        used += (size_t)snprintf(sql + used, sizeof sql - used, "%s%s%s", i == 0 ? "(" : ", ",
                                 type_name(info->types[i]), info->types[i + 1] == '\0' ? ")" : "");
    (void)snprintf(sql + used, sizeof sql - used, " AS %s", info->sql);
    PQclear(PQexec(pq, sql));
    PGresult *plan = explain(pq, info);
    if (PQresultStatus(plan) == PGRES_TUPLES_OK)
        judge_plan(info, login, PQgetvalue(plan, 0, 0));
    else
        complain(info, login, PQresultErrorMessage(plan), "the server");
    PQclear(plan);
}

static PGconn *log_in(const char *login)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    char text[REGISTRY_CONNINFO_SIZE + 224];
    bool is_auditor = strcmp(login, registry_role_name(REGISTRY_ROLE_AUDITOR)) == 0;
    const char *joins = is_auditor ? "off" : "on";
    cluster_conninfo(database, login, conninfo);
    (void)snprintf(text, sizeof text,
                   "%s options='-c search_path=registry,pg_temp"
                   " -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off"
                   " -c enable_hashjoin=%s -c enable_mergejoin=%s'",
                   conninfo, joins, joins);
    PGconn *pq = PQconnectdb(text);
    ck_assert_msg(PQstatus(pq) == CONNECTION_OK, "%s", PQerrorMessage(pq));
    return pq;
}

static void judge_role(registry_role role)
{
    const char *login = registry_role_name(role);
    PGconn *pq = log_in(login);
    for (size_t i = 0; i < registry_statement_count(); i++) {
        const registry_statement_info *info = registry_statement_find((registry_statement)i);
        if ((info->roles & role) != 0)
            judge(pq, info, login);
    }
    PQfinish(pq);
}

static void run(PGconn *pq, const char *sql)
{
    PGresult *result = PQexec(pq, sql);
    ck_assert_msg(PQresultStatus(result) != PGRES_FATAL_ERROR, "%s", PQresultErrorMessage(result));
    PQclear(result);
}

static void fill_tables(void)
{
    size_t len = 0;
    char *sql = harness_read_file(REGISTRY_TEST_DIR "/million_rows.sql", &len);
    PGconn *pq = log_in(REGISTRY_SUPERUSER);
    run(pq, rows_realm);
    run(pq, sql);
    PQfinish(pq);
    free(sql);
}

START_TEST(every_statement_finds_its_rows_by_an_index)
{
    cluster_database(database);
    fill_tables();
    static const registry_role roles[] = {REGISTRY_ROLE_CA, REGISTRY_ROLE_RA, REGISTRY_ROLE_LRA,
                                          REGISTRY_ROLE_OCSP, REGISTRY_ROLE_AUDITOR};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        judge_role(roles[i]);
    ck_assert_msg(wrong == 0, "%zu plans are not by an index", wrong);
    /* Or nothing was looked at. */
    ck_assert_uint_gt(seen, 100);
}
END_TEST

CLUSTER_SUITE("registry_plans", TEST(every_statement_finds_its_rows_by_an_index))
