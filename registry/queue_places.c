/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking the places of what is granted: officers, offices, new citizens, holders of keys, live
 * certificates.
 */
#include "columns.h"
#include "queue_batch.h"
#include "row.h"

static bool is_certificate(const registry_decision *decision)
{
    return decision->serial.data != NULL && registry_decision_is_granted(decision);
}

static auth_bytes key_of_key(const registry_decision *decision)
{
    return is_certificate(decision) ? decision->key_hash : (auth_bytes){NULL, 0};
}

static auth_bytes key_of_new_person(const registry_decision *decision)
{
    return is_certificate(decision) && !decision->is_known ? decision->person_index
                                                           : (auth_bytes){NULL, 0};
}

static auth_bytes key_of_live(const registry_decision *decision)
{
    return is_certificate(decision) && decision->purpose != NULL ? decision->person_index
                                                                 : (auth_bytes){NULL, 0};
}

/* Daemons and authorities hold keys without being persons. */
static auth_bytes citizen_id(const registry_decision *decision)
{
    if (decision->officer_id != NULL || decision->person_index.data == NULL)
        return (auth_bytes){NULL, 0};
    return (auth_bytes){decision->citizen_id, REGISTRY_ID_SIZE};
}

/* Runs rows, of which each must find its place free. */
static auth_status take(registry_connection *connection, columns *rows, queue_batch *batch,
                        auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = columns_run(rows, connection, &result, err);
    if (status != AUTH_STATUS_OK || result == NULL)
        return status;
    if (registry_result_affected(result) == columns_rows(rows))
        return AUTH_STATUS_OK;
    batch->is_raced = true;
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "queue: somebody else took a place meanwhile; begin the batch again");
}

static void put_citizen(columns *rows, const registry_decision *decision)
{
    columns_next_row(rows);
    columns_bytes(rows, 0, citizen_id(decision));
    columns_int64(rows, 1, decision->office);
    columns_bytes(rows, 2, decision->person_index);
    columns_bytes(rows, 3, decision->sealed_number);
    columns_bytes(rows, 4, decision->sealed_name);
    columns_int64(rows, 5, decision->seal_key);
}

static auth_status take_citizens(registry_connection *connection, queue_batch *batch, auth_time now,
                                 auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    queue_order persons = {0};
    auth_status status = queue_order_make(&batch->open, key_of_new_person, &persons, err);
    if (status == AUTH_STATUS_OK)
        status = columns_new(REGISTRY_STATEMENT_QUEUE_INSERT_CITIZENS, persons.count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < persons.count; i++) {
        if (!queue_order_is_repeat(&persons, i))
            put_citizen(rows, persons.places[i].decision);
    }
    queue_order_clear(&persons);
    if (status != AUTH_STATUS_OK)
        return status;
    columns_scalar(rows, 6, registry_time(now));
    return take(connection, rows, batch, err);
}

/*
 * Whoever has a key already keeps it, so a row less is no clash; that it is not somebody else's was
 * looked up, and a second look tells of those who came in between.
 */
static auth_status check_holders(registry_connection *connection, queue_batch *batch,
                                 const queue_order *keys, auth_error *err)
{
    AUTH_AUTO(registry_result) *holders = NULL;
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_QUEUE_KEY_HOLDERS, keys->count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < keys->count; i++) {
        columns_next_row(rows);
        columns_bytes(rows, 0, keys->places[i].decision->key_hash);
    }
    if (status == AUTH_STATUS_OK)
        status = columns_run(rows, connection, &holders, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < keys->count; i++) {
        size_t row = queue_find_row(holders, 0, keys->places[i].decision->key_hash);
        if (row < registry_result_rows(holders) &&
            queue_is_holder(keys->places[i].decision, holders, row))
            continue;
        batch->is_raced = true;
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "queue: somebody else took a key meanwhile; begin the batch again");
    }
    return status;
}

static auth_status insert_holders(registry_connection *connection, const queue_order *keys,
                                  size_t *taken, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status =
        columns_new(REGISTRY_STATEMENT_QUEUE_INSERT_HOLDERS, keys->count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < keys->count; i++) {
        columns_next_row(rows);
        columns_bytes(rows, 0, keys->places[i].decision->key_hash);
        columns_bytes(rows, 1, citizen_id(keys->places[i].decision));
        columns_text(rows, 2, keys->places[i].decision->officer_id);
    }
    if (status == AUTH_STATUS_OK)
        status = columns_run(rows, connection, &result, err);
    if (status == AUTH_STATUS_OK)
        *taken = result == NULL ? 0 : registry_result_affected(result);
    return status;
}

static auth_status take_keys(registry_connection *connection, queue_batch *batch, auth_error *err)
{
    queue_order keys = {0};
    size_t taken = 0;
    auth_status status = queue_order_make(&batch->open, key_of_key, &keys, err);
    if (status == AUTH_STATUS_OK)
        status = insert_holders(connection, &keys, &taken, err);
    if (status == AUTH_STATUS_OK && taken < keys.count)
        status = check_holders(connection, batch, &keys, err);
    queue_order_clear(&keys);
    return status;
}

/* Ends those that have expired or are replaced. */
static auth_status end_live(registry_connection *connection, const queue_order *persons,
                            auth_time now, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status = columns_new(REGISTRY_STATEMENT_QUEUE_END_LIVE, persons->count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < persons->count; i++) {
        const registry_decision *decision = persons->places[i].decision;
        if (!decision->is_known)
            continue;
        columns_next_row(rows);
        columns_bytes(rows, 0, citizen_id(decision));
        columns_text(rows, 1, decision->purpose);
        columns_bytes(rows, 2, decision->replaces);
    }
    if (status != AUTH_STATUS_OK)
        return status;
    columns_scalar(rows, 3, registry_time(now));
    return columns_run(rows, connection, NULL, err);
}

static auth_status insert_live(registry_connection *connection, queue_batch *batch,
                               const queue_order *persons, auth_error *err)
{
    AUTH_AUTO(columns) *rows = NULL;
    auth_status status =
        columns_new(REGISTRY_STATEMENT_QUEUE_INSERT_LIVE, persons->count, &rows, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < persons->count; i++) {
        const registry_decision *decision = persons->places[i].decision;
        columns_next_row(rows);
        columns_bytes(rows, 0, citizen_id(decision));
        columns_text(rows, 1, decision->purpose);
        columns_bytes(rows, 2, decision->serial);
        columns_time(rows, 3, decision->not_after);
    }
    return status == AUTH_STATUS_OK ? take(connection, rows, batch, err) : status;
}

static auth_status take_live(registry_connection *connection, queue_batch *batch, auth_time now,
                             auth_error *err)
{
    queue_order persons = {0};
    auth_status status = queue_order_make(&batch->open, key_of_live, &persons, err);
    if (status == AUTH_STATUS_OK)
        status = end_live(connection, &persons, now, err);
    if (status == AUTH_STATUS_OK)
        status = insert_live(connection, batch, &persons, err);
    queue_order_clear(&persons);
    return status;
}

/* Officers and offices come and go one by one: there are few. */
static auth_status change_staff(registry_connection *connection, const registry_decision *decision,
                                auth_bytes request, auth_time now, auth_error *err)
{
    int64_t number = 0;
    auth_status status = AUTH_STATUS_OK;
    if (decision->appointed != NULL)
        status = registry_officer_insert(connection, decision->appointed, request, err);
    if (status == AUTH_STATUS_OK && decision->dismissed != NULL)
        status = registry_officer_dismiss(connection, decision->dismissed, now, request, err);
    if (status == AUTH_STATUS_OK && decision->opened != NULL)
        status = registry_office_insert(connection, decision->opened, &number, err);
    if (status == AUTH_STATUS_OK && decision->closed != NULL)
        status = registry_office_close(connection, decision->closed, now, request, err);
    return status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_CONFLICT : status;
}

static auth_status change_all_staff(registry_connection *connection, queue_batch *batch,
                                    auth_time now, auth_error *err)
{
    const registry_queue_batch *all = &batch->open;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < all->decision_count; i++) {
        const registry_decision *decision = &all->decisions[i];
        if (queue_decision_is_active(all, decision) && registry_decision_is_granted(decision))
            status = change_staff(connection, decision,
                                  all->documents[decision->document].request.id, now, err);
    }
    return status;
}

auth_status queue_take_places(registry_connection *connection, registry_queue_batch *batch,
                              auth_time now, auth_error *err)
{
    queue_batch *of = queue_batch_of(batch);
    auth_status status = change_all_staff(connection, of, now, err);
    if (status == AUTH_STATUS_OK)
        status = take_citizens(connection, of, now, err);
    if (status == AUTH_STATUS_OK)
        status = take_keys(connection, of, err);
    if (status == AUTH_STATUS_OK)
        status = take_live(connection, of, now, err);
    return status;
}
