/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does what several authorities at one registry must know of each other, and each of itself after a
 * restart, stand in the registry: how many certificates an office was given in the hour, and how
 * far each journal went? And do the duties survive a death at each of their steps?
 */
#include "ca_child.h"

#include "ca/duty.h"
#include "ca/remember.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR 3600

static const ca_crl_plan plan = {.full_every_s = 6 * HOUR, .delta_every_s = HOUR};
static ca_ask ask;
static unsigned persons;

static void enrol(ca_case *it, unsigned items)
{
    char number[16];
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    auth_signer *keys[8];
    auth_buf *requests[8];
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

/* Goes on as another process, with a journal of its own, or as the first one again. */
static void become(ca_case *it, const char *journal)
{
    ca_world_stop(it->world);
    it->world->base.journal = journal;
    ca_world_start(it->world);
}

static const char *second_journal(ca_case *it)
{
    static char path[160];
    (void)snprintf(path, sizeof path, "%s-second", it->journal);
    ck_assert_int_eq(mkdir(path, S_IRWXU), 0);
    return path;
}

START_TEST(an_office_s_hour_is_one_for_all_processes_and_restarts)
{
    ca_case *it = ca_case_new_limited(3);
    const char *second = second_journal(it);
    enrol(it, 2);
    ca_case_expect(it, 2, 0);
    ck_assert_uint_eq(ca_worker_limited(it->world->worker)->items, 0);
    become(it, second);
    enrol(it, 2);
    ca_case_expect(it, 1, 1);
    const ca_limited *limited = ca_worker_limited(it->world->worker);
    ck_assert_uint_eq(limited->items, 1);
    ck_assert_str_eq(limited->office, "city");
    ck_assert_str_eq(limited->profile, ask.draft.profile);
    become(it, it->journal);
    enrol(it, 1);
    ca_case_expect(it, 0, 1);
    ca_case_assert(it, "SELECT count(*) FROM registry.outcome WHERE status <> 0", "2");
    /* The count ends with the hour. */
    it->world->now += HOUR;
    enrol(it, 3);
    ca_case_expect(it, 3, 0);
    ca_case_assert(it, "SELECT issued FROM registry.issue_count", "3");
    /* A clock that was set back into the hour before does not begin anew. */
    ca_worker_confirm_clock(it->world->worker);
    it->world->now -= HOUR;
    enrol(it, 1);
    ca_case_expect(it, 0, 1);
    ca_case_expect_clean(it);
    ca_case_remove_journal(second);
    ca_case_free(it);
}
END_TEST

/* What another rule refuses takes nothing of the hour. */
START_TEST(only_what_is_granted_counts)
{
    ca_case *it = ca_case_new_limited(3);
    AUTH_AUTO(auth_buf) *first = ca_case_enrol(it, CITIZEN_1, it->card);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_ENROL, &ask);
    (void)ca_ask_person(&ask, CITIZEN_2, auth_buf_bytes(it->csr)); /* the key of another */
    ca_world_ask(it->world, &ask, ca_counter);
    ca_case_expect(it, 0, 1);
    ca_case_assert(it, "SELECT issued FROM registry.issue_count", "1");
    enrol(it, 3);
    ca_case_expect(it, 2, 1);
    ca_case_free(it);
}
END_TEST

START_TEST(two_processes_at_once_share_an_office_s_hour)
{
    ca_case *it = ca_case_new_limited(25);
    const char *second = second_journal(it);
    for (unsigned i = 0; i < 40; i++)
        enrol(it, 1);
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
    become(it, it->journal);
    ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                   "25");
    ca_case_assert(it, "SELECT issued FROM registry.issue_count", "25");
    ca_case_remove_journal(second);
    ca_case_free(it);
}
END_TEST

/* One of two threads that work through the queue with one journal. */
typedef struct drain {
    ca_worker *worker;
    auth_time now;
    auth_status status;
    auth_error err;
    size_t granted;
    size_t refused;
} drain;

static void *drain_queue(void *context)
{
    drain *of = context;
    registry_queue_report report;
    do {
        report = (registry_queue_report){.documents = 0};
        of->status = ca_worker_run(of->worker, of->now, &report, &of->err);
        of->granted += report.granted;
        of->refused += report.refused;
    } while (of->status == AUTH_STATUS_OK && report.documents > 0);
    return NULL;
}

static pthread_barrier_t both;
static _Atomic size_t claims;

/* The first batch of each thread waits until the other has one, so that two are open at once. */
static void meet(size_t items, void *context)
{
    (void)context;
    ck_assert_uint_eq(items, 2);
    if (atomic_fetch_add(&claims, 1) < 2)
        (void)pthread_barrier_wait(&both);
}

static void drain_by_two(ca_case *it, drain made[2])
{
    auth_error err;
    pthread_t thread;
    AUTH_AUTO(ca_worker) *helper = NULL;
    ca_world_stop(it->world);
    it->world->setting.limits.documents = 2;
    it->world->setting.claimed = meet;
    ca_world_start(it->world);
    assert_ok(ca_worker_beside(it->world->worker, it->world->now, &helper, &err), &err);
    atomic_store(&claims, 0);
    ck_assert_int_eq(pthread_barrier_init(&both, NULL, 2), 0);
    made[0] = (drain){.worker = it->world->worker, .now = it->world->now};
    made[1] = (drain){.worker = helper, .now = it->world->now};
    ck_assert_int_eq(pthread_create(&thread, NULL, drain_queue, &made[1]), 0);
    (void)drain_queue(&made[0]);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    for (size_t i = 0; i < 2; i++)
        assert_ok(made[i].status, &made[i].err);
    (void)pthread_barrier_destroy(&both);
}

START_TEST(two_workers_of_a_process_share_the_queue_and_its_journal)
{
    ca_case *it = ca_case_new();
    drain made[2];
    size_t open = 1;
    for (unsigned i = 0; i < 40; i++)
        enrol(it, 1);
    drain_by_two(it, made);
    ck_assert_uint_ge(made[0].granted, 2);
    ck_assert_uint_ge(made[1].granted, 2);
    ck_assert_uint_eq(made[0].granted + made[1].granted, 40);
    (void)ca_journal_batches(it->world->setting.journal, &open);
    ck_assert_uint_eq(open, 0);
    /* The registry remembers the last record that was synced before the last commit. */
    ca_world_stop(it->world);
    ca_world_start(it->world);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

START_TEST(two_workers_of_a_process_share_an_office_s_hour)
{
    ca_case *it = ca_case_new_limited(25);
    drain made[2];
    for (unsigned i = 0; i < 40; i++)
        enrol(it, 1);
    drain_by_two(it, made);
    ck_assert_uint_eq(made[0].granted + made[1].granted, 25);
    ck_assert_uint_eq(made[0].refused + made[1].refused, 15);
    ca_case_assert(it, "SELECT issued FROM registry.issue_count", "25");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* Who looks at the clerk's documents goes on when the revocation of her certificate waits for it.
 */
static void wait_for_the_act(size_t items, void *context)
{
    ca_case *it = context;
    (void)items;
    if (atomic_fetch_add(&claims, 1) == 0) {
        (void)pthread_barrier_wait(&both);
        cluster_wait(it->super,
                     "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 5"
                     " AND NOT granted",
                     "1");
    } else {
        ca_case_assert(it, "SELECT count(*) FROM registry.certificate WHERE citizen_id IS NOT NULL",
                       "2");
    }
}

static void revoke_the_clerk(ca_case *it)
{
    static const ca_who admin[] = {ADMIN_1, NOBODY};
    uint8_t room[20];
    auth_bytes serial = ca_case_serial(it->world->officers[CLERK_1].certificate, room);
    ca_ask_begin(it->world, AUTH_REQUEST_KIND_REVOKE, &ask);
    (void)ca_ask_serial(&ask, serial);
    ca_world_ask(it->world, &ask, admin);
}

START_TEST(no_batch_obeys_whom_another_revokes_at_the_same_time)
{
    ca_case *it = ca_case_new();
    auth_error err;
    pthread_t thread;
    AUTH_AUTO(ca_worker) *helper = NULL;
    enrol(it, 2);
    revoke_the_clerk(it);
    enrol(it, 1);
    ca_world_stop(it->world);
    it->world->setting.limits.documents = 1;
    it->world->setting.claimed = wait_for_the_act;
    it->world->setting.context = it;
    ca_world_start(it->world);
    assert_ok(ca_worker_beside(it->world->worker, it->world->now, &helper, &err), &err);
    atomic_store(&claims, 0);
    ck_assert_int_eq(pthread_barrier_init(&both, NULL, 2), 0);
    /* The clerk's documents are looked at a second later than the act began, by its own clock. */
    drain late = {.worker = helper, .now = it->world->now + 1};
    drain act = {.worker = it->world->worker, .now = it->world->now};
    ck_assert_int_eq(pthread_create(&thread, NULL, drain_queue, &late), 0);
    (void)pthread_barrier_wait(&both);
    (void)drain_queue(&act);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_ok(late.status, &late.err);
    assert_ok(act.status, &act.err);
    ck_assert_uint_eq(late.granted + act.granted, 3);
    ca_case_assert(it, "SELECT reason FROM registry.request WHERE state = 5", "13");
    ca_case_assert(it,
                   "SELECT count(*) FROM registry.revocation r WHERE r.at >="
                   " (SELECT max(at) FROM registry.outcome o WHERE o.request_id <> r.request_id"
                   " AND o.status = 0)",
                   "1");
    it->world->now += 1;
    ca_case_expect_clean(it);
    (void)pthread_barrier_destroy(&both);
    ca_case_free(it);
}
END_TEST

START_TEST(two_workers_of_a_process_have_one_clock)
{
    ca_case *it = ca_case_new();
    auth_error err;
    registry_queue_report report;
    AUTH_AUTO(ca_worker) *helper = NULL;
    ca_worker *first = it->world->worker;
    auth_time now = it->world->now;
    assert_ok(ca_worker_beside(first, now, &helper, &err), &err);
    assert_ok(ca_worker_run(first, now + 10, &report, &err), &err);
    ck_assert(ca_worker_is_behind(helper, now));
    assert_fails(ca_worker_run(helper, now, &report, &err), AUTH_STATUS_CONFLICT, &err);
    ca_worker_confirm_clock(first);
    assert_ok(ca_worker_run(helper, now, &report, &err), &err);
    ca_case_free(it);
}
END_TEST

/*
 * Looks for the journal among those that the registry remembers, or that may be begun, and has the
 * worker tell of it; 0 and the refusal in *err for one that it does not.
 */
static int64_t find_journal(ca_case *it, bool may_begin, auth_error *err)
{
    static const uint8_t id[CA_JOURNAL_ID_SIZE] = {1};
    ca_world *world = it->world;
    int64_t found = 0;
    bool began = false;
    ca_remember_wish wish = {world->now, may_begin};
    if (ca_remember_find(&world->setting, id, &wish, &found, &began, err) != AUTH_STATUS_OK)
        return 0;
    ck_assert(!began || may_begin);
    world->setting.journal_no = found;
    ca_worker_free(world->worker);
    world->worker = NULL;
    assert_ok(ca_worker_new(&world->setting, world->now, 0, &world->worker, err), err);
    return found;
}

static off_t size_of_journal(ca_case *it)
{
    char path[200];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/00000001.journal", it->journal);
    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_size;
}

/* Cuts between two records, which the journal itself cannot see. */
static void cut_journal(ca_case *it, off_t size)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/00000001.journal", it->journal);
    ck_assert_int_eq(truncate(path, size), 0);
}

START_TEST(a_journal_that_was_cut_is_found)
{
    auth_error err;
    ca_case *it = ca_case_new();
    int64_t number = find_journal(it, false, &err);
    ck_assert_int_gt(number, 0);
    enrol(it, 2);
    ca_case_expect(it, 2, 0);
    off_t before = size_of_journal(it);
    enrol(it, 1);
    ca_case_expect(it, 1, 0);
    become(it, it->journal);
    ck_assert_int_eq(find_journal(it, false, &err), number);
    ca_world_stop(it->world);
    /* As it was before the last batch: a good journal of an earlier time. */
    cut_journal(it, before);
    ca_world_start(it->world);
    ck_assert_int_eq(find_journal(it, false, &err), 0);
    ck_assert_int_eq(err.status, AUTH_STATUS_CONFLICT);
    ck_assert_msg(strstr(err.text, "its end was cut off") != NULL, "%s", err.text);
    ca_case_free(it);
}
END_TEST

/* A record of its own is asked for, not only one of that number. */
START_TEST(another_journal_in_its_place_is_found)
{
    auth_error err;
    ca_case *it = ca_case_new();
    const char *second = second_journal(it);
    ck_assert_int_gt(find_journal(it, false, &err), 0);
    enrol(it, 1);
    ca_case_expect(it, 1, 0);
    it->world->now += 1; /* it is born at another time, so that its records are others */
    it->world->setting.journal_no = 0;
    become(it, second);
    for (int i = 0; i < 3; i++) {
        enrol(it, 1);
        ca_case_expect(it, 1, 0);
    }
    ck_assert_int_eq(find_journal(it, false, &err), 0);
    ck_assert_int_eq(err.status, AUTH_STATUS_CONFLICT);
    ca_case_remove_journal(second);
    ca_case_free(it);
}
END_TEST

START_TEST(a_second_process_begins_with_a_journal_of_its_own)
{
    auth_error err;
    ca_case *it = ca_case_new();
    const char *second = second_journal(it);
    int64_t first = find_journal(it, false, &err);
    enrol(it, 1);
    ca_case_expect(it, 1, 0);
    it->world->now += 1;
    become(it, second);
    ck_assert_int_eq(find_journal(it, false, &err), 0);
    ck_assert_int_eq(err.status, AUTH_STATUS_CONFLICT);
    ck_assert_msg(strstr(err.text, "make the file " CA_NEW_JOURNAL_FILE) != NULL, "%s", err.text);
    ca_case_assert(it, "SELECT count(*) FROM registry.ledger_entry WHERE event = 50", "0");
    int64_t other = find_journal(it, true, &err);
    ck_assert_int_gt(other, first);
    ca_case_assert(it, "SELECT count(*) FROM registry.ledger_entry WHERE event = 50", "1");
    enrol(it, 1);
    ca_case_expect(it, 1, 0);
    become(it, it->journal);
    ck_assert_int_eq(find_journal(it, false, &err), first);
    become(it, second);
    ck_assert_int_eq(find_journal(it, false, &err), other);
    ca_case_remove_journal(second);
    ca_case_free(it);
}
END_TEST

/* What was journalled and not committed is no loss, and a registry that is older is another matter.
 */
START_TEST(a_journal_that_is_ahead_is_the_same)
{
    auth_error err;
    ca_step step = CA_STEP_JOURNALLED;
    ca_case *it = ca_case_new();
    int64_t number = find_journal(it, false, &err);
    enrol(it, 1);
    ca_case_expect(it, 1, 0);
    enrol(it, 1);
    ca_world_stop(it->world);
    ca_child_wait(ca_child_start(it, ca_child_batch, ca_child_die_at, &step));
    (void)ca_child_recover(it);
    ck_assert_int_eq(find_journal(it, false, &err), number);
    ca_case_expect(it, 1, 0);
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

/* Two with copies of one journal would each take the other's records for its own. */
START_TEST(a_copy_of_a_journal_does_not_go_back)
{
    auth_error err;
    registry_queue_report report = {0};
    ca_case *it = ca_case_new();
    ck_assert_int_gt(find_journal(it, false, &err), 0);
    enrol(it, 1);
    ca_case_expect(it, 1, 0);
    cluster_sql(it->super, "UPDATE registry.journal_head SET sequence = sequence + 1000");
    enrol(it, 1);
    assert_fails(ca_worker_run(it->world->worker, it->world->now, &report, &err),
                 AUTH_STATUS_INVALID, &err);
    ca_case_assert(it, "SELECT count(*) FROM registry.request WHERE state = 2", "1");
    ca_case_free(it);
}
END_TEST

/* Lists, then a head: what the daemon does once a second. */
static auth_status do_duties(ca_case *it, bool *is_idle, auth_error *err)
{
    size_t made = 0;
    bool is_more = false;
    auth_status status =
        ca_tend_crls(&it->world->setting, &plan, it->world->crypto, it->world->now, &made, err);
    if (status == AUTH_STATUS_OK)
        status = ca_advance_ledger(&it->world->setting, it->world->crypto, it->world->now, &is_more,
                                   err);
    *is_idle = made == 0;
    return status;
}

/* The lists that a step of a death leaves committed: one when it was after the first commit. */
START_TEST(a_death_in_a_duty_leaves_no_gap)
{
    auth_error err;
    bool is_idle = false;
    ca_step step = (ca_step)(CA_STEP_CRL_NUMBERED + _i);
    bool is_crl = step <= CA_STEP_CRL_COMMITTED;
    ca_case *it = ca_case_new();
    AUTH_AUTO(auth_buf) *der = ca_case_enrol(it, CITIZEN_1, it->card);
    ck_assert_int_gt(find_journal(it, false, &err), 0);
    ca_world_stop(it->world);
    ca_child_wait(ca_child_start(it, do_duties, ca_child_die_at, &step));
    ca_recovery recovery = ca_child_recover(it);
    bool is_committed = step == CA_STEP_CRL_COMMITTED || step == CA_STEP_HEAD_COMMITTED;
    bool is_aborted = step == CA_STEP_CRL_JOURNALLED || step == CA_STEP_HEAD_JOURNALLED;
    /* Notes of lists before the head go out with its own sync, but for the last one. */
    ck_assert_uint_eq(recovery.aborted, is_aborted);
    ck_assert(recovery.committed >= (size_t)is_committed);
    ck_assert_int_gt(find_journal(it, false, &err), 0);
    ca_case_assert(it, "SELECT count(*) FROM registry.crl",
                   !is_crl        ? "3"
                   : is_committed ? "1"
                                  : "0");
    for (int i = 0; i < 3 && !is_idle; i++)
        assert_ok(do_duties(it, &is_idle, &err), &err);
    ck_assert(is_idle);
    /* Full and delta of staff and of two shards; each number once, and none is missing. */
    ca_case_assert(it, "SELECT count(*) FROM registry.crl", "6");
    ca_case_assert(it,
                   "SELECT string_agg(number::text, ',' ORDER BY authority_id, shard, number) FROM"
                   " registry.crl",
                   "1,2,1,2,1,2");
    ca_case_assert(it, "SELECT count(*) FROM registry.crl_scope WHERE last_number <> 2", "0");
    ca_case_expect_clean(it);
    ca_case_free(it);
}
END_TEST

CLUSTER_SUITE("ca_shared", TEST(an_office_s_hour_is_one_for_all_processes_and_restarts),
              TEST(only_what_is_granted_counts), TEST(two_processes_at_once_share_an_office_s_hour),
              TEST(two_workers_of_a_process_share_the_queue_and_its_journal),
              TEST(two_workers_of_a_process_share_an_office_s_hour),
              TEST(no_batch_obeys_whom_another_revokes_at_the_same_time),
              TEST(two_workers_of_a_process_have_one_clock), TEST(a_journal_that_was_cut_is_found),
              TEST(another_journal_in_its_place_is_found),
              TEST(a_second_process_begins_with_a_journal_of_its_own),
              TEST(a_journal_that_is_ahead_is_the_same), TEST(a_copy_of_a_journal_does_not_go_back),
              TEST_EACH(a_death_in_a_duty_leaves_no_gap,
                        CA_STEP_HEAD_COMMITTED - CA_STEP_CRL_NUMBERED + 1))
