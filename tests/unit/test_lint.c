/* SPDX-License-Identifier: Apache-2.0 */
/* Is every rule of lint.def broken by some certificate, and found then and only then? */
#include "golden/realm.h"
#include "harness/harness.h"
#include "issue/lint.h"
#include "unit/certificate_parts.h"

#include <string.h>

#define PART(field) offsetof(certificate_parts, field)
#define NO_PART ((size_t)-1)

/* An extension that replaces the good one, or is added; absent when value is empty. */
typedef struct planted_extension {
    oid id;
    bool is_critical;
    const char *hex;
} planted_extension;

typedef struct planted {
    const char *rule;
    size_t part; /* of certificate_parts, or NO_PART */
    const char *hex;
    planted_extension extensions[3];
    const char *profile; /* JSON; NULL: without */
} planted;

#define AKI "30068004deadbeef"
#define SKI "0404cafebabe"
#define SIGNS "03020780"
#define CA "30030101ff"
#define CA_SIGNS "03020204"

/* C=CN, CN=Holder, two years, signs. */
#define PROFILE_WITH(keys, days, country, extensions)                                              \
    "{\"name\":\"n\",\"title\":\"t\",\"version\":3,\"keys\":[{\"type\":\"" keys "\"}],"            \
    "\"validity\":{\"days\":" days "},"                                                            \
    "\"subject\":[{\"attribute\":\"C\",\"source\":\"fixed\",\"value\":\"" country "\"},"           \
    "{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true}]," extensions "}"
#define USAGE "\"extensions\":{\"keyUsage\":{\"bits\":[\"digitalSignature\"]}"
#define GOOD_PROFILE PROFILE_WITH("p256", "730", "CN", USAGE "}")

static const planted plants[] = {
    {"form", PART(spki), "0500", {{0}}, NULL},
    {"form", NO_PART, NULL, {{OID_CPS, false, "0500"}, {OID_CPS, false, "0500"}}, NULL},
    {"version",
     PART(version),
     "0500",
     {{OID_AUTHORITY_KEY_IDENTIFIER, false, NULL},
      {OID_SUBJECT_KEY_IDENTIFIER, false, NULL},
      {OID_KEY_USAGE, false, NULL}},
     NULL},
    {"form", PART(version), "a003020101", {{0}}, NULL},
    {"serial-positive", PART(serial), "0209ff0203040506070809", {{0}}, NULL},
    {"serial-positive", PART(serial), "020100", {{0}}, NULL},
    {"serial-length", PART(serial), "0215010203040506070809101112131415161718192021", {{0}}, NULL},
    {"serial-entropy", PART(serial), "020701020304050607", {{0}}, NULL},
    {"serial-entropy", PART(serial), "02080080030405060708", {{0}}, NULL},
    {"algorithm-same", PART(outer_algorithm), "300a06082a8648ce3d040303", {{0}}, NULL},
    {"algorithm-known", PART(algorithm), "300906072a8648ce3d0401", {{0}}, NULL},
    {"algorithm-known", PART(algorithm), "300d06092a864886f70d0101050500", {{0}}, NULL},
    {"unique-id", PART(unique_id), "810200ff", {{0}}, NULL},
    {"time-form",
     PART(validity),
     "3020180f32303235303130313030303030305a170d3236313233313233353935395a",
     {{0}},
     NULL},
    {"validity-order",
     PART(validity),
     "301e170d3236313233313233353935395a170d3235303130313030303030305a",
     {{0}},
     NULL},
    {"key-form",
     PART(spki),
     "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d8"
     "12deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f6",
     {{0}},
     NULL},
    {"issuer-empty", PART(issuer), "3000", {{0}}, NULL},
    {"subject-empty", PART(subject), "3000", {{0}}, NULL},
    {"name-string", PART(subject), "300d310b300906035504060c02434e", {{0}}, NULL},
    {"name-string", PART(subject), "300f310d300b0603550403160441626364", {{0}}, NULL},
    {"name-bound", PART(subject), "300b3109300706035504030c00", {{0}}, NULL},
    {"name-bound", PART(subject), "300e310c300a0603550406130343484e", {{0}}, NULL},
    {"name-character", PART(subject), "300f310d300b06035504030c0441006263", {{0}}, NULL},
    {"name-character", PART(subject), "3011310f300d06035504030c0641e280ae6263", {{0}}, NULL},
    {"name-character", PART(subject), "300d310b300906035504031302c0af", {{0}}, NULL},
    {"name-twice",
     PART(subject),
     "301c310c300a06035504030c03416263310c300a06035504030c03416264",
     {{0}},
     NULL},
    {"name-placeholder", PART(subject), "300f310d300b06035504030c0454657374", {{0}}, NULL},
    {"name-placeholder", PART(subject), "300c310a300806035504080c0131", {{0}}, NULL},
    {"name-placeholder", PART(subject), "300c310a300806035504030c012d", {{0}}, NULL},
    {"self-issued",
     PART(subject),
     "3021310b300906035504061302434e31123010060355040a0c09417574686f72697479",
     {{0}},
     NULL},
    {"extension-critical",
     NO_PART,
     NULL,
     {{OID_BASIC_CONSTRAINTS, false, CA}, {OID_KEY_USAGE, true, CA_SIGNS}},
     NULL},
    {"extension-critical",
     NO_PART,
     NULL,
     {{OID_BASIC_CONSTRAINTS, true, CA},
      {OID_KEY_USAGE, true, CA_SIGNS},
      {OID_NAME_CONSTRAINTS, false,
       "300aa0083006820461"
       "2e636e"}},
     NULL},
    {"extension-not-critical", NO_PART, NULL, {{OID_SUBJECT_KEY_IDENTIFIER, true, SKI}}, NULL},
    {"extension-not-critical", NO_PART, NULL, {{OID_AUTHORITY_KEY_IDENTIFIER, true, AKI}}, NULL},
    {"extension-unknown", NO_PART, NULL, {{OID_UNKNOWN, true, "0500"}}, NULL},
    {"authority-key", NO_PART, NULL, {{OID_AUTHORITY_KEY_IDENTIFIER, false, NULL}}, NULL},
    {"authority-key", NO_PART, NULL, {{OID_AUTHORITY_KEY_IDENTIFIER, false, "3000"}}, NULL},
    {"authority-key-self",
     NO_PART,
     NULL,
     {{0}},
     "{\"name\":\"n\",\"title\":\"t\",\"version\":3,\"issuer\":\"self\","
     "\"keys\":[{\"type\":\"p256\"}],\"validity\":{\"days\":730},"
     "\"subject\":[{\"attribute\":\"CN\",\"source\":\"request\",\"required\":true}],"
     "\"extensions\":{\"basicConstraints\":{\"ca\":true},"
     "\"keyUsage\":{\"bits\":[\"keyCertSign\"]}}}"},
    {"subject-key", NO_PART, NULL, {{OID_SUBJECT_KEY_IDENTIFIER, false, NULL}}, NULL},
    {"subject-key", NO_PART, NULL, {{OID_SUBJECT_KEY_IDENTIFIER, false, "0400"}}, NULL},
    {"basic-form", NO_PART, NULL, {{OID_BASIC_CONSTRAINTS, true, "3003010100"}}, NULL},
    {"basic-form", NO_PART, NULL, {{OID_BASIC_CONSTRAINTS, true, "0500"}}, NULL},
    {"basic-path", NO_PART, NULL, {{OID_BASIC_CONSTRAINTS, true, "3003020100"}}, NULL},
    {"usage-missing", NO_PART, NULL, {{OID_KEY_USAGE, false, NULL}}, NULL},
    {"usage-form", NO_PART, NULL, {{OID_KEY_USAGE, true, "030100"}}, NULL},
    {"usage-form", NO_PART, NULL, {{OID_KEY_USAGE, true, "03020080"}}, NULL},
    {"usage-authority", NO_PART, NULL, {{OID_BASIC_CONSTRAINTS, true, CA}}, NULL},
    {"usage-holder", NO_PART, NULL, {{OID_KEY_USAGE, true, CA_SIGNS}}, NULL},
    {"usage-holder", NO_PART, NULL, {{OID_KEY_USAGE, true, "03020102"}}, NULL},
    {"usage-key", NO_PART, NULL, {{OID_KEY_USAGE, true, "03020520"}}, NULL},
    {"usage-only", NO_PART, NULL, {{OID_KEY_USAGE, true, "03020081"}}, NULL},
    {"purpose-form", NO_PART, NULL, {{OID_EXTENDED_KEY_USAGE, false, "3000"}}, NULL},
    {"purpose-form",
     NO_PART,
     NULL,
     {{OID_EXTENDED_KEY_USAGE, false, "301406082b0601050507030206082b06010505070302"}},
     NULL},
    {"purpose-any", NO_PART, NULL, {{OID_EXTENDED_KEY_USAGE, false, "30060604551d2500"}}, NULL},
    {"purpose-usage",
     NO_PART,
     NULL,
     {{OID_EXTENDED_KEY_USAGE, false, "300a06082b06010505070303"},
      {OID_KEY_USAGE, true, "03020640"}},
     NULL},
    {"ocsp-no-check-form", NO_PART, NULL, {{OID_OCSP_NO_CHECK, false, "0101ff"}}, NULL},
    {"ocsp-no-check", NO_PART, NULL, {{OID_OCSP_NO_CHECK, false, "0500"}}, NULL},
    {"ocsp-no-check",
     NO_PART,
     NULL,
     {{OID_EXTENDED_KEY_USAGE, false, "300a06082b06010505070309"}},
     NULL},
    {"policy-form", NO_PART, NULL, {{OID_CERTIFICATE_POLICIES, false, "3000"}}, NULL},
    {"policy-form",
     NO_PART,
     NULL,
     {{OID_CERTIFICATE_POLICIES, false,
       "303630040602290130040602290230040602290330040602290430040602290530040602290630040602290730"
       "0406022908300406022909"}},
     NULL},
    {"policy-twice",
     NO_PART,
     NULL,
     {{OID_CERTIFICATE_POLICIES, false, "300c300406022a03300406022a03"}},
     NULL},
    {"policy-cps",
     NO_PART,
     NULL,
     {{OID_CERTIFICATE_POLICIES, false, "3017301506022a03300f300d06082b06010505070201160161"}},
     NULL},
    {"authority-only",
     NO_PART,
     NULL,
     {{OID_NAME_CONSTRAINTS, true, "300aa00830068204612e636e"}},
     NULL},
    {"authority-only", NO_PART, NULL, {{OID_POLICY_CONSTRAINTS, true, "3003800100"}}, NULL},
    {"constraints-form", NO_PART, NULL, {{OID_NAME_CONSTRAINTS, true, "3000"}}, NULL},
    {"constraints-form",
     NO_PART,
     NULL,
     {{OID_NAME_CONSTRAINTS, true, "300da00b30098204612e636e800101"}},
     NULL},
    {"constraints-dns",
     NO_PART,
     NULL,
     {{OID_NAME_CONSTRAINTS, true, "3009a007300582032e636e"}},
     NULL},
    {"alt-form", NO_PART, NULL, {{OID_SUBJECT_ALT_NAME, false, "3000"}}, NULL},
    {"alt-form", NO_PART, NULL, {{OID_SUBJECT_ALT_NAME, false, "3004a3023000"}}, NULL},
    {"alt-value",
     NO_PART,
     NULL,
     {{OID_SUBJECT_ALT_NAME, false,
       "300782056100"
       "2e636e"}},
     NULL},
    {"alt-value",
     NO_PART,
     NULL,
     {{OID_SUBJECT_ALT_NAME, false,
       "3005870301020"
       "3"}},
     NULL},
    {"alt-twice",
     NO_PART,
     NULL,
     {{OID_SUBJECT_ALT_NAME, false, "300c8204612e636e8204612e636e"}},
     NULL},
    {"alt-critical", NO_PART, NULL, {{OID_SUBJECT_ALT_NAME, true, "30068204612e636e"}}, NULL},
    {"points-form", NO_PART, NULL, {{OID_CRL_DISTRIBUTION_POINTS, false, "3000"}}, NULL},
    {"points-form", NO_PART, NULL, {{OID_CRL_DISTRIBUTION_POINTS, false, "30023000"}}, NULL},
    {"points-uri",
     NO_PART,
     NULL,
     {{OID_CRL_DISTRIBUTION_POINTS, false, "3011300fa00da00b8609687474703a2f2f6120"}},
     NULL},
    {"access-form", NO_PART, NULL, {{OID_AUTHORITY_INFO_ACCESS, false, "3000"}}, NULL},
    {"access-uri",
     NO_PART,
     NULL,
     {{OID_AUTHORITY_INFO_ACCESS, false, "300f300d06082b06010505073001860161"}},
     NULL},
    {"identity-form", NO_PART, NULL, {{OID_IDENTIFY_CODE, false, "0500"}}, NULL},
    {"identity-critical",
     NO_PART,
     NULL,
     {{OID_IDENTIFY_CODE, true, "1312313130313035313934393132333130303258"}},
     NULL},
    {"profile-validity", NO_PART, NULL, {{0}}, PROFILE_WITH("p256", "729", "CN", USAGE "}")},
    {"profile-validity", NO_PART, NULL, {{0}}, PROFILE_WITH("p256", "731", "CN", USAGE "}")},
    {"profile-key", NO_PART, NULL, {{0}}, PROFILE_WITH("sm2", "730", "CN", USAGE "}")},
    {"profile-subject", NO_PART, NULL, {{0}}, PROFILE_WITH("p256", "730", "US", USAGE "}")},
    {"profile-subject",
     PART(subject),
     "3011310f300d06035504030c06486f6c646572",
     {{0}},
     GOOD_PROFILE},
    {"profile-subject",
     PART(subject),
     "301e310f300d06035504030c06486f6c646572310b300906035504061302434e",
     {{0}},
     GOOD_PROFILE},
    {"profile-constant", NO_PART, NULL, {{OID_KEY_USAGE, false, SIGNS}}, GOOD_PROFILE},
    {"profile-constant", NO_PART, NULL, {{OID_BASIC_CONSTRAINTS, false, "3000"}}, GOOD_PROFILE},
    {"profile-extension", NO_PART, NULL, {{OID_CPS, false, "0500"}}, GOOD_PROFILE},
    {"profile-names",
     NO_PART,
     NULL,
     {{OID_SUBJECT_ALT_NAME, false, "30068204612e636e"}},
     GOOD_PROFILE},
    {"profile-names",
     NO_PART,
     NULL,
     {{0}},
     PROFILE_WITH("p256", "730", "CN",
                  USAGE ",\"subjectAltName\":{\"names\":[{\"kind\":\"dns\",\"min\":1}]}}")},
    {"profile-uris",
     NO_PART,
     NULL,
     {{0}},
     PROFILE_WITH("p256", "730", "CN",
                  USAGE ",\"cRLDistributionPoints\":{\"uris\":[\"http://a/{shard}\"]}}")},
    {"profile-uris",
     NO_PART,
     NULL,
     {{OID_AUTHORITY_INFO_ACCESS, false, "3016301406082b060105050730018608687474703a2f2f62"}},
     PROFILE_WITH("p256", "730", "CN",
                  USAGE ",\"authorityInfoAccess\":{\"ocsp\":[\"http://a\"]}}")},
    {"profile-identity",
     NO_PART,
     NULL,
     {{OID_IDENTIFY_CODE, false, "1312313130313035313934393132333130303258"}},
     GOOD_PROFILE},
    {"profile-issuer",
     PART(subject),
     "3021310b300906035504061302434e31123010060355040a0c09417574686f72697479",
     {{0}},
     GOOD_PROFILE},
};

#define PLANT_COUNT (sizeof plants / sizeof plants[0])

/* 1.2.3 as an extension nobody knows. */
static void put_unknown(parts_room *room, bool is_critical)
{
    der_writer writer = der_writer_on(room->octets, sizeof room->octets);
    writer.len = room->len;
    size_t extension = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, BYTES("\x2a\x03"));
    der_put_bool(&writer, is_critical);
    der_put_item(&writer, DER_OCTET_STRING, BYTES("\x05\x00"));
    der_close(&writer, extension);
    room->len = writer.len;
}

static bool is_replaced(const planted *plant, oid id)
{
    for (size_t i = 0; i < 3; i++) {
        if (plant->extensions[i].id == id)
            return true;
    }
    return false;
}

static void put_hex(parts_room *room, oid id, bool is_critical, const char *hex)
{
    uint8_t value[512];
    parts_put_extension(room, id, is_critical, harness_hex(hex, value, sizeof value));
}

static void put_extensions(const planted *plant, parts_room *room)
{
    static const planted_extension good[] = {
        {OID_AUTHORITY_KEY_IDENTIFIER, false, AKI},
        {OID_SUBJECT_KEY_IDENTIFIER, false, SKI},
        {OID_KEY_USAGE, true, SIGNS},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!is_replaced(plant, good[i].id))
            put_hex(room, good[i].id, good[i].is_critical, good[i].hex);
    }
    for (size_t i = 0; i < 3; i++) {
        const planted_extension *extension = &plant->extensions[i];
        if (extension->hex == NULL)
            continue;
        if (extension->id == OID_UNKNOWN)
            put_unknown(room, extension->is_critical);
        else
            put_hex(room, extension->id, extension->is_critical, extension->hex);
    }
}

static void make(const planted *plant, parts_room *out)
{
    parts_room extensions = {0};
    uint8_t part[512];
    put_extensions(plant, &extensions);
    certificate_parts parts = {.extensions = PARTS(extensions)};
    if (plant->part != NO_PART) {
        auth_bytes octets = harness_hex(plant->hex, part, sizeof part);
        memcpy((uint8_t *)&parts + plant->part, &octets, sizeof octets);
    }
    parts_make(&parts, out);
}

typedef struct search {
    const char *rule;
    bool is_found;
    size_t count;
} search;

static void visit(void *context, const auth_lint_finding *finding)
{
    search *it = context;
    it->count++;
    it->is_found = it->is_found || strcmp(finding->rule, it->rule) == 0;
    ck_assert(finding->clause[0] != '\0' && finding->text[0] != '\0' && finding->where[0] != '\0');
}

START_TEST(a_planted_defect_is_found)
{
    const planted *plant = &plants[_i];
    auth_error err;
    parts_room certificate;
    search it = {.rule = plant->rule};
    AUTH_AUTO(auth_profile) *profile =
        plant->profile == NULL ? NULL : realm_profile_of(plant->profile);
    make(plant, &certificate);
    assert_fails(auth_lint(PARTS(certificate), profile, visit, &it, &err), AUTH_STATUS_INVALID,
                 &err);
    ck_assert_msg(it.is_found, "%s: not found; first: %s", plant->rule, err.text);
}
END_TEST

START_TEST(a_good_certificate_has_no_finding)
{
    static const planted none = {.part = NO_PART};
    auth_error err;
    parts_room certificate;
    search it = {.rule = ""};
    AUTH_AUTO(auth_profile) *profile = realm_profile_of(GOOD_PROFILE);
    make(&none, &certificate);
    assert_ok(auth_lint(PARTS(certificate), NULL, visit, &it, &err), &err);
    assert_ok(auth_lint(PARTS(certificate), profile, visit, &it, &err), &err);
    assert_ok(auth_lint(PARTS(certificate), profile, NULL, NULL, &err), &err);
    ck_assert_uint_eq(it.count, 0);
}
END_TEST

START_TEST(every_rule_has_a_planted_defect)
{
    static const char *const rules[] = {
#define LINT_ROW(id, name, clause, text) (name),
#include "issue/lint.def"
    };
    bool is_planted = false;
    for (size_t i = 0; i < PLANT_COUNT && !is_planted; i++)
        is_planted = strcmp(plants[i].rule, rules[_i]) == 0;
    ck_assert_msg(is_planted, "no defect is planted for %s", rules[_i]);
}
END_TEST

START_TEST(octets_that_are_no_certificate_are_a_finding)
{
    auth_error err;
    search it = {.rule = "form"};
    assert_fails(auth_lint(BYTES(""), NULL, visit, &it, &err), AUTH_STATUS_INVALID, &err);
    ck_assert(it.is_found);
}
END_TEST

SUITE("lint", TEST_EACH(a_planted_defect_is_found, PLANT_COUNT),
      TEST(a_good_certificate_has_no_finding),
      TEST_EACH(every_rule_has_a_planted_defect, LINT_RULE_COUNT),
      TEST(octets_that_are_no_certificate_are_a_finding))
