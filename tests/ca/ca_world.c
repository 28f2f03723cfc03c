/* SPDX-License-Identifier: Apache-2.0 */
#include "ca_world.h"

#include "golden/realm.h"
#include "registry/ledger.h"
#include "registry/seal.h"
#include "registry/transaction.h"

#include <auth/csr.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REALM "example"
#define CERTIFICATE_SIZE 16384
#define SQL_SIZE (4 * CERTIFICATE_SIZE)

typedef struct officer_row {
    const char *id;
    auth_officer_role role;
    int office;
} officer_row;

static const char *const offices[] = {"", "centre", "city", "town"};

static const officer_row rows[CA_OFFICERS] = {
    [CLERK_1] = {"clerk-1", AUTH_OFFICER_ROLE_CLERK, 2},
    [CLERK_2] = {"clerk-2", AUTH_OFFICER_ROLE_CLERK, 2},
    [APPROVER_1] = {"approver-1", AUTH_OFFICER_ROLE_APPROVER, 2},
    [APPROVER_2] = {"approver-2", AUTH_OFFICER_ROLE_APPROVER, 2},
    [ADMIN_1] = {"admin-1", AUTH_OFFICER_ROLE_ADMIN, 1},
    [ADMIN_2] = {"admin-2", AUTH_OFFICER_ROLE_ADMIN, 1},
};

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

static const char *hex_of(auth_bytes octets)
{
    static char texts[4][2 * CERTIFICATE_SIZE + 1];
    static unsigned next;
    char *text = texts[next++ % 4];
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", octets.data[i]);
    text[2 * octets.len] = '\0';
    return text;
}

static void sql(const ca_world *it, const char *format, ...) AUTH_PRINTF(2, 3);

static void sql(const ca_world *it, const char *format, ...)
{
    static char text[SQL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) >= SQL_SIZE)
        harness_die("this SQL is too long");
    va_end(arguments);
    it->base.sql(text);
}

static uint16_t epoch_of(auth_time now)
{
    auth_date day = auth_date_from_time(now, 0);
    return (uint16_t)(0x0100 + (day.year - 1970) * 4 + (day.month - 1) / 3);
}

/* Issues by a ready profile, without a registry. */
static auth_buf *issue(const ca_world *it, const char *profile_name, const auth_issuer *issuer,
                       const auth_signer *signer, const auth_signer *holder,
                       const auth_issue_value *subject, size_t subject_count)
{
    auth_error err;
    uint8_t serial[AUTH_SERIAL_SIZE];
    AUTH_AUTO(auth_profile) *profile = realm_profile(profile_name);
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(holder);
    auth_buf *out = new_buf(CERTIFICATE_SIZE);
    must(auth_issue_serial(epoch_of(it->now), serial, &err), &err);
    auth_issue_request request = {.csr = auth_buf_bytes(csr),
                                  .subject = subject,
                                  .subject_count = subject_count,
                                  .serial = {serial, sizeof serial},
                                  .not_before = it->now - 200,
                                  .now = it->now};
    must(auth_issue(profile, issuer, signer, &request, out, &err), &err);
    return out;
}

static void make_authorities(ca_world *it)
{
    static const char *const names[] = {"Root", "Staff", "Citizens"};
    auth_error err;
    for (size_t i = 0; i < 3; i++) {
        auth_issue_value subject[] = {{"O", BYTES("Example")},
                                      {"CN", auth_bytes_from_text(names[i])}};
        it->signers[i] = ca_world_key();
        if (i == 0)
            must(auth_issuer_new_self(auth_signer_public_key(it->signers[0]),
                                      auth_signer_algorithm(it->signers[0]), &it->issuers[0], &err),
                 &err);
        it->certificates[i] = issue(it, i == 0 ? "root" : "issuing", it->issuers[0], it->signers[0],
                                    it->signers[i], subject, 2);
        auth_issuer_free(it->issuers[i]);
        must(auth_issuer_new(auth_buf_bytes(it->certificates[i]),
                             auth_signer_algorithm(it->signers[i]), &it->issuers[i], &err),
             &err);
    }
    it->authorities[0] = (ca_authority){.name = CA_STAFF, .id = 2, .shards = 1};
    it->authorities[1] = (ca_authority){.name = CA_CITIZENS, .id = 3, .shards = 2};
    for (size_t i = 0; i < 2; i++) {
        it->authorities[i].certificate = auth_buf_bytes(it->certificates[i + 1]);
        it->authorities[i].signer = it->signers[i + 1];
    }
}

static void store_authorities(const ca_world *it)
{
    static const char *const names[] = {"root", CA_STAFF, CA_CITIZENS};
    for (size_t i = 0; i < 3; i++) {
        uint8_t hash[AUTH_KEY_HASH_SIZE];
        auth_public_key_hash(auth_signer_public_key(it->signers[i]), hash);
        sql(it,
            "INSERT INTO registry.authority (authority_id, name, certificate, key_hash, not_after)"
            " VALUES (%zu, '%s', '\\x%s', '\\x%s', '2035-01-01Z')",
            i + 1, names[i], hex_of(auth_buf_bytes(it->certificates[i])),
            hex_of((auth_bytes){hash, sizeof hash}));
    }
}

static void store_realm(const ca_world *it)
{
    auth_error err;
    uint8_t check[REGISTRY_HASH_SIZE];
    must(registry_keyring_check_value(it->ring, it->crypto, 1, check, &err), &err);
    sql(it,
        "SET search_path = registry; INSERT INTO realm (realm_id) VALUES ('" REALM "');"
        "INSERT INTO seal_key (seal_key, check_value) VALUES (1, '\\x%s');"
        "INSERT INTO office (office_id, parent_no, path, region, name, opened_at)"
        " VALUES ('centre', NULL, '/centre/', '000000', 'Centre', '2025-01-01Z');"
        "INSERT INTO office (office_id, parent_no, path, region, name, opened_at) VALUES"
        " ('city', 1, '/centre/city/', '440000', 'City', '2025-01-01Z'),"
        " ('town', 1, '/centre/town/', '110000', 'Town', '2025-01-01Z');"
        "INSERT INTO office_login VALUES ('auth_ra', 1)",
        hex_of((auth_bytes){check, sizeof check}));
    store_authorities(it);
}

/* The ledger of a certificate that came to be before there was an authority. */
static void tell(const ca_world *it, const uint8_t id[16], registry_ledger_event event,
                 auth_bytes serial, auth_bytes der, int office)
{
    auth_error err;
    registry_connection *ca = NULL;
    registry_ledger_body body = {.event = event,
                                 .at = it->now,
                                 .realm = REALM,
                                 .has_request = true,
                                 .item = der.len > 0 ? 0 : REGISTRY_LEDGER_NO_ITEM,
                                 .actor_count = 1,
                                 .actors = {{17, {1}}},
                                 .has_document = der.len == 0,
                                 .has_certificate = serial.len > 0};
    memcpy(body.request, id, sizeof body.request);
    (void)snprintf(body.office, sizeof body.office, "%s", offices[office]);
    if (serial.len > 0)
        memcpy(body.serial.octets, serial.data, body.serial.len = serial.len);
    if (serial.len > 0)
        must(registry_sha256(it->crypto, &der, 1, body.certificate, &err), &err);
    else
        must(registry_sha256(it->crypto, &(auth_bytes){id, 16}, 1, body.document, &err), &err);
    must(registry_pool_take(it->base.ca_pool, 10000, &ca, &err), &err);
    must(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
    must(registry_ledger_append(ca, &body, office, &err), &err);
    must(registry_commit(ca, &err), &err);
    registry_pool_give(it->base.ca_pool, ca);
}

static void store_officer(const ca_world *it, size_t who)
{
    auth_error err;
    uint8_t id[16] = {1, (uint8_t)who};
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    char uuid[REGISTRY_UUID_TEXT_SIZE];
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_bytes der = auth_buf_bytes(it->officers[who].certificate);
    int office = rows[who].office;
    must(auth_cert_parse(der, &cert, &err), &err);
    auth_bytes serial = auth_cert_serial(cert);
    registry_uuid_format(id, uuid);
    auth_public_key_hash(auth_signer_public_key(it->officers[who].signer), hash);
    sql(it,
        "SET search_path = registry;"
        "INSERT INTO officer (officer_id, office_no, role, person_index, sealed_name, seal_key,"
        " appointed_at) VALUES ('%s', %d, %d, sha256('%s'), decode(repeat('00', 64), 'hex'), 1,"
        " now());"
        "INSERT INTO request (request_id, kind, office_no, state, item_count, payload_hash,"
        " document, seal_key, created_at, expires_at) VALUES ('%s', 7, %d, 2, 1,"
        " sha256('\\x%s'), decode(repeat('00', 64), 'hex'), 1, now() - interval '1 hour',"
        " now() + interval '1 day');"
        "INSERT INTO request_item (request_id, item) VALUES ('%s', 0);"
        "INSERT INTO signature (request_id, place, signer_serial, officer_id, signed_at)"
        " VALUES ('%s', 0, '\\x0100000000000000000000000000000000', NULL, now());"
        "INSERT INTO outcome (request_id, item, status, serial, at)"
        " VALUES ('%s', 0, 0, '\\x%s', now());"
        "INSERT INTO key_holder (key_hash, officer_id) VALUES ('\\x%s', '%s')",
        rows[who].id, office, (int)rows[who].role, rows[who].id, uuid, office,
        hex_of((auth_bytes){id, sizeof id}), uuid, uuid, uuid, hex_of(serial),
        hex_of((auth_bytes){hash, sizeof hash}), rows[who].id);
    sql(it,
        "SET search_path = registry;"
        "INSERT INTO certificate (serial, authority_id, shard, item, request_id, officer_id,"
        " office_no, profile, key_hash, not_before, not_after, issued_at, der) VALUES"
        " ('\\x%s', 2, 0, 0, '%s', '%s', %d, 'officer', '\\x%s', to_timestamp(%lld),"
        " to_timestamp(%lld), now(), '\\x%s');"
        "UPDATE request SET state = 4, decided_at = now() WHERE request_id = '%s'",
        hex_of(serial), uuid, rows[who].id, office, hex_of((auth_bytes){hash, sizeof hash}),
        (long long)auth_cert_not_before(cert), (long long)auth_cert_not_after(cert), hex_of(der),
        uuid);
    tell(it, id, REGISTRY_LEDGER_EVENT_SUBMITTED, (auth_bytes){NULL, 0}, (auth_bytes){NULL, 0},
         office);
    tell(it, id, REGISTRY_LEDGER_EVENT_APPROVED, (auth_bytes){NULL, 0}, (auth_bytes){NULL, 0},
         office);
    tell(it, id, REGISTRY_LEDGER_EVENT_ISSUED, serial, der, office);
}

static void make_officers(ca_world *it)
{
    for (size_t i = 0; i < CA_OFFICERS; i++) {
        auth_issue_value subject[] = {
            {"O", BYTES(REALM)},
            {"OU", auth_bytes_from_text(offices[rows[i].office])},
            {"title", auth_bytes_from_text(auth_officer_role_name(rows[i].role))},
            {"UID", auth_bytes_from_text(rows[i].id)},
            {"CN", BYTES("Officer")},
        };
        it->officers[i].signer = ca_world_key();
        it->officers[i].certificate = issue(it, "officer", it->issuers[1], it->signers[1],
                                            it->officers[i].signer, subject, 5);
        store_officer(it, i);
    }
}

/* Writes blanks over every member that limits an office. */
static void lift_limits(char *text)
{
    static const char member[] = ", \"certificates_an_hour\": 2000";
    for (char *at = strstr(text, member); at != NULL; at = strstr(at, member))
        memset(at, ' ', sizeof member - 1);
}

/* Writes a number of no more digits over each. */
static void set_limits(char *text, unsigned an_hour)
{
    static const char member[] = "\"certificates_an_hour\": ";
    char number[32];
    for (char *at = strstr(text, member); at != NULL; at = strstr(at, member)) {
        at += sizeof member - 1;
        size_t digits = strspn(at, "0123456789");
        (void)snprintf(number, sizeof number, "%*u", (int)digits, an_hour);
        memcpy(at, number, digits);
    }
}

static auth_policy *make_policy(bool is_unlimited, unsigned an_hour)
{
    auth_error err;
    size_t len = 0;
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    auth_policy *policy = NULL;
    char *text = harness_read_data("../../schemas/policy.json", &len);
    if (is_unlimited)
        lift_limits(text);
    else if (an_hour > 0)
        set_limits(text, an_hour);
    must(auth_policy_parse(auth_bytes_from_text(text), &raw, &err), &err);
    must(auth_policy_validate(raw, &policy, &err), &err);
    free(text);
    return policy;
}

static void make_keyring(ca_world *it)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *text = new_buf(4096);
    must(registry_keyring_new(REALM, &it->ring, &err), &err);
    must(registry_master_key_new(it->crypto, REALM, 1, NULL, text, &err), &err);
    must(registry_keyring_add(it->ring, it->crypto, auth_buf_bytes(text), NULL, &err), &err);
}

static void make_setting(ca_world *it)
{
    static const char *const names[CA_WORLD_PROFILES] = {"citizen-signing",
                                                         "citizen-authentication",
                                                         "citizen-encryption", "officer"};
    for (size_t i = 0; i < CA_WORLD_PROFILES; i++)
        it->profiles[i] = realm_profile(names[i]);
    it->setting = (ca_setting){
        .realm = REALM,
        .policy = it->policy,
        .profiles = (const auth_profile *const *)it->profiles,
        .profile_count = CA_WORLD_PROFILES,
        .root = auth_buf_bytes(it->certificates[0]),
        .authorities = it->authorities,
        .authority_count = 2,
        .base = REALM_BASE,
        .anchor = it->base.anchor,
        .ring = it->ring,
        .binding_key = BYTES("0123456789abcdef0123456789abcdef"),
        .pool = it->base.ca_pool,
        .threads = it->base.threads,
    };
}

ca_world *ca_world_new(const ca_world_base *base)
{
    auth_error err;
    ca_world *it = calloc(1, sizeof *it);
    if (it == NULL)
        harness_die("no memory");
    it->base = *base;
    it->now = (auth_time)time(NULL);
    must(registry_crypto_new(&it->crypto, &err), &err);
    make_keyring(it);
    it->policy = make_policy(base->is_unlimited, base->an_hour);
    make_authorities(it);
    store_realm(it);
    make_officers(it);
    make_setting(it);
    ca_world_start(it);
    return it;
}

void ca_world_start(ca_world *it)
{
    auth_error err;
    ca_journal_options options = {.now = it->now, .id = {1}, .may_create = true};
    ca_journal *journal = NULL;
    must(ca_journal_open(it->base.journal, &options, &journal, NULL, &err), &err);
    it->setting.journal = journal;
    must(ca_worker_new(&it->setting, it->now, 0, &it->worker, &err), &err);
}

void ca_world_stop(ca_world *it)
{
    ca_worker_free(it->worker);
    ca_journal_free(it->setting.journal);
    it->worker = NULL;
    it->setting.journal = NULL;
}

void ca_world_free(ca_world *it)
{
    ca_world_stop(it);
    for (size_t i = 0; i < CA_OFFICERS; i++) {
        auth_signer_free(it->officers[i].signer);
        auth_buf_free(it->officers[i].certificate);
    }
    for (size_t i = 0; i < 3; i++) {
        auth_signer_free(it->signers[i]);
        auth_buf_free(it->certificates[i]);
        auth_issuer_free(it->issuers[i]);
    }
    for (size_t i = 0; i < CA_WORLD_PROFILES; i++)
        auth_profile_free(it->profiles[i]);
    auth_policy_free(it->policy);
    registry_keyring_free(it->ring);
    registry_crypto_free(it->crypto);
    free(it);
}
