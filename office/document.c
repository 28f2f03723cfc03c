/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "registry/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEALED_MAX (AUTH_JWS_MAX + REGISTRY_SEAL_OVERHEAD)

void office_document_clear(office_document *document)
{
    auth_request_free(document->request);
    auth_buf_free(document->sealed);
    for (size_t i = 0; i < OFFICE_BODIES; i++)
        auth_buf_free(document->bodies[i]);
    free(document->indexes);
    free(document->items);
    *document = (office_document){.officer = NULL};
}

void office_document_refuse_item(office_document *document, auth_request_reason reason, size_t item,
                                 const char *text)
{
    if (document->reason != AUTH_REQUEST_REASON_NONE || document->status != AUTH_STATUS_OK)
        return;
    document->reason = reason;
    document->item = item;
    document->status =
        auth_error_set(&document->error, AUTH_STATUS_INVALID, "%s",
                       text == NULL || text[0] == '\0' ? auth_request_reason_text(reason) : text);
}

void office_document_refuse(office_document *document, auth_request_reason reason, const char *text)
{
    office_document_refuse_item(document, reason, AUTH_REQUEST_NOWHERE, text);
}

/* An answer about what was sent is a refusal; a fault goes up. */
static auth_status judge(office_document *document, auth_status status, auth_request_reason reason,
                         size_t item, const auth_error *err)
{
    if (status == AUTH_STATUS_OK || auth_status_is_fault(status))
        return status;
    office_document_refuse_item(document, reason, item, err->text);
    return AUTH_STATUS_OK;
}

static auth_status check_proofs(office_document *document, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t count = auth_request_item_count(document->request);
    for (size_t i = 0; i < count && document->status == AUTH_STATUS_OK; i++) {
        status = judge(document, auth_request_check_csr(document->request, i, err),
                       AUTH_REQUEST_REASON_POSSESSION, i, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

auth_status office_document_read(const office *it, auth_bytes text, auth_time now,
                                 office_document *out, auth_error *err)
{
    auth_error local = {.text = ""};
    auth_error *why = err == NULL ? &local : err;
    auth_request_rules rules = {.now = now, .realm = realm_name(it->realm)};
    out->text = text;
    auth_status status = auth_request_parse(text, &rules, &out->request, why);
    auth_request_reason reason =
        status == AUTH_STATUS_DENIED ? AUTH_REQUEST_REASON_REALM : AUTH_REQUEST_REASON_DOCUMENT;
    status = judge(out, status, reason, AUTH_REQUEST_NOWHERE, why);
    if (status != AUTH_STATUS_OK || out->request == NULL)
        return status;
    auth_request_payload_hash(out->request, out->hash);
    if (!registry_uuid_parse(auth_bytes_from_text(auth_request_id(out->request)), out->id))
        office_document_refuse(out, AUTH_REQUEST_REASON_DOCUMENT, NULL);
    return check_proofs(out, why);
}

/* Within reach: of this daemon, and of who sends it. What is against it, or NULL. */
static const char *find_office(const office *it, const office_desk *desk, office_document *document)
{
    const char *path = NULL;
    int64_t number =
        registry_facts_office(desk->facts, auth_request_office(document->request), &path);
    bool is_near =
        number != 0 && (it->role == REGISTRY_ROLE_LRA ? strcmp(path, it->scope_path) == 0
                                                      : office_is_within(path, it->scope_path));
    if (!is_near)
        return "document: its office is not served here; send it through an office that it belongs "
               "to";
    document->office = number;
    (void)snprintf(document->path, sizeof document->path, "%s", path);
    if (document->officer != NULL && !office_is_within(path, document->officer->path))
        return "document: its office is neither yours nor below it; have an officer of that office "
               "send it";
    return NULL;
}

auth_status office_document_evaluate(const office *it, const office_desk *desk, auth_time now,
                                     office_document *document, auth_error *err)
{
    registry_facts_view view = desk->view;
    auth_request_facts facts = registry_facts_of(&view);
    auth_request_use use = AUTH_REQUEST_USE_NEW;
    auth_status status = auth_request_evaluate(document->request, realm_policy(it->realm), &facts,
                                               now, &document->verdict, err);
    if (status == AUTH_STATUS_OK)
        status = facts.was_used(facts.context, auth_request_id(document->request),
                                (auth_bytes){document->hash, sizeof document->hash}, &use, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *far = find_office(it, desk, document);
    /* What is in already is in, though it has expired or its signer was dismissed since. */
    if (document->verdict.outcome == AUTH_REQUEST_REFUSED &&
        (document->is_amending || use != AUTH_REQUEST_USE_SAME))
        office_document_refuse_item(document, document->verdict.reason, document->verdict.item,
                                    document->verdict.text);
    if (far != NULL)
        office_document_refuse(document, AUTH_REQUEST_REASON_SCOPE, far);
    return AUTH_STATUS_OK;
}

auth_status office_document_seal(const office *it, const office_desk *desk,
                                 const office_document *document, auth_bytes text, auth_buf **out,
                                 auth_error *err)
{
    const registry_keyring *ring = realm_keyring(it->realm);
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = {document->id, sizeof document->id},
                                 .office_path = document->path,
                                 .generation = registry_keyring_newest(ring)};
    AUTH_AUTO(auth_buf) *sealed = NULL;
    auth_status status = auth_buf_new(SEALED_MAX, &sealed, err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal(ring, desk->crypto, &place, text, sealed, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(sealed);
    return status;
}

static registry_ledger_serial serial_of(const uint8_t *octets, size_t len)
{
    registry_ledger_serial serial = {.len = len};
    memcpy(serial.octets, octets, len);
    return serial;
}

static void tell_who(const office_document *document, registry_ledger_event event, size_t signers,
                     registry_ledger_body *body)
{
    if (event == REGISTRY_LEDGER_EVENT_DENIED) {
        if (document->officer != NULL)
            body->actors[body->actor_count++] =
                serial_of(document->officer->serial, document->officer->serial_len);
        (void)snprintf(body->detail, sizeof body->detail, "reason %s",
                       auth_request_reason_name(document->reason));
        return;
    }
    for (size_t i = 0; i < signers && i < document->verdict.signed_count; i++) {
        const auth_request_signed *signer = &document->verdict.signers[i];
        body->actors[body->actor_count++] = serial_of(signer->serial, signer->serial_len);
    }
}

auth_status office_document_tell(const office *it, const office_document *document,
                                 registry_ledger_event event, size_t signers, auth_time now,
                                 auth_buf **out, auth_error *err)
{
    registry_ledger_body body = {.event = event,
                                 .at = now,
                                 .has_request = document->request != NULL,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .has_document = document->request != NULL};
    AUTH_AUTO(auth_buf) *text = NULL;
    (void)snprintf(body.realm, sizeof body.realm, "%s", realm_name(it->realm));
    (void)snprintf(body.office, sizeof body.office, "%s",
                   document->office != 0 ? auth_request_office(document->request) : it->scope_id);
    memcpy(body.request, document->id, sizeof body.request);
    memcpy(body.document, document->hash, sizeof body.document);
    tell_who(document, event, signers, &body);
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_body_write(&body, text, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(text);
    return status;
}

registry_entry office_document_denial(const office *it, const office_document *document,
                                      auth_bytes body)
{
    registry_entry entry = {.event = REGISTRY_LEDGER_EVENT_DENIED,
                            .item = REGISTRY_LEDGER_NO_ITEM,
                            .office = document->office != 0 ? document->office : it->scope,
                            .body = body};
    if (document->request != NULL)
        entry.request_id = (auth_bytes){document->id, sizeof document->id};
    return entry;
}

void office_document_sign(office_document *document)
{
    for (size_t i = 0; i < document->verdict.signed_count; i++) {
        const auth_request_signed *signer = &document->verdict.signers[i];
        document->signatures[i] = (registry_signature){
            .place = (int64_t)i,
            .signer_serial = {signer->serial, signer->serial_len},
            .officer_id =
                signer->holder.kind == AUTH_HOLDER_OFFICER ? signer->holder.officer : NULL,
            .signed_at = signer->signed_at,
        };
    }
}

static auth_status fill_items(const office *it, const office_desk *desk, office_document *document,
                              auth_error *err)
{
    const registry_keyring *ring = realm_keyring(it->realm);
    size_t count = auth_request_item_count(document->request);
    auth_status status = AUTH_STATUS_OK;
    document->indexes = calloc(count, sizeof *document->indexes);
    document->items = calloc(count, sizeof *document->items);
    if (document->indexes == NULL || document->items == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < count; i++) {
        const auth_request_item *item = auth_request_item_at(document->request, i);
        if (item->serial.len > 0)
            document->items[i].serial = item->serial;
        if (item->person.len == 0)
            continue;
        status = registry_person_index(ring, desk->crypto, registry_keyring_newest(ring),
                                       &item->person, document->indexes[i], err);
        document->items[i].person_index =
            (auth_bytes){document->indexes[i], sizeof document->indexes[i]};
    }
    return status;
}

static registry_request_new row_of(const office *it, office_document *document)
{
    bool is_approved = document->verdict.outcome == AUTH_REQUEST_SATISFIED;
    return (registry_request_new){
        .id = {document->id, sizeof document->id},
        .kind = auth_request_kind_of(document->request),
        .office = document->office,
        .state = is_approved ? REGISTRY_REQUEST_APPROVED : REGISTRY_REQUEST_SUBMITTED,
        .payload_hash = {document->hash, sizeof document->hash},
        .document = auth_buf_bytes(document->sealed),
        .seal_key = registry_keyring_newest(realm_keyring(it->realm)),
        .created_at = auth_request_created(document->request),
        .expires_at = auth_request_expires(document->request),
        .items = document->items,
        .item_count = auth_request_item_count(document->request),
        .signatures = document->signatures,
        .signature_count = document->verdict.signed_count,
        .event = REGISTRY_LEDGER_EVENT_SUBMITTED,
        .body = auth_buf_bytes(document->bodies[0]),
    };
}

auth_status office_document_fill(const office *it, const office_desk *desk, auth_time now,
                                 office_document *document, auth_error *err)
{
    size_t signers = document->verdict.signed_count;
    bool is_approved = document->verdict.outcome == AUTH_REQUEST_SATISFIED;
    auth_status status =
        office_document_seal(it, desk, document, document->text, &document->sealed, err);
    if (status == AUTH_STATUS_OK)
        status = fill_items(it, desk, document, err);
    if (status == AUTH_STATUS_OK)
        status = office_document_tell(it, document, REGISTRY_LEDGER_EVENT_SUBMITTED, signers, now,
                                      &document->bodies[0], err);
    if (status == AUTH_STATUS_OK && is_approved)
        status = office_document_tell(it, document, REGISTRY_LEDGER_EVENT_APPROVED, signers, now,
                                      &document->bodies[1], err);
    if (status != AUTH_STATUS_OK)
        return status;
    office_document_sign(document);
    document->row = row_of(it, document);
    return AUTH_STATUS_OK;
}
