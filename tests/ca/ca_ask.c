/* SPDX-License-Identifier: Apache-2.0 */
#include "ca_world.h"

#include "harness/data.h"
#include "registry/seal.h"
#include "registry/transaction.h"

#include <auth/csr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REALM "example"
#define DOCUMENT_MAX ((size_t)8 << 20)
#define CERTIFICATE_SIZE 16384
#define DAY 86400

const ca_who ca_counter[] = {CLERK_1, APPROVER_1, NOBODY};
const ca_who ca_clerk[] = {CLERK_1, NOBODY};
const ca_who ca_admins[] = {ADMIN_1, ADMIN_2, NOBODY};

static const char *const offices[] = {"", "centre", "city", "town"};

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static auth_buf *new_buf(size_t max)
{
    auth_error err;
    auth_buf *buf = NULL;
    must(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

auth_signer *ca_world_key(void)
{
    auth_error err;
    auth_signer *signer = NULL;
    must(auth_signer_generate(AUTH_KEY_TYPE_P256, 0, &signer, &err), &err);
    return signer;
}

auth_buf *ca_world_csr(const auth_signer *signer)
{
    auth_error err;
    auth_buf *csr = new_buf(CERTIFICATE_SIZE);
    must(auth_csr_new(signer, BYTES("\x30\x00"), csr, &err), &err);
    return csr;
}

void ca_ask_begin(ca_world *it, auth_request_kind kind, ca_ask *out)
{
    auth_error err;
    memset(out, 0, sizeof *out);
    must(auth_request_id_new((int64_t)it->now * 1000, out->id, &err), &err);
    out->draft = (auth_request_draft){
        .id = out->id,
        .realm = REALM,
        .kind = kind,
        .office = "city",
        .profile = kind == AUTH_REQUEST_KIND_APPOINT     ? "officer"
                   : auth_request_kind_has_profile(kind) ? "citizen-signing"
                                                         : NULL,
        .created = it->now - 60,
        .expires = it->now + DAY / 2,
        .items = out->items,
    };
}

auth_request_item *ca_ask_person(ca_ask *ask, const char *number, auth_bytes csr)
{
    static const uint8_t digest[32] = {1};
    auth_error err;
    auth_request_item *item = &ask->items[ask->draft.item_count++];
    auth_person_rules today = {.type = strlen(number) == 18 ? AUTH_PERSON_TYPE_CITIZEN
                                                            : AUTH_PERSON_TYPE_PASSPORT,
                               .today = {2026, 1, 1}};
    must(auth_person_number_parse(auth_bytes_from_text(number), &today, &item->person, &err), &err);
    item->name = BYTES("\xe5\xbc\xa0\xe4\xb8\x89");
    item->csr = csr;
    if (ask->draft.kind != AUTH_REQUEST_KIND_APPOINT) {
        item->evidence_count = 1;
        item->evidence[0] =
            (auth_request_evidence){AUTH_EVIDENCE_METHOD_ID_CARD_READ, {digest, sizeof digest}};
    }
    return item;
}

auth_request_item *ca_ask_serial(ca_ask *ask, auth_bytes serial)
{
    auth_request_item *item = &ask->items[ask->draft.item_count++];
    item->serial = serial;
    item->has_reason = ask->draft.kind == AUTH_REQUEST_KIND_REVOKE;
    item->reason = item->has_reason ? AUTH_REVOCATION_REASON_KEY_COMPROMISE
                                    : AUTH_REVOCATION_REASON_UNSPECIFIED;
    return item;
}

static void sign_with(const ca_world *it, auth_bytes payload, const auth_signer *signer,
                      auth_bytes certificate, auth_buf **document)
{
    auth_error err;
    AUTH_AUTO(auth_request) *request = NULL;
    AUTH_AUTO(auth_buf) *out = new_buf(DOCUMENT_MAX);
    auth_request_rules rules = {.now = it->now, .realm = REALM};
    auth_request_signing signing = {.signer = signer,
                                    .chain = &certificate,
                                    .chain_len = 1,
                                    .signed_at = it->now};
    if (*document == NULL) {
        must(auth_request_sign(payload, REALM, &signing, out, &err), &err);
    } else {
        must(auth_request_parse(auth_buf_bytes(*document), &rules, &request, &err), &err);
        must(auth_request_add_signature(request, &signing, out, &err), &err);
    }
    auth_buf_free(*document);
    *document = AUTH_TAKE(out);
}

static auth_buf *payload_of(const ca_ask *ask)
{
    auth_error err;
    auth_buf *payload = new_buf(DOCUMENT_MAX);
    must(auth_request_write(&ask->draft, payload, &err), &err);
    return payload;
}

auth_buf *ca_ask_sign(ca_world *it, const ca_ask *ask, const ca_who *signers)
{
    auth_buf *document = NULL;
    AUTH_AUTO(auth_buf) *payload = payload_of(ask);
    for (; *signers != NOBODY; signers++)
        sign_with(it, auth_buf_bytes(payload), it->officers[*signers].signer,
                  auth_buf_bytes(it->officers[*signers].certificate), &document);
    return document;
}

auth_buf *ca_ask_sign_holder(ca_world *it, const ca_ask *ask, const auth_signer *signer,
                             auth_bytes certificate)
{
    auth_buf *document = NULL;
    AUTH_AUTO(auth_buf) *payload = payload_of(ask);
    sign_with(it, auth_buf_bytes(payload), signer, certificate, &document);
    return document;
}

/* What one submission borrows. */
typedef struct submission {
    uint8_t id[16];
    uint8_t hash[32];
    uint8_t (*indexes)[32];
    registry_item_new *items;
    registry_signature signatures[AUTH_JWS_SIGNATURES_MAX];
    uint8_t serials[AUTH_JWS_SIGNATURES_MAX][20];
    auth_buf *sealed;
    auth_buf *body;
} submission;

static int64_t office_number(const char *id)
{
    int64_t i = 1;
    while (i < 3 && strcmp(offices[i], id) != 0)
        i++;
    return i;
}

static void fill_signatures(const ca_world *it, const auth_request *request, submission *of,
                            registry_request_new *out)
{
    auth_error err;
    auth_jws_signature_info info;
    out->signatures = of->signatures;
    (void)it;
    while (auth_jws_signature_at(auth_request_jws(request), out->signature_count, &info)) {
        size_t i = out->signature_count++;
        AUTH_AUTO(auth_cert) *cert = NULL;
        must(auth_cert_parse(info.chain[0], &cert, &err), &err);
        auth_bytes serial = auth_cert_serial(cert);
        memcpy(of->serials[i], serial.data, serial.len);
        of->signatures[i] = (registry_signature){.place = (int64_t)i,
                                                 .signer_serial = {of->serials[i], serial.len},
                                                 .signed_at = info.signed_at};
    }
}

static void fill_items(const ca_world *it, const auth_request *request, submission *of,
                       registry_request_new *out)
{
    auth_error err;
    out->item_count = auth_request_item_count(request);
    of->indexes = calloc(out->item_count, sizeof *of->indexes);
    of->items = calloc(out->item_count, sizeof *of->items);
    if (of->indexes == NULL || of->items == NULL)
        harness_die("no memory");
    out->items = of->items;
    for (size_t i = 0; i < out->item_count; i++) {
        const auth_request_item *item = auth_request_item_at(request, i);
        if (item->serial.len > 0)
            of->items[i].serial = item->serial;
        if (item->person.len == 0)
            continue;
        must(registry_person_index(it->ring, it->crypto, 1, &item->person, of->indexes[i], &err),
             &err);
        of->items[i].person_index = (auth_bytes){of->indexes[i], 32};
    }
}

static void write_entry(const ca_world *it, submission *of, const registry_request_new *request,
                        registry_ledger_event event, auth_buf *out)
{
    auth_error err;
    registry_ledger_body body = {.event = event,
                                 .at = it->now,
                                 .realm = REALM,
                                 .has_request = true,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .has_document = true,
                                 .actor_count = request->signature_count};
    memcpy(body.request, of->id, sizeof of->id);
    memcpy(body.document, of->hash, sizeof of->hash);
    (void)snprintf(body.office, sizeof body.office, "%s", offices[request->office]);
    for (size_t i = 0; i < request->signature_count; i++) {
        body.actors[i].len = request->signatures[i].signer_serial.len;
        memcpy(body.actors[i].octets, of->serials[i], body.actors[i].len);
    }
    must(registry_ledger_body_write(&body, out, &err), &err);
}

static void prepare(const ca_world *it, const auth_request *request, const ca_ask *ask,
                    auth_bytes document, submission *of, registry_request_new *out)
{
    static const char *const paths[] = {"", "/centre/", "/centre/city/", "/centre/town/"};
    auth_error err;
    *out = (registry_request_new){
        .kind = ask->draft.kind,
        .office = office_number(ask->draft.office),
        .state = REGISTRY_REQUEST_APPROVED,
        .payload_hash = {of->hash, sizeof of->hash},
        .id = {of->id, sizeof of->id},
        .seal_key = 1,
        .created_at = ask->draft.created,
        .expires_at = ask->draft.expires,
        .event = REGISTRY_LEDGER_EVENT_SUBMITTED,
    };
    (void)registry_uuid_parse(auth_bytes_from_text(ask->id), of->id);
    auth_request_payload_hash(request, of->hash);
    fill_signatures(it, request, of, out);
    fill_items(it, request, of, out);
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = out->id,
                                 .office_path = paths[out->office],
                                 .generation = 1};
    of->sealed = new_buf(DOCUMENT_MAX);
    must(registry_seal(it->ring, it->crypto, &place, document, of->sealed, &err), &err);
    out->document = auth_buf_bytes(of->sealed);
    of->body = new_buf(4096);
    write_entry(it, of, out, REGISTRY_LEDGER_EVENT_SUBMITTED, of->body);
    out->body = auth_buf_bytes(of->body);
}

/* That it is approved is an entry of its own. */
static void tell_approval(const ca_world *it, submission *of, const registry_request_new *request,
                          registry_connection *ra)
{
    auth_error err;
    AUTH_AUTO(registry_batch) *batch = NULL;
    AUTH_AUTO(auth_buf) *body = new_buf(4096);
    write_entry(it, of, request, REGISTRY_LEDGER_EVENT_APPROVED, body);
    registry_entry entry = {.event = REGISTRY_LEDGER_EVENT_APPROVED,
                            .item = -1,
                            .request_id = request->id,
                            .office = request->office,
                            .body = auth_buf_bytes(body)};
    must(registry_batch_new(ra, 1, &batch, &err), &err);
    must(registry_entry_add(batch, &entry, 1, &err), &err);
    must(registry_batch_run(batch, &err), &err);
}

static void clear_submission(submission *of)
{
    auth_buf_free(of->sealed);
    auth_buf_free(of->body);
    free(of->indexes);
    free(of->items);
}

void ca_world_submit(ca_world *it, const ca_ask *const *asks, auth_buf *const *documents,
                     size_t count)
{
    auth_error err;
    registry_connection *ra = NULL;
    auth_request_rules rules = {.now = it->now, .realm = REALM};
    submission *all = calloc(count, sizeof *all);
    registry_request_new *requests = calloc(count, sizeof *requests);
    registry_submitted *results = calloc(count, sizeof *results);
    auth_request **read = calloc(count, sizeof(auth_request *));
    if (all == NULL || requests == NULL || results == NULL || read == NULL)
        harness_die("no memory");
    for (size_t i = 0; i < count; i++) {
        must(auth_request_parse(auth_buf_bytes(documents[i]), &rules, &read[i], &err), &err);
        prepare(it, read[i], asks[i], auth_buf_bytes(documents[i]), &all[i], &requests[i]);
    }
    must(registry_pool_take(it->base.ra_pool, 10000, &ra, &err), &err);
    must(registry_begin(ra, REGISTRY_READ_COMMITTED, &err), &err);
    must(registry_request_enqueue(ra, requests, count, results, &err), &err);
    for (size_t i = 0; i < count; i++) {
        if (results[i].what == REGISTRY_SUBMISSION_NEW)
            tell_approval(it, &all[i], &requests[i], ra);
    }
    must(registry_commit(ra, &err), &err);
    registry_pool_give(it->base.ra_pool, ra);
    for (size_t i = 0; i < count; i++) {
        clear_submission(&all[i]);
        auth_request_free(read[i]);
    }
    free(all);
    free(requests);
    free(results);
    free(read);
}

void ca_world_ask(ca_world *it, const ca_ask *ask, const ca_who *signers)
{
    AUTH_AUTO(auth_buf) *document = ca_ask_sign(it, ask, signers);
    ca_world_submit(it, &ask, &document, 1);
}
