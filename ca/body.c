/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger is told of each item and of each document that was refused. */
#include "batch.h"

#include <stdio.h>
#include <string.h>

/* Why the registry refused, as a reason that requests know. */
static auth_request_reason reason_of(registry_refusal refusal)
{
    switch (refusal) {
    case REGISTRY_REFUSAL_KEY_BLOCKED:
        return AUTH_REQUEST_REASON_WEAK_KEY;
    case REGISTRY_REFUSAL_KEY_OF_ANOTHER:
        return AUTH_REQUEST_REASON_KEY_IN_USE;
    case REGISTRY_REFUSAL_LIVE:
    case REGISTRY_REFUSAL_TWICE:
        return AUTH_REQUEST_REASON_HAS_CERTIFICATE;
    case REGISTRY_REFUSAL_NOT_ISSUED:
        return AUTH_REQUEST_REASON_SUBJECT;
    case REGISTRY_REFUSAL_OUT_OF_TURN:
    case REGISTRY_REFUSAL_RULE:
        return AUTH_REQUEST_REASON_STATE;
    case REGISTRY_REFUSAL_NONE:
        break;
    }
    return AUTH_REQUEST_REASON_NONE;
}

static registry_ledger_serial serial_of(auth_bytes octets)
{
    registry_ledger_serial serial = {.len = 0};
    if (octets.data == NULL || octets.len > sizeof serial.octets)
        return serial;
    serial.len = octets.len;
    memcpy(serial.octets, octets.data, octets.len);
    return serial;
}

static registry_ledger_body body_of(const ca_batch *batch, const ca_document *document,
                                    registry_ledger_event event)
{
    registry_ledger_body body = {
        .event = event,
        .at = batch->now,
        .has_request = true,
        .item = REGISTRY_LEDGER_NO_ITEM,
        .has_document = true,
    };
    (void)snprintf(body.realm, sizeof body.realm, "%s", batch->worker->setting.realm);
    (void)snprintf(body.office, sizeof body.office, "%s", document->office->id);
    memcpy(body.request, document->row->id.data, sizeof body.request);
    memcpy(body.document, document->row->payload_hash.data, sizeof body.document);
    for (size_t i = 0; i < document->verdict.signed_count && !document->is_refused; i++) {
        const auth_request_signed *one = &document->verdict.signers[i];
        body.actors[body.actor_count++] = serial_of((auth_bytes){one->serial, one->serial_len});
    }
    return body;
}

static auth_status write_body(const registry_ledger_body *body, auth_buf **out, auth_error *err)
{
    auth_buf_free(*out);
    *out = NULL;
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, out, err);
    return status == AUTH_STATUS_OK ? registry_ledger_body_write(body, *out, err) : status;
}

/* What became of an item as a whole; the act beside a certificate comes second. */
static registry_ledger_event event_of(const registry_decision *decision)
{
    if (!registry_decision_is_granted(decision))
        return REGISTRY_LEDGER_EVENT_REFUSED;
    if (decision->serial.data != NULL)
        return REGISTRY_LEDGER_EVENT_ISSUED;
    if (decision->dismissed != NULL)
        return REGISTRY_LEDGER_EVENT_DISMISSED;
    if (decision->opened != NULL)
        return REGISTRY_LEDGER_EVENT_OPENED;
    if (decision->closed != NULL)
        return REGISTRY_LEDGER_EVENT_CLOSED;
    /* 33 to 35 are the three acts in their order. */
    return (registry_ledger_event)(REGISTRY_LEDGER_EVENT_REVOKED - REGISTRY_ACTION_REVOKE +
                                   (int)decision->action);
}

static void fill_act(const registry_decision *decision, registry_ledger_body *body)
{
    body->serial = serial_of(decision->target);
    (void)snprintf(body->detail, sizeof body->detail, "reason %d", (int)decision->act_reason);
}

static auth_status fill(const ca_batch *batch, const registry_decision *decision,
                        registry_ledger_body *body, auth_error *err)
{
    if (body->event == REGISTRY_LEDGER_EVENT_REFUSED) {
        body->serial = serial_of(decision->target);
        (void)snprintf(body->detail, sizeof body->detail, "refused %s",
                       auth_request_reason_name((auth_request_reason)decision->reason));
        return AUTH_STATUS_OK;
    }
    if (body->event != REGISTRY_LEDGER_EVENT_ISSUED) {
        if (decision->action != REGISTRY_ACTION_NONE)
            fill_act(decision, body);
        return AUTH_STATUS_OK;
    }
    body->serial = serial_of(decision->serial);
    body->has_certificate = true;
    return registry_sha256(batch->worker->thread[0].crypto, &decision->der, 1, body->certificate,
                           err);
}

/* The revocation of what is replaced, and the appointment of who gets a certificate. */
static auth_status write_second(const ca_batch *batch, ca_item *item, registry_decision *decision,
                                registry_ledger_body *body, auth_error *err)
{
    decision->act_event = 0;
    if (body->event != REGISTRY_LEDGER_EVENT_ISSUED)
        return AUTH_STATUS_OK;
    (void)batch;
    body->has_certificate = false;
    body->serial.len = 0;
    if (decision->appointed != NULL)
        body->event = REGISTRY_LEDGER_EVENT_APPOINTED;
    else if (decision->action == REGISTRY_ACTION_REVOKE)
        body->event = REGISTRY_LEDGER_EVENT_REVOKED;
    else
        return AUTH_STATUS_OK;
    if (decision->action != REGISTRY_ACTION_NONE)
        fill_act(decision, body);
    auth_status status = write_body(body, &item->act_body, err);
    if (status != AUTH_STATUS_OK)
        return status;
    decision->act_event = body->event;
    decision->act_body = auth_buf_bytes(item->act_body);
    return AUTH_STATUS_OK;
}

static auth_status write_item(ca_batch *batch, ca_item *item, registry_decision *decision,
                              auth_error *err)
{
    const ca_document *document = &batch->documents[item->document];
    if (item->status == AUTH_STATUS_OK)
        decision->reason = reason_of(decision->refusal);
    registry_ledger_body body = body_of(batch, document, event_of(decision));
    body.item = (int)item->index;
    auth_status status = fill(batch, decision, &body, err);
    if (status == AUTH_STATUS_OK)
        status = write_body(&body, &item->body, err);
    if (status != AUTH_STATUS_OK)
        return status;
    decision->event = body.event;
    decision->body = auth_buf_bytes(item->body);
    return write_second(batch, item, decision, &body, err);
}

static auth_status write_document(const ca_batch *batch, ca_document *document,
                                  registry_document *out, auth_error *err)
{
    registry_ledger_body body = body_of(batch, document, REGISTRY_LEDGER_EVENT_REFUSED);
    (void)snprintf(body.detail, sizeof body.detail, "refused %s",
                   auth_request_reason_name(document->reason));
    auth_status status = write_body(&body, &document->body, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->event = body.event;
    out->body = auth_buf_bytes(document->body);
    return AUTH_STATUS_OK;
}

auth_status ca_write_bodies(ca_batch *batch, registry_queue_batch *claimed, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < claimed->decision_count; i++) {
        registry_decision *decision = &claimed->decisions[i];
        if (registry_queue_is_active(claimed, decision->document))
            status = write_item(batch, &batch->items[batch->decided[i]], decision, err);
    }
    for (size_t i = 0; status == AUTH_STATUS_OK && i < claimed->document_count; i++) {
        if (registry_queue_is_active(claimed, i) && batch->documents[i].is_refused)
            status = write_document(batch, &batch->documents[i], &claimed->documents[i], err);
    }
    return status;
}
