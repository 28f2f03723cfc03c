/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is "done" said of a COMMIT only when the server said nothing but that, "not done" only when it
 * cannot be done any more, and "unknown" of everything else?
 */
#include "harness/fake_pq.h"
#include "harness/harness.h"
#include "registry/batch.h"
#include "registry/listen.h"
#include "registry/session.h"
#include "registry/transaction.h"

#include <string.h>

static const registry_settings settings = {
    .conninfo = "host=/run/test dbname=auth",
    .roles = REGISTRY_ROLE_CA,
    .commit_timeout_ms = 40,
    .call_timeout_ms = 40,
    .connect_timeout_ms = 200,
};

static registry_connection *open_for(const fake_exchange *script, size_t count)
{
    auth_error err;
    registry_connection *connection = NULL;
    fake_play(script, count);
    assert_ok(registry_connection_open(&settings, &connection, &err), &err);
    return connection;
}

static void close_all(registry_connection *connection)
{
    registry_connection_free(connection);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}

typedef struct commit_row {
    const char *name;
    fake_answer answers[FAKE_ANSWERS];
    auth_status status;
    bool is_broken;
    bool is_repeatable;
} commit_row;

static const commit_row commits[] = {
    {"done", {{FAKE_DONE, "COMMIT"}}, AUTH_STATUS_OK, false, false},
    {"done, with a notice",
     {{FAKE_SAYS, "NOTICE 00000"}, {FAKE_DONE, "COMMIT"}},
     AUTH_STATUS_OK,
     false,
     false},
    {"had failed before", {{FAKE_DONE, "ROLLBACK"}}, AUTH_STATUS_INTERNAL, false, false},
    {"standby gone",
     {{FAKE_SAYS, "WARNING 01000"}, {FAKE_DONE, "COMMIT"}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"warned afterwards",
     {{FAKE_DONE, "COMMIT"}, {FAKE_SAYS, "WARNING 01000"}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"warned and refused",
     {{FAKE_SAYS, "WARNING 01000"}, {FAKE_REFUSAL, "ERROR 23505"}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"said an unknown word",
     {{FAKE_SAYS, "ALARM 01000"}, {FAKE_DONE, "COMMIT"}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"deferred key", {{FAKE_REFUSAL, "ERROR 23505 t_once"}}, AUTH_STATUS_CONFLICT, false, false},
    {"serialization failure",
     {{FAKE_REFUSAL, "ERROR 40001"}},
     AUTH_STATUS_UNAVAILABLE,
     false,
     true},
    {"disk full", {{FAKE_REFUSAL, "ERROR 53100"}}, AUTH_STATUS_IO, false, false},
    {"terminated", {{FAKE_REFUSAL, "FATAL 57P01"}}, AUTH_STATUS_UNKNOWN, true, false},
    {"warned and terminated",
     {{FAKE_SAYS, "WARNING 57P01"}, {FAKE_REFUSAL, "FATAL 57P01"}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"panic", {{FAKE_REFUSAL, "PANIC 53100"}}, AUTH_STATUS_UNKNOWN, true, false},
    {"line lost", {{FAKE_LOST, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
    {"line lost after the answer",
     {{FAKE_DONE, "COMMIT"}, {FAKE_LOST, NULL}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"libpq's own error", {{FAKE_NO_STATE, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
    {"no answer in time", {{FAKE_SILENT, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
    {"no end in time",
     {{FAKE_DONE, "COMMIT"}, {FAKE_SILENT, NULL}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"sending failed", {{FAKE_NO_SEND, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
    {"flushing failed", {{FAKE_NO_FLUSH, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
    {"two answers",
     {{FAKE_DONE, "COMMIT"}, {FAKE_DONE, "COMMIT"}},
     AUTH_STATUS_UNKNOWN,
     true,
     false},
    {"another answer", {{FAKE_ROW, "1"}}, AUTH_STATUS_UNKNOWN, true, false},
    {"a strange answer", {{FAKE_OTHER, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
    {"nothing at all", {{FAKE_END, NULL}}, AUTH_STATUS_UNKNOWN, true, false},
};

START_TEST(a_commit_has_three_outcomes)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    const commit_row *row = &commits[_i];
    fake_exchange script[] = {FAKE_BEGIN, {"COMMIT", {{FAKE_END, NULL}}}};
    memcpy(script[1].answers, row->answers, sizeof row->answers);
    registry_connection *connection = open_for(script, 2);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    auth_status status = registry_commit(connection, &err);
    ck_assert_msg(status == row->status, "%s: %s: %s", row->name, auth_status_name(status),
                  err.text);
    ck_assert_msg(registry_connection_is_broken(connection) == row->is_broken, "%s", row->name);
    ck_assert_msg(status == AUTH_STATUS_UNKNOWN ||
                      registry_connection_is_repeatable(connection) == row->is_repeatable,
                  "%s", row->name);
    if (status == AUTH_STATUS_UNKNOWN)
        ck_assert_ptr_nonnull(strstr(err.text, "ask again for the same id"));
    close_all(connection);
}
END_TEST

START_TEST(nothing_is_sent_without_a_transaction)
{
    auth_error err;
    registry_connection *connection = open_for(NULL, 0);
    assert_fails(registry_commit(connection, &err), AUTH_STATUS_INTERNAL, &err);
    ck_assert(!registry_connection_is_broken(connection));
    close_all(connection);
}
END_TEST

START_TEST(a_line_that_was_lost_before_is_no_unknown)
{
    auth_error err;
    static const fake_exchange script[] = {
        FAKE_BEGIN,
        {"WRITE_TO_LOG", {{FAKE_LOST, NULL}}},
    };
    registry_connection *connection = open_for(script, 2);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_fails(registry_run(connection, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES, NULL,
                              &err),
                 AUTH_STATUS_UNAVAILABLE, &err);
    assert_fails(registry_commit(connection, &err), AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert(registry_connection_is_repeatable(connection));
    close_all(connection);
}
END_TEST

START_TEST(a_warning_before_the_commit_does_not_count)
{
    auth_error err;
    static const fake_exchange script[] = {
        FAKE_BEGIN,
        {"WRITE_TO_LOG", {{FAKE_SAYS, "WARNING 01000"}, {FAKE_ROW, "1"}}},
        FAKE_COMMIT,
    };
    registry_connection *connection = open_for(script, 3);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_run(connection, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES, NULL,
                           &err),
              &err);
    assert_ok(registry_commit(connection, &err), &err);
    close_all(connection);
}
END_TEST

typedef struct call_row {
    fake_answer answers[FAKE_ANSWERS];
    auth_status status;
    bool is_broken;
    bool is_repeatable;
} call_row;

static const call_row calls[] = {
    {{{FAKE_ROW, "7 8"}}, AUTH_STATUS_OK, false, false},
    {{{FAKE_REFUSAL, "ERROR 40001"}}, AUTH_STATUS_UNAVAILABLE, false, true},
    {{{FAKE_REFUSAL, "ERROR 40P01"}}, AUTH_STATUS_UNAVAILABLE, false, true},
    {{{FAKE_REFUSAL, "ERROR 55P03"}}, AUTH_STATUS_UNAVAILABLE, false, false},
    {{{FAKE_REFUSAL, "ERROR 57014"}}, AUTH_STATUS_UNAVAILABLE, false, false},
    {{{FAKE_REFUSAL, "ERROR 53100"}}, AUTH_STATUS_IO, false, false},
    {{{FAKE_REFUSAL, "ERROR 25006"}}, AUTH_STATUS_UNAVAILABLE, false, false},
    {{{FAKE_REFUSAL, "ERROR 42501"}}, AUTH_STATUS_DENIED, false, false},
    {{{FAKE_REFUSAL, "ERROR XX001"}}, AUTH_STATUS_IO, false, false},
    {{{FAKE_REFUSAL, "ERROR ZZZZZ"}}, AUTH_STATUS_INTERNAL, false, false},
    {{{FAKE_REFUSAL, "FATAL 57P01"}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_NO_STATE, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_LOST, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_ROW, "7 8"}, {FAKE_LOST, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_SILENT, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_NO_SEND, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_NO_FLUSH, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_OTHER, NULL}}, AUTH_STATUS_INTERNAL, true, false},
    {{{FAKE_END, NULL}}, AUTH_STATUS_UNAVAILABLE, true, true},
    {{{FAKE_REFUSAL, "ERROR 23505"}, {FAKE_ROW, "1"}}, AUTH_STATUS_CONFLICT, false, false},
};

START_TEST(a_call_tells_what_became_of_it)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    const call_row *row = &calls[_i];
    fake_exchange script[] = {FAKE_BEGIN, {"OWN_BACKEND", {{FAKE_END, NULL}}}};
    registry_result *result = NULL;
    memcpy(script[1].answers, row->answers, sizeof row->answers);
    registry_connection *connection = open_for(script, 2);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    auth_status status =
        registry_run(connection, REGISTRY_STATEMENT_OWN_BACKEND, REGISTRY_NO_VALUES, &result, &err);
    ck_assert_msg(status == row->status, "%s: %s", auth_status_name(status), err.text);
    ck_assert_int_eq(registry_connection_is_broken(connection), row->is_broken);
    ck_assert_int_eq(registry_connection_is_repeatable(connection), row->is_repeatable);
    ck_assert((result != NULL) == (status == AUTH_STATUS_OK));
    if (result != NULL)
        ck_assert_int_eq(registry_value_int64(result, 0, 0), 7);
    registry_result_free(result);
    close_all(connection);
}
END_TEST

typedef struct batch_row {
    fake_answer second[FAKE_ANSWERS];
    auth_status status;
    bool is_broken;
} batch_row;

static const batch_row batches[] = {
    {{{FAKE_ROW, "2"}}, AUTH_STATUS_OK, false},
    {{{FAKE_REFUSAL, "ERROR 23505 t_once"}}, AUTH_STATUS_CONFLICT, false},
    {{{FAKE_REFUSAL, "FATAL 57P01"}}, AUTH_STATUS_UNAVAILABLE, true},
    {{{FAKE_LOST, NULL}}, AUTH_STATUS_UNAVAILABLE, true},
    {{{FAKE_SILENT, NULL}}, AUTH_STATUS_UNAVAILABLE, true},
    {{{FAKE_END, NULL}}, AUTH_STATUS_UNAVAILABLE, true},
};

START_TEST(a_batch_succeeds_whole_or_names_what_failed)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(registry_batch) *batch = NULL;
    fake_exchange script[] = {
        FAKE_BEGIN,
        {"WRITE_TO_LOG", {{FAKE_ROW, "1"}}},
        {"WRITE_TO_LOG", {{FAKE_END, NULL}}},
        {"WRITE_TO_LOG", {{FAKE_ROW, "3"}}},
    };
    memcpy(script[2].answers, batches[_i].second, sizeof batches[_i].second);
    registry_connection *connection = open_for(script, 4);
    assert_fails(registry_batch_new(connection, 3, &batch, &err), AUTH_STATUS_INTERNAL, &err);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_fails(registry_batch_new(connection, 0, &batch, &err), AUTH_STATUS_LIMIT, &err);
    assert_ok(registry_batch_new(connection, 3, &batch, &err), &err);
    for (size_t i = 0; i < 3; i++)
        assert_ok(registry_batch_add(batch, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES,
                                     &err),
                  &err);
    assert_fails(registry_batch_add(batch, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES,
                                    &err),
                 AUTH_STATUS_LIMIT, &err);
    auth_status status = registry_batch_run(batch, &err);
    ck_assert_msg(status == batches[_i].status, "%s: %s", auth_status_name(status), err.text);
    ck_assert_int_eq(registry_connection_is_broken(connection), batches[_i].is_broken);
    if (status == AUTH_STATUS_OK)
        ck_assert_int_eq(registry_value_int64(registry_batch_result(batch, 2), 0, 0), 3);
    if (status == AUTH_STATUS_CONFLICT)
        ck_assert_msg(strstr(err.text, "statement 2 of 3") != NULL, "%s", err.text);
    registry_batch_free(AUTH_TAKE(batch));
    close_all(connection);
}
END_TEST

START_TEST(a_batch_that_is_not_run_leaves_nothing_usable)
{
    auth_error err;
    registry_batch *batch = NULL;
    static const fake_exchange script[] = {FAKE_BEGIN};
    registry_connection *connection = open_for(script, 1);
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_batch_new(connection, 3, &batch, &err), &err);
    registry_batch_free(batch);
    ck_assert(registry_connection_is_broken(connection));
    close_all(connection);
}
END_TEST

START_TEST(a_listener_is_told_and_does_not_wait_for_ever)
{
    auth_error err;
    bool is_told = true;
    static const fake_exchange script[] = {{"LISTEN auth_request", {{FAKE_DONE, "LISTEN"}}}};
    registry_connection *connection = open_for(script, 1);
    assert_ok(registry_listen(connection, REGISTRY_CHANNEL_REQUEST, &err), &err);
    assert_ok(registry_listen_wait(connection, 20, &is_told, &err), &err);
    ck_assert(!is_told);
    fake_notify();
    fake_notify();
    assert_ok(registry_listen_wait(connection, 20, &is_told, &err), &err);
    ck_assert(is_told);
    assert_ok(registry_listen_wait(connection, 20, &is_told, &err), &err);
    ck_assert(!is_told);
    fake_cut_idle();
    assert_fails(registry_listen_wait(connection, 1000, &is_told, &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
    close_all(connection);
}
END_TEST

static auth_status open_only(auth_error *err)
{
    registry_connection *connection = NULL;
    auth_status status = registry_connection_open(&settings, &connection, err);
    registry_connection_free(connection);
    return status;
}

START_TEST(a_connection_that_cannot_be_had_says_why)
{
    auth_error err;
    fake_play(NULL, 0);
    fake_refuse_connections(1, "connection to server failed: Connection refused");
    assert_fails(open_only(&err), AUTH_STATUS_UNAVAILABLE, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "Connection refused"));
    fake_refuse_connections(1, "FATAL:  password authentication failed for user \"auth_ca\"");
    assert_fails(open_only(&err), AUTH_STATUS_DENIED, &err);
    fake_ignore_connections(1);
    assert_fails(open_only(&err), AUTH_STATUS_UNAVAILABLE, &err);
    fake_be((fake_server){.version = 140011});
    assert_fails(open_only(&err), AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

START_TEST(a_host_that_does_not_answer_is_passed_over)
{
    auth_error err;
    registry_connection *connection = NULL;
    registry_settings several = settings;
    several.conninfo = "host=/run/one,/run/two,/run/three port=1,2,3";
    fake_play(NULL, 0);
    fake_ignore_connections(2);
    assert_ok(registry_connection_open(&several, &connection, &err), &err);
    ck_assert_uint_eq(fake_connections(), 3);
    close_all(connection);
}
END_TEST

START_TEST(a_line_in_clear_is_refused_whatever_was_asked)
{
    static const char *const protocols[] = {NULL, "TLSv1", "TLSv1.1"};
    auth_error err;
    fake_play(NULL, 0);
    fake_be((fake_server){.version = 150000, .is_remote = true, .protocol = protocols[_i]});
    assert_fails(open_only(&err), AUTH_STATUS_DENIED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "TLS"));
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

START_TEST(a_session_that_cannot_be_set_up_is_no_connection)
{
    auth_error err;
    static const struct {
        fake_exchange exchange;
        auth_status status;
    } rows[] = {
        {{"SET search_path", {{FAKE_REFUSAL, "ERROR 42501"}}}, AUTH_STATUS_DENIED},
        {{"SET search_path", {{FAKE_SILENT, NULL}}}, AUTH_STATUS_UNAVAILABLE},
        {{"SELECT version", {{FAKE_ROW, ""}}}, AUTH_STATUS_UNSUPPORTED},
        {{"SELECT version", {{FAKE_LOST, NULL}}}, AUTH_STATUS_UNAVAILABLE},
        {{"prepare WRITE", {{FAKE_REFUSAL, "ERROR 42P01"}}}, AUTH_STATUS_INTERNAL},
        {{"prepare WRITE", {{FAKE_LOST, NULL}}}, AUTH_STATUS_UNAVAILABLE},
        {{"OWN_BACKEND", {{FAKE_ROW, ""}}}, AUTH_STATUS_INTERNAL},
    };
    fake_play(&rows[_i].exchange, 1);
    assert_fails(open_only(&err), rows[_i].status, &err);
    ck_assert_msg(fake_is_over(), "%s", fake_complaint());
}
END_TEST

static auth_status use_everything(void *context)
{
    static const fake_exchange script[] = {
        FAKE_BEGIN,
        {"BACKEND_IS_ALIVE", {{FAKE_ROW, "1"}}},
        {"WRITE_TO_LOG", {{FAKE_ROW, "1"}}},
        {"WRITE_TO_LOG", {{FAKE_ROW, "1"}}},
        FAKE_COMMIT,
    };
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(registry_pool) *pool = NULL;
    AUTH_AUTO(registry_result) *result = NULL;
    AUTH_AUTO(registry_batch) *batch = NULL;
    registry_connection *connection = NULL;
    fake_play(script, sizeof script / sizeof script[0]);
    (void)context;
    auth_status status = registry_pool_new(&settings, 2, &pool, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_pool_take(pool, 100, &connection, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_SERIALIZABLE, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_run(connection, REGISTRY_STATEMENT_BACKEND_IS_ALIVE,
                              REGISTRY_VALUES(registry_int64(1), registry_time(0)), &result, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_batch_new(connection, 2, &batch, &err);
    for (int i = 0; status == AUTH_STATUS_OK && i < 2; i++)
        status =
            registry_batch_add(batch, REGISTRY_STATEMENT_WRITE_TO_LOG, REGISTRY_NO_VALUES, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_batch_run(batch, &err);
    registry_batch_free(AUTH_TAKE(batch));
    if (status == AUTH_STATUS_OK)
        status = registry_commit(connection, &err);
    registry_result_free(AUTH_TAKE(result));
    if (connection != NULL)
        registry_pool_give(pool, connection);
    registry_pool_free(AUTH_TAKE(pool));
    /* Nothing may be left, and the error tells the same. */
    bool is_clean = status == AUTH_STATUS_OK ? fake_is_over() : err.status == status;
    return is_clean ? status : AUTH_STATUS_INTERNAL;
}

START_TEST(a_lack_of_memory_is_told)
{
    ck_assert_uint_gt(harness_for_each_failure(use_everything, NULL), 5);
}
END_TEST

SUITE("registry_commit", TEST_EACH(a_commit_has_three_outcomes, sizeof commits / sizeof commits[0]),
      TEST(nothing_is_sent_without_a_transaction), TEST(a_line_that_was_lost_before_is_no_unknown),
      TEST(a_warning_before_the_commit_does_not_count),
      TEST_EACH(a_call_tells_what_became_of_it, sizeof calls / sizeof calls[0]),
      TEST_EACH(a_batch_succeeds_whole_or_names_what_failed, sizeof batches / sizeof batches[0]),
      TEST(a_batch_that_is_not_run_leaves_nothing_usable),
      TEST(a_listener_is_told_and_does_not_wait_for_ever),
      TEST(a_connection_that_cannot_be_had_says_why),
      TEST(a_host_that_does_not_answer_is_passed_over),
      TEST_EACH(a_line_in_clear_is_refused_whatever_was_asked, 3),
      TEST_EACH(a_session_that_cannot_be_set_up_is_no_connection, 7),
      TEST(a_lack_of_memory_is_told))
