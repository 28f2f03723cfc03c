/* SPDX-License-Identifier: Apache-2.0 */
#include "registry_world.h"

#include "registry/transaction.h"

#include <auth/cert.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SERIAL_SIZE 18
#define HEX_SIZE (2 * RAW_CERT_MAX + 1)
#define SQL_SIZE (HEX_SIZE + 2048)

/* Requests are numbered: 1 to 5 enrol, then the acts and the ends that are no certificate. */
enum { REVOKE = 6, SUSPEND, SUSPEND_TO_RESUME, RESUME, REJECTED, REFUSED, EXPIRED, SUBMITTED };

void registry_world_sql(registry_world *world, const char *format, ...)
{
    static char sql[SQL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    ck_assert_int_lt(len, SQL_SIZE);
    cluster_sql(world->ledger->superuser, sql);
}

static void to_hex(auth_bytes octets, char *out)
{
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", octets.data[i]);
}

/* The identities of requests and citizens, and a signer whose certificate nobody asks for. */

static void uuid_of(unsigned number, uint8_t out[16])
{
    memset(out, 0, 16);
    out[0] = 0x01;
    out[15] = (uint8_t)number;
}

static const char *id_of(unsigned number)
{
    static char texts[4][REGISTRY_UUID_TEXT_SIZE];
    static unsigned next;
    uint8_t uuid[16];
    char *text = texts[next++ % 4];
    uuid_of(number, uuid);
    registry_uuid_format(uuid, text);
    return text;
}

static const registry_ledger_serial officer = {17, {1, 2, 3}};

/* An entry about a request, written by the authority. */
static registry_ledger_body body_of(const registry_world *world, registry_ledger_event event,
                                    unsigned request)
{
    registry_ledger_body body = {.event = event,
                                 .at = world->ledger->now++,
                                 .realm = "test",
                                 .has_request = request != 0,
                                 .item = REGISTRY_LEDGER_NO_ITEM,
                                 .office = "centre",
                                 .actor_count = 1,
                                 .actors = {officer}};
    uuid_of(request, body.request);
    return body;
}

static void tell(registry_world *world, const registry_ledger_body *body)
{
    auth_error err;
    registry_connection *ca = world->ledger->ca;
    assert_ok(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
    assert_ok(registry_ledger_append(ca, body, 1, &err), &err);
    assert_ok(registry_commit(ca, &err), &err);
}

static void tell_event(registry_world *world, registry_ledger_event event, unsigned request)
{
    registry_ledger_body body = body_of(world, event, request);
    tell(world, &body);
}

static void tell_item(registry_world *world, registry_ledger_event event, unsigned request,
                      auth_bytes serial, const char *detail)
{
    registry_ledger_body body = body_of(world, event, request);
    body.item = 0;
    body.serial.len = serial.len;
    if (serial.len > 0)
        memcpy(body.serial.octets, serial.data, serial.len);
    (void)snprintf(body.detail, sizeof body.detail, "%s", detail);
    tell(world, &body);
}

/* A request of one item, submitted and, if told so, approved. serial: "" for none. */
static void submit(registry_world *world, unsigned number, int kind, const char *serial,
                   bool is_approved)
{
    registry_ledger_body body = body_of(world, REGISTRY_LEDGER_EVENT_SUBMITTED, number);
    registry_world_sql(
        world,
        "INSERT INTO request (request_id, kind, office_no, item_count, payload_hash, document,"
        " seal_key, created_at, expires_at) VALUES ('%s', %d, 1, 1, sha256('%u'),"
        " decode(repeat('00', 64), 'hex'), 1, now() - interval '1 hour', now() + interval '1 day');"
        "INSERT INTO request_item (request_id, item, serial) VALUES ('%s', 0, %s%s%s);"
        "INSERT INTO signature (request_id, place, signer_serial, officer_id, signed_at)"
        " VALUES ('%s', 0, '\\x0102030000000000000000000000000000', NULL, now())",
        id_of(number), kind, number, id_of(number), serial[0] == '\0' ? "NULL" : "decode('", serial,
        serial[0] == '\0' ? "" : "', 'hex')", id_of(number));
    body.has_document = true;
    char text[8];
    (void)snprintf(text, sizeof text, "%u", number);
    auth_error err;
    auth_bytes payload = auth_bytes_from_text(text);
    assert_ok(registry_sha256(world->ledger->crypto, &payload, 1, body.document, &err), &err);
    tell(world, &body);
    if (!is_approved)
        return;
    registry_world_sql(world, "UPDATE request SET state = 2 WHERE request_id = '%s'",
                       id_of(number));
    tell_event(world, REGISTRY_LEDGER_EVENT_APPROVED, number);
}

static void decide(registry_world *world, unsigned number, int state)
{
    registry_world_sql(world,
                       "UPDATE request SET state = %d, decided_at = now() WHERE request_id = '%s'",
                       state, id_of(number));
}

static raw_bytes make_certificate(const auth_signer *holder, auth_bytes serial)
{
    chain_cert plan = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    plan.serial = serial;
    plan.spki = auth_public_key_spki(auth_signer_public_key(holder));
    plan.not_before = (auth_time)time(NULL) - CHAIN_DAY;
    plan.not_after = plan.not_before + (auth_time)1000 * CHAIN_DAY;
    return chain_sign(&plan, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
}

static void store_certificate(registry_world *world, unsigned number, const raw_bytes *der,
                              const auth_signer *holder, const char *serial)
{
    static char hex[HEX_SIZE];
    char key[2 * AUTH_KEY_HASH_SIZE + 1];
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    auth_public_key_hash(auth_signer_public_key(holder), hash);
    to_hex((auth_bytes){hash, sizeof hash}, key);
    to_hex(RAW(*der), hex);
    registry_world_sql(
        world,
        "INSERT INTO citizen (citizen_id, office_no, person_index, sealed_number, sealed_name,"
        " seal_key, created_at) VALUES ('%s', 1, sha256('p%u'), decode(repeat('00', 64), 'hex'),"
        " decode(repeat('00', 64), 'hex'), 1, now());"
        "INSERT INTO key_holder (key_hash, citizen_id) VALUES ('\\x%s', '%s');"
        "INSERT INTO outcome (request_id, item, status, serial, at)"
        " VALUES ('%s', 0, 0, '\\x%s', now())",
        id_of(number), number, key, id_of(number), id_of(number), serial);
    auth_cert *cert = NULL;
    auth_error err;
    assert_ok(auth_cert_parse(RAW(*der), &cert, &err), &err);
    auth_time before = auth_cert_not_before(cert);
    registry_world_sql(
        world,
        "INSERT INTO certificate (serial, authority_id, shard, item, request_id, citizen_id,"
        " office_no, profile, key_hash, not_before, not_after, issued_at, der) VALUES ('\\x%s', 1,"
        " 0, 0, '%s', '%s', 1, 'citizen-login', '\\x%s', to_timestamp(%lld), to_timestamp(%lld),"
        " now(), '\\x%s');"
        "INSERT INTO live_certificate (citizen_id, purpose, serial, not_after)"
        " VALUES ('%s', 'citizen-login', '\\x%s', to_timestamp(%lld))",
        serial, id_of(number), id_of(number), key, (long long)before,
        (long long)auth_cert_not_after(cert), hex, id_of(number), serial,
        (long long)auth_cert_not_after(cert));
    auth_cert_free(cert);
}

static void enrol(registry_world *world, unsigned number)
{
    auth_error err;
    auth_signer *holder = NULL;
    uint8_t serial[SERIAL_SIZE] = {0};
    unsigned epoch =
        (unsigned)strtoul(cluster_ask(world->ledger->superuser, "SELECT registry.epoch_of(now())"),
                          NULL, 10);
    serial[0] = (uint8_t)(epoch >> 8);
    serial[1] = (uint8_t)epoch;
    serial[SERIAL_SIZE - 1] = (uint8_t)number;
    char *hex = world->serials[number - 1];
    to_hex((auth_bytes){serial, sizeof serial}, hex);
    submit(world, number, 1, "", true);
    assert_ok(auth_signer_generate(AUTH_KEY_TYPE_P256, 0, &holder, &err), &err);
    raw_bytes der = make_certificate(holder, (auth_bytes){serial, sizeof serial});
    store_certificate(world, number, &der, holder, hex);
    registry_ledger_body body = body_of(world, REGISTRY_LEDGER_EVENT_ISSUED, number);
    body.item = 0;
    body.serial.len = sizeof serial;
    memcpy(body.serial.octets, serial, sizeof serial);
    body.has_certificate = true;
    auth_bytes octets = RAW(der);
    assert_ok(registry_sha256(world->ledger->crypto, &octets, 1, body.certificate, &err), &err);
    tell(world, &body);
    decide(world, number, 4);
    auth_signer_free(holder);
}

/* kind: of the request, 4 to 6; the action is 3 below it, and the event 28 above. */
static void act(registry_world *world, unsigned number, int kind, unsigned certificate)
{
    uint8_t serial[SERIAL_SIZE];
    const char *hex = world->serials[certificate];
    submit(world, number, kind, hex, true);
    registry_world_sql(
        world,
        "INSERT INTO outcome (request_id, item, status, at) VALUES ('%s', 0, 0, now());"
        "INSERT INTO revocation (serial, authority_id, shard, action, reason, at, not_after,"
        " request_id, item) SELECT serial, authority_id, shard, %d, %d, now(), not_after, '%s', 0"
        " FROM certificate WHERE serial = '\\x%s'",
        id_of(number), kind - 3, kind == 4 ? 1 : 6, id_of(number), hex);
    tell_item(world, (registry_ledger_event)(kind + 29), number,
              harness_hex(hex, serial, sizeof serial), kind == 4 ? "reason 1" : "reason 6");
    decide(world, number, 4);
    if (kind == 4)
        registry_world_sql(world, "DELETE FROM live_certificate WHERE serial = '\\x%s'", hex);
}

static void end_without_certificate(registry_world *world)
{
    submit(world, REJECTED, 1, "", false);
    decide(world, REJECTED, 6);
    tell_event(world, REGISTRY_LEDGER_EVENT_REJECTED, REJECTED);
    submit(world, EXPIRED, 1, "", false);
    decide(world, EXPIRED, 7);
    tell_event(world, REGISTRY_LEDGER_EVENT_EXPIRED, EXPIRED);
    submit(world, SUBMITTED, 1, "", false);
    submit(world, REFUSED, 1, "", true);
    registry_world_sql(world,
                       "INSERT INTO outcome (request_id, item, status, at)"
                       " VALUES ('%s', 0, 6, now())",
                       id_of(REFUSED));
    tell_item(world, REGISTRY_LEDGER_EVENT_REFUSED, REFUSED, (auth_bytes){NULL, 0}, "");
    decide(world, REFUSED, 5);
}

static void store_crl(registry_world *world, unsigned number, auth_time at)
{
    static char hex[HEX_SIZE];
    auth_error err;
    auth_crl_builder *builder = NULL;
    auth_buf *der = NULL;
    uint8_t id[AUTH_KEY_ID_SIZE];
    uint8_t octet = (uint8_t)number;
    uint8_t serials[2][SERIAL_SIZE];
    chain_cert ca = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_CA);
    const auth_signer *signer = chain_signer(AUTH_KEY_TYPE_P256, CHAIN_CA);
    auth_public_key_id(auth_signer_public_key(signer), id);
    auth_crl_settings settings = {.issuer = RAW(ca.subject),
                                  .key_id = {id, sizeof id},
                                  .this_update = at,
                                  .next_update = at + CHAIN_DAY,
                                  .number = {&octet, 1}};
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    for (unsigned i = 0; i < 2; i++) {
        auth_crl_entry entry = {.serial = harness_hex(world->serials[i], serials[i], SERIAL_SIZE),
                                .revoked = at,
                                .reason = i == 0 ? AUTH_REVOCATION_REASON_KEY_COMPROMISE
                                                 : AUTH_REVOCATION_REASON_CERTIFICATE_HOLD};
        assert_ok(auth_crl_builder_add(builder, &entry, &err), &err);
    }
    assert_ok(auth_buf_new(AUTH_CRL_MAX, &der, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, signer, der, &err), &err);
    to_hex(auth_buf_bytes(der), hex);
    registry_world_sql(
        world,
        "INSERT INTO crl_scope VALUES (1, 0, %u) ON CONFLICT (authority_id, shard)"
        " DO UPDATE SET last_number = %u; INSERT INTO crl (authority_id, shard, number, revision,"
        " this_update, next_update, entry_count, der) VALUES (1, 0, %u, (SELECT max(revision)"
        " FROM revocation), to_timestamp(%lld), to_timestamp(%lld), 2, '\\x%s')",
        number, number, number, (long long)at, (long long)at + CHAIN_DAY, hex);
    registry_ledger_body body = body_of(world, REGISTRY_LEDGER_EVENT_CRL, 0);
    auth_bytes octets = auth_buf_bytes(der);
    body.has_document = true;
    assert_ok(registry_sha256(world->ledger->crypto, &octets, 1, body.document, &err), &err);
    (void)snprintf(body.detail, sizeof body.detail, "crl 1/0/%u", number);
    tell(world, &body);
    auth_buf_free(der);
    auth_crl_builder_free(builder);
}

registry_world *registry_world_new(void)
{
    registry_world *world = calloc(1, sizeof *world);
    ck_assert_ptr_nonnull(world);
    world->ledger = ledger_world_new();
    registry_world_sql(world,
                       "INSERT INTO seal_key (seal_key, check_value) VALUES (1, sha256('key'));"
                       "INSERT INTO office (office_id, path, region, name, opened_at)"
                       " VALUES ('centre', '/centre/', '000000', 'Centre', now())");
    for (unsigned i = 1; i <= WORLD_CERTIFICATES; i++)
        enrol(world, i);
    ledger_world_advance(world->ledger, 0);
    act(world, REVOKE, 4, 0);
    act(world, SUSPEND, 5, 1);
    act(world, SUSPEND_TO_RESUME, 5, 2);
    act(world, RESUME, 6, 2);
    ledger_world_advance(world->ledger, 0);
    end_without_certificate(world);
    store_crl(world, 1, (auth_time)time(NULL) - 100);
    store_crl(world, 2, (auth_time)time(NULL));
    ledger_world_advance(world->ledger, 0);
    return world;
}

void registry_world_free(registry_world *world)
{
    ledger_world_free(world->ledger);
    free(world);
}

static void keep(void *context, const registry_finding *finding)
{
    ledger_world *world = context;
    if (world->found < WORLD_FINDINGS_MAX)
        (void)snprintf(world->findings[world->found], sizeof world->findings[0], "%s %s: %s",
                       finding->table, finding->row, finding->text);
    world->found++;
}

void registry_world_fsck(registry_world *world)
{
    auth_error err;
    const char *anchor = world->ledger->anchor;
    registry_ledger_examination examination = {.anchors = &anchor, .anchor_count = 1};
    registry_reporter reporter = {.find = keep, .context = world->ledger};
    world->ledger->found = 0;
    assert_ok(registry_fsck(world->ledger->auditor, world->ledger->crypto, &examination, &reporter,
                            &world->summary, &err),
              &err);
}
