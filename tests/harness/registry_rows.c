/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/registry_rows.h"

#include <string.h>

const char *const rows_realm =
    "SET search_path = registry; BEGIN;"
    "SELECT make_partitions(300, 303);"
    "INSERT INTO realm (realm_id) VALUES ('test');"
    "INSERT INTO seal_key (seal_key, check_value) VALUES (1, sha256('key'));"
    "INSERT INTO authority (authority_id, name, certificate, key_hash, not_after)"
    " VALUES (1, 'citizens', sha256('a') || sha256('b'), sha256('a'), '2040-01-01Z');"
    "INSERT INTO office (office_id, parent_no, path, region, name, opened_at)"
    " VALUES ('centre', NULL, '/centre/', '000000', 'Centre', '2025-01-01Z');"
    "INSERT INTO office (office_id, parent_no, path, region, name, opened_at) VALUES"
    " ('guangdong', 1, '/centre/guangdong/', '440000', 'Guangdong', '2025-01-01Z'),"
    " ('beijing', 1, '/centre/beijing/', '110000', 'Beijing', '2025-01-01Z');"
    "INSERT INTO office_login VALUES ('auth_ra', 1), ('auth_lra', 2);"
    "INSERT INTO officer (officer_id, office_no, role, person_index, sealed_name, seal_key,"
    " appointed_at) SELECT 'officer-' || n, 2, 1 + n % 2, sha256(n::text::bytea),"
    " sha256('x') || sha256('y'), 1, '2025-01-01Z' FROM generate_series(1, 4) n;"
    "COMMIT;";

/* Octets that look random and follow from a number and a use (splitmix64). */
static void fill(uint64_t number, uint64_t use, uint8_t *out, size_t len)
{
    uint64_t state = number * 0x9e3779b97f4a7c15U + use * 0xd1b54a32d192ed03U;
    for (size_t i = 0; i < len; i += 8) {
        state += 0x9e3779b97f4a7c15U;
        uint64_t mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        mixed ^= mixed >> 31;
        memcpy(out + i, &mixed, len - i < 8 ? len - i : 8);
    }
}

enum use { PAYLOAD = 1, PERSON, KEY, CITIZEN, SERIAL, DOCUMENT, DER, BODY, SEALED };

void rows_serial(uint64_t number, uint8_t out[18])
{
    out[0] = 0x01;
    out[1] = 0x2c;
    fill(number, SERIAL, out + 2, 16);
}

/* A UUIDv7 whose time is the number in milliseconds after a beginning. */
static void make_id(uint64_t number, uint8_t out[16])
{
    uint64_t ms = (uint64_t)ROWS_NOW * 1000 + number;
    fill(number, CITIZEN, out, 16);
    for (size_t i = 0; i < 6; i++)
        out[i] = (uint8_t)(ms >> (40 - 8 * i));
    out[6] = (uint8_t)(0x70 | (out[6] & 0x0f));
    out[8] = (uint8_t)(0x80 | (out[8] & 0x3f));
}

uint64_t rows_number(auth_bytes id)
{
    uint64_t ms = 0;
    for (size_t i = 0; i < 6 && i < id.len; i++)
        ms = ms << 8 | id.data[i];
    return ms - (uint64_t)ROWS_NOW * 1000;
}

static registry_signature sign(int64_t place, const char *officer)
{
    static const uint8_t serial[2][18] = {{0x01, 0x2c, 1}, {0x01, 0x2c, 2}};
    return (registry_signature){.place = place,
                                .signer_serial = {serial[place], sizeof serial[place]},
                                .officer_id = officer,
                                .signed_at = ROWS_NOW};
}

static void fill_all(rows_request *out, uint64_t number)
{
    make_id(number, out->id);
    rows_serial(number, out->serial);
    fill(number, PAYLOAD, out->payload_hash, sizeof out->payload_hash);
    fill(number, PERSON, out->person_index, sizeof out->person_index);
    fill(number, KEY, out->key_hash, sizeof out->key_hash);
    fill(number, CITIZEN, out->citizen_id, sizeof out->citizen_id);
    fill(number, DOCUMENT, out->document, sizeof out->document);
    fill(number, DER, out->der, sizeof out->der);
    fill(number, BODY, out->body, sizeof out->body);
    fill(number, SEALED, out->sealed, sizeof out->sealed);
}

void rows_make(rows_request *out, uint64_t number)
{
    fill_all(out, number);
    out->item = (registry_item_new){.person_index = {out->person_index, sizeof out->person_index}};
    out->signatures[0] = sign(0, "officer-1");
    out->signatures[1] = sign(1, "officer-2");
    out->request = (registry_request_new){
        .id = {out->id, sizeof out->id},
        .kind = 1,
        .office = ROWS_GUANGDONG,
        .state = REGISTRY_REQUEST_APPROVED,
        .payload_hash = {out->payload_hash, sizeof out->payload_hash},
        .document = {out->document, sizeof out->document},
        .seal_key = 1,
        .created_at = ROWS_NOW,
        .expires_at = ROWS_NOW + 86400,
        .items = &out->item,
        .item_count = 1,
        .signatures = out->signatures,
        .signature_count = 2,
        .event = 1,
        .body = {out->body, sizeof out->body},
    };
}

registry_decision rows_grant(const rows_request *made, size_t document)
{
    registry_decision granted = {
        .document = document,
        .serial = {made->serial, sizeof made->serial},
        .authority = 1,
        .office = ROWS_GUANGDONG,
        .profile = "citizen-signing",
        .key_hash = {made->key_hash, sizeof made->key_hash},
        .not_before = ROWS_NOW,
        .not_after = ROWS_NOW + 3 * 365 * 86400,
        .der = {made->der, sizeof made->der},
        .purpose = "signing",
        .person_index = {made->person_index, sizeof made->person_index},
        .sealed_number = {made->sealed, 60},
        .sealed_name = {made->sealed, sizeof made->sealed},
        .seal_key = 1,
        .event = 33,
        .body = {made->body, sizeof made->body},
    };
    memcpy(granted.citizen_id, made->citizen_id, sizeof granted.citizen_id);
    return granted;
}
