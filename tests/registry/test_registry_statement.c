/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can each role run its statements and no others, do values of every type come back as they went
 * in, and does a refusal say what was refused without repeating a value?
 */
#include "harness/cluster.h"
#include "registry/result_pq.h"
#include "registry/session.h"
#include "registry/statement_pq.h"
#include "registry/transaction.h"

#include <stdlib.h>
#include <string.h>

static const registry_role roles[] = {
#define REGISTRY_ROLE_ROW(id, bit, name) REGISTRY_ROLE_##id,
#include "registry/role.def"
};
#define ROLES (sizeof roles / sizeof roles[0])

static char database[CLUSTER_NAME_SIZE];

START_TEST(every_statement_of_a_role_prepares_under_it)
{
    char sql[128];
    size_t expected = 0;
    cluster_database(database);
    registry_connection *connection = cluster_connect(database, roles[_i]);
    for (size_t i = 0; i < registry_statement_count(); i++)
        expected += (registry_statement_find((registry_statement)i)->roles & roles[_i]) != 0;
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) = %zu FROM pg_prepared_statements"
                   " WHERE name <> ''",
                   expected);
    ck_assert_str_eq(cluster_ask(connection, sql), "true");
    registry_connection_free(connection);
}
END_TEST

START_TEST(every_row_of_the_table_is_sound)
{
    for (size_t i = 0; i < registry_statement_count(); i++) {
        const registry_statement_info *info = registry_statement_find((registry_statement)i);
        ck_assert_msg(info->roles != 0, "%s has no role", info->name);
        ck_assert_uint_le(strlen(info->types), REGISTRY_VALUES_MAX);
        ck_assert_msg(strspn(info->types, "bitozuBITUZ") == strlen(info->types), "%s: %s",
                      info->name, info->types);
        ck_assert_msg(strlen(info->name) < 64, "%s is cut by the server", info->name);
        /* A parameter that the text does not use would be refused or, worse, ignored. */
        for (size_t n = 1; n <= strlen(info->types); n++) {
            char parameter[24];
            (void)snprintf(parameter, sizeof parameter, "$%zu", n);
            ck_assert_msg(strstr(info->sql, parameter) != NULL, "%s: no %s", info->name, parameter);
        }
        ck_assert_msg(strchr(info->sql, ';') == NULL, "%s is two statements", info->name);
    }
    ck_assert_ptr_null(registry_statement_find((registry_statement)registry_statement_count()));
}
END_TEST

START_TEST(a_call_that_does_not_fit_the_table_is_refused)
{
    auth_error err;
    registry_result *result = NULL;
    cluster_database(database);
    registry_connection *connection = cluster_connect(database, REGISTRY_ROLE_CA);
    assert_fails(registry_run(connection, REGISTRY_STATEMENT_BACKEND_IS_ALIVE, REGISTRY_NO_VALUES,
                              &result, &err),
                 AUTH_STATUS_INTERNAL, &err);
    assert_fails(registry_run(connection, REGISTRY_STATEMENT_BACKEND_IS_ALIVE,
                              REGISTRY_VALUES(registry_int64(1), registry_text("now")), &result,
                              &err),
                 AUTH_STATUS_INTERNAL, &err);
    assert_fails(registry_run(connection, (registry_statement)registry_statement_count(),
                              REGISTRY_NO_VALUES, &result, &err),
                 AUTH_STATUS_INTERNAL, &err);
    /* One that writes is judged by a COMMIT, so there must be one. */
    assert_fails(registry_run(connection, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES,
                              &result, &err),
                 AUTH_STATUS_INTERNAL, &err);
    ck_assert_ptr_null(result);
    /* None of that harms the connection. */
    ck_assert(!registry_connection_is_broken(connection));
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_run(connection, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES, NULL,
                           &err),
              &err);
    assert_ok(registry_commit(connection, &err), &err);
    registry_connection_free(connection);
}
END_TEST

START_TEST(a_connection_knows_its_process)
{
    auth_error err;
    registry_result *result = NULL;
    cluster_database(database);
    registry_connection *connection = cluster_connect(database, REGISTRY_ROLE_OCSP);
    assert_ok(registry_run(connection, REGISTRY_STATEMENT_BACKEND_IS_ALIVE,
                           REGISTRY_VALUES(registry_int64(connection->backend_pid),
                                           registry_time_us(connection->backend_start_us)),
                           &result, &err),
              &err);
    ck_assert_int_eq(registry_value_int64(result, 0, 0), 1);
    registry_result_free(result);
    assert_ok(registry_run(connection, REGISTRY_STATEMENT_BACKEND_IS_ALIVE,
                           REGISTRY_VALUES(registry_int64(connection->backend_pid),
                                           registry_time_us(connection->backend_start_us - 1)),
                           &result, &err),
              &err);
    ck_assert_int_eq(registry_value_int64(result, 0, 0), 0);
    registry_result_free(result);
    registry_connection_free(connection);
}
END_TEST

/* Sends text with encoded parameters: statements.def has none for each type. */
static registry_result *run_text(registry_connection *connection, const char *sql,
                                 const char *types, const registry_value *values, size_t count)
{
    auth_error err;
    params encoded;
    registry_result *result = NULL;
    assert_ok(params_encode("test", types, values, count, &encoded, &err), &err);
    ck_assert_int_eq(PQsendQueryParams(connection->pq, sql, encoded.count, NULL, encoded.values,
                                       encoded.lengths, encoded.formats, PG_FORMAT_BINARY),
                     1);
    assert_ok(session_finish(connection, "test", true, registry_deadline_after(5000), &result,
                             &err),
              &err);
    params_clear(&encoded);
    return result;
}

static const int64_t numbers[] = {0, 1, -1, 255, -256, INT64_MAX, INT64_MIN};

START_TEST(values_of_every_type_come_back)
{
    auth_error err;
    static const uint8_t octets[] = {0, 1, 0xff, 0};
    auth_bytes bytes = {octets, sizeof octets};
    registry_connection *connection = cluster_connect_superuser("postgres");
    registry_result *result = run_text(
        connection,
        "SELECT $1::bytea, $2::text, $3::bool, $4::timestamptz, $5::bytea, $6::text, $7::int2,"
        " $4::timestamptz = '2026-11-25T01:02:03Z'",
        "btozbti",
        REGISTRY_VALUES(registry_bytes(bytes), registry_text("\xe6\x9d\x8e"), registry_bool(true),
                        registry_time(1795568523), registry_bytes((auth_bytes){NULL, 0}),
                        registry_text(NULL), registry_null()));
    ck_assert_uint_eq(registry_result_rows(result), 1);
    assert_bytes(registry_value_bytes(result, 0, 0), bytes);
    ck_assert_str_eq(registry_value_text(result, 0, 1), "\xe6\x9d\x8e");
    ck_assert(registry_value_bool(result, 0, 2));
    ck_assert_int_eq(registry_value_time(result, 0, 3), 1795568523);
    ck_assert(!registry_value_is_null(result, 0, 4));
    ck_assert_uint_eq(registry_value_bytes(result, 0, 4).len, 0);
    ck_assert(registry_value_is_null(result, 0, 5));
    ck_assert(registry_value_is_null(result, 0, 6));
    ck_assert(registry_value_bool(result, 0, 7));
    assert_ok(registry_result_check(result, &err), &err);
    registry_result_free(result);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        result = run_text(connection, "SELECT $1::int8", "i",
                          REGISTRY_VALUES(registry_int64(numbers[i])));
        ck_assert_int_eq(registry_value_int64(result, 0, 0), numbers[i]);
        registry_result_free(result);
    }
    registry_connection_free(connection);
}
END_TEST

START_TEST(numbers_of_every_width_are_read)
{
    auth_error err;
    registry_connection *connection = cluster_connect_superuser("postgres");
    registry_result *result = run_text(
        connection,
        "SELECT (-2)::int2, 70000::int4, (-70000)::int4, '1969-12-31T23:59:59.5Z'::timestamptz", "",
        REGISTRY_NO_VALUES);
    ck_assert_int_eq(registry_value_int64(result, 0, 0), -2);
    ck_assert_int_eq(registry_value_int64(result, 0, 1), 70000);
    ck_assert_int_eq(registry_value_int64(result, 0, 2), -70000);
    ck_assert_int_eq(registry_value_time_us(result, 0, 3), -500000);
    ck_assert_int_eq(registry_value_time(result, 0, 3), -1);
    assert_ok(registry_result_check(result, &err), &err);
    registry_result_free(result);
    registry_connection_free(connection);
}
END_TEST

START_TEST(arrays_go_in)
{
    static const char *const texts[] = {"one", "", "th,ree", NULL};
    static const uint8_t octets[] = {0, 0xff};
    static const uint8_t id[16] = {0x01, [15] = 0xff};
    static const int64_t moments[] = {0, REGISTRY_NULL_INT64, -1};
    const auth_bytes items[] = {{octets, 2}, {octets, 0}, {NULL, 0}};
    const auth_bytes ids[] = {{id, 16}, {NULL, 0}};
    registry_connection *connection = cluster_connect_superuser("postgres");
    registry_result *result =
        run_text(connection,
                 "SELECT $1::int8[] = '{0,1,-1,255,-256,9223372036854775807,NULL}',"
                 " $2::text[] = ARRAY['one', '', 'th,ree', NULL], $3::bytea[] = ARRAY['\\x00ff', "
                 "'\\x', NULL]::bytea[],"
                 " $4::int8[] = '{}', $5::uuid[] = ARRAY["
                 "'01000000-0000-0000-0000-0000000000ff', NULL]::uuid[], $6::timestamptz[] = ARRAY["
                 "'1970-01-01Z', NULL, '1969-12-31T23:59:59.999999Z']::timestamptz[], $7 = $5[1]",
                 "ITBIUZu",
                 REGISTRY_VALUES(registry_int64_array(numbers, sizeof numbers / sizeof numbers[0]),
                                 registry_text_array(texts, 4), registry_bytes_array(items, 3),
                                 registry_int64_array(NULL, 0), registry_uuid_array(ids, 2),
                                 registry_time_array(moments, 3), registry_uuid(ids[0])));
    for (size_t i = 0; i < 7; i++)
        ck_assert_msg(registry_value_bool(result, 0, i), "array %zu", i);
    registry_result_free(result);
    registry_connection_free(connection);
}
END_TEST

START_TEST(an_array_has_a_bound)
{
    auth_error err;
    params encoded;
    int64_t *many = calloc(REGISTRY_ARRAY_MAX + 1, sizeof *many);
    ck_assert_ptr_nonnull(many);
    assert_fails(params_encode("test", "I",
                               REGISTRY_VALUES(registry_int64_array(many, REGISTRY_ARRAY_MAX + 1)),
                               &encoded, &err),
                 AUTH_STATUS_LIMIT, &err);
    params_clear(&encoded);
    assert_ok(params_encode("test", "I",
                            REGISTRY_VALUES(registry_int64_array(many, REGISTRY_ARRAY_MAX)),
                            &encoded, &err),
              &err);
    params_clear(&encoded);
    free(many);
}
END_TEST

START_TEST(a_value_of_another_type_is_noticed)
{
    auth_error err;
    registry_connection *connection = cluster_connect_superuser("postgres");
    registry_result *result =
        run_text(connection, "SELECT 'text' AS name, NULL::int8, 'infinity'::timestamptz", "",
                 REGISTRY_NO_VALUES);
    (void)registry_value_text(result, 0, 0);
    assert_ok(registry_result_check(result, &err), &err);
    ck_assert_int_eq(registry_value_int64(result, 0, 0), 0);
    assert_fails(registry_result_check(result, &err), AUTH_STATUS_INTERNAL, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "name"));
    registry_result_free(result);
    for (size_t column = 1; column < 4; column++) {
        result = run_text(connection, "SELECT 1::int8, NULL::int8, 'infinity'::timestamptz", "",
                          REGISTRY_NO_VALUES);
        if (column == 2)
            (void)registry_value_time(result, 0, column);
        else
            (void)registry_value_int64(result, 0, column);
        assert_fails(registry_result_check(result, &err), AUTH_STATUS_INTERNAL, &err);
        registry_result_free(result);
    }
    registry_connection_free(connection);
}
END_TEST

typedef struct refusal {
    const char *sql;
    auth_status status;
    const char *sqlstate;
    bool shows_own_text;
} refusal;

static const refusal refusals[] = {
    {"INSERT INTO t VALUES ('11010519491231002X')", AUTH_STATUS_CONFLICT, "23505", false},
    {"INSERT INTO t VALUES ('440524188001010014')", AUTH_STATUS_INVALID, "23514", false},
    {"INSERT INTO t VALUES (NULL)", AUTH_STATUS_INVALID, "23502", false},
    {"INSERT INTO u VALUES ('440524188001010014')", AUTH_STATUS_CONFLICT, "23503", false},
    {"SELECT '11010519491231002X'::int8", AUTH_STATUS_INVALID, "22P02", false},
    {"SELECT * FROM pg_authid", AUTH_STATUS_DENIED, "42501", false},
    {"SELECT * FROM none_such", AUTH_STATUS_INTERNAL, "42P01", false},
    {"DO $$ BEGIN RAISE EXCEPTION 'request: already decided'; END $$", AUTH_STATUS_INVALID, "P0001",
     true},
    {"SELECT 11010519491231002 11010519491231002", AUTH_STATUS_INTERNAL, "42601", false},
};

START_TEST(a_refusal_is_named_and_repeats_no_value)
{
    auth_error err;
    const refusal *row = &refusals[_i];
    cluster_empty_database(database);
    registry_connection *connection = cluster_connect_superuser(database);
    cluster_sql(connection, "CREATE TABLE t (n text CONSTRAINT t_once PRIMARY KEY"
                            " CONSTRAINT t_kind CHECK (n <> '440524188001010014'));"
                            "CREATE TABLE u (n text CONSTRAINT u_of_t REFERENCES t);"
                            "INSERT INTO t VALUES ('11010519491231002X');"
                            "GRANT ALL ON t, u TO auth_ca; SET ROLE auth_ca");
    ck_assert_int_eq(PQsendQuery(connection->pq, row->sql), 1);
    assert_fails(session_finish(connection, "TEST", false, registry_deadline_after(5000), NULL,
                                &err),
                 row->status, &err);
    ck_assert_str_eq(registry_connection_sqlstate(connection), row->sqlstate);
    ck_assert_msg(strstr(err.text, row->sqlstate) != NULL, "%s", err.text);
    ck_assert_msg(strstr(err.text, "110105") == NULL && strstr(err.text, "440524") == NULL, "%s",
                  err.text);
    ck_assert_msg((strstr(err.text, "already decided") != NULL) == row->shows_own_text, "%s",
                  err.text);
    if (strcmp(row->sqlstate, "23505") == 0) {
        ck_assert_str_eq(registry_connection_constraint(connection), "t_once");
        ck_assert_ptr_nonnull(strstr(err.text, "t_once"));
    }
    ck_assert(!registry_connection_is_broken(connection));
    registry_connection_free(connection);
}
END_TEST

CLUSTER_SUITE("registry_statement", TEST_EACH(every_statement_of_a_role_prepares_under_it, ROLES),
              TEST(every_row_of_the_table_is_sound),
              TEST(a_call_that_does_not_fit_the_table_is_refused),
              TEST(a_connection_knows_its_process), TEST(values_of_every_type_come_back),
              TEST(numbers_of_every_width_are_read), TEST(arrays_go_in), TEST(an_array_has_a_bound),
              TEST(a_value_of_another_type_is_noticed),
              TEST_EACH(a_refusal_is_named_and_repeats_no_value,
                        sizeof refusals / sizeof refusals[0]))
