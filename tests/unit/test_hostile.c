/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on validation that need several objects at once: evidence that vouches for itself, names
 * spelled to slip past a constraint, and certificates on which two ways to a verdict might differ.
 */
#include "harness/chain.h"
#include "harness/harness.h"
#include "x509/view.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCE_ROOM 24

typedef struct hostile {
    auth_key_type type;
    auth_validation options;
    chain c;
    size_t intermediate_count;
    auth_bytes intermediates[EVIDENCE_ROOM];
    size_t crl_count;
    auth_buf *crls[EVIDENCE_ROOM];
} hostile;

static hostile hostile_new(auth_key_type type)
{
    return (hostile){
        .type = type,
        .c = chain_make(type, CHAIN_LEAF, NULL),
        .options = {.now = CHAIN_NOW,
                    .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                    .requires_revocation = true},
    };
}

static void hostile_end(hostile *h)
{
    for (size_t i = 0; i < h->crl_count; i++)
        auth_buf_free(h->crls[i]);
}

static auth_verdict ask(const hostile *h)
{
    auth_error err;
    auth_verdict verdict;
    auth_bytes crls[EVIDENCE_ROOM];
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_bytes anchor = RAW(h->c.certs[CHAIN_ROOT]);
    for (size_t i = 0; i < h->crl_count; i++)
        crls[i] = auth_buf_bytes(h->crls[i]);
    auth_evidence evidence = {
        .intermediates = h->intermediates,
        .intermediate_count = h->intermediate_count,
        .crls = crls,
        .crl_count = h->crl_count,
    };
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &h->options, RAW(h->c.certs[CHAIN_LEAF]), &evidence, &verdict,
                            &err),
              &err);
    return verdict;
}

#define HAS(name) AUTH_VERDICT_REASON_##name

#define assert_reason(given, wanted)                                                               \
    do {                                                                                           \
        auth_verdict verdict_ = (given);                                                           \
        ck_assert_msg(verdict_.reason == (wanted), "%s at %u instead of %s: %s",                   \
                      auth_verdict_reason_name(verdict_.reason), verdict_.depth,                   \
                      auth_verdict_reason_name(wanted), verdict_.detail);                          \
    } while (0)

/* A CRL under the root's name, by the holder's key. */
static auth_buf *crl_in_the_root_s_name(auth_key_type type)
{
    auth_error err;
    auth_buf *out = NULL;
    auth_crl_builder *builder = NULL;
    uint8_t id[AUTH_KEY_ID_SIZE];
    const auth_signer *signer = chain_signer(type, CHAIN_LEAF);
    raw_bytes name = raw_name("Chain root");
    auth_public_key_id(auth_signer_public_key(signer), id);
    auth_crl_settings settings = {
        .issuer = RAW(name),
        .key_id = {id, sizeof id},
        .this_update = CHAIN_NOW - 60,
        .next_update = CHAIN_NOW + CHAIN_DAY,
        .number = BYTES("\x63"),
    };
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, signer, out, &err), &err);
    auth_crl_builder_free(builder);
    return out;
}

/* A certificate in the root's name for the holder's key, which the authority below it signed. */
static raw_bytes crl_signer_in_the_root_s_name(auth_key_type type)
{
    chain_cert cert = chain_plan(type, CHAIN_LEAF);
    raw_bytes usage = chain_key_usage(0x40); /* cRLSign */
    cert.serial = BYTES("\x55");
    cert.subject = raw_name("Chain root");
    chain_set(&cert, OID_KEY_USAGE, true, RAW(usage));
    chain_drop(&cert, OID_EXTENDED_KEY_USAGE);
    return chain_sign(&cert, type, CHAIN_LEAF, CHAIN_CA);
}

START_TEST(an_authority_that_is_revoked_cannot_vouch_for_itself)
{
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    raw_bytes signer = crl_signer_in_the_root_s_name(h.type);
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    h.crls[h.crl_count++] =
        chain_crl_make(h.type, CHAIN_ROOT,
                       &(chain_crl){.number = 1,
                                    .serial = BYTES("\x22"),
                                    .reason = AUTH_REVOCATION_REASON_CA_COMPROMISE});
    h.crls[h.crl_count++] = chain_crl_make(h.type, CHAIN_CA, &(chain_crl){.number = 1});
    assert_reason(ask(&h), HAS(REVOKED));
    h.crls[h.crl_count++] = crl_in_the_root_s_name(h.type);
    h.intermediates[h.intermediate_count++] = RAW(signer);
    assert_reason(ask(&h), HAS(REVOKED));
    hostile_end(&h);
}
END_TEST

/* A CRL in the authority's name, by the holder's key. */
static auth_buf *forged_crl(auth_key_type type, const uint8_t *number)
{
    auth_error err;
    auth_buf *out = NULL;
    auth_crl_builder *builder = NULL;
    raw_bytes name = raw_name("Chain authority");
    auth_crl_settings settings = {
        .issuer = RAW(name),
        .key_id = BYTES("\x01"),
        .this_update = CHAIN_NOW - 60,
        .next_update = CHAIN_NOW + CHAIN_DAY,
        .number = {number, 1},
    };
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, chain_signer(type, CHAIN_LEAF), out, &err), &err);
    auth_crl_builder_free(builder);
    return out;
}

/* Namesakes of the authority with the holder's key, which nobody trusts. */
static void add_namesakes(hostile *h, raw_bytes *rooms, uint8_t (*serials)[1], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        chain_cert cert = chain_plan(h->type, CHAIN_CA);
        serials[i][0] = (uint8_t)(1 + i);
        cert.serial = (auth_bytes){serials[i], 1};
        cert.issuer = raw_name("Nobody");
        chain_drop(&cert, OID_SUBJECT_KEY_IDENTIFIER);
        rooms[i] = chain_sign(&cert, h->type, CHAIN_LEAF, CHAIN_LEAF);
        h->intermediates[h->intermediate_count++] = RAW(rooms[i]);
    }
}

/* Many CRLs times many certificates that could have signed them is more work than is done. */
START_TEST(a_flood_of_crl_issuers_is_bounded)
{
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    raw_bytes rooms[17];
    uint8_t serials[17][1];
    h.options.requires_revocation = false;
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    add_namesakes(&h, rooms, serials, 15);
    uint8_t numbers[5] = {1, 2, 3, 4, 5};
    for (size_t i = 0; i < sizeof numbers - 1; i++)
        h.crls[h.crl_count++] = forged_crl(h.type, &numbers[i]);
    assert_reason(ask(&h), HAS(CRL_ISSUER)); /* 4 times 15 chains are looked for */
    h.crls[h.crl_count++] = forged_crl(h.type, &numbers[4]);
    assert_reason(ask(&h), HAS(LIMIT));
    h.crl_count = 1;
    for (size_t i = 1; i < sizeof numbers; i++)
        auth_buf_free(h.crls[i]);
    assert_reason(ask(&h), HAS(CRL_ISSUER));
    h.intermediate_count = 1;
    add_namesakes(&h, rooms, serials, 17);
    assert_reason(ask(&h), HAS(LIMIT));
    /* What is honest counts beside it. */
    h.crls[h.crl_count++] = chain_crl_make(h.type, CHAIN_CA, &(chain_crl){.number = 1});
    assert_reason(ask(&h), HAS(OK));
    hostile_end(&h);
}
END_TEST

/* A certificate in the authority's name for the holder's key, by another authority of the root. */
static void add_stranger(hostile *h, raw_bytes rooms[2])
{
    chain_cert other = chain_plan(h->type, CHAIN_CA);
    chain_cert signer = chain_plan(h->type, CHAIN_LEAF);
    raw_bytes usage = chain_key_usage(0x40); /* cRLSign */
    other.serial = BYTES("\x56");
    other.subject = raw_name("Other authority");
    chain_drop(&other, OID_SUBJECT_KEY_IDENTIFIER);
    signer.serial = BYTES("\x57");
    signer.issuer = other.subject;
    signer.subject = raw_name("Chain authority");
    chain_set(&signer, OID_KEY_USAGE, true, RAW(usage));
    chain_drop(&signer, OID_EXTENDED_KEY_USAGE);
    chain_drop(&signer, OID_SUBJECT_KEY_IDENTIFIER);
    chain_drop(&signer, OID_AUTHORITY_KEY_IDENTIFIER);
    rooms[0] = chain_sign(&other, h->type, CHAIN_LEAF, CHAIN_ROOT);
    rooms[1] = chain_sign(&signer, h->type, CHAIN_LEAF, CHAIN_LEAF);
    h->intermediates[h->intermediate_count++] = RAW(rooms[0]);
    h->intermediates[h->intermediate_count++] = RAW(rooms[1]);
}

START_TEST(an_authority_cannot_speak_for_its_neighbour)
{
    static const uint8_t number = 9;
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    raw_bytes rooms[2];
    h.options.requires_revocation = false;
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    add_stranger(&h, rooms);
    h.crls[h.crl_count++] = forged_crl(h.type, &number);
    assert_reason(ask(&h), HAS(CRL_ISSUER));
    h.crls[h.crl_count++] =
        chain_crl_make(h.type, CHAIN_CA,
                       &(chain_crl){.number = 1,
                                    .serial = BYTES("\x33"),
                                    .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE});
    assert_reason(ask(&h), HAS(REVOKED));
    hostile_end(&h);
}
END_TEST

/* The full CRL is newer than the delta, and what came after it is unknown. */
START_TEST(an_older_delta_does_not_keep_a_full_crl_alive)
{
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    h.options.requires_revocation = false;
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    h.crls[h.crl_count++] =
        chain_crl_make(h.type, CHAIN_CA, &(chain_crl){.number = 10, .next_update = CHAIN_NOW - 1});
    h.crls[h.crl_count++] =
        chain_crl_make(h.type, CHAIN_CA, &(chain_crl){.number = 8, .base_number = 5});
    assert_reason(ask(&h), HAS(CRL_EXPIRED));
    h.crls[h.crl_count++] =
        chain_crl_make(h.type, CHAIN_CA, &(chain_crl){.number = 10, .base_number = 5});
    assert_reason(ask(&h), HAS(OK));
    hostile_end(&h);
}
END_TEST

/* nameConstraints that exclude the host evil.example, and ways to write a URI of it. */
static const char *const evasive_uris[] = {
    "https://evil.example/",
    "https://EVIL.example/",
    "https://evil.example:443/",
    "https://user@evil.example/",
    "https://good.example:secret@evil.example/",
    "https://evil.example./",
    "https://evil.example?good.example",
    "https://evil.example#good.example",
    "https://%65vil.example/",
    "https://evil.example\\@good.example/",
    "https:/evil.example/",
    "https://evil.example/a:b",
    "https://evil.example/.good.example:b",
    "https://192.0.2.1/",
};
#define EVASIVE_URI_COUNT (sizeof evasive_uris / sizeof evasive_uris[0])

static auth_verdict judge_uri(const char *uri, uint8_t permitted, uint8_t excluded)
{
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    chain_cert leaf = chain_plan(h.type, CHAIN_LEAF);
    chain_cert authority = chain_plan(h.type, CHAIN_CA);
    raw_bytes names = chain_names(DER_CONTEXT(6), uri);
    raw_bytes constraints = chain_constraints(permitted, auth_bytes_from_text(".good.example"),
                                              excluded, auth_bytes_from_text("evil.example"));
    h.options.requires_revocation = false;
    chain_set(&leaf, OID_SUBJECT_ALT_NAME, false, RAW(names));
    chain_set(&authority, OID_NAME_CONSTRAINTS, true, RAW(constraints));
    h.c.certs[CHAIN_LEAF] = chain_sign(&leaf, h.type, CHAIN_LEAF, CHAIN_CA);
    h.c.certs[CHAIN_CA] = chain_sign(&authority, h.type, CHAIN_CA, CHAIN_ROOT);
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    return ask(&h);
}

START_TEST(a_uri_does_not_slip_past_a_constraint_on_its_host)
{
    auth_verdict excluded = judge_uri(evasive_uris[_i], 0, DER_CONTEXT(6));
    ck_assert_msg(excluded.reason != HAS(OK), "%s is not excluded", evasive_uris[_i]);
    auth_verdict permitted = judge_uri(evasive_uris[_i], DER_CONTEXT(6), 0);
    ck_assert_msg(permitted.reason != HAS(OK), "%s is permitted", evasive_uris[_i]);
}
END_TEST

START_TEST(a_uri_within_its_constraints_is_valid)
{
    auth_verdict verdict =
        judge_uri("https://a.good.example/b?c=d@e#f", DER_CONTEXT(6), DER_CONTEXT(6));
    assert_reason(verdict, HAS(OK));
    verdict = judge_uri("https://A.GOOD.example:8443", DER_CONTEXT(6), 0);
    assert_reason(verdict, HAS(OK));
}
END_TEST

/* Asks both ways; each must give the verdict of the other. */
static void compare_ways(const hostile *h)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    AUTH_AUTO(auth_known_issuer) *issuer = NULL;
    auth_bytes anchor = RAW(h->c.certs[CHAIN_ROOT]);
    auth_bytes leaf = RAW(h->c.certs[CHAIN_LEAF]);
    auth_evidence evidence = {.intermediates = h->intermediates,
                              .intermediate_count = h->intermediate_count};
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_known_issuer_new(trust, &h->options, RAW(h->c.certs[CHAIN_CA]), NULL, &issuer,
                                    &verdict, &err),
              &err);
    assert_reason(verdict, HAS(OK));
    auth_verdict fast;
    assert_ok(auth_known_issuer_validate(issuer, &h->options, leaf, NULL, &fast, &err), &err);
    assert_ok(auth_validate(trust, &h->options, leaf, &evidence, &verdict, &err), &err);
    assert_reason(fast, verdict.reason);
}

/* 2.16.840.1.113730.1.1 nsCertType: objCA alone, which is no authority for TLS. */
START_TEST(both_ways_agree_about_an_authority_s_old_extensions)
{
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    chain_cert authority = chain_plan(h.type, CHAIN_CA);
    h.options.requires_revocation = false;
    chain_set_type(&authority, BYTES("\x60\x86\x48\x01\x86\xf8\x42\x01\x01"), false,
                   BYTES("\x03\x02\x00\x01"));
    h.c.certs[CHAIN_CA] = chain_sign(&authority, h.type, CHAIN_CA, CHAIN_ROOT);
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    compare_ways(&h);
}
END_TEST

/* Signatures that hold, by algorithms that one way verifies and the other does not. */
#define LITERAL(text)                                                                              \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define OID_SHA_2 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02"
#define OID_PKCS_1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define PSS(mask)                                                                                  \
    LITERAL("\x30\x41" OID_PKCS_1 "\x0a\x30\x34\xa0\x0f\x30\x0d" OID_SHA_2                         \
            "\x01\x05\x00\xa1\x1c\x30\x1a" OID_PKCS_1 "\x08\x30\x0d" OID_SHA_2 mask                \
            "\x05\x00\xa2\x03\x02\x01\x20")

static const struct algorithm_row {
    auth_bytes algorithm;
    const char *digest;
    const char *mask; /* or NULL: no PSS */
    auth_verdict_reason reason;
} algorithm_rows[] = {
    {LITERAL("\x30\x0d" OID_PKCS_1 "\x0b\x05\x00"), "SHA256", NULL, HAS(OK)},
    {LITERAL("\x30\x0d" OID_PKCS_1 "\x0e\x05\x00"), "SHA224", NULL, HAS(SIGNATURE_ALGORITHM)},
    {LITERAL("\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x0e\x05\x00"), "SHA3-256", NULL,
     HAS(SIGNATURE_ALGORITHM)},
    {PSS("\x01"), "SHA256", "SHA256", HAS(OK)},
    {PSS("\x02"), "SHA256", "SHA384", HAS(SIGNATURE_ALGORITHM)},
    {LITERAL("\x30\x0c\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x78\x05\x00"), "SM3", NULL,
     HAS(SIGNATURE_ALGORITHM)},
};
#define ALGORITHM_COUNT (sizeof algorithm_rows / sizeof algorithm_rows[0])

/* DigestInfo of SM3 up to the digest, which OpenSSL 3.0 does not write for RSA. */
static const uint8_t sm3_info[] = {0x30, 0x30, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x81, 0x1c,
                                   0xcf, 0x55, 0x01, 0x83, 0x11, 0x05, 0x00, 0x04, 0x20};

static size_t sign_with_sm3(EVP_PKEY *key, auth_bytes message, uint8_t *out, size_t size)
{
    uint8_t info[sizeof sm3_info + 32];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    memcpy(info, sm3_info, sizeof sm3_info);
    ck_assert_int_eq(EVP_Digest(message.data, message.len, info + sizeof sm3_info, NULL, EVP_sm3(),
                                NULL),
                     1);
    ck_assert_int_eq(EVP_PKEY_sign_init(ctx), 1);
    ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
    ck_assert_int_eq(EVP_PKEY_sign(ctx, out, &size, info, sizeof info), 1);
    EVP_PKEY_CTX_free(ctx);
    return size;
}

static size_t sign_as(const struct algorithm_row *row, EVP_PKEY *key, auth_bytes message,
                      uint8_t *out, size_t size)
{
    if (strcmp(row->digest, "SM3") == 0)
        return sign_with_sm3(key, message, out, size);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx = NULL;
    ck_assert_int_eq(EVP_DigestSignInit_ex(md, &ctx, row->digest, NULL, NULL, key, NULL), 1);
    if (row->mask != NULL) {
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, row->mask, NULL), 1);
        ck_assert_int_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32), 1);
    }
    ck_assert_int_eq(EVP_DigestSign(md, out, &size, message.data, message.len), 1);
    EVP_MD_CTX_free(md);
    return size;
}

/* The holder's certificate, signed once more by a key of RSA. */
static raw_bytes sign_anew(const struct algorithm_row *row, EVP_PKEY *key, auth_bytes certificate)
{
    auth_error err;
    x509_cert_view view;
    raw_bytes out = {0};
    uint8_t signature[256];
    assert_ok(x509_cert_view_parse(certificate, &view, &err), &err);
    size_t len = sign_as(row, key, view.tbs, signature, sizeof signature);
    der_writer writer = der_writer_on(out.octets, sizeof out.octets);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, view.tbs);
    der_put(&writer, row->algorithm);
    der_put_bit_octets(&writer, (auth_bytes){signature, len});
    der_close(&writer, whole);
    out.len = writer.len;
    return out;
}

START_TEST(both_ways_agree_about_the_algorithm_of_a_signature)
{
    const struct algorithm_row *row = &algorithm_rows[_i];
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    EVP_PKEY *key = EVP_RSA_gen(2048);
    uint8_t *spki = NULL;
    int spki_len = i2d_PUBKEY(key, &spki);
    ck_assert_int_gt(spki_len, 0);
    chain_cert authority = chain_plan(h.type, CHAIN_CA);
    chain_cert leaf = chain_plan(h.type, CHAIN_LEAF);
    h.options.requires_revocation = false;
    authority.spki = (auth_bytes){spki, (size_t)spki_len};
    leaf.inner_algorithm = row->algorithm;
    h.c.certs[CHAIN_CA] = chain_sign(&authority, h.type, CHAIN_CA, CHAIN_ROOT);
    h.c.certs[CHAIN_LEAF] = chain_sign(&leaf, h.type, CHAIN_LEAF, CHAIN_CA);
    h.c.certs[CHAIN_LEAF] = sign_anew(row, key, RAW(h.c.certs[CHAIN_LEAF]));
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    assert_reason(ask(&h), row->reason);
    compare_ways(&h);
    OPENSSL_free(spki);
    EVP_PKEY_free(key);
}
END_TEST

#define SLOW_NAMES 1024
#define SLOW_ATTRIBUTES 16
#define SLOW_LEN 190

/*
 * One RDN of equal beginnings, in one order or the other: each attribute is compared with each to
 * its end, and the last one tells the difference.
 */
static raw_bytes slow_name(unsigned number)
{
    raw_bytes name = {0};
    char value[SLOW_LEN];
    der_writer writer = der_writer_on(name.octets, sizeof name.octets);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    size_t rdn = der_open(&writer, DER_SET);
    for (unsigned i = 0; i < SLOW_ATTRIBUTES; i++) {
        size_t attribute = der_open(&writer, DER_SEQUENCE);
        unsigned place = number % 2 == 0 ? i : SLOW_ATTRIBUTES - 1 - i;
        memset(value, 'a', sizeof value);
        value[sizeof value - 1] = (char)('A' + place);
        for (unsigned j = 0; place == SLOW_ATTRIBUTES - 1 && j < 10; j++)
            value[sizeof value - 2 - j] = (char)('a' + (number >> j & 1U));
        der_put_oid(&writer, oid_bytes(OID_COMMON_NAME));
        der_put_item(&writer, DER_UTF8_STRING, (auth_bytes){(uint8_t *)value, sizeof value});
        der_close(&writer, attribute);
    }
    der_close(&writer, rdn);
    der_close(&writer, sequence);
    name.len = writer.len;
    ck_assert(!writer.has_failed);
    return name;
}

/*
 * Half of the evidence bears the name of the holder's issuer and each of it another issuer; the
 * other half might be those issuers. Names that are read anew for each pair take minutes.
 */
START_TEST(names_that_are_slow_to_compare_do_not_slow_the_search)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    auth_bytes anchor = RAW(h.c.certs[CHAIN_ROOT]);
    raw_bytes *rooms = calloc(SLOW_NAMES, sizeof *rooms);
    auth_bytes rows[SLOW_NAMES];
    ck_assert_ptr_nonnull(rooms);
    for (unsigned i = 0; i < SLOW_NAMES; i++) {
        chain_cert cert = chain_plan(h.type, CHAIN_CA);
        if (i >= SLOW_NAMES / 2)
            cert.subject = slow_name(i);
        else
            cert.issuer = slow_name(i);
        rooms[i] = chain_sign(&cert, h.type, CHAIN_CA, CHAIN_LEAF);
        rows[i] = RAW(rooms[i]);
    }
    auth_evidence evidence = {.intermediates = rows, .intermediate_count = SLOW_NAMES};
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &h.options, RAW(h.c.certs[CHAIN_LEAF]), &evidence, &verdict,
                            &err),
              &err);
    assert_reason(verdict, HAS(ISSUER_UNKNOWN));
    free(rooms);
}
END_TEST

/*
 * Policies 1.2.3.0 to 1.2.3.15, the first two of which are mapped to all of them: below each such
 * authority there are twice as many ways to a policy as above it.
 */
#define BOMB_POLICIES 16U
#define BOMB_LEVELS 8

static void put_policy(der_writer *writer, unsigned number)
{
    const uint8_t octets[] = {0x2a, 0x03, (uint8_t)number};
    der_put_item(writer, DER_OID, (auth_bytes){octets, sizeof octets});
}

static void have_many_policies(chain_cert *cert)
{
    uint8_t octets[CHAIN_VALUE_MAX];
    der_writer writer = der_writer_on(octets, sizeof octets);
    size_t all = der_open(&writer, DER_SEQUENCE);
    for (unsigned i = 0; i < BOMB_POLICIES; i++) {
        size_t one = der_open(&writer, DER_SEQUENCE);
        put_policy(&writer, i);
        der_close(&writer, one);
    }
    der_close(&writer, all);
    chain_set(cert, OID_CERTIFICATE_POLICIES, false, der_written(&writer));
}

static void map_each_policy_twice(chain_cert *cert)
{
    uint8_t octets[CHAIN_VALUE_MAX];
    der_writer writer = der_writer_on(octets, sizeof octets);
    size_t all = der_open(&writer, DER_SEQUENCE);
    for (unsigned i = 0; i < 2 * BOMB_POLICIES; i++) {
        size_t pair = der_open(&writer, DER_SEQUENCE);
        put_policy(&writer, i / BOMB_POLICIES);
        put_policy(&writer, i % BOMB_POLICIES);
        der_close(&writer, pair);
    }
    der_close(&writer, all);
    chain_set(cert, OID_POLICY_MAPPINGS, true, der_written(&writer));
}

/* Signs authorities below each other, all with the key of the authority, and a holder. */
static void make_policy_bomb(hostile *h, raw_bytes rooms[BOMB_LEVELS], size_t levels)
{
    chain_cert leaf = chain_plan(h->type, CHAIN_LEAF);
    char name[] = "Level A";
    for (size_t i = 0; i < levels; i++) {
        chain_cert cert = chain_plan(h->type, CHAIN_CA);
        if (i > 0) {
            cert.issuer = raw_name(name);
            chain_drop(&cert, OID_AUTHORITY_KEY_IDENTIFIER);
        }
        name[sizeof name - 2] = (char)('A' + i);
        cert.subject = raw_name(name);
        have_many_policies(&cert);
        map_each_policy_twice(&cert);
        rooms[i] = chain_sign(&cert, h->type, CHAIN_CA, i == 0 ? CHAIN_ROOT : CHAIN_CA);
        h->intermediates[h->intermediate_count++] = RAW(rooms[i]);
    }
    leaf.issuer = raw_name(name);
    have_many_policies(&leaf);
    h->c.certs[CHAIN_LEAF] = chain_sign(&leaf, h->type, CHAIN_LEAF, CHAIN_CA);
}

/* A verdict, and no fault of the machine, which a caller would ask about again (CVE-2023-0464). */
START_TEST(a_tree_of_policies_that_grows_too_large_is_refused)
{
    raw_bytes rooms[BOMB_LEVELS];
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    h.options.purpose = AUTH_PURPOSE_ANY;
    h.options.requires_revocation = false;
    make_policy_bomb(&h, rooms, 2);
    assert_reason(ask(&h), HAS(OK));
    h.intermediate_count = 0;
    make_policy_bomb(&h, rooms, BOMB_LEVELS);
    assert_reason(ask(&h), HAS(LIMIT));
}
END_TEST

SUITE("hostile", TEST(an_authority_that_is_revoked_cannot_vouch_for_itself),
      TEST(a_flood_of_crl_issuers_is_bounded), TEST(an_authority_cannot_speak_for_its_neighbour),
      TEST(an_older_delta_does_not_keep_a_full_crl_alive),
      TEST_EACH(a_uri_does_not_slip_past_a_constraint_on_its_host, EVASIVE_URI_COUNT),
      TEST(a_uri_within_its_constraints_is_valid),
      TEST(both_ways_agree_about_an_authority_s_old_extensions),
      TEST_EACH(both_ways_agree_about_the_algorithm_of_a_signature, ALGORITHM_COUNT),
      TEST(names_that_are_slow_to_compare_do_not_slow_the_search),
      TEST(a_tree_of_policies_that_grows_too_large_is_refused))
