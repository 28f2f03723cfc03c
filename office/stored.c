/* SPDX-License-Identifier: Apache-2.0 */
#include "stored.h"

#include "registry/seal.h"

#include <string.h>

static auth_status missing(auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "request: there is none of this id in your office or below it; look at "
                          "the list of requests");
}

auth_status office_stored_find_id(office_visit *visit, auth_bytes id, office_stored *out,
                                  auth_error *err)
{
    *out = (office_stored){.found = NULL};
    auth_status status = registry_request_find(visit->connection, id, &out->found, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return missing(err);
    if (status == AUTH_STATUS_OK)
        status = registry_request_read(out->found, 0, &out->row, err);
    if (status == AUTH_STATUS_OK)
        status =
            office_place_find(visit->office, visit->connection, out->row.office, &out->place, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_public = visit->officer.role == AUTH_OFFICER_ROLE_NONE;
    return is_public || office_is_within(out->place->path, visit->officer.path) ? AUTH_STATUS_OK
                                                                                : missing(err);
}

auth_status office_stored_find(office_visit *visit, office_stored *out, auth_error *err)
{
    uint8_t id[REGISTRY_ID_SIZE];
    *out = (office_stored){.found = NULL};
    if (!registry_uuid_parse(daemon_request_raw_segment(visit->request, "id"), id))
        return missing(err);
    return office_stored_find_id(visit, (auth_bytes){id, sizeof id}, out, err);
}

void office_stored_clear(office_stored *it)
{
    registry_result_free(it->found);
    auth_buf_free(it->clear);
    office_document_clear(&it->document);
    it->found = NULL;
    it->clear = NULL;
}

auth_status office_stored_open(const office_visit *visit, office_stored *it, auth_error *err)
{
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = it->row.id,
                                 .office_path = it->place->path,
                                 .generation = (uint32_t)it->row.seal_key};
    return registry_unseal(realm_keyring(visit->office->realm), visit->desk->crypto, &place,
                           it->row.document, &it->clear, err);
}

auth_status office_stored_evaluate(const office_visit *visit, office_stored *it, auth_error *err)
{
    const office *of = visit->office;
    office_document *document = &it->document;
    auth_request_rules rules = {.now = visit->now, .realm = realm_name(of->realm)};
    auth_bytes text = auth_buf_bytes(it->clear);
    document->text = text;
    document->is_amending = true;
    auth_status status = auth_request_parse(text, &rules, &document->request, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_request_payload_hash(document->request, document->hash);
    memcpy(document->id, it->row.id.data, sizeof document->id);
    const auth_request *request = document->request;
    status = registry_facts_gather(visit->desk->facts, visit->connection, &request, 1, err);
    return status == AUTH_STATUS_OK
               ? office_document_evaluate(of, visit->desk, visit->now, document, err)
               : status;
}
