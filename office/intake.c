/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking documents in. Those that come at the same time (queue.h) go in together: facts are asked
 * for once, and one transaction, with one wait for the disk, is for all of them.
 */
#include "document.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct group {
    office *office;
    auth_time now;
    office_document *members[OFFICE_GROUP_DOCUMENTS];
    size_t count;
    /* What goes into the registry: rows of those that were not refused, entries of the others. */
    registry_request_new rows[OFFICE_GROUP_DOCUMENTS];
    registry_submitted results[OFFICE_GROUP_DOCUMENTS];
    office_document *taken[OFFICE_GROUP_DOCUMENTS];
    size_t row_count;
    auth_buf *denials[OFFICE_GROUP_DOCUMENTS];
    registry_entry entries[OFFICE_GROUP_DOCUMENTS];
    size_t entry_count;
} group;

static bool is_open(const office_document *document) { return document->status == AUTH_STATUS_OK; }

/* Whoever sends a document is asked about again, all of the group in one statement. */
static auth_status check_officers(group *of, registry_connection *connection, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    auth_bytes serials[OFFICE_GROUP_DOCUMENTS];
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++) {
        const office_officer *officer = of->members[i]->officer;
        if (officer != NULL)
            serials[count++] = (auth_bytes){officer->serial, officer->serial_len};
    }
    if (count == 0)
        return AUTH_STATUS_OK;
    auth_status status = registry_peer_list(connection, serials, count, &found, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        office_document *document = of->members[i];
        registry_peer peer;
        bool is_there = false;
        if (document->officer == NULL)
            continue;
        auth_bytes serial = {document->officer->serial, document->officer->serial_len};
        for (size_t row = 0; row < registry_result_rows(found) && !is_there; row++) {
            status = registry_peer_read(found, row, &peer, err);
            is_there = status == AUTH_STATUS_OK && auth_bytes_equal(peer.serial, serial);
        }
        if (status != AUTH_STATUS_OK)
            return status;
        auth_error why = {.status = AUTH_STATUS_OK};
        auth_status judged = office_officer_check(of->office, document->officer,
                                                  is_there ? &peer : NULL, of->now, &why);
        if (judged != AUTH_STATUS_OK) {
            document->reason = AUTH_REQUEST_REASON_NONE;
            document->status = judged;
            document->error = why;
        }
    }
    return status;
}

static auth_status judge(group *of, const office_desk *desk, registry_connection *connection,
                         auth_error *err)
{
    const auth_request *requests[OFFICE_GROUP_DOCUMENTS] = {NULL};
    for (size_t i = 0; i < of->count; i++)
        requests[i] = is_open(of->members[i]) ? of->members[i]->request : NULL;
    auth_status status = registry_facts_gather(desk->facts, connection, requests, of->count, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++) {
        if (is_open(of->members[i]))
            status = office_document_evaluate(of->office, desk, of->now, of->members[i], err);
        if (status == AUTH_STATUS_OK && is_open(of->members[i]))
            status = office_document_fill(of->office, desk, of->now, of->members[i], err);
    }
    return status;
}

/*
 * Whom nobody knows could fill the ledger: of such documents it is told a few a minute. At a
 * counter what comes without an officer is from its spool, into which an officer whom it knew put
 * it.
 */
static bool may_tell(office *it, const office_document *document, auth_time now)
{
    if (document->officer != NULL || it->role == REGISTRY_ROLE_LRA)
        return true;
    (void)pthread_mutex_lock(&it->lock);
    if (it->minute != now / 60)
        it->denials = 0;
    it->minute = now / 60;
    bool may = it->denials < OFFICE_DENIALS_A_MINUTE;
    it->denials += may;
    (void)pthread_mutex_unlock(&it->lock);
    return may;
}

/* A refusal of the document itself is told; one of who sends it is in the log. */
static auth_status add(group *of, office_document *document, auth_error *err)
{
    if (is_open(document)) {
        of->taken[of->row_count] = document;
        of->rows[of->row_count++] = document->row;
        return AUTH_STATUS_OK;
    }
    if (document->reason == AUTH_REQUEST_REASON_NONE || !may_tell(of->office, document, of->now))
        return AUTH_STATUS_OK;
    size_t place = of->entry_count;
    auth_status status = office_document_tell(of->office, document, REGISTRY_LEDGER_EVENT_DENIED, 0,
                                              of->now, &of->denials[place], err);
    if (status != AUTH_STATUS_OK)
        return status;
    of->entries[place] =
        office_document_denial(of->office, document, auth_buf_bytes(of->denials[place]));
    of->entry_count++;
    return AUTH_STATUS_OK;
}

/* That a document has all its signatures is an entry of its own, behind that of its coming. */
static size_t add_approvals(const group *of, registry_entry *entries, size_t count)
{
    for (size_t i = 0; i < of->row_count; i++) {
        if (of->results[i].what == REGISTRY_SUBMISSION_NEW && of->taken[i]->bodies[1] != NULL)
            entries[count++] = (registry_entry){
                .event = REGISTRY_LEDGER_EVENT_APPROVED,
                .item = REGISTRY_LEDGER_NO_ITEM,
                .request_id = of->rows[i].id,
                .office = of->rows[i].office,
                .body = auth_buf_bytes(of->taken[i]->bodies[1]),
            };
    }
    return count;
}

static auth_status store(registry_connection *connection, void *context, auth_error *err)
{
    group *of = context;
    registry_entry entries[2 * OFFICE_GROUP_DOCUMENTS];
    size_t count = of->entry_count;
    AUTH_AUTO(registry_batch) *batch = NULL;
    memcpy(entries, of->entries, count * sizeof entries[0]);
    auth_status status =
        registry_request_enqueue(connection, of->rows, of->row_count, of->results, err);
    if (status != AUTH_STATUS_OK)
        return status;
    count = add_approvals(of, entries, count);
    if (count == 0)
        return AUTH_STATUS_OK;
    status = registry_batch_new(connection, 2, &batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_entry_add(batch, entries, count, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

static auth_status look_up(registry_connection *connection, void *context, bool *is_done,
                           auth_error *err)
{
    group *of = context;
    return registry_request_look_up(connection, of->rows, of->row_count, of->results, is_done, err);
}

static auth_status run_store(group *of, auth_error *err)
{
    if (of->row_count == 0 && of->entry_count == 0)
        return AUTH_STATUS_OK;
    return registry_transact(of->office->pool,
                             &(registry_transaction){.isolation = REGISTRY_READ_COMMITTED,
                                                     .work = store,
                                                     .lookup = of->row_count > 0 ? look_up : NULL,
                                                     .context = of},
                             err);
}

static auth_status collect(group *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    of->row_count = of->entry_count = 0;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < of->count; i++)
        status = add(of, of->members[i], err);
    return status;
}

static void report(const group *of)
{
    daemon_metrics *metrics = of->office->metrics;
    for (size_t i = 0; i < of->row_count; i++) {
        office_document *document = of->taken[i];
        document->submitted = of->results[i];
        if (document->submitted.what == REGISTRY_SUBMISSION_OTHER)
            office_document_refuse(document, AUTH_REQUEST_REASON_REPLAYED, NULL);
    }
    daemon_metric_add(metrics, &of->office->rows[OFFICE_METRIC_TAKEN], 0, (int64_t)of->row_count);
    daemon_metric_add(metrics, &of->office->rows[OFFICE_METRIC_REFUSED], 0,
                      (int64_t)of->entry_count);
    daemon_metric_add(metrics, &of->office->rows[OFFICE_METRIC_GROUPS], 0, 1);
}

static auth_status prepare(group *of, auth_error *err)
{
    office_desk *desk = NULL;
    registry_connection *connection = NULL;
    office *it = of->office;
    of->now = (auth_time)time(NULL);
    auth_status status = office_find_scope(it, err);
    if (status == AUTH_STATUS_OK)
        status = office_desk_take(it, &desk, err);
    if (status == AUTH_STATUS_OK)
        status = registry_pool_take(it->pool, OFFICE_TAKE_MS, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = check_officers(of, connection, err);
    if (status == AUTH_STATUS_OK)
        status = judge(of, desk, connection, err);
    registry_pool_give(it->pool, connection);
    office_desk_give(it, desk);
    return status == AUTH_STATUS_OK ? collect(of, err) : status;
}

static void fail(office_document *const *members, size_t count, auth_status status,
                 const auth_error *err)
{
    for (size_t i = 0; i < count; i++) {
        members[i]->status = status;
        members[i]->reason = AUTH_REQUEST_REASON_NONE;
        members[i]->error = *err;
    }
}

/* When a rule of the registry stops a group, each is taken by itself: one suffers, not all. */
static void run_alone(const group *of)
{
    for (size_t i = 0; i < of->count; i++) {
        auth_error err = {.status = AUTH_STATUS_OK};
        group one = {.office = of->office, .now = of->now, .count = 1};
        one.members[0] = of->members[i];
        auth_status status = collect(&one, &err);
        if (status == AUTH_STATUS_OK)
            status = run_store(&one, &err);
        if (status == AUTH_STATUS_OK)
            report(&one);
        else
            fail(one.members, one.count, status, &err);
        auth_buf_free(one.denials[0]);
    }
}

static void run(group *of)
{
    auth_error err = {.status = AUTH_STATUS_OK};
    auth_status status = prepare(of, &err);
    if (status != AUTH_STATUS_OK) {
        fail(of->members, of->count, status, &err);
        return;
    }
    status = run_store(of, &err);
    if (status == AUTH_STATUS_OK)
        report(of);
    else if (of->count > 1 && !auth_status_is_fault(status) && status != AUTH_STATUS_UNKNOWN)
        run_alone(of);
    else
        fail(of->members, of->count, status, &err);
}

void office_intake_run(void *context, office_document *const *members, size_t count)
{
    group *of = calloc(1, sizeof *of);
    if (of == NULL) {
        auth_error err;
        auth_status status = auth_error_memory(&err);
        fail(members, count, status, &err);
        return;
    }
    of->office = context;
    memcpy(of->members, members, count * sizeof members[0]);
    of->count = count;
    run(of);
    for (size_t i = 0; i < OFFICE_GROUP_DOCUMENTS; i++)
        auth_buf_free(of->denials[i]);
    free(of);
}

auth_status office_receive(office *it, auth_bytes text, auth_time now, office_document *out,
                           auth_error *err)
{
    office_queue_expect(&it->queue, out);
    auth_status status = office_document_read(it, text, now, out, err);
    if (status != AUTH_STATUS_OK)
        office_queue_forgo(&it->queue, out);
    return status;
}

void office_take_in(office *it, office_document *documents, size_t count)
{
    office_queue_enter(&it->queue, documents, count);
}

auth_status office_deny(office *it, office_document *document, auth_time now, auth_error *err)
{
    group one = {.office = it, .now = now, .members = {document}, .count = 1};
    auth_status status = collect(&one, err);
    if (status == AUTH_STATUS_OK)
        status = run_store(&one, err);
    if (status == AUTH_STATUS_OK)
        report(&one);
    auth_buf_free(one.denials[0]);
    return status;
}
