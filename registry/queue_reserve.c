/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which items clash with what is there. All is looked up first, in one trip and for the whole
 * batch; then places are taken with ON CONFLICT DO NOTHING, in the order of their keys, so that two
 * authorities do not meet in a deadlock. When fewer places were free than the look-up said,
 * somebody came in between, and the whole is done again.
 */
#include "columns.h"
#include "queue_batch.h"
#include "row.h"

#include <string.h>

/* The answers of the look-up, each in the order of its key. */
typedef struct lookup {
    registry_result *blocked;
    registry_result *holders;
    registry_result *citizens;
    registry_result *live;
    registry_result *statuses;
} lookup;

static void lookup_clear(lookup *of)
{
    registry_result_free(of->blocked);
    registry_result_free(of->holders);
    registry_result_free(of->citizens);
    registry_result_free(of->live);
    registry_result_free(of->statuses);
}

static bool is_certificate(const registry_decision *decision)
{
    return decision->serial.data != NULL && registry_decision_is_granted(decision);
}

static auth_bytes key_of_key(const registry_decision *decision)
{
    return is_certificate(decision) ? decision->key_hash : (auth_bytes){NULL, 0};
}

static auth_bytes key_of_person(const registry_decision *decision)
{
    return is_certificate(decision) ? decision->person_index : (auth_bytes){NULL, 0};
}

static auth_bytes key_of_former(const registry_decision *decision)
{
    return is_certificate(decision) ? decision->former_index : (auth_bytes){NULL, 0};
}

static auth_bytes key_of_target(const registry_decision *decision)
{
    bool is_act =
        decision->action != REGISTRY_ACTION_NONE && registry_decision_is_granted(decision);
    return is_act ? decision->target : (auth_bytes){NULL, 0};
}

static void refuse(registry_decision *decision, registry_refusal refusal)
{
    if (decision->refusal == REGISTRY_REFUSAL_NONE)
        decision->refusal = refusal;
}

/* Asks a statement about the keys of all active decisions. */
static auth_status ask(registry_connection *connection, registry_statement statement,
                       registry_queue_batch *batch, queue_key *const *keys, size_t key_count,
                       registry_result **out, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(statement, batch->decision_count * key_count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->decision_count; i++) {
        const registry_decision *decision = &batch->decisions[i];
        for (size_t k = 0; queue_decision_is_active(batch, decision) && k < key_count; k++) {
            auth_bytes key = keys[k](decision);
            if (key.data == NULL)
                continue;
            columns_next_row(rows);
            columns_bytes(rows, 0, key);
        }
    }
    return status == AUTH_STATUS_OK ? columns_run(rows, connection, out, err) : status;
}

static auth_status look_up(registry_connection *connection, registry_queue_batch *batch,
                           lookup *out, auth_error *err)
{
    static queue_key *const by_key[] = {key_of_key};
    static queue_key *const by_person[] = {key_of_person, key_of_former};
    static queue_key *const by_target[] = {key_of_target};
    auth_status status =
        ask(connection, REGISTRY_STATEMENT_BLOCKED_KEY_FIND, batch, by_key, 1, &out->blocked, err);
    if (status == AUTH_STATUS_OK)
        status = ask(connection, REGISTRY_STATEMENT_QUEUE_KEY_HOLDERS, batch, by_key, 1,
                     &out->holders, err);
    if (status == AUTH_STATUS_OK)
        status = ask(connection, REGISTRY_STATEMENT_QUEUE_CITIZENS, batch, by_person, 2,
                     &out->citizens, err);
    if (status == AUTH_STATUS_OK)
        status =
            ask(connection, REGISTRY_STATEMENT_QUEUE_LIVE, batch, by_person, 2, &out->live, err);
    if (status == AUTH_STATUS_OK)
        status = ask(connection, REGISTRY_STATEMENT_CERTIFICATE_STATUSES, batch, by_target, 1,
                     &out->statuses, err);
    return status;
}

/* A result that was not asked for has no rows. */
static bool finds(registry_result *result, auth_bytes key, size_t *row)
{
    if (result == NULL || key.data == NULL)
        return false;
    *row = queue_find_row(result, 0, key);
    return *row < registry_result_rows(result);
}

static void put_id(registry_decision *decision, auth_bytes id)
{
    if (id.len == REGISTRY_ID_SIZE)
        memcpy(decision->citizen_id, id.data, REGISTRY_ID_SIZE);
}

/* Tells who the citizens are: those that are known, and one id for all items of a new one. */
static auth_status identify(registry_queue_batch *batch, const lookup *found, auth_error *err)
{
    queue_order persons = {0};
    size_t row = 0;
    auth_status status = queue_order_make(batch, key_of_person, &persons, err);
    for (size_t i = 0; i < persons.count; i++) {
        registry_decision *decision = persons.places[i].decision;
        decision->is_known = finds(found->citizens, decision->person_index, &row) ||
                             finds(found->citizens, decision->former_index, &row);
        if (decision->is_known)
            put_id(decision, registry_value_uuid(found->citizens, row, 1));
        else if (queue_order_is_repeat(&persons, i))
            memcpy(decision->citizen_id, persons.places[i - 1].decision->citizen_id,
                   REGISTRY_ID_SIZE);
    }
    queue_order_clear(&persons);
    if (status == AUTH_STATUS_OK && found->citizens != NULL)
        status = registry_result_check(found->citizens, err);
    return status;
}

static bool is_same_holder(const registry_decision *a, const registry_decision *b)
{
    if (a->officer_id != NULL || b->officer_id != NULL)
        return a->officer_id != NULL && b->officer_id != NULL &&
               strcmp(a->officer_id, b->officer_id) == 0;
    return memcmp(a->citizen_id, b->citizen_id, REGISTRY_ID_SIZE) == 0;
}

bool queue_is_holder(const registry_decision *decision, registry_result *holders, size_t row)
{
    auth_bytes citizen = row_uuid(holders, row, 1);
    const char *officer = row_text(holders, row, 2);
    if (decision->officer_id != NULL)
        return officer != NULL && strcmp(officer, decision->officer_id) == 0;
    if (decision->person_index.data == NULL)
        return officer == NULL && citizen.data == NULL;
    return citizen.len == REGISTRY_ID_SIZE &&
           memcmp(citizen.data, decision->citizen_id, REGISTRY_ID_SIZE) == 0;
}

/* A key is nobody else's, neither in the registry nor in the batch, and not blocked. */
static auth_status judge_keys(registry_queue_batch *batch, const lookup *found, auth_error *err)
{
    queue_order keys = {0};
    size_t row = 0;
    const registry_decision *first = NULL;
    auth_status status = queue_order_make(batch, key_of_key, &keys, err);
    for (size_t i = 0; i < keys.count; i++) {
        registry_decision *decision = keys.places[i].decision;
        if (first == NULL || !auth_bytes_equal(first->key_hash, decision->key_hash))
            first = decision;
        if (finds(found->blocked, decision->key_hash, &row))
            refuse(decision, REGISTRY_REFUSAL_KEY_BLOCKED);
        else if (finds(found->holders, decision->key_hash, &row)
                     ? !queue_is_holder(decision, found->holders, row)
                     : !is_same_holder(decision, first))
            refuse(decision, REGISTRY_REFUSAL_KEY_OF_ANOTHER);
    }
    queue_order_clear(&keys);
    if (status == AUTH_STATUS_OK && found->holders != NULL)
        status = registry_result_check(found->holders, err);
    return status;
}

/* Whether a live certificate that is there stands in the way. */
static bool is_taken(const registry_decision *decision, registry_result *live, auth_bytes index,
                     auth_time now)
{
    size_t row = 0;
    if (!finds(live, index, &row))
        return false;
    for (; row < registry_result_rows(live); row++) {
        if (!auth_bytes_equal(registry_value_bytes(live, row, 0), index))
            return false;
        if (strcmp(registry_value_text(live, row, 1), decision->purpose) == 0)
            return registry_value_time(live, row, 3) >= now &&
                   !auth_bytes_equal(registry_value_bytes(live, row, 2), decision->replaces);
    }
    return false;
}

static bool is_same_purpose(const registry_decision *a, const registry_decision *b)
{
    return registry_decision_is_granted(a) && a->purpose != NULL && b->purpose != NULL &&
           strcmp(a->purpose, b->purpose) == 0;
}

/* Of items for one person and purpose in the batch the first one counts. */
static bool has_earlier(const queue_order *persons, size_t i)
{
    for (size_t k = i; queue_order_is_repeat(persons, k); k--) {
        if (is_same_purpose(persons->places[k - 1].decision, persons->places[i].decision))
            return true;
    }
    return false;
}

static auth_status judge_live(registry_queue_batch *batch, const lookup *found, auth_time now,
                              auth_error *err)
{
    queue_order persons = {0};
    auth_status status = queue_order_make(batch, key_of_person, &persons, err);
    for (size_t i = 0; i < persons.count; i++) {
        registry_decision *decision = persons.places[i].decision;
        if (decision->purpose == NULL)
            continue;
        if (is_taken(decision, found->live, decision->person_index, now) ||
            is_taken(decision, found->live, decision->former_index, now))
            refuse(decision, REGISTRY_REFUSAL_LIVE);
        else if (has_earlier(&persons, i))
            refuse(decision, REGISTRY_REFUSAL_TWICE);
    }
    queue_order_clear(&persons);
    if (status == AUTH_STATUS_OK && found->live != NULL)
        status = registry_result_check(found->live, err);
    return status;
}

/* A revocation is final, only what is suspended resumes (as the trigger check_revocation). */
static bool may_follow(registry_action action, registry_action last)
{
    switch (last) {
    case REGISTRY_ACTION_REVOKE:
        return false;
    case REGISTRY_ACTION_SUSPEND:
        return action != REGISTRY_ACTION_SUSPEND;
    case REGISTRY_ACTION_NONE:
    case REGISTRY_ACTION_RESUME:
        break;
    }
    return action != REGISTRY_ACTION_RESUME;
}

static auth_status judge_act(registry_decision *decision, registry_result *statuses,
                             auth_error *err)
{
    registry_certificate_status last = {0};
    size_t row = 0;
    if (!finds(statuses, decision->target, &row)) {
        refuse(decision, REGISTRY_REFUSAL_NOT_ISSUED);
        return AUTH_STATUS_OK;
    }
    auth_status status = registry_certificate_status_read(statuses, row, &last, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (decision->serial.data != NULL && last.action == REGISTRY_ACTION_REVOKE)
        decision->action = REGISTRY_ACTION_NONE;
    else if (!may_follow(decision->action, last.action))
        refuse(decision, REGISTRY_REFUSAL_OUT_OF_TURN);
    decision->target_authority = last.authority;
    decision->target_shard = last.shard;
    decision->target_not_after = last.not_after;
    return AUTH_STATUS_OK;
}

static auth_status judge_acts(registry_queue_batch *batch, const lookup *found, auth_error *err)
{
    queue_order targets = {0};
    auth_status status = queue_order_make(batch, key_of_target, &targets, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < targets.count; i++) {
        if (queue_order_is_repeat(&targets, i))
            refuse(targets.places[i].decision, REGISTRY_REFUSAL_TWICE);
        else
            status = judge_act(targets.places[i].decision, found->statuses, err);
    }
    queue_order_clear(&targets);
    return status;
}

static auth_status judge(registry_queue_batch *batch, const lookup *found, auth_time now,
                         auth_error *err)
{
    auth_status status = identify(batch, found, err);
    if (status == AUTH_STATUS_OK)
        status = judge_acts(batch, found, err);
    if (status == AUTH_STATUS_OK)
        status = judge_keys(batch, found, err);
    if (status == AUTH_STATUS_OK)
        status = judge_live(batch, found, now, err);
    return status;
}

auth_status registry_queue_reserve(registry_connection *connection, registry_queue_batch *batch,
                                   auth_time now, auth_error *err)
{
    lookup found = {0};
    for (size_t i = 0; i < batch->decision_count; i++) {
        registry_decision *decision = &batch->decisions[i];
        if (queue_decision_is_active(batch, decision) && decision->refusal != REGISTRY_REFUSAL_RULE)
            decision->refusal = REGISTRY_REFUSAL_NONE;
    }
    auth_status status = look_up(connection, batch, &found, err);
    if (status == AUTH_STATUS_OK)
        status = judge(batch, &found, now, err);
    lookup_clear(&found);
    if (status == AUTH_STATUS_OK)
        status = queue_take_places(connection, batch, now, err);
    return status;
}
