/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a certificate is for: as the document says, or for a renewal as the registry has her. */
#include "batch.h"
#include "registry/citizen.h"
#include "registry/seal.h"
#include "registry/seal_number.h"

#include <string.h>

#define NAME_MAX_OCTETS 1024
#define SEALED_MAX 4096

void ca_person_clear(ca_person *person)
{
    auth_person_number_wipe(&person->number);
    auth_buf_free(person->name);
    person->name = NULL;
}

static auth_status open_value(const ca_batch *batch, const ca_thread *thread,
                              const registry_citizen *citizen, registry_seal_field field,
                              auth_bytes sealed, auth_buf **out, auth_error *err)
{
    const ca_office *office = ca_office_known(batch->worker, citizen->office);
    if (office == NULL)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "citizen: the office was not asked for");
    registry_seal_place place = {.field = field,
                                 .row = citizen->id,
                                 .office_path = office->path,
                                 .generation = (uint32_t)citizen->seal_key};
    return registry_unseal(batch->worker->setting.ring, thread->crypto, &place, sealed, out, err);
}

static auth_status open_citizen(const ca_batch *batch, const ca_thread *thread,
                                const registry_citizen *citizen, ca_person *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *number = NULL;
    auth_status status = open_value(batch, thread, citizen, REGISTRY_SEAL_FIELD_CITIZEN_NUMBER,
                                    citizen->sealed_number, &number, err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal_number_read(auth_buf_bytes(number), &out->number, err);
    if (status == AUTH_STATUS_OK)
        status = open_value(batch, thread, citizen, REGISTRY_SEAL_FIELD_CITIZEN_NAME,
                            citizen->sealed_name, &out->name, err);
    return status;
}

/* Who renews was looked up with all others of the batch. */
static auth_status find_citizen(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                                ca_person *out, auth_error *err)
{
    registry_citizen citizen;
    const ca_document *document = &batch->documents[item->document];
    auth_bytes index = {document->verdict.signers[0].holder.person.octets, AUTH_PERSON_INDEX_SIZE};
    size_t rows = batch->citizens == NULL ? 0 : registry_result_rows(batch->citizens);
    for (size_t i = 0; i < rows; i++) {
        auth_status status = registry_citizen_read(batch->citizens, i, &citizen, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (!auth_bytes_equal(citizen.person_index, index))
            continue;
        memcpy(item->person.octets, index.data, index.len);
        return open_citizen(batch, thread, &citizen, out, err);
    }
    ca_item_refuse(item, AUTH_STATUS_NOT_FOUND, AUTH_REQUEST_REASON_SUBJECT, NULL);
    return AUTH_STATUS_OK;
}

static auth_status index_person(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                                const auth_person_number *number, auth_error *err)
{
    const registry_keyring *ring = batch->worker->setting.ring;
    uint32_t newest = registry_keyring_newest(ring);
    auth_status status =
        registry_person_index(ring, thread->crypto, newest, number, item->person.octets, err);
    item->has_former = newest > 1 && registry_keyring_has(ring, newest - 1);
    if (status == AUTH_STATUS_OK && item->has_former)
        status = registry_person_index(ring, thread->crypto, newest - 1, number,
                                       item->former.octets, err);
    return status;
}

auth_status ca_person_find(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                           ca_person *out, auth_error *err)
{
    const auth_request *request = batch->documents[item->document].request;
    const auth_request_item *asked = auth_request_item_at(request, item->index);
    if (auth_request_kind_of(request) == AUTH_REQUEST_KIND_RENEW)
        return find_citizen(batch, item, thread, out, err);
    out->number = asked->person;
    auth_status status = auth_buf_new(NAME_MAX_OCTETS, &out->name, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out->name, asked->name, err);
    if (status == AUTH_STATUS_OK)
        status = index_person(batch, item, thread, &out->number, err);
    return status;
}

static auth_status seal(const ca_batch *batch, const ca_item *item, const ca_thread *thread,
                        registry_seal_field field, auth_bytes row, auth_bytes value, auth_buf **out,
                        auth_error *err)
{
    const registry_keyring *ring = batch->worker->setting.ring;
    registry_seal_place place = {.field = field,
                                 .row = row,
                                 .office_path = batch->documents[item->document].office->path,
                                 .generation = registry_keyring_newest(ring)};
    auth_status status = auth_buf_new(SEALED_MAX, out, err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal(ring, thread->crypto, &place, value, *out, err);
    return status;
}

static auth_status seal_citizen(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                                const ca_person *person, auth_error *err)
{
    AUTH_AUTO(auth_buf) *number = NULL;
    auth_bytes id = {item->citizen_id, sizeof item->citizen_id};
    auth_status status = registry_random(item->citizen_id, sizeof item->citizen_id, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new((size_t)2 * AUTH_PERSON_NUMBER_MAX, &number, err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal_number_write(&person->number, number, err);
    if (status == AUTH_STATUS_OK)
        status = seal(batch, item, thread, REGISTRY_SEAL_FIELD_CITIZEN_NUMBER, id,
                      auth_buf_bytes(number), &item->sealed_number, err);
    if (status == AUTH_STATUS_OK)
        status = seal(batch, item, thread, REGISTRY_SEAL_FIELD_CITIZEN_NAME, id,
                      auth_buf_bytes(person->name), &item->sealed_name, err);
    return status;
}

auth_status ca_person_seal(const ca_batch *batch, ca_item *item, const ca_thread *thread,
                           const ca_person *person, auth_error *err)
{
    if (auth_request_kind_of(batch->documents[item->document].request) != AUTH_REQUEST_KIND_APPOINT)
        return seal_citizen(batch, item, thread, person, err);
    return seal(batch, item, thread, REGISTRY_SEAL_FIELD_OFFICER_NAME,
                auth_bytes_from_text(item->identifier), auth_buf_bytes(person->name),
                &item->sealed_name, err);
}
