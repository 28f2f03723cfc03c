/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every JWS refused that has a signature of somebody else's making, a second meaning, or more
 * than it may: in each form, with the place and the reason?
 */
#include "harness/harness.h"
#include "harness/jws_signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD "{\"n\":1}"

static const auth_jws_rules rules = {.type = JWS_TYPE};

static jws_signer alice; /* P-256, as in every good text below */
static char *header;
static char *compact;
static char *general;

/* Once for all tests of this process: Check forks one for each. */
static void open_alice(void)
{
    jws_signer_open(&alice, "p256", AUTH_KEY_TYPE_P256);
    header = jws_header(&alice, "ES256");
    compact = jws_compact(header, PAYLOAD, alice.signer);
    general = jws_general((const char *const[]){compact}, 1);
}

static void close_alice(void)
{
    free(header);
    free(compact);
    free(general);
    jws_signer_close(&alice);
}

static auth_status attempt(auth_bytes text, const auth_jws_rules *by, auth_error *err)
{
    auth_jws *jws = NULL;
    *err = (auth_error){AUTH_STATUS_OK, ""};
    auth_status status = auth_jws_parse(text, by, &jws, err);
    ck_assert((jws == NULL) == (status != AUTH_STATUS_OK));
    auth_jws_free(jws);
    return status;
}

static void check_refused(const char *text, auth_status expected, const char *says)
{
    auth_error err;
    auth_status status = attempt(auth_bytes_from_text(text), &rules, &err);
    ck_assert_msg(status == expected, "%s: %s instead of %s: %s", says, auth_status_name(status),
                  auth_status_name(expected), err.text);
    ck_assert_msg(strstr(err.text, says) != NULL, "no \"%s\" in: %s", says, err.text);
    ck_assert_msg(strstr(err.text, "11010519491231002X") == NULL, "%s", err.text);
}

START_TEST(the_bases_are_good)
{
    auth_error err;
    open_alice();
    const char *texts[] = {compact, general};
    for (size_t i = 0; i < 2; i++) {
        auth_jws *jws = NULL;
        assert_ok(auth_jws_parse(auth_bytes_from_text(texts[i]), &rules, &jws, &err), &err);
        assert_ok(auth_jws_verify(jws, 0, auth_signer_public_key(alice.signer), &err), &err);
        auth_jws_free(jws);
    }
    close_alice();
}
END_TEST

/* Protected headers: what is replaced by what; "" puts a member behind the brace. */
static const struct {
    const char *what;
    const char *with;
    auth_status status;
    const char *says;
} headers[] = {
    {"ES256", "none", AUTH_STATUS_UNSUPPORTED, "$.alg"},
    {"ES256", "None", AUTH_STATUS_UNSUPPORTED, "$.alg"},
    {"ES256", "HS256", AUTH_STATUS_UNSUPPORTED, "$.alg"},
    {"ES256", "es256", AUTH_STATUS_UNSUPPORTED, "$.alg"},
    {"ES256", "ES512", AUTH_STATUS_UNSUPPORTED, "$.alg"},
    {"ES256", "ES256 ", AUTH_STATUS_UNSUPPORTED, "$.alg"},
    {"\"ES256\"", "\"\"", AUTH_STATUS_INVALID, "$.alg"},
    {"\"ES256\"", "1", AUTH_STATUS_INVALID, "$.alg"},
    {"\"alg\":\"ES256\",", "", AUTH_STATUS_INVALID, "$.alg: missing"},
    {"\"alg\"", "\"Alg\"", AUTH_STATUS_INVALID, "$.Alg: no such member"},
    {"\"typ\":\"" JWS_TYPE "\",", "", AUTH_STATUS_INVALID, "$.typ: missing"},
    {JWS_TYPE, "Test+jws", AUTH_STATUS_INVALID, "$.typ"},
    {JWS_TYPE, "application/test+jws", AUTH_STATUS_INVALID, "$.typ"},
    {JWS_TYPE, "JWT", AUTH_STATUS_INVALID, "$.typ"},
    {JWS_TYPE, JWS_TYPE " ", AUTH_STATUS_INVALID, "$.typ"},
    {"1767225600", "-1", AUTH_STATUS_INVALID, "$.iat"},
    {"1767225600", "1767225600.0", AUTH_STATUS_INVALID, "$.iat"},
    {"1767225600", "1767225600.5", AUTH_STATUS_INVALID, "$.iat"},
    {"1767225600", "1e9", AUTH_STATUS_INVALID, "$.iat"},
    {"1767225600", "1e400", AUTH_STATUS_MALFORMED, "real number overflow"},
    {"1767225600", "253402300800", AUTH_STATUS_INVALID, "$.iat: after the year 9999"},
    {"1767225600", "9007199254740993", AUTH_STATUS_INVALID, "$.iat"},
    {"1767225600", "99999999999999999999", AUTH_STATUS_MALFORMED, "too big integer"},
    {"1767225600", "\"1767225600\"", AUTH_STATUS_INVALID, "$.iat"},
    {"1767225600", "01767225600", AUTH_STATUS_MALFORMED, "line 1"},
    {",\"iat\":1767225600", "", AUTH_STATUS_INVALID, "$.iat: missing"},
    {"", "\"crit\":[\"b64\"],", AUTH_STATUS_INVALID, "$.crit: no extension"},
    {"", "\"crit\":[],", AUTH_STATUS_INVALID, "$.crit: no extension"},
    {"", "\"b64\":false,", AUTH_STATUS_INVALID, "$.b64: a payload that is not encoded"},
    {"", "\"b64\":true,", AUTH_STATUS_INVALID, "$.b64: a payload that is not encoded"},
    {"", "\"jwk\":{},", AUTH_STATUS_INVALID, "$.jwk: a document does not bring"},
    {"", "\"jku\":\"https://a.cn\",", AUTH_STATUS_INVALID, "$.jku: no key is fetched"},
    {"", "\"x5u\":\"https://a.cn\",", AUTH_STATUS_INVALID, "$.x5u: no certificate is fetched"},
    {"", "\"kid\":\"1\",", AUTH_STATUS_INVALID, "$.kid: the key is that"},
    {"", "\"x5t\":\"1\",", AUTH_STATUS_INVALID, "$.x5t: x5c has"},
    {"", "\"x5t#S256\":\"1\",", AUTH_STATUS_INVALID, "$.x5t#S256: x5c has"},
    {"", "\"cty\":\"a\",", AUTH_STATUS_INVALID, "$.cty: typ tells"},
    {"", "\"nonce\":\"a\",", AUTH_STATUS_INVALID, "$.nonce: no such member"},
    {"", "\"11010519491231002X\":1,", AUTH_STATUS_INVALID, "no such member"},
    {"", "\"alg\":\"ES256\",", AUTH_STATUS_MALFORMED, "duplicate object key"},
    {"", "\"a\\u006cg\":\"none\",", AUTH_STATUS_MALFORMED, "duplicate object key"},
    {"", "\"iat\":1,", AUTH_STATUS_MALFORMED, "duplicate object key"},
    {"", "\"jwk\":[[[[[[[[", AUTH_STATUS_LIMIT, "nested deeper"},
    {"\"x5c\":[", "\"x5c\":[\"\",", AUTH_STATUS_INVALID, "$.x5c[0]"},
    {"\"x5c\":[", "\"x5c\":[7,", AUTH_STATUS_INVALID, "$.x5c[0]"},
    {"\"x5c\":[", "\"x5c\":[\"MAA=\",", AUTH_STATUS_MALFORMED, "$.x5c[0]"},
    {"\"x5c\":[", "\"x5c\":[\"MII-_w==\",", AUTH_STATUS_MALFORMED, "$.x5c[0]: base64"},
    {"\"x5c\":[", "\"x5c\":[\"MIIA\\n\",", AUTH_STATUS_MALFORMED, "$.x5c[0]: base64"},
    {"{\"alg\"", "[{\"alg\"", AUTH_STATUS_MALFORMED, "line 1"},
    {"}", "}}", AUTH_STATUS_MALFORMED, "line 1"},
    {"}", ",}", AUTH_STATUS_MALFORMED, "line 1"},
    {"\"ES256\"", "\"ES256\\u0000\"", AUTH_STATUS_MALFORMED, "\\u0000"},
    {"\"ES256\"", "\"\xff\"", AUTH_STATUS_MALFORMED, "unable to decode"},
    {"\"ES256\"", "ES256", AUTH_STATUS_MALFORMED, "invalid token"},
};

START_TEST(a_wrong_header_is_refused_in_both_forms)
{
    open_alice();
    bool inserts = headers[_i].what[0] == '\0';
    char with[256];
    (void)snprintf(with, sizeof with, "{%s", headers[_i].with);
    char *spoiled = inserts ? jws_replace(header, "{", with)
                            : jws_replace(header, headers[_i].what, headers[_i].with);
    char *in_compact = jws_compact(spoiled, PAYLOAD, alice.signer);
    char *in_general = jws_general((const char *const[]){compact, in_compact}, 2);
    check_refused(in_compact, headers[_i].status, headers[_i].says);
    check_refused(in_compact, headers[_i].status, "JWS: signature 1: protected header: ");
    check_refused(in_general, headers[_i].status, headers[_i].says);
    check_refused(in_general, headers[_i].status, "JWS: signature 2: protected header: ");
    free(in_general);
    free(in_compact);
    free(spoiled);
    close_alice();
}
END_TEST

static char *header_with_chain(size_t count)
{
    char *texts[2];
    char *out = NULL;
    char chain[AUTH_JWS_CHAIN_MAX * 4096] = "";
    for (size_t i = 0; i < 2; i++)
        texts[i] = jws_encode(AUTH_CODEC_BASE64, alice.chain[i]);
    char *end = chain;
    for (size_t i = 0; i < count; i++)
        end += snprintf(end, 2000, "%s\"%s\"", i == 0 ? "" : ",", texts[i == 0 ? 0 : 1]);
    if (asprintf(&out, "{\"alg\":\"ES256\",\"typ\":\"" JWS_TYPE "\",\"x5c\":[%s],\"iat\":1}",
                 chain) < 0)
        harness_die("no memory");
    free(texts[0]);
    free(texts[1]);
    return out;
}

START_TEST(a_chain_has_one_to_eight_certificates)
{
    static const size_t counts[] = {0, 1, AUTH_JWS_CHAIN_MAX, AUTH_JWS_CHAIN_MAX + 1};
    auth_error err;
    open_alice();
    for (size_t i = 0; i < 4; i++) {
        char *many = header_with_chain(counts[i]);
        char *text = jws_compact(many, PAYLOAD, alice.signer);
        if (counts[i] == 0 || counts[i] > AUTH_JWS_CHAIN_MAX)
            check_refused(text, AUTH_STATUS_INVALID, "$.x5c: an array has 1 to 8 elements");
        else
            assert_ok(attempt(auth_bytes_from_text(text), &rules, &err), &err);
        free(text);
        free(many);
    }
    close_alice();
}
END_TEST

/* Documents: what of the good General JSON is replaced by what. */
static const struct {
    const char *what;
    const char *with;
    auth_status status;
    const char *says;
} documents[] = {
    {"{\"payload\"", "{\"payload\":\"eA\",\"payload\"", AUTH_STATUS_MALFORMED,
     "duplicate object key"},
    {"{\"payload\"", "{\"payloa\\u0064\":\"eA\",\"payload\"", AUTH_STATUS_MALFORMED,
     "duplicate object key"},
    {"{\"protected\"", "{\"protected\":\"e30\",\"protected\"", AUTH_STATUS_MALFORMED,
     "duplicate object key"},
    {"{\"protected\"", "{\"header\":{\"alg\":\"none\"},\"protected\"", AUTH_STATUS_INVALID,
     "$.signatures[0].header: no signature covers"},
    {"{\"protected\"", "{\"kid\":\"1\",\"protected\"", AUTH_STATUS_INVALID,
     "$.signatures[0].kid: no such member"},
    {"{\"payload\"", "{\"header\":{},\"payload\"", AUTH_STATUS_INVALID, "$.header: the flattened"},
    {"{\"payload\"", "{\"signature\":\"AA\",\"payload\"", AUTH_STATUS_INVALID, "$.signature: the"},
    {"{\"payload\"", "{\"protected\":\"AA\",\"payload\"", AUTH_STATUS_INVALID, "$.protected: the"},
    {"{\"payload\"", "{\"11010519491231002X\":1,\"payload\"", AUTH_STATUS_INVALID,
     "no such member"},
    {"\"payload\":", "\"pay\":", AUTH_STATUS_INVALID, "$.pay: no such member"},
    {"\"eyJuIjoxfQ\"", "\"\"", AUTH_STATUS_INVALID, "$.payload: a string has 1 to"},
    {"\"eyJuIjoxfQ\"", "{\"n\":1}", AUTH_STATUS_INVALID, "$.payload: not a string"},
    {"\"eyJuIjoxfQ\"", "\"eyJuIjoxfQ==\"", AUTH_STATUS_MALFORMED, "JWS: payload: base64url"},
    {"\"eyJuIjoxfQ\"", "\"eyJuIjoxfR\"", AUTH_STATUS_MALFORMED, "trailing bits"},
    {"\"eyJuIjoxfQ\"", "\"eyJuIjoxf\"", AUTH_STATUS_MALFORMED, "JWS: payload: base64url"},
    {"\"eyJuIjoxfQ\"", "\"eyJu+joxfQ\"", AUTH_STATUS_MALFORMED, "JWS: payload: base64url"},
    {"\"eyJuIjoxfQ\"", "\"eyJu/joxfQ\"", AUTH_STATUS_MALFORMED, "JWS: payload: base64url"},
    {"\"eyJuIjoxfQ\"", "\"eyJuI joxfQ\"", AUTH_STATUS_MALFORMED, "JWS: payload: base64url"},
    {"\"eyJuIjoxfQ\"", "\"eyJuIjoxfQ\\n\"", AUTH_STATUS_MALFORMED, "JWS: payload: base64url"},
    {"\"signature\":\"", "\"signature\":\"\",\"x\":\"", AUTH_STATUS_INVALID, "$.signatures[0]"},
    {"\"signature\":\"", "\"signature\":\"+", AUTH_STATUS_MALFORMED, "signature 1: base64url"},
    {"\"protected\":\"", "\"protected\":\"=", AUTH_STATUS_MALFORMED,
     "signature 1: protected header: base64url"},
    {"\"signatures\":[", "\"signatures\":[],\"s\":[", AUTH_STATUS_INVALID, "$"},
    {"\"signatures\":[", "\"signatures\":[7,", AUTH_STATUS_INVALID, "$.signatures[0]: not an obj"},
    {"\"signatures\":[", "\"signatures\":[[[[[[[[", AUTH_STATUS_LIMIT, "nested deeper"},
    {"]}", "]} {}", AUTH_STATUS_MALFORMED, "JWS: line 1"},
    {"]}", "]", AUTH_STATUS_MALFORMED, "JWS: line 1"},
    {"]}", "],}", AUTH_STATUS_MALFORMED, "JWS: line 1"},
    {"{\"payload\"", "/**/{\"payload\"", AUTH_STATUS_MALFORMED, "JWS: not header, payload"},
    {"{\"payload\"", "[{\"payload\"", AUTH_STATUS_MALFORMED, "JWS: not header, payload"},
    {"{\"payload\"", "\xef\xbb\xbf{\"payload\"", AUTH_STATUS_MALFORMED, "JWS: not header, payload"},
};

START_TEST(a_wrong_document_is_refused)
{
    open_alice();
    char *spoiled = jws_replace(general, documents[_i].what, documents[_i].with);
    check_refused(spoiled, documents[_i].status, documents[_i].says);
    free(spoiled);
    close_alice();
}
END_TEST

/* Compact texts that are none; %s is a good one. */
static const char *const no_compacts[] = {
    "",
    ".",
    "..",
    "...",
    "e30",
    "e30.e30",
    "e30.e30.",
    ".e30.e30",
    "e30..e30",
    "e30.e30.e30.e30",
    "e30.e30.e30.e30.e30",
};

START_TEST(what_has_not_three_parts_is_no_compact_text)
{
    check_refused(no_compacts[_i], AUTH_STATUS_MALFORMED, "not header, payload and signature");
}
END_TEST

START_TEST(a_compact_text_has_one_spelling)
{
    open_alice();
    static const char *const forms[] = {" %s", "%s ", "%s\n", "%s=", "%s.", "\"%s\""};
    auth_error err;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *text = jws_replace(forms[i], "%s", compact);
        ck_assert_int_eq((int)attempt(auth_bytes_from_text(text), &rules, &err),
                         AUTH_STATUS_MALFORMED);
        free(text);
    }
    close_alice();
}
END_TEST

START_TEST(white_space_and_order_of_json_are_free)
{
    auth_error err;
    auth_jws *jws = NULL;
    char *text = NULL;
    open_alice();
    const char *payload = strchr(compact, '.') + 1;
    const char *signature = strchr(payload, '.') + 1;
    ck_assert_int_gt(asprintf(&text,
                              "\r\n\t { \"signatures\" :\n[ {\"signature\":\"%s\",\t\"protected\":"
                              "\"\\u0065%.*s\"}\r] , \"payload\": \"%.*s\" } \n",
                              signature, (int)(payload - 2 - compact), compact + 1,
                              (int)(signature - 1 - payload), payload),
                     0);
    assert_ok(auth_jws_parse(auth_bytes_from_text(text), &rules, &jws, &err), &err);
    assert_ok(auth_jws_verify(jws, 0, auth_signer_public_key(alice.signer), &err), &err);
    assert_bytes(auth_jws_payload(jws), BYTES(PAYLOAD));
    auth_jws_free(jws);
    free(text);
    close_alice();
}
END_TEST

/* Signatures */

static void check_unverified(const char *text, const auth_public_key *key, auth_status expected,
                             const char *says)
{
    auth_error err;
    auth_jws *jws = NULL;
    assert_ok(auth_jws_parse(auth_bytes_from_text(text), &rules, &jws, &err), &err);
    assert_fails(auth_jws_verify(jws, 0, key, &err), expected, &err);
    ck_assert_msg(strstr(err.text, says) != NULL, "no \"%s\" in: %s", says, err.text);
    auth_jws_free(jws);
}

/* Takes the signature of one Compact text and puts it behind header and payload of another. */
static char *move_signature(const char *from, const char *to)
{
    char *out = NULL;
    if (asprintf(&out, "%.*s%s", (int)(strrchr(to, '.') - to), to, strrchr(from, '.')) < 0)
        harness_die("no memory");
    return out;
}

START_TEST(a_signature_does_not_move_to_another_header_or_payload)
{
    open_alice();
    const auth_public_key *key = auth_signer_public_key(alice.signer);
    char *later = jws_replace(header, "1767225600", "1767225601");
    char *others[] = {jws_compact(later, PAYLOAD, alice.signer),
                      jws_compact(header, "{\"n\":2}", alice.signer)};
    for (size_t i = 0; i < 2; i++) {
        char *moved = move_signature(compact, others[i]);
        char *in_general = jws_general((const char *const[]){moved}, 1);
        check_unverified(moved, key, AUTH_STATUS_UNTRUSTED, "JWS: signature 1: ");
        check_unverified(in_general, key, AUTH_STATUS_UNTRUSTED, "JWS: signature 1: ");
        free(in_general);
        free(moved);
        free(others[i]);
    }
    free(later);
    close_alice();
}
END_TEST

START_TEST(no_bit_of_a_text_can_change)
{
    auth_error err;
    open_alice();
    const auth_public_key *key = auth_signer_public_key(alice.signer);
    size_t len = strlen(compact);
    for (size_t i = 0; i < len; i += 7) {
        auth_jws *jws = NULL;
        char kept = compact[i];
        compact[i] = kept == 'A' ? 'B' : 'A';
        auth_status status = auth_jws_parse(auth_bytes_from_text(compact), &rules, &jws, &err);
        if (status == AUTH_STATUS_OK)
            status = auth_jws_verify(jws, 0, key, &err);
        assert_each(status != AUTH_STATUS_OK, "character %zu may change", i);
        auth_jws_free(jws);
        compact[i] = kept;
    }
    close_alice();
}
END_TEST

START_TEST(zeros_and_shortened_pairs_do_not_verify)
{
    static const uint8_t zeros[96] = {0};
    static const size_t lengths[] = {1, 32, 63, 64, 65, 72, 96};
    char *text = NULL;
    open_alice();
    int head = (int)(strrchr(compact, '.') - compact);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *signature = jws_encode(AUTH_CODEC_BASE64URL, (auth_bytes){zeros, lengths[i]});
        ck_assert_int_gt(asprintf(&text, "%.*s.%s", head, compact, signature), 0);
        check_unverified(text, auth_signer_public_key(alice.signer), AUTH_STATUS_UNTRUSTED,
                         "no signature of ES256");
        free(text);
        free(signature);
    }
    close_alice();
}
END_TEST

/* DER instead of two numbers: what key/ itself would take. */
START_TEST(a_signature_in_der_does_not_verify)
{
    auth_error err;
    auth_signature made;
    char *text = NULL;
    open_alice();
    int head = (int)(strrchr(compact, '.') - compact);
    assert_ok(auth_signer_sign(alice.signer, (auth_bytes){(uint8_t *)compact, (size_t)head}, &made,
                               &err),
              &err);
    char *signature = jws_encode(AUTH_CODEC_BASE64URL, (auth_bytes){made.octets, made.len});
    ck_assert_int_gt(asprintf(&text, "%.*s.%s", head, compact, signature), 0);
    check_unverified(text, auth_signer_public_key(alice.signer), AUTH_STATUS_UNTRUSTED,
                     "no signature of ES256");
    free(text);
    free(signature);
    close_alice();
}
END_TEST

static const struct {
    const char *key;
    auth_key_type type;
    const char *algorithm; /* which is not the key's */
} misfits[] = {
    {"p256", AUTH_KEY_TYPE_P256, "ES384"}, {"p256", AUTH_KEY_TYPE_P256, "SM2-SM3"},
    {"p256", AUTH_KEY_TYPE_P256, "EdDSA"}, {"p384", AUTH_KEY_TYPE_P384, "ES256"},
    {"rsa", AUTH_KEY_TYPE_RSA, "ES256"},   {"ed25519", AUTH_KEY_TYPE_ED25519, "RS256"},
    {"sm2", AUTH_KEY_TYPE_SM2, "ES256"},   {"ed25519", AUTH_KEY_TYPE_ED25519, "PS256"},
};

START_TEST(an_algorithm_of_another_type_of_key_does_not_verify)
{
    jws_signer it;
    jws_signer_open(&it, misfits[_i].key, misfits[_i].type);
    char *wrong = jws_header(&it, misfits[_i].algorithm);
    char *text = jws_compact(wrong, PAYLOAD, it.signer);
    check_unverified(text, auth_signer_public_key(it.signer), AUTH_STATUS_UNSUPPORTED,
                     "is no signature of a key of type");
    free(text);
    free(wrong);
    jws_signer_close(&it);
}
END_TEST

/* PKCS #1 v1.5 under the name of PSS. */
START_TEST(a_padding_does_not_pass_for_another)
{
    jws_signer it;
    jws_signer_open(&it, "rsa", AUTH_KEY_TYPE_RSA);
    char *wrong = jws_header(&it, "PS256");
    char *text = jws_compact(wrong, PAYLOAD, it.signer);
    check_unverified(text, auth_signer_public_key(it.signer), AUTH_STATUS_UNTRUSTED, "signature 1");
    free(text);
    free(wrong);
    jws_signer_close(&it);
}
END_TEST

/* Whoever holds another key signs under a certificate that is not his, or the other way. */
START_TEST(a_key_that_is_not_the_first_certificate_s_does_not_verify)
{
    jws_signer mallory;
    open_alice();
    jws_signer_open(&mallory, NULL, AUTH_KEY_TYPE_P256);
    char *forged = jws_compact(header, PAYLOAD, mallory.signer);
    check_unverified(forged, auth_signer_public_key(alice.signer), AUTH_STATUS_UNTRUSTED,
                     "signature 1");
    check_unverified(forged, auth_signer_public_key(mallory.signer), AUTH_STATUS_UNTRUSTED,
                     "not that of the first certificate");
    check_unverified(compact, auth_signer_public_key(mallory.signer), AUTH_STATUS_UNTRUSTED,
                     "not that of the first certificate");
    free(forged);
    jws_signer_close(&mallory);
    close_alice();
}
END_TEST

START_TEST(one_certificate_signs_once)
{
    open_alice();
    char *later = jws_replace(header, "1767225600", "1767225601");
    char *second = jws_compact(later, PAYLOAD, alice.signer);
    char *twice = jws_general((const char *const[]){compact, second}, 2);
    check_refused(twice, AUTH_STATUS_CONFLICT, "signatures 1 and 2 have the same certificate");
    free(twice);
    free(second);
    free(later);
    close_alice();
}
END_TEST

START_TEST(there_are_eight_signatures_at_the_most)
{
    const char *compacts[AUTH_JWS_SIGNATURES_MAX + 1];
    open_alice();
    for (size_t i = 0; i <= AUTH_JWS_SIGNATURES_MAX; i++)
        compacts[i] = compact;
    char *nine = jws_general(compacts, AUTH_JWS_SIGNATURES_MAX + 1);
    check_refused(nine, AUTH_STATUS_INVALID, "$.signatures: an array has 1 to 8 elements");
    free(nine);
    close_alice();
}
END_TEST

/* What the caller allows */

START_TEST(only_allowed_algorithms_are_taken)
{
    auth_error err;
    open_alice();
    auth_jws_rules by = {.type = JWS_TYPE};
    auth_bytes text = auth_bytes_from_text(general);
    by.algorithms = AUTH_JWS_ALGORITHM_BIT(AUTH_JWS_ALGORITHM_ES256);
    assert_ok(attempt(text, &by, &err), &err);
    by.algorithms = ~AUTH_JWS_ALGORITHM_BIT(AUTH_JWS_ALGORITHM_ES256);
    assert_fails(attempt(text, &by, &err), AUTH_STATUS_UNSUPPORTED, &err);
    /* A text that names no algorithm is not allowed by a bit that names none. */
    char *wrong = jws_replace(header, "ES256", "none");
    char *unsigned_text = jws_compact(wrong, PAYLOAD, alice.signer);
    by.algorithms = ~0U;
    assert_fails(attempt(auth_bytes_from_text(unsigned_text), &by, &err), AUTH_STATUS_UNSUPPORTED,
                 &err);
    free(unsigned_text);
    free(wrong);
    close_alice();
}
END_TEST

START_TEST(only_a_type_that_can_be_one_is_asked_for)
{
    static const char *const types[] = {NULL, "", "a b", "a\"b", "other+jws"};
    auth_error err;
    open_alice();
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        auth_jws_rules by = {.type = types[i]};
        assert_fails(attempt(auth_bytes_from_text(compact), &by, &err), AUTH_STATUS_INVALID, &err);
    }
    close_alice();
}
END_TEST

START_TEST(a_text_that_is_too_long_is_not_read)
{
    static uint8_t octets[AUTH_JWS_MAX + 1];
    auth_error err;
    open_alice();
    size_t len = strlen(general);
    auth_jws_rules by = {.type = JWS_TYPE, .max_size = len};
    assert_ok(attempt(auth_bytes_from_text(general), &by, &err), &err);
    by.max_size = len - 1;
    assert_fails(attempt(auth_bytes_from_text(general), &by, &err), AUTH_STATUS_LIMIT, &err);
    /* No caller allows more than AUTH_JWS_MAX. */
    memset(octets, ' ', sizeof octets);
    memcpy(octets, general, len);
    by.max_size = 2 * AUTH_JWS_MAX;
    assert_ok(attempt((auth_bytes){octets, sizeof octets - 1}, &by, &err), &err);
    assert_fails(attempt((auth_bytes){octets, sizeof octets}, &by, &err), AUTH_STATUS_LIMIT, &err);
    assert_fails(attempt((auth_bytes){NULL, 0}, &by, &err), AUTH_STATUS_MALFORMED, &err);
    close_alice();
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("jws_hostile", TEST(the_bases_are_good),
      TEST_EACH(a_wrong_header_is_refused_in_both_forms, COUNT(headers)),
      TEST(a_chain_has_one_to_eight_certificates),
      TEST_EACH(a_wrong_document_is_refused, COUNT(documents)),
      TEST_EACH(what_has_not_three_parts_is_no_compact_text, COUNT(no_compacts)),
      TEST(a_compact_text_has_one_spelling), TEST(white_space_and_order_of_json_are_free),
      TEST(a_signature_does_not_move_to_another_header_or_payload),
      TEST(no_bit_of_a_text_can_change), TEST(zeros_and_shortened_pairs_do_not_verify),
      TEST(a_signature_in_der_does_not_verify),
      TEST_EACH(an_algorithm_of_another_type_of_key_does_not_verify, COUNT(misfits)),
      TEST(a_padding_does_not_pass_for_another),
      TEST(a_key_that_is_not_the_first_certificate_s_does_not_verify),
      TEST(one_certificate_signs_once), TEST(there_are_eight_signatures_at_the_most),
      TEST(only_allowed_algorithms_are_taken), TEST(only_a_type_that_can_be_one_is_asked_for),
      TEST(a_text_that_is_too_long_is_not_read))
