/* SPDX-License-Identifier: Apache-2.0 */
/* Does what is signed here verify here, in both forms and with every key, and keep its octets? */
#include "harness/chain.h"
#include "harness/harness.h"
#include "harness/jws_signer.h"
#include "jws/algorithm.h"

#include <stdlib.h>
#include <string.h>

#define BUF_MAX ((size_t)1 << 24)

static const auth_jws_rules rules = {.type = JWS_TYPE};

static const struct {
    const char *key;
    auth_key_type type;
    const char *algorithm;
    size_t signature_len;
} kinds[] = {
    {"p256", AUTH_KEY_TYPE_P256, "ES256", 64}, {"p384", AUTH_KEY_TYPE_P384, "ES384", 96},
    {"rsa", AUTH_KEY_TYPE_RSA, "RS256", 256},  {"ed25519", AUTH_KEY_TYPE_ED25519, "EdDSA", 64},
    {"sm2", AUTH_KEY_TYPE_SM2, "SM2-SM3", 64},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

static auth_buf *buf_new(void)
{
    auth_error err;
    auth_buf *buf = NULL;
    assert_ok(auth_buf_new(BUF_MAX, &buf, &err), &err);
    return buf;
}

static auth_jws *parse(const auth_buf *text)
{
    auth_error err;
    auth_jws *jws = NULL;
    assert_ok(auth_jws_parse(auth_buf_bytes(text), &rules, &jws, &err), &err);
    return jws;
}

/* Checks all that a document says about a signature, and that it verifies. */
static void check_signature(const auth_jws *jws, size_t index, const jws_signer *it, size_t kind)
{
    auth_error err;
    auth_jws_signature_info info;
    ck_assert(auth_jws_signature_at(jws, index, &info));
    ck_assert_str_eq(auth_jws_algorithm_name(info.algorithm), kinds[kind].algorithm);
    ck_assert_int_eq(info.signed_at, JWS_NOW);
    ck_assert_uint_eq(info.chain_len, 2);
    assert_bytes(info.chain[0], it->chain[0]);
    assert_bytes(info.chain[1], it->chain[1]);
    assert_ok(auth_jws_verify(jws, index, auth_signer_public_key(it->signer), &err), &err);
}

START_TEST(a_compact_document_comes_back)
{
    auth_error err;
    jws_signer it;
    auth_jws_signature_info info;
    jws_signer_open(&it, kinds[_i].key, kinds[_i].type);
    AUTH_AUTO(auth_buf) *text = buf_new();
    auth_jws_signing signing = jws_signing(&it);
    assert_ok(auth_jws_sign_compact(BYTES("pay\0load"), &signing, text, &err), &err);
    AUTH_AUTO(auth_jws) *jws = parse(text);
    ck_assert(auth_jws_is_compact(jws));
    ck_assert_uint_eq(auth_jws_signature_count(jws), 1);
    assert_bytes(auth_jws_payload(jws), BYTES("pay\0load"));
    check_signature(jws, 0, &it, (size_t)_i);
    ck_assert(!auth_jws_signature_at(jws, 1, &info));
    assert_fails(auth_jws_verify(jws, 1, auth_signer_public_key(it.signer), &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    jws_signer_close(&it);
}
END_TEST

START_TEST(a_general_document_gathers_signatures)
{
    auth_error err;
    jws_signer signers[KINDS];
    AUTH_AUTO(auth_buf) *text = buf_new();
    for (size_t i = 0; i < KINDS; i++) {
        jws_signer_open(&signers[i], kinds[i].key, kinds[i].type);
        auth_jws_signing signing = jws_signing(&signers[i]);
        if (i == 0) {
            assert_ok(auth_jws_sign(BYTES("{\"a\":1}"), &signing, text, &err), &err);
        } else {
            AUTH_AUTO(auth_buf) *more = buf_new();
            AUTH_AUTO(auth_jws) *before = parse(text);
            assert_ok(auth_jws_add(before, &signing, more, &err), &err);
            /* All but the two brackets at the end is as it was. */
            auth_bytes old = auth_buf_bytes(text);
            ck_assert_mem_eq(auth_buf_bytes(more).data, old.data, old.len - 2);
            auth_buf_truncate(text, 0);
            assert_ok(auth_buf_append(text, auth_buf_bytes(more), &err), &err);
        }
    }
    AUTH_AUTO(auth_jws) *jws = parse(text);
    ck_assert(!auth_jws_is_compact(jws));
    ck_assert_uint_eq(auth_jws_signature_count(jws), KINDS);
    assert_bytes(auth_jws_payload(jws), BYTES("{\"a\":1}"));
    for (size_t i = 0; i < KINDS; i++)
        check_signature(jws, i, &signers[i], i);
    for (size_t i = 0; i < KINDS; i++)
        jws_signer_close(&signers[i]);
}
END_TEST

START_TEST(a_compact_document_becomes_general_when_another_signs)
{
    auth_error err;
    jws_signer first;
    jws_signer second;
    jws_signer_open(&first, "p256", AUTH_KEY_TYPE_P256);
    jws_signer_open(&second, NULL, AUTH_KEY_TYPE_P256);
    auth_jws_signing signing = jws_signing(&first);
    AUTH_AUTO(auth_buf) *text = buf_new();
    AUTH_AUTO(auth_buf) *more = buf_new();
    assert_ok(auth_jws_sign_compact(BYTES("x"), &signing, text, &err), &err);
    AUTH_AUTO(auth_jws) *compact = parse(text);
    signing = jws_signing(&second);
    assert_ok(auth_jws_add(compact, &signing, more, &err), &err);
    AUTH_AUTO(auth_jws) *jws = parse(more);
    ck_assert(!auth_jws_is_compact(jws));
    check_signature(jws, 0, &first, 0);
    check_signature(jws, 1, &second, 0);
    jws_signer_close(&first);
    jws_signer_close(&second);
}
END_TEST

START_TEST(nobody_signs_twice_or_as_the_ninth)
{
    auth_error err;
    jws_signer signers[AUTH_JWS_SIGNATURES_MAX + 1];
    AUTH_AUTO(auth_buf) *text = buf_new();
    for (size_t i = 0; i <= AUTH_JWS_SIGNATURES_MAX; i++) {
        jws_signer_open(&signers[i], NULL, AUTH_KEY_TYPE_ED25519);
        auth_jws_signing signing = jws_signing(&signers[i]);
        if (i == 0) {
            assert_ok(auth_jws_sign(BYTES("x"), &signing, text, &err), &err);
            continue;
        }
        AUTH_AUTO(auth_buf) *more = buf_new();
        AUTH_AUTO(auth_jws) *jws = parse(text);
        if (i == AUTH_JWS_SIGNATURES_MAX) {
            assert_fails(auth_jws_add(jws, &signing, more, &err), AUTH_STATUS_LIMIT, &err);
            ck_assert_uint_eq(auth_buf_bytes(more).len, 0);
            break;
        }
        auth_jws_signing again = jws_signing(&signers[0]);
        assert_fails(auth_jws_add(jws, &again, more, &err), AUTH_STATUS_CONFLICT, &err);
        ck_assert_uint_eq(auth_buf_bytes(more).len, 0);
        assert_ok(auth_jws_add(jws, &signing, more, &err), &err);
        auth_buf_truncate(text, 0);
        assert_ok(auth_buf_append(text, auth_buf_bytes(more), &err), &err);
    }
    for (size_t i = 0; i <= AUTH_JWS_SIGNATURES_MAX; i++)
        jws_signer_close(&signers[i]);
}
END_TEST

/* The point of a P-256 key, compressed, in place of what libauth writes (RFC 5480 section 2.2). */
static auth_bytes compress(const auth_public_key *key, uint8_t out[59])
{
    static const uint8_t head[] = "\x30\x39\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a"
                                  "\x86\x48\xce\x3d\x03\x01\x07\x03\x22\x00";
    auth_bytes point = auth_public_key_spki(key);
    memcpy(out, head, sizeof head - 1);
    out[26] = (uint8_t)(2 + (point.data[point.len - 1] & 1));
    memcpy(out + 27, point.data + point.len - 64, 32);
    return (auth_bytes){out, 59};
}

START_TEST(a_certificate_may_spell_its_key_in_another_way)
{
    auth_error err;
    uint8_t info[59];
    const auth_signer *signer = chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    chain_cert plan = chain_plan(AUTH_KEY_TYPE_P256, CHAIN_LEAF);
    plan.spki = compress(auth_signer_public_key(signer), info);
    raw_bytes certificate = chain_sign(&plan, AUTH_KEY_TYPE_P256, CHAIN_LEAF, CHAIN_CA);
    auth_bytes certs[] = {RAW(certificate)};
    auth_jws_signing signing = {JWS_TYPE, signer, certs, 1, JWS_NOW};
    AUTH_AUTO(auth_buf) *text = buf_new();
    assert_ok(auth_jws_sign(BYTES("x"), &signing, text, &err), &err);
    AUTH_AUTO(auth_jws) *jws = parse(text);
    assert_ok(auth_jws_verify(jws, 0, auth_signer_public_key(signer), &err), &err);
}
END_TEST

/* What cannot be signed with. */

static void without_chain(auth_jws_signing *it) { it->chain_len = 0; }
static void nine_certificates(auth_jws_signing *it) { it->chain_len = AUTH_JWS_CHAIN_MAX + 1; }
static void no_certificate(auth_jws_signing *it)
{
    static const auth_bytes certs[] = {{(const uint8_t *)"0\x03\x02\x01", 5}};
    it->chain = certs;
    it->chain_len = 1;
}
static void before_1970(auth_jws_signing *it) { it->signed_at = -1; }
static void after_9999(auth_jws_signing *it) { it->signed_at = AUTH_TIME_MAX + 1; }
static void without_type(auth_jws_signing *it) { it->type = NULL; }
static void empty_type(auth_jws_signing *it) { it->type = ""; }
static void type_with_quote(auth_jws_signing *it) { it->type = "a\",\"b"; }
static void type_with_space(auth_jws_signing *it) { it->type = "a b"; }
static void type_with_backslash(auth_jws_signing *it) { it->type = "a\\u0061"; }
static void type_beyond_ascii(auth_jws_signing *it) { it->type = "\xc3\xa9"; }
static void type_of_65(auth_jws_signing *it)
{
    it->type = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
}

static const struct {
    void (*change)(auth_jws_signing *it);
    auth_status status;
} wrong_signings[] = {
    {without_chain, AUTH_STATUS_INVALID},     {nine_certificates, AUTH_STATUS_LIMIT},
    {no_certificate, AUTH_STATUS_MALFORMED},  {before_1970, AUTH_STATUS_INVALID},
    {after_9999, AUTH_STATUS_INVALID},        {without_type, AUTH_STATUS_INVALID},
    {empty_type, AUTH_STATUS_INVALID},        {type_with_quote, AUTH_STATUS_INVALID},
    {type_with_space, AUTH_STATUS_INVALID},   {type_with_backslash, AUTH_STATUS_INVALID},
    {type_beyond_ascii, AUTH_STATUS_INVALID}, {type_of_65, AUTH_STATUS_INVALID},
};

START_TEST(what_no_reader_would_take_is_not_signed)
{
    auth_error err;
    jws_signer it;
    jws_signer other;
    jws_signer_open(&it, "ed25519", AUTH_KEY_TYPE_ED25519);
    jws_signer_open(&other, NULL, AUTH_KEY_TYPE_ED25519);
    AUTH_AUTO(auth_buf) *text = buf_new();
    auth_jws_signing good = jws_signing(&other);
    assert_ok(auth_jws_sign(BYTES("x"), &good, text, &err), &err);
    AUTH_AUTO(auth_jws) *jws = parse(text);
    size_t len = auth_buf_bytes(text).len;
    auth_jws_signing signing = jws_signing(&it);
    wrong_signings[_i].change(&signing);
    auth_status expected = wrong_signings[_i].status;
    assert_fails(auth_jws_sign_compact(BYTES("x"), &signing, text, &err), expected, &err);
    assert_fails(auth_jws_sign(BYTES("x"), &signing, text, &err), expected, &err);
    assert_fails(auth_jws_add(jws, &signing, text, &err), expected, &err);
    ck_assert_uint_eq(auth_buf_bytes(text).len, len);
    jws_signer_close(&it);
    jws_signer_close(&other);
}
END_TEST

START_TEST(a_foreign_certificate_or_type_and_an_empty_payload_are_not_signed)
{
    auth_error err;
    jws_signer it;
    jws_signer other;
    jws_signer_open(&it, "ed25519", AUTH_KEY_TYPE_ED25519);
    jws_signer_open(&other, NULL, AUTH_KEY_TYPE_ED25519);
    AUTH_AUTO(auth_buf) *text = buf_new();
    auth_jws_signing signing = jws_signing(&it);
    assert_fails(auth_jws_sign(BYTES(""), &signing, text, &err), AUTH_STATUS_INVALID, &err);
    assert_fails(auth_jws_sign_compact(BYTES(""), &signing, text, &err), AUTH_STATUS_INVALID, &err);
    signing.chain = other.chain;
    assert_fails(auth_jws_sign(BYTES("x"), &signing, text, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "another key"));
    ck_assert_uint_eq(auth_buf_bytes(text).len, 0);
    signing = jws_signing(&it);
    assert_ok(auth_jws_sign(BYTES("x"), &signing, text, &err), &err);
    AUTH_AUTO(auth_jws) *jws = parse(text);
    signing = jws_signing(&other);
    signing.type = "other+jws";
    assert_fails(auth_jws_add(jws, &signing, text, &err), AUTH_STATUS_INVALID, &err);
    jws_signer_close(&it);
    jws_signer_close(&other);
}
END_TEST

START_TEST(a_document_is_not_longer_than_a_reader_takes)
{
    static const uint8_t octets[AUTH_JWS_MAX / 4 * 3] = {0};
    auth_error err;
    jws_signer it;
    jws_signer_open(&it, "ed25519", AUTH_KEY_TYPE_ED25519);
    AUTH_AUTO(auth_buf) *text = buf_new();
    auth_jws_signing signing = jws_signing(&it);
    auth_bytes payload = {octets, sizeof octets};
    assert_fails(auth_jws_sign(payload, &signing, text, &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(auth_jws_sign_compact(payload, &signing, text, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_uint_eq(auth_buf_bytes(text).len, 0);
    payload.len -= 4096;
    assert_ok(auth_jws_sign(payload, &signing, text, &err), &err);
    AUTH_AUTO(auth_jws) *jws = parse(text);
    ck_assert_uint_eq(auth_jws_payload(jws).len, payload.len);
    assert_ok(auth_jws_verify(jws, 0, auth_signer_public_key(it.signer), &err), &err);
    jws_signer_close(&it);
}
END_TEST

/* The vectors of the standards, whose headers are not ours, below the reading of headers. */

#define JOE                                                                                        \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl" \
    "fQ"

static const struct {
    auth_jws_algorithm algorithm;
    const char *spki; /* base64url, as the others */
    const char *input;
    const char *signature;
} vectors[] = {
    /* RFC 7515 appendix A.2 */
    {AUTH_JWS_ALGORITHM_RS256,
     "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0"
     "l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2j"
     "Z47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
     "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
     "TW9gb54h4FRWyuXpoQIDAQAB",
     "eyJhbGciOiJSUzI1NiJ9." JOE,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
     "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
     "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
     "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    /* RFC 7515 appendix A.3 */
    {AUTH_JWS_ALGORITHM_ES256,
     "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs"
     "3-257rn0s2ldbqkLJK2KRiMohYjlrQ",
     "eyJhbGciOiJFUzI1NiJ9." JOE,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    /* RFC 8037 appendix A.4 */
    {AUTH_JWS_ALGORITHM_EDDSA, "MCowBQYDK2VwAyEA11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};

static auth_buf *decode(const char *text)
{
    auth_error err;
    auth_buf *out = buf_new();
    assert_ok(auth_codec_decode(AUTH_CODEC_BASE64URL, auth_bytes_from_text(text), out, &err), &err);
    return out;
}

START_TEST(the_vectors_of_the_standards_verify)
{
    auth_error err;
    auth_signature octets;
    auth_signature back;
    AUTH_AUTO(auth_public_key) *key = NULL;
    AUTH_AUTO(auth_buf) *spki = decode(vectors[_i].spki);
    AUTH_AUTO(auth_buf) *signature = decode(vectors[_i].signature);
    auth_jws_algorithm algorithm = vectors[_i].algorithm;
    assert_ok(auth_public_key_parse(auth_buf_bytes(spki), &key, &err), &err);
    ck_assert_int_eq((int)jws_algorithm_key(algorithm), (int)auth_public_key_type(key));
    assert_ok(jws_signature_read(algorithm, auth_buf_bytes(signature), &octets, &err), &err);
    assert_ok(auth_public_key_verify(key, jws_algorithm_identifier(algorithm),
                                     auth_bytes_from_text(vectors[_i].input),
                                     (auth_bytes){octets.octets, octets.len}, &err),
              &err);
    assert_ok(jws_signature_write(algorithm, &octets, &back, &err), &err);
    assert_bytes(((auth_bytes){back.octets, back.len}), auth_buf_bytes(signature));
}
END_TEST

/* 1 in 256 numbers is an octet shorter in DER, and half of them have a sign octet. */
START_TEST(every_signature_is_converted_both_ways)
{
    auth_error err;
    jws_signer it;
    jws_signer_open(&it, kinds[_i].key, kinds[_i].type);
    auth_jws_algorithm algorithm = jws_algorithm_of(kinds[_i].type);
    ck_assert_str_eq(auth_jws_algorithm_name(algorithm), kinds[_i].algorithm);
    for (uint16_t n = 0; n < 600; n++) {
        auth_signature made;
        auth_signature written;
        auth_signature read;
        assert_ok(auth_signer_sign(it.signer, (auth_bytes){(uint8_t *)&n, sizeof n}, &made, &err),
                  &err);
        assert_each(jws_signature_write(algorithm, &made, &written, &err) == AUTH_STATUS_OK, "%s",
                    err.text);
        auth_bytes octets = {written.octets, written.len};
        assert_each(octets.len == kinds[_i].signature_len, "%zu octets", octets.len);
        assert_each(jws_signature_read(algorithm, octets, &read, &err) == AUTH_STATUS_OK, "%s",
                    err.text);
        assert_each(read.len == made.len && memcmp(read.octets, made.octets, made.len) == 0,
                    "another signature came back");
        if (kinds[_i].type == AUTH_KEY_TYPE_RSA)
            break;
    }
    jws_signer_close(&it);
}
END_TEST

START_TEST(a_pair_that_is_none_is_refused)
{
    static const uint8_t zeros[65] = {0};
    uint8_t octets[65] = {[31] = 1, [63] = 1};
    auth_error err;
    auth_signature out;
    assert_ok(jws_signature_read(AUTH_JWS_ALGORITHM_ES256, (auth_bytes){octets, 64}, &out, &err),
              &err);
    assert_bytes(((auth_bytes){out.octets, out.len}), BYTES("\x30\x06\x02\x01\x01\x02\x01\x01"));
    const auth_bytes wrong[] = {
        {octets, 63}, {octets, 65}, {octets, 0}, {zeros, 64}, {octets + 32, 33},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(jws_signature_read(AUTH_JWS_ALGORITHM_ES256, wrong[i], &out, &err),
                     AUTH_STATUS_UNTRUSTED, &err);
    octets[31] = 0;
    assert_fails(jws_signature_read(AUTH_JWS_ALGORITHM_SM2_SM3, (auth_bytes){octets, 64}, &out,
                                    &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    octets[31] = 1;
    octets[63] = 0;
    assert_fails(jws_signature_read(AUTH_JWS_ALGORITHM_ES256, (auth_bytes){octets, 64}, &out, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
}
END_TEST

static const auth_bytes no_pairs[] = {
    {(const uint8_t *)"", 0},
    {(const uint8_t *)"\x30\x03\x02\x01\x01", 5},                 /* one number */
    {(const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x00", 8},     /* zero */
    {(const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x80", 8},     /* negative */
    {(const uint8_t *)"\x30\x07\x02\x02\x00\x01\x02\x01\x01", 9}, /* not minimal */
    {(const uint8_t *)"\x30\x09\x02\x01\x01\x02\x01\x01\x02\x01\x01", 11},
    {(const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x01\x00", 9},
    {(const uint8_t *)"\x30\x26\x02\x01\x01\x02\x21\x01"
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     40}, /* 33 octets */
};

START_TEST(a_signer_that_gives_no_pair_is_found_out)
{
    auth_error err;
    auth_signature out;
    auth_signature made = {.len = no_pairs[_i].len};
    memcpy(made.octets, no_pairs[_i].data, made.len);
    assert_fails(jws_signature_write(AUTH_JWS_ALGORITHM_ES256, &made, &out, &err),
                 AUTH_STATUS_CRYPTO, &err);
}
END_TEST

/* Memory */

typedef struct memory_case {
    const char *text;
    const jws_signer *signer;
    auth_jws *jws;
} memory_case;

static auth_status read_it(void *context)
{
    const memory_case *it = context;
    auth_error err;
    auth_jws *jws = NULL;
    auth_status status = auth_jws_parse(auth_bytes_from_text(it->text), &rules, &jws, &err);
    auth_jws_free(jws);
    return status;
}

static auth_status verify_it(void *context)
{
    const memory_case *it = context;
    auth_error err;
    return auth_jws_verify(it->jws, 0, auth_signer_public_key(it->signer->signer), &err);
}

static auth_status sign_it(void *context)
{
    const memory_case *it = context;
    auth_error err;
    auth_buf *out = NULL;
    auth_jws_signing signing = jws_signing(it->signer);
    auth_status status = auth_buf_new(BUF_MAX, &out, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_sign(BYTES("x"), &signing, out, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_sign_compact(BYTES("x"), &signing, out, &err);
    auth_buf_free(out);
    return status;
}

static auth_status add_it(void *context)
{
    const memory_case *it = context;
    auth_error err;
    auth_buf *out = NULL;
    auth_jws_signing signing = jws_signing(it->signer);
    auth_status status = auth_buf_new(BUF_MAX, &out, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_jws_add(it->jws, &signing, out, &err);
    if (status != AUTH_STATUS_OK && out != NULL && auth_buf_bytes(out).len != 0)
        status = AUTH_STATUS_INTERNAL;
    auth_buf_free(out);
    return status;
}

START_TEST(memory_that_runs_out_is_reported)
{
    auth_error err;
    jws_signer first;
    jws_signer second;
    jws_signer_open(&first, "ed25519", AUTH_KEY_TYPE_ED25519);
    jws_signer_open(&second, "p256", AUTH_KEY_TYPE_P256);
    char *header = jws_header(&first, "EdDSA");
    char *compact = jws_compact(header, "payload", first.signer);
    char *general = jws_general((const char *const[]){compact}, 1);
    memory_case it = {.text = compact, .signer = &first};
    ck_assert_uint_gt(harness_for_each_failure(read_it, &it), 5);
    it.text = general;
    ck_assert_uint_gt(harness_for_each_failure(read_it, &it), 5);
    assert_ok(auth_jws_parse(auth_bytes_from_text(general), &rules, &it.jws, &err), &err);
    ck_assert_uint_gt(harness_for_each_failure(verify_it, &it), 1);
    ck_assert_uint_gt(harness_for_each_failure(sign_it, &it), 5);
    it.signer = &second;
    ck_assert_uint_gt(harness_for_each_failure(add_it, &it), 5);
    auth_jws_free(it.jws);
    free(header);
    free(compact);
    free(general);
    jws_signer_close(&first);
    jws_signer_close(&second);
}
END_TEST

START_TEST(a_number_that_is_no_algorithm_has_no_name)
{
    ck_assert_str_eq(auth_jws_algorithm_name((auth_jws_algorithm)0), "");
    ck_assert_str_eq(auth_jws_algorithm_name((auth_jws_algorithm)99), "");
    ck_assert_str_eq(auth_jws_algorithm_name(AUTH_JWS_ALGORITHM_PS256), "PS256");
    auth_jws_free(NULL);
}
END_TEST

SUITE("jws", TEST_EACH(a_compact_document_comes_back, KINDS),
      TEST(a_general_document_gathers_signatures),
      TEST(a_compact_document_becomes_general_when_another_signs),
      TEST(nobody_signs_twice_or_as_the_ninth),
      TEST(a_certificate_may_spell_its_key_in_another_way),
      TEST_EACH(what_no_reader_would_take_is_not_signed,
                sizeof wrong_signings / sizeof wrong_signings[0]),
      TEST(a_foreign_certificate_or_type_and_an_empty_payload_are_not_signed),
      TEST(a_document_is_not_longer_than_a_reader_takes),
      TEST_EACH(the_vectors_of_the_standards_verify, sizeof vectors / sizeof vectors[0]),
      TEST_EACH(every_signature_is_converted_both_ways, KINDS),
      TEST(a_pair_that_is_none_is_refused),
      TEST_EACH(a_signer_that_gives_no_pair_is_found_out, sizeof no_pairs / sizeof no_pairs[0]),
      TEST(memory_that_runs_out_is_reported), TEST(a_number_that_is_no_algorithm_has_no_name))
