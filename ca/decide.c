/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decision for every item of the documents that may be obeyed. Certificates are built by all
 * threads; what needs the registry is asked before and judged after.
 */
#include "batch.h"
#include "registry/citizen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static auth_request_kind kind_of(const ca_batch *batch, const ca_item *item)
{
    return auth_request_kind_of(batch->documents[item->document].request);
}

static const auth_request_item *asked_of(const ca_batch *batch, const ca_item *item)
{
    return auth_request_item_at(batch->documents[item->document].request, item->index);
}

static bool is_certificate(const ca_batch *batch, const ca_item *item)
{
    return auth_request_kind_has_profile(kind_of(batch, item));
}

static auth_status list_items(ca_batch *batch, auth_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < batch->document_count; i++) {
        if (!batch->documents[i].is_refused)
            count += auth_request_item_count(batch->documents[i].request);
    }
    batch->items = calloc(count + 1, sizeof *batch->items);
    batch->decided = calloc(count + 1, sizeof *batch->decided);
    if (batch->items == NULL || batch->decided == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < batch->document_count; i++) {
        ca_document *document = &batch->documents[i];
        document->first = batch->item_count;
        size_t items = document->is_refused ? 0 : auth_request_item_count(document->request);
        for (size_t k = 0; k < items; k++) {
            ca_item *item = &batch->items[batch->item_count++];
            item->document = i;
            item->index = k;
            item->csr = auth_request_item_at(document->request, k)->csr;
        }
    }
    return AUTH_STATUS_OK;
}

static ca_item *find_item(ca_batch *batch, size_t document, int64_t index)
{
    const ca_document *of = &batch->documents[document];
    if (document >= batch->document_count || of->is_refused || index < 0 ||
        (size_t)index >= auth_request_item_count(of->request))
        return NULL;
    return &batch->items[of->first + (size_t)index];
}

/* The two codes stand with a NUL between them. */
static auth_status check_codes(ca_batch *batch, ca_item *item, auth_bytes code, auth_error *err)
{
    uint8_t hash[AUTH_REQUEST_HASH_SIZE];
    const uint8_t *gap = code.len == 0 ? NULL : memchr(code.data, '\0', code.len);
    size_t first = gap == NULL ? code.len : (size_t)(gap - code.data);
    size_t second = gap == NULL ? code.len : first + 1;
    auth_status status =
        auth_request_activation_hash((auth_bytes){code.data, first},
                                     (auth_bytes){code.data + second, code.len - second}, hash,
                                     err);
    if (auth_status_is_fault(status))
        return status;
    if (status != AUTH_STATUS_OK ||
        !auth_bytes_equal((auth_bytes){hash, sizeof hash}, asked_of(batch, item)->activation))
        ca_item_refuse(item, AUTH_STATUS_DENIED, AUTH_REQUEST_REASON_POSSESSION,
                       "activation: the codes are not those of the item; enrol anew");
    return AUTH_STATUS_OK;
}

static auth_status apply_activations(ca_batch *batch, auth_error *err)
{
    const registry_queue_batch *claimed = batch->claimed;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < claimed->prior_count; i++) {
        ca_item *item = find_item(batch, claimed->priors[i].document, claimed->priors[i].item);
        if (item != NULL)
            item->is_decided = true;
    }
    for (size_t i = 0; status == AUTH_STATUS_OK && i < claimed->activation_count; i++) {
        const registry_activation *activation = &claimed->activations[i];
        ca_item *item = find_item(batch, activation->document, activation->item);
        if (item == NULL || item->is_decided || asked_of(batch, item)->activation.len == 0)
            continue;
        item->csr = activation->csr;
        status = check_codes(batch, item, activation->code, err);
    }
    for (size_t i = 0; i < batch->item_count; i++) {
        ca_item *item = &batch->items[i];
        item->is_waiting = is_certificate(batch, item) && item->csr.len == 0;
    }
    return status;
}

/* Those who renew, by their own signature's certificate, and the offices that seal what they are.
 */
static auth_status find_citizens(ca_batch *batch, registry_connection *connection, auth_error *err)
{
    size_t count = 0;
    registry_citizen citizen;
    const ca_office *office = NULL;
    auth_status status = AUTH_STATUS_OK;
    auth_bytes *indexes = calloc(batch->item_count + 1, sizeof *indexes);
    if (indexes == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < batch->item_count; i++) {
        const ca_document *document = &batch->documents[batch->items[i].document];
        if (kind_of(batch, &batch->items[i]) == AUTH_REQUEST_KIND_RENEW)
            indexes[count++] = (auth_bytes){document->verdict.signers[0].holder.person.octets,
                                            AUTH_PERSON_INDEX_SIZE};
    }
    if (count > 0)
        status = registry_citizen_find_person(connection, indexes, count, &batch->citizens, err);
    free(indexes);
    size_t rows = batch->citizens == NULL ? 0 : registry_result_rows(batch->citizens);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < rows; i++) {
        status = registry_citizen_read(batch->citizens, i, &citizen, err);
        if (status == AUTH_STATUS_OK)
            status = ca_office_find(batch->worker, connection, citizen.office, &office, err);
    }
    for (size_t i = 0; i < batch->document_count; i++)
        batch->documents[i].office =
            ca_office_known(batch->worker, batch->documents[i].row->office);
    return status;
}

static void copy_identifier(auth_bytes text, char out[AUTH_IDENTIFIER_SIZE])
{
    size_t len = text.len < AUTH_IDENTIFIER_SIZE ? text.len : 0;
    memcpy(out, text.data, len);
    out[len] = '\0';
}

/* An officer's identifier is taken for ever, and nobody has two roles at a time. */
static auth_status check_appointment(ca_batch *batch, registry_connection *connection,
                                     ca_item *item, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    auth_request_holder holder;
    uint8_t octets[AUTH_PERSON_INDEX_SIZE];
    const registry_keyring *ring = batch->worker->setting.ring;
    auth_bytes index = {octets, sizeof octets};
    registry_facts_view *view = &batch->worker->thread[0].view;
    auth_request_facts facts = registry_facts_of(view);
    copy_identifier(asked_of(batch, item)->officer, item->identifier);
    auth_status status = facts.find_officer(facts.context, item->identifier, &holder, err);
    if (status == AUTH_STATUS_OK)
        ca_item_refuse(item, AUTH_STATUS_CONFLICT, AUTH_REQUEST_REASON_NAME_TAKEN, NULL);
    if (status != AUTH_STATUS_NOT_FOUND)
        return status;
    status = registry_person_index(ring, view->crypto, registry_keyring_newest(ring),
                                   &asked_of(batch, item)->person, octets, err);
    if (status == AUTH_STATUS_OK)
        status = registry_officer_find_person(connection, &index, 1, &found, err);
    if (status == AUTH_STATUS_OK && registry_result_rows(found) > 0)
        ca_item_refuse(item, AUTH_STATUS_CONFLICT, AUTH_REQUEST_REASON_NAME_TAKEN, NULL);
    return status;
}

static auth_status prepare_office(ca_batch *batch, ca_item *item, auth_error *err)
{
    const auth_request_item *asked = asked_of(batch, item);
    const char *path = NULL;
    bool is_opening = asked->opened_office.len > 0;
    copy_identifier(is_opening ? asked->opened_office : asked->closed_office, item->identifier);
    if (!is_opening)
        return AUTH_STATUS_OK;
    if (registry_facts_office(batch->worker->facts, item->identifier, &path) != 0)
        ca_item_refuse(item, AUTH_STATUS_CONFLICT, AUTH_REQUEST_REASON_NAME_TAKEN, NULL);
    item->name = strndup((const char *)asked->opened_name.data, asked->opened_name.len);
    if (item->name == NULL)
        return auth_error_memory(err);
    (void)snprintf(item->region, sizeof item->region, "%.*s", (int)asked->opened_region.len,
                   (const char *)asked->opened_region.data);
    return AUTH_STATUS_OK;
}

static auth_status prepare_staff(ca_batch *batch, registry_connection *connection, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->item_count; i++) {
        ca_item *item = &batch->items[i];
        auth_request_kind kind = kind_of(batch, item);
        if (kind == AUTH_REQUEST_KIND_APPOINT)
            status = check_appointment(batch, connection, item, err);
        else if (kind == AUTH_REQUEST_KIND_DISMISS)
            copy_identifier(asked_of(batch, item)->officer, item->identifier);
        else if (kind == AUTH_REQUEST_KIND_OPEN_OFFICE || kind == AUTH_REQUEST_KIND_CLOSE_OFFICE)
            status = prepare_office(batch, item, err);
    }
    return status;
}

static bool is_to_build(const ca_batch *batch, const ca_item *item)
{
    return is_certificate(batch, item) && !item->is_decided && !item->is_waiting &&
           item->status == AUTH_STATUS_OK;
}

static auth_status build(void *context, unsigned thread, size_t turn, auth_error *err)
{
    const ca_batch *batch = context;
    ca_item *item = &batch->items[turn];
    if (!is_to_build(batch, item))
        return AUTH_STATUS_OK;
    return ca_certificate_build(batch, item, &batch->worker->thread[thread], err);
}

/* In two rounds: which offices are asked for what, then who of them is served. */
static auth_status count_limits(ca_batch *batch, registry_connection *connection, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->item_count; i++) {
        const ca_item *item = &batch->items[i];
        if (is_to_build(batch, item))
            status = ca_limits_add(&batch->limits, batch->documents[item->document].row->office,
                                   item->profile->name, item->profile->certificates_an_hour, err);
    }
    if (status == AUTH_STATUS_OK)
        status = ca_limits_open(&batch->limits, connection, batch->now, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->item_count; i++) {
        ca_item *item = &batch->items[i];
        if (is_to_build(batch, item) &&
            !ca_limits_take(&batch->limits, batch->documents[item->document].row->office,
                            item->profile->name))
            ca_item_refuse(item, AUTH_STATUS_LIMIT, AUTH_REQUEST_REASON_LIMIT, NULL);
    }
    return status;
}

static auth_bytes bytes_of(const auth_buf *buf)
{
    return buf == NULL ? (auth_bytes){NULL, 0} : auth_buf_bytes(buf);
}

static void fill_certificate(const ca_batch *batch, ca_item *item, registry_decision *out)
{
    const auth_request_item *asked = asked_of(batch, item);
    out->serial = (auth_bytes){item->serial, sizeof item->serial};
    out->authority = item->issuer->authority->id;
    out->shard = item->shard;
    out->office = batch->documents[item->document].row->office;
    out->profile = item->profile->name;
    out->key_hash = (auth_bytes){item->key_hash, sizeof item->key_hash};
    out->not_before = batch->now;
    out->not_after = auth_tbs_not_after(item->tbs);
    if (kind_of(batch, item) == AUTH_REQUEST_KIND_APPOINT) {
        out->officer_id = item->identifier;
        return;
    }
    out->purpose = item->profile->purpose;
    out->person_index = (auth_bytes){item->person.octets, sizeof item->person.octets};
    if (item->has_former)
        out->former_index = (auth_bytes){item->former.octets, sizeof item->former.octets};
    out->sealed_number = bytes_of(item->sealed_number);
    out->sealed_name = bytes_of(item->sealed_name);
    out->seal_key = registry_keyring_newest(batch->worker->setting.ring);
    memcpy(out->citizen_id, item->citizen_id, sizeof out->citizen_id);
    out->replaces = asked->serial.len > 0 ? asked->serial : (auth_bytes){NULL, 0};
}

static void fill_appointment(const ca_batch *batch, ca_item *item, registry_decision *out)
{
    item->officer = (registry_officer){
        .id = item->identifier,
        .office = batch->documents[item->document].row->office,
        .role = asked_of(batch, item)->role,
        .person_index = {item->person.octets, sizeof item->person.octets},
        .sealed_name = bytes_of(item->sealed_name),
        .seal_key = registry_keyring_newest(batch->worker->setting.ring),
        .appointed_at = batch->now,
    };
    out->appointed = &item->officer;
}

static void fill_opening(const ca_batch *batch, ca_item *item, registry_decision *out)
{
    item->opened = (registry_office_new){
        .id = item->identifier,
        .parent = batch->documents[item->document].office->id,
        .region = item->region,
        .name = item->name,
        .opened_at = batch->now,
        .opened_by = batch->documents[item->document].row->id,
    };
    out->opened = &item->opened;
}

static void fill_act(const ca_batch *batch, const ca_item *item, registry_action action,
                     registry_decision *out)
{
    const auth_request_item *asked = asked_of(batch, item);
    out->action = action;
    out->target = asked->serial;
    out->act_reason = action == REGISTRY_ACTION_REVOKE
                          ? (int64_t)asked->reason
                          : (int64_t)AUTH_REVOCATION_REASON_CERTIFICATE_HOLD;
}

static void fill(const ca_batch *batch, ca_item *item, registry_decision *out)
{
    if (is_certificate(batch, item))
        fill_certificate(batch, item, out);
    switch (kind_of(batch, item)) {
    case AUTH_REQUEST_KIND_REKEY:
    case AUTH_REQUEST_KIND_REVOKE:
        fill_act(batch, item, REGISTRY_ACTION_REVOKE, out);
        break;
    case AUTH_REQUEST_KIND_SUSPEND:
        fill_act(batch, item, REGISTRY_ACTION_SUSPEND, out);
        break;
    case AUTH_REQUEST_KIND_RESUME:
        fill_act(batch, item, REGISTRY_ACTION_RESUME, out);
        break;
    case AUTH_REQUEST_KIND_APPOINT:
        fill_appointment(batch, item, out);
        break;
    case AUTH_REQUEST_KIND_DISMISS:
        out->dismissed = item->identifier;
        break;
    case AUTH_REQUEST_KIND_OPEN_OFFICE:
        fill_opening(batch, item, out);
        break;
    case AUTH_REQUEST_KIND_CLOSE_OFFICE:
        out->closed = item->identifier;
        break;
    case AUTH_REQUEST_KIND_ENROL:
    case AUTH_REQUEST_KIND_RENEW:
        break;
    }
}

static auth_status add_decisions(ca_batch *batch, registry_queue_batch *claimed, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK && i < batch->item_count; i++) {
        ca_item *item = &batch->items[i];
        if (item->is_decided || (item->is_waiting && item->status == AUTH_STATUS_OK))
            continue;
        registry_decision decision = {.document = item->document,
                                      .item = (int64_t)item->index,
                                      .status = item->status,
                                      .reason = item->reason,
                                      .detail =
                                          item->status == AUTH_STATUS_OK ? NULL : item->detail};
        if (item->status == AUTH_STATUS_OK)
            fill(batch, item, &decision);
        batch->decided[claimed->decision_count] = i;
        status = registry_queue_decide(claimed, &decision, err);
    }
    return status;
}

auth_status ca_decide(ca_batch *batch, registry_connection *connection,
                      registry_queue_batch *claimed, auth_error *err)
{
    auth_status status = list_items(batch, err);
    if (status == AUTH_STATUS_OK)
        status = apply_activations(batch, err);
    if (status == AUTH_STATUS_OK)
        status = find_citizens(batch, connection, err);
    if (status == AUTH_STATUS_OK)
        status = prepare_staff(batch, connection, err);
    if (status == AUTH_STATUS_OK)
        status = ca_team_run(batch->worker->team, batch->item_count, build, batch, err);
    if (status == AUTH_STATUS_OK)
        status = count_limits(batch, connection, err);
    return status == AUTH_STATUS_OK ? add_decisions(batch, claimed, err) : status;
}
