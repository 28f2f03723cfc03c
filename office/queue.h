/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents that wait to be taken in, and who takes them: whose document is first leads a group of
 * all that wait, while the others sleep until theirs is done. Its invariants: documents go in the
 * order in which they came; nobody is woken but who is done or leads next; a document that comes
 * alone waits for nobody. Who leads waits for documents that are being read at that moment, and,
 * right after a group of several, for as many again, since their senders have just been answered;
 * for both no longer than OFFICE_GATHER_MS. Any thread. Internal to office/.
 */
#ifndef OFFICE_QUEUE_H
#define OFFICE_QUEUE_H

#include <auth/api.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct office_document;

/* The most documents of a group: about half of those that come at a time under load, so that one
 * half is read while the other is stored. */
#define OFFICE_GROUP_DOCUMENTS 16
/* How long a document that could be taken in waits for others. */
#define OFFICE_GATHER_MS 10

/* Takes a group in: writes into each what became of it. count is 1 to OFFICE_GROUP_DOCUMENTS. */
typedef void office_queue_run(void *context, struct office_document *const *members, size_t count);

typedef struct office_queue {
    pthread_mutex_t lock;
    office_queue_run *run;
    void *context;
    int64_t gather_ms;
    struct office_document *first;
    struct office_document **last;
    size_t queued;
    size_t coming; /* documents that are being read */
    size_t groups; /* being taken in */
    size_t items;  /* of the documents in them */
    size_t former; /* documents of the group that ended last */
    int64_t ended_ms;
} office_queue;

/* Begins an empty queue; context is borrowed. */
void office_queue_begin(office_queue *it, office_queue_run *run, void *context);

/* Ends a queue in which nobody waits. */
void office_queue_end(office_queue *it);

/* Tells that a document is being read, which enters soon or is given up. */
void office_queue_expect(office_queue *it, struct office_document *document);
void office_queue_forgo(office_queue *it, struct office_document *document);

/* Puts 1 or more documents in, and waits until all of them were taken in. */
void office_queue_enter(office_queue *it, struct office_document *documents, size_t count);

#endif
