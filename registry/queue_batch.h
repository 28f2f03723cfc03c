/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch of the queue holds beside what its caller sees. Internal to registry/. */
#ifndef REGISTRY_QUEUE_BATCH_H
#define REGISTRY_QUEUE_BATCH_H

#include "queue.h"

typedef struct queue_batch {
    registry_queue_batch open; /* first, so that one pointer is the other */
    size_t decision_room;
    size_t first; /* the documents at work now: from first up to end */
    size_t end;
    bool is_prepared;
    bool is_stopped;          /* the last failure was a rule of the database */
    bool is_raced;            /* the last failure was somebody in between */
    registry_result *claimed; /* what the documents, activations and priors point into */
    registry_result *activations;
    registry_result *priors;
} queue_batch;

static inline queue_batch *queue_batch_of(registry_queue_batch *batch)
{
    return (queue_batch *)batch;
}

/* Makes a batch empty again; its time stays. */
void queue_batch_reset(queue_batch *of);

/* Tells whether a decision counts: its document is worked on and not refused as a whole. */
bool queue_decision_is_active(const registry_queue_batch *batch, const registry_decision *decision);

/* A key of a decision; {NULL, 0}: it has none and is left out. */
typedef auth_bytes queue_key(const registry_decision *decision);

/* A decision with its key as it was when the order was made: judging a decision may take its key.
 */
typedef struct queue_place {
    auth_bytes key;
    registry_decision *decision;
} queue_place;

/* Active decisions in the order of a key, equal ones as they stand in the batch. */
typedef struct queue_order {
    queue_place *places;
    size_t count;
} queue_order;

/*
 * Sorts the active decisions that have a key.
 *
 * Ownership: queue_order_clear frees what out holds.
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status queue_order_make(registry_queue_batch *batch, queue_key *key, queue_order *out,
                             auth_error *err) AUTH_MUST_CHECK;
void queue_order_clear(queue_order *of);

/* Tells whether the key at i is that of i - 1 as well. */
bool queue_order_is_repeat(const queue_order *of, size_t i);

/* Finds the first row whose value in column is the key, in rows in rising order; rows: none. */
size_t queue_find_row(registry_result *result, size_t column, auth_bytes key);

/* Tells whether the holder of a decision is the one of a row of QUEUE_KEY_HOLDERS. */
bool queue_is_holder(const registry_decision *decision, registry_result *holders, size_t row);

/*
 * Takes the places of all active decisions that are granted.
 *
 * Errors: AUTH_STATUS_CONFLICT when one is not free; those of a statement.
 */
auth_status queue_take_places(registry_connection *connection, registry_queue_batch *batch,
                              auth_time now, auth_error *err) AUTH_MUST_CHECK;

#endif
