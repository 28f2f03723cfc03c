/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do revocation lists come when they are due and name what they must, do heads of the ledger go
 * through the journal, and do requests that nobody decides expire?
 */
#include "ca_case.h"

#include "ca/duty.h"
#include "ca/recover.h"

#include <auth/crl.h>
#include <auth/validate.h>
#include <stdio.h>
#include <string.h>

#define HOUR 3600

static const ca_crl_plan plan = {.full_every_s = 6 * HOUR, .delta_every_s = HOUR};
static ca_ask ask;

static size_t tend(ca_case *it)
{
    auth_error err;
    size_t made = 0;
    assert_ok(ca_tend_crls(&it->world->setting, &plan, it->world->crypto, it->world->now, &made,
                           &err),
              &err);
    return made;
}

static void act(ca_case *it, auth_request_kind kind, const auth_buf *certificate)
{
    uint8_t room[20];
    ca_ask_begin(it->world, kind, &ask);
    (void)ca_ask_serial(&ask, ca_case_serial(certificate, room));
    ca_world_ask(it->world, &ask, kind == AUTH_REQUEST_KIND_RESUME ? ca_counter : ca_clerk);
    ca_case_expect(it, 1, 0);
}

/* The newest lists of the citizens' authority, of each kind and shard. */
static auth_buf *newest_crl(ca_case *it, bool is_delta, int shard)
{
    auth_error err;
    char sql[256];
    static char hex[65536];
    auth_buf *out = NULL;
    (void)snprintf(sql, sizeof sql,
                   "SELECT encode(der, 'hex') FROM registry.crl WHERE authority_id = 3 AND"
                   " shard = %d AND is_delta = %s ORDER BY number DESC LIMIT 1",
                   shard, is_delta ? "true" : "false");
    (void)snprintf(hex, sizeof hex, "%s", cluster_ask(it->super, sql));
    assert_ok(auth_buf_new(sizeof hex, &out, &err), &err);
    assert_ok(auth_codec_decode(AUTH_CODEC_HEX, auth_bytes_from_text(hex), out, &err), &err);
    return out;
}

/* What a relying party says that has the certificate, all lists and the root. */
static auth_verdict_reason judge(ca_case *it, const auth_buf *certificate, bool with_deltas)
{
    auth_error err;
    auth_verdict verdict;
    auth_buf *lists[4];
    auth_bytes crls[4];
    size_t count = with_deltas ? 4 : 2;
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_bytes root = auth_buf_bytes(it->world->certificates[0]);
    auth_bytes authority = auth_buf_bytes(it->world->certificates[2]);
    assert_ok(auth_trust_new(&root, 1, NULL, 0, &trust, &err), &err);
    for (size_t i = 0; i < count; i++) {
        lists[i] = newest_crl(it, i >= 2, (int)i % 2);
        crls[i] = auth_buf_bytes(lists[i]);
    }
    auth_validation options = {.now = it->world->now, .purpose = AUTH_PURPOSE_DOCUMENT_SIGNING};
    auth_evidence evidence = {.intermediates = &authority,
                              .intermediate_count = 1,
                              .crls = crls,
                              .crl_count = count};
    assert_ok(auth_validate(trust, &options, auth_buf_bytes(certificate), &evidence, &verdict,
                            &err),
              &err);
    for (size_t i = 0; i < count; i++)
        auth_buf_free(lists[i]);
    return verdict.reason;
}

START_TEST(lists_come_when_they_are_due_and_name_what_they_must)
{
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *lost = ca_case_enrol(it, CITIZEN_1, it->card);
    AUTH_AUTO(auth_buf) *kept = ca_case_enrol(it, CITIZEN_2, key);
    act(it, AUTH_REQUEST_KIND_REVOKE, lost);
    /* Staff has one shard, citizens two: a full list each, then a delta list each. */
    ck_assert_uint_eq(tend(it), 3);
    ck_assert_int_eq(judge(it, lost, false), AUTH_VERDICT_REASON_REVOKED);
    ck_assert_int_eq(judge(it, kept, false), AUTH_VERDICT_REASON_OK);
    ck_assert_uint_eq(tend(it), 3);
    ck_assert_uint_eq(tend(it), 0);
    act(it, AUTH_REQUEST_KIND_SUSPEND, kept);
    ck_assert_uint_eq(tend(it), 1);
    ck_assert_int_eq(judge(it, kept, true), AUTH_VERDICT_REASON_ON_HOLD);
    act(it, AUTH_REQUEST_KIND_RESUME, kept);
    ck_assert_uint_eq(tend(it), 1);
    ck_assert_int_eq(judge(it, kept, true), AUTH_VERDICT_REASON_OK);
    ck_assert_int_eq(judge(it, lost, true), AUTH_VERDICT_REASON_REVOKED);
    it->world->now += HOUR;
    ck_assert_uint_eq(tend(it), 3);
    it->world->now += 6 * HOUR;
    ck_assert_uint_eq(tend(it), 3);
    ck_assert_int_eq(judge(it, lost, false), AUTH_VERDICT_REASON_REVOKED);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* A clock that was ahead, and is right again: what is revoked now must be listed now. */
START_TEST(a_clock_that_was_set_back_holds_up_no_list)
{
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_buf) *lost = ca_case_enrol(it, CITIZEN_1, it->card);
    auth_time ahead = it->world->now;
    ck_assert_uint_eq(tend(it), 3);
    ck_assert_uint_eq(tend(it), 3);
    it->world->now -= 100; /* officers' certificates begin 200 seconds before */
    ca_worker_confirm_clock(it->world->worker);
    act(it, AUTH_REQUEST_KIND_REVOKE, lost);
    ck_assert_uint_eq(tend(it), 1);
    ck_assert_uint_eq(tend(it), 0);
    ca_case_assert(it, "SELECT count(DISTINCT this_update) FROM registry.crl", "1");
    it->world->now = ahead;
    ck_assert_int_eq(judge(it, lost, true), AUTH_VERDICT_REASON_REVOKED);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(an_authority_does_not_start_behind_its_own_heads)
{
    ca_case *it = ca_case_new();
    auth_error err;
    ca_recovery recovery;
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    ca_case_expect_clean(it);
    ck_assert_uint_gt(ca_journal_committed(it->world->setting.journal).tree_size, 0);
    ca_world_stop(it->world);
    ca_world_start(it->world);
    assert_ok(ca_recover(&it->world->setting, it->world->now, &recovery, &err), &err);
    /* The note of the last head was lost with the stop, and found again. */
    ck_assert_uint_eq(recovery.committed, 1);
    ck_assert_int_eq(recovery.latest, it->world->now);
    ca_world_stop(it->world);
    cluster_sql(it->super, "SET session_replication_role = replica;"
                           "DELETE FROM registry.ledger_head WHERE tree_size ="
                           " (SELECT max(tree_size) FROM registry.ledger_head);"
                           "SET session_replication_role = origin");
    ca_world_start(it->world);
    assert_fails(ca_recover(&it->world->setting, it->world->now, &recovery, &err),
                 AUTH_STATUS_CONFLICT, &err);
    ca_case_free(it);
}
END_TEST

START_TEST(what_nobody_decides_expires)
{
    ca_case *it = ca_case_new();
    auth_error err;
    size_t expired = 0;
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_1, auth_buf_bytes(it->csr));
    ca_world_ask(it->world, &ask, ca_counter);
    assert_ok(ca_expire(&it->world->setting, ask.draft.expires, &expired, &err), &err);
    ck_assert_uint_eq(expired, 0);
    assert_ok(ca_expire(&it->world->setting, ask.draft.expires + 1, &expired, &err), &err);
    ck_assert_uint_eq(expired, 1);
    ca_case_assert(it, "SELECT state FROM registry.request WHERE kind = 1", "7");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

CLUSTER_SUITE("ca_duty", TEST(lists_come_when_they_are_due_and_name_what_they_must),
              TEST(a_clock_that_was_set_back_holds_up_no_list),
              TEST(an_authority_does_not_start_behind_its_own_heads),
              TEST(what_nobody_decides_expires))
