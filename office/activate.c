/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /activations: a holder brings the key of an enrolment with the two codes that she was given.
 * Whether there is such an item, whether its document can be opened, and whether the codes are
 * right is told alike, though not in the same time: ids of requests are no secrets, codes are.
 *
 * Wrong codes are tried five times an hour for an item, wherever they come from: 120 a day, so of
 * two codes of 8 letters or digits, 36 each, a guesser finds one pair in 10^20 years. An address
 * has three of the five, so that nobody keeps a holder elsewhere from her item by his tries alone.
 * The codes of another item of the document count nothing: whoever has them took the wrong number,
 * and learns no more than that.
 */
#include "answer.h"
#include "body.h"
#include "handlers.h"
#include "stored.h"

#include <auth/csr.h>
#include <auth/secret.h>
#include <stdio.h>
#include <string.h>

/* Of the wrong pairs that an item has, as many are for one address. */
#define ORIGIN_MAX 3
#define HOUR_S 3600

static const daemon_event event_unopened = {
    "activation-unopened", DAEMON_LEVEL_WARNING,
    "a holder brings a key for a document that cannot be opened; check the keys of its office"};

typedef struct activation {
    office_visit *visit;
    office_stored *stored;
    office_activation asked;
    char code[2 * 65];
    bool is_known; /* it was activated before, with this key */
    auth_buf *body;
} activation;

static auth_status refuse(auth_error *err)
{
    return auth_error_set(
        err, AUTH_STATUS_DENIED,
        "activation: request, item and codes do not fit together, or were tried "
        "too often in this hour; compare them with what you were given, or ask the "
        "office");
}

static bool is_row_of(const office_try *row, const office_activation *asked, auth_time now)
{
    return now - row->since < HOUR_S && row->item == asked->item &&
           memcmp(row->id, asked->request, REGISTRY_ID_SIZE) == 0;
}

static size_t count_of(const office_try *row, uint64_t origin)
{
    size_t count = 0;
    for (size_t i = 0; i < row->count; i++)
        count += row->origins[i] == origin;
    return count;
}

/* Counts a try, before its codes are looked at: many at the same time are as many. False: there
 * were too many. Rows that are an hour old are taken anew. */
static bool may_try(office *it, const office_activation *asked, uint64_t origin, auth_time now)
{
    office_try *place = &it->tries[0];
    bool is_known = false;
    (void)pthread_mutex_lock(&it->lock);
    for (size_t i = 0; i < OFFICE_TRIES && !is_known; i++) {
        office_try *row = &it->tries[i];
        is_known = is_row_of(row, asked, now);
        if (is_known || row->since < place->since)
            place = row;
    }
    if (!is_known) {
        *place = (office_try){.item = asked->item, .since = now};
        memcpy(place->id, asked->request, REGISTRY_ID_SIZE);
    }
    bool may = place->count < OFFICE_WRONG_CODES && count_of(place, origin) < ORIGIN_MAX;
    if (may)
        place->origins[place->count++] = origin;
    (void)pthread_mutex_unlock(&it->lock);
    return may;
}

static void forget(office_try *row, uint64_t origin)
{
    size_t i = 0;
    while (i < row->count && row->origins[i] != origin)
        i++;
    if (i < row->count)
        row->origins[i] = row->origins[--row->count];
}

/* Only wrong codes count, and only those that are nobody's. */
static void forgive_try(office *it, const office_activation *asked, uint64_t origin, auth_time now)
{
    (void)pthread_mutex_lock(&it->lock);
    for (size_t i = 0; i < OFFICE_TRIES; i++) {
        office_try *row = &it->tries[i];
        if (row->count > 0 && is_row_of(row, asked, now)) {
            forget(row, origin);
            break;
        }
    }
    (void)pthread_mutex_unlock(&it->lock);
}

/* That a document cannot be opened is told to those who run the daemon, not to whoever asks. */
static auth_status open_document(activation *it, auth_error *err)
{
    office_visit *visit = it->visit;
    office_stored *stored = it->stored;
    auth_request_rules rules = {.now = visit->now, .realm = realm_name(visit->office->realm)};
    auth_status status = office_stored_open(visit, stored, err);
    if (status == AUTH_STATUS_OK)
        status = auth_request_parse(auth_buf_bytes(stored->clear), &rules,
                                    &stored->document.request, err);
    if (status == AUTH_STATUS_OK || auth_status_is_fault(status))
        return status;
    daemon_log_fields(visit->office->log, &event_unopened, DAEMON_LOG_ERROR(err));
    return AUTH_STATUS_OK;
}

/* Finds the item; NULL: there is none that waits for codes. */
static auth_status find_item(activation *it, const auth_request_item **out, auth_error *err)
{
    office_visit *visit = it->visit;
    office_stored *stored = it->stored;
    auth_status status =
        office_stored_find_id(visit, (auth_bytes){it->asked.request, REGISTRY_ID_SIZE}, stored,
                              err);
    if (status != AUTH_STATUS_OK)
        return status == AUTH_STATUS_NOT_FOUND ? AUTH_STATUS_OK : status;
    bool is_open = stored->row.state == REGISTRY_REQUEST_APPROVED ||
                   stored->row.state == REGISTRY_REQUEST_WAITING;
    if (!is_open || !auth_request_kind_has_profile((auth_request_kind)stored->row.kind))
        return AUTH_STATUS_OK;
    status = open_document(it, err);
    if (status != AUTH_STATUS_OK || stored->document.request == NULL)
        return status;
    const auth_request_item *item =
        auth_request_item_at(stored->document.request, (size_t)it->asked.item);
    *out = item != NULL && item->activation.len == AUTH_REQUEST_HASH_SIZE ? item : NULL;
    return AUTH_STATUS_OK;
}

static bool is_anothers(const auth_request *request, auth_bytes hash)
{
    bool is_found = false;
    for (size_t i = 0; i < auth_request_item_count(request); i++)
        is_found |= auth_secret_equal(hash, auth_request_item_at(request, i)->activation);
    return is_found;
}

/* The codes are hashed and compared whether there is an item or not. */
static auth_status check_codes(activation *it, const auth_request_item *item, bool *is_guess,
                               auth_error *err)
{
    uint8_t hash[AUTH_REQUEST_HASH_SIZE] = {0};
    uint8_t nothing[AUTH_REQUEST_HASH_SIZE] = {0};
    auth_bytes expected = item == NULL ? (auth_bytes){nothing, sizeof nothing} : item->activation;
    auth_status status =
        auth_request_activation_hash(auth_bytes_from_text(it->asked.codes[0]),
                                     auth_bytes_from_text(it->asked.codes[1]), hash, err);
    if (auth_status_is_fault(status))
        return status;
    bool is_right = auth_secret_equal((auth_bytes){hash, sizeof hash}, expected);
    *is_guess = item == NULL || status != AUTH_STATUS_OK ||
                !is_anothers(it->stored->document.request, (auth_bytes){hash, sizeof hash});
    return status == AUTH_STATUS_OK && is_right && item != NULL ? AUTH_STATUS_OK : refuse(err);
}

static auth_status check_csr(const activation *it, auth_error *err)
{
    AUTH_AUTO(auth_csr) *csr = NULL;
    auth_status status = auth_csr_parse(auth_buf_bytes(it->asked.csr), &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_check_possession(csr, err);
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status)) {
        daemon_request_reason(it->visit->request,
                              auth_request_reason_name(AUTH_REQUEST_REASON_POSSESSION));
        auth_error_context(err, "$.csr");
        if (err != NULL)
            err->status = AUTH_STATUS_INVALID;
        return AUTH_STATUS_INVALID;
    }
    return status;
}

static auth_status write_body(activation *it, auth_error *err)
{
    const office_stored *stored = it->stored;
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_ACTIVATED,
                                 .at = it->visit->now,
                                 .has_request = true,
                                 .item = (int)it->asked.item,
                                 .has_document = true};
    (void)snprintf(body.realm, sizeof body.realm, "%s", realm_name(it->visit->office->realm));
    (void)snprintf(body.office, sizeof body.office, "%s", stored->place->id);
    memcpy(body.request, stored->row.id.data, sizeof body.request);
    memcpy(body.document, stored->row.payload_hash.data, sizeof body.document);
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &it->body, err);
    return status == AUTH_STATUS_OK ? registry_ledger_body_write(&body, it->body, err) : status;
}

/* The first key that came with the codes is the one. Again is no fault and changes nothing, but
 * whoever brings another key has to hear of it: somebody else had her codes. */
static auth_status compare_keys(activation *it, registry_connection *connection, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    AUTH_AUTO(auth_csr) *first = NULL;
    AUTH_AUTO(auth_csr) *asked = NULL;
    auth_bytes csr;
    auth_status status = registry_request_activation(connection, it->stored->row.id, it->asked.item,
                                                     &found, &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_parse(csr, &first, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_parse(auth_buf_bytes(it->asked.csr), &asked, err);
    if (status != AUTH_STATUS_OK)
        return status;
    it->is_known = auth_bytes_equal(auth_csr_spki(first), auth_csr_spki(asked));
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "activation: the item was activated with another key; if you did not do "
                          "it, have the office revoke what came of it");
}

/* The codes go with the key: the authority compares them again. */
static auth_status store(registry_connection *connection, void *context, auth_error *err)
{
    activation *it = context;
    AUTH_AUTO(registry_batch) *batch = NULL;
    registry_entry entry = {.event = REGISTRY_LEDGER_EVENT_ACTIVATED,
                            .item = it->asked.item,
                            .request_id = it->stored->row.id,
                            .office = it->stored->row.office,
                            .body = auth_buf_bytes(it->body)};
    size_t first = strlen(it->asked.codes[0]);
    size_t second = strlen(it->asked.codes[1]);
    memcpy(it->code, it->asked.codes[0], first + 1);
    memcpy(it->code + first + 1, it->asked.codes[1], second + 1);
    auth_status status =
        registry_request_activate(connection, it->stored->row.id, it->asked.item,
                                  auth_buf_bytes(it->asked.csr),
                                  (auth_bytes){(const uint8_t *)it->code, first + 1 + second}, err);
    if (status == AUTH_STATUS_CONFLICT)
        return compare_keys(it, connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_batch_new(connection, 1, &batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_entry_add(batch, &entry, 1, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

static auth_status answer(const activation *it, bool is_known, auth_error *err)
{
    office_answer out;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        office_put_id(&out.json, "id", it->stored->row.id);
        daemon_json_number(&out.json, "item", it->asked.item);
        office_put_text(&out.json, "state", registry_request_state_name(REGISTRY_REQUEST_APPROVED));
        daemon_json_bool(&out.json, "known", is_known);
        status = office_answer_send(&out, it->visit->request, is_known ? 200 : 201, err);
    }
    office_answer_clear(&out);
    return status;
}

static auth_status write(activation *it, auth_error *err)
{
    office_visit *visit = it->visit;
    auth_status status = write_body(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    office_visit_release(visit);
    status = registry_transact(visit->office->pool,
                               &(registry_transaction){.isolation = REGISTRY_READ_COMMITTED,
                                                       .work = store,
                                                       .context = it},
                               err);
    if (status == AUTH_STATUS_CONFLICT && it->is_known)
        return answer(it, true, err);
    return status == AUTH_STATUS_OK ? answer(it, false, err) : status;
}

static auth_status run(office_visit *visit, auth_error *err)
{
    office_stored stored = {.found = NULL};
    activation it = {.visit = visit, .stored = &stored};
    const auth_request_item *item = NULL;
    uint64_t origin = daemon_request_origin(visit->request);
    bool is_guess = true;
    auth_status status =
        office_body_activation(daemon_request_body(visit->request), &it.asked, err);
    if (status == AUTH_STATUS_OK)
        status = find_item(&it, &item, err);
    /* What is not there is not counted: nobody can have the counts of others forgotten. */
    if (status == AUTH_STATUS_OK && item != NULL &&
        !may_try(visit->office, &it.asked, origin, visit->now))
        item = NULL;
    if (status == AUTH_STATUS_OK)
        status = check_codes(&it, item, &is_guess, err);
    if (!is_guess)
        forgive_try(visit->office, &it.asked, origin, visit->now);
    if (status == AUTH_STATUS_OK)
        status = check_csr(&it, err);
    if (status == AUTH_STATUS_OK)
        status = write(&it, err);
    auth_secret_wipe(it.code, sizeof it.code);
    auth_secret_wipe(it.asked.codes, sizeof it.asked.codes);
    auth_buf_free(it.asked.csr);
    auth_buf_free(it.body);
    office_stored_clear(&stored);
    return status;
}

OFFICE_HANDLER(activate) { return office_run_public(context, request, run, err); }
