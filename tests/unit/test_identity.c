/* SPDX-License-Identifier: Apache-2.0 */
/* Is a person number bound in the octets that the standards give, and read in every form met? */
#include "harness/harness.h"
#include "identity/identity.h"
#include "unit/certificate_parts.h"
#include "x509/name.h"

#include <string.h>

#define NUMBER "11010519491231002X"
#define OTHER_NUMBER "440524188001010014"
#define R32                                                                                        \
    BYTES("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"   \
          "\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f")
#define R20 ((auth_bytes){R32.data, 20})
#define P BYTES("Pa55-word.2024")
#define KEY BYTES("0123456789abcdef0123456789abcdef")
#define RULES ((auth_person_rules){.today = {2026, 1, 1}})

static auth_person_number number_of(const char *text, auth_person_type type)
{
    auth_error err;
    auth_person_number number;
    auth_person_rules rules = {.type = type, .today = {2026, 1, 1}};
    assert_ok(auth_person_number_parse(auth_bytes_from_text(text), &rules, &number, &err), &err);
    return number;
}

static auth_person_number number_here(void) { return number_of(NUMBER, AUTH_PERSON_TYPE_ANY); }

static auth_person_number other_number(void)
{
    return number_of(OTHER_NUMBER, AUTH_PERSON_TYPE_ANY);
}

/* A certificate with one extension. */
static void with_extension(oid id, auth_bytes value, parts_room *out)
{
    parts_room extensions = {0};
    parts_put_extension(&extensions, id, false, value);
    certificate_parts parts = {.extensions = PARTS(extensions)};
    parts_make(&parts, out);
}

/* A certificate whose subject has one attribute. */
static void with_attribute(oid id, const char *value, parts_room *out)
{
    uint8_t room[512];
    der_writer writer = der_writer_on(room, sizeof room);
    size_t name = der_open(&writer, DER_SEQUENCE);
    x509_put_attribute(&writer, id, auth_bytes_from_text(value));
    der_close(&writer, name);
    certificate_parts parts = {.subject = der_written(&writer)};
    parts_make(&parts, out);
}

/* GeneralNames around one GeneralName, as a subjectAltName. */
static void with_name(auth_bytes name, parts_room *out)
{
    uint8_t room[1024];
    der_writer writer = der_writer_on(room, sizeof room);
    der_put_item(&writer, DER_SEQUENCE, name);
    with_extension(OID_SUBJECT_ALT_NAME, der_written(&writer), out);
}

static unsigned bindings_of(const parts_room *certificate)
{
    auth_error err;
    unsigned bindings = 0;
    assert_ok(auth_identity_read(PARTS(*certificate), &bindings, &err), &err);
    return bindings;
}

static bool matches(const parts_room *certificate, const auth_person_number *number,
                    const auth_identity_proof *proof)
{
    auth_error err;
    bool is_match = false;
    assert_ok(auth_identity_matches(PARTS(*certificate), number, proof, &is_match, &err), &err);
    return is_match;
}

START_TEST(the_identify_code_is_written_as_the_standard_s_example)
{
    uint8_t room[128];
    uint8_t expected[128];
    auth_person_number number = number_here();
    der_writer writer = der_writer_on(room, sizeof room);
    identity_put_code(&writer, &number);
    assert_bytes(der_written(&writer),
                 harness_hex("302206082a811cd0140401010416a0141312313130313035313934393132333130303"
                             "258",
                             expected, sizeof expected));
}
END_TEST

START_TEST(each_type_has_its_alternative)
{
    uint8_t room[128];
    auth_person_number passport = number_of("E12345678", AUTH_PERSON_TYPE_PASSPORT);
    auth_person_number officer = number_of("军字第0000000号", AUTH_PERSON_TYPE_MILITARY_OFFICER);
    der_writer writer = der_writer_on(room, sizeof room);
    identity_put_code(&writer, &passport);
    assert_bytes(der_written(&writer), BYTES("\x30\x19\x06\x08\x2a\x81\x1c\xd0\x14\x04\x01\x01\x04"
                                             "\x0d\xa2\x0b\x13\x09"
                                             "E12345678"));
    writer = der_writer_on(room, sizeof room);
    identity_put_code(&writer, &officer);
    assert_bytes(der_written(&writer),
                 BYTES("\x30\x23\x06\x08\x2a\x81\x1c\xd0\x14\x04\x01\x01\x04\x17\xa1\x15\x0c\x13"
                       "军字第0000000号"));
}
END_TEST

static const struct {
    oid id;
    const char *hex;
} codes[] = {
    {OID_IDENTIFY_CODE, "a0141312313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE, "8012313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE, "1312313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE, "0c12313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE, "a0140c12313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE, "a0141312313130313035313934393132333130303278"},
    {OID_IDENTIFY_CODE_CARD_2023, "1312313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE_2006, "a0141312313130313035313934393132333130303258"},
    {OID_IDENTIFY_CODE_2010, "8012313130313035313934393132333130303258"},
};

START_TEST(an_identify_code_is_read_in_every_form)
{
    uint8_t room[64];
    parts_room certificate;
    auth_error err;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_person_number shown;
    auth_person_rules rules = RULES;
    with_extension(codes[_i].id, harness_hex(codes[_i].hex, room, sizeof room), &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_GBT20518));
    ck_assert(matches(&certificate, &mine, NULL));
    ck_assert(!matches(&certificate, &other, NULL));
    assert_ok(auth_identity_reveal(PARTS(certificate), &rules, &shown, &err), &err);
    ck_assert(auth_person_number_equal(&shown, &mine));
}
END_TEST

/* Trailing octets, two strings, other tags, indefinite forms, empty and over-long values. */
static const char *const bad_codes[] = {
    "a01413123131303130353139343931323331303032580500",
    "a0161312313130313035313934393132333130303258130141",
    "a3141312313130313035313934393132333130303258",
    "a000",
    "8000",
    "1300",
    "0412313130313035313934393132333130303258",
    "a0801312313130313035313934393132333130303258",
    "",
};

START_TEST(an_identify_code_of_no_form_is_refused)
{
    uint8_t room[64];
    parts_room certificate;
    auth_error err;
    unsigned bindings = 0;
    with_extension(OID_IDENTIFY_CODE, harness_hex(bad_codes[_i], room, sizeof room), &certificate);
    assert_fails(auth_identity_read(PARTS(certificate), &bindings, &err), AUTH_STATUS_MALFORMED,
                 &err);
}
END_TEST

START_TEST(alternatives_tell_the_types_apart)
{
    parts_room certificate;
    auth_person_number passport = number_of("E12345678", AUTH_PERSON_TYPE_PASSPORT);
    auth_person_number officer = number_of("E12345678", AUTH_PERSON_TYPE_MILITARY_OFFICER);
    with_extension(OID_IDENTIFY_CODE,
                   BYTES("\xa2\x0b\x13\x09"
                         "E12345678"),
                   &certificate);
    ck_assert(matches(&certificate, &passport, NULL));
    ck_assert(!matches(&certificate, &officer, NULL));
    with_extension(OID_IDENTIFY_CODE,
                   BYTES("\xa0\x0b\x13\x09"
                         "E12345678"),
                   &certificate);
    ck_assert(!matches(&certificate, &passport, NULL));
    with_extension(OID_IDENTIFY_CODE_2006,
                   BYTES("\x13\x09"
                         "E12345678"),
                   &certificate);
    ck_assert(matches(&certificate, &passport, NULL));
    with_extension(OID_IDENTIFY_CODE_PASSPORT_2023,
                   BYTES("\x0c\x09"
                         "E12345678"),
                   &certificate);
    ck_assert(matches(&certificate, &passport, NULL));
    ck_assert(!matches(&certificate, &officer, NULL));
}
END_TEST

START_TEST(a_semantics_identifier_is_written_as_the_example)
{
    uint8_t room[64];
    uint8_t expected[64];
    char text[IDENTITY_SEMANTICS_MAX];
    size_t len = 0;
    auth_error err;
    auth_person_number number = number_here();
    assert_ok(identity_write_semantics(&number, text, &len, &err), &err);
    der_writer writer = der_writer_on(room, sizeof room);
    x509_put_attribute(&writer, OID_SERIAL_NUMBER, (auth_bytes){(const uint8_t *)text, len});
    assert_bytes(der_written(&writer),
                 harness_hex("3121301f06035504051318504e4f434e2d3131303130353139343931323331303032"
                             "58",
                             expected, sizeof expected));
}
END_TEST

START_TEST(a_semantics_identifier_is_read)
{
    parts_room certificate;
    auth_error err;
    char text[IDENTITY_SEMANTICS_MAX];
    size_t len = 0;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_person_number passport = number_of("E12345678", AUTH_PERSON_TYPE_PASSPORT);
    auth_person_number officer = number_of("E12345678", AUTH_PERSON_TYPE_MILITARY_OFFICER);
    with_attribute(OID_SERIAL_NUMBER, "PNOCN-" NUMBER, &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_PNOCN));
    ck_assert(matches(&certificate, &mine, NULL));
    ck_assert(!matches(&certificate, &other, NULL));
    with_attribute(OID_SERIAL_NUMBER, "IDCCN-" NUMBER, &certificate);
    ck_assert(matches(&certificate, &mine, NULL));
    with_attribute(OID_SERIAL_NUMBER, "PASCN-E12345678", &certificate);
    ck_assert(matches(&certificate, &passport, NULL));
    ck_assert(!matches(&certificate, &officer, NULL));
    assert_fails(identity_write_semantics(&officer, text, &len, &err), AUTH_STATUS_UNSUPPORTED,
                 &err);
}
END_TEST

static const char *const plain_serials[] = {"PNOEE-38001085718", "PNOCN-", "1234", "PNOCN",
                                            "pnocn-1"};

START_TEST(another_serial_number_is_no_binding)
{
    parts_room certificate;
    auth_error err;
    bool out = true;
    auth_person_number mine = number_here();
    with_attribute(OID_SERIAL_NUMBER, plain_serials[_i], &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), 0);
    assert_fails(auth_identity_matches(PARTS(certificate), &mine, NULL, &out, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    ck_assert(out);
}
END_TEST

static const struct {
    digest_algorithm hash;
    const char *once;
    const char *twice;
} sims[] = {
    {DIGEST_SHA256, "ab19d33284eeafe2e07d646522de0ebf228836c33c231d2709ff3b25df048156",
     "7a05e0a967fedce0f9fb89d001127fe68a5c130d2c8f7887d9952cbe4147555f"},
    {DIGEST_SM3, "8f74d3229c28fd6e2ad575746de7fd388555955f52ba04fb5d7623626911bde3",
     "42baf12dcd627097a9b48a5de0f3418c5382c09ee76350eec15156f10bee4047"},
};

#define HASH_CONTENT                                                                               \
    "30500c0e506135352d776f72642e323032340420000102030405060708090a0b0c0d0e0f10111213141516171819" \
    "1a1b1c1d1e1f06082a811cd0140401010c12313130313035313934393132333130303258"

START_TEST(a_pepsi_is_the_example_s)
{
    uint8_t content[128];
    uint8_t value[DIGEST_MAX];
    uint8_t expected[DIGEST_MAX];
    uint8_t room[256];
    auth_error err;
    auth_person_number number = number_here();
    auth_bytes message = harness_hex(HASH_CONTENT, content, sizeof content);
    assert_ok(digest(sims[_i].hash, message, value, &err), &err);
    assert_bytes(((auth_bytes){value, 32}), harness_hex(sims[_i].once, expected, sizeof expected));
    assert_ok(identity_hash_twice(sims[_i].hash, message, value, &err), &err);
    auth_bytes twice = harness_hex(sims[_i].twice, expected, sizeof expected);
    assert_bytes(((auth_bytes){value, 32}), twice);
    der_writer writer = der_writer_on(room, sizeof room);
    assert_ok(identity_put_sim(&writer, sims[_i].hash, P, R32, &number, &err), &err);
    auth_bytes name = der_written(&writer);
    assert_bytes(((auth_bytes){name.data + name.len - 32, 32}), twice);
}
END_TEST

START_TEST(a_sim_stands_in_the_names_as_the_example)
{
    uint8_t room[256];
    uint8_t expected[256];
    auth_error err;
    auth_person_number number = number_here();
    der_writer writer = der_writer_on(room, sizeof room);
    size_t names = der_open(&writer, DER_SEQUENCE);
    assert_ok(identity_put_sim(&writer, DIGEST_SM3, P, R32, &number, &err), &err);
    der_close(&writer, names);
    assert_bytes(der_written(&writer),
                 harness_hex("3060a05e06082b06010505070806a0523050300a06082a811ccf55018311042000010"
                             "2030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f042042baf1"
                             "2dcd627097a9b48a5de0f3418c5382c09ee76350eec15156f10bee4047",
                             expected, sizeof expected));
}
END_TEST

START_TEST(a_sim_matches_with_its_secret_only)
{
    uint8_t room[256];
    parts_room certificate;
    auth_error err;
    bool out = false;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_identity_proof right = {.sim_secret = P};
    auth_identity_proof wrong = {.sim_secret = BYTES("Pa55-word.2025")};
    der_writer writer = der_writer_on(room, sizeof room);
    assert_ok(identity_put_sim(&writer, sims[_i].hash, P, R32, &mine, &err), &err);
    with_name(der_written(&writer), &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_SIM));
    ck_assert(matches(&certificate, &mine, &right));
    ck_assert(!matches(&certificate, &mine, &wrong));
    ck_assert(!matches(&certificate, &other, &right));
    assert_fails(auth_identity_matches(PARTS(certificate), &mine, NULL, &out, &err),
                 AUTH_STATUS_DENIED, &err);
}
END_TEST

START_TEST(a_passport_s_sim_is_of_another_type)
{
    uint8_t room[256];
    parts_room certificate;
    auth_error err;
    auth_person_number passport = number_of("E12345678", AUTH_PERSON_TYPE_PASSPORT);
    auth_person_number officer = number_of("E12345678", AUTH_PERSON_TYPE_MILITARY_OFFICER);
    auth_identity_proof proof = {.sim_secret = P};
    der_writer writer = der_writer_on(room, sizeof room);
    assert_ok(identity_put_sim(&writer, DIGEST_SM3, P, R32, &passport, &err), &err);
    with_name(der_written(&writer), &certificate);
    ck_assert(matches(&certificate, &passport, &proof));
    ck_assert(!matches(&certificate, &officer, &proof));
}
END_TEST

/* A SIM with these octets in place of R and PEPSI. */
static void with_sim(auth_bytes random, auth_bytes pepsi, auth_bytes hash, parts_room *out)
{
    uint8_t room[1024];
    der_writer writer = der_writer_on(room, sizeof room);
    identity_other_name marks = identity_open_other_name(&writer, OID_SIM);
    size_t sim = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, hash);
    der_put_item(&writer, DER_OCTET_STRING, random);
    der_put_item(&writer, DER_OCTET_STRING, pepsi);
    der_close(&writer, sim);
    identity_close_other_name(&writer, marks);
    with_name(der_written(&writer), out);
}

#define SM3_WITH_NULL BYTES("\x30\x0c\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11\x05\x00")
#define MD5 BYTES("\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05")

START_TEST(a_sim_of_hex_text_is_recognised)
{
    parts_room certificate;
    auth_error err;
    bool out = false;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_identity_proof proof = {.sim_secret = P};
    with_sim(BYTES("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"),
             BYTES("42BAF12DCD627097A9B48A5DE0F3418C5382C09EE76350EEC15156F10BEE4047"),
             SM3_WITH_NULL, &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_SIM));
    ck_assert(matches(&certificate, &mine, &proof));
    assert_fails(auth_identity_matches(PARTS(certificate), &other, &proof, &out, &err),
                 AUTH_STATUS_UNSUPPORTED, &err);
    with_sim(R32, R32, MD5, &certificate);
    assert_fails(auth_identity_matches(PARTS(certificate), &mine, &proof, &out, &err),
                 AUTH_STATUS_UNSUPPORTED, &err);
}
END_TEST

START_TEST(a_sim_of_no_form_is_refused)
{
    parts_room certificate;
    auth_error err;
    unsigned bindings = 0;
    with_name(BYTES("\xa0\x0e\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x06\xa0\x02\x05\x00"),
              &certificate);
    assert_fails(auth_identity_read(PARTS(certificate), &bindings, &err), AUTH_STATUS_MALFORMED,
                 &err);
    with_sim(BYTES(""), R32, SM3_WITH_NULL, &certificate);
    assert_fails(auth_identity_read(PARTS(certificate), &bindings, &err), AUTH_STATUS_MALFORMED,
                 &err);
}
END_TEST

START_TEST(a_vid_is_the_example_s)
{
    uint8_t content[64];
    uint8_t value[DIGEST_MAX];
    uint8_t expected[DIGEST_MAX];
    uint8_t room[256];
    parts_room certificate;
    auth_error err;
    bool out = false;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_identity_proof proof = {.vid_random = R20};
    auth_identity_proof wrong = {.vid_random = R32};
    auth_bytes vid = harness_hex("5071ed804f90b31b01bf1549eb3b8dfb0e60c06e91dca64bb85236a573959d01",
                                 expected, sizeof expected);
    assert_ok(identity_hash_twice(DIGEST_SHA256,
                                  harness_hex("302b131231313031303531393439313233313030325803150000"
                                              "0102030405060708090a0b0c0d0e0f10111213",
                                              content, sizeof content),
                                  value, &err),
              &err);
    assert_bytes(((auth_bytes){value, 32}), vid);
    der_writer writer = der_writer_on(room, sizeof room);
    assert_ok(identity_put_vid(&writer, DIGEST_SHA256, R20, BYTES("Holder"), &mine, &err), &err);
    auth_bytes name = der_written(&writer);
    assert_bytes(((auth_bytes){name.data + name.len - 32, 32}), vid);
    with_name(name, &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_VID));
    ck_assert(matches(&certificate, &mine, &proof));
    ck_assert(!matches(&certificate, &mine, &wrong));
    ck_assert(!matches(&certificate, &other, &proof));
    assert_fails(auth_identity_matches(PARTS(certificate), &mine, NULL, &out, &err),
                 AUTH_STATUS_DENIED, &err);
}
END_TEST

START_TEST(a_pseudonym_matches_under_its_key_only)
{
    char text[IDENTITY_PSEUDONYM_LEN + 1] = {0};
    parts_room certificate;
    auth_error err;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_identity_proof proof = {.pseudonym_key = KEY};
    auth_identity_proof wrong = {.pseudonym_key = R32};
    assert_ok(identity_write_pseudonym(sims[_i].hash, KEY, &mine, text, &err), &err);
    with_attribute(OID_PSEUDONYM, text, &certificate);
    ck_assert_uint_eq(bindings_of(&certificate),
                      AUTH_IDENTITY_BIT(AUTH_IDENTITY_BINDING_PSEUDONYM));
    ck_assert(matches(&certificate, &mine, &proof));
    ck_assert(!matches(&certificate, &mine, &wrong));
    ck_assert(!matches(&certificate, &other, &proof));
    with_attribute(OID_PSEUDONYM, "a nickname", &certificate);
    ck_assert_uint_eq(bindings_of(&certificate), 0);
}
END_TEST

/* HMAC-SHA-256 under KEY of 01 and the number, computed with another program. */
START_TEST(a_pseudonym_is_the_hmac_of_type_and_number)
{
    char text[IDENTITY_PSEUDONYM_LEN];
    auth_error err;
    auth_person_number mine = number_here();
    assert_ok(identity_write_pseudonym(DIGEST_SHA256, KEY, &mine, text, &err), &err);
    assert_bytes(((auth_bytes){(const uint8_t *)text, sizeof text}),
                 BYTES("e058843ee8588aa8af51c6b37760e2c08015947dcd16deefc0ca7459124937a9"));
}
END_TEST

START_TEST(a_certificate_of_two_people_belongs_to_neither)
{
    uint8_t room[256];
    parts_room certificate;
    parts_room extensions = {0};
    auth_error err;
    auth_person_number mine = number_here();
    auth_person_number other = other_number();
    auth_person_number shown;
    auth_person_rules rules = RULES;
    der_writer writer = der_writer_on(room, sizeof room);
    size_t name = der_open(&writer, DER_SEQUENCE);
    x509_put_attribute(&writer, OID_SERIAL_NUMBER, BYTES("PNOCN-" OTHER_NUMBER));
    der_close(&writer, name);
    parts_put_extension(&extensions, OID_IDENTIFY_CODE, false, BYTES("\x13\x12" NUMBER));
    certificate_parts parts = {.subject = der_written(&writer), .extensions = PARTS(extensions)};
    parts_make(&parts, &certificate);
    ck_assert(!matches(&certificate, &mine, NULL));
    ck_assert(!matches(&certificate, &other, NULL));
    assert_fails(auth_identity_reveal(PARTS(certificate), &rules, &shown, &err),
                 AUTH_STATUS_CONFLICT, &err);
}
END_TEST

START_TEST(a_number_that_breaks_the_rules_is_not_revealed)
{
    parts_room certificate;
    auth_error err;
    auth_person_number shown = {0};
    auth_person_rules rules = RULES;
    auth_person_rules passports = {.type = AUTH_PERSON_TYPE_PASSPORT, .today = {2026, 1, 1}};
    with_extension(OID_IDENTIFY_CODE,
                   BYTES("\x13\x12"
                         "110105194912310021"),
                   &certificate);
    assert_fails(auth_identity_reveal(PARTS(certificate), &rules, &shown, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(strstr(err.text, "194912"));
    with_extension(OID_IDENTIFY_CODE,
                   BYTES("\xa1\x0b\x0c\x09"
                         "E12345678"),
                   &certificate);
    assert_fails(auth_identity_reveal(PARTS(certificate), &passports, &shown, &err),
                 AUTH_STATUS_INVALID, &err);
    with_attribute(OID_COMMON_NAME, "Holder", &certificate);
    assert_fails(auth_identity_reveal(PARTS(certificate), &rules, &shown, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_uint_eq(shown.len, 0);
}
END_TEST

START_TEST(more_bindings_than_anybody_writes_are_refused)
{
    uint8_t room[1024];
    parts_room certificate;
    auth_error err;
    unsigned bindings = 0;
    der_writer writer = der_writer_on(room, sizeof room);
    size_t name = der_open(&writer, DER_SEQUENCE);
    for (size_t i = 0; i <= AUTH_IDENTITY_ITEMS_MAX; i++)
        x509_put_attribute(&writer, OID_SERIAL_NUMBER, BYTES("PNOCN-" NUMBER));
    der_close(&writer, name);
    certificate_parts parts = {.subject = der_written(&writer)};
    parts_make(&parts, &certificate);
    assert_fails(auth_identity_read(PARTS(certificate), &bindings, &err), AUTH_STATUS_LIMIT, &err);
}
END_TEST

START_TEST(secrets_are_made_strong_and_weak_ones_refused)
{
    auth_error err;
    AUTH_AUTO(auth_secret) *first = NULL;
    AUTH_AUTO(auth_secret) *second = NULL;
    AUTH_AUTO(auth_secret) *random = NULL;
    auth_secret *none = NULL;
    assert_ok(auth_identity_secret_new(AUTH_IDENTITY_BINDING_SIM, &first, &err), &err);
    assert_ok(auth_identity_secret_new(AUTH_IDENTITY_BINDING_SIM, &second, &err), &err);
    assert_ok(auth_identity_secret_new(AUTH_IDENTITY_BINDING_VID, &random, &err), &err);
    ck_assert_uint_eq(auth_secret_bytes(first).len, 26);
    ck_assert_uint_eq(auth_secret_bytes(random).len, 20);
    ck_assert(!auth_bytes_equal(auth_secret_bytes(first), auth_secret_bytes(second)));
    assert_ok(identity_check_secret(AUTH_IDENTITY_BINDING_SIM, auth_secret_bytes(first), &err),
              &err);
    assert_fails(identity_check_secret(AUTH_IDENTITY_BINDING_SIM, P, &err), AUTH_STATUS_INVALID,
                 &err);
    assert_fails(identity_check_secret(AUTH_IDENTITY_BINDING_VID, P, &err), AUTH_STATUS_INVALID,
                 &err);
    assert_fails(identity_check_secret(AUTH_IDENTITY_BINDING_PSEUDONYM, P, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_identity_secret_new(AUTH_IDENTITY_BINDING_PNOCN, &none, &err),
                 AUTH_STATUS_UNSUPPORTED, &err);
}
END_TEST

START_TEST(bindings_have_names)
{
    auth_error err;
    auth_identity_binding found = AUTH_IDENTITY_BINDING_NONE;
    const char *name = auth_identity_binding_name((auth_identity_binding)_i);
    assert_ok(auth_identity_binding_find(name, &found, &err), &err);
    ck_assert_int_eq((int)found, _i);
    ck_assert_str_ne(auth_identity_binding_title(found), "");
    ck_assert_int_eq(auth_identity_binding_is_clear(found), _i == 1 || _i == 2);
    assert_fails(auth_identity_binding_find("clear", &found, &err), AUTH_STATUS_NOT_FOUND, &err);
}
END_TEST

SUITE("identity", TEST(the_identify_code_is_written_as_the_standard_s_example),
      TEST(each_type_has_its_alternative),
      TEST_EACH(an_identify_code_is_read_in_every_form, sizeof codes / sizeof codes[0]),
      TEST_EACH(an_identify_code_of_no_form_is_refused, sizeof bad_codes / sizeof bad_codes[0]),
      TEST(alternatives_tell_the_types_apart),
      TEST(a_semantics_identifier_is_written_as_the_example), TEST(a_semantics_identifier_is_read),
      TEST_EACH(another_serial_number_is_no_binding,
                sizeof plain_serials / sizeof plain_serials[0]),
      TEST_EACH(a_pepsi_is_the_example_s, 2), TEST(a_sim_stands_in_the_names_as_the_example),
      TEST_EACH(a_sim_matches_with_its_secret_only, 2), TEST(a_passport_s_sim_is_of_another_type),
      TEST(a_sim_of_hex_text_is_recognised), TEST(a_sim_of_no_form_is_refused),
      TEST(a_vid_is_the_example_s), TEST_EACH(a_pseudonym_matches_under_its_key_only, 2),
      TEST(a_pseudonym_is_the_hmac_of_type_and_number),
      TEST(a_certificate_of_two_people_belongs_to_neither),
      TEST(a_number_that_breaks_the_rules_is_not_revealed),
      TEST(more_bindings_than_anybody_writes_are_refused),
      TEST(secrets_are_made_strong_and_weak_ones_refused), TEST_EACH(bindings_have_names, 6))
