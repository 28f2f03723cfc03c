/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ceremony on record: as one request of many items, which takes the way of all requests through
 * the queue, so that nothing is stored here that auth-ca would store otherwise; and before it, in
 * the same transaction, what it stands on.
 */
#include "realm/ceremony.h"

#include "realm/root_list.h"
#include "registry/ledger.h"
#include "registry/office.h"
#include "registry/officer.h"
#include "registry/queue.h"
#include "registry/realm.h"
#include "registry/seal.h"
#include "registry/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a document may wait that is obeyed at once. */
#define LIFETIME_S 3600
#define NAME_SEALED_MAX 1024
#define WHOLE_COUNTRY "000000"

/* What the rows need besides the ceremony. */
typedef struct record {
    registry_connection *connection;
    const ceremony *of;
    registry_crypto *crypto;
    int64_t office;
    char path[REALM_PATH_SIZE];
    uint8_t payload_hash[REGISTRY_HASH_SIZE];
    auth_buf *sealed;
    auth_buf *bodies[CEREMONY_ITEMS_MAX];
} record;

/* The owner does what an office and an authority do, since neither is there yet. */
unsigned ceremony_roles(void) { return REGISTRY_ROLE_OWNER | REGISTRY_ROLE_CA | REGISTRY_ROLE_RA; }

static auth_bytes id_of(const ceremony *of) { return (auth_bytes){of->id, sizeof of->id}; }

static registry_ledger_serial serial_of(const ceremony_item *item)
{
    registry_ledger_serial serial = {.len = sizeof item->serial};
    memcpy(serial.octets, item->serial, sizeof item->serial);
    return serial;
}

/* The body of an entry about the ceremony, signed by the root; item NULL: as a whole. */
static registry_ledger_body body_of(const record *it, registry_ledger_event event,
                                    const ceremony_item *item)
{
    registry_ledger_body body = {.event = event,
                                 .at = it->of->plan->now,
                                 .has_request = true,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .actor_count = 1,
                                 .has_document = true};
    (void)snprintf(body.realm, sizeof body.realm, "%s", it->of->plan->name);
    (void)snprintf(body.office, sizeof body.office, "%s", it->of->plan->centre);
    memcpy(body.request, it->of->id, sizeof body.request);
    memcpy(body.document, it->payload_hash, sizeof body.document);
    body.actors[0] = serial_of(ceremony_root(it->of));
    if (item == NULL)
        return body;
    body.item = (int)(item - it->of->items);
    body.serial = serial_of(item);
    body.has_certificate = true;
    memcpy(body.certificate, item->fingerprint, sizeof body.certificate);
    return body;
}

static auth_status tell(const record *it, registry_ledger_event event, const ceremony_item *item,
                        auth_error *err)
{
    registry_ledger_body body = body_of(it, event, item);
    return registry_ledger_append(it->connection, &body, it->office, err);
}

static auth_status add_realm(const record *it, auth_error *err)
{
    uint8_t check[REGISTRY_HASH_SIZE];
    auth_status status =
        registry_realm_insert(it->connection, it->of->plan->name, it->of->plan->now, err);
    if (status == AUTH_STATUS_CONFLICT)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "registry: holds a realm already; name an empty database, or make "
                              "this realm without --connect");
    if (status == AUTH_STATUS_OK)
        status = registry_keyring_check_value(realm_keyring(it->of->of), it->crypto,
                                              CEREMONY_GENERATION, check, err);
    if (status == AUTH_STATUS_OK)
        status = registry_seal_key_insert(it->connection, CEREMONY_GENERATION,
                                          (auth_bytes){check, sizeof check}, err);
    return status;
}

static auth_status add_authorities(const record *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < it->of->count && status == AUTH_STATUS_OK; i++) {
        const ceremony_item *item = &it->of->items[i];
        if (item->authority == 0)
            continue;
        registry_authority row = {.id = item->authority,
                                  .name = item->name,
                                  .certificate = auth_cert_der(item->cert),
                                  .key_hash = {item->key_hash, sizeof item->key_hash},
                                  .not_after = auth_cert_not_after(item->cert)};
        status = registry_authority_insert(it->connection, &row, it->of->plan->now, err);
    }
    return status;
}

/* The centre, for which the daemons of this machine speak until there are other offices. */
static auth_status add_office(record *it, auth_error *err)
{
    const realm_plan *plan = it->of->plan;
    registry_office_new row = {.id = plan->centre,
                               .region = plan->region == NULL ? WHOLE_COUNTRY : plan->region,
                               .name = plan->centre_name,
                               .opened_at = plan->now,
                               .opened_by = id_of(it->of)};
    (void)snprintf(it->path, sizeof it->path, "/%s/", plan->centre);
    auth_status status = registry_office_insert(it->connection, &row, &it->office, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_login_insert(it->connection, registry_role_name(REGISTRY_ROLE_RA),
                                              it->office, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_login_insert(it->connection, registry_role_name(REGISTRY_ROLE_LRA),
                                              it->office, err);
    return status;
}

static auth_status add_officer(const record *it, const realm_founder *founder, auth_error *err)
{
    uint8_t index[REGISTRY_HASH_SIZE];
    AUTH_AUTO(auth_buf) *name = NULL;
    const registry_keyring *ring = realm_keyring(it->of->of);
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_OFFICER_NAME,
                                 .row = auth_bytes_from_text(founder->id),
                                 .office_path = it->path,
                                 .generation = CEREMONY_GENERATION};
    auth_status status = auth_buf_new(NAME_SEALED_MAX, &name, err);
    if (status == AUTH_STATUS_OK)
        status = registry_person_index(ring, it->crypto, CEREMONY_GENERATION, &founder->number,
                                       index, err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_seal(ring, it->crypto, &place, auth_bytes_from_text(founder->name), name, err);
    if (status != AUTH_STATUS_OK)
        return status;
    registry_officer row = {.id = founder->id,
                            .office = it->office,
                            .role = AUTH_OFFICER_ROLE_ADMIN,
                            .person_index = {index, sizeof index},
                            .sealed_name = auth_buf_bytes(name),
                            .seal_key = CEREMONY_GENERATION,
                            .appointed_at = it->of->plan->now};
    return registry_officer_insert(it->connection, &row, id_of(it->of), err);
}

static auth_status seal_document(record *it, auth_error *err)
{
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = id_of(it->of),
                                 .office_path = it->path,
                                 .generation = CEREMONY_GENERATION};
    auth_bytes payload = auth_buf_bytes(it->of->payload);
    auth_bytes document = auth_buf_bytes(it->of->document);
    auth_status status = registry_sha256(it->crypto, &payload, 1, it->payload_hash, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(document.len + REGISTRY_SEAL_OVERHEAD, &it->sealed, err);
    if (status == AUTH_STATUS_OK)
        status =
            registry_seal(realm_keyring(it->of->of), it->crypto, &place, document, it->sealed, err);
    return status;
}

static auth_status submit(const record *it, auth_error *err)
{
    const ceremony_item *root = ceremony_root(it->of);
    const registry_item_new items[CEREMONY_ITEMS_MAX] = {{.person_index = {NULL, 0}}};
    registry_signature signature = {.signer_serial = {root->serial, sizeof root->serial},
                                    .signed_at = it->of->plan->now};
    registry_request_new request = {.id = id_of(it->of),
                                    .kind = REGISTRY_KIND_CEREMONY,
                                    .office = it->office,
                                    .state = REGISTRY_REQUEST_APPROVED,
                                    .payload_hash = {it->payload_hash, sizeof it->payload_hash},
                                    .document = auth_buf_bytes(it->sealed),
                                    .seal_key = CEREMONY_GENERATION,
                                    .created_at = it->of->plan->now,
                                    .expires_at = it->of->plan->now + LIFETIME_S,
                                    .items = items,
                                    .item_count = it->of->count,
                                    .signatures = &signature,
                                    .signature_count = 1,
                                    .event = REGISTRY_LEDGER_EVENT_SUBMITTED};
    registry_submitted submitted;
    AUTH_AUTO(auth_buf) *text = NULL;
    registry_ledger_body body = body_of(it, REGISTRY_LEDGER_EVENT_SUBMITTED, NULL);
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_body_write(&body, text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    request.body = auth_buf_bytes(text);
    status = registry_request_enqueue(it->connection, &request, 1, &submitted, err);
    if (status == AUTH_STATUS_OK)
        status = tell(it, REGISTRY_LEDGER_EVENT_APPROVED, NULL, err);
    return status;
}

static auth_status decide(record *it, registry_queue_batch *batch, size_t index, auth_error *err)
{
    const ceremony_item *item = &it->of->items[index];
    registry_ledger_body body = body_of(it, REGISTRY_LEDGER_EVENT_ISSUED, item);
    auth_bytes serial = {item->serial, sizeof item->serial};
    auth_status status = auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &it->bodies[index], err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_body_write(&body, it->bodies[index], err);
    if (status != AUTH_STATUS_OK)
        return status;
    registry_decision decision = {.item = (int64_t)index,
                                  .serial = serial,
                                  .authority = item->issuer,
                                  .shard = realm_shard(it->of->of, item->issuer, serial),
                                  .office = it->office,
                                  .profile = item->profile,
                                  .key_hash = {item->key_hash, sizeof item->key_hash},
                                  .not_before = auth_cert_not_before(item->cert),
                                  .not_after = auth_cert_not_after(item->cert),
                                  .der = auth_cert_der(item->cert),
                                  .officer_id = item->founder == NULL ? NULL : item->founder->id,
                                  .event = REGISTRY_LEDGER_EVENT_ISSUED,
                                  .body = auth_buf_bytes(it->bodies[index])};
    return registry_queue_decide(batch, &decision, err);
}

/* Refusals are for requests of others; here one is a fault that ends all. */
static auth_status check_granted(const registry_queue_batch *batch, auth_error *err)
{
    for (size_t i = 0; i < batch->decision_count; i++) {
        if (!registry_decision_is_granted(&batch->decisions[i]))
            return auth_error_set(err, AUTH_STATUS_CONFLICT, "registry: item %zu: %s", i,
                                  registry_refusal_text(batch->decisions[i].refusal));
    }
    return AUTH_STATUS_OK;
}

static auth_status obey(record *it, auth_error *err)
{
    AUTH_AUTO(registry_queue_batch) *batch = NULL;
    registry_queue_limits limits = {0};
    auth_status status = registry_queue_batch_new(&batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_claim(it->connection, &limits, batch, err);
    if (status == AUTH_STATUS_OK && batch->document_count != 1)
        status = auth_error_set(err, AUTH_STATUS_CONFLICT,
                                "registry: holds requests already; name an empty database");
    for (size_t i = 0; i < it->of->count && status == AUTH_STATUS_OK; i++)
        status = decide(it, batch, i, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_reserve(it->connection, batch, it->of->plan->now, err);
    if (status == AUTH_STATUS_OK)
        status = check_granted(batch, err);
    if (status == AUTH_STATUS_OK)
        status = registry_queue_complete(it->connection, batch, it->of->plan->now, err);
    return status;
}

/* What the ledger tells besides the certificates. */
static auth_status tell_acts(const record *it, auth_error *err)
{
    auth_status status = tell(it, REGISTRY_LEDGER_EVENT_OPENED, NULL, err);
    for (size_t i = 0; i < it->of->count && status == AUTH_STATUS_OK; i++) {
        const ceremony_item *item = &it->of->items[i];
        if (item->authority != 0)
            status = tell(it, REGISTRY_LEDGER_EVENT_AUTHORITY, item, err);
        else if (item->founder != NULL)
            status = tell(it, REGISTRY_LEDGER_EVENT_APPOINTED, item, err);
    }
    return status == AUTH_STATUS_OK ? tell(it, REGISTRY_LEDGER_EVENT_CEREMONY, NULL, err) : status;
}

static auth_status list_revoked(const record *it, auth_error *err)
{
    const ceremony_item *root = ceremony_root(it->of);
    registry_crl made;
    realm_root_list list = {.realm = it->of->plan->name,
                            .base = realm_base(it->of->of),
                            .root = root->cert,
                            .signer = root->signer,
                            .now = it->of->plan->now};
    return realm_root_list_make(it->connection, &list, &made, err);
}

static auth_status run(record *it, auth_error *err)
{
    auth_status status = add_realm(it, err);
    if (status == AUTH_STATUS_OK)
        status = add_authorities(it, err);
    if (status == AUTH_STATUS_OK)
        status = add_office(it, err);
    for (size_t i = 0; i < it->of->plan->founder_count && status == AUTH_STATUS_OK; i++)
        status = add_officer(it, &it->of->plan->founders[i], err);
    if (status == AUTH_STATUS_OK)
        status = seal_document(it, err);
    if (status == AUTH_STATUS_OK)
        status = submit(it, err);
    if (status == AUTH_STATUS_OK)
        status = obey(it, err);
    if (status == AUTH_STATUS_OK)
        status = list_revoked(it, err);
    return status == AUTH_STATUS_OK ? tell_acts(it, err) : status;
}

auth_status ceremony_record(registry_connection *connection, const ceremony *of, auth_error *err)
{
    record it = {.connection = connection, .of = of};
    auth_status status = registry_crypto_new(&it.crypto, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status == AUTH_STATUS_OK) {
        status = run(&it, err);
        if (status == AUTH_STATUS_OK)
            status = registry_commit(connection, err);
        else
            registry_rollback(connection);
    }
    for (size_t i = 0; i < CEREMONY_ITEMS_MAX; i++)
        auth_buf_free(it.bodies[i]);
    auth_buf_free(it.sealed);
    registry_crypto_free(it.crypto);
    return status;
}
