/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every form of a public key read as the one key that it means, and every key that is malformed,
 * out of bounds, off its curve or known to be weak refused, for its own reason?
 */
#include "base/der.h"
#include "base/oid.h"
#include "harness/harness.h"
#include "key/digest.h"

#include <auth/key.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define SPKI_ROOM 2048

/* Keys to begin with */

typedef struct type_row {
    auth_key_type type;
    unsigned generated_bits;
    unsigned bits;
} type_row;

static const type_row types[] = {
    {AUTH_KEY_TYPE_P256, 0, 256},    {AUTH_KEY_TYPE_P384, 0, 384}, {AUTH_KEY_TYPE_RSA, 2048, 2048},
    {AUTH_KEY_TYPE_ED25519, 0, 256}, {AUTH_KEY_TYPE_SM2, 0, 256},
};
#define TYPES (sizeof types / sizeof types[0])

static const type_row curves[] = {
    {AUTH_KEY_TYPE_P256, 0, 256},
    {AUTH_KEY_TYPE_P384, 0, 384},
    {AUTH_KEY_TYPE_SM2, 0, 256},
};
#define CURVES (sizeof curves / sizeof curves[0])

static auth_signer *generate(const type_row *row)
{
    auth_error err;
    auth_signer *signer = NULL;
    assert_ok(auth_signer_generate(row->type, row->generated_bits, &signer, &err), &err);
    return signer;
}

static auth_public_key *parse(auth_bytes spki)
{
    auth_error err;
    auth_public_key *key = NULL;
    assert_ok(auth_public_key_parse(spki, &key, &err), &err);
    return key;
}

static void assert_refused(auth_bytes spki, auth_status expected, const char *text)
{
    auth_error err;
    auth_public_key *key = NULL;
    assert_fails(auth_public_key_parse(spki, &key, &err), expected, &err);
    ck_assert_ptr_null(key);
    ck_assert_msg(strstr(err.text, text) != NULL, "'%s' does not hold '%s'", err.text, text);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

/* An SPKI of an algorithm, given as the content of its SEQUENCE, and the octets of the key. */
static auth_bytes make_spki(auth_bytes algorithm, auth_bytes octets, uint8_t room[SPKI_ROOM])
{
    der_writer writer = der_writer_on(room, SPKI_ROOM);
    size_t mark = der_open(&writer, DER_SEQUENCE);
    der_put_item(&writer, DER_SEQUENCE, algorithm);
    der_put_bit_octets(&writer, octets);
    der_close(&writer, mark);
    ck_assert(!writer.has_failed);
    return der_written(&writer);
}

static auth_bytes algorithm_of(auth_bytes spki)
{
    auth_bytes content;
    auth_bytes algorithm;
    ck_assert(der_only(spki, DER_SEQUENCE, &content) &&
              der_take(&content, DER_SEQUENCE, &algorithm));
    return algorithm;
}

static auth_bytes bits_of(auth_bytes spki)
{
    auth_bytes content;
    auth_bytes algorithm;
    auth_bytes octets;
    ck_assert(der_only(spki, DER_SEQUENCE, &content) &&
              der_take(&content, DER_SEQUENCE, &algorithm) &&
              der_take_bit_octets(&content, &octets));
    return octets;
}

/* What a key says of itself */

START_TEST(a_key_tells_type_size_and_canonical_form)
{
    const type_row *row = &types[_i];
    AUTH_AUTO(auth_signer) *signer = generate(row);
    const auth_public_key *made = auth_signer_public_key(signer);
    AUTH_AUTO(auth_public_key) *key = parse(auth_public_key_spki(made));
    ck_assert_int_eq((int)auth_public_key_type(key), (int)row->type);
    ck_assert_uint_eq(auth_public_key_bits(key), row->bits);
    assert_bytes(auth_public_key_spki(key), auth_public_key_spki(made));
}
END_TEST

START_TEST(names_of_key_types_are_those_of_the_table)
{
    static const char *const names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};
    for (size_t i = 0; i < TYPES; i++)
        ck_assert_str_eq(auth_key_type_name(types[i].type), names[i]);
    ck_assert_str_eq(auth_key_type_name((auth_key_type)0), "");
    ck_assert_str_eq(auth_key_type_name((auth_key_type)99), "");
}
END_TEST

START_TEST(identifier_and_hash_are_those_of_openssl)
{
    uint8_t id[AUTH_KEY_ID_SIZE];
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    uint8_t expected[EVP_MAX_MD_SIZE];
    AUTH_AUTO(auth_signer) *signer = generate(&types[_i]);
    const auth_public_key *key = auth_signer_public_key(signer);
    auth_bytes spki = auth_public_key_spki(key);
    auth_bytes bits = bits_of(spki);
    auth_public_key_id(key, id);
    ck_assert_int_eq(EVP_Digest(bits.data, bits.len, expected, NULL, EVP_sha1(), NULL), 1);
    ck_assert_mem_eq(id, expected, sizeof id);
    auth_public_key_hash(key, hash);
    ck_assert_int_eq(EVP_Digest(spki.data, spki.len, expected, NULL, EVP_sha256(), NULL), 1);
    ck_assert_mem_eq(hash, expected, sizeof hash);
}
END_TEST

START_TEST(the_canonical_form_is_what_openssl_writes)
{
    AUTH_AUTO(auth_signer) *signer = generate(&types[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    const uint8_t *at = spki.data;
    EVP_PKEY *evp = d2i_PUBKEY(NULL, &at, (long)spki.len);
    ck_assert_ptr_nonnull(evp);
    uint8_t *der = NULL;
    int len = i2d_PUBKEY(evp, &der);
    assert_bytes(spki, ((auth_bytes){der, (size_t)len}));
    OPENSSL_free(der);
    EVP_PKEY_free(evp);
}
END_TEST

/* Points */

static auth_bytes compress(auth_bytes point, uint8_t *out)
{
    size_t coordinate = (point.len - 1) / 2;
    out[0] = (uint8_t)(0x02 | (point.data[point.len - 1] & 1));
    memcpy(out + 1, point.data + 1, coordinate);
    return (auth_bytes){out, 1 + coordinate};
}

START_TEST(a_compressed_point_is_the_same_key)
{
    uint8_t room[SPKI_ROOM];
    uint8_t octets[128];
    uint8_t hash[2][AUTH_KEY_HASH_SIZE];
    AUTH_AUTO(auth_signer) *signer = generate(&curves[_i]);
    const auth_public_key *made = auth_signer_public_key(signer);
    auth_bytes spki = auth_public_key_spki(made);
    auth_bytes compressed = make_spki(algorithm_of(spki), compress(bits_of(spki), octets), room);
    AUTH_AUTO(auth_public_key) *key = parse(compressed);
    assert_bytes(auth_public_key_spki(key), spki);
    auth_public_key_hash(made, hash[0]);
    auth_public_key_hash(key, hash[1]);
    ck_assert_mem_eq(hash[0], hash[1], sizeof hash[0]);

    /* And it verifies what the signer signs. */
    auth_error err;
    auth_signature signature;
    assert_ok(auth_signer_sign(signer, BYTES("m"), &signature, &err), &err);
    assert_ok(auth_public_key_verify(key, auth_signer_algorithm(signer), BYTES("m"),
                                     (auth_bytes){signature.octets, signature.len}, &err),
              &err);
}
END_TEST

START_TEST(a_point_off_its_curve_is_refused)
{
    uint8_t room[SPKI_ROOM];
    uint8_t octets[128];
    AUTH_AUTO(auth_signer) *signer = generate(&curves[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    auth_bytes point = bits_of(spki);
    auth_bytes algorithm = algorithm_of(spki);
    auth_bytes copy = {octets, point.len};

    memcpy(octets, point.data, point.len);
    octets[point.len - 1] ^= 1;
    assert_refused(make_spki(algorithm, copy, room), AUTH_STATUS_INVALID, "not on the curve");
    memset(octets + 1, 0, point.len - 1);
    assert_refused(make_spki(algorithm, copy, room), AUTH_STATUS_INVALID, "not on the curve");
    memset(octets + 1, 0xff, point.len - 1);
    assert_refused(make_spki(algorithm, copy, room), AUTH_STATUS_INVALID, "not on the curve");
    /* x of the good point, plus the prime: another spelling that must not be another key. */
    memset(octets + 1, 0xff, (point.len - 1) / 2);
    memcpy(octets + 1 + (point.len - 1) / 2, point.data + 1 + (point.len - 1) / 2,
           (point.len - 1) / 2);
    assert_refused(make_spki(algorithm, copy, room), AUTH_STATUS_INVALID, "not on the curve");
}
END_TEST

START_TEST(a_compressed_point_without_a_y_is_refused)
{
    uint8_t room[SPKI_ROOM];
    uint8_t octets[128];
    AUTH_AUTO(auth_signer) *signer = generate(&curves[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    auth_bytes point = compress(bits_of(spki), octets);
    int refused = 0;
    for (uint8_t i = 1; i < 40; i++) {
        auth_error err;
        auth_public_key *key = NULL;
        octets[point.len - 1]++;
        auth_status status =
            auth_public_key_parse(make_spki(algorithm_of(spki), point, room), &key, &err);
        ck_assert(status == AUTH_STATUS_OK || status == AUTH_STATUS_INVALID);
        refused += status == AUTH_STATUS_INVALID;
        auth_public_key_free(key);
    }
    /* Half of all x have no y: that none or all of 39 have is out of the question. */
    ck_assert_int_gt(refused, 2);
    ck_assert_int_lt(refused, 37);
}
END_TEST

START_TEST(other_forms_of_points_are_refused)
{
    uint8_t room[SPKI_ROOM];
    uint8_t octets[128];
    AUTH_AUTO(auth_signer) *signer = generate(&curves[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    auth_bytes point = bits_of(spki);
    auth_bytes algorithm = algorithm_of(spki);
    memcpy(octets, point.data, point.len);

    assert_refused(make_spki(algorithm, (auth_bytes){NULL, 0}, room), AUTH_STATUS_MALFORMED,
                   "no point");
    assert_refused(make_spki(algorithm, BYTES("\0"), room), AUTH_STATUS_INVALID, "infinity");
    assert_refused(make_spki(algorithm, (auth_bytes){octets, point.len - 1}, room),
                   AUTH_STATUS_MALFORMED, "no point");
    assert_refused(make_spki(algorithm, (auth_bytes){octets, point.len + 1}, room),
                   AUTH_STATUS_MALFORMED, "no point");
    octets[0] = (uint8_t)(0x06 | (point.data[point.len - 1] & 1)); /* hybrid */
    assert_refused(make_spki(algorithm, (auth_bytes){octets, point.len}, room),
                   AUTH_STATUS_MALFORMED, "no point");
    octets[0] = 0x05;
    assert_refused(make_spki(algorithm, (auth_bytes){octets, point.len}, room),
                   AUTH_STATUS_MALFORMED, "no point");
    octets[0] = 0x00;
    assert_refused(make_spki(algorithm, (auth_bytes){octets, point.len}, room), AUTH_STATUS_INVALID,
                   "infinity");
}
END_TEST

/* The point of one curve under the name of another */
START_TEST(a_key_under_the_name_of_another_curve_is_refused)
{
    uint8_t room[SPKI_ROOM];
    AUTH_AUTO(auth_signer) *p256 = generate(&curves[0]);
    AUTH_AUTO(auth_signer) *sm2 = generate(&curves[2]);
    auth_bytes one = auth_public_key_spki(auth_signer_public_key(p256));
    auth_bytes other = auth_public_key_spki(auth_signer_public_key(sm2));
    assert_refused(make_spki(algorithm_of(one), bits_of(other), room), AUTH_STATUS_INVALID,
                   "not on the curve");
    assert_refused(make_spki(algorithm_of(other), bits_of(one), room), AUTH_STATUS_INVALID,
                   "not on the curve");
}
END_TEST

/* Algorithms and forms */

typedef struct form_row {
    const char *hex;
    auth_status status;
    const char *text;
} form_row;

#define ED_POINT "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define ED "302a300506032b6570032100"

static const form_row forms[] = {
    {"", AUTH_STATUS_MALFORMED, "not DER"},
    {"3000", AUTH_STATUS_MALFORMED, "no AlgorithmIdentifier"},
    {ED ED_POINT "00", AUTH_STATUS_MALFORMED, "not DER"},
    {"302c300506032b6570032100" ED_POINT "0500", AUTH_STATUS_MALFORMED, "BIT STRING"},
    {"302a300506032b6570042100" ED_POINT, AUTH_STATUS_MALFORMED, "BIT STRING"},
    {"302a300506032b6570032101" ED_POINT, AUTH_STATUS_MALFORMED, "BIT STRING"},
    {"302c300706032b65700500032100" ED_POINT, AUTH_STATUS_MALFORMED, "with parameters"},
    {"3029300506032b6570032000d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751",
     AUTH_STATUS_MALFORMED, "32 octets"},
    /* Ed448, X25519, DSA, id-RSASSA-PSS */
    {"3043300506032b6571033a00" ED_POINT "000000000000000000000000000000000000000000000000"
     "00",
     AUTH_STATUS_UNSUPPORTED, "other than EC"},
    {"302a300506032b656e032100" ED_POINT, AUTH_STATUS_UNSUPPORTED, "other than EC"},
    {"300f300906072a8648ce38040103020001", AUTH_STATUS_UNSUPPORTED, "other than EC"},
    {"3011300b06092a864886f70d01010a03020030", AUTH_STATUS_UNSUPPORTED, "other than EC"},
    /* EC without parameters, with NULL, with explicit ones, on P-521 and on secp256k1 */
    {"300f300906072a8648ce3d020103020004", AUTH_STATUS_MALFORMED, "no named curve"},
    {"3011300b06072a8648ce3d0201050003020004", AUTH_STATUS_UNSUPPORTED, "named curve"},
    {"3014300e06072a8648ce3d0201300302010103020004", AUTH_STATUS_UNSUPPORTED, "named curve"},
    {"3016301006072a8648ce3d020106052b8104002303020004", AUTH_STATUS_UNSUPPORTED, "none of"},
    {"3016301006072a8648ce3d020106052b8104000a03020004", AUTH_STATUS_UNSUPPORTED, "none of"},
    /* Two curves */
    {"30233019"
     "06072a8648ce3d0201"
     "06082a8648ce3d030107"
     "06042b810422"
     "0306"
     "000400000000",
     AUTH_STATUS_MALFORMED, ""},
};

START_TEST(a_form_is_refused)
{
    uint8_t octets[256];
    assert_refused(harness_hex(forms[_i].hex, octets, sizeof octets), forms[_i].status,
                   forms[_i].text);
}
END_TEST

START_TEST(every_prefix_of_a_key_is_refused)
{
    AUTH_AUTO(auth_signer) *signer = generate(&types[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    for (size_t len = 0; len < spki.len; len++)
        assert_refused((auth_bytes){spki.data, len}, AUTH_STATUS_MALFORMED, "");
}
END_TEST

START_TEST(a_changed_octet_gives_a_refusal_or_another_key)
{
    uint8_t copy[1024];
    AUTH_AUTO(auth_signer) *signer = generate(&types[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    memcpy(copy, spki.data, spki.len);
    for (size_t i = 0; i < spki.len; i++) {
        auth_error err;
        auth_public_key *key = NULL;
        copy[i] ^= 0x10;
        if (auth_public_key_parse((auth_bytes){copy, spki.len}, &key, &err) == AUTH_STATUS_OK)
            ck_assert(!auth_bytes_equal(auth_public_key_spki(key), spki));
        auth_public_key_free(key);
        copy[i] ^= 0x10;
    }
}
END_TEST

/* Ed25519 points */

static const form_row ed25519_points[] = {
    {"0100000000000000000000000000000000000000000000000000000000000000", AUTH_STATUS_INVALID,
     "small order"},
    {"0100000000000000000000000000000000000000000000000000000000000080", AUTH_STATUS_INVALID,
     "small order"},
    {"0000000000000000000000000000000000000000000000000000000000000000", AUTH_STATUS_INVALID,
     "small order"},
    {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", AUTH_STATUS_INVALID,
     "small order"},
    {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", AUTH_STATUS_INVALID,
     "small order"},
    {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", AUTH_STATUS_INVALID,
     "small order"},
    {"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", AUTH_STATUS_INVALID,
     "small order"},
    {"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", AUTH_STATUS_INVALID,
     "small order"},
    /* p, p + 1 and 2^255 - 1: above the prime */
    {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", AUTH_STATUS_INVALID,
     "below the prime"},
    {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", AUTH_STATUS_INVALID,
     "below the prime"},
    {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", AUTH_STATUS_INVALID,
     "below the prime"},
    /* y = 2 has no x */
    {"0200000000000000000000000000000000000000000000000000000000000000", AUTH_STATUS_INVALID,
     "not on the curve"},
};

START_TEST(a_bad_ed25519_point_is_refused)
{
    uint8_t room[SPKI_ROOM];
    uint8_t octets[32];
    auth_bytes point = harness_hex(ed25519_points[_i].hex, octets, sizeof octets);
    assert_refused(make_spki(BYTES("\x06\x03\x2b\x65\x70"), point, room), ed25519_points[_i].status,
                   ed25519_points[_i].text);
}
END_TEST

START_TEST(good_ed25519_points_are_taken)
{
    for (int i = 0; i < 50; i++) {
        AUTH_AUTO(auth_signer) *signer = generate(&types[3]);
        AUTH_AUTO(auth_public_key) *key =
            parse(auth_public_key_spki(auth_signer_public_key(signer)));
        ck_assert_int_eq(auth_public_key_type(key), AUTH_KEY_TYPE_ED25519);
    }
}
END_TEST

/* RSA */

static auth_bytes rsa_spki(const char *modulus, const char *exponent, uint8_t room[SPKI_ROOM])
{
    uint8_t octets[SPKI_ROOM];
    uint8_t number[1100];
    der_writer writer = der_writer_on(octets, sizeof octets);
    size_t mark = der_open(&writer, DER_SEQUENCE);
    der_put_unsigned(&writer, harness_hex(modulus, number, sizeof number));
    der_put_unsigned(&writer, harness_hex(exponent, number, sizeof number));
    der_close(&writer, mark);
    return make_spki(BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"),
                     der_written(&writer), room);
}

/* A modulus of so many bits, odd, of no other property. */
static const char *modulus_of_bits(unsigned bits)
{
    static char hex[2049];
    BIGNUM *number = BN_new();
    ck_assert_int_eq(BN_rand(number, (int)bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
    uint8_t octets[1024];
    int len = BN_bn2bin(number, octets);
    for (int i = 0; i < len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", octets[i]);
    BN_free(number);
    return hex;
}

typedef struct rsa_row {
    unsigned bits;
    const char *exponent;
    auth_status status;
    const char *text;
} rsa_row;

static const rsa_row rsa_rows[] = {
    {2048, "010001", AUTH_STATUS_OK, ""},
    {2056, "010001", AUTH_STATUS_OK, ""},
    {4096, "010001", AUTH_STATUS_OK, ""},
    {2048, "ffffffffffffffff", AUTH_STATUS_OK, ""},
    {512, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {1024, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {2040, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {2047, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {2049, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {4104, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {8192, "010001", AUTH_STATUS_UNSUPPORTED, "2048 to 4096"},
    {2048, "01", AUTH_STATUS_INVALID, "exponent"},
    {2048, "03", AUTH_STATUS_INVALID, "exponent"},
    {2048, "ffff", AUTH_STATUS_INVALID, "exponent"},
    {2048, "010000", AUTH_STATUS_INVALID, "exponent"},
    {2048, "010002", AUTH_STATUS_INVALID, "exponent"},
    {2048, "010000000000000001", AUTH_STATUS_INVALID, "exponent"},
    {2048, "00", AUTH_STATUS_MALFORMED, "not positive"},
};

START_TEST(an_rsa_key_is_taken_or_refused_by_its_numbers)
{
    uint8_t room[SPKI_ROOM];
    const rsa_row *row = &rsa_rows[_i];
    auth_bytes spki = rsa_spki(modulus_of_bits(row->bits), row->exponent, room);
    if (row->status != AUTH_STATUS_OK) {
        assert_refused(spki, row->status, row->text);
        return;
    }
    AUTH_AUTO(auth_public_key) *key = parse(spki);
    ck_assert_uint_eq(auth_public_key_bits(key), row->bits);
    assert_bytes(auth_public_key_spki(key), spki);
}
END_TEST

START_TEST(an_even_modulus_is_refused)
{
    uint8_t room[SPKI_ROOM];
    char modulus[513];
    memcpy(modulus, modulus_of_bits(2048), sizeof modulus);
    modulus[511] = '2';
    assert_refused(rsa_spki(modulus, "010001", room), AUTH_STATUS_INVALID, "even");
}
END_TEST

START_TEST(a_negative_modulus_is_refused)
{
    uint8_t room[SPKI_ROOM];
    uint8_t number[256];
    uint8_t octets[300];
    memset(number, 0xff, sizeof number);
    number[0] = 0x80;
    der_writer writer = der_writer_on(octets, sizeof octets);
    size_t mark = der_open(&writer, DER_SEQUENCE);
    der_put_item(&writer, DER_INTEGER, (auth_bytes){number, sizeof number});
    der_put_uint(&writer, 65537);
    der_close(&writer, mark);
    assert_refused(make_spki(BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"),
                             der_written(&writer), room),
                   AUTH_STATUS_MALFORMED, "not positive");
}
END_TEST

START_TEST(absent_rsa_parameters_mean_the_same_key)
{
    uint8_t room[2][SPKI_ROOM];
    auth_bytes spki = rsa_spki(modulus_of_bits(2048), "010001", room[0]);
    auth_bytes bare =
        make_spki(BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), bits_of(spki), room[1]);
    AUTH_AUTO(auth_public_key) *key = parse(bare);
    assert_bytes(auth_public_key_spki(key), spki);
    assert_refused(make_spki(BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x05\x00"),
                             bits_of(spki), room[1]),
                   AUTH_STATUS_MALFORMED, "NULL");
}
END_TEST

/* Weak keys */

static void assert_weak(const char *modulus, const char *text)
{
    auth_error err;
    uint8_t room[SPKI_ROOM];
    AUTH_AUTO(auth_public_key) *key = parse(rsa_spki(modulus, "010001", room));
    assert_fails(auth_public_key_check_strength(key, NULL, NULL, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_msg(strstr(err.text, text) != NULL, "'%s' does not hold '%s'", err.text, text);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

static const char *hex_of(const BIGNUM *number)
{
    static char hex[1025];
    uint8_t octets[512];
    int len = BN_bn2bin(number, octets);
    for (int i = 0; i < len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", octets[i]);
    return hex;
}

/* Writes p * q with p of half the bits and q the next prime above p + distance. */
static void close_primes(BIGNUM *product, BN_ULONG distance_bits, BN_CTX *context)
{
    BIGNUM *p = BN_CTX_get(context);
    BIGNUM *q = BN_CTX_get(context);
    ck_assert_int_eq(BN_generate_prime_ex2(p, 1024, 0, NULL, NULL, NULL, context), 1);
    ck_assert_int_eq(BN_set_bit(p, 1022), 1);
    while (BN_check_prime(p, context, NULL) != 1)
        ck_assert_int_eq(BN_add_word(p, 2), 1);
    ck_assert_ptr_nonnull(BN_copy(q, p));
    BIGNUM *distance = BN_CTX_get(context);
    ck_assert_int_eq(BN_set_bit(distance, (int)distance_bits), 1);
    ck_assert_int_eq(BN_add(q, q, distance), 1);
    do
        ck_assert_int_eq(BN_add_word(q, 2), 1);
    while (BN_check_prime(q, context, NULL) != 1);
    ck_assert_int_eq(BN_mul(product, p, q, context), 1);
}

START_TEST(primes_close_to_each_other_are_found)
{
    BN_CTX *context = BN_CTX_new();
    BN_CTX_start(context);
    BIGNUM *product = BN_CTX_get(context);
    /* Neighbours, and as far apart as 100 rounds reach: about 2^(512 + 4.8). */
    close_primes(product, 12, context);
    assert_weak(hex_of(product), "close to each other");
    close_primes(product, 515, context);
    assert_weak(hex_of(product), "close to each other");
    BN_CTX_end(context);
    BN_CTX_free(context);
}
END_TEST

START_TEST(primes_far_apart_are_not_found)
{
    auth_error err;
    uint8_t room[SPKI_ROOM];
    BN_CTX *context = BN_CTX_new();
    BN_CTX_start(context);
    BIGNUM *product = BN_CTX_get(context);
    close_primes(product, 530, context);
    AUTH_AUTO(auth_public_key) *key = parse(rsa_spki(hex_of(product), "010001", room));
    assert_ok(auth_public_key_check_strength(key, NULL, NULL, &err), &err);
    BN_CTX_end(context);
    BN_CTX_free(context);
}
END_TEST

START_TEST(a_square_is_found)
{
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_new();
    ck_assert_int_eq(BN_generate_prime_ex2(p, 1024, 0, NULL, NULL, NULL, context), 1);
    ck_assert_int_eq(BN_set_bit(p, 1022), 1);
    while (BN_check_prime(p, context, NULL) != 1)
        ck_assert_int_eq(BN_add_word(p, 2), 1);
    ck_assert_int_eq(BN_sqr(p, p, context), 1);
    assert_weak(hex_of(p), "square");
    BN_free(p);
    BN_CTX_free(context);
}
END_TEST

/* 3 and 751 are the first and the last prime that is tried; 757 is not. */
START_TEST(a_small_factor_is_found)
{
    static const struct {
        BN_ULONG factor;
        bool is_found;
    } rows[] = {{3, true}, {5, true}, {167, true}, {173, true}, {751, true}, {757, false}};
    BN_CTX *context = BN_CTX_new();
    BIGNUM *p = BN_new();
    BIGNUM *q = BN_new();
    ck_assert_int_eq(BN_generate_prime_ex2(p, 1024, 0, NULL, NULL, NULL, context), 1);
    ck_assert_int_eq(BN_generate_prime_ex2(q, 1020, 0, NULL, NULL, NULL, context), 1);
    ck_assert_int_eq(BN_mul(p, p, q, context), 1);
    ck_assert_int_eq(BN_mul_word(p, rows[_i].factor), 1);
    while (BN_num_bits(p) % 8 != 0 || BN_num_bits(p) < 2048)
        ck_assert_int_eq(BN_mul_word(p, 1009), 1); /* 1009 is a prime above 752 */
    if (rows[_i].is_found) {
        assert_weak(hex_of(p), "factor below 752");
    } else {
        auth_error err;
        uint8_t room[SPKI_ROOM];
        AUTH_AUTO(auth_public_key) *key = parse(rsa_spki(hex_of(p), "010001", room));
        assert_ok(auth_public_key_check_strength(key, NULL, NULL, &err), &err);
    }
    BN_free(q);
    BN_free(p);
    BN_CTX_free(context);
}
END_TEST

/* A prime of the broken form: k M + (65537^a mod M), M the product of the primes up to 701. */
static void roca_prime(BIGNUM *out, BN_CTX *context)
{
    BN_CTX_start(context);
    BIGNUM *product = BN_CTX_get(context);
    BIGNUM *power = BN_CTX_get(context);
    BIGNUM *base = BN_CTX_get(context);
    BIGNUM *k = BN_CTX_get(context);
    ck_assert_int_eq(BN_one(product), 1);
    for (BN_ULONG prime = 2; prime <= 701; prime++) {
        bool is_prime = true;
        for (BN_ULONG divisor = 2; divisor * divisor <= prime; divisor++)
            is_prime = is_prime && prime % divisor != 0;
        if (is_prime)
            ck_assert_int_eq(BN_mul_word(product, prime), 1);
    }
    ck_assert_int_eq(BN_set_word(base, 65537), 1);
    do {
        ck_assert_int_eq(BN_rand(k, 200, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY), 1);
        ck_assert_int_eq(BN_mod_exp(power, base, k, product, context), 1);
        ck_assert_int_eq(BN_rand(k, 1025 - BN_num_bits(product), BN_RAND_TOP_ANY,
                                 BN_RAND_BOTTOM_ANY),
                         1);
        ck_assert_int_eq(BN_mul(out, k, product, context), 1);
        ck_assert_int_eq(BN_add(out, out, power), 1);
    } while (BN_num_bits(out) != 1024 || !BN_is_bit_set(out, 1022) ||
             BN_check_prime(out, context, NULL) != 1);
    BN_CTX_end(context);
}

START_TEST(the_roca_fingerprint_is_found)
{
    BN_CTX *context = BN_CTX_new();
    BN_CTX_start(context);
    BIGNUM *p = BN_CTX_get(context);
    BIGNUM *q = BN_CTX_get(context);
    roca_prime(p, context);
    roca_prime(q, context);
    ck_assert_int_eq(BN_mul(p, p, q, context), 1);
    assert_weak(hex_of(p), "CVE-2017-15361");
    BN_CTX_end(context);
    BN_CTX_free(context);
}
END_TEST

typedef struct block_list {
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    int asked;
} block_list;

static bool is_on_list(void *context, auth_bytes hash)
{
    block_list *list = context;
    list->asked++;
    return auth_bytes_equal(hash, (auth_bytes){list->hash, sizeof list->hash});
}

START_TEST(a_blocked_key_is_denied_and_others_are_not)
{
    auth_error err;
    block_list list = {.asked = 0};
    AUTH_AUTO(auth_signer) *signer = generate(&types[_i]);
    const auth_public_key *key = auth_signer_public_key(signer);
    assert_ok(auth_public_key_check_strength(key, is_on_list, &list, &err), &err);
    auth_public_key_hash(key, list.hash);
    assert_fails(auth_public_key_check_strength(key, is_on_list, &list, &err), AUTH_STATUS_DENIED,
                 &err);
    ck_assert_int_eq(list.asked, 2);
}
END_TEST

/* Failing allocations */

static auth_status try_parse(void *context)
{
    auth_public_key *key = NULL;
    auth_status status = auth_public_key_parse(*(auth_bytes *)context, &key, NULL);
    if (status != AUTH_STATUS_OK && key != NULL)
        status = AUTH_STATUS_INTERNAL;
    auth_public_key_free(key);
    return status;
}

START_TEST(parsing_without_memory_gives_nothing)
{
    AUTH_AUTO(auth_signer) *signer = generate(&types[_i]);
    auth_bytes spki = auth_public_key_spki(auth_signer_public_key(signer));
    ck_assert_uint_ge(harness_for_each_failure(try_parse, &spki), 2);
}
END_TEST

/* Digests */

START_TEST(digests_are_those_of_the_standards)
{
    static const struct {
        digest_algorithm algorithm;
        const char *hex;
    } rows[] = {
        {DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DIGEST_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                        "8086072ba1e7cc2358baeca134c825a7"},
        {DIGEST_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
        {DIGEST_SM3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
    };
    auth_error err;
    uint8_t octets[DIGEST_MAX];
    uint8_t expected[DIGEST_MAX];
    assert_ok(digest(rows[_i].algorithm, BYTES("abc"), octets, &err), &err);
    assert_bytes(((auth_bytes){octets, digest_len(rows[_i].algorithm)}),
                 harness_hex(rows[_i].hex, expected, sizeof expected));
}
END_TEST

/* RFC 4231 section 4.2 and 4.3, and a key of no octets */
START_TEST(hmac_is_that_of_the_standard)
{
    auth_error err;
    uint8_t octets[DIGEST_MAX];
    uint8_t expected[DIGEST_MAX];
    assert_ok(digest_hmac(DIGEST_SHA256,
                          BYTES("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                                "\x0b\x0b\x0b\x0b"),
                          BYTES("Hi There"), octets, &err),
              &err);
    assert_bytes(((auth_bytes){octets, 32}),
                 harness_hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                             expected, sizeof expected));
    assert_ok(digest_hmac(DIGEST_SHA512, BYTES("Jefe"), BYTES("what do ya want for nothing?"),
                          octets, &err),
              &err);
    assert_bytes(((auth_bytes){octets, 64}),
                 harness_hex("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                             "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
                             expected, sizeof expected));
    assert_ok(digest_hmac(DIGEST_SHA256, (auth_bytes){NULL, 0}, (auth_bytes){NULL, 0}, octets,
                          &err),
              &err);
    assert_bytes(((auth_bytes){octets, 32}),
                 harness_hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
                             expected, sizeof expected));
}
END_TEST

START_TEST(random_octets_differ)
{
    auth_error err;
    uint8_t one[32] = {0};
    uint8_t other[32] = {0};
    assert_ok(digest_random(one, sizeof one, &err), &err);
    assert_ok(digest_random(other, sizeof other, &err), &err);
    ck_assert_mem_ne(one, other, sizeof one);
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

SUITE("key_public", TEST_EACH(a_key_tells_type_size_and_canonical_form, TYPES),
      TEST(names_of_key_types_are_those_of_the_table),
      TEST_EACH(identifier_and_hash_are_those_of_openssl, TYPES),
      TEST_EACH(the_canonical_form_is_what_openssl_writes, TYPES),
      TEST_EACH(a_compressed_point_is_the_same_key, CURVES),
      TEST_EACH(a_point_off_its_curve_is_refused, CURVES),
      TEST_EACH(a_compressed_point_without_a_y_is_refused, CURVES),
      TEST_EACH(other_forms_of_points_are_refused, CURVES),
      TEST(a_key_under_the_name_of_another_curve_is_refused),
      TEST_EACH(a_form_is_refused, COUNT(forms)),
      TEST_EACH(every_prefix_of_a_key_is_refused, TYPES),
      TEST_EACH(a_changed_octet_gives_a_refusal_or_another_key, TYPES),
      TEST_EACH(a_bad_ed25519_point_is_refused, COUNT(ed25519_points)),
      TEST(good_ed25519_points_are_taken),
      TEST_EACH(an_rsa_key_is_taken_or_refused_by_its_numbers, COUNT(rsa_rows)),
      TEST(an_even_modulus_is_refused), TEST(a_negative_modulus_is_refused),
      TEST(absent_rsa_parameters_mean_the_same_key), TEST(primes_close_to_each_other_are_found),
      TEST(primes_far_apart_are_not_found), TEST(a_square_is_found),
      TEST_EACH(a_small_factor_is_found, 6), TEST(the_roca_fingerprint_is_found),
      TEST_EACH(a_blocked_key_is_denied_and_others_are_not, TYPES),
      TEST_EACH(parsing_without_memory_gives_nothing, TYPES),
      TEST_EACH(digests_are_those_of_the_standards, 5), TEST(hmac_is_that_of_the_standard),
      TEST(random_octets_differ))
