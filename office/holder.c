/* SPDX-License-Identifier: Apache-2.0 */
/* What a holder does without an officer: renewing with her live key, and learning what became of
 * it. */
#include "answer.h"
#include "handlers.h"
#include "query.h"
#include "stored.h"

#include <auth/codec.h>
#include <time.h>

#define BASE64_MAX ((size_t)2 * AUTH_CERT_MAX)

/* Nobody showed a certificate: it is the signature in the document that counts. */
OFFICE_HANDLER(renew)
{
    office *it = context;
    office_document document = {.officer = NULL};
    auth_time now = (auth_time)time(NULL);
    auth_status status = office_receive(it, daemon_request_body(request), now, &document, err);
    if (status == AUTH_STATUS_OK && document.request != NULL &&
        auth_request_kind_of(document.request) != AUTH_REQUEST_KIND_RENEW)
        office_document_refuse(
            &document, AUTH_REQUEST_REASON_SIGNER_KIND,
            "document: only renewals, signed by their holder, come in here; send "
            "others as an officer");
    if (status == AUTH_STATUS_OK) {
        office_take_in(it, &document, 1);
        status = office_submit_finish(it, request, &document, now, err);
    }
    office_document_clear(&document);
    return status;
}

/*
 * An id is known to those whom the request is about: of a renewal to its holder, of an enrolment to
 * everybody who was given codes for an item of it. Each of these asks about her own item.
 */
static auth_status check_public(office_visit *visit, office_stored *stored, int64_t item,
                                auth_error *err)
{
    bool is_hers = stored->row.kind == AUTH_REQUEST_KIND_RENEW && item < stored->row.item_count;
    if (stored->row.kind == AUTH_REQUEST_KIND_ENROL ||
        stored->row.kind == AUTH_REQUEST_KIND_REKEY) {
        auth_request_rules rules = {.now = visit->now, .realm = realm_name(visit->office->realm)};
        auth_status status = office_stored_open(visit, stored, err);
        if (status == AUTH_STATUS_OK)
            status = auth_request_parse(auth_buf_bytes(stored->clear), &rules,
                                        &stored->document.request, err);
        if (status != AUTH_STATUS_OK)
            return status;
        const auth_request_item *asked =
            auth_request_item_at(stored->document.request, (size_t)item);
        is_hers = asked != NULL && asked->activation.len > 0;
    }
    return is_hers ? AUTH_STATUS_OK
                   : auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                    "request: there is none of this id with an item of this number "
                                    "that a holder may ask about; ask the office");
}

static auth_status put_certificate(const office_visit *visit, const registry_item *row,
                                   daemon_json *json, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    registry_certificate certificate;
    if (!row->has_outcome || row->certificate.data == NULL) {
        daemon_json_null(json, "certificate");
        return AUTH_STATUS_OK;
    }
    auth_status status =
        registry_certificate_find(visit->connection, row->certificate, &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_certificate_read(found, 0, &certificate, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(BASE64_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64, certificate.der, text, err);
    if (status == AUTH_STATUS_OK)
        daemon_json_text(json, "certificate", auth_buf_bytes(text));
    return status;
}

/* The item that was asked about, and none of the others. */
static auth_status put_item(const office_visit *visit, auth_bytes id, int64_t item,
                            daemon_json *json, auth_error *err)
{
    AUTH_AUTO(registry_result) *items = NULL;
    registry_item row = {.item = 0};
    auth_status status = registry_request_items(visit->connection, id, &items, err);
    if (status == AUTH_STATUS_OK)
        status = registry_item_read(items, (size_t)item, &row, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json_open(json, "items", '[');
    office_put_item(json, &row);
    daemon_json_close(json, ']');
    return put_certificate(visit, &row, json, err);
}

static auth_status answer(office_visit *visit, const registry_request *row, int64_t item,
                          auth_error *err)
{
    office_answer out;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK) {
        office_put_outcome(&out.json, row);
        status = put_item(visit, row->id, item, &out.json, err);
    }
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

static auth_status await(office_visit *visit, auth_error *err)
{
    office_stored stored;
    int64_t item = 0;
    int64_t wait_s = 0;
    bool goes_on = false;
    auth_status status =
        office_query_number(visit->request, "item", AUTH_REQUEST_ITEMS_MAX - 1, 0, &item, err);
    if (status == AUTH_STATUS_OK)
        status = office_wait_begin(visit, &wait_s, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = office_stored_find(visit, &stored, err);
    if (status == AUTH_STATUS_OK)
        status = check_public(visit, &stored, item, err);
    if (status == AUTH_STATUS_OK)
        status = office_wait_goes_on(visit, &stored, wait_s, &goes_on, err);
    if (status == AUTH_STATUS_OK && !goes_on)
        status = answer(visit, &stored.row, item, err);
    office_stored_clear(&stored);
    return status;
}

OFFICE_HANDLER(await_renewal) { return office_run_public(context, request, await, err); }
