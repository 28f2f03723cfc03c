/* SPDX-License-Identifier: Apache-2.0 */
/* GET /statistics: how much was asked for and done, and how long somebody waits. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "reach.h"

#include "registry/realm.h"
#include "registry/statistics.h"

#include <stdlib.h>

/* What is told when no time is asked for. */
#define USUAL_S ((auth_time)30 * 86400)

typedef struct counting {
    office_visit *visit;
    office_reach reach;
    auth_time from;
    auth_time before;
    auth_time oldest;
    registry_result *found;
} counting;

static auth_status read_parameters(counting *it, auth_error *err)
{
    daemon_request *request = it->visit->request;
    char only[AUTH_IDENTIFIER_SIZE];
    auth_status status = office_query_time(request, "from", &it->from, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_time(request, "before", &it->before, err);
    if (status == AUTH_STATUS_OK)
        status = office_query_identifier(request, "office", only, err);
    if (it->before == REGISTRY_NO_TIME)
        it->before = it->visit->now + 1;
    if (it->from == REGISTRY_NO_TIME)
        it->from = it->before - USUAL_S;
    return status == AUTH_STATUS_OK ? office_reach_list(it->visit, only, &it->reach, err) : status;
}

static auth_status ask(counting *it, auth_error *err)
{
    registry_connection *connection = it->visit->connection;
    auth_status status = registry_statistics_list(connection, it->reach.numbers, it->reach.count,
                                                  it->from, it->before, &it->found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_statistics_oldest(connection, it->reach.numbers, it->reach.count,
                                            &it->oldest, err);
    return status;
}

static void put_count(daemon_json *json, const registry_statistic *row, const char *place)
{
    daemon_json_open(json, NULL, '{');
    office_put_text(json, "office", place);
    office_put_text(json, "kind",
                    row->kind == REGISTRY_KIND_CEREMONY
                        ? "ceremony"
                        : auth_request_kind_name((auth_request_kind)row->kind));
    office_put_text(json, "state", registry_request_state_name((registry_request_state)row->state));
    daemon_json_number(json, "count", row->requests);
    daemon_json_close(json, '}');
}

/* A rekey revokes the certificate that it replaces. */
static bool revokes(const registry_statistic *row)
{
    return row->kind == AUTH_REQUEST_KIND_REVOKE || row->kind == AUTH_REQUEST_KIND_REKEY;
}

static auth_status put_counts(counting *it, daemon_json *json, auth_error *err)
{
    registry_statistic row;
    const office_place *place = NULL;
    int64_t issued = 0;
    int64_t revoked = 0;
    auth_status status = AUTH_STATUS_OK;
    daemon_json_open(json, "requests", '[');
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(it->found); i++) {
        status = registry_statistic_read(it->found, i, &row, err);
        if (status == AUTH_STATUS_OK)
            status = office_place_find(it->visit->office, it->visit->connection, row.office, &place,
                                       err);
        if (status != AUTH_STATUS_OK)
            break;
        put_count(json, &row, place->id);
        issued += row.issued;
        revoked += revokes(&row) ? row.granted : 0;
    }
    daemon_json_close(json, ']');
    daemon_json_open(json, "certificates", '{');
    daemon_json_number(json, "issued", issued);
    daemon_json_number(json, "revoked", revoked);
    daemon_json_close(json, '}');
    return status;
}

static auth_status answer(counting *it, auth_error *err)
{
    office_answer out;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        office_put_time(&out.json, "from", it->from);
        office_put_time(&out.json, "before", it->before);
        status = put_counts(it, &out.json, err);
    }
    if (status == AUTH_STATUS_OK) {
        office_put_time(&out.json, "oldest_waiting", it->oldest);
        status = office_answer_send(&out, it->visit->request, 200, err);
    }
    office_answer_clear(&out);
    return status;
}

static auth_status run(office_visit *visit, auth_error *err)
{
    counting it = {.visit = visit};
    auth_status status = read_parameters(&it, err);
    if (status == AUTH_STATUS_OK)
        status = ask(&it, err);
    if (status == AUTH_STATUS_OK)
        status = answer(&it, err);
    registry_result_free(it.found);
    free(it.reach.numbers);
    return status;
}

OFFICE_HANDLER(statistics) { return office_run(context, request, run, err); }
