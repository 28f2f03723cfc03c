/* SPDX-License-Identifier: Apache-2.0 */
/* Does the public interface tell of a certificate, and of a name, what they say, and hide in its
 * texts what may be a person number? */
#include "harness/harness.h"
#include "harness/raw_cert.h"
#include "unit/der_notation.h"

#include <auth/cert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNEX "11010519491231002X"
#define ANNEX_HEX "313130313035313934393132333130303258"

static auth_cert *make_cert(const char *key_name, auth_bytes extensions)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_name);
    raw_cert raw = {
        .issuer = "A",
        .subject = "B",
        .serial = 0x81,
        .not_before = 1767225600,
        .not_after = 2524608000,
        .extensions = extensions,
    };
    raw_bytes der = raw_cert_make(&raw, auth_signer_public_key(signer), signer);
    auth_cert *cert = NULL;
    auth_error err;
    assert_ok(auth_cert_parse(RAW(der), &cert, &err), &err);
    return cert;
}

#define EXTENSIONS                                                                                 \
    "30{06{551d13}0101ff04{30{0101ff020102}}}"                                                     \
    "30{06{551d0f}0101ff04{03{0106}}}"                                                             \
    "30{06{551d25}04{30{06{2b06010505070302}06{2a03}}}}"                                           \
    "30{06{551d0e}04{04{0102}}}"                                                                   \
    "30{06{551d23}04{30{80{0304}}}}"                                                               \
    "30{06{551d1f}04{30{30{a0{a0{86{687474703a2f2f63}}}}}}}"                                       \
    "30{06{2b06010505070101}04{30{30{06{2b06010505073001}86{687474703a2f2f6f}}"                    \
    "30{06{2b06010505073002}86{687474703a2f2f69}}}}}"                                              \
    "30{06{2a0304}04{0500}}"

START_TEST(a_certificate_tells_what_it_says)
{
    uint8_t room[DER_NOTATION_MAX];
    AUTH_AUTO(auth_cert) *cert = make_cert("p256", der_notation(EXTENSIONS, room));
    uint32_t number = 0;
    raw_bytes issuer = raw_name("A");
    raw_bytes subject = raw_name("B");
    ck_assert_uint_eq(auth_cert_version(cert), 3);
    assert_bytes(auth_cert_serial(cert), BYTES("\x00\x81"));
    assert_bytes(auth_cert_issuer(cert), RAW(issuer));
    assert_bytes(auth_cert_subject(cert), RAW(subject));
    ck_assert_int_eq(auth_cert_not_before(cert), 1767225600);
    ck_assert_int_eq(auth_cert_not_after(cert), 2524608000);
    ck_assert(auth_cert_is_ca(cert));
    ck_assert(auth_cert_path_length(cert, &number) && number == 2);
    ck_assert(auth_cert_key_usage(cert, &number));
    ck_assert_uint_eq(number, AUTH_KEY_USAGE_KEY_CERT_SIGN | AUTH_KEY_USAGE_CRL_SIGN);
    ck_assert(auth_cert_has_purpose(cert, "clientAuth"));
    ck_assert(auth_cert_has_purpose(cert, "1.3.6.1.5.5.7.3.2"));
    ck_assert(auth_cert_has_purpose(cert, "1.2.3"));
    ck_assert(!auth_cert_has_purpose(cert, "serverAuth"));
    ck_assert(!auth_cert_has_purpose(cert, ""));
    assert_bytes(auth_cert_subject_key_id(cert), BYTES("\x01\x02"));
    assert_bytes(auth_cert_authority_key_id(cert), BYTES("\x03\x04"));
    assert_bytes(auth_cert_crl_uri(cert), BYTES("http://c"));
    assert_bytes(auth_cert_ocsp_uri(cert), BYTES("http://o"));
    assert_bytes(auth_cert_ca_issuers_uri(cert), BYTES("http://i"));
    ck_assert_uint_eq(auth_cert_extension_count(cert), 8);
}

START_TEST(a_certificate_without_extensions_tells_that)
{
    AUTH_AUTO(auth_cert) *cert = make_cert("ed25519", (auth_bytes){NULL, 0});
    uint32_t number = 7;
    auth_extension extension;
    ck_assert(!auth_cert_is_ca(cert) && !auth_cert_path_length(cert, &number));
    ck_assert(!auth_cert_key_usage(cert, &number) && number == 7);
    ck_assert(!auth_cert_has_purpose(cert, "clientAuth"));
    ck_assert_uint_eq(auth_cert_subject_key_id(cert).len + auth_cert_authority_key_id(cert).len +
                          auth_cert_crl_uri(cert).len + auth_cert_ocsp_uri(cert).len +
                          auth_cert_ca_issuers_uri(cert).len + auth_cert_extension_count(cert),
                      0);
    ck_assert(!auth_cert_extension_at(cert, 0, &extension));
    ck_assert(!auth_cert_extension_find(cert, "keyUsage", &extension));
}

START_TEST(an_extension_is_found_by_name_and_oid)
{
    uint8_t room[DER_NOTATION_MAX];
    AUTH_AUTO(auth_cert) *cert = make_cert("ed25519", der_notation(EXTENSIONS, room));
    auth_extension extension;
    ck_assert(auth_cert_extension_find(cert, "keyUsage", &extension));
    ck_assert(extension.is_critical);
    ck_assert_str_eq(extension.oid, "2.5.29.15");
    ck_assert(auth_cert_extension_find(cert, "2.5.29.15", &extension));
    ck_assert_str_eq(extension.name, "keyUsage");
    ck_assert(auth_cert_extension_find(cert, "1.2.3.4", &extension));
    ck_assert_str_eq(extension.name, "");
    assert_bytes(extension.value, BYTES("\x05\x00"));
    ck_assert(!auth_cert_extension_find(cert, "", &extension));
    ck_assert(!auth_cert_extension_find(cert, "nameConstraints", &extension));
}

static const char *const malformed_values[] = {
    "30{06{551d13}04{0500}}",           "30{06{551d0f}04{0500}}", "30{06{551d25}04{3000}}",
    "30{06{551d0e}04{0500}}",           "30{06{551d23}04{0500}}", "30{06{551d1f}04{3000}}",
    "30{06{2b06010505070101}04{3000}}",
};

START_TEST(an_extension_that_is_decoded_must_be_of_its_form)
{
    uint8_t room[DER_NOTATION_MAX];
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    raw_cert raw = {"A", "B", 1, 0, 1, der_notation(malformed_values[_i], room)};
    raw_bytes der = raw_cert_make(&raw, auth_signer_public_key(signer), signer);
    auth_cert *cert = NULL;
    auth_error err;
    assert_fails(auth_cert_parse(RAW(der), &cert, &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_ptr_null(cert);
    ck_assert_ptr_nonnull(strstr(err.text, "RFC 5280 4.2"));
}

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};

START_TEST(a_signature_is_checked_with_the_issuers_key)
{
    AUTH_AUTO(auth_cert) *cert = make_cert(key_names[_i], (auth_bytes){NULL, 0});
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_error err;
    assert_ok(auth_cert_public_key(cert, &key, &err), &err);
    assert_ok(auth_cert_check_signature(cert, key, &err), &err);
    AUTH_AUTO(auth_signer) *other = raw_signer_new(auth_public_key_type(key));
    assert_fails(auth_cert_check_signature(cert, auth_signer_public_key(other), &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    char algorithm[AUTH_OID_TEXT_SIZE];
    static const char *const names[] = {"ecdsa-with-SHA256", "ecdsa-with-SHA384",
                                        "sha256WithRSAEncryption", "Ed25519", "SM2-with-SM3"};
    auth_algorithm_text(auth_cert_algorithm(cert), algorithm);
    ck_assert_str_eq(algorithm, names[_i]);
}

START_TEST(an_algorithm_that_was_not_signed_is_refused)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    raw_cert raw = {"A", "B", 1, 0, 1, {NULL, 0}};
    raw_bytes der = raw_cert_make(&raw, auth_signer_public_key(signer), signer);
    /* The last AlgorithmIdentifier of the certificate is the one outside. */
    auth_bytes algorithm = auth_signer_algorithm(signer);
    size_t at = der.len - algorithm.len;
    while (memcmp(der.octets + at, algorithm.data, algorithm.len) != 0)
        at--;
    der.octets[at + algorithm.len - 1] ^= 0x01; /* ecdsa-with-SHA384 */
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_error err;
    assert_ok(auth_cert_parse(RAW(der), &cert, &err), &err);
    assert_fails(auth_cert_check_signature(cert, auth_signer_public_key(signer), &err),
                 AUTH_STATUS_INVALID, &err);
}

static void fill_hex(const uint8_t *octets, char *out)
{
    for (size_t i = 0; i < AUTH_FINGERPRINT_SIZE; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", octets[i]);
}

START_TEST(fingerprints_are_hashes_of_the_whole)
{
    /* A certificate fixed to the octet: signed by nobody, hashed by the openssl command. */
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes der = der_notation(
        "30{30{a0{020102}02010130{06{2b6570}}3000"
        "30{17{3236303130313030303030305a}17{3236303130313030303030305a}}300030{30{06{2b6570}}"
        "03{0001}}}30{06{2b6570}}03{0055}}",
        room);
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_error err;
    uint8_t hash[AUTH_FINGERPRINT_SIZE];
    char text[2 * AUTH_FINGERPRINT_SIZE + 1];
    assert_ok(auth_cert_parse(der, &cert, &err), &err);
    assert_ok(auth_cert_fingerprint_sha256(cert, hash, &err), &err);
    fill_hex(hash, text);
    ck_assert_str_eq(text, "fb65676f937434c3a475fda38764f186ab9eb91ed2bd1288a99504975f94f8d9");
    assert_ok(auth_cert_fingerprint_sm3(cert, hash, &err), &err);
    fill_hex(hash, text);
    ck_assert_str_eq(text, "1cf3716f0f87c49183e147b808e6a6c23ee1ee3968322a1a0cd36275ecbed779");
}

START_TEST(a_certificate_too_large_is_a_limit)
{
    static const uint8_t huge[AUTH_CERT_MAX + 1];
    auth_cert *cert = NULL;
    auth_error err;
    assert_fails(auth_cert_parse((auth_bytes){huge, sizeof huge}, &cert, &err), AUTH_STATUS_LIMIT,
                 &err);
    auth_cert_free(NULL);
}

typedef struct text_case {
    const char *extension; /* in the notation of der_notation.h */
    const char *masked;
    const char *revealed;
} text_case;

#define SAME(text) text, text

static const text_case text_cases[] = {
    {"30{06{551d13}04{3000}}", SAME("not an authority")},
    {"30{06{551d13}04{30{0101ff020100}}}", SAME("an authority, path length 0")},
    {"30{06{551d0f}04{03{07ff80}}}",
     SAME("digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment, keyAgreement, "
          "keyCertSign, cRLSign, encipherOnly, decipherOnly")},
    {"30{06{551d0f}04{03{060040}}}", SAME("bit 9")},
    {"30{06{551d25}04{30{06{551d2500}06{2a03}}}}", SAME("anyExtendedKeyUsage, 1.2.3")},
    {"30{06{551d0e}04{04{00ff}}}", SAME("00ff")},
    {"30{06{551d0e}04{04{" ANNEX_HEX "}}}", "18 octets, hidden", ANNEX_HEX},
    {"30{06{551d23}04{30{80{01}a1{a4{30{31{30{06{550403}0c{41}}}}}}82{05}}}}",
     SAME("01, dirName:CN=A, serial 05")},
    {"30{06{551d11}04{30{82{612e62}81{6140622e63}86{687474703a2f2f61}87{c0000201}"
     "87{20010db8000000000000000000000001}88{2a03}}}}",
     SAME("DNS:a.b, email:a@b.c, URI:http://a, IP:192.0.2.1, "
          "IP:20010db8000000000000000000000001, RID:1.2.3")},
    {"30{06{551d11}04{30{82{61000a62}}}}", SAME("DNS:a\\00\\0Ab")},
    {"30{06{551d11}04{30{86{75726e3a" ANNEX_HEX "}}}}", "URI:urn:******************",
     "URI:urn:" ANNEX},
    {"30{06{551d11}04{30{a4{30{31{30{06{550405}13{504e4f434e2d" ANNEX_HEX "}}}}}}}}",
     "dirName:serialNumber=PNOCN-******************", "dirName:serialNumber=PNOCN-" ANNEX},
    {"30{06{551d11}04{30{a0{06{2a03}a0{13{" ANNEX_HEX "}}}}}}", "otherName:1.2.3:20 octets, hidden",
     "otherName:1.2.3:1312" ANNEX_HEX},
    {"30{06{551d11}04{30{87{" ANNEX_HEX "}}}}", "IP:18 octets, hidden", "IP:" ANNEX_HEX},
    {"30{06{551d11}04{30{a3{13{" ANNEX_HEX "}}}}}", "22 octets, hidden", "a3141312" ANNEX_HEX},
    {"30{06{551d1f}04{30{30{a0{a0{86{6c6461703a2f2f61}}}81{0640}}30{a2{a4{3000}}}}}}",
     SAME("ldap://a (some reasons only), CRL issuer: dirName:")},
    {"30{06{2b06010505070101}04{30{30{06{2b06010505073001}86{687474703a2f2f6f}}"
     "30{06{2a03}82{61}}}}}",
     SAME("id-ad-ocsp http://o, 1.2.3 DNS:a")},
    {"30{06{551d1f}04{30{30{a0{a0{86{687474703a2f2f612f" ANNEX_HEX "2e63726c}}}}}}}",
     "http://a/******************.crl", "http://a/" ANNEX ".crl"},
    {"30{06{551d1f}04{30{30{a0{a0{86{687474703a2f2f3139322e3136382e3130302e3230302f"
     "3031323334353637383930313233343536373839303132333435363738393031323334353637383961"
     "2f32303236}}}}}}}",
     SAME("http://192.168.100.200/0123456789012345678901234567890123456789a/2026")},
    {"30{06{551d20}04{30{30{06{2a03}}30{06{551d2000}30{30{06{2b06010505070201}16{68}}}}}}}",
     SAME("1.2.3, anyPolicy id-qt-cps h")},
    {"30{06{551d21}04{30{30{06{2a03}06{2a04}}}}}", SAME("1.2.3 is 1.2.4")},
    {"30{06{551d24}04{30{80{00}81{05}}}}",
     SAME("explicit policy required after 0, mapping inhibited after 5")},
    {"30{06{551d36}04{020103}}", SAME("3")},
    {"30{06{551d1e}04{30{a0{30{82{61}}}a1{30{87{c0000200ffffff00}}}}}}",
     SAME("permitted DNS:a, excluded IP:192.0.2.0/255.255.255.0")},
    {"30{06{2b0601050507300105}04{0500}}", SAME("yes")},
    {"30{06{2b06010505070103}04{30{30{06{2b06010505070b02}}}}}", SAME("id-qcs-pkixQCSyntax-v2")},
    /* What is not decoded, and what is not of its form: by its length only. */
    {"30{06{2a811cd014040101}04{a0{13{" ANNEX_HEX "}}}}", "22 octets, hidden",
     "a0141312" ANNEX_HEX},
    {"30{06{2a03}04{05}}", "1 octet, hidden", "05"},
    {"30{06{551d11}04{30{a0{06{2a03}13{" ANNEX_HEX "}}}}}", "not of its form: 28 octets, hidden",
     "not of its form: 301aa01806022a031312" ANNEX_HEX},
    {"30{06{551d20}04{30{30{0500}}}}", "not of its form: 6 octets, hidden",
     "not of its form: 300430020500"},
};

START_TEST(an_extension_has_a_text_that_hides_numbers)
{
    const text_case *row = &text_cases[_i];
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes whole = der_notation(row->extension, room);
    auth_bytes content;
    auth_bytes type;
    auth_extension extension = {.name = ""};
    bool is_critical = false;
    ck_assert(der_only(whole, DER_SEQUENCE, &content) && der_take_oid(&content, &type));
    if (der_peek(content, DER_BOOLEAN))
        ck_assert(der_take_bool(&content, &is_critical));
    ck_assert(der_take(&content, DER_OCTET_STRING, &extension.value));
    ck_assert(der_oid_text(type, extension.oid, sizeof extension.oid));
    for (int reveal = AUTH_MASKED; reveal <= AUTH_REVEALED; reveal++) {
        AUTH_AUTO(auth_buf) *out = NULL;
        auth_error err;
        assert_ok(auth_buf_new(4096, &out, &err), &err);
        assert_ok(auth_buf_append(out, BYTES("> "), &err), &err);
        assert_ok(auth_extension_text(&extension, (auth_reveal)reveal, out, &err), &err);
        assert_ok(auth_buf_append(out, (auth_bytes){(const uint8_t *)"", 1}, &err), &err);
        ck_assert_str_eq((const char *)auth_buf_bytes(out).data + 2,
                         reveal == AUTH_MASKED ? row->masked : row->revealed);
    }
}

START_TEST(a_text_that_does_not_fit_leaves_the_buffer_as_it_was)
{
    auth_extension extension = {.oid = "2.5.29.14", .name = "", .value = BYTES("\x04\x02\x01\x02")};
    for (size_t max = 1; max < 5; max++) {
        AUTH_AUTO(auth_buf) *out = NULL;
        auth_error err;
        assert_ok(auth_buf_new(max, &out, &err), &err);
        assert_ok(auth_buf_append(out, BYTES("x"), &err), &err);
        assert_fails(auth_extension_text(&extension, AUTH_MASKED, out, &err), AUTH_STATUS_LIMIT,
                     &err);
        assert_bytes(auth_buf_bytes(out), BYTES("x"));
    }
}

typedef struct add_case {
    const char *type;
    const char *value;
    auth_status status;
    const char *name; /* in the notation of der_notation.h */
} add_case;

static const add_case add_cases[] = {
    {"CN", "A", AUTH_STATUS_OK, "30{31{30{06{550403}0c{41}}}}"},
    {"2.5.4.3", "A", AUTH_STATUS_OK, "30{31{30{06{550403}0c{41}}}}"},
    {"C", "CN", AUTH_STATUS_OK, "30{31{30{06{550406}13{434e}}}}"},
    {"DC", "a", AUTH_STATUS_OK, "30{31{30{06{0992268993f22c640119}16{61}}}}"},
    {"1.2.3.4", "a", AUTH_STATUS_OK, "30{31{30{06{2a0304}0c{61}}}}"},
    {"CN", "/CN=a,O=b", AUTH_STATUS_OK, "30{31{30{06{550403}0c{2f434e3d612c4f3d62}}}}"},
    {"CN", "", AUTH_STATUS_INVALID, NULL},
    {"CN", "a\n", AUTH_STATUS_INVALID, NULL},
    {"C", "CHN", AUTH_STATUS_INVALID, NULL},
    {"C", "c", AUTH_STATUS_INVALID, NULL},
    {"cn", "A", AUTH_STATUS_NOT_FOUND, NULL},
    {"keyUsage", "A", AUTH_STATUS_NOT_FOUND, NULL},
    {"1.2.", "A", AUTH_STATUS_NOT_FOUND, NULL},
    {"", "A", AUTH_STATUS_NOT_FOUND, NULL},
};

START_TEST(a_name_is_built_of_attributes)
{
    const add_case *row = &add_cases[_i];
    AUTH_AUTO(auth_name) *name = NULL;
    auth_error err;
    uint8_t room[DER_NOTATION_MAX];
    assert_ok(auth_name_new(&name, &err), &err);
    assert_bytes(auth_name_der(name), BYTES("\x30\x00"));
    if (row->status == AUTH_STATUS_OK) {
        assert_ok(auth_name_add(name, row->type, auth_bytes_from_text(row->value), &err), &err);
        assert_bytes(auth_name_der(name), der_notation(row->name, room));
    } else {
        assert_fails(auth_name_add(name, row->type, auth_bytes_from_text(row->value), &err),
                     row->status, &err);
        assert_bytes(auth_name_der(name), BYTES("\x30\x00"));
    }
}

typedef struct bound {
    const char *type;
    size_t max;
} bound;

/* RFC 5280 appendix A.1 and X.520. */
static const bound bounds[] = {{"CN", 64},    {"O", 64},          {"OU", 64},
                               {"L", 128},    {"ST", 128},        {"serialNumber", 64},
                               {"title", 64}, {"pseudonym", 128}, {"emailAddress", 255},
                               {"DC", 63},    {"1.2.3", 256}};

START_TEST(a_value_may_have_as_many_characters_as_x520_says)
{
    char value[400];
    memset(value, 'a', sizeof value);
    AUTH_AUTO(auth_name) *name = NULL;
    auth_error err;
    assert_ok(auth_name_new(&name, &err), &err);
    auth_bytes longest = {(const uint8_t *)value, bounds[_i].max};
    assert_ok(auth_name_add(name, bounds[_i].type, longest, &err), &err);
    longest.len++;
    assert_fails(auth_name_add(name, bounds[_i].type, longest, &err), AUTH_STATUS_INVALID, &err);
}

START_TEST(a_name_is_bounded)
{
    char value[256];
    memset(value, 'a', sizeof value);
    AUTH_AUTO(auth_name) *name = NULL;
    auth_error err;
    assert_ok(auth_name_new(&name, &err), &err);
    auth_status status = AUTH_STATUS_OK;
    size_t before = 0;
    for (int i = 0; i < 64 && status == AUTH_STATUS_OK; i++) {
        before = auth_name_der(name).len;
        status =
            auth_name_add(name, "1.2.3", (auth_bytes){(const uint8_t *)value, sizeof value}, &err);
    }
    ck_assert_int_eq((int)status, (int)AUTH_STATUS_LIMIT);
    ck_assert_uint_eq(auth_name_der(name).len, before);
    ck_assert(auth_name_equal(auth_name_der(name), auth_name_der(name)));
}

static auth_status parse_once(void *context)
{
    auth_cert *cert = NULL;
    auth_status status = auth_cert_parse(auth_cert_der(context), &cert, NULL);
    auth_cert_free(cert);
    return status;
}

START_TEST(parsing_survives_failing_memory)
{
    AUTH_AUTO(auth_cert) *cert = make_cert("ed25519", (auth_bytes){NULL, 0});
    ck_assert_uint_eq(harness_for_each_failure(parse_once, cert), 1);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("x509_cert", TEST(a_certificate_tells_what_it_says),
      TEST(a_certificate_without_extensions_tells_that),
      TEST(an_extension_is_found_by_name_and_oid),
      TEST_EACH(an_extension_that_is_decoded_must_be_of_its_form, COUNT(malformed_values)),
      TEST_EACH(a_signature_is_checked_with_the_issuers_key, COUNT(key_names)),
      TEST(an_algorithm_that_was_not_signed_is_refused), TEST(fingerprints_are_hashes_of_the_whole),
      TEST(a_certificate_too_large_is_a_limit),
      TEST_EACH(an_extension_has_a_text_that_hides_numbers, COUNT(text_cases)),
      TEST(a_text_that_does_not_fit_leaves_the_buffer_as_it_was),
      TEST_EACH(a_name_is_built_of_attributes, COUNT(add_cases)),
      TEST_EACH(a_value_may_have_as_many_characters_as_x520_says, COUNT(bounds)),
      TEST(a_name_is_bounded), TEST(parsing_survives_failing_memory))
