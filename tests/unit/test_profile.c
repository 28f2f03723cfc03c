/* SPDX-License-Identifier: Apache-2.0 */
/* Is every profile that contradicts itself or RFC 5280 refused, with the place of the fault? */
#include "golden/realm.h"
#include "harness/harness.h"
#include "profile/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A good profile of a holder, and one of an authority, to be spoiled in one place. */
#define HOLDER                                                                                     \
    "{\"name\":\"n\",\"title\":\"t\",\"version\":3,\"keys\":[{\"type\":\"p256\"}],"                \
    "\"validity\":{\"days\":30},"                                                                  \
    "\"subject\":[{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true}],"               \
    "\"extensions\":{\"keyUsage\":{\"bits\":[\"digitalSignature\"]}}}"
#define AUTHORITY                                                                                  \
    "{\"name\":\"n\",\"title\":\"t\",\"version\":3,\"keys\":[{\"type\":\"p256\"}],"                \
    "\"validity\":{\"days\":30},"                                                                  \
    "\"subject\":[{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true}],"               \
    "\"extensions\":{\"basicConstraints\":{\"ca\":true},"                                          \
    "\"keyUsage\":{\"bits\":[\"keyCertSign\"]}}}"

#define KEYS "[{\"type\":\"p256\"}]"
#define DAYS "{\"days\":30}"
#define SUBJECT "[{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true}]"
#define EXTENSIONS "{\"keyUsage\":{\"bits\":[\"digitalSignature\"]}}"
#define CA_EXTENSIONS                                                                              \
    "{\"basicConstraints\":{\"ca\":true},\"keyUsage\":{\"bits\":[\"keyCertSign\"]}}"
#define WITH(more) "{\"keyUsage\":{\"bits\":[\"digitalSignature\"]}," more "}"
#define CA_WITH(more)                                                                              \
    "{\"basicConstraints\":{\"ca\":true},\"keyUsage\":{\"bits\":[\"keyCertSign\"]}," more "}"
#define USAGE(bits) "{\"keyUsage\":{\"bits\":[" bits "]}}"
#define PURPOSES(list) WITH("\"extKeyUsage\":{\"purposes\":[" list "]}")

typedef struct spoiled {
    const char *base;
    const char *what; /* is replaced by */
    const char *with;
    const char *path; /* which the error must name */
} spoiled;

static const spoiled raw_faults[] = {
    {HOLDER, "\"title\":\"t\"", "\"title\":\"t\",\"colour\":1", "$.colour"},
    {HOLDER, "\"title\":\"t\",", "", "$.title"},
    {HOLDER, "\"title\":\"t\"", "\"title\":7", "$.title"},
    {HOLDER, "\"title\":\"t\"", "\"title\":\"\"", "$.title"},
    {HOLDER, "\"version\":3", "\"version\":3.5", "$.version"},
    {HOLDER, "\"version\":3", "\"version\":-1", "$.version"},
    {HOLDER, "\"version\":3", "\"version\":\"3\"", "$.version"},
    {HOLDER, KEYS, "{}", "$.keys"},
    {HOLDER, KEYS, "[]", "$.keys"},
    {HOLDER, KEYS, "[1]", "$.keys[0]"},
    {HOLDER, KEYS, "[{}]", "$.keys[0].type"},
    {HOLDER, KEYS, "[{\"type\":\"p256\",\"size\":1}]", "$.keys[0].size"},
    {HOLDER, DAYS, "{\"days\":true}", "$.validity.days"},
    {HOLDER, EXTENSIONS, "[]", "$.extensions"},
    {HOLDER, EXTENSIONS, "{}", "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, USAGE("1"), "$.extensions.keyUsage.bits[0]"},
    {HOLDER, "\"required\":true", "\"required\":1", "$.subject[0].required"},
    {HOLDER, EXTENSIONS, WITH("\"cRLDistributionPoints\":{\"uris\":\"x\"}"),
     "$.extensions.cRLDistributionPoints.uris"},
};

static const spoiled faults[] = {
    {HOLDER, "\"name\":\"n\"", "\"name\":\"N\"", "$.name"},
    {HOLDER, "\"name\":\"n\"", "\"name\":\"../n\"", "$.name"},
    {HOLDER, "\"version\":3", "\"version\":1", "$.version"},
    {HOLDER, "\"version\":3", "\"version\":3,\"issuer\":\"me\"", "$.issuer"},
    {HOLDER, "\"version\":3", "\"version\":3,\"issuer\":\"self\"", "$.issuer"},
    {HOLDER, "\"version\":3", "\"version\":3,\"possession\":\"no\"", "$.possession"},
    {HOLDER, "\"version\":3", "\"version\":3,\"possession\":\"bare-key\"", "$.extensions.keyUsage"},
    {HOLDER, KEYS, "[{\"type\":\"dsa\"}]", "$.keys[0].type"},
    {HOLDER, KEYS, "[{\"type\":\"p256\"},{\"type\":\"p256\"}]", "$.keys[1].type"},
    {HOLDER, KEYS, "[{\"type\":\"p256\",\"min_bits\":256}]", "$.keys[0]"},
    {HOLDER, KEYS, "[{\"type\":\"rsa\",\"min_bits\":1024}]", "$.keys[0]"},
    {HOLDER, KEYS, "[{\"type\":\"rsa\",\"max_bits\":8192}]", "$.keys[0]"},
    {HOLDER, KEYS, "[{\"type\":\"rsa\",\"min_bits\":3072,\"max_bits\":2048}]", "$.keys[0]"},
    {HOLDER, KEYS, "[{\"type\":\"rsa\",\"min_bits\":2049}]", "$.keys[0]"},
    {HOLDER, DAYS, "{}", "$.validity"},
    {HOLDER, DAYS, "{\"days\":1,\"seconds\":86400}", "$.validity"},
    {HOLDER, DAYS, "{\"days\":0}", "$.validity"},
    {HOLDER, DAYS, "{\"days\":36526}", "$.validity"},
    {HOLDER, DAYS, "{\"days\":9007199254740992}", "$.validity"},
    {HOLDER, DAYS, "{\"days\":1,\"max_backdate_seconds\":301}", "$.validity.max_backdate_seconds"},
    {HOLDER, "\"subject\":" SUBJECT ",", "", "$.subject"},
    {HOLDER, "\"CN\"", "\"CM\"", "$.subject[0].attribute"},
    {HOLDER, "\"CN\"", "\"basicConstraints\"", "$.subject[0].attribute"},
    {HOLDER, "\"request\"", "\"csr\"", "$.subject[0].source"},
    {HOLDER, "\"required\":true", "\"required\":false", "$.subject"},
    {HOLDER, "\"required\":true", "\"required\":true,\"min\":0", "$.subject[0]"},
    {HOLDER, "\"required\":true", "\"required\":true,\"max\":65", "$.subject[0]"},
    {HOLDER, "\"required\":true", "\"required\":true,\"min\":9,\"max\":8", "$.subject[0]"},
    {HOLDER, "\"required\":true", "\"required\":true,\"value\":\"x\"", "$.subject[0].value"},
    {HOLDER, SUBJECT, "[{\"attribute\":\"CN\",\"source\":\"fixed\"}]", "$.subject[0]"},
    {HOLDER, SUBJECT, "[{\"attribute\":\"C\",\"source\":\"fixed\",\"value\":\"China\"}]",
     "$.subject[0].value"},
    {HOLDER, SUBJECT, "[{\"attribute\":\"CN\",\"source\":\"identity\"}]", "$.subject[0]"},
    {HOLDER, SUBJECT,
     "[{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true},"
     "{\"attribute\":\"2.5.4.3\",\"source\":\"request\"}]",
     "$.subject[1].attribute"},
    {HOLDER, "\"version\":3", "\"version\":3,\"identity\":{\"binding\":\"clear\"}",
     "$.identity.binding"},
    {HOLDER, "\"version\":3",
     "\"version\":3,\"identity\":{\"binding\":\"gbt20518\",\"hash\":\"sm3\"}", "$.identity.hash"},
    {HOLDER, "\"version\":3", "\"version\":3,\"identity\":{\"binding\":\"sim\",\"hash\":\"md5\"}",
     "$.identity.hash"},
    {HOLDER, "\"version\":3", "\"version\":3,\"identity\":{\"binding\":\"pnocn\"}", "$.identity"},
    {AUTHORITY, "\"version\":3", "\"version\":3,\"identity\":{\"binding\":\"gbt20518\"}",
     "$.identity"},
    {HOLDER, EXTENSIONS, WITH("\"basicConstraints\":{\"ca\":true}"), "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, WITH("\"basicConstraints\":{\"ca\":false,\"path_len\":0}"),
     "$.extensions.basicConstraints.path_len"},
    {AUTHORITY, "{\"ca\":true}", "{\"ca\":true,\"path_len\":9}",
     "$.extensions.basicConstraints.path_len"},
    {AUTHORITY, "{\"ca\":true}", "{\"ca\":true,\"critical\":false}",
     "$.extensions.basicConstraints.critical"},
    {AUTHORITY, "\"keyCertSign\"", "\"keyCertSign\",\"keyAgreement\"", "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, USAGE("\"keyCertSign\""), "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, USAGE("\"cRLSign\""), "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, USAGE("\"sign\""), "$.extensions.keyUsage.bits[0]"},
    {HOLDER, EXTENSIONS, USAGE("\"keyAgreement\",\"keyAgreement\""),
     "$.extensions.keyUsage.bits[1]"},
    {HOLDER, EXTENSIONS, USAGE("\"keyEncipherment\""), "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, USAGE("\"digitalSignature\",\"encipherOnly\""), "$.extensions.keyUsage"},
    {HOLDER, EXTENSIONS, PURPOSES("\"anyExtendedKeyUsage\""),
     "$.extensions.extKeyUsage.purposes[0]"},
    {HOLDER, EXTENSIONS, PURPOSES("\"login\""), "$.extensions.extKeyUsage.purposes[0]"},
    {HOLDER, EXTENSIONS, PURPOSES("\"clientAuth\",\"1.3.6.1.5.5.7.3.2\""),
     "$.extensions.extKeyUsage.purposes[1]"},
    {HOLDER, EXTENSIONS, PURPOSES("\"OCSPSigning\""), "$.extensions.ocspNoCheck"},
    {HOLDER, EXTENSIONS,
     WITH("\"extKeyUsage\":{\"purposes\":[\"OCSPSigning\",\"clientAuth\"]},\"ocspNoCheck\":true"),
     "$.extensions.extKeyUsage"},
    {HOLDER, EXTENSIONS, WITH("\"ocspNoCheck\":true"), "$.extensions.ocspNoCheck"},
    {HOLDER,
     DAYS ","
          "\"subject\":" SUBJECT ",\"extensions\":" EXTENSIONS,
     "{\"days\":91},\"subject\":" SUBJECT ",\"extensions\":" WITH(
         "\"extKeyUsage\":{\"purposes\":[\"OCSPSigning\"]},\"ocspNoCheck\":true"),
     "$.validity"},
    {HOLDER, EXTENSIONS,
     WITH("\"extKeyUsage\":{\"purposes\":[\"OCSPSigning\"]},\"ocspNoCheck\":true,"
          "\"subjectAltName\":{\"names\":[{\"kind\":\"dns\"}]}"),
     "$.extensions.subjectAltName"},
    {HOLDER, EXTENSIONS,
     "{\"keyUsage\":{\"bits\":[\"nonRepudiation\"]},"
     "\"extKeyUsage\":{\"purposes\":[\"clientAuth\"]}}",
     "$.extensions.extKeyUsage"},
    {HOLDER, EXTENSIONS, WITH("\"certificatePolicies\":{\"policies\":[{\"oid\":\"x\"}]}"),
     "$.extensions.certificatePolicies.policies[0].oid"},
    {HOLDER, EXTENSIONS,
     WITH("\"certificatePolicies\":{\"policies\":[{\"oid\":\"1.2.3\"},{\"oid\":\"1.2.3\"}]}"),
     "$.extensions.certificatePolicies.policies[1].oid"},
    {HOLDER, EXTENSIONS,
     WITH("\"certificatePolicies\":{\"policies\":[{\"oid\":\"1.2.3\",\"cps\":\"ftp://a\"}]}"),
     "$.extensions.certificatePolicies.policies[0].cps"},
    {HOLDER, EXTENSIONS, WITH("\"subjectAltName\":{}"), "$.extensions.subjectAltName"},
    {HOLDER, EXTENSIONS, WITH("\"subjectAltName\":{\"names\":[{\"kind\":\"x400\"}]}"),
     "$.extensions.subjectAltName.names[0].kind"},
    {HOLDER, EXTENSIONS,
     WITH("\"subjectAltName\":{\"names\":[{\"kind\":\"dns\"},{\"kind\":\"dns\"}]}"),
     "$.extensions.subjectAltName.names[1].kind"},
    {HOLDER, EXTENSIONS,
     WITH("\"subjectAltName\":{\"names\":[{\"kind\":\"dns\",\"min\":2,\"max\":1}]}"),
     "$.extensions.subjectAltName.names[0]"},
    {HOLDER, EXTENSIONS,
     WITH("\"subjectAltName\":{\"critical\":true,\"names\":[{\"kind\":\"dns\",\"min\":1}]}"),
     "$.extensions.subjectAltName.critical"},
    {HOLDER, EXTENSIONS,
     WITH("\"nameConstraints\":{\"permitted\":[{\"kind\":\"dns\",\"value\":\"a.cn\"}]}"),
     "$.extensions.nameConstraints"},
    {AUTHORITY, CA_EXTENSIONS, CA_WITH("\"nameConstraints\":{}"), "$.extensions.nameConstraints"},
    {AUTHORITY, CA_EXTENSIONS,
     CA_WITH("\"nameConstraints\":{\"permitted\":[{\"kind\":\"dns\",\"value\":\".a.cn\"}]}"),
     "$.extensions.nameConstraints.permitted[0]"},
    {AUTHORITY, CA_EXTENSIONS,
     CA_WITH("\"nameConstraints\":{\"excluded\":[{\"kind\":\"ip\",\"value\":\"10.0.0.1/8\"}]}"),
     "$.extensions.nameConstraints.excluded[0]"},
    {AUTHORITY, CA_EXTENSIONS,
     CA_WITH("\"nameConstraints\":{\"excluded\":[{\"kind\":\"email\",\"value\":\"a@b.cn\"}]}"),
     "$.extensions.nameConstraints.excluded[0]"},
    {HOLDER, EXTENSIONS, WITH("\"cRLDistributionPoints\":{\"uris\":[\"ldap://a\"]}"),
     "$.extensions.cRLDistributionPoints.uris[0]"},
    {HOLDER, EXTENSIONS, WITH("\"cRLDistributionPoints\":{\"uris\":[\"http://a/{realm}\"]}"),
     "$.extensions.cRLDistributionPoints.uris[0]"},
    {HOLDER, EXTENSIONS, WITH("\"cRLDistributionPoints\":{\"uris\":[\"http://a/ b\"]}"),
     "$.extensions.cRLDistributionPoints.uris[0]"},
    {HOLDER, EXTENSIONS,
     WITH("\"cRLDistributionPoints\":{\"uris\":[\"http://a\",\"http://b\",\"http://c\","
          "\"http://d\",\"http://e\"]}"),
     "$.extensions.cRLDistributionPoints.uris[4]"},
    {HOLDER, EXTENSIONS, WITH("\"freshestCRL\":{\"uris\":[\"http://a\"]}"),
     "$.extensions.freshestCRL"},
    {HOLDER, EXTENSIONS, WITH("\"authorityInfoAccess\":{}"), "$.extensions.authorityInfoAccess"},
    {HOLDER, EXTENSIONS, WITH("\"authorityInfoAccess\":{\"ocsp\":[\"http://a/{shard}\"]}"),
     "$.extensions.authorityInfoAccess.ocsp[0]"},
};

/* The base with one part replaced; the caller frees it. */
static char *spoil(const spoiled *row)
{
    const char *at = strstr(row->base, row->what);
    if (at == NULL)
        harness_die("'%s' is not in the base", row->what);
    size_t before = (size_t)(at - row->base);
    size_t size = strlen(row->base) + strlen(row->with) + 1;
    char *text = malloc(size);
    if (text == NULL)
        harness_die("out of memory");
    (void)snprintf(text, size, "%.*s%s%s", (int)before, row->base, row->with,
                   at + strlen(row->what));
    return text;
}

START_TEST(the_bases_are_good)
{
    AUTH_AUTO(auth_profile) *holder = realm_profile_of(HOLDER);
    AUTH_AUTO(auth_profile) *authority = realm_profile_of(AUTHORITY);
    ck_assert(!auth_profile_is_authority(holder));
    ck_assert(auth_profile_is_authority(authority));
    ck_assert_int_eq(auth_profile_validity_seconds(holder), 30 * 86400);
    ck_assert_str_eq(auth_profile_name(holder), "n");
    ck_assert_str_eq(auth_profile_title(holder), "t");
}
END_TEST

START_TEST(a_file_of_the_wrong_form_is_refused_with_its_path)
{
    auth_error err;
    auth_profile_raw *raw = NULL;
    char *text = spoil(&raw_faults[_i]);
    assert_fails(auth_profile_parse(auth_bytes_from_text(text), &raw, &err), AUTH_STATUS_INVALID,
                 &err);
    ck_assert_msg(strstr(err.text, raw_faults[_i].path) != NULL, "%s: %s", raw_faults[_i].path,
                  err.text);
    free(text);
}
END_TEST

START_TEST(a_contradiction_is_refused_with_its_path)
{
    const spoiled *row = &faults[_i];
    auth_error err;
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    auth_profile *profile = NULL;
    char *text = spoil(row);
    assert_ok(auth_profile_parse(auth_bytes_from_text(text), &raw, &err), &err);
    assert_fails(auth_profile_validate(raw, REALM_BASE, &profile, &err), AUTH_STATUS_INVALID, &err);
    char expected[128];
    (void)snprintf(expected, sizeof expected, "%s:", row->path);
    ck_assert_msg(strstr(err.text, expected) != NULL, "%s: %s", row->path, err.text);
    free(text);
}
END_TEST

static const struct {
    const char *text;
    auth_status status;
} not_json[] = {
    {"", AUTH_STATUS_MALFORMED},
    {"{", AUTH_STATUS_MALFORMED},
    {"{} {}", AUTH_STATUS_MALFORMED},
    {"{\"name\":\"a\",\"name\":\"b\"}", AUTH_STATUS_MALFORMED},
    {"{\"name\":\"a\\u0000b\"}", AUTH_STATUS_MALFORMED},
    {"{\"name\":\"\xff\"}", AUTH_STATUS_MALFORMED},
    {"[[[[[[[[[1]]]]]]]]]", AUTH_STATUS_LIMIT},
    {"[]", AUTH_STATUS_INVALID},
};

START_TEST(what_is_no_json_is_refused)
{
    auth_error err;
    auth_profile_raw *raw = NULL;
    assert_fails(auth_profile_parse(auth_bytes_from_text(not_json[_i].text), &raw, &err),
                 not_json[_i].status, &err);
    ck_assert_ptr_null(raw);
}
END_TEST

START_TEST(a_huge_file_is_refused_before_it_is_read)
{
    static uint8_t spaces[64 * 1024 + 1];
    auth_error err;
    auth_profile_raw *raw = NULL;
    memset(spaces, ' ', sizeof spaces);
    assert_fails(auth_profile_parse((auth_bytes){spaces, sizeof spaces}, &raw, &err),
                 AUTH_STATUS_LIMIT, &err);
}
END_TEST

START_TEST(every_ready_profile_is_good)
{
    AUTH_AUTO(auth_profile) *profile = realm_profile(realm_profiles[_i]);
    auth_profile_field field;
    ck_assert_str_eq(auth_profile_name(profile), realm_profiles[_i]);
    ck_assert_int_eq((int)auth_profile_field_at(profile, 0, &field, NULL), AUTH_STATUS_OK);
    ck_assert_int_eq((int)auth_profile_field_at(profile, 99, &field, NULL), AUTH_STATUS_NOT_FOUND);
}
END_TEST

START_TEST(a_base_must_be_given_where_it_is_needed)
{
    auth_error err;
    size_t len = 0;
    char *text = realm_profile_text("citizen-signing", &len);
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    auth_profile *profile = NULL;
    assert_ok(auth_profile_parse((auth_bytes){(const uint8_t *)text, len}, &raw, &err), &err);
    free(text);
    assert_fails(auth_profile_validate(raw, NULL, &profile, &err), AUTH_STATUS_INVALID, &err);
    assert_fails(auth_profile_validate(raw, "https://a.cn", &profile, &err), AUTH_STATUS_INVALID,
                 &err);
}
END_TEST

START_TEST(addresses_are_expanded_and_recognised)
{
    static const uint8_t key_id[] = {0x0a, 0xbc};
    auth_bytes id = {key_id, sizeof key_id};
    char out[PROFILE_URI_SIZE];
    size_t len = 0;
    const char *uri = "http://a/{issuer}/{shard}-delta.crl";
    ck_assert(profile_expand_uri(uri, id, 4294967295U, out, &len));
    assert_bytes(((auth_bytes){(const uint8_t *)out, len}),
                 BYTES("http://a/0abc/4294967295-delta.crl"));
    ck_assert(profile_uri_fits(uri, id, BYTES("http://a/0abc/0-delta.crl")));
    ck_assert(profile_uri_fits(uri, id, BYTES("http://a/0abc/4294967295-delta.crl")));
    ck_assert(!profile_uri_fits(uri, id, BYTES("http://a/0abc/4294967296-delta.crl")));
    ck_assert(!profile_uri_fits(uri, id, BYTES("http://a/0abc/00-delta.crl")));
    ck_assert(!profile_uri_fits(uri, id, BYTES("http://a/0abd/0-delta.crl")));
    ck_assert(!profile_uri_fits(uri, id, BYTES("http://a/0abc/-delta.crl")));
    ck_assert(!profile_uri_fits(uri, id, BYTES("http://a/0abc/1-delta.crlx")));
    ck_assert(!profile_uri_fits(uri, id, BYTES("http://a/")));
}
END_TEST

static const struct {
    profile_name_kind kind;
    const char *value;
    bool is_good;
} names[] = {
    {PROFILE_NAME_DNS, "a.cn", true},
    {PROFILE_NAME_DNS, "*.a.cn", true},
    {PROFILE_NAME_DNS, "xn--fiqs8s.cn", true},
    {PROFILE_NAME_DNS, "*.cn", false},
    {PROFILE_NAME_DNS, "a.*.cn", false},
    {PROFILE_NAME_DNS, ".a.cn", false},
    {PROFILE_NAME_DNS, "a.cn.", false},
    {PROFILE_NAME_DNS, "a..cn", false},
    {PROFILE_NAME_DNS, "-a.cn", false},
    {PROFILE_NAME_DNS, "a_b.cn", false},
    {PROFILE_NAME_DNS, "192.0.2.1", false},
    {PROFILE_NAME_DNS, "", false},
    {PROFILE_NAME_DNS, "\xe4\xb8\xad.cn", false},
    {PROFILE_NAME_EMAIL, "a.b+c@d.cn", true},
    {PROFILE_NAME_EMAIL, "a@b@c.cn", false},
    {PROFILE_NAME_EMAIL, "a..b@c.cn", false},
    {PROFILE_NAME_EMAIL, "@c.cn", false},
    {PROFILE_NAME_EMAIL, "a@", false},
    {PROFILE_NAME_EMAIL, "\"a b\"@c.cn", false},
    {PROFILE_NAME_URI, "urn:uuid:1", true},
    {PROFILE_NAME_URI, "https://a.cn/x", true},
    {PROFILE_NAME_URI, "relative/x", false},
    {PROFILE_NAME_URI, "http://a b", false},
    {PROFILE_NAME_URI, ":", false},
    {PROFILE_NAME_IP, "abcd", true},
    {PROFILE_NAME_IP, "abcdabcdabcdabcd", true},
    {PROFILE_NAME_IP, "abcde", false},
};

START_TEST(names_are_checked_by_their_kind)
{
    auth_error err;
    auth_status status =
        profile_check_name(names[_i].kind, auth_bytes_from_text(names[_i].value), &err);
    ck_assert_int_eq((int)status, names[_i].is_good ? AUTH_STATUS_OK : AUTH_STATUS_INVALID);
}
END_TEST

START_TEST(a_nul_in_a_name_is_seen)
{
    auth_error err;
    assert_fails(profile_check_name(PROFILE_NAME_DNS, BYTES("a.cn\0.b.cn"), &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(profile_check_name(PROFILE_NAME_EMAIL, BYTES("a\0b@c.cn"), &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(profile_check_name(PROFILE_NAME_URI, BYTES("http://a\0b"), &err),
                 AUTH_STATUS_INVALID, &err);
}
END_TEST

static auth_status check_profile(void *context)
{
    auth_error err;
    auth_profile_raw *raw = context;
    auth_profile *profile = NULL;
    auth_status status = auth_profile_validate(raw, REALM_BASE, &profile, &err);
    auth_profile_free(profile);
    return status;
}

START_TEST(memory_that_runs_out_is_reported)
{
    auth_error err;
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    assert_ok(auth_profile_parse(auth_bytes_from_text(HOLDER), &raw, &err), &err);
    ck_assert_uint_gt(harness_for_each_failure(check_profile, raw), 0);
}
END_TEST

SUITE("profile", TEST(the_bases_are_good),
      TEST_EACH(a_file_of_the_wrong_form_is_refused_with_its_path,
                sizeof raw_faults / sizeof raw_faults[0]),
      TEST_EACH(a_contradiction_is_refused_with_its_path, sizeof faults / sizeof faults[0]),
      TEST_EACH(what_is_no_json_is_refused, sizeof not_json / sizeof not_json[0]),
      TEST(a_huge_file_is_refused_before_it_is_read), TEST_EACH(every_ready_profile_is_good, 10),
      TEST(a_base_must_be_given_where_it_is_needed), TEST(addresses_are_expanded_and_recognised),
      TEST_EACH(names_are_checked_by_their_kind, sizeof names / sizeof names[0]),
      TEST(a_nul_in_a_name_is_seen), TEST(memory_that_runs_out_is_reported))
