/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every certificate found that passes itself off as the renewal of what a ceremony made, though
 * the authority's own key signed it?
 */
#include "harness/harness.h"
#include "realm/realm_folder.h"
#include "renew_world.h"

#include <auth/csr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_SIZE 8192

/* Items of a ceremony, in its order. */
enum { ROOT, STAFF, CITIZENS, RA, LRA, OCSP_STAFF, OCSP_CITIZENS, ZHANG };

/* What is forged: which name, by whose key, under whose mandate. */
typedef struct forgery {
    const char *what;
    const char *common_name;
    const char *host;
    const char *key;     /* of keys/; NULL: a new one */
    int item;            /* whose mandate is named */
    const char *profile; /* of the row */
    realm_authority issuer;
    const char *before; /* SQL that comes first */
    const char *found;  /* in rows */
    const char *deep;   /* with the document */
} forgery;

#define NAMES_NEITHER "names neither it nor a daemon's or responder's certificate"
#define REVOKE                                                                                     \
    "INSERT INTO revocation (serial, step, authority_id, shard, action, reason, at, not_after,"    \
    " request_id, item) SELECT c.serial, 1, c.authority_id, c.shard, 1, 1, c.not_before,"          \
    " c.not_after, c.request_id, c.item FROM certificate c WHERE profile = 'daemon-server'"

static const forgery forgeries[] = {
    {"as it should be", "ra", "localhost", "ra", RA, "daemon-server", REALM_AUTHORITY_STAFF, NULL,
     "", ""},
    {"another key", "ra", "localhost", NULL, RA, "daemon-server", REALM_AUTHORITY_STAFF, NULL,
     "office, profile or key is another", NAMES_NEITHER},
    {"another subject", "rb", "localhost", "ra", RA, "daemon-server", REALM_AUTHORITY_STAFF, NULL,
     "its subject is another", ""},
    {"another host", "ra", "evil.example", "ra", RA, "daemon-server", REALM_AUTHORITY_STAFF, NULL,
     "its subjectAltName is another", ""},
    {"the key of another daemon", "ra", "localhost", "lra", RA, "daemon-server",
     REALM_AUTHORITY_STAFF, NULL, "office, profile or key is another", NAMES_NEITHER},
    {"another profile in the row", "ra", "localhost", "ra", RA, "daemon-client",
     REALM_AUTHORITY_STAFF, NULL, "office, profile or key is another", NAMES_NEITHER},
    {"another authority", "ra", "localhost", "ra", RA, "daemon-server", REALM_AUTHORITY_CITIZENS,
     NULL, "office, profile or key is another", NAMES_NEITHER},
    {"an officer's mandate", "ra", "localhost", "ra", ZHANG, "daemon-server", REALM_AUTHORITY_STAFF,
     NULL, "of an authority or a person", NAMES_NEITHER},
    {"an authority's mandate", "ra", "localhost", "ra", STAFF, "daemon-server",
     REALM_AUTHORITY_STAFF, NULL, "of an authority or a person", NAMES_NEITHER},
    {"a mandate that was revoked", "ra", "localhost", "ra", RA, "daemon-server",
     REALM_AUTHORITY_STAFF, REVOKE, "it renews what was revoked or suspended before", ""},
    {"a key that was blocked", "ra", "localhost", "ra", RA, "daemon-server", REALM_AUTHORITY_STAFF,
     "INSERT INTO blocked_key (key_hash, reason) SELECT key_hash, 'lost' FROM certificate"
     " WHERE profile = 'daemon-server'",
     "whose key was blocked before", ""},
};

static auth_signer *key_of(const char *name)
{
    auth_error err;
    auth_signer *signer = NULL;
    if (name == NULL) {
        assert_ok(auth_signer_generate(AUTH_KEY_TYPE_P256, 0, &signer, &err), &err);
        return signer;
    }
    realm_folder_become_owner();
    auth_status status =
        realm_key_open(realm_folder(), REALM_KEYS_FOLDER, name, NULL, NULL, &signer, &err);
    realm_folder_become_maker();
    assert_ok(status, &err);
    return signer;
}

/* Has the authority's own key sign what it should not. */
static void sign(renew_world *it, const forgery *of, uint8_t serial[AUTH_SERIAL_SIZE],
                 auth_buf *out)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = key_of(of->key);
    AUTH_AUTO(auth_buf) *csr = NULL;
    auth_issue_value subject[] = {{"O", auth_bytes_from_text(realm_name(it->of))},
                                  {"CN", auth_bytes_from_text(of->common_name)}};
    auth_issue_name names[] = {{AUTH_ISSUE_NAME_DNS, auth_bytes_from_text(of->host)},
                               {AUTH_ISSUE_NAME_IP, {loopback, sizeof loopback}}};
    assert_ok(auth_issue_serial(realm_epoch(it->now + 61 * DAY), serial, &err), &err);
    assert_ok(auth_buf_new(AUTH_CSR_MAX, &csr, &err), &err);
    assert_ok(auth_csr_new(signer, BYTES("\x30\x00"), csr, &err), &err);
    auth_issue_request request = {.csr = auth_buf_bytes(csr),
                                  .subject = subject,
                                  .subject_count = 2,
                                  .names = names,
                                  .name_count = 2,
                                  .serial = {serial, AUTH_SERIAL_SIZE},
                                  .not_before = it->now + 61 * DAY,
                                  .now = it->now + 61 * DAY};
    assert_ok(auth_issue(it->profiles[0], realm_authority_issuer(it->of, of->issuer),
                         realm_authority_signer(it->of, of->issuer), &request, out, &err),
              &err);
}

static const char *hex(auth_bytes octets)
{
    static char texts[4][HEX_SIZE];
    static unsigned next;
    char *text = texts[next++ % 4];
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", octets.data[i]);
    return text;
}

/* Row and entry of the ledger, as auth-ca would have written them; the rules are off. */
static void store(renew_world *it, const forgery *of, auth_bytes serial, auth_bytes der)
{
    static char sql[4 * HEX_SIZE];
    auth_error err;
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    assert_ok(auth_cert_parse(der, &cert, &err), &err);
    assert_ok(auth_cert_public_key(cert, &key, &err), &err);
    auth_public_key_hash(key, hash);
    (void)snprintf(
        sql, sizeof sql,
        "WITH m AS (SELECT request_id, item FROM outcome WHERE item = %d),"
        " n AS (INSERT INTO certificate (serial, authority_id, shard, item, request_id, office_no,"
        " profile, key_hash, not_before, not_after, issued_at, der) SELECT '\\x%s', %d, 0, item,"
        " request_id, 1, '%s', '\\x%s', to_timestamp(%lld), to_timestamp(%lld), to_timestamp(%lld),"
        " '\\x%s' FROM m RETURNING *),"
        " k AS (INSERT INTO key_holder (key_hash) SELECT key_hash FROM n ON CONFLICT DO NOTHING)"
        " INSERT INTO ledger_entry (event, item, request_id, serial, office_no, body) SELECT 32,"
        " item, request_id, serial, 1, convert_to('{\"event\":\"issued\",\"certificate\":\"' ||"
        " encode(sha256(der), 'hex') || '\",\"detail\":\"renewal\"}', 'UTF8') FROM n",
        of->item, hex(serial), (int)of->issuer, of->profile, hex((auth_bytes){hash, sizeof hash}),
        (long long)auth_cert_not_before(cert), (long long)auth_cert_not_after(cert),
        (long long)auth_cert_not_before(cert), hex(der));
    renew_world_rules(it, false);
    if (of->before != NULL)
        renew_world_sql(it, of->before);
    renew_world_sql(it, sql);
    renew_world_rules(it, true);
}

static void expect(const char *report, const char *text)
{
    ck_assert_msg(strstr(report, text) != NULL, "'%s' is not in: %s", text, report);
}

START_TEST(a_forged_renewal_is_found)
{
    auth_error err;
    uint8_t serial[AUTH_SERIAL_SIZE];
    const forgery *of = &forgeries[_i];
    renew_world *it = renew_world_new();
    AUTH_AUTO(auth_buf) *der = NULL;
    assert_ok(auth_buf_new(AUTH_CERT_MAX, &der, &err), &err);
    sign(it, of, serial, der);
    store(it, of, (auth_bytes){serial, sizeof serial}, auth_buf_bytes(der));
    const char *report = renew_world_examine(it);
    expect(report, of->found);
    expect(report, of->deep);
    /* The first row is no forgery, and shows that the others differ in one thing alone. */
    if (of->found[0] == '\0')
        ck_assert_msg(strstr(report, "certificate: ") == NULL, "%s", report);
    renew_world_free(it);
}
END_TEST

SUITE_AFTER(realm_folder_make, "ca_renew_forged",
            TEST_EACH(a_forged_renewal_is_found, sizeof forgeries / sizeof forgeries[0]))
