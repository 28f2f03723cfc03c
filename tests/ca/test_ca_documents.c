/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does an examination of all documents tell those that the authority was right to obey from those
 * that a superuser marked as obeyed, years later and whatever became of the signers since?
 */
#include "ca_case.h"

#include "registry/fsck_document.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static ca_ask ask;
static char found[512]; /* the first fault */
static uint64_t faults;

static void keep(void *context, const registry_finding *finding)
{
    (void)context;
    if (faults++ == 0)
        (void)snprintf(found, sizeof found, "%s %s: %s", finding->table, finding->row,
                       finding->text);
}

static void examine_with(ca_case *it, registry_ledger_trust trust)
{
    auth_error err;
    uint64_t count = 0;
    registry_reporter reporter = {.find = keep};
    registry_document_examination by = {it->world->ring, it->world->policy, trust};
    faults = 0;
    found[0] = '\0';
    assert_ok(registry_fsck_documents(it->auditor, &by, it->world->crypto, &reporter, &count, &err),
              &err);
    ck_assert_uint_gt(count, 0);
}

static void expect_clean(ca_case *it)
{
    examine_with(it, (registry_ledger_trust){.count = 0});
    ck_assert_msg(faults == 0, "%s", found);
}

/* The first fault is about the last request, and says so. */
static void expect_named(ca_case *it, const char *text)
{
    char start[64];
    (void)snprintf(start, sizeof start, "request %s: ", ask.id);
    examine_with(it, (registry_ledger_trust){.count = 0});
    ck_assert_msg(strncmp(found, start, strlen(start)) == 0 && strstr(found, text) != NULL,
                  "'%s' is not %s...%s", found, start, text);
    ck_assert_uint_eq(faults, 1);
}

/* As by somebody who owns the database. */
static void forge(ca_case *it, const char *format, ...) AUTH_PRINTF(2, 3);

static void forge(ca_case *it, const char *format, ...)
{
    char sql[2048];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    cluster_sql(it->super, "SET session_replication_role = replica");
    cluster_sql(it->super, sql);
    cluster_sql(it->super, "SET session_replication_role = origin");
}

/* A world without the documents of its first officers, which are empty. */
static ca_case *begin(void)
{
    ca_case *it = ca_case_new();
    forge(it, "SET search_path = registry;"
              "DELETE FROM signature; DELETE FROM request_item; DELETE FROM request");
    return it;
}

static void mark_as_obeyed(ca_case *it)
{
    forge(it,
          "SET search_path = registry;"
          "UPDATE request SET state = 4, reason = NULL, decided_at = to_timestamp(%lld)"
          " WHERE request_id = '%s';"
          "DELETE FROM outcome WHERE request_id = '%s';"
          "INSERT INTO outcome (request_id, item, status, serial, at)"
          " SELECT '%s', 0, 0, serial, to_timestamp(%lld) FROM certificate LIMIT 1",
          (long long)it->world->now, ask.id, ask.id, ask.id, (long long)it->world->now);
}

static void enrol(ca_case *it, const char *number, const ca_who *signers)
{
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, number, auth_buf_bytes(it->csr));
    ca_world_ask(it->world, &ask, signers);
}

static void act(ca_case *it, auth_request_kind kind, auth_bytes serial, const ca_who *signers)
{
    it->world->now += 10;
    ca_ask_begin(it->world, kind, &ask);
    (void)ca_ask_serial(&ask, serial);
    ca_world_ask(it->world, &ask, signers);
    ca_case_expect(it, 1, 0);
}

static void act_on_staff(ca_case *it, auth_request_kind kind, const char *officer,
                         const char *office)
{
    it->world->now += 10;
    ca_ask_begin(it->world, kind, &ask);
    ask.draft.office = officer == NULL ? "centre" : "city";
    ask.draft.item_count = 1;
    ask.items[0].officer = auth_bytes_from_text(officer == NULL ? "" : officer);
    ask.items[0].closed_office = auth_bytes_from_text(office == NULL ? "" : office);
    if (officer != NULL)
        ask.items[0].comment = BYTES("moved");
    ca_world_ask(it->world, &ask, ca_admins);
    ca_case_expect(it, 1, 0);
}

/* A time at which it would be judged otherwise, or not at all. */
START_TEST(the_time_of_an_outcome_is_that_of_the_ledger)
{
    ca_case *it = begin();
    enrol(it, CITIZEN_1, ca_counter);
    ca_case_expect(it, 1, 0);
    expect_clean(it);
    forge(it, "UPDATE registry.outcome SET at = at + interval '1 second' WHERE request_id = '%s'",
          ask.id);
    examine_with(it, (registry_ledger_trust){.count = 0});
    ck_assert_msg(strstr(found, "/0: at is not the time that the ledger has") != NULL, "%s", found);
    ck_assert_uint_eq(faults, 1);
    ca_case_free(it);
}
END_TEST

/* Everything that changes what is known of signers, items and offices comes after what they did. */
START_TEST(what_the_authority_obeyed_was_allowed)
{
    ca_case *it = begin();
    uint8_t room[20];
    static const ca_who other_clerk[] = {CLERK_2, NOBODY};
    static const ca_who admin[] = {ADMIN_1, NOBODY};
    enrol(it, CITIZEN_1, ca_counter);
    ca_case_expect(it, 1, 0);
    AUTH_AUTO(auth_buf) *card = ca_case_newest(it);
    expect_clean(it);
    auth_bytes serial = ca_case_serial(card, room);
    act(it, AUTH_REQUEST_KIND_SUSPEND, serial, ca_clerk);
    act(it, AUTH_REQUEST_KIND_RESUME, serial, ca_counter);
    act(it, AUTH_REQUEST_KIND_REVOKE, serial, other_clerk);
    /* Of those who signed so far one is revoked, one is dismissed; an office is closed. */
    serial = ca_case_serial(it->world->officers[CLERK_1].certificate, room);
    act(it, AUTH_REQUEST_KIND_REVOKE, serial, admin);
    act_on_staff(it, AUTH_REQUEST_KIND_DISMISS, "clerk-2", NULL);
    act_on_staff(it, AUTH_REQUEST_KIND_CLOSE_OFFICE, NULL, "town");
    /* What was refused is no fault. */
    it->world->now += 10;
    enrol(it, CITIZEN_2, ca_counter);
    ca_case_assert(it, "SELECT count(*) FROM registry.request WHERE state = 4", "7");
    (void)ca_case_run(it);
    ca_case_assert(it, "SELECT count(*) FROM registry.request WHERE state = 5", "1");
    expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(one_signature_that_was_obeyed_is_named)
{
    ca_case *it = begin();
    enrol(it, CITIZEN_1, ca_clerk);
    expect_clean(it);
    mark_as_obeyed(it);
    expect_named(it, "lacked a signature by role approver");
    ca_case_free(it);
}
END_TEST

START_TEST(a_clerk_as_approver_is_named)
{
    ca_case *it = begin();
    static const ca_who two_clerks[] = {CLERK_1, CLERK_2, NOBODY};
    enrol(it, CITIZEN_1, two_clerks);
    mark_as_obeyed(it);
    expect_named(it, "lacked a signature by role approver");
    forge(it, "UPDATE registry.officer SET role = 2 WHERE officer_id = 'clerk-2'");
    expect_named(it, "not allowed");
    ca_case_free(it);
}
END_TEST

START_TEST(a_dismissed_officer_is_named)
{
    ca_case *it = begin();
    act_on_staff(it, AUTH_REQUEST_KIND_DISMISS, "clerk-1", NULL);
    it->world->now += 10;
    enrol(it, CITIZEN_1, ca_counter);
    (void)ca_case_run(it);
    expect_clean(it);
    mark_as_obeyed(it);
    expect_named(it, "dismissed");
    ca_case_free(it);
}
END_TEST

/* He was suspended when he signed, and is not any more. */
START_TEST(a_suspended_officer_is_named)
{
    ca_case *it = begin();
    uint8_t room[20];
    static const ca_who admin[] = {ADMIN_1, NOBODY};
    static const ca_who others[] = {CLERK_2, APPROVER_1, NOBODY};
    auth_bytes serial = ca_case_serial(it->world->officers[CLERK_1].certificate, room);
    act(it, AUTH_REQUEST_KIND_SUSPEND, serial, admin);
    it->world->now += 10;
    enrol(it, CITIZEN_1, ca_counter);
    (void)ca_case_run(it);
    mark_as_obeyed(it);
    char id[AUTH_REQUEST_ID_SIZE];
    (void)snprintf(id, sizeof id, "%s", ask.id);
    act(it, AUTH_REQUEST_KIND_RESUME, serial, others);
    (void)snprintf(ask.id, sizeof ask.id, "%s", id);
    expect_named(it, "revoked");
    ca_case_free(it);
}
END_TEST

START_TEST(another_root_trusts_nobody)
{
    ca_case *it = begin();
    enrol(it, CITIZEN_1, ca_counter);
    ca_case_expect(it, 1, 0);
    auth_bytes own = auth_buf_bytes(it->world->certificates[0]);
    auth_bytes citizens = auth_buf_bytes(it->world->certificates[2]);
    /* An officer's certificate is no anchor, and does not matter. */
    auth_bytes some[] = {auth_buf_bytes(it->world->officers[CLERK_1].certificate), own};
    examine_with(it, (registry_ledger_trust){some, 2});
    ck_assert_msg(faults == 0, "%s", found);
    examine_with(it, (registry_ledger_trust){&citizens, 1});
    ck_assert_msg(strncmp(found, "authority staff: ", 17) == 0, "%s", found);
    ck_assert_uint_eq(faults, 3); /* both authorities and the document */
    examine_with(it, (registry_ledger_trust){some, 1});
    ck_assert_msg(strncmp(found, "authority root: ", 16) == 0, "%s", found);
    ck_assert_uint_eq(faults, 2);
    ca_case_free(it);
}
END_TEST

CLUSTER_SUITE("ca_documents", TEST(what_the_authority_obeyed_was_allowed),
              TEST(one_signature_that_was_obeyed_is_named), TEST(a_clerk_as_approver_is_named),
              TEST(a_dismissed_officer_is_named), TEST(a_suspended_officer_is_named),
              TEST(another_root_trusts_nobody), TEST(the_time_of_an_outcome_is_that_of_the_ledger))
