/* SPDX-License-Identifier: Apache-2.0 */
/* GET /requests: the requests of the offices that an officer sees, page by page. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "reach.h"

#include <stdlib.h>
#include <string.h>

#define STATES (REGISTRY_REQUEST_EXPIRED + 1)
/* Rows that are looked at for one page: those of another kind are passed over. */
#define LOOKED_AT_MAX 5000

typedef struct listing {
    office_reach reach;
    int64_t states[STATES];
    size_t state_count;
    int64_t kind; /* 0: all */
    size_t limit;
    uint8_t after[REGISTRY_ID_SIZE];
    bool has_after;
    registry_request_query query;
    size_t looked_at;
    size_t written;
    bool is_more;
} listing;

static bool add_state(listing *it, auth_bytes name)
{
    for (registry_request_state state = REGISTRY_REQUEST_SUBMITTED; state < STATES; state++) {
        if (!daemon_is(name, registry_request_state_name(state)))
            continue;
        for (size_t i = 0; i < it->state_count; i++) {
            if (it->states[i] == (int64_t)state)
                return false;
        }
        it->states[it->state_count++] = state;
        return true;
    }
    return false;
}

static auth_status read_states(listing *it, daemon_request *request, auth_error *err)
{
    auth_bytes rest = {NULL, 0};
    auth_status status = daemon_request_query(request, "state", &rest, err);
    if (status == AUTH_STATUS_NOT_FOUND) {
        for (int64_t state = REGISTRY_REQUEST_SUBMITTED; state < STATES; state++)
            it->states[it->state_count++] = state;
        return AUTH_STATUS_OK;
    }
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_good = rest.len > 0;
    while (is_good) {
        const uint8_t *comma = memchr(rest.data, ',', rest.len);
        size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.data);
        is_good = add_state(it, (auth_bytes){rest.data, len});
        if (comma == NULL)
            break;
        rest = (auth_bytes){comma + 1, rest.len - len - 1};
        is_good = is_good && rest.len > 0;
    }
    return is_good ? AUTH_STATUS_OK
                   : auth_error_set(err, AUTH_STATUS_INVALID,
                                    "state: must be states, each once, with commas between: "
                                    "submitted, approved, waiting, done, refused, rejected, "
                                    "expired");
}

static auth_status read_kind(listing *it, daemon_request *request, auth_error *err)
{
    char name[AUTH_IDENTIFIER_SIZE];
    auth_request_kind kind = AUTH_REQUEST_KIND_ENROL;
    auth_status status = office_query_identifier(request, "kind", name, err);
    if (status != AUTH_STATUS_OK || name[0] == '\0')
        return status;
    status = auth_request_kind_find(name, &kind, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "kind: there is none of this name; write enrol, renew, rekey, "
                              "revoke, suspend, resume, appoint, dismiss, open-office or "
                              "close-office");
    it->kind = kind;
    return status;
}

static auth_status read_parameters(listing *it, office_visit *visit, auth_error *err)
{
    daemon_request *request = visit->request;
    registry_request_query *query = &it->query;
    char only[AUTH_IDENTIFIER_SIZE];
    auth_status status = read_states(it, request, err);
    if (status == AUTH_STATUS_OK)
        status = read_kind(it, request, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_limit(request, &it->limit, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_time(request, "from", &query->made_from, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_time(request, "before", &query->made_before, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_id(request, "after", it->after, &it->has_after, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_identifier(request, "office", only, err);
    return status == AUTH_STATUS_OK ? office_reach_list(visit, only, &it->reach, err) : status;
}

static auth_status put_row(listing *it, office_visit *visit, const registry_request *row,
                           daemon_json *json, auth_error *err)
{
    const office_place *place = NULL;
    if (it->kind != 0 && row->kind != it->kind)
        return AUTH_STATUS_OK;
    auth_status status =
        office_place_find(visit->office, visit->connection, row->office, &place, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json_open(json, NULL, '{');
    office_put_request(json, row, place->id);
    daemon_json_number(json, "items", row->item_count);
    daemon_json_close(json, '}');
    it->written++;
    return AUTH_STATUS_OK;
}

static auth_status put_page(listing *it, office_visit *visit, registry_result *page,
                            daemon_json *json, auth_error *err)
{
    registry_request row;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(page); i++) {
        if (it->written == it->limit) {
            it->is_more = true;
            break;
        }
        status = registry_request_read(page, i, &row, err);
        if (status == AUTH_STATUS_OK)
            status = put_row(it, visit, &row, json, err);
        if (status != AUTH_STATUS_OK)
            return status;
        memcpy(it->after, row.id.data, sizeof it->after);
        it->has_after = true;
        it->looked_at++;
    }
    return status;
}

/* One more than is asked for tells whether there are more. */
static auth_status put_rows(listing *it, office_visit *visit, daemon_json *json, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t asked =
        it->kind == 0 && it->limit < REGISTRY_PAGE_MAX ? it->limit + 1 : REGISTRY_PAGE_MAX;
    size_t rows = asked;
    while (status == AUTH_STATUS_OK && rows == asked && !it->is_more && it->reach.count > 0) {
        AUTH_AUTO(registry_result) *page = NULL;
        if (it->looked_at >= LOOKED_AT_MAX || it->written == it->limit) {
            it->is_more = true;
            break;
        }
        it->query.after =
            it->has_after ? (auth_bytes){it->after, sizeof it->after} : (auth_bytes){NULL, 0};
        it->query.limit = asked;
        status = registry_request_list(visit->connection, &it->query, &page, err);
        if (status == AUTH_STATUS_OK)
            status = put_page(it, visit, page, json, err);
        rows = page == NULL ? 0 : registry_result_rows(page);
    }
    return status;
}

static auth_status put(listing *it, office_visit *visit, daemon_json *json, auth_error *err)
{
    char next[REGISTRY_UUID_TEXT_SIZE];
    daemon_json_open(json, "requests", '[');
    auth_status status = put_rows(it, visit, json, err);
    daemon_json_close(json, ']');
    registry_uuid_format(it->after, next);
    office_put_next(json, it->is_more ? next : NULL);
    return status;
}

static auth_status list(office_visit *visit, auth_error *err)
{
    office_answer out = {.text = NULL};
    listing it = {.kind = 0};
    auth_status status = read_parameters(&it, visit, err);
    it.query.offices = it.reach.numbers;
    it.query.office_count = it.reach.count;
    it.query.states = it.states;
    it.query.state_count = it.state_count;
    if (status == AUTH_STATUS_OK)
        status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put(&it, visit, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    free(it.reach.numbers);
    return status;
}

OFFICE_HANDLER(list_requests) { return office_run(context, request, list, err); }
