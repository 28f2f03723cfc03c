/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does an approved document of each kind become what it asks for, once, and is everything else
 * refused with its reason and without holding up the others?
 */
#include "ca_case.h"

#include "ca/recover.h"
#include "registry/certificate.h"
#include "registry/transaction.h"

#include <stdlib.h>
#include <string.h>

static ca_ask ask;
static ca_ask second;

/* The reasons of all refusals, in the order of items. */
#define REASONS                                                                                    \
    "SELECT string_agg(coalesce(r, 0)::text, ',' ORDER BY r) FROM (SELECT reason r FROM"           \
    " registry.outcome WHERE status <> 0 UNION ALL SELECT reason FROM registry.request"            \
    " WHERE reason IS NOT NULL) x"

static void ask_person(ca_case *it, const char *number)
{
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, number, auth_buf_bytes(it->csr));
}

static void act(ca_case *it, auth_request_kind kind, auth_bytes serial)
{
    ca_ask_begin(it->world, kind, &ask);
    (void)ca_ask_serial(&ask, serial);
    ca_world_ask(it->world, &ask, kind == AUTH_REQUEST_KIND_RESUME ? ca_counter : ca_clerk);
}

START_TEST(an_enrolment_becomes_a_certificate)
{
    ca_case *it = ca_case_new();
    auth_error err;
    uint8_t room[20];
    ca_journal_record record;
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    assert_ok(auth_cert_parse(auth_buf_bytes(der), &cert, &err), &err);
    assert_ok(auth_cert_public_key(cert, &key, &err), &err);
    assert_bytes(auth_public_key_spki(key), auth_public_key_spki(auth_signer_public_key(it->card)));
    assert_ok(auth_cert_check_signature(cert, auth_signer_public_key(it->world->signers[2]), &err),
              &err);
    assert_ok(ca_journal_find(it->world->setting.journal, 3, ca_case_serial(der, room), &record,
                              &err),
              &err);
    uint8_t hash[32];
    auth_bytes tbs = auth_cert_tbs(cert);
    assert_ok(registry_sha256(it->world->crypto, &tbs, 1, hash, &err), &err);
    ck_assert_mem_eq(record.entry.hash, hash, sizeof hash);
    ca_case_assert(it, "SELECT count(*) FROM registry.live_certificate", "1");
    ca_case_assert(it,
                   "SELECT count(*) FROM registry.ledger_entry WHERE event = 32 AND"
                   " encode(body, 'escape') LIKE '%\"actor\":[\"%\",\"%'",
                   "1");
    ca_case_expect(it, 0, 0);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(the_same_document_again_changes_nothing)
{
    ca_case *it = ca_case_new();
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 1, 0);
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 0, 0);
    ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                   "1");
    ca_case_free(it);
}
END_TEST

START_TEST(a_person_has_one_certificate_for_a_purpose)
{
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_signer) *other = ca_world_key();
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(other);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_1, auth_buf_bytes(csr));
    (void)ca_ask_person(&ask, CITIZEN_2, auth_buf_bytes(it->csr));
    /* The second item has a key of its own, which is the first person's. */
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 0, 2);
    ca_case_assert(it, REASONS, "24,25");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(certificates_are_revoked_suspended_and_resumed)
{
    ca_case *it = ca_case_new();
    uint8_t room[20];
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    auth_bytes serial = ca_case_serial(der, room);
    act(it, AUTH_REQUEST_KIND_RESUME, serial);
    ca_case_expect(it, 0, 1);
    act(it, AUTH_REQUEST_KIND_SUSPEND, serial);
    ca_case_expect(it, 1, 0);
    act(it, AUTH_REQUEST_KIND_RESUME, serial);
    ca_case_expect(it, 1, 0);
    act(it, AUTH_REQUEST_KIND_REVOKE, serial);
    ca_case_expect(it, 1, 0);
    act(it, AUTH_REQUEST_KIND_REVOKE, serial);
    ca_case_expect(it, 0, 1);
    ca_case_assert(it,
                   "SELECT string_agg(action || '/' || reason, ',' ORDER BY step) FROM"
                   " registry.revocation",
                   "2/6,3/6,1/1");
    ca_case_assert(it, REASONS, "26,26");
    ca_case_assert(it, "SELECT count(*) FROM registry.live_certificate", "0");
    ck_assert_uint_eq(ca_journal_committed(it->world->setting.journal).revision, 3);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(a_holder_renews_with_her_key)
{
    ca_case *it = ca_case_new();
    uint8_t room[20];
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_RENEW, &ask);
    ca_ask_serial(&ask, ca_case_serial(der, room))->csr = auth_buf_bytes(csr);
    AUTH_AUTO(auth_buf) *document =
        ca_ask_sign_holder(it->world, &ask, it->card, auth_buf_bytes(der));
    const ca_ask *asks = &ask;
    ca_world_submit(it->world, &asks, &document, 1);
    ca_case_expect(it, 1, 0);
    AUTH_AUTO(auth_buf) *renewed = ca_case_newest(it);
    auth_error err;
    AUTH_AUTO(auth_cert) *before = NULL;
    AUTH_AUTO(auth_cert) *after = NULL;
    assert_ok(auth_cert_parse(auth_buf_bytes(der), &before, &err), &err);
    assert_ok(auth_cert_parse(auth_buf_bytes(renewed), &after, &err), &err);
    assert_bytes(auth_cert_subject(after), auth_cert_subject(before));
    ca_case_assert(it, "SELECT count(*) FROM registry.citizen", "1");
    ca_case_assert(it, "SELECT count(*) FROM registry.live_certificate", "1");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

static void rekey(ca_case *it, auth_bytes serial, const auth_signer *key)
{
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_REKEY, &ask);
    auth_request_item *item = ca_ask_person(&ask, CITIZEN_1, auth_buf_bytes(csr));
    item->serial = serial;
    item->has_reason = true;
    item->reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE;
    ca_world_ask(it->world, &ask, ca_counter);
}

START_TEST(a_lost_card_is_replaced_and_revoked)
{
    ca_case *it = ca_case_new();
    uint8_t room[20];
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_signer) *third = ca_world_key();
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    rekey(it, ca_case_serial(der, room), key);
    ca_case_expect(it, 1, 0);
    ca_case_assert(it, "SELECT count(*) FROM registry.revocation WHERE action = 1", "1");
    ca_case_assert(it, "SELECT count(*) FROM registry.live_certificate", "1");
    ca_case_expect_clean(it);
    /* One that was revoked before is replaced as well. */
    AUTH_AUTO(auth_buf) *newer = ca_case_newest(it);
    auth_bytes serial = ca_case_serial(newer, room);
    act(it, AUTH_REQUEST_KIND_REVOKE, serial);
    ca_case_expect(it, 1, 0);
    rekey(it, serial, third);
    ca_case_expect(it, 1, 0);
    ca_case_assert(it, "SELECT count(*) FROM registry.revocation WHERE action = 1", "2");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

static void appoint(ca_case *it, const char *id, const char *number)
{
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_APPOINT, &ask);
    auth_request_item *item = ca_ask_person(&ask, number, auth_buf_bytes(it->csr));
    item->officer = auth_bytes_from_text(id);
    item->role = AUTH_OFFICER_ROLE_CLERK;
    ca_world_ask(it->world, &ask, ca_admins);
}

START_TEST(an_officer_is_appointed_signs_and_is_dismissed)
{
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    appoint(it, "clerk-9", CITIZEN_1);
    ca_case_expect(it, 1, 0);
    /* The identifier and the person are taken now. */
    appoint(it, "clerk-9", CITIZEN_2);
    ca_case_expect(it, 0, 1);
    appoint(it, "clerk-8", CITIZEN_1);
    ca_case_expect(it, 0, 1);
    ca_case_assert(it, REASONS, "27,27");
    /* The new clerk signs in the place of another. */
    auth_signer_free(it->world->officers[CLERK_2].signer);
    auth_buf_free(it->world->officers[CLERK_2].certificate);
    it->world->officers[CLERK_2].signer = AUTH_TAKE(it->card);
    it->world->officers[CLERK_2].certificate = ca_case_newest(it);
    static const ca_who signers[] = {CLERK_2, APPROVER_1, NOBODY};
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &second);
    (void)ca_ask_person(&second, CITIZEN_2, auth_buf_bytes(csr));
    ca_world_ask(it->world, &second, signers);
    ca_case_expect(it, 1, 0);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_DISMISS, &ask);
    ask.items[0].officer = BYTES("clerk-9");
    ask.items[0].comment = BYTES("moved");
    ask.draft.item_count = 1;
    ca_world_ask(it->world, &ask, ca_admins);
    ca_case_expect(it, 1, 0);
    ca_case_expect_clean(it);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &second);
    (void)ca_ask_person(&second, CITIZEN_1, auth_buf_bytes(csr));
    ca_world_ask(it->world, &second, signers);
    (void)ca_case_run(it);
    ca_case_assert(it, "SELECT reason FROM registry.request WHERE state = 5 AND kind = 1", "14");
    ca_case_free(it);
}
END_TEST

START_TEST(offices_are_opened_and_closed)
{
    ca_case *it = ca_case_new();
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_OPEN_OFFICE, &ask);
    ask.items[0].opened_office = BYTES("village");
    ask.items[0].opened_region = BYTES("440103");
    ask.items[0].opened_name = BYTES("Village Hall");
    ask.draft.item_count = 1;
    ca_world_ask(it->world, &ask, ca_admins);
    ca_case_expect(it, 1, 0);
    ca_case_assert(it, "SELECT path FROM registry.office WHERE office_id = 'village'",
                   "/centre/city/village/");
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_OPEN_OFFICE, &second);
    second.items[0] = ask.items[0];
    second.draft.item_count = 1;
    ca_world_ask(it->world, &second, ca_admins);
    ca_case_expect(it, 0, 1);
    ca_case_assert(it, REASONS, "27");
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_CLOSE_OFFICE, &ask);
    ask.items[0].closed_office = BYTES("village");
    ask.draft.item_count = 1;
    ca_world_ask(it->world, &ask, ca_admins);
    ca_case_expect(it, 1, 0);
    ca_case_assert(it,
                   "SELECT closed_at IS NOT NULL FROM registry.office"
                   " WHERE office_id = 'village'",
                   "true");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* A document that the CA must not obey, beside one that it must. */
START_TEST(what_lacks_a_signature_is_refused_alone)
{
    ca_case *it = ca_case_new();
    static const ca_who two_clerks[] = {CLERK_1, CLERK_2, NOBODY};
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, ca_clerk);
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, two_clerks);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_2, auth_buf_bytes(csr));
    ca_world_ask(it->world, &ask, ca_counter);
    registry_queue_report report = ca_case_run(it);
    ck_assert_uint_eq(report.documents, 3);
    ck_assert_uint_eq(report.granted, 1);
    ca_case_assert(it,
                   "SELECT string_agg(state || ':' || coalesce(reason, 0), ',' ORDER BY state,"
                   " reason) FROM registry.request WHERE kind = 1",
                   "4:0,5:17,5:17");
    ca_case_assert(it, "SELECT count(*) FROM registry.ledger_entry WHERE event = 36", "2");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(a_document_that_was_tampered_with_is_refused_alone)
{
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, ca_counter);
    cluster_sql(it->super, "UPDATE registry.request SET document = set_byte(document, 100,"
                           " get_byte(document, 100) # 1) WHERE state = 2");
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_2, auth_buf_bytes(csr));
    ca_world_ask(it->world, &ask, ca_counter);
    registry_queue_report report = ca_case_run(it);
    ck_assert_uint_eq(report.documents, 2);
    ck_assert_uint_eq(report.granted, 1);
    ca_case_assert(it, "SELECT reason FROM registry.request WHERE state = 5", "1");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* Who owns the database makes himself an approver: the certificate still says clerk. */
START_TEST(a_row_makes_nobody_an_approver)
{
    ca_case *it = ca_case_new();
    static const ca_who two_clerks[] = {CLERK_1, CLERK_2, NOBODY};
    cluster_sql(it->super, "SET session_replication_role = replica;"
                           "UPDATE registry.officer SET role = 2 WHERE officer_id = 'clerk-2';"
                           "SET session_replication_role = origin");
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, two_clerks);
    (void)ca_case_run(it);
    ca_case_assert(it, "SELECT reason FROM registry.request WHERE state = 5", "12");
    ca_case_free(it);
}
END_TEST

START_TEST(a_revoked_officer_signs_nothing_more)
{
    ca_case *it = ca_case_new();
    uint8_t room[20];
    auth_bytes serial = ca_case_serial(it->world->officers[CLERK_1].certificate, room);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_REVOKE, &ask);
    (void)ca_ask_serial(&ask, serial);
    static const ca_who admin[] = {ADMIN_1, NOBODY};
    ca_world_ask(it->world, &ask, admin);
    ca_case_expect(it, 1, 0);
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, ca_counter);
    (void)ca_case_run(it);
    ca_case_assert(it, "SELECT reason FROM registry.request WHERE state = 5", "13");
    ca_case_free(it);
}
END_TEST

START_TEST(one_item_without_proof_of_its_key_is_refused)
{
    ca_case *it = ca_case_new();
    auth_error err;
    AUTH_AUTO(auth_buf) *bad = NULL;
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *other = ca_world_csr(key);
    assert_ok(auth_buf_new(4096, &bad, &err), &err);
    /* The signature of another request of the same key fits no other octets. */
    auth_bytes octets = auth_buf_bytes(other);
    uint8_t *copy = NULL;
    assert_ok(auth_buf_extend(bad, octets.len, &copy, &err), &err);
    memcpy(copy, octets.data, octets.len);
    copy[octets.len - 1] ^= 1;
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_1, auth_buf_bytes(it->csr));
    (void)ca_ask_person(&ask, CITIZEN_2, auth_buf_bytes(bad));
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 1, 1);
    ca_case_assert(it, REASONS, "22");
    ca_case_assert(it, "SELECT state FROM registry.request WHERE kind = 1", "4");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(an_item_waits_for_its_key)
{
    ca_case *it = ca_case_new();
    auth_error err;
    uint8_t hash[32];
    uint8_t id[16];
    registry_connection *ra = NULL;
    assert_ok(auth_request_activation_hash(BYTES("first-code"), BYTES("second-code"), hash, &err),
              &err);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    ca_ask_person(&ask, CITIZEN_1, (auth_bytes){NULL, 0})->activation =
        (auth_bytes){hash, sizeof hash};
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 0, 0);
    ca_case_assert(it, "SELECT state FROM registry.request WHERE kind = 1", "3");
    ck_assert(registry_uuid_parse(auth_bytes_from_text(ask.id), id));
    assert_ok(registry_pool_take(it->ra_pool, 1000, &ra, &err), &err);
    assert_ok(registry_begin(ra, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_request_activate(ra, (auth_bytes){id, sizeof id}, 0, auth_buf_bytes(it->csr),
                                        BYTES("first-code\0second-code"), &err),
              &err);
    assert_ok(registry_commit(ra, &err), &err);
    registry_pool_give(it->ra_pool, ra);
    ca_case_expect(it, 1, 0);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(work_stops_when_the_clock_steps_back)
{
    ca_case *it = ca_case_new();
    auth_error err;
    registry_queue_report report;
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    ca_worker *worker = it->world->worker;
    assert_ok(ca_worker_run(worker, it->world->now - 2, &report, &err), &err);
    assert_fails(ca_worker_run(worker, it->world->now - 3, &report, &err), AUTH_STATUS_CONFLICT,
                 &err);
    ca_worker_confirm_clock(worker);
    assert_ok(ca_worker_run(worker, it->world->now - 3, &report, &err), &err);
    ca_case_free(it);
}
END_TEST

/* The key goes while it is wanted, and comes back. */
static bool is_gone;

static auth_status sign_or_fail(void *context, auth_bytes message, auth_signature *out,
                                auth_error *err)
{
    if (is_gone)
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "token: it was pulled out; put it in");
    return auth_signer_sign(context, message, out, err);
}

START_TEST(without_its_key_the_authority_leaves_the_queue_as_it_is)
{
    ca_case *it = ca_case_new();
    auth_error err;
    registry_queue_report report;
    AUTH_AUTO(auth_signer) *token = NULL;
    assert_ok(auth_signer_from_callback(auth_signer_public_key(it->world->signers[2]), sign_or_fail,
                                        NULL, it->world->signers[2], &token, &err),
              &err);
    ca_world_stop(it->world);
    it->world->authorities[1].signer = token;
    ca_world_start(it->world);
    ask_person(it, CITIZEN_1);
    ca_world_ask(it->world, &ask, ca_counter);
    is_gone = true;
    assert_fails(ca_worker_run(it->world->worker, it->world->now, &report, &err),
                 AUTH_STATUS_UNAVAILABLE, &err);
    ca_case_assert(it, "SELECT state FROM registry.request WHERE kind = 1", "2");
    is_gone = false;
    ca_case_expect(it, 1, 0);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* The next attempt is to find the requests unlocked. */
static auth_status try_run(void *context)
{
    ca_case *it = context;
    registry_queue_report report = {0};
    auth_error err;
    auth_status status = ca_worker_run(it->world->worker, it->world->now, &report, &err);
    if (status != AUTH_STATUS_OK)
        cluster_wait(it->super,
                     "SELECT count(*) FROM pg_stat_activity WHERE usename = 'auth_ca'"
                     " AND state <> 'idle'",
                     "0");
    return status;
}

START_TEST(without_memory_nothing_is_decided)
{
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    uint8_t room[20];
    ca_world_stop(it->world);
    it->world->setting.threads = 1;
    ca_world_start(it->world);
    act(it, AUTH_REQUEST_KIND_SUSPEND, ca_case_serial(der, room));
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_2, auth_buf_bytes(csr));
    ca_world_ask(it->world, &ask, ca_counter);
    ck_assert_uint_gt(harness_for_each_failure(try_run, it), 100);
    ca_case_assert(it, "SELECT count(*) FROM registry.outcome WHERE status <> 0", "0");
    ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                   "2");
    ca_case_assert(it, "SELECT count(*) FROM registry.request WHERE state <> 4", "0");
    ca_case_expect_clean(it);
    /* What the journal had of failed attempts is settled. */
    auth_error err;
    ca_recovery recovery;
    ca_world_stop(it->world);
    ca_world_start(it->world);
    assert_ok(ca_recover(&it->world->setting, it->world->now, &recovery, &err), &err);
    ca_case_free(it);
}
END_TEST

CLUSTER_SUITE("ca_worker", TEST(an_enrolment_becomes_a_certificate),
              TEST(the_same_document_again_changes_nothing),
              TEST(a_person_has_one_certificate_for_a_purpose),
              TEST(certificates_are_revoked_suspended_and_resumed),
              TEST(a_holder_renews_with_her_key), TEST(a_lost_card_is_replaced_and_revoked),
              TEST(an_officer_is_appointed_signs_and_is_dismissed),
              TEST(offices_are_opened_and_closed), TEST(what_lacks_a_signature_is_refused_alone),
              TEST(a_document_that_was_tampered_with_is_refused_alone),
              TEST(a_row_makes_nobody_an_approver), TEST(a_revoked_officer_signs_nothing_more),
              TEST(one_item_without_proof_of_its_key_is_refused), TEST(an_item_waits_for_its_key),
              TEST(work_stops_when_the_clock_steps_back),
              TEST(without_its_key_the_authority_leaves_the_queue_as_it_is),
              TEST(without_memory_nothing_is_decided))
