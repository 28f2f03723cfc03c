/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a batch of requests become certificates as a whole or not at all, is just the item refused
 * that clashes with what is there, and does the work of a claimer that dies go on elsewhere?
 */
#include "harness/cluster.h"
#include "harness/registry_rows.h"
#include "registry/blocked_key.h"
#include "registry/citizen.h"
#include "registry/transaction.h"

#include <stdlib.h>
#include <string.h>

#define COUNT 40

static char database[CLUSTER_NAME_SIZE];
static registry_connection *super;
static registry_connection *ca;
static registry_connection *ra;
static registry_pool *ca_pool;
static registry_pool *ra_pool;
static rows_request made[COUNT];
static registry_request_new requests[COUNT];

static registry_pool *make_pool(registry_role role)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_pool *pool = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = role};
    cluster_conninfo(database, registry_role_name(role), conninfo);
    assert_ok(registry_pool_new(&settings, 2, &pool, &err), &err);
    return pool;
}

static void begin_world(void)
{
    cluster_database(database);
    super = cluster_connect_superuser(database);
    cluster_sql(super, rows_realm);
    ca = cluster_connect(database, REGISTRY_ROLE_CA);
    ra = cluster_connect(database, REGISTRY_ROLE_RA);
    ca_pool = make_pool(REGISTRY_ROLE_CA);
    ra_pool = make_pool(REGISTRY_ROLE_RA);
    for (size_t i = 0; i < COUNT; i++) {
        rows_make(&made[i], i);
        requests[i] = made[i].request;
    }
}

static void end_world(void)
{
    registry_pool_free(ca_pool);
    registry_pool_free(ra_pool);
    registry_connection_free(ca);
    registry_connection_free(ra);
    registry_connection_free(super);
}

static void submit(size_t first, size_t count)
{
    auth_error err;
    registry_submitted results[COUNT];
    assert_ok(registry_request_submit(ra_pool, requests + first, count, results, &err), &err);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(results[i].what, REGISTRY_SUBMISSION_NEW);
}

static void assert_count(const char *sql, const char *expected)
{
    const char *got = cluster_ask(super, sql);
    ck_assert_msg(strcmp(got, expected) == 0, "%s: %s, not %s", sql, got, expected);
}

/* Changes a decision before it is added; NULL leaves all as they are. */
typedef void change(registry_decision *decision, uint64_t number);

typedef struct authority {
    change *change;
    int prepared;
    int signed_;
    int journalled;
    bool journal_fails;
    registry_decision last[COUNT]; /* by number, as they stood when they were journalled */
} authority;

static auth_status prepare(registry_connection *connection, registry_queue_batch *batch,
                           void *context, auth_error *err)
{
    authority *of = context;
    (void)connection;
    of->prepared++;
    for (size_t i = 0; i < batch->document_count; i++) {
        uint64_t number = rows_number(batch->documents[i].request.id);
        registry_decision decision = rows_grant(&made[number], i);
        decision.der = (auth_bytes){NULL, 0};
        if (of->change != NULL)
            of->change(&decision, number);
        auth_status status = registry_queue_decide(batch, &decision, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_status sign(registry_connection *connection, registry_queue_batch *batch, void *context,
                        auth_error *err)
{
    authority *of = context;
    (void)connection;
    (void)err;
    for (size_t i = 0; i < batch->decision_count; i++) {
        registry_decision *decision = &batch->decisions[i];
        if (!registry_decision_is_granted(decision) || decision->serial.data == NULL ||
            decision->der.data != NULL)
            continue;
        uint64_t number = rows_number(batch->documents[decision->document].request.id);
        decision->der = (auth_bytes){made[number].der, sizeof made[number].der};
        of->signed_++;
    }
    return AUTH_STATUS_OK;
}

static auth_status journal(registry_connection *connection, registry_queue_batch *batch,
                           void *context, auth_error *err)
{
    authority *of = context;
    (void)connection;
    of->journalled++;
    for (size_t i = 0; i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        of->last[rows_number(batch->documents[decision->document].request.id)] = *decision;
    }
    if (of->journal_fails)
        return auth_error_set(err, AUTH_STATUS_IO, "journal: the disk is full; free space");
    return AUTH_STATUS_OK;
}

static auth_status try_run(authority *of, registry_queue_report *report, auth_error *err)
{
    registry_queue_work work = {prepare, sign, journal, NULL, of, NULL};
    return registry_queue_run(ca_pool, NULL, ROWS_NOW, &work, report, err);
}

static registry_queue_report run(authority *of)
{
    auth_error err;
    registry_queue_report report = {0};
    assert_ok(try_run(of, &report, &err), &err);
    return report;
}

START_TEST(a_batch_becomes_certificates)
{
    begin_world();
    authority of = {0};
    submit(0, COUNT);
    registry_queue_report report = run(&of);
    ck_assert_uint_eq(report.documents, COUNT);
    ck_assert_uint_eq(report.granted, COUNT);
    ck_assert_uint_eq(report.refused, 0);
    ck_assert_int_eq(of.prepared, 1);
    ck_assert_int_eq(of.journalled, 1);
    assert_count("SELECT count(*) FROM certificate c JOIN outcome o USING (request_id, item)"
                 " JOIN request r USING (request_id) JOIN citizen z USING (citizen_id)"
                 " JOIN live_certificate l ON l.serial = c.serial AND l.citizen_id = c.citizen_id"
                 " JOIN key_holder k ON k.key_hash = c.key_hash AND k.citizen_id = c.citizen_id"
                 " JOIN ledger_entry e ON e.serial = c.serial AND e.event = 33"
                 " WHERE o.serial = c.serial AND o.status = 0 AND r.state = 4",
                 "40");
    assert_count("SELECT count(*) FROM ledger_entry WHERE event = 1", "40");
    report = run(&of);
    ck_assert_uint_eq(report.documents, 0);
    end_world();
}
END_TEST

START_TEST(what_was_issued_is_found)
{
    begin_world();
    auth_error err;
    authority of = {0};
    registry_certificate found;
    registry_certificate_status status;
    AUTH_AUTO(registry_result) *by_serial = NULL;
    AUTH_AUTO(registry_result) *by_key = NULL;
    AUTH_AUTO(registry_result) *by_citizen = NULL;
    AUTH_AUTO(registry_result) *by_request = NULL;
    submit(0, 3);
    (void)run(&of);
    auth_bytes serial = {made[1].serial, sizeof made[1].serial};
    auth_bytes none = {NULL, 0};
    assert_ok(registry_certificate_find(ca, serial, &by_serial, &err), &err);
    assert_ok(registry_certificate_read(by_serial, 0, &found, &err), &err);
    assert_bytes(found.der, ((auth_bytes){made[1].der, ROWS_DER_SIZE}));
    assert_bytes(found.request_id, made[1].request.id);
    ck_assert_str_eq(found.profile, "citizen-signing");
    assert_ok(registry_certificate_list_key(ca, found.key_hash, none, 9, &by_key, &err), &err);
    ck_assert_uint_eq(registry_result_rows(by_key), 1);
    assert_ok(registry_certificate_list_citizen(ra, found.citizen_id, none, 9, &by_citizen, &err),
              &err);
    ck_assert_uint_eq(registry_result_rows(by_citizen), 1);
    assert_ok(registry_certificate_list_request(ra, found.request_id, none, 9, &by_request, &err),
              &err);
    ck_assert_uint_eq(registry_result_rows(by_request), 1);
    assert_ok(registry_certificate_status_find(ca, serial, &status, &err), &err);
    ck_assert_int_eq(status.action, REGISTRY_ACTION_NONE);
    ck_assert_int_eq(status.not_after, found.not_after);
    auth_bytes never = {made[5].serial, sizeof made[5].serial};
    assert_fails(registry_certificate_status_find(ca, never, &status, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
    end_world();
}
END_TEST

START_TEST(the_same_document_again_is_the_same_request)
{
    begin_world();
    auth_error err;
    registry_submitted results[4];
    rows_request other;
    submit(0, 2);
    registry_request_new again[4] = {requests[0], requests[1], requests[2], requests[2]};
    rows_make(&other, 99);
    again[1].payload_hash = other.request.payload_hash;
    assert_ok(registry_request_submit(ra_pool, again, 4, results, &err), &err);
    ck_assert_int_eq(results[0].what, REGISTRY_SUBMISSION_BEFORE);
    ck_assert_int_eq(results[0].state, REGISTRY_REQUEST_APPROVED);
    ck_assert_int_eq(results[1].what, REGISTRY_SUBMISSION_OTHER);
    ck_assert_int_eq(results[2].what, REGISTRY_SUBMISSION_NEW);
    ck_assert_int_eq(results[3].what, REGISTRY_SUBMISSION_BEFORE);
    assert_count("SELECT count(*) FROM request_item", "3");
    assert_count("SELECT count(*) FROM signature", "6");
    assert_count("SELECT count(*) FROM ledger_entry", "3");
    end_world();
}
END_TEST

/* Number 1 has a blocked key, 2 the key of 0, 3 the person of 0, 4 the serial number of 5. */
static void clash(registry_decision *decision, uint64_t number)
{
    if (number == 2)
        decision->key_hash = made[0].request.payload_hash;
    if (number == 0)
        decision->key_hash = made[0].request.payload_hash;
    if (number == 3)
        decision->person_index = made[0].item.person_index;
}

START_TEST(only_the_item_that_clashes_within_a_batch_is_refused)
{
    begin_world();
    auth_error err;
    authority of = {.change = clash};
    assert_ok(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_blocked_key_insert(ca,
                                          (auth_bytes){made[1].key_hash, sizeof made[1].key_hash},
                                          "weak", (auth_bytes){NULL, 0}, &err),
              &err);
    assert_ok(registry_commit(ca, &err), &err);
    submit(0, 10);
    registry_queue_report report = run(&of);
    ck_assert_uint_eq(report.documents, 10);
    ck_assert_uint_eq(report.granted, 7);
    ck_assert_uint_eq(report.refused, 3);
    ck_assert_uint_eq(report.poisoned, 0);
    ck_assert_int_eq(of.last[1].refusal, REGISTRY_REFUSAL_KEY_BLOCKED);
    ck_assert_int_eq(of.last[2].refusal, REGISTRY_REFUSAL_KEY_OF_ANOTHER);
    ck_assert_int_eq(of.last[3].refusal, REGISTRY_REFUSAL_TWICE);
    ck_assert_int_eq(of.signed_, 7);
    assert_count("SELECT count(*) FROM request WHERE state = 4", "7");
    assert_count("SELECT count(*) FROM request WHERE state = 5", "3");
    assert_count("SELECT count(*) FROM outcome WHERE status <> 0 AND detail IS NOT NULL", "3");
    end_world();
}
END_TEST

static bool replaces;

/* 10 and on are for the persons of 0 and on, with new keys. */
static void same_person(registry_decision *decision, uint64_t number)
{
    if (number < 10)
        return;
    decision->person_index = made[number - 10].item.person_index;
    if (replaces)
        decision->replaces = (auth_bytes){made[number - 10].serial, 18};
}

START_TEST(a_live_certificate_gives_way_only_to_its_successor)
{
    begin_world();
    authority of = {.change = same_person};
    submit(0, 5);
    (void)run(&of);
    replaces = false;
    submit(10, 3);
    registry_queue_report report = run(&of);
    ck_assert_uint_eq(report.refused, 3);
    ck_assert_int_eq(of.last[11].refusal, REGISTRY_REFUSAL_LIVE);
    replaces = true;
    submit(13, 2);
    report = run(&of);
    ck_assert_uint_eq(report.granted, 2);
    assert_count("SELECT count(*) FROM citizen", "5");
    assert_count("SELECT count(*) FROM live_certificate", "5");
    assert_count("SELECT count(*) FROM live_certificate l JOIN certificate c USING (serial)"
                 " JOIN request_item i USING (request_id, item)"
                 " WHERE l.citizen_id = c.citizen_id",
                 "5");
    end_world();
}
END_TEST

/* A key of a citizen of before, for somebody else. */
static void key_of_before(registry_decision *decision, uint64_t number)
{
    if (number == 10)
        decision->key_hash = (auth_bytes){made[0].key_hash, sizeof made[0].key_hash};
}

START_TEST(a_key_belongs_to_one_holder_for_ever)
{
    begin_world();
    authority of = {.change = key_of_before};
    submit(0, 1);
    (void)run(&of);
    submit(10, 2);
    registry_queue_report report = run(&of);
    ck_assert_uint_eq(report.granted, 1);
    ck_assert_int_eq(of.last[10].refusal, REGISTRY_REFUSAL_KEY_OF_ANOTHER);
    end_world();
}
END_TEST

static registry_action action;

/* 10 and on act on the certificates of 0 and on; 14 on one that was never issued. */
static void act(registry_decision *decision, uint64_t number)
{
    if (number < 10)
        return;
    decision->serial = (auth_bytes){NULL, 0};
    decision->person_index = (auth_bytes){NULL, 0};
    decision->action = action;
    decision->target = (auth_bytes){made[number % 10].serial, 18};
    decision->act_reason = action == REGISTRY_ACTION_REVOKE ? 1 : 6;
}

START_TEST(a_revocation_is_final_and_what_is_suspended_resumes)
{
    begin_world();
    authority of = {.change = act};
    submit(0, 4);
    (void)run(&of);
    action = REGISTRY_ACTION_SUSPEND;
    submit(10, 5);
    registry_queue_report report = run(&of);
    ck_assert_uint_eq(report.granted, 4);
    ck_assert_int_eq(of.last[14].refusal, REGISTRY_REFUSAL_NOT_ISSUED);
    action = REGISTRY_ACTION_REVOKE;
    submit(20, 2);
    report = run(&of);
    ck_assert_uint_eq(report.granted, 2);
    assert_count("SELECT count(*) FROM live_certificate", "2");
    action = REGISTRY_ACTION_RESUME;
    submit(30, 4);
    report = run(&of);
    ck_assert_uint_eq(report.granted, 2);
    ck_assert_int_eq(of.last[30].refusal, REGISTRY_REFUSAL_OUT_OF_TURN);
    ck_assert_int_eq(of.last[33].refusal, REGISTRY_REFUSAL_NONE);
    assert_count("SELECT count(*) FROM certificate_status WHERE action = 1", "2");
    assert_count("SELECT count(*) FROM certificate_status WHERE action = 3", "2");
    end_world();
}
END_TEST

/* Number 7 breaks a rule of the database that nobody looks up before. */
static void poison(registry_decision *decision, uint64_t number)
{
    if (number == 7)
        decision->not_after = decision->not_before;
}

START_TEST(a_poisoned_document_is_refused_and_the_rest_goes_on)
{
    begin_world();
    authority of = {.change = poison};
    submit(0, 20);
    registry_queue_report report = run(&of);
    ck_assert_uint_eq(report.documents, 20);
    ck_assert_uint_eq(report.granted, 19);
    ck_assert_uint_eq(report.poisoned, 1);
    ck_assert_int_eq(of.last[7].refusal, REGISTRY_REFUSAL_RULE);
    /* What was signed for the batch that failed is used for the documents one by one. */
    ck_assert_int_eq(of.signed_, 20);
    ck_assert_int_eq(of.prepared, 1);
    assert_count("SELECT count(*) FROM certificate", "19");
    assert_count("SELECT count(*) FROM request WHERE state = 5", "1");
    assert_count("SELECT count(*) FROM request WHERE state = 2", "0");
    end_world();
}
END_TEST

START_TEST(nothing_is_stored_when_the_journal_fails)
{
    begin_world();
    auth_error err;
    registry_queue_report report;
    authority of = {.journal_fails = true};
    submit(0, 5);
    assert_fails(try_run(&of, &report, &err), AUTH_STATUS_IO, &err);
    assert_count("SELECT count(*) FROM outcome", "0");
    assert_count("SELECT count(*) FROM citizen", "0");
    of.journal_fails = false;
    ck_assert_uint_eq(run(&of).granted, 5);
    end_world();
}
END_TEST

static size_t claim(registry_connection *connection, size_t documents, size_t items,
                    registry_queue_batch **batch)
{
    auth_error err;
    registry_queue_limits limits = {.documents = documents, .items = items};
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_queue_batch_new(batch, &err), &err);
    assert_ok(registry_queue_claim(connection, &limits, *batch, &err), &err);
    return (*batch)->document_count;
}

START_TEST(two_claimers_share_the_queue_and_the_work_of_a_dead_one_is_back)
{
    begin_world();
    registry_connection *other = cluster_connect(database, REGISTRY_ROLE_CA);
    AUTH_AUTO(registry_queue_batch) *first = NULL;
    AUTH_AUTO(registry_queue_batch) *second = NULL;
    AUTH_AUTO(registry_queue_batch) *third = NULL;
    submit(0, 10);
    ck_assert_uint_eq(claim(ca, 6, 0, &first), 6);
    ck_assert_uint_eq(claim(other, 0, 0, &second), 4);
    for (size_t i = 0; i < 6; i++)
        ck_assert_uint_eq(rows_number(first->documents[i].request.id), i);
    registry_rollback(other);
    registry_connection_free(ca);
    /* The server notices the closed socket by itself. */
    cluster_wait(super,
                 "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                 " WHERE a.usename = 'auth_ca' AND l.locktype = 'transactionid'",
                 "0");
    ck_assert_uint_eq(claim(other, 0, 3, &third), 3);
    registry_rollback(other);
    registry_connection_free(other);
    ca = NULL;
    end_world();
}
END_TEST

/* What is too much for one claim is locked by nobody, and who comes next has it. */
START_TEST(a_claim_locks_no_more_than_it_takes)
{
    begin_world();
    registry_connection *other = cluster_connect(database, REGISTRY_ROLE_CA);
    AUTH_AUTO(registry_queue_batch) *first = NULL;
    AUTH_AUTO(registry_queue_batch) *second = NULL;
    AUTH_AUTO(registry_queue_batch) *third = NULL;
    submit(0, 10);
    ck_assert_uint_eq(claim(ca, 0, 4, &first), 4);
    ck_assert_uint_eq(claim(other, 0, 4, &second), 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(rows_number(second->documents[i].request.id), 4 + i);
    registry_rollback(other);
    ck_assert_uint_eq(claim(other, 0, 0, &third), 6);
    registry_rollback(other);
    registry_connection_free(other);
    registry_rollback(ca);
    end_world();
}
END_TEST

/* Leaves the item of number 3 without a decision: it waits for an activation. */
static auth_status prepare_but_3(registry_connection *connection, registry_queue_batch *batch,
                                 void *context, auth_error *err)
{
    auth_status status = prepare(connection, batch, context, err);
    size_t kept = 0;
    for (size_t i = 0; i < batch->decision_count; i++) {
        registry_decision decision = batch->decisions[i];
        if (rows_number(batch->documents[decision.document].request.id) != 3 ||
            batch->activation_count > 0)
            batch->decisions[kept++] = decision;
    }
    batch->decision_count = kept;
    return status;
}

START_TEST(an_item_waits_for_its_activation)
{
    begin_world();
    auth_error err;
    authority of = {0};
    registry_queue_report report;
    registry_queue_work work = {prepare_but_3, sign, NULL, NULL, &of, NULL};
    static const uint8_t csr[64] = {1};
    registry_result *found = NULL;
    auth_bytes first;
    submit(3, 1);
    assert_ok(registry_queue_run(ca_pool, NULL, ROWS_NOW, &work, &report, &err), &err);
    ck_assert_uint_eq(report.documents, 1);
    assert_fails(registry_request_activation(ra, requests[3].id, 0, &found, &first, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    assert_count("SELECT state FROM request", "3");
    assert_ok(registry_begin(ra, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_request_activate(ra, requests[3].id, 0, (auth_bytes){csr, 64},
                                        (auth_bytes){csr, 32}, &err),
              &err);
    assert_fails(registry_request_activate(ra, requests[3].id, 0, (auth_bytes){csr, 64},
                                           (auth_bytes){csr, 32}, &err),
                 AUTH_STATUS_CONFLICT, &err);
    assert_ok(registry_request_activation(ra, requests[3].id, 0, &found, &first, &err), &err);
    assert_bytes(first, ((auth_bytes){csr, sizeof csr}));
    registry_result_free(found);
    assert_ok(registry_commit(ra, &err), &err);
    assert_count("SELECT state FROM request", "2");
    assert_ok(registry_queue_run(ca_pool, NULL, ROWS_NOW, &work, &report, &err), &err);
    ck_assert_uint_eq(report.granted, 1);
    assert_count("SELECT state FROM request", "4");
    end_world();
}
END_TEST

static auth_status refuse_all(registry_connection *connection, registry_queue_batch *batch,
                              void *context, auth_error *err)
{
    (void)connection;
    (void)context;
    (void)err;
    for (size_t i = 0; i < batch->document_count; i++) {
        batch->documents[i].is_refused = true;
        batch->documents[i].reason = 7;
        batch->documents[i].detail = "the quorum is not met; let an approver sign";
        batch->documents[i].event = 40;
        batch->documents[i].body = (auth_bytes){(const uint8_t *)"{}", 2};
    }
    return AUTH_STATUS_OK;
}

START_TEST(a_document_is_refused_as_a_whole)
{
    begin_world();
    auth_error err;
    registry_queue_report report;
    registry_queue_work work = {.prepare = refuse_all};
    submit(0, 2);
    assert_ok(registry_queue_run(ca_pool, NULL, ROWS_NOW, &work, &report, &err), &err);
    ck_assert_uint_eq(report.documents, 2);
    assert_count("SELECT count(*) FROM request WHERE state = 5 AND reason = 7", "2");
    assert_count("SELECT count(*) FROM ledger_entry WHERE event = 40", "2");
    end_world();
}
END_TEST

START_TEST(requests_past_their_time_expire)
{
    begin_world();
    auth_error err;
    AUTH_AUTO(registry_result) *expired = NULL;
    submit(0, 3);
    assert_ok(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_queue_expire(ca, ROWS_NOW + 86401, 2, &expired, &err), &err);
    assert_ok(registry_commit(ca, &err), &err);
    ck_assert_uint_eq(registry_result_rows(expired), 2);
    assert_count("SELECT count(*) FROM request WHERE state = 7", "2");
    end_world();
}
END_TEST

static auth_status run_batch(registry_connection *connection, authority *of, auth_error *err)
{
    AUTH_AUTO(registry_queue_batch) *batch = NULL;
    auth_status status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_batch_new(&batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_claim(connection, NULL, batch, err);
    if (status == AUTH_STATUS_OK && batch->document_count != 5)
        return AUTH_STATUS_INTERNAL;
    if (status == AUTH_STATUS_OK)
        status = prepare(connection, batch, of, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_reserve(connection, batch, ROWS_NOW, err);
    if (status == AUTH_STATUS_OK)
        status = sign(connection, batch, of, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_complete(connection, batch, ROWS_NOW, err);
    return status;
}

/* Claims and stores by hand, on a connection of its own, which a failure may leave broken. */
static auth_status try_batch(void *context)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_connection *connection = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_CA};
    auth_status status =
        registry_embed_conninfo(cluster_dir(), "auth_ca", database, conninfo, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_connection_open(&settings, &connection, &err);
    if (status == AUTH_STATUS_OK)
        status = run_batch(connection, context, &err);
    registry_connection_free(connection);
    /* The next attempt is to find the requests unlocked. */
    if (status != AUTH_STATUS_OK)
        cluster_wait(super, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'auth_ca'", "0");
    return status;
}

START_TEST(without_memory_a_batch_fails_and_leaves_nothing)
{
    begin_world();
    authority of = {0};
    submit(0, 5);
    registry_connection_free(ca);
    ca = NULL;
    ck_assert_uint_gt(harness_for_each_failure(try_batch, &of), 30);
    assert_count("SELECT count(*) FROM outcome", "0");
    end_world();
}
END_TEST

CLUSTER_SUITE("registry_queue", TEST(a_batch_becomes_certificates), TEST(what_was_issued_is_found),
              TEST(the_same_document_again_is_the_same_request),
              TEST(only_the_item_that_clashes_within_a_batch_is_refused),
              TEST(a_live_certificate_gives_way_only_to_its_successor),
              TEST(a_key_belongs_to_one_holder_for_ever),
              TEST(a_revocation_is_final_and_what_is_suspended_resumes),
              TEST(a_poisoned_document_is_refused_and_the_rest_goes_on),
              TEST(nothing_is_stored_when_the_journal_fails),
              TEST(two_claimers_share_the_queue_and_the_work_of_a_dead_one_is_back),
              TEST(a_claim_locks_no_more_than_it_takes), TEST(an_item_waits_for_its_activation),
              TEST(a_document_is_refused_as_a_whole), TEST(requests_past_their_time_expire),
              TEST(without_memory_a_batch_fails_and_leaves_nothing))
