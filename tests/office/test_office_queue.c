/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do documents that come together go in together, in their order, while one that comes alone waits
 * for nobody? Where a test must not wait it has an hour to do it in: a queue that does wait hangs.
 */
#include "harness/harness.h"

#include "daemon/clock.h"
#include "office/document.h"

#include <sched.h>
#include <stdlib.h>

#define HOUR_MS ((int64_t)3600 * 1000)
#define GROUPS_MAX 4096

/* What was taken in. The first group can be made to wait until the test lets it go. */
typedef struct intake {
    office_queue queue;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t changed;
    bool is_shut;
    size_t groups;
    size_t counts[GROUPS_MAX];
    const office_document *order[GROUPS_MAX];
    size_t taken;
} intake;

static void run(void *context, office_document *const *members, size_t count)
{
    intake *it = context;
    (void)pthread_mutex_lock(&it->lock);
    it->counts[it->groups++] = count;
    for (size_t i = 0; i < count; i++) {
        if (it->taken < GROUPS_MAX)
            it->order[it->taken] = members[i];
        it->taken++;
        members[i]->submitted.revision++;
    }
    (void)pthread_cond_broadcast(&it->changed);
    while (it->is_shut && it->groups == 1)
        (void)pthread_cond_wait(&it->changed, &it->lock);
    (void)pthread_mutex_unlock(&it->lock);
}

static void begin(intake *it, int64_t gather_ms)
{
    memset(it, 0, sizeof *it);
    (void)pthread_mutex_init(&it->lock, NULL);
    (void)pthread_cond_init(&it->changed, NULL);
    office_queue_begin(&it->queue, run, it);
    it->queue.gather_ms = gather_ms;
}

static void end(intake *it)
{
    ck_assert_uint_eq(it->queue.queued + it->queue.coming + it->queue.groups, 0);
    office_queue_end(&it->queue);
    (void)pthread_cond_destroy(&it->changed);
    (void)pthread_mutex_destroy(&it->lock);
}

/* A thread that takes its documents in. */
typedef struct sender {
    intake *in;
    pthread_t thread;
    size_t count;
    office_document *documents;
} sender;

static void *send(void *context)
{
    sender *it = context;
    office_queue_enter(&it->in->queue, it->documents, it->count);
    return NULL;
}

/* Starts a sender and waits until his documents are queued, or taken. */
static void start(sender *it, intake *in, size_t count)
{
    (void)pthread_mutex_lock(&in->lock);
    size_t taken = in->taken;
    (void)pthread_mutex_unlock(&in->lock);
    (void)pthread_mutex_lock(&in->queue.lock);
    size_t there = in->queue.queued + taken + count;
    (void)pthread_mutex_unlock(&in->queue.lock);
    *it = (sender){.in = in, .count = count, .documents = calloc(count, sizeof *it->documents)};
    ck_assert_ptr_nonnull(it->documents);
    ck_assert_int_eq(pthread_create(&it->thread, NULL, send, it), 0);
    for (bool is_there = false; !is_there; (void)sched_yield()) {
        (void)pthread_mutex_lock(&in->queue.lock);
        (void)pthread_mutex_lock(&in->lock);
        is_there = in->queue.queued + in->taken >= there;
        (void)pthread_mutex_unlock(&in->lock);
        (void)pthread_mutex_unlock(&in->queue.lock);
    }
}

static void finish(sender *it)
{
    ck_assert_int_eq(pthread_join(it->thread, NULL), 0);
    for (size_t i = 0; i < it->count; i++)
        ck_assert_int_eq(it->documents[i].submitted.revision, 1);
    free(it->documents);
}

/* Has the first group begin and stay at work. */
static void shut(intake *in, sender *first)
{
    in->is_shut = true;
    start(first, in, 1);
    (void)pthread_mutex_lock(&in->lock);
    while (in->groups == 0)
        (void)pthread_cond_wait(&in->changed, &in->lock);
    (void)pthread_mutex_unlock(&in->lock);
}

static void open_up(intake *in)
{
    (void)pthread_mutex_lock(&in->lock);
    in->is_shut = false;
    (void)pthread_cond_broadcast(&in->changed);
    (void)pthread_mutex_unlock(&in->lock);
}

START_TEST(one_that_comes_alone_waits_for_nobody)
{
    intake in;
    office_document documents[2] = {{.officer = NULL}, {.officer = NULL}};
    begin(&in, HOUR_MS);
    for (size_t i = 0; i < 2; i++)
        office_queue_enter(&in.queue, &documents[i], 1);
    /* Nor after one that was expected and did not come. */
    office_queue_expect(&in.queue, &documents[1]);
    office_queue_forgo(&in.queue, &documents[1]);
    office_queue_enter(&in.queue, &documents[0], 1);
    ck_assert_uint_eq(in.groups, 3);
    end(&in);
}
END_TEST

START_TEST(one_that_is_being_read_is_waited_for)
{
    intake in;
    sender first;
    office_document documents[2] = {{.officer = NULL}, {.officer = NULL}};
    begin(&in, HOUR_MS);
    for (size_t i = 0; i < 2; i++)
        office_queue_expect(&in.queue, &documents[i]);
    start(&first, &in, 1);
    ck_assert_uint_eq(in.groups, 0);
    /* The first of them turns out to be nothing, the second comes. */
    office_queue_forgo(&in.queue, &documents[0]);
    office_queue_enter(&in.queue, &documents[1], 1);
    finish(&first);
    ck_assert_uint_eq(in.groups, 1);
    ck_assert_uint_eq(in.counts[0], 2);
    ck_assert_ptr_eq(in.order[1], &documents[1]);
    end(&in);
}
END_TEST

START_TEST(the_last_that_is_given_up_lets_others_go)
{
    intake in;
    sender first;
    office_document document = {.officer = NULL};
    begin(&in, HOUR_MS);
    office_queue_expect(&in.queue, &document);
    start(&first, &in, 1);
    ck_assert_uint_eq(in.groups, 0);
    office_queue_forgo(&in.queue, &document);
    finish(&first);
    ck_assert_uint_eq(in.counts[0], 1);
    end(&in);
}
END_TEST

START_TEST(one_that_never_comes_is_not_waited_for_long)
{
    intake in;
    office_document never = {.officer = NULL};
    office_document document = {.officer = NULL};
    begin(&in, 1);
    int64_t begun_ms = daemon_now_ms();
    office_queue_expect(&in.queue, &never);
    office_queue_enter(&in.queue, &document, 1);
    ck_assert_int_gt(daemon_now_ms(), begun_ms);
    ck_assert_uint_eq(in.groups, 1);
    office_queue_forgo(&in.queue, &never);
    end(&in);
}
END_TEST

START_TEST(those_that_come_during_a_group_go_in_together)
{
    enum { SENDERS = 6 };
    intake in;
    sender first;
    sender senders[SENDERS];
    begin(&in, HOUR_MS);
    shut(&in, &first);
    for (size_t i = 0; i < SENDERS; i++)
        start(&senders[i], &in, 1 + i % 2);
    ck_assert_uint_eq(in.groups, 1);
    open_up(&in);
    finish(&first);
    for (size_t i = 0, at = 1; i < SENDERS; i++) {
        (void)pthread_mutex_lock(&in.lock);
        while (in.groups < 2)
            (void)pthread_cond_wait(&in.changed, &in.lock);
        for (size_t j = 0; j < senders[i].count; j++)
            ck_assert_ptr_eq(in.order[at++], &senders[i].documents[j]);
        (void)pthread_mutex_unlock(&in.lock);
        finish(&senders[i]);
    }
    ck_assert_uint_eq(in.groups, 2);
    ck_assert_uint_eq(in.counts[1], 9);
    end(&in);
}
END_TEST

START_TEST(a_second_group_begins_beside_the_first_when_many_wait)
{
    enum { MANY = 10 };
    intake in;
    sender first;
    sender senders[MANY];
    begin(&in, HOUR_MS);
    shut(&in, &first);
    for (size_t i = 0; i < MANY; i++)
        start(&senders[i], &in, 1);
    for (size_t i = 0; i < MANY; i++)
        finish(&senders[i]);
    ck_assert_uint_eq(in.groups, 2);
    ck_assert_uint_eq(in.counts[1], MANY);
    open_up(&in);
    finish(&first);
    end(&in);
}
END_TEST

START_TEST(after_a_group_of_several_as_many_are_waited_for)
{
    enum { SEVERAL = 3 };
    intake in;
    sender first;
    sender senders[SEVERAL];
    office_document alone = {.officer = NULL};
    begin(&in, HOUR_MS);
    shut(&in, &first);
    start(&senders[0], &in, SEVERAL);
    open_up(&in);
    finish(&first);
    finish(&senders[0]);
    for (size_t i = 0; i < SEVERAL; i++) {
        ck_assert_uint_eq(in.groups, 2);
        start(&senders[i], &in, 1);
    }
    for (size_t i = 0; i < SEVERAL; i++)
        finish(&senders[i]);
    ck_assert_uint_eq(in.groups, 3);
    ck_assert_uint_eq(in.counts[2], SEVERAL);
    /* But no longer than that is so. */
    in.queue.ended_ms -= HOUR_MS;
    office_queue_enter(&in.queue, &alone, 1);
    ck_assert_uint_eq(in.counts[3], 1);
    end(&in);
}
END_TEST

START_TEST(a_group_has_a_largest_size)
{
    intake in;
    sender large;
    begin(&in, 0);
    start(&large, &in, 2 * OFFICE_GROUP_DOCUMENTS + 5);
    finish(&large);
    ck_assert_uint_eq(in.groups, 3);
    ck_assert_uint_eq(in.counts[0], OFFICE_GROUP_DOCUMENTS);
    ck_assert_uint_eq(in.counts[1], OFFICE_GROUP_DOCUMENTS);
    ck_assert_uint_eq(in.counts[2], 5);
    end(&in);
}
END_TEST

static void *storm(void *context)
{
    for (size_t i = 0; i < 200; i++) {
        intake *in = context;
        office_document documents[3] = {{.officer = NULL}, {.officer = NULL}, {.officer = NULL}};
        office_queue_expect(&in->queue, &documents[0]);
        if (i % 7 == 0)
            office_queue_forgo(&in->queue, &documents[0]);
        office_queue_enter(&in->queue, documents, 1 + i % 3);
        for (size_t j = 0; j < 3; j++)
            assert_each(documents[j].submitted.revision == (j <= i % 3),
                        "a document was taken in %lld times",
                        (long long)documents[j].submitted.revision);
    }
    return NULL;
}

START_TEST(every_document_is_taken_in_once)
{
    enum { THREADS = 16 };
    intake in;
    pthread_t threads[THREADS];
    begin(&in, 1);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, storm, &in), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(in.taken, THREADS * (67 + 2 * 67 + 3 * 66));
    end(&in);
}
END_TEST

SUITE("office_queue", TEST(one_that_comes_alone_waits_for_nobody),
      TEST(one_that_is_being_read_is_waited_for), TEST(the_last_that_is_given_up_lets_others_go),
      TEST(one_that_never_comes_is_not_waited_for_long),
      TEST(those_that_come_during_a_group_go_in_together),
      TEST(a_second_group_begins_beside_the_first_when_many_wait),
      TEST(after_a_group_of_several_as_many_are_waited_for), TEST(a_group_has_a_largest_size),
      TEST(every_document_is_taken_in_once))
