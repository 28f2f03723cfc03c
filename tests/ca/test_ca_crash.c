/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whenever an authority dies, is every document obeyed once and none lost, do journal, registry and
 * ledger agree after the next start, and does it refuse to start on a registry that was set back?
 */
#include "ca_child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 100
#define DOCUMENTS 3
/* A batch takes about so long from its claim; kills come anywhere in it and a little later. */
#define LONGEST_US 25000

static ca_ask ask;
static unsigned persons;

static void submit_enrolments(ca_case *it, unsigned items)
{
    char number[16];
    auth_signer *keys[128];
    auth_buf *requests[128];
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    for (unsigned i = 0; i < items; i++) {
        keys[i] = ca_world_key();
        requests[i] = ca_world_csr(keys[i]);
        (void)snprintf(number, sizeof number, "ZZ%07u", persons++);
        (void)ca_ask_person(&ask, number, auth_buf_bytes(requests[i]));
    }
    ca_world_ask(it->world, &ask, ca_counter);
    for (unsigned i = 0; i < items; i++) {
        auth_signer_free(keys[i]);
        auth_buf_free(requests[i]);
    }
}

static void submit_revocation(ca_case *it, const auth_buf *certificate)
{
    uint8_t room[20];
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_REVOKE, &ask);
    (void)ca_ask_serial(&ask, ca_case_serial(certificate, room));
    ca_world_ask(it->world, &ask, ca_clerk);
}

/* Tells the test that work has begun. */
static void tell_claim(ca_step step, void *context)
{
    const int *file = context;
    if (step == CA_STEP_CLAIMED && write(*file, "", 1) != 1)
        _exit(6);
}

START_TEST(a_death_at_any_step_loses_and_doubles_nothing)
{
    ca_step step = (ca_step)_i;
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    submit_enrolments(it, 2);
    submit_revocation(it, der);
    ca_world_stop(it->world);
    ca_child_wait(ca_child_start(it, ca_child_batch, ca_child_die_at, &step));
    ca_recovery recovery = ca_child_recover(it);
    ck_assert_uint_eq(recovery.committed, step == CA_STEP_COMMITTED);
    ck_assert_uint_eq(recovery.aborted, step == CA_STEP_JOURNALLED);
    registry_queue_report report = ca_case_run(it);
    ck_assert_uint_eq(report.granted, step == CA_STEP_COMMITTED ? 0 : 3);
    ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                   "3");
    ca_case_assert(it, "SELECT count(*) FROM registry.revocation", "1");
    ca_case_assert(it, "SELECT count(*) FROM registry.request WHERE state <> 4", "0");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* The same document, sent again after the crash, has the certificate that it had. */
START_TEST(a_retry_after_the_crash_has_the_same_certificate)
{
    ca_step step = CA_STEP_COMMITTED;
    ca_case *it = ca_case_new();
    const ca_ask *asks = &ask;
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_1, auth_buf_bytes(it->csr));
    AUTH_AUTO(auth_buf) *document = ca_ask_sign(it->world, &ask, ca_counter);
    ca_world_submit(it->world, &asks, &document, 1);
    ca_world_stop(it->world);
    ca_child_wait(ca_child_start(it, ca_child_batch, ca_child_die_at, &step));
    (void)ca_child_recover(it);
    AUTH_AUTO(auth_buf) *before = ca_case_newest(it);
    ca_world_submit(it->world, &asks, &document, 1);
    ca_case_expect(it, 0, 0);
    AUTH_AUTO(auth_buf) *after = ca_case_newest(it);
    assert_bytes(auth_buf_bytes(after), auth_buf_bytes(before));
    ca_case_free(it);
}
END_TEST

START_TEST(a_hundred_deaths_at_random_moments_lose_and_double_nothing)
{
    char expected[16];
    unsigned seed = 20260131;
    int ends[2];
    char octet = 0;
    ca_case *it = ca_case_new();
    ca_world_stop(it->world);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < DOCUMENTS; i++)
            submit_enrolments(it, 2);
        pid_t pid = ca_child_start(it, ca_child_batch, tell_claim, &ends[1]);
        ck_assert_int_eq(read(ends[0], &octet, 1), 1);
        (void)nanosleep(&(struct timespec){0, 1000L * (rand_r(&seed) % LONGEST_US)}, NULL);
        (void)kill(pid, SIGKILL);
        ca_child_wait(pid);
    }
    (void)ca_child_recover(it);
    while (ca_case_run(it).documents > 0)
        ;
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)snprintf(expected, sizeof expected, "%d", ROUNDS * DOCUMENTS * 2);
    ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                   expected);
    ca_case_assert(it, "SELECT count(*) FROM registry.outcome WHERE status <> 0", "0");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

static void forget(ca_case *it, const char *sql)
{
    cluster_sql(it->super, "SET session_replication_role = replica");
    cluster_sql(it->super, sql);
    cluster_sql(it->super, "SET session_replication_role = origin");
}

/* What a back-up from before the revocations would know. */
START_TEST(it_does_not_start_behind_its_own_journal)
{
    auth_error err;
    ca_recovery recovery;
    ca_case *it = ca_case_new();
    submit_enrolments(it, 100);
    ca_case_expect(it, 100, 0);
    static uint8_t serials[100][20];
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_REVOKE, &ask);
    for (unsigned i = 0; i < 100; i++) {
        char sql[160];
        (void)snprintf(sql, sizeof sql,
                       "SELECT encode(serial, 'hex') FROM registry.certificate WHERE citizen_id IS"
                       " NOT NULL ORDER BY serial LIMIT 1 OFFSET %u",
                       i);
        (void)ca_ask_serial(&ask, harness_hex(cluster_ask(it->super, sql), serials[i], 20));
    }
    ca_world_ask(it->world, &ask, ca_clerk);
    ca_case_expect(it, 100, 0);
    ca_world_stop(it->world);
    (void)ca_child_recover(it);
    ca_world_stop(it->world);
    forget(it, "DELETE FROM registry.revocation");
    ca_world_start(it->world);
    assert_fails(ca_recover(&it->world->setting, it->world->now, &recovery, &err),
                 AUTH_STATUS_CONFLICT, &err);
    ca_case_free(it);
}
END_TEST

START_TEST(it_does_not_start_on_half_a_batch)
{
    auth_error err;
    ca_recovery recovery;
    ca_step step = CA_STEP_COMMITTED;
    ca_case *it = ca_case_new();
    submit_enrolments(it, 2);
    ca_world_stop(it->world);
    ca_child_wait(ca_child_start(it, ca_child_batch, ca_child_die_at, &step));
    forget(it, "DELETE FROM registry.certificate WHERE serial = (SELECT serial FROM"
               " registry.certificate WHERE citizen_id IS NOT NULL ORDER BY serial LIMIT 1)");
    ca_world_start(it->world);
    assert_fails(ca_recover(&it->world->setting, it->world->now, &recovery, &err),
                 AUTH_STATUS_CONFLICT, &err);
    ca_case_free(it);
}
END_TEST

/* Each has a journal of its own. */
START_TEST(two_authorities_share_a_queue)
{
    char second[160];
    ca_case *it = ca_case_new();
    const char *first = it->world->base.journal;
    (void)snprintf(second, sizeof second, "%s-second", first);
    ck_assert_int_eq(mkdir(second, S_IRWXU), 0);
    for (unsigned i = 0; i < 40; i++)
        submit_enrolments(it, 2);
    ca_world_stop(it->world);
    it->world->setting.limits.documents = 2;
    pid_t one = ca_child_start(it, ca_child_batch, NULL, NULL);
    it->world->base.journal = second;
    pid_t two = ca_child_start(it, ca_child_batch, NULL, NULL);
    cluster_wait(it->super, "SELECT count(*) FROM registry.request WHERE state = 2", "0");
    (void)kill(one, SIGKILL);
    (void)kill(two, SIGKILL);
    ca_child_wait(one);
    ca_child_wait(two);
    (void)ca_child_recover(it);
    ca_world_stop(it->world);
    it->world->base.journal = first;
    (void)ca_child_recover(it);
    ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                   "80");
    ca_case_assert(it, "SELECT count(*) FROM registry.outcome WHERE status <> 0", "0");
    ca_case_expect_clean(it);
    ca_case_remove_journal(second);
    ca_case_free(it);
}
END_TEST

CLUSTER_SUITE("ca_crash",
              TEST_EACH(a_death_at_any_step_loses_and_doubles_nothing, CA_STEP_COMMITTED + 1),
              TEST(a_retry_after_the_crash_has_the_same_certificate),
              TEST(a_hundred_deaths_at_random_moments_lose_and_double_nothing),
              TEST(it_does_not_start_behind_its_own_journal),
              TEST(it_does_not_start_on_half_a_batch), TEST(two_authorities_share_a_queue))
