/* SPDX-License-Identifier: Apache-2.0 */
/* POST /requests/{id}/signatures: a request that is there gets signatures. */
#include "answer.h"
#include "body.h"
#include "handlers.h"
#include "stored.h"

#include <string.h>

/* What the transaction writes: the document as it is then, a row and an entry for each signature.
 */
typedef struct amendment {
    office_visit *visit;
    office_stored *stored;
    office_document sent;
    size_t added;
    size_t first; /* of the signatures that are new */
    auth_buf *sealed;
    auth_buf *bodies[AUTH_JWS_SIGNATURES_MAX];
    auth_buf *approval;
    registry_request_state state;
} amendment;

static void clear(amendment *it)
{
    office_document_clear(&it->sent);
    office_stored_clear(it->stored);
    auth_buf_free(it->sealed);
    auth_buf_free(it->approval);
    for (size_t i = 0; i < AUTH_JWS_SIGNATURES_MAX; i++)
        auth_buf_free(it->bodies[i]);
}

static auth_status refuse(const amendment *it, office_document *document, auth_error *err)
{
    office_visit *visit = it->visit;
    document->officer = &visit->officer;
    office_visit_release(visit);
    auth_status status = office_deny(visit->office, document, visit->now, err);
    return status == AUTH_STATUS_OK ? office_refusal(visit->request, document, err) : status;
}

static auth_status answer(const amendment *it, registry_request_state state, int64_t revision,
                          bool is_known, auth_error *err)
{
    office_answer out;
    const registry_request *row = &it->stored->row;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        daemon_json *json = &out.json;
        office_put_id(json, "id", row->id);
        office_put_text(json, "kind", auth_request_kind_name((auth_request_kind)row->kind));
        office_put_text(json, "office", it->stored->place->id);
        office_put_text(json, "state", registry_request_state_name(state));
        daemon_json_number(json, "revision", revision);
        daemon_json_bool(json, "known", is_known);
        office_put_needs(json, &it->stored->document.verdict, state == REGISTRY_REQUEST_SUBMITTED);
        daemon_json_bool(json, "kept", false);
        status = office_answer_send(&out, it->visit->request, 200, err);
    }
    office_answer_clear(&out);
    return status;
}

static registry_entry entry_of(const amendment *it, registry_ledger_event event,
                               const auth_buf *body)
{
    return (registry_entry){.event = event,
                            .item = REGISTRY_LEDGER_NO_ITEM,
                            .request_id = it->stored->row.id,
                            .office = it->stored->row.office,
                            .body = auth_buf_bytes(body)};
}

static auth_status add_approval(const amendment *it, registry_connection *connection,
                                auth_error *err)
{
    AUTH_AUTO(registry_batch) *batch = NULL;
    registry_entry entry = entry_of(it, REGISTRY_LEDGER_EVENT_APPROVED, it->approval);
    auth_status status = registry_batch_new(connection, 1, &batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_entry_add(batch, &entry, 1, err);
    return status == AUTH_STATUS_OK ? registry_batch_run(batch, err) : status;
}

static auth_status store(registry_connection *connection, void *context, auth_error *err)
{
    const amendment *it = context;
    const registry_request *row = &it->stored->row;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < it->added; i++) {
        bool is_last = i + 1 == it->added;
        registry_amendment change = {
            .id = row->id,
            .revision = row->revision + (int64_t)i,
            .document = auth_buf_bytes(it->sealed),
            .seal_key = registry_keyring_newest(realm_keyring(it->visit->office->realm)),
            .state = is_last ? it->state : REGISTRY_REQUEST_SUBMITTED,
            .signature = it->stored->document.signatures[it->first + i],
            .entry = entry_of(it, REGISTRY_LEDGER_EVENT_SIGNED, it->bodies[i]),
        };
        status = registry_request_amend(connection, &change, err);
    }
    return status == AUTH_STATUS_OK && it->approval != NULL ? add_approval(it, connection, err)
                                                            : status;
}

/* Whether the last of the new signatures is there. */
static auth_status look_up(registry_connection *connection, void *context, bool *is_done,
                           auth_error *err)
{
    const amendment *it = context;
    AUTH_AUTO(registry_result) *found = NULL;
    registry_signature there;
    const registry_signature *last = &it->stored->document.signatures[it->first + it->added - 1];
    auth_status status = registry_request_signatures(connection, it->stored->row.id, &found, err);
    bool is_there = false;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < registry_result_rows(found); i++) {
        status = registry_signature_read(found, i, &there, err);
        is_there = is_there || (status == AUTH_STATUS_OK && there.place == last->place &&
                                auth_bytes_equal(there.signer_serial, last->signer_serial));
    }
    if (status == AUTH_STATUS_OK)
        *is_done = is_there;
    return status;
}

static auth_status prepare(amendment *it, auth_error *err)
{
    const office_visit *visit = it->visit;
    office_document *document = &it->stored->document;
    bool is_approved = document->verdict.outcome == AUTH_REQUEST_SATISFIED;
    it->state = is_approved ? REGISTRY_REQUEST_APPROVED : REGISTRY_REQUEST_SUBMITTED;
    it->first = document->verdict.signed_count - it->added;
    office_document_sign(document);
    auth_status status = office_document_seal(visit->office, visit->desk, document, document->text,
                                              &it->sealed, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < it->added; i++)
        status = office_document_tell(visit->office, document, REGISTRY_LEDGER_EVENT_SIGNED,
                                      it->first + i + 1, visit->now, &it->bodies[i], err);
    if (status == AUTH_STATUS_OK && is_approved)
        status =
            office_document_tell(visit->office, document, REGISTRY_LEDGER_EVENT_APPROVED,
                                 document->verdict.signed_count, visit->now, &it->approval, err);
    return status;
}

static auth_status conflict(const amendment *it, auth_request_reason reason, const char *text,
                            auth_error *err)
{
    daemon_request_reason(it->visit->request, auth_request_reason_name(reason));
    return auth_error_set(err, AUTH_STATUS_CONFLICT, "%s", text);
}

/* The document as it would be, judged as one that comes in. */
static auth_status evaluate(amendment *it, auth_error *err)
{
    office_document *document = &it->stored->document;
    auth_status status = office_stored_evaluate(it->visit, it->stored, err);
    if (auth_status_is_fault(status))
        return status;
    if (status == AUTH_STATUS_CONFLICT ||
        (status == AUTH_STATUS_OK && document->reason == AUTH_REQUEST_REASON_SAME_SIGNER)) {
        document->status = AUTH_STATUS_OK;
        document->reason = AUTH_REQUEST_REASON_NONE;
        office_document_refuse(document, AUTH_REQUEST_REASON_SAME_SIGNER, NULL);
        document->status = AUTH_STATUS_CONFLICT;
    } else if (status != AUTH_STATUS_OK) {
        office_document_refuse(document, AUTH_REQUEST_REASON_DOCUMENT, err->text);
    }
    return AUTH_STATUS_OK;
}

static auth_status merge(amendment *it, auth_error *err)
{
    auth_buf *merged = NULL;
    auth_status status = office_stored_open(it->visit, it->stored, err);
    if (status == AUTH_STATUS_OK)
        status = office_body_merge(auth_buf_bytes(it->stored->clear), it->sent.text, &merged,
                                   &it->added, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_buf_free(it->stored->clear);
    it->stored->clear = merged;
    return evaluate(it, err);
}

static auth_status write(amendment *it, auth_error *err)
{
    auth_status status = prepare(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    office_visit_release(it->visit);
    status = registry_transact(it->visit->office->pool,
                               &(registry_transaction){.isolation = REGISTRY_READ_COMMITTED,
                                                       .work = store,
                                                       .lookup = look_up,
                                                       .context = it},
                               err);
    if (status != AUTH_STATUS_OK)
        return status;
    return answer(it, it->state, it->stored->row.revision + (int64_t)it->added, false, err);
}

static auth_status work(amendment *it, auth_error *err)
{
    const registry_request *row = &it->stored->row;
    office_visit *visit = it->visit;
    auth_status status = office_document_read(visit->office, daemon_request_body(visit->request),
                                              visit->now, &it->sent, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (it->sent.status == AUTH_STATUS_OK &&
        !auth_bytes_equal(row->payload_hash, (auth_bytes){it->sent.hash, sizeof it->sent.hash}))
        office_document_refuse(&it->sent, AUTH_REQUEST_REASON_DOCUMENT,
                               "document: $.payload: it is not that of the request; sign the "
                               "document that the request has");
    if (it->sent.status != AUTH_STATUS_OK)
        return refuse(it, &it->sent, err);
    status = merge(it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (it->added == 0)
        return answer(it, row->state, row->revision, true, err);
    if (row->state != REGISTRY_REQUEST_SUBMITTED)
        return conflict(it, AUTH_REQUEST_REASON_STATE,
                        "request: it has its signatures or is decided; look at what became of it",
                        err);
    if (it->stored->document.status != AUTH_STATUS_OK)
        return refuse(it, &it->stored->document, err);
    return write(it, err);
}

static auth_status run(office_visit *visit, auth_error *err)
{
    office_stored stored;
    amendment it = {.visit = visit, .stored = &stored};
    auth_status status = office_stored_find(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = work(&it, err);
    clear(&it);
    return status;
}

OFFICE_HANDLER(amend) { return office_run(context, request, run, err); }
