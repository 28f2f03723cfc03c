/* SPDX-License-Identifier: Apache-2.0 */
#include "queue_batch.h"

#include <stdlib.h>
#include <string.h>

#define DECISION_ROOM_FIRST 64

const char *registry_refusal_text(registry_refusal refusal)
{
    switch (refusal) {
#define REGISTRY_REFUSAL_ROW(id, status, text)                                                     \
    case REGISTRY_REFUSAL_##id:                                                                    \
        return text;
#include "queue_refusal.def"
    case REGISTRY_REFUSAL_NONE:
        break;
    }
    return NULL;
}

auth_status registry_queue_batch_new(registry_queue_batch **out, auth_error *err)
{
    queue_batch *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    *out = &made->open;
    return AUTH_STATUS_OK;
}

void queue_batch_reset(queue_batch *of)
{
    free(of->open.documents);
    free(of->open.activations);
    free(of->open.priors);
    free(of->open.decisions);
    registry_result_free(of->claimed);
    registry_result_free(of->activations);
    registry_result_free(of->priors);
    *of = (queue_batch){.open.now = of->open.now};
}

void registry_queue_batch_free(registry_queue_batch *batch)
{
    if (batch == NULL)
        return;
    queue_batch_reset(queue_batch_of(batch));
    free(queue_batch_of(batch));
}

auth_status registry_queue_decide(registry_queue_batch *batch, const registry_decision *decision,
                                  auth_error *err)
{
    queue_batch *of = queue_batch_of(batch);
    if (batch->decision_count == of->decision_room) {
        size_t room = of->decision_room == 0 ? DECISION_ROOM_FIRST : of->decision_room * 2;
        registry_decision *grown = reallocarray(batch->decisions, room, sizeof *grown);
        if (grown == NULL)
            return auth_error_memory(err);
        batch->decisions = grown;
        of->decision_room = room;
    }
    batch->decisions[batch->decision_count++] = *decision;
    return AUTH_STATUS_OK;
}

bool registry_queue_is_active(const registry_queue_batch *batch, size_t document)
{
    const queue_batch *of = (const queue_batch *)batch;
    return document >= of->first && document < of->end && !batch->documents[document].is_gone;
}

bool queue_decision_is_active(const registry_queue_batch *batch, const registry_decision *decision)
{
    return registry_queue_is_active(batch, decision->document) &&
           !batch->documents[decision->document].is_refused;
}

static int compare(const void *left, const void *right)
{
    const queue_place *a = left;
    const queue_place *b = right;
    int by_key = auth_bytes_compare(a->key, b->key);
    return by_key != 0 ? by_key : (a->decision > b->decision) - (a->decision < b->decision);
}

auth_status queue_order_make(registry_queue_batch *batch, queue_key *key, queue_order *out,
                             auth_error *err)
{
    queue_order made = {0};
    made.places = calloc(batch->decision_count + 1, sizeof *made.places);
    if (made.places == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < batch->decision_count; i++) {
        registry_decision *decision = &batch->decisions[i];
        if (queue_decision_is_active(batch, decision) && key(decision).data != NULL)
            made.places[made.count++] = (queue_place){key(decision), decision};
    }
    qsort(made.places, made.count, sizeof *made.places, compare);
    *out = made;
    return AUTH_STATUS_OK;
}

void queue_order_clear(queue_order *of)
{
    free(of->places);
    *of = (queue_order){0};
}

bool queue_order_is_repeat(const queue_order *of, size_t i)
{
    return i > 0 && auth_bytes_equal(of->places[i - 1].key, of->places[i].key);
}

size_t queue_find_row(registry_result *result, size_t column, auth_bytes key)
{
    size_t rows = registry_result_rows(result);
    size_t low = 0;
    size_t high = rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (auth_bytes_compare(registry_value_bytes(result, middle, column), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < rows && !auth_bytes_equal(registry_value_bytes(result, low, column), key))
        return rows;
    return low;
}
