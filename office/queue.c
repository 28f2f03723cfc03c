/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue is short and its lock is held for looking at it only. Each thread sleeps on a condition
 * of its own: with one for all, the end of a group would wake all that wait, for nothing.
 */
#include "queue.h"

#include "daemon/clock.h"
#include "document.h"

#include <time.h>

/* A second group begins beside the first when so many documents wait, or the first is so large:
 * few large groups cost the registry less than many small ones, but what waits for the disk keeps
 * no processor busy. */
#define GROUPS 2
#define SECOND_DOCUMENTS 10
#define SECOND_ITEMS 100
#define GROUP_ITEMS 2000

void office_queue_begin(office_queue *it, office_queue_run *run, void *context)
{
    *it = (office_queue){.run = run, .context = context, .gather_ms = OFFICE_GATHER_MS};
    it->last = &it->first;
    (void)pthread_mutex_init(&it->lock, NULL);
}

void office_queue_end(office_queue *it) { (void)pthread_mutex_destroy(&it->lock); }

static bool is_turn(const office_queue *it)
{
    if (it->first == NULL || it->groups == GROUPS)
        return false;
    return it->groups == 0 || it->queued >= SECOND_DOCUMENTS || it->items >= SECOND_ITEMS;
}

/* Until when the first document waits for others; 0: for none. */
static int64_t gathers_until(const office_queue *it)
{
    int64_t until_ms = 0;
    if (it->queued >= OFFICE_GROUP_DOCUMENTS)
        return 0;
    if (it->coming > 0)
        until_ms = it->first->came_ms + it->gather_ms;
    else if (it->former > 1 && it->queued < it->former)
        until_ms = it->ended_ms + it->gather_ms;
    return daemon_now_ms() < until_ms ? until_ms : 0;
}

static void wake_leader(const office_queue *it)
{
    if (it->first != NULL)
        (void)pthread_cond_signal(it->first->waiter);
}

/* Takes as many as go into one transaction, and one at least. */
static size_t take(office_queue *it, office_document **members, size_t *items)
{
    size_t count = 0;
    *items = 0;
    while (it->first != NULL && count < OFFICE_GROUP_DOCUMENTS) {
        office_document *next = it->first;
        size_t more = next->request == NULL ? 1 : auth_request_item_count(next->request);
        if (count > 0 && *items + more > GROUP_ITEMS)
            break;
        *items += more;
        members[count++] = next;
        it->first = next->next;
        if (it->first == NULL)
            it->last = &it->first;
    }
    it->queued -= count;
    return count;
}

/* Under the lock, which it leaves while the group is taken in. */
static void work(office_queue *it)
{
    office_document *members[OFFICE_GROUP_DOCUMENTS];
    size_t items = 0;
    size_t count = take(it, members, &items);
    it->groups++;
    it->items += items;
    wake_leader(it);
    (void)pthread_mutex_unlock(&it->lock);
    it->run(it->context, members, count);
    (void)pthread_mutex_lock(&it->lock);
    it->groups--;
    it->items -= items;
    it->former = count;
    it->ended_ms = daemon_now_ms();
    for (size_t i = 0; i < count; i++) {
        members[i]->is_done = true;
        (void)pthread_cond_signal(members[i]->waiter);
    }
    wake_leader(it);
}

/* Whose document is first: works, or sleeps until something has changed or it has waited enough. */
static void lead(office_queue *it, pthread_cond_t *mine)
{
    if (!is_turn(it)) {
        (void)pthread_cond_wait(mine, &it->lock);
        return;
    }
    int64_t until_ms = gathers_until(it);
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};
    if (until_ms > 0)
        (void)pthread_cond_clockwait(mine, &it->lock, CLOCK_MONOTONIC, &until);
    else
        work(it);
}

static bool are_done(const office_document *documents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!documents[i].is_done)
            return false;
    }
    return true;
}

static void came(office_queue *it, office_document *document)
{
    it->coming -= document->is_coming;
    document->is_coming = false;
}

void office_queue_expect(office_queue *it, office_document *document)
{
    (void)pthread_mutex_lock(&it->lock);
    it->coming++;
    document->is_coming = true;
    (void)pthread_mutex_unlock(&it->lock);
}

void office_queue_forgo(office_queue *it, office_document *document)
{
    (void)pthread_mutex_lock(&it->lock);
    came(it, document);
    if (it->coming == 0)
        wake_leader(it);
    (void)pthread_mutex_unlock(&it->lock);
}

void office_queue_enter(office_queue *it, office_document *documents, size_t count)
{
    pthread_cond_t mine = PTHREAD_COND_INITIALIZER;
    int64_t now_ms = daemon_now_ms();
    (void)pthread_mutex_lock(&it->lock);
    for (size_t i = 0; i < count; i++) {
        came(it, &documents[i]);
        documents[i].next = i + 1 < count ? &documents[i + 1] : NULL;
        documents[i].waiter = &mine;
        documents[i].came_ms = now_ms;
        documents[i].is_done = false;
    }
    *it->last = documents;
    it->last = &documents[count - 1].next;
    it->queued += count;
    if (it->first != documents && is_turn(it) && gathers_until(it) == 0)
        wake_leader(it);
    while (!are_done(documents, count)) {
        if (it->first != NULL && it->first->waiter == &mine)
            lead(it, &mine);
        else
            (void)pthread_cond_wait(&mine, &it->lock);
    }
    (void)pthread_mutex_unlock(&it->lock);
    (void)pthread_cond_destroy(&mine);
}
