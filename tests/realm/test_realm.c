/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a ceremony make a realm that is whole, on record and opens; does one that fails leave
 * nothing; and is a realm whose files do not belong together refused by name?
 */
#include "harness/harness.h"
#include "realm_folder.h"
#include "registry/certificate.h"
#include "registry/fsck.h"
#include "registry/fsck_document.h"
#include "registry/realm.h"
#include "registry/request.h"
#include "registry/seal.h"

#include <auth/jws.h>
#include <auth/validate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ALL_PARTS                                                                                  \
    (REALM_AUTHORITIES | REALM_PROFILES | REALM_POLICY | REALM_MASTER_KEY | REALM_SIGNERS)
/* Root, staff and citizens, two servers, two responders, two admins. */
#define CERTIFICATES 9

static realm *open_whole(void)
{
    auth_error err;
    realm *of = NULL;
    realm_folder_become_owner();
    assert_ok(realm_open(realm_folder(), &(realm_opening){.parts = ALL_PARTS}, &of, &err), &err);
    realm_folder_become_maker();
    return of;
}

START_TEST(a_realm_opens_whole)
{
    auth_error err;
    AUTH_AUTO(realm) *of = open_whole();
    const auth_profile *profile = NULL;
    ck_assert_str_eq(realm_name(of), "shaanxi");
    ck_assert_str_eq(realm_base(of), "http://pki.example:8080");
    ck_assert_str_eq(auth_policy_realm(realm_policy(of)), "shaanxi");
    ck_assert_uint_eq(registry_keyring_newest(realm_keyring(of)), 1);
    assert_ok(realm_profile_find(of, "citizen-signing", &profile, &err), &err);
    assert_fails(realm_profile_find(of, "nothing", &profile, &err), AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_ptr_nonnull(realm_authority_cert(of, REALM_AUTHORITY_ROOT));
    ck_assert_ptr_null(realm_authority_signer(of, REALM_AUTHORITY_ROOT));
    ck_assert_ptr_nonnull(realm_authority_issuer(of, REALM_AUTHORITY_STAFF));
    ck_assert_ptr_nonnull(realm_authority_signer(of, REALM_AUTHORITY_CITIZENS));
}
END_TEST

START_TEST(what_is_not_asked_for_is_not_read)
{
    auth_error err;
    AUTH_AUTO(realm) *of = NULL;
    assert_ok(realm_open(realm_folder(), &(realm_opening){.parts = 0}, &of, &err), &err);
    ck_assert_ptr_null(realm_authority_cert(of, REALM_AUTHORITY_ROOT));
    ck_assert_ptr_null(realm_policy(of));
    ck_assert_ptr_null(realm_keyring(of));
}
END_TEST

START_TEST(every_generation_of_the_master_key_is_there)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(realm) *of = NULL;
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    realm_opening opening = {.parts = REALM_MASTER_KEY};
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    assert_ok(auth_buf_new(4096, &text, &err), &err);
    assert_ok(registry_master_key_new(crypto, "shaanxi", 2, NULL, text, &err), &err);
    assert_ok(realm_path_join(realm_folder(), "keys", "master-2", ".key", path, &err), &err);
    realm_folder_write(path, auth_buf_bytes(text));
    realm_folder_become_owner();
    auth_status status = realm_open(realm_folder(), &opening, &of, &err);
    realm_folder_become_maker();
    (void)unlink(path);
    assert_ok(status, &err);
    ck_assert_uint_eq(registry_keyring_newest(realm_keyring(of)), 2);
    ck_assert(registry_keyring_has(realm_keyring(of), 1));
}
END_TEST

START_TEST(epochs_are_quarters_and_shards_follow_the_serial_number)
{
    AUTH_AUTO(realm) *of = open_whole();
    uint8_t serial[18] = {1, 0, 0xff, 0xff};
    ck_assert_uint_eq(realm_epoch(0), 256);
    ck_assert_uint_eq(realm_epoch(1767225599), 256 + 55 * 4 + 3);
    ck_assert_uint_eq(realm_epoch(1767225600), 256 + 56 * 4);
    ck_assert_uint_eq(realm_shard(of, REALM_AUTHORITY_CITIZENS,
                                  (auth_bytes){serial, sizeof serial}),
                      0);
}
END_TEST

/* The certificates are good for what they are for. */
static void expect_valid(const realm *of, const char *folder, const char *name,
                         auth_purpose purpose)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_verdict verdict;
    auth_bytes root = auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_ROOT));
    auth_bytes between[] = {auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_STAFF)),
                            auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_CITIZENS))};
    auth_validation options = {.now = time(NULL), .purpose = purpose};
    assert_ok(realm_path_join(realm_folder(), folder, name, ".cer", path, &err), &err);
    assert_ok(realm_file_read(path, &der, &err), &err);
    assert_ok(auth_trust_new(&root, 1, between, 2, &trust, &err), &err);
    assert_ok(auth_validate(trust, &options, auth_buf_bytes(der), &(auth_evidence){0}, &verdict,
                            &err),
              &err);
    ck_assert_msg(verdict.reason == AUTH_VERDICT_REASON_OK, "%s: %s %s", name,
                  auth_verdict_reason_name(verdict.reason), verdict.detail);
}

START_TEST(certificates_are_good_for_their_purpose)
{
    auth_error err;
    AUTH_AUTO(realm) *of = NULL;
    realm_opening opening = {.parts = REALM_AUTHORITIES};
    assert_ok(realm_open(realm_folder(), &opening, &of, &err), &err);
    expect_valid(of, REALM_OFFICERS_FOLDER, "zhang", AUTH_PURPOSE_OFFICER);
    expect_valid(of, REALM_OFFICERS_FOLDER, "li", AUTH_PURPOSE_OFFICER);
    expect_valid(of, REALM_RESPONDERS_FOLDER, "ocsp-staff", AUTH_PURPOSE_OCSP);
    expect_valid(of, REALM_RESPONDERS_FOLDER, "ocsp-citizens", AUTH_PURPOSE_OCSP);
}
END_TEST

START_TEST(keys_are_for_their_owner_and_the_root_s_needs_its_passphrase)
{
    static const char *const files[] = {"keys/root.pem",     "keys/staff.pem", "keys/master.key",
                                        "keys/ra.pem",       "realm.conf",     "officers/zhang.pem",
                                        "keys/citizens.pem", "tls/ra.cer"};
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = NULL;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[REALM_PATH_SIZE];
        struct stat info;
        assert_ok(realm_path_join(realm_folder(), NULL, files[i], "", path, &err), &err);
        ck_assert_int_eq(stat(path, &info), 0);
        ck_assert_uint_eq(info.st_mode & 0777, 0600);
    }
    assert_fails(realm_key_open(realm_folder(), "keys", "root", NULL, NULL, &signer, &err),
                 AUTH_STATUS_DENIED, &err);
    assert_ok(realm_key_open(realm_folder(), "keys", "root", realm_folder_ask, NULL, &signer, &err),
              &err);
}
END_TEST

static void connect(const realm *of, registry_role role, registry_connection **out)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = role};
    assert_ok(realm_conninfo(of, role, conninfo, &err), &err);
    assert_ok(registry_connection_open(&settings, out, &err), &err);
}

static void show(void *context, const registry_finding *finding)
{
    (void)context;
    fprintf(stderr, "%s %s: %s\n", finding->table, finding->row, finding->text);
}

START_TEST(fsck_finds_nothing_and_every_certificate)
{
    auth_error err;
    char name[REGISTRY_REALM_SIZE];
    realm_folder_start_registry();
    AUTH_AUTO(realm) *of = open_whole();
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(registry_connection) *auditor = NULL;
    registry_reporter reporter = {.find = show};
    registry_fsck_summary summary;
    connect(of, REGISTRY_ROLE_AUDITOR, &auditor);
    assert_ok(registry_realm_find(auditor, name, &err), &err);
    ck_assert_str_eq(name, "shaanxi");
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    assert_ok(registry_fsck(auditor, crypto, &(registry_ledger_examination){0}, &reporter, &summary,
                            &err),
              &err);
    ck_assert_uint_eq(reporter.found, 0);
    ck_assert_uint_eq(summary.certificates, CERTIFICATES);
    /* Submitted, approved, opened and the ceremony; three authorities; two appointments; a list. */
    ck_assert_uint_eq(summary.ledger.pending, CERTIFICATES + 4 + 3 + 2 + 1);
}
END_TEST

static uint64_t count_document_faults(const realm *of, registry_ledger_trust trust)
{
    auth_error err;
    uint64_t count = 0;
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(registry_connection) *auditor = NULL;
    registry_reporter reporter = {.find = show};
    registry_document_examination by = {realm_keyring(of), realm_policy(of), trust};
    connect(of, REGISTRY_ROLE_AUDITOR, &auditor);
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    assert_ok(registry_fsck_documents(auditor, &by, crypto, &reporter, &count, &err), &err);
    ck_assert_uint_eq(count, 1);
    return reporter.found;
}

START_TEST(the_ceremony_is_believed_for_its_root)
{
    realm_folder_start_registry();
    AUTH_AUTO(realm) *of = open_whole();
    auth_bytes root = auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_ROOT));
    auth_bytes staff = auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_STAFF));
    ck_assert_uint_eq(count_document_faults(of, (registry_ledger_trust){.count = 0}), 0);
    ck_assert_uint_eq(count_document_faults(of, (registry_ledger_trust){&root, 1}), 0);
    ck_assert_uint_gt(count_document_faults(of, (registry_ledger_trust){&staff, 1}), 0);
}
END_TEST

/* The certificate on record for a file of the realm; its request. */
static void find_request(const realm *of, registry_connection *ca, uint8_t out[16])
{
    auth_error err;
    AUTH_AUTO(registry_result) *result = NULL;
    registry_certificate row;
    auth_bytes serial = auth_cert_serial(realm_authority_cert(of, REALM_AUTHORITY_ROOT));
    assert_ok(registry_certificate_find(ca, serial, &result, &err), &err);
    assert_ok(registry_certificate_read(result, 0, &row, &err), &err);
    assert_bytes(row.der, auth_cert_der(realm_authority_cert(of, REALM_AUTHORITY_ROOT)));
    memcpy(out, row.request_id.data, 16);
}

static void unseal_document(const realm *of, const registry_request *request, auth_buf **out)
{
    auth_error err;
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    registry_seal_place place = {.field = REGISTRY_SEAL_FIELD_REQUEST_DOCUMENT,
                                 .row = request->id,
                                 .office_path = "/centre/",
                                 .generation = (uint32_t)request->seal_key};
    assert_ok(registry_crypto_new(&crypto, &err), &err);
    assert_ok(registry_unseal(realm_keyring(of), crypto, &place, request->document, out, &err),
              &err);
}

static bool says(auth_bytes payload, const char *text)
{
    return memmem(payload.data, payload.len, text, strlen(text)) != NULL;
}

START_TEST(the_document_is_signed_by_the_root_and_names_the_admins)
{
    auth_error err;
    uint8_t id[16];
    realm_folder_start_registry();
    AUTH_AUTO(realm) *of = open_whole();
    AUTH_AUTO(registry_connection) *ca = NULL;
    AUTH_AUTO(registry_result) *result = NULL;
    AUTH_AUTO(auth_buf) *document = NULL;
    AUTH_AUTO(auth_jws) *jws = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    registry_request request;
    connect(of, REGISTRY_ROLE_CA, &ca);
    find_request(of, ca, id);
    assert_ok(registry_request_find(ca, (auth_bytes){id, sizeof id}, &result, &err), &err);
    assert_ok(registry_request_read(result, 0, &request, &err), &err);
    ck_assert_int_eq(request.kind, REGISTRY_KIND_CEREMONY);
    ck_assert_int_eq(request.state, REGISTRY_REQUEST_DONE);
    ck_assert_int_eq(request.item_count, CERTIFICATES);
    unseal_document(of, &request, &document);
    assert_ok(auth_jws_parse(auth_buf_bytes(document),
                             &(auth_jws_rules){.type = REALM_CEREMONY_TYPE}, &jws, &err),
              &err);
    assert_ok(auth_cert_public_key(realm_authority_cert(of, REALM_AUTHORITY_ROOT), &key, &err),
              &err);
    assert_ok(auth_jws_verify(jws, 0, key, &err), &err);
    auth_bytes payload = auth_jws_payload(jws);
    ck_assert(says(payload, "\"realm\":\"shaanxi\""));
    ck_assert(says(payload, "\"officer\":\"zhang\",\"role\":\"admin\",\"office\":\"centre\""));
    ck_assert(says(payload, "\"number\":\"440524188001010014\",\"name\":\"Li Si\""));
    ck_assert(
        says(payload, "\"name\":\"citizens\",\"profile\":\"issuing\",\"authority\":\"root\""));
}
END_TEST

START_TEST(a_realm_that_is_there_is_left_alone)
{
    auth_error err;
    char dir[REALM_PATH_SIZE];
    char beside[REALM_PATH_SIZE + 8];
    realm_plan plan = realm_folder_plan("realm/", dir);
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_msg(strstr(err.text, "holds a realm already") != NULL, "%s", err.text);
    plan = realm_folder_plan("", dir);
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_msg(strstr(err.text, "holds something else") != NULL, "%s", err.text);
    plan = realm_folder_plan("half", dir);
    (void)snprintf(beside, sizeof beside, "%s.new", dir);
    ck_assert_int_eq(mkdir(beside, 0700), 0);
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_msg(strstr(err.text, "did not come to its end") != NULL, "%s", err.text);
    ck_assert_int_eq(rmdir(beside), 0);
    plan = realm_folder_plan("no/where", dir);
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_NOT_FOUND, &err);
}
END_TEST

static void expect_nothing_left(const char *dir)
{
    char beside[REALM_PATH_SIZE + 8];
    (void)snprintf(beside, sizeof beside, "%s.new", dir);
    ck_assert_int_ne(access(dir, F_OK), 0);
    ck_assert_int_ne(access(beside, F_OK), 0);
}

START_TEST(a_ceremony_that_fails_leaves_nothing)
{
    auth_error err;
    char dir[REALM_PATH_SIZE];
    realm_plan plan = realm_folder_plan("failed", dir);
    plan.host = "not..a.host"; /* no certificate can be issued for it */
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_INVALID, &err);
    expect_nothing_left(dir);
    plan.host = NULL;
    plan.registry = "host=/nowhere/at/all dbname=auth";
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_UNAVAILABLE, &err);
    expect_nothing_left(dir);
}
END_TEST

START_TEST(a_second_realm_in_a_registry_is_refused)
{
    auth_error err;
    char dir[REALM_PATH_SIZE];
    char conninfo[REGISTRY_CONNINFO_SIZE];
    AUTH_AUTO(realm) *of = NULL;
    realm_folder_start_registry();
    assert_ok(realm_open(realm_folder(), &(realm_opening){.parts = 0}, &of, &err), &err);
    assert_ok(realm_conninfo(of, REGISTRY_ROLE_OWNER, conninfo, &err), &err);
    char *user = strstr(conninfo, "user=");
    ck_assert_ptr_nonnull(user);
    char *end = strchr(user, ' ');
    if (end == NULL)
        *user = '\0';
    else
        memmove(user, end + 1, strlen(end));
    realm_plan plan = realm_folder_plan("second", dir);
    plan.registry = conninfo;
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_CONFLICT, &err);
    ck_assert_msg(strstr(err.text, "holds a realm already") != NULL, "%s", err.text);
    expect_nothing_left(dir);
}
END_TEST

/* Plans that are refused before anything is touched. */
static void spoil_name(realm_plan *plan) { plan->name = "Shaanxi"; }
static void spoil_base(realm_plan *plan) { plan->base = "pki.example"; }
static void spoil_registry(realm_plan *plan) { plan->registry = "dbname=auth"; }
static void spoil_centre(realm_plan *plan) { plan->centre = ""; }
static void spoil_centre_name(realm_plan *plan) { plan->centre_name = "a\nb"; }
static void spoil_region(realm_plan *plan) { plan->region = "61000"; }
static void spoil_host(realm_plan *plan) { plan->host = "a b"; }
static void spoil_count(realm_plan *plan) { plan->founder_count = 1; }
static void spoil_passphrase(realm_plan *plan) { plan->root_passphrase = NULL; }

static const struct {
    void (*spoil)(realm_plan *plan);
    const char *told;
} plans[] = {
    {spoil_name, "realm: "},
    {spoil_base, "base: "},
    {spoil_registry, "registry: "},
    {spoil_centre, "centre: "},
    {spoil_centre_name, "centre-name: "},
    {spoil_region, "region: "},
    {spoil_host, "host: "},
    {spoil_count, "a realm begins with"},
    {spoil_passphrase, "root: "},
};

START_TEST(a_plan_that_cannot_be_is_refused_by_name)
{
    auth_error err;
    char dir[REALM_PATH_SIZE];
    realm_plan plan = realm_folder_plan("planned", dir);
    plans[_i].spoil(&plan);
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_msg(strncmp(err.text, plans[_i].told, strlen(plans[_i].told)) == 0, "%s", err.text);
    expect_nothing_left(dir);
}
END_TEST

START_TEST(one_person_is_not_two_admins)
{
    auth_error err;
    char dir[REALM_PATH_SIZE];
    realm_plan plan = realm_folder_plan("planned", dir);
    realm_founder same[2] = {plan.founders[0], plan.founders[1]};
    plan.founders = same;
    same[1].number = same[0].number;
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_CONFLICT, &err);
    same[1] = (realm_founder){.id = same[0].id, .name = "x", .number = same[1].number};
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_CONFLICT, &err);
    same[1] = (realm_founder){.id = "li", .name = "Li Si"};
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(strstr(err.text, "11010519491231002X"));
}
END_TEST

START_TEST(tokens_make_no_sm2_keys)
{
    auth_error err;
    char dir[REALM_PATH_SIZE];
    realm_plan plan = realm_folder_plan("planned", dir);
    plan.type = AUTH_KEY_TYPE_SM2;
    plan.authority_keys[REALM_AUTHORITY_ROOT] = "pkcs11:token=x;object=root?module-name=softhsm2";
    assert_fails(realm_make(&plan, &err), AUTH_STATUS_UNSUPPORTED, &err);
}
END_TEST

/* Files that do not belong together: what is done to which, and what is told. */
static const struct {
    const char *file;
    const char *other; /* takes its place; NULL: nothing does */
    const char *text;  /* or this text */
    auth_status status;
    const char *told;
} spoiled[] = {
    {"realm.conf", NULL, NULL, AUTH_STATUS_NOT_FOUND, "auth realm init"},
    {"realm.conf", NULL, "realm = shaanxi\n", AUTH_STATUS_INVALID, "base"},
    {"realm.conf", NULL, "realm = other\nbase = http://h\n", AUTH_STATUS_CONFLICT, "policy.json"},
    {"policy.json", NULL, NULL, AUTH_STATUS_NOT_FOUND, "policy.json"},
    {"policy.json", NULL, "{}", AUTH_STATUS_INVALID, "policy.json"},
    {"profiles/officer.json", NULL, NULL, AUTH_STATUS_NOT_FOUND, "profiles/officer.json"},
    {"profiles/officer.json", NULL, "{", AUTH_STATUS_MALFORMED, "profiles/officer.json"},
    {"profiles/officer.json", "profiles/root.json", NULL, AUTH_STATUS_CONFLICT,
     "give the file this name"},
    {"authorities/staff.cer", NULL, NULL, AUTH_STATUS_NOT_FOUND, "authorities/staff.cer"},
    {"authorities/staff.cer", NULL, "x", AUTH_STATUS_MALFORMED, "authorities/staff.cer"},
    {"authorities/staff.cer", "officers/zhang.cer", NULL, AUTH_STATUS_INVALID, "no authority"},
    {"authorities/root.cer", "authorities/staff.cer", NULL, AUTH_STATUS_UNTRUSTED,
     "authorities/root.cer"},
    {"authorities/staff.cer", "authorities/citizens.cer", NULL, AUTH_STATUS_CONFLICT, "keys/staff"},
    {"keys/staff.pem", NULL, NULL, AUTH_STATUS_NOT_FOUND, "keys/staff.pem"},
    {"keys/staff.pem", "keys/citizens.pem", NULL, AUTH_STATUS_CONFLICT, "keys/staff"},
    {"keys/staff.pem", "keys/root.pem", NULL, AUTH_STATUS_DENIED, "keys/staff.pem"},
    {"keys/master.key", NULL, NULL, AUTH_STATUS_NOT_FOUND, "keys/master.key"},
    {"keys/master.key", NULL, "x\n", AUTH_STATUS_MALFORMED, "keys/master.key"},
    {"keys/staff.uri", NULL, "\n", AUTH_STATUS_MALFORMED, "keys/staff.uri"},
};

static void spoil(const char *path, size_t row)
{
    auth_error err;
    char other[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *text = NULL;
    if (spoiled[row].text != NULL)
        realm_folder_write(path, auth_bytes_from_text(spoiled[row].text));
    if (spoiled[row].other == NULL)
        return;
    assert_ok(realm_path_join(realm_folder(), NULL, spoiled[row].other, "", other, &err), &err);
    assert_ok(realm_file_read(other, &text, &err), &err);
    realm_folder_write(path, auth_buf_bytes(text));
}

START_TEST(files_that_do_not_belong_together_are_refused)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    char kept[REALM_PATH_SIZE + 8];
    realm *of = NULL;
    assert_ok(realm_path_join(realm_folder(), NULL, spoiled[_i].file, "", path, &err), &err);
    (void)snprintf(kept, sizeof kept, "%s.kept", path);
    bool was_there = rename(path, kept) == 0;
    spoil(path, (size_t)_i);
    realm_folder_become_owner();
    auth_status status =
        realm_open(realm_folder(), &(realm_opening){.parts = ALL_PARTS}, &of, &err);
    realm_folder_become_maker();
    (void)unlink(path);
    ck_assert(!was_there || rename(kept, path) == 0);
    realm_free(of);
    ck_assert_str_eq(auth_status_name(status), auth_status_name(spoiled[_i].status));
    ck_assert_msg(strstr(err.text, spoiled[_i].told) != NULL, "%s", err.text);
}
END_TEST

static auth_status attempt(void *context)
{
    auth_error err;
    AUTH_AUTO(realm) *of = NULL;
    (void)context;
    unsigned parts = REALM_AUTHORITIES | REALM_PROFILES | REALM_POLICY | REALM_MASTER_KEY;
    return realm_open(realm_folder(), &(realm_opening){.parts = parts}, &of, &err);
}

START_TEST(memory_that_fails_is_told)
{
    realm_folder_become_owner();
    ck_assert_uint_ge(harness_for_each_failure(attempt, NULL), 100);
    realm_folder_become_maker();
}
END_TEST

SUITE_AFTER(
    realm_folder_make, "realm", TEST(a_realm_opens_whole), TEST(what_is_not_asked_for_is_not_read),
    TEST(every_generation_of_the_master_key_is_there),
    TEST(epochs_are_quarters_and_shards_follow_the_serial_number),
    TEST(certificates_are_good_for_their_purpose),
    TEST(keys_are_for_their_owner_and_the_root_s_needs_its_passphrase),
    TEST(fsck_finds_nothing_and_every_certificate), TEST(the_ceremony_is_believed_for_its_root),
    TEST(the_document_is_signed_by_the_root_and_names_the_admins),
    TEST(a_realm_that_is_there_is_left_alone), TEST(a_ceremony_that_fails_leaves_nothing),
    TEST(a_second_realm_in_a_registry_is_refused),
    TEST_EACH(a_plan_that_cannot_be_is_refused_by_name, sizeof plans / sizeof plans[0]),
    TEST(one_person_is_not_two_admins), TEST(tokens_make_no_sm2_keys),
    TEST_EACH(files_that_do_not_belong_together_are_refused, sizeof spoiled / sizeof spoiled[0]),
    TEST(memory_that_fails_is_told))
