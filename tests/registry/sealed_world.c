/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed_world.h"

#include "harness/person_vectors.h"
#include "harness/realm_office.h"
#include "registry/reseal.h"
#include "registry/seal.h"
#include "registry/seal_number.h"

#include <auth/cert.h>
#include <auth/request.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

void sealed_world_sql(sealed_world *world, const char *format, ...)
{
    static char sql[1 << 17];
    va_list arguments;
    va_start(arguments, format);
    ck_assert_int_lt(vsnprintf(sql, sizeof sql, format, arguments), (int)sizeof sql);
    va_end(arguments);
    cluster_sql(world->ledger->superuser, sql);
}

static const char *hex_of(auth_bytes octets, char *out)
{
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", octets.data[i]);
    return out;
}

static const char *seal_hex(sealed_world *world, registry_seal_field field, auth_bytes row,
                            auth_bytes value, char *out)
{
    auth_error err;
    auth_buf *sealed = new_buf(value.len + REGISTRY_SEAL_OVERHEAD);
    registry_seal_place place = {field, row, SEALED_PATH, 1};
    assert_ok(registry_seal(world->first, world->ledger->crypto, &place, value, sealed, &err),
              &err);
    (void)hex_of(auth_buf_bytes(sealed), out);
    auth_buf_free(sealed);
    return out;
}

const char *sealed_world_index(sealed_world *world, const registry_keyring *ring,
                               uint32_t generation, const auth_person_number *number, char out[65])
{
    auth_error err;
    uint8_t index[32];
    assert_ok(registry_person_index(ring, world->ledger->crypto, generation, number, index, &err),
              &err);
    return hex_of((auth_bytes){index, 32}, out);
}

void sealed_world_id(uint8_t kind, size_t number, uint8_t out[16], char text[37])
{
    memset(out, 0, 16);
    out[0] = kind;
    out[15] = (uint8_t)number;
    registry_uuid_format(out, text);
}

static void add_citizen(sealed_world *world, size_t number)
{
    static char sealed[2][1024];
    char id[37];
    char index[65];
    uint8_t uuid[16];
    auth_error err;
    auth_buf *value = new_buf(100);
    sealed_world_id(1, number, uuid, id);
    assert_ok(registry_seal_number_write(&world->numbers[number], value, &err), &err);
    sealed_world_sql(
        world,
        "INSERT INTO citizen (citizen_id, office_no, person_index, sealed_number, sealed_name,"
        " seal_key, created_at) VALUES ('%s', 2, '\\x%s', '\\x%s', '\\x%s', 1, now())",
        id, sealed_world_index(world, world->first, 1, &world->numbers[number], index),
        seal_hex(world, REGISTRY_SEAL_FIELD_CITIZEN_NUMBER, (auth_bytes){uuid, 16},
                 auth_buf_bytes(value), sealed[0]),
        seal_hex(world, REGISTRY_SEAL_FIELD_CITIZEN_NAME, (auth_bytes){uuid, 16},
                 BYTES(SEALED_NAME), sealed[1]));
    auth_buf_free(value);
}

static void add_citizens(sealed_world *world)
{
    person_vectors vectors = person_vectors_load();
    auth_person_rules rules = {.today = {2026, 1, 1}};
    for (size_t i = 0; i < vectors.count && world->citizens < SEALED_CITIZENS_MAX; i++) {
        auth_person_number *number = &world->numbers[world->citizens];
        bool is_new = vectors.rows[i].is_valid &&
                      auth_person_number_parse(vectors.rows[i].number, &rules, number, NULL) ==
                          AUTH_STATUS_OK;
        for (size_t k = 0; is_new && k < world->citizens; k++)
            is_new = !auth_person_number_equal(number, &world->numbers[k]);
        if (is_new)
            add_citizen(world, world->citizens++);
    }
    person_vectors_free(&vectors);
    ck_assert_uint_gt(world->citizens, 20);
}

/* A uuid of version 7, as documents have. */
static void request_id(size_t number, char out[37])
{
    (void)snprintf(out, 37, "019b76da-a800-7123-8456-789abcdef0%02x", (unsigned)number);
}

static void add_request(sealed_world *world, office_realm *realm, size_t number)
{
    static char sealed[1 << 16];
    char id[37];
    char index[65];
    char serial[41];
    auth_error err;
    auth_cert *cert = NULL;
    char hash[65];
    uint8_t uuid[16];
    uint8_t octets[32];
    request_id(number, id);
    ck_assert(registry_uuid_parse(auth_bytes_from_text(id), uuid));
    auth_request_draft draft = office_draft(realm, AUTH_REQUEST_KIND_ENROL);
    draft.id = id;
    world->asked = draft.items[0].person;
    auth_buf *payload = office_payload(&draft);
    static const office_who clerk[] = {OFFICE_CLERK, OFFICE_NOBODY};
    auth_buf *document = office_sign(realm, auth_buf_bytes(payload), clerk);
    auth_request *request = office_parse(auth_buf_bytes(document));
    auth_request_payload_hash(request, octets);
    assert_ok(auth_cert_parse(RAW(realm->people[OFFICE_CLERK].certificate), &cert, &err), &err);
    sealed_world_sql(
        world,
        "INSERT INTO request (request_id, kind, office_no, item_count, payload_hash, document,"
        " seal_key, created_at, expires_at) VALUES ('%s', 1, 2, 1, '\\x%s', '\\x%s', 1,"
        " now(), now() + interval '1 day'); INSERT INTO request_item (request_id, item,"
        " person_index) VALUES ('%s', 0, '\\x%s'); INSERT INTO signature (request_id, place,"
        " signer_serial, officer_id, signed_at) VALUES ('%s', 0, '\\x%s', NULL, now())",
        id, hex_of((auth_bytes){octets, 32}, hash),
        seal_hex(world, REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT, (auth_bytes){uuid, 16},
                 auth_buf_bytes(document), sealed),
        id, sealed_world_index(world, world->first, 1, &world->asked, index), id,
        hex_of(auth_cert_serial(cert), serial));
    auth_cert_free(cert);
    auth_request_free(request);
    auth_buf_free(document);
    auth_buf_free(payload);
}

static void add_requests(sealed_world *world)
{
    office_realm *realm = office_new(AUTH_KEY_TYPE_ED25519);
    /* Serial numbers of this realm have one octet. */
    sealed_world_sql(world, "ALTER DOMAIN serial_number DROP CONSTRAINT serial_number_check");
    for (size_t i = 0; i < SEALED_REQUESTS; i++)
        add_request(world, realm, i);
    office_free(realm);
}

static void add_officer(sealed_world *world)
{
    static char sealed[1024];
    char index[65];
    sealed_world_sql(
        world,
        "INSERT INTO officer (officer_id, office_no, role, person_index, sealed_name, seal_key,"
        " appointed_at) VALUES ('wang', 2, 1, '\\x%s', '\\x%s', 1, now())",
        sealed_world_index(world, world->first, 1, &world->asked, index),
        seal_hex(world, REGISTRY_SEAL_FIELD_OFFICER_NAME, BYTES("wang"), BYTES("Wang Fang"),
                 sealed));
}

static void make_rings(sealed_world *world)
{
    auth_error err;
    registry_crypto *crypto = world->ledger->crypto;
    assert_ok(registry_keyring_new(OFFICE_REALM, &world->first, &err), &err);
    assert_ok(registry_keyring_new(OFFICE_REALM, &world->both, &err), &err);
    for (uint32_t generation = 1; generation <= 2; generation++) {
        auth_buf *text = new_buf(4096);
        assert_ok(registry_master_key_new(crypto, OFFICE_REALM, generation, NULL, text, &err),
                  &err);
        auth_bytes octets = auth_buf_bytes(text);
        if (generation == 1)
            assert_ok(registry_keyring_add(world->first, crypto, octets, NULL, &err), &err);
        assert_ok(registry_keyring_add(world->both, crypto, octets, NULL, &err), &err);
        auth_buf_free(text);
    }
}

sealed_world *sealed_world_new(void)
{
    auth_error err;
    sealed_world *world = calloc(1, sizeof *world);
    ck_assert_ptr_nonnull(world);
    world->ledger = ledger_world_new();
    make_rings(world);
    assert_ok(registry_keyring_adopt(world->ledger->ca, world->first, world->ledger->crypto, &err),
              &err);
    sealed_world_sql(world,
                     "INSERT INTO office (office_id, path, region, name, opened_at)"
                     " VALUES ('centre', '/centre/', '000000', 'Centre', now());"
                     "INSERT INTO office (office_id, parent_no, path, region, name, opened_at)"
                     " VALUES ('city', 1, '/centre/city/', '610100', 'City', now())");
    add_citizens(world);
    add_requests(world);
    add_officer(world);
    return world;
}

void sealed_world_free(sealed_world *world)
{
    registry_keyring_free(world->first);
    registry_keyring_free(world->both);
    ledger_world_free(world->ledger);
    free(world);
}
