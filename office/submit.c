/* SPDX-License-Identifier: Apache-2.0 */
/* POST /requests: a document comes in. */
#include "answer.h"
#include "handlers.h"
#include "stored.h"

#include <time.h>

static const char *state_name(const office_document *document)
{
    return registry_request_state_name(document->submitted.state);
}

static auth_status answer(daemon_request *request, const office_document *document,
                          const auth_request_verdict *verdict, auth_error *err)
{
    office_answer out;
    bool is_known = document->submitted.what == REGISTRY_SUBMISSION_BEFORE;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        daemon_json *json = &out.json;
        office_put_text(json, "id", auth_request_id(document->request));
        office_put_text(json, "kind",
                        auth_request_kind_name(auth_request_kind_of(document->request)));
        office_put_text(json, "office", auth_request_office(document->request));
        office_put_text(json, "state", state_name(document));
        daemon_json_number(json, "revision", document->submitted.revision);
        daemon_json_bool(json, "known", is_known);
        office_put_needs(json, verdict, document->submitted.state == REGISTRY_REQUEST_SUBMITTED);
        daemon_json_bool(json, "kept", false);
        status = office_answer_send(&out, request, is_known ? 200 : 201, err);
    }
    office_answer_clear(&out);
    return status;
}

/* What a known document lacks is told by what is stored: it may have more signatures by now. */
static auth_status answer_known(office_visit *visit, const office_document *document,
                                auth_error *err)
{
    office_stored stored;
    auth_status status =
        office_stored_find_id(visit, (auth_bytes){document->id, sizeof document->id}, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_stored_open(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_stored_evaluate(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = answer(visit->request, document, &stored.document.verdict, err);
    office_stored_clear(&stored);
    return status;
}

auth_status office_submit_finish(office *it, daemon_request *request, office_document *document,
                                 auth_time now, auth_error *err)
{
    /* Somebody else's document came in under this id at the same moment. */
    bool is_other = document->submitted.what == REGISTRY_SUBMISSION_OTHER &&
                    document->reason == AUTH_REQUEST_REASON_REPLAYED && document->sealed != NULL;
    if (is_other) {
        auth_status status = office_deny(it, document, now, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (document->status != AUTH_STATUS_OK)
        return office_refusal(request, document, err);
    if (document->submitted.what == REGISTRY_SUBMISSION_NEW ||
        document->submitted.state != REGISTRY_REQUEST_SUBMITTED)
        return answer(request, document, &document->verdict, err);
    office_visit visit = {.office = it, .request = request, .now = now};
    auth_status status = office_desk_take(it, &visit.desk, err);
    if (status == AUTH_STATUS_OK)
        status = registry_pool_take(it->pool, OFFICE_TAKE_MS, &visit.connection, err);
    if (status == AUTH_STATUS_OK)
        status = answer_known(&visit, document, err);
    office_visit_release(&visit);
    office_desk_give(it, visit.desk);
    return status;
}

/* Reading and proofs are this thread's own work; the rest is done for several at once. */
OFFICE_HANDLER(submit)
{
    office *it = context;
    const daemon_peer *peer = daemon_request_peer(request);
    office_document document = {.officer = NULL};
    auth_time now = (auth_time)time(NULL);
    if (peer == NULL || peer->data == NULL)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "officer: this needs a certificate of an officer; show one");
    const office_guest *guest = peer->data;
    document.officer = &guest->officer;
    auth_status status = office_receive(it, daemon_request_body(request), now, &document, err);
    if (status == AUTH_STATUS_OK) {
        office_take_in(it, &document, 1);
        status = office_submit_finish(it, request, &document, now, err);
    }
    office_document_clear(&document);
    return status;
}
