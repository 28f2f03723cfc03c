/* SPDX-License-Identifier: Apache-2.0 */
#include "counter.h"

#include "registry/batch.h"
#include "registry/seal.h"
#include "registry/transaction.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DOCUMENT_MAX ((size_t)8 << 20)
#define BODY_MAX 4096
#define CENTRE 1
#define CENTRE_PATH "/centre/"
#define TAKE_MS 10000
#define PATIENCE_US INT64_C(120000000)
#define LOOK_EVERY_NS 2000000

/* Who signs what, by the ready policy; COUNTER_OFFICERS: nobody more. */
static void signers_of(auth_request_kind kind, counter_who out[2])
{
    out[0] = COUNTER_CLERK;
    out[1] = COUNTER_OFFICERS;
    if (kind == AUTH_REQUEST_KIND_APPOINT) {
        out[0] = COUNTER_ADMIN_1;
        out[1] = COUNTER_ADMIN_2;
    } else if (kind == AUTH_REQUEST_KIND_ENROL || kind == AUTH_REQUEST_KIND_RESUME) {
        out[1] = COUNTER_APPROVER;
    }
}

/* A document on its way into the registry. */
typedef struct submission {
    auth_request *request;
    auth_buf *sealed;
    uint8_t hash[AUTH_REQUEST_HASH_SIZE];
    uint8_t (*indexes)[REGISTRY_HASH_SIZE];
    registry_item_new *items;
    registry_signature signatures[2];
    uint8_t serials[2][AUTH_SERIAL_MAX];
    registry_request_new row;
} submission;

static auth_buf *sign(const counter *it, const counter_request *request, const counter_who who[2])
{
    auth_error err;
    AUTH_AUTO(auth_buf) *payload = counter_buf(DOCUMENT_MAX);
    auth_buf *document = NULL;
    auth_request_rules rules = {.now = request->draft.created, .realm = request->draft.realm};
    counter_must(auth_request_write(&request->draft, payload, &err), &err);
    for (size_t i = 0; i < 2 && who[i] != COUNTER_OFFICERS; i++) {
        const counter_officer *officer = &it->people[who[i]];
        auth_bytes chain = auth_buf_bytes(officer->certificate);
        auth_request_signing signing = {.signer = officer->signer,
                                        .chain = &chain,
                                        .chain_len = 1,
                                        .signed_at = request->draft.created};
        AUTH_AUTO(auth_request) *signed_once = NULL;
        auth_buf *out = counter_buf(DOCUMENT_MAX);
        if (document == NULL) {
            counter_must(auth_request_sign(auth_buf_bytes(payload), request->draft.realm, &signing,
                                           out, &err),
                         &err);
        } else {
            counter_must(auth_request_parse(auth_buf_bytes(document), &rules, &signed_once, &err),
                         &err);
            counter_must(auth_request_add_signature(signed_once, &signing, out, &err), &err);
        }
        auth_buf_free(document);
        document = out;
    }
    return document;
}

static void fill_items(const counter *it, submission *of)
{
    auth_error err;
    size_t count = auth_request_item_count(of->request);
    of->indexes = calloc(count, sizeof *of->indexes);
    of->items = calloc(count, sizeof *of->items);
    if (of->indexes == NULL || of->items == NULL)
        counter_die("out of memory");
    for (size_t i = 0; i < count; i++) {
        const auth_request_item *item = auth_request_item_at(of->request, i);
        of->items[i].serial = item->serial;
        if (item->person.len == 0)
            continue;
        counter_must(registry_person_index(realm_keyring(it->realm), it->crypto, 1, &item->person,
                                           of->indexes[i], &err),
                     &err);
        of->items[i].person_index = (auth_bytes){of->indexes[i], sizeof of->indexes[i]};
    }
    of->row.items = of->items;
    of->row.item_count = count;
}

static void fill_signatures(const counter_who who[2], submission *of)
{
    auth_error err;
    auth_jws_signature_info info;
    for (size_t i = 0; i < 2 && auth_jws_signature_at(auth_request_jws(of->request), i, &info);
         i++) {
        of->row.signature_count = i + 1;
        AUTH_AUTO(auth_cert) *cert = NULL;
        counter_must(auth_cert_parse(info.chain[0], &cert, &err), &err);
        auth_bytes serial = auth_cert_serial(cert);
        memcpy(of->serials[i], serial.data, serial.len);
        of->signatures[i] = (registry_signature){.place = (int64_t)i,
                                                 .signer_serial = {of->serials[i], serial.len},
                                                 .officer_id = counter_officer_id(who[i]),
                                                 .signed_at = info.signed_at};
    }
    of->row.signatures = of->signatures;
}

static auth_buf *body_of(const counter *it, const submission *of, registry_ledger_event event)
{
    auth_error err;
    registry_ledger_body body = {.event = event,
                                 .at = of->row.created_at,
                                 .has_request = true,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .has_document = true,
                                 .actor_count = of->row.signature_count};
    (void)snprintf(body.realm, sizeof body.realm, "%s", realm_name(it->realm));
    (void)snprintf(body.office, sizeof body.office, "%s", "centre");
    memcpy(body.request, of->row.id.data, of->row.id.len);
    memcpy(body.document, of->hash, sizeof of->hash);
    for (size_t i = 0; i < of->row.signature_count; i++) {
        body.actors[i].len = of->signatures[i].signer_serial.len;
        memcpy(body.actors[i].octets, of->serials[i], body.actors[i].len);
    }
    auth_buf *out = counter_buf(BODY_MAX);
    counter_must(registry_ledger_body_write(&body, out, &err), &err);
    return out;
}

static void seal(const counter *it, auth_bytes document, submission *of)
{
    auth_error err;
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = of->row.id,
                                 .office_path = CENTRE_PATH,
                                 .generation = 1};
    of->sealed = counter_buf(DOCUMENT_MAX);
    counter_must(registry_seal(realm_keyring(it->realm), it->crypto, &place, document, of->sealed,
                               &err),
                 &err);
    of->row.document = auth_buf_bytes(of->sealed);
}

/* Both entries of the ledger and the request, in one transaction. */
static void store(counter *it, submission *of)
{
    auth_error err;
    registry_connection *ra = NULL;
    registry_submitted result;
    AUTH_AUTO(registry_batch) *batch = NULL;
    AUTH_AUTO(auth_buf) *submitted = body_of(it, of, REGISTRY_LEDGER_EVENT_SUBMITTED);
    AUTH_AUTO(auth_buf) *approved = body_of(it, of, REGISTRY_LEDGER_EVENT_APPROVED);
    of->row.event = REGISTRY_LEDGER_EVENT_SUBMITTED;
    of->row.body = auth_buf_bytes(submitted);
    registry_entry entry = {.event = REGISTRY_LEDGER_EVENT_APPROVED,
                            .item = -1,
                            .request_id = of->row.id,
                            .office = CENTRE,
                            .body = auth_buf_bytes(approved)};
    counter_must(registry_pool_take(it->pool, TAKE_MS, &ra, &err), &err);
    counter_must(registry_begin(ra, REGISTRY_READ_COMMITTED, &err), &err);
    counter_must(registry_request_enqueue(ra, &of->row, 1, &result, &err), &err);
    counter_must(registry_batch_new(ra, 1, &batch, &err), &err);
    counter_must(registry_entry_add(batch, &entry, 1, &err), &err);
    counter_must(registry_batch_run(batch, &err), &err);
    counter_must(registry_commit(ra, &err), &err);
    registry_pool_give(it->pool, ra);
}

void counter_submit(counter *it, counter_request *request)
{
    auth_error err;
    counter_who who[2];
    submission made = {.sealed = NULL};
    auth_request_rules rules = {.now = request->draft.created, .realm = request->draft.realm};
    signers_of(request->draft.kind, who);
    AUTH_AUTO(auth_buf) *document = sign(it, request, who);
    counter_must(auth_request_parse(auth_buf_bytes(document), &rules, &made.request, &err), &err);
    auth_request_payload_hash(made.request, made.hash);
    made.row = (registry_request_new){.id = {request->octets, sizeof request->octets},
                                      .kind = request->draft.kind,
                                      .office = CENTRE,
                                      .state = REGISTRY_REQUEST_APPROVED,
                                      .payload_hash = {made.hash, sizeof made.hash},
                                      .seal_key = 1,
                                      .created_at = request->draft.created,
                                      .expires_at = request->draft.expires};
    fill_items(it, &made);
    fill_signatures(who, &made);
    seal(it, auth_buf_bytes(document), &made);
    store(it, &made);
    auth_request_free(made.request);
    auth_buf_free(made.sealed);
    free(made.indexes);
    free(made.items);
}

static bool is_decided(counter *it, auth_bytes id)
{
    auth_error err;
    registry_connection *ra = NULL;
    registry_request found;
    AUTH_AUTO(registry_result) *rows = NULL;
    counter_must(registry_pool_take(it->pool, TAKE_MS, &ra, &err), &err);
    auth_status status = registry_request_find(ra, id, &rows, &err);
    registry_pool_give(it->pool, ra);
    if (status == AUTH_STATUS_UNAVAILABLE)
        return false;
    counter_must(status, &err);
    counter_must(registry_request_read(rows, 0, &found, &err), &err);
    return found.state > REGISTRY_REQUEST_APPROVED;
}

registry_result *counter_wait(counter *it, const counter_request *request, int64_t *at_us)
{
    auth_error err;
    registry_connection *ra = NULL;
    registry_result *items = NULL;
    auth_bytes id = {request->octets, sizeof request->octets};
    int64_t end = counter_now_us() + PATIENCE_US;
    while (!is_decided(it, id)) {
        if (counter_now_us() > end)
            counter_die("request %s is not decided", request->id);
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_NS}, NULL);
    }
    *at_us = counter_now_us();
    counter_must(registry_pool_take(it->pool, TAKE_MS, &ra, &err), &err);
    counter_must(registry_request_items(ra, id, &items, &err), &err);
    registry_pool_give(it->pool, ra);
    return items;
}
