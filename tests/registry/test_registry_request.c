/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a request gather its signatures without losing one, is it found by all that one may know of
 * it, and does a follower of revocations hear of each, in whatever order transactions commit?
 */
#include "harness/cluster.h"
#include "harness/registry_rows.h"
#include "registry/crl.h"
#include "registry/office.h"
#include "registry/officer.h"
#include "registry/revocation.h"
#include "registry/transaction.h"

#include <stdio.h>
#include <string.h>

#define COUNT 12

static char database[CLUSTER_NAME_SIZE];
static registry_connection *super;
static registry_connection *ca;
static registry_connection *ra;
static rows_request made[COUNT];

static void begin_world(void)
{
    cluster_database(database);
    super = cluster_connect_superuser(database);
    cluster_sql(super, rows_realm);
    ca = cluster_connect(database, REGISTRY_ROLE_CA);
    ra = cluster_connect(database, REGISTRY_ROLE_RA);
    for (size_t i = 0; i < COUNT; i++)
        rows_make(&made[i], i);
}

static void end_world(void)
{
    registry_connection_free(ca);
    registry_connection_free(ra);
    registry_connection_free(super);
}

static void begin(registry_connection *connection)
{
    auth_error err;
    assert_ok(registry_begin(connection, REGISTRY_READ_COMMITTED, &err), &err);
}

static void commit(registry_connection *connection)
{
    auth_error err;
    assert_ok(registry_commit(connection, &err), &err);
}

/* Submits requests from first up to end, in a state and with the first of their signatures. */
static void submit(size_t first, size_t end, registry_request_state state)
{
    auth_error err;
    registry_request_new requests[COUNT];
    registry_submitted results[COUNT];
    for (size_t i = first; i < end; i++) {
        made[i].request.state = state;
        made[i].request.signature_count = 1;
        requests[i] = made[i].request;
    }
    begin(ra);
    assert_ok(registry_request_enqueue(ra, requests + first, end - first, results, &err), &err);
    commit(ra);
}

static registry_amendment approve(size_t i)
{
    return (registry_amendment){
        .id = made[i].request.id,
        .revision = 1,
        .document = made[i].request.document,
        .seal_key = 1,
        .state = REGISTRY_REQUEST_APPROVED,
        .signature = made[i].signatures[1],
        .entry = {.event = 2,
                  .item = -1,
                  .request_id = made[i].request.id,
                  .office = ROWS_GUANGDONG,
                  .body = made[i].request.body},
    };
}

START_TEST(of_two_who_sign_at_once_one_reads_again)
{
    begin_world();
    auth_error err;
    registry_amendment amendment = approve(0);
    submit(0, 1, REGISTRY_REQUEST_SUBMITTED);
    begin(ra);
    assert_ok(registry_request_amend(ra, &amendment, &err), &err);
    commit(ra);
    ck_assert_str_eq(cluster_ask(super, "SELECT state || ' ' || revision FROM request"), "2 2");
    ck_assert_str_eq(cluster_ask(super, "SELECT count(*) FROM signature"), "2");
    begin(ra);
    assert_fails(registry_request_amend(ra, &amendment, &err), AUTH_STATUS_CONFLICT, &err);
    registry_rollback(ra);
    end_world();
}
END_TEST

START_TEST(nobody_signs_twice)
{
    begin_world();
    auth_error err;
    registry_amendment amendment = approve(0);
    amendment.signature = made[0].signatures[0];
    amendment.signature.place = 1;
    submit(0, 1, REGISTRY_REQUEST_SUBMITTED);
    begin(ra);
    assert_fails(registry_request_amend(ra, &amendment, &err), AUTH_STATUS_CONFLICT, &err);
    registry_rollback(ra);
    ck_assert_str_eq(cluster_ask(super, "SELECT revision FROM request"), "1");
    end_world();
}
END_TEST

START_TEST(what_is_rejected_stays_so)
{
    begin_world();
    auth_error err;
    registry_amendment amendment = approve(0);
    submit(0, 2, REGISTRY_REQUEST_SUBMITTED);
    begin(ra);
    assert_ok(registry_request_reject(ra, made[0].request.id, 5, "another address", ROWS_NOW,
                                      &amendment.entry, &err),
              &err);
    commit(ra);
    begin(ra);
    assert_fails(registry_request_amend(ra, &amendment, &err), AUTH_STATUS_CONFLICT, &err);
    registry_rollback(ra);
    begin(ra);
    assert_fails(registry_request_reject(ra, made[0].request.id, 5, NULL, ROWS_NOW,
                                         &amendment.entry, &err),
                 AUTH_STATUS_CONFLICT, &err);
    registry_rollback(ra);
    end_world();
}
END_TEST

/* Reads the numbers of what was listed into text: "1 2 3 ". */
static const char *numbers(registry_result *result)
{
    static char text[256];
    auth_error err;
    text[0] = '\0';
    for (size_t i = 0; i < registry_result_rows(result); i++) {
        registry_request read;
        size_t used = strlen(text);
        assert_ok(registry_request_read(result, i, &read, &err), &err);
        (void)snprintf(text + used, sizeof text - used, "%u ", (unsigned)rows_number(read.id));
    }
    registry_result_free(result);
    return text;
}

START_TEST(requests_are_listed_page_by_page)
{
    begin_world();
    auth_error err;
    static const int64_t offices[] = {ROWS_GUANGDONG, ROWS_BEIJING};
    static const int64_t states[] = {REGISTRY_REQUEST_SUBMITTED, REGISTRY_REQUEST_APPROVED};
    registry_result *result = NULL;
    made[3].request.office = ROWS_BEIJING;
    submit(0, 4, REGISTRY_REQUEST_SUBMITTED);
    submit(4, 6, REGISTRY_REQUEST_APPROVED);
    registry_request_query query = {.offices = offices,
                                    .office_count = 2,
                                    .states = states,
                                    .state_count = 2,
                                    .made_from = REGISTRY_NO_TIME,
                                    .made_before = REGISTRY_NO_TIME,
                                    .limit = 4};
    assert_ok(registry_request_list(ra, &query, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "0 1 2 3 ");
    query.after = made[3].request.id;
    assert_ok(registry_request_list(ra, &query, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "4 5 ");
    query.after = (auth_bytes){NULL, 0};
    query.office_count = 1;
    query.state_count = 1;
    assert_ok(registry_request_list(ra, &query, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "0 1 2 ");
    query.made_from = ROWS_NOW + 1;
    assert_ok(registry_request_list(ra, &query, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "");
    query.made_from = ROWS_NOW;
    query.made_before = ROWS_NOW + 1;
    assert_ok(registry_request_list(ra, &query, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "0 1 2 ");
    end_world();
}
END_TEST

START_TEST(requests_are_found_by_person_serial_and_id)
{
    begin_world();
    auth_error err;
    registry_result *result = NULL;
    AUTH_AUTO(registry_result) *found = NULL;
    AUTH_AUTO(registry_result) *items = NULL;
    AUTH_AUTO(registry_result) *signatures = NULL;
    registry_request read;
    registry_item item;
    registry_signature signature;
    auth_bytes none = {NULL, 0};
    auth_bytes serial = {made[7].serial, 18};
    auth_bytes indexes[2] = {made[1].item.person_index, made[9].item.person_index};
    made[2].item.serial = serial;
    submit(0, 3, REGISTRY_REQUEST_SUBMITTED);
    assert_ok(registry_request_list_person(ra, indexes, 2, none, 10, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "1 ");
    assert_ok(registry_request_list_serial(ra, serial, none, 10, &result, &err), &err);
    ck_assert_str_eq(numbers(result), "2 ");
    assert_ok(registry_request_find(ra, made[2].request.id, &found, &err), &err);
    assert_ok(registry_request_read(found, 0, &read, &err), &err);
    assert_bytes(read.document, made[2].request.document);
    assert_bytes(read.payload_hash, made[2].request.payload_hash);
    ck_assert_str_eq(registry_request_state_name(read.state), "submitted");
    ck_assert_int_eq(read.decided_at, REGISTRY_NO_TIME);
    assert_ok(registry_request_items(ra, read.id, &items, &err), &err);
    assert_ok(registry_item_read(items, 0, &item, &err), &err);
    assert_bytes(item.serial, serial);
    ck_assert(!item.has_outcome);
    assert_ok(registry_request_signatures(ra, read.id, &signatures, &err), &err);
    assert_ok(registry_signature_read(signatures, 0, &signature, &err), &err);
    ck_assert_str_eq(signature.officer_id, "officer-1");
    AUTH_AUTO(registry_result) *never = NULL;
    assert_fails(registry_request_find(ra, made[9].request.id, &never, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
    end_world();
}
END_TEST

/* Serial numbers that a follower heard of, by their last octet. */
typedef struct heard {
    char text[64];
} heard;

static auth_status hear(const registry_revocation *revocation, void *context, auth_error *err)
{
    heard *of = context;
    size_t used = strlen(of->text);
    (void)err;
    (void)snprintf(of->text + used, sizeof of->text - used, "%d ",
                   revocation->serial.data[revocation->serial.len - 1]);
    return AUTH_STATUS_OK;
}

/* Follows up to the end of a round, in pages of limit rows. */
static const char *follow(registry_revocation_cursor *cursor, size_t limit)
{
    static heard of;
    auth_error err;
    bool is_end = false;
    of.text[0] = '\0';
    while (!is_end)
        assert_ok(registry_revocation_follow(ca, cursor, limit, hear, &of, &is_end, &err), &err);
    return of.text;
}

/* Certificates 1 to 9 and one request that may revoke all of them. */
static const char certificates[] =
    "SET search_path = registry;"
    "INSERT INTO request (request_id, kind, office_no, state, item_count, payload_hash, document,"
    " seal_key, created_at, expires_at) VALUES ('00000000-0000-7000-8000-000000000001', 4, 2, 2,"
    " 20, sha256('p'), sha256('d'), 1, '2025-01-01Z', '2040-01-01Z');"
    "INSERT INTO request_item SELECT '00000000-0000-7000-8000-000000000001', n, NULL, NULL"
    " FROM generate_series(0, 19) n;"
    "INSERT INTO outcome SELECT '00000000-0000-7000-8000-000000000001', n, 0, NULL, NULL,"
    " CASE WHEN n BETWEEN 1 AND 9 THEN decode('012c' || lpad(n::text, 32, '0'), 'hex') END,"
    " '2025-01-01Z' FROM generate_series(0, 19) n;"
    "INSERT INTO certificate (serial, authority_id, shard, item, request_id, office_no, profile,"
    " key_hash, not_before, not_after, issued_at, der)"
    " SELECT decode('012c' || lpad(n::text, 32, '0'), 'hex'), 1, 0, n,"
    " '00000000-0000-7000-8000-000000000001', 2, 'p', sha256('k'), '2025-01-01Z', '2035-01-01Z',"
    " '2025-01-01Z', sha256('a') || sha256('b') FROM generate_series(1, 9) n;";

static void revoke(registry_connection *connection, int number)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO registry.revocation (serial, authority_id, shard, action, reason,"
                   " at, not_after, request_id, item) VALUES (decode('012c' || lpad('%d', 32, '0'),"
                   " 'hex'), 1, 0, 1, 1, now(), '2035-01-01Z',"
                   " '00000000-0000-7000-8000-000000000001', 0)",
                   number);
    cluster_sql(connection, sql);
}

START_TEST(a_follower_hears_of_what_commits_late)
{
    begin_world();
    registry_connection *other = cluster_connect_superuser(database);
    registry_revocation_cursor cursor = {0};
    cluster_sql(super, certificates);
    revoke(super, 1);
    ck_assert_str_eq(follow(&cursor, 100), "1 ");
    /* Its row has the lower revision and the lower transaction, and commits after the other's. */
    cluster_sql(other, "BEGIN");
    revoke(other, 2);
    revoke(super, 3);
    ck_assert_ptr_nonnull(strstr(follow(&cursor, 100), "3 "));
    cluster_sql(other, "COMMIT");
    ck_assert_ptr_nonnull(strstr(follow(&cursor, 100), "2 "));
    ck_assert_str_eq(follow(&cursor, 100), "");
    registry_connection_free(other);
    end_world();
}
END_TEST

/* A responder that starts reads no history, and misses nothing that commits from then on. */
START_TEST(a_follower_may_begin_at_this_moment)
{
    auth_error err;
    registry_knowledge knowledge;
    begin_world();
    registry_connection *other = cluster_connect_superuser(database);
    cluster_sql(super, certificates);
    revoke(super, 1);
    cluster_sql(other, "BEGIN");
    revoke(other, 2);
    assert_ok(registry_revocation_know(ca, &knowledge, &err), &err);
    ck_assert(!knowledge.is_standby);
    registry_revocation_cursor cursor = registry_revocation_from(&knowledge);
    revoke(super, 3);
    ck_assert_str_eq(follow(&cursor, 100), "3 ");
    cluster_sql(other, "COMMIT");
    ck_assert_ptr_nonnull(strstr(follow(&cursor, 100), "2 "));
    ck_assert_str_eq(follow(&cursor, 100), "");
    /* What a server knows never becomes less while it is the same one. */
    registry_knowledge later;
    assert_ok(registry_revocation_know(ca, &later, &err), &err);
    ck_assert_int_gt(later.transaction, knowledge.transaction);
    ck_assert_int_ge(later.transaction, cursor.transaction);
    ck_assert_int_ge(later.as_of, knowledge.as_of);
    registry_connection_free(other);
    end_world();
}
END_TEST

START_TEST(pages_of_a_round_are_whole)
{
    begin_world();
    registry_revocation_cursor cursor = {0};
    cluster_sql(super, certificates);
    cluster_sql(super, "BEGIN");
    for (int i = 1; i <= 5; i++)
        revoke(super, i);
    cluster_sql(super, "COMMIT");
    revoke(super, 6);
    ck_assert_str_eq(follow(&cursor, 2), "1 2 3 4 5 6 ");
    ck_assert_str_eq(follow(&cursor, 2), "");
    end_world();
}
END_TEST

START_TEST(a_crl_names_what_is_revoked_and_its_number_rises)
{
    begin_world();
    auth_error err;
    AUTH_AUTO(registry_result) *entries = NULL;
    AUTH_AUTO(registry_result) *newest = NULL;
    AUTH_AUTO(registry_result) *scopes = NULL;
    registry_revocation entry;
    registry_crl crl;
    registry_crl_scope scope;
    int64_t number = 0;
    cluster_sql(super, certificates);
    revoke(super, 2);
    revoke(super, 1);
    assert_ok(registry_revocation_list_crl(ca, 1, 0, ROWS_NOW, (auth_bytes){NULL, 0}, 10, &entries,
                                           &err),
              &err);
    ck_assert_uint_eq(registry_result_rows(entries), 2);
    assert_ok(registry_revocation_read(entries, 0, &entry, &err), &err);
    ck_assert_int_eq(entry.serial.data[17], 1);
    for (int64_t i = 1; i <= 2; i++) {
        begin(ca);
        assert_ok(registry_crl_take_number(ca, 1, 0, &number, &err), &err);
        ck_assert_int_eq(number, i);
        registry_crl made_crl = {.number = number,
                                 .this_update = ROWS_NOW + i,
                                 .next_update = ROWS_NOW + 1000,
                                 .der = made[0].request.body};
        assert_ok(registry_crl_insert(ca, 1, 0, &made_crl, &err), &err);
        commit(ca);
    }
    assert_ok(registry_crl_find(ca, 1, 0, false, &newest, &err), &err);
    assert_ok(registry_crl_read(newest, 0, &crl, &err), &err);
    ck_assert_int_eq(crl.number, 2);
    assert_ok(registry_crl_list_scopes(ca, &scopes, &err), &err);
    assert_ok(registry_crl_scope_read(scopes, 0, &scope, &err), &err);
    ck_assert_int_eq(scope.last_number, 2);
    end_world();
}
END_TEST

START_TEST(offices_and_officers_come_and_go)
{
    begin_world();
    auth_error err;
    int64_t number = 0;
    AUTH_AUTO(registry_result) *found = NULL;
    AUTH_AUTO(registry_result) *below = NULL;
    AUTH_AUTO(registry_result) *person = NULL;
    AUTH_AUTO(registry_result) *scope = NULL;
    registry_office office;
    registry_officer officer;
    registry_office_new shenzhen = {.id = "shenzhen",
                                    .parent = "guangdong",
                                    .region = "440300",
                                    .name = "Shenzhen",
                                    .opened_at = ROWS_NOW,
                                    .opened_by = made[0].request.id};
    registry_officer clerk = {.id = "clerk-9",
                              .role = 1,
                              .person_index = made[0].item.person_index,
                              .sealed_name = {made[0].sealed, 60},
                              .seal_key = 1,
                              .appointed_at = ROWS_NOW};
    begin(ca);
    assert_ok(registry_office_insert(ca, &shenzhen, &number, &err), &err);
    clerk.office = number;
    assert_ok(registry_officer_insert(ca, &clerk, made[0].request.id, &err), &err);
    commit(ca);
    assert_ok(registry_office_find(ra, "shenzhen", &found, &err), &err);
    assert_ok(registry_office_read(found, 0, &office, &err), &err);
    ck_assert_str_eq(office.path, "/centre/guangdong/shenzhen/");
    ck_assert_int_eq(office.parent, ROWS_GUANGDONG);
    ck_assert_int_eq(office.closed_at, REGISTRY_NO_TIME);
    assert_ok(registry_office_list(ra, "/centre/guangdong/", "", 10, &below, &err), &err);
    ck_assert_uint_eq(registry_result_rows(below), 2);
    assert_ok(registry_office_scope(ra, &scope, &err), &err);
    assert_ok(registry_officer_find_person(ra, &clerk.person_index, 1, &person, &err), &err);
    assert_ok(registry_officer_read(person, 0, &officer, &err), &err);
    ck_assert_str_eq(officer.id, "clerk-9");
    begin(ca);
    assert_ok(registry_officer_dismiss(ca, "clerk-9", ROWS_NOW, made[1].request.id, &err), &err);
    assert_ok(registry_office_close(ca, "shenzhen", ROWS_NOW, made[1].request.id, &err), &err);
    assert_fails(registry_office_close(ca, "shenzhen", ROWS_NOW, made[1].request.id, &err),
                 AUTH_STATUS_CONFLICT, &err);
    assert_fails(registry_officer_dismiss(ca, "nobody", ROWS_NOW, made[1].request.id, &err),
                 AUTH_STATUS_CONFLICT, &err);
    shenzhen.parent = "nowhere";
    assert_fails(registry_office_insert(ca, &shenzhen, &number, &err), AUTH_STATUS_NOT_FOUND, &err);
    commit(ca);
    end_world();
}
END_TEST

CLUSTER_SUITE("registry_request", TEST(of_two_who_sign_at_once_one_reads_again),
              TEST(nobody_signs_twice), TEST(what_is_rejected_stays_so),
              TEST(requests_are_listed_page_by_page),
              TEST(requests_are_found_by_person_serial_and_id),
              TEST(a_follower_hears_of_what_commits_late),
              TEST(a_follower_may_begin_at_this_moment), TEST(pages_of_a_round_are_whole),
              TEST(a_crl_names_what_is_revoked_and_its_number_rises),
              TEST(offices_and_officers_come_and_go))
