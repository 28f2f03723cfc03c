/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is work repeated only where that is safe, is an unknown outcome found out or left unknown, and
 * does a pool give out connections that work?
 */
#include "harness/fake_pq.h"
#include "harness/harness.h"
#include "registry/session.h"
#include "registry/transaction.h"

#include <pthread.h>
#include <string.h>

static const registry_settings settings = {
    .conninfo = "host=/run/test dbname=auth",
    .roles = REGISTRY_ROLE_CA,
    .commit_timeout_ms = 30,
    .call_timeout_ms = 30,
    .connect_timeout_ms = 100,
};

#define WORK(...)                                                                                  \
    {                                                                                              \
        "WRITE_TO_LOG", { __VA_ARGS__ }                                                            \
    }
#define WORK_OK WORK({FAKE_ROW, "1"})
#define COMMITS(...)                                                                               \
    {                                                                                              \
        "COMMIT", { __VA_ARGS__ }                                                                  \
    }
#define COMMIT_LOST COMMITS({FAKE_LOST, NULL})
#define ALIVE(number)                                                                              \
    {                                                                                              \
        "BACKEND_IS_ALIVE",                                                                        \
        {                                                                                          \
            {                                                                                      \
                FAKE_ROW, number                                                                   \
            }                                                                                      \
        }                                                                                          \
    }
/* The look-up asks for a row and takes a 1 for "done". */
#define LOOKUP(number)                                                                             \
    {                                                                                              \
        "OWN_BACKEND",                                                                             \
        {                                                                                          \
            {                                                                                      \
                FAKE_ROW, number " 0"                                                              \
            }                                                                                      \
        }                                                                                          \
    }

typedef struct transact_row {
    const char *name;
    fake_exchange script[20];
    auth_status status;
    unsigned works;
    bool has_lookup;
} transact_row;

static const transact_row rows[] = {
    {"at once", {FAKE_BEGIN, WORK_OK, FAKE_COMMIT}, AUTH_STATUS_OK, 1, true},
    {"after a serialization failure",
     {FAKE_BEGIN, WORK({FAKE_REFUSAL, "ERROR 40001"}), FAKE_ROLLBACK, FAKE_BEGIN, WORK_OK,
      FAKE_COMMIT},
     AUTH_STATUS_OK,
     2,
     true},
    {"after a deadlock, twice",
     {FAKE_BEGIN, WORK({FAKE_REFUSAL, "ERROR 40P01"}), FAKE_ROLLBACK, FAKE_BEGIN,
      WORK({FAKE_REFUSAL, "ERROR 40P01"}), FAKE_ROLLBACK, FAKE_BEGIN, WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     3,
     true},
    {"after a serialization failure at the commit",
     {FAKE_BEGIN, WORK_OK, COMMITS({FAKE_REFUSAL, "ERROR 40001"}), FAKE_ROLLBACK, FAKE_BEGIN,
      WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     2,
     true},
    {"a conflict is final",
     {FAKE_BEGIN, WORK({FAKE_REFUSAL, "ERROR 23505"}), FAKE_ROLLBACK},
     AUTH_STATUS_CONFLICT,
     1,
     true},
    {"a full disk is final",
     {FAKE_BEGIN, WORK({FAKE_REFUSAL, "ERROR 53100"}), FAKE_ROLLBACK},
     AUTH_STATUS_IO,
     1,
     true},
    {"after a line lost in the work",
     {FAKE_BEGIN, WORK({FAKE_LOST, NULL}), FAKE_BEGIN, WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     2,
     true},
    {"after a line lost at the beginning",
     {{"BEGIN", {{FAKE_LOST, NULL}}}, FAKE_BEGIN, WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     1,
     true},
    {"after a server that stopped",
     {FAKE_BEGIN, WORK({FAKE_REFUSAL, "FATAL 57P01"}), FAKE_BEGIN, WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     2,
     true},
    {"unknown, and found done",
     {FAKE_BEGIN, WORK_OK, COMMIT_LOST, ALIVE("0"), FAKE_BEGIN, LOOKUP("1"), WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     1,
     true},
    {"a warning, and found done",
     {FAKE_BEGIN, WORK_OK, COMMITS({FAKE_SAYS, "WARNING 01000"}, {FAKE_DONE, "COMMIT"}), ALIVE("1"),
      FAKE_BEGIN, LOOKUP("1"), WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     1,
     true},
    {"unknown, and found not done, and done again",
     {FAKE_BEGIN, WORK_OK, COMMIT_LOST, ALIVE("0"), FAKE_BEGIN, LOOKUP("0"), FAKE_ROLLBACK,
      FAKE_BEGIN, WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     2,
     true},
    {"unknown, and under way for a while",
     {FAKE_BEGIN, WORK_OK, COMMIT_LOST, ALIVE("1"), FAKE_BEGIN, LOOKUP("0"), FAKE_ROLLBACK,
      ALIVE("1"), FAKE_BEGIN, LOOKUP("0"), FAKE_ROLLBACK, ALIVE("0"), FAKE_BEGIN, LOOKUP("1"),
      WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     1,
     true},
    {"unknown, and shown by a server without its standby",
     {FAKE_BEGIN, WORK_OK, COMMIT_LOST, ALIVE("0"), FAKE_BEGIN, LOOKUP("1"), WORK_OK,
      COMMITS({FAKE_SAYS, "WARNING 01000"}, {FAKE_DONE, "COMMIT"}), ALIVE("0"), FAKE_BEGIN,
      LOOKUP("1"), WORK_OK, FAKE_COMMIT},
     AUTH_STATUS_OK,
     1,
     true},
    {"unknown, and the look-up's line is lost",
     {FAKE_BEGIN,
      WORK_OK,
      COMMIT_LOST,
      {"BACKEND_IS_ALIVE", {{FAKE_LOST, NULL}}},
      ALIVE("0"),
      FAKE_BEGIN,
      LOOKUP("1"),
      WORK_OK,
      FAKE_COMMIT},
     AUTH_STATUS_OK,
     1,
     true},
    {"unknown, without a look-up",
     {FAKE_BEGIN, WORK_OK, COMMIT_LOST},
     AUTH_STATUS_UNKNOWN,
     1,
     false},
};

static unsigned works;

static auth_status work(registry_connection *connection, void *context, auth_error *err)
{
    (void)context;
    works++;
    return registry_run(connection, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES, NULL, err);
}

static auth_status lookup(registry_connection *connection, void *context, bool *is_done,
                          auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    (void)context;
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_OWN_BACKEND, REGISTRY_NO_VALUES, &result, err);
    if (status == AUTH_STATUS_OK)
        *is_done = registry_value_int64(result, 0, 0) == 1;
    return status;
}

static registry_pool *new_pool(size_t size)
{
    auth_error err;
    registry_pool *pool = NULL;
    assert_ok(registry_pool_new(&settings, size, &pool, &err), &err);
    return pool;
}

START_TEST(a_transaction_comes_to_a_known_end)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    const transact_row *row = &rows[_i];
    size_t count = 0;
    registry_transaction transaction = {.work = work,
                                        .lookup = row->has_lookup ? lookup : NULL,
                                        .timeout_ms = 5000};
    while (row->script[count].sent != NULL)
        count++;
    /* The first thing on each new connection is not the script's. */
    fake_play(row->script, count);
    registry_pool *pool = new_pool(1);
    auth_status status = registry_transact(pool, &transaction, &err);
    registry_pool_free(pool);
    ck_assert_msg(fake_is_over(), "%s: %s", row->name, fake_complaint());
    ck_assert_msg(status == row->status, "%s: %s: %s", row->name, auth_status_name(status),
                  err.text);
    ck_assert_msg(works == row->works, "%s: worked %u times", row->name, works);
}
END_TEST

START_TEST(what_cannot_be_found_out_stays_unknown)
{
    auth_error err;
    static const fake_exchange script[] = {FAKE_BEGIN, WORK_OK, COMMIT_LOST};
    registry_transaction transaction = {.work = work, .lookup = lookup, .timeout_ms = 300};
    fake_play(script, 3);
    registry_pool *pool = new_pool(1);
    registry_connection *connection = NULL;
    assert_ok(registry_pool_take(pool, 100, &connection, &err), &err);
    registry_pool_give(pool, connection);
    fake_refuse_connections(1000, "Connection refused");
    assert_fails(registry_transact(pool, &transaction, &err), AUTH_STATUS_UNKNOWN, &err);
    registry_pool_free(pool);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

START_TEST(a_server_that_is_gone_is_waited_for)
{
    auth_error err;
    static const fake_exchange script[] = {FAKE_BEGIN, WORK_OK, FAKE_COMMIT};
    registry_transaction transaction = {.work = work, .lookup = lookup, .timeout_ms = 5000};
    fake_play(script, 3);
    fake_refuse_connections(3, "Connection refused");
    registry_pool *pool = new_pool(1);
    assert_ok(registry_transact(pool, &transaction, &err), &err);
    /* One attempt, then growing intervals. */
    ck_assert_uint_eq(fake_connections(), 4);
    registry_pool_free(pool);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

START_TEST(attempts_to_connect_are_spread_out)
{
    auth_error err;
    registry_connection *connection = NULL;
    fake_play(NULL, 0);
    fake_refuse_connections(1000, "Connection refused");
    registry_pool *pool = new_pool(4);
    assert_fails(registry_pool_take(pool, 400, &connection, &err), AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert_uint_le(fake_connections(), 5);
    ck_assert_uint_ge(fake_connections(), 2);
    registry_pool_free(pool);
}
END_TEST

START_TEST(a_refused_role_is_told_at_once)
{
    auth_error err;
    registry_connection *connection = NULL;
    fake_play(NULL, 0);
    fake_refuse_connections(1000, "FATAL:  password authentication failed for user");
    registry_pool *pool = new_pool(1);
    assert_fails(registry_pool_take(pool, 5000, &connection, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_uint_eq(fake_connections(), 1);
    registry_pool_free(pool);
}
END_TEST

START_TEST(a_pool_has_a_bound_and_keeps_what_works)
{
    auth_error err;
    registry_connection *taken[3] = {NULL, NULL, NULL};
    fake_play(NULL, 0);
    registry_pool *pool = new_pool(2);
    for (int turn = 0; turn < 3; turn++) {
        assert_ok(registry_pool_take(pool, 10, &taken[0], &err), &err);
        assert_ok(registry_pool_take(pool, 10, &taken[1], &err), &err);
        assert_fails(registry_pool_take(pool, 10, &taken[2], &err), AUTH_STATUS_UNAVAILABLE, &err);
        ck_assert_ptr_ne(taken[0], taken[1]);
        registry_pool_give(pool, taken[0]);
        registry_pool_give(pool, taken[1]);
    }
    ck_assert_uint_eq(fake_connections(), 2);
    registry_pool_free(pool);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

START_TEST(what_comes_back_open_or_broken_is_replaced)
{
    auth_error err;
    registry_connection *taken = NULL;
    static const fake_exchange script[] = {FAKE_BEGIN};
    fake_play(script, 1);
    registry_pool *pool = new_pool(1);
    assert_ok(registry_pool_take(pool, 10, &taken, &err), &err);
    assert_ok(registry_begin(taken, REGISTRY_READ_COMMITTED, &err), &err);
    registry_pool_give(pool, taken);
    assert_ok(registry_pool_take(pool, 10, &taken, &err), &err);
    ck_assert_uint_eq(fake_connections(), 2);
    registry_pool_give(pool, taken);
    /* The server went away while it was idle. */
    fake_cut_idle();
    assert_ok(registry_pool_take(pool, 10, &taken, &err), &err);
    ck_assert_uint_eq(fake_connections(), 3);
    registry_pool_give(pool, taken);
    registry_pool_free(pool);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

static void *give_later(void *context)
{
    registry_connection **taken = context;
    registry_pool *pool = (registry_pool *)taken[1];
    registry_pool_give(pool, taken[0]);
    return NULL;
}

START_TEST(who_waits_gets_what_another_thread_gives_back)
{
    auth_error err;
    pthread_t thread;
    registry_connection *mine = NULL;
    fake_play(NULL, 0);
    registry_pool *pool = new_pool(1);
    assert_ok(registry_pool_take(pool, 10, &mine, &err), &err);
    registry_connection *both[2] = {mine, (registry_connection *)pool};
    ck_assert_int_eq(pthread_create(&thread, NULL, give_later, both), 0);
    registry_connection *next = NULL;
    assert_ok(registry_pool_take(pool, 10000, &next, &err), &err);
    ck_assert_ptr_eq(next, mine);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    registry_pool_give(pool, next);
    registry_pool_free(pool);
}
END_TEST

START_TEST(a_pool_of_no_or_too_many_connections_is_refused)
{
    auth_error err;
    registry_pool *pool = NULL;
    assert_fails(registry_pool_new(&settings, 0, &pool, &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(registry_pool_new(&settings, REGISTRY_POOL_MAX + 1, &pool, &err),
                 AUTH_STATUS_LIMIT, &err);
    registry_pool_free(NULL);
    ck_assert_ptr_null(pool);
}
END_TEST

SUITE("registry_transact",
      TEST_EACH(a_transaction_comes_to_a_known_end, sizeof rows / sizeof rows[0]),
      TEST(what_cannot_be_found_out_stays_unknown), TEST(a_server_that_is_gone_is_waited_for),
      TEST(attempts_to_connect_are_spread_out), TEST(a_refused_role_is_told_at_once),
      TEST(a_pool_has_a_bound_and_keeps_what_works),
      TEST(what_comes_back_open_or_broken_is_replaced),
      TEST(who_waits_gets_what_another_thread_gives_back),
      TEST(a_pool_of_no_or_too_many_connections_is_refused))
