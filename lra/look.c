/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at requests at a counter: at those of the registry, and at those that are kept here. */
#include "daemon/text.h"
#include "office/handlers.h"
#include "registry/ledger_body.h"
#include "service.h"

#include <string.h>
#include <time.h>

#define ANSWER_MAX ((size_t)1 << 20)
#define LIMIT_USUAL 100
#define WAIT_MAX_S 30

static auth_status read_id(daemon_request *request, uint8_t out[LRA_SPOOL_ID_SIZE], auth_error *err)
{
    auth_bytes text = {NULL, 0};
    auth_status status = daemon_request_segment(request, "id", &text, err);
    if (status == AUTH_STATUS_OK && !registry_uuid_parse(text, out))
        status = auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                "request: there is none of this id; look at the list");
    return status;
}

static void put_text(daemon_json *json, const char *name, const char *text)
{
    daemon_json_text(json, name, auth_bytes_from_text(text));
}

static void put_time(daemon_json *json, const char *name, auth_time at)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time_format(at, text);
    put_text(json, name, text);
}

/* A request that is here alone: that it waits, or why it was refused. */
static void put_row(daemon_json *json, const daemon_request *request, const lra_service *it,
                    const uint8_t id[LRA_SPOOL_ID_SIZE], const lra_refusal *refusal)
{
    char name[REGISTRY_UUID_TEXT_SIZE];
    registry_uuid_format(id, name);
    daemon_json_open(json, NULL, '{');
    put_text(json, "id", name);
    put_text(json, "office", it->offline.office);
    put_text(json, "state", refusal == NULL ? "kept" : "refused");
    daemon_json_bool(json, "kept", refusal == NULL);
    put_time(json, "created", lra_id_time(id));
    if (refusal == NULL) {
        put_text(json, "text", lra_kept_text(request));
    } else {
        put_time(json, "decided", refusal->at);
        put_text(json, "reason", auth_request_reason_name(refusal->reason));
        if (refusal->item != AUTH_REQUEST_NOWHERE)
            daemon_json_number(json, "item", (int64_t)refusal->item);
        put_text(json, "detail", refusal->text);
    }
    daemon_json_close(json, '}');
}

static auth_status send(daemon_request *request, const daemon_json *json, auth_buf *text,
                        auth_error *err)
{
    auth_status status = daemon_json_end(json, err);
    return status == AUTH_STATUS_OK
               ? daemon_answer_bytes(request, 200, "application/json", auth_buf_bytes(text), err)
               : status;
}

static auth_status answer_row(daemon_request *request, const lra_service *it,
                              const uint8_t id[LRA_SPOOL_ID_SIZE], const lra_refusal *refusal,
                              auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(ANSWER_MAX, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json json = daemon_json_on(text);
    put_row(&json, request, it, id, refusal);
    return send(request, &json, text, err);
}

/*
 * Answers from what is here. *is_here: it was answered.
 *
 * Errors: faults.
 */
static auth_status answer_kept(daemon_request *request, const lra_service *it,
                               const uint8_t id[LRA_SPOOL_ID_SIZE], bool *is_here, auth_error *err)
{
    lra_refusal refusal;
    *is_here = true;
    if (lra_keep_find(it->keep, id) == LRA_SPOOL_WAITING)
        return answer_row(request, it, id, NULL, err);
    auth_status status = lra_refused_find(it->refused, id, &refusal, err);
    if (status == AUTH_STATUS_OK)
        return answer_row(request, it, id, &refusal, err);
    *is_here = false;
    return auth_status_is_fault(status) ? status : AUTH_STATUS_OK;
}

/* Runs a handler of the registry's when it is there. False: it is not, and *err says nothing. */
static bool ask_registry(lra_service *it, daemon_request *request, daemon_handler handler,
                         auth_status *status, auth_error *err)
{
    auth_error why = {.status = AUTH_STATUS_OK};
    if (!atomic_load(&it->is_up))
        return false;
    *status = handler(request, it->office, &why);
    if (lra_link_is_away(*status)) {
        lra_link_doubt(it);
        return false;
    }
    if (*status != AUTH_STATUS_OK)
        *err = why;
    return true;
}

auth_status lra_online(lra_service *it, daemon_request *request, daemon_handler handler,
                       auth_error *err)
{
    auth_status asked = AUTH_STATUS_OK;
    return ask_registry(it, request, handler, &asked, err) ? asked : lra_answer_away(request, err);
}

/*
 * What the registry has counts more than what was kept here once. What it has not may be here; a
 * refusal of before does not hide what was accepted since.
 */
static auth_status look_up(lra_service *it, daemon_request *request, daemon_handler handler,
                           auth_error *err)
{
    uint8_t id[LRA_SPOOL_ID_SIZE];
    bool is_here = false;
    auth_error why;
    auth_status asked = AUTH_STATUS_NOT_FOUND;
    auth_status status = read_id(request, id, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_asked = ask_registry(it, request, handler, &asked, err);
    if (is_asked && asked != AUTH_STATUS_NOT_FOUND)
        return asked;
    status = answer_kept(request, it, id, &is_here, &why);
    if (status != AUTH_STATUS_OK) {
        *err = why;
        return status;
    }
    if (is_here)
        return AUTH_STATUS_OK;
    return is_asked ? asked : lra_answer_away(request, err);
}

auth_status lra_read_request(daemon_request *request, void *context, auth_error *err)
{
    return look_up(context, request, office_read_request, err);
}

static auth_status read_wait(daemon_request *request, uint64_t *seconds, auth_error *err)
{
    auth_bytes text = {NULL, 0};
    *seconds = 0;
    auth_status status = daemon_request_query(request, "wait", &text, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK && !daemon_read_decimal(text, WAIT_MAX_S, seconds))
        status =
            auth_error_set(err, AUTH_STATUS_INVALID,
                           "wait: must be a number of seconds up to %d; write one", WAIT_MAX_S);
    return status;
}

/* As long as a document is kept here there is no outcome; whoever waits is woken by its delivery.
 */
auth_status lra_await_outcome(daemon_request *request, void *context, auth_error *err)
{
    lra_service *it = context;
    uint8_t id[LRA_SPOOL_ID_SIZE];
    uint64_t seconds = 0;
    auth_status status = read_id(request, id, err);
    if (status == AUTH_STATUS_OK)
        status = read_wait(request, &seconds, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_request_watch(request, lra_wait_key(id));
    if (lra_keep_find(it->keep, id) != LRA_SPOOL_WAITING)
        return look_up(it, request, office_await_outcome, err);
    if (seconds == 0 || daemon_request_is_last_try(request))
        return answer_row(request, it, id, NULL, err);
    daemon_request_wait(request, (uint32_t)seconds * 1000);
    return AUTH_STATUS_OK;
}

/* A page of those that wait here. */
static auth_status list_kept(daemon_request *request, const lra_service *it, const uint8_t *after,
                             size_t limit, auth_error *err)
{
    static const size_t most = LRA_KEEP_LIST_MAX;
    uint8_t ids[LRA_KEEP_LIST_MAX][LRA_SPOOL_ID_SIZE];
    char last[REGISTRY_UUID_TEXT_SIZE];
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(ANSWER_MAX, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t count = lra_keep_list(it->keep, after, ids, limit < most ? limit : most);
    daemon_json json = daemon_json_on(text);
    daemon_json_open(&json, NULL, '{');
    daemon_json_open(&json, "requests", '[');
    for (size_t i = 0; i < count; i++)
        put_row(&json, request, it, ids[i], NULL);
    daemon_json_close(&json, ']');
    if (count > 0 && count == limit) {
        registry_uuid_format(ids[count - 1], last);
        put_text(&json, "next", last);
    } else {
        daemon_json_null(&json, "next");
    }
    daemon_json_close(&json, '}');
    return send(request, &json, text, err);
}

static auth_status read_page(daemon_request *request, uint8_t id[LRA_SPOOL_ID_SIZE],
                             bool *has_after, uint64_t *limit, auth_error *err)
{
    auth_bytes text = {NULL, 0};
    *has_after = false;
    *limit = LIMIT_USUAL;
    auth_status status = daemon_request_query(request, "limit", &text, err);
    if (status == AUTH_STATUS_OK &&
        (!daemon_read_decimal(text, LRA_KEEP_LIST_MAX, limit) || *limit == 0))
        return auth_error_set(err, AUTH_STATUS_INVALID, "limit: must be 1 to %d; write one",
                              LRA_KEEP_LIST_MAX);
    if (status == AUTH_STATUS_OK || status == AUTH_STATUS_NOT_FOUND)
        status = daemon_request_query(request, "after", &text, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return AUTH_STATUS_OK;
    *has_after = status == AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK && !registry_uuid_parse(text, id))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "after: must be the id of a request; take next of the page before");
    return status;
}

/* "kept" is a state that the registry does not know: those are listed from here, always. */
auth_status lra_list_requests(daemon_request *request, void *context, auth_error *err)
{
    lra_service *it = context;
    auth_bytes state = {NULL, 0};
    uint8_t after[LRA_SPOOL_ID_SIZE];
    uint64_t limit = 0;
    bool has_after = false;
    auth_status status = daemon_request_query(request, "state", &state, err);
    if (status != AUTH_STATUS_OK && status != AUTH_STATUS_NOT_FOUND)
        return status;
    if (status == AUTH_STATUS_OK && daemon_is(state, "kept")) {
        status = read_page(request, after, &has_after, &limit, err);
        return status == AUTH_STATUS_OK
                   ? list_kept(request, it, has_after ? after : NULL, (size_t)limit, err)
                   : status;
    }
    return lra_online(it, request, office_list_requests, err);
}
