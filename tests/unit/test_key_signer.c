/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a private key come back from everything it can be written to, is every private key that is
 * damaged, too weak, encrypted in a way that takes for ever or not of one piece refused, and does
 * no file that others may read give a secret?
 */
#include "base/der.h"
#include "base/oid.h"
#include "harness/harness.h"

#include <auth/key.h>
#include <auth/pem.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT_ROOM ((size_t)64 * 1024)

typedef struct type_row {
    auth_key_type type;
    unsigned bits;
} type_row;

static const type_row types[] = {
    {AUTH_KEY_TYPE_P256, 0},    {AUTH_KEY_TYPE_P384, 0}, {AUTH_KEY_TYPE_RSA, 2048},
    {AUTH_KEY_TYPE_ED25519, 0}, {AUTH_KEY_TYPE_SM2, 0},
};
#define TYPES (sizeof types / sizeof types[0])

static auth_signer *generate(int row)
{
    auth_error err;
    auth_signer *signer = NULL;
    assert_ok(auth_signer_generate(types[row].type, types[row].bits, &signer, &err), &err);
    return signer;
}

static auth_buf *new_buf(void)
{
    auth_error err;
    auth_buf *buf = NULL;
    assert_ok(auth_buf_new(EXPORT_ROOM, &buf, &err), &err);
    return buf;
}

static auth_buf *export_pem(const auth_signer *signer, const char *passphrase)
{
    auth_error err;
    AUTH_AUTO(auth_secret) *secret = NULL;
    auth_buf *out = new_buf();
    if (passphrase != NULL)
        assert_ok(auth_secret_from_bytes(auth_bytes_from_text(passphrase), &secret, &err), &err);
    assert_ok(auth_signer_export(signer, secret, out, &err), &err);
    return out;
}

static auth_buf *export_der(const auth_signer *signer)
{
    auth_error err;
    char label[AUTH_PEM_LABEL_SIZE];
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, NULL);
    auth_buf *der = new_buf();
    auth_bytes text = auth_buf_bytes(pem);
    assert_ok(auth_pem_next(&text, label, der, &err), &err);
    ck_assert_str_eq(label, "PRIVATE KEY");
    return der;
}

typedef struct asked {
    const char *answer; /* NULL: fails */
    int count;
    char what[64];
} asked;

static auth_status answer(void *context, const char *what, auth_secret **out, auth_error *err)
{
    asked *ask = context;
    ask->count++;
    (void)snprintf(ask->what, sizeof ask->what, "%s", what);
    if (ask->answer == NULL)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "nobody answers");
    return auth_secret_from_bytes(auth_bytes_from_text(ask->answer), out, err);
}

static void assert_same_key(const auth_signer *a, const auth_signer *b)
{
    auth_error err;
    auth_signature signature;
    assert_bytes(auth_public_key_spki(auth_signer_public_key(a)),
                 auth_public_key_spki(auth_signer_public_key(b)));
    assert_ok(auth_signer_sign(a, BYTES("m"), &signature, &err), &err);
    assert_ok(auth_public_key_verify(auth_signer_public_key(b), auth_signer_algorithm(b),
                                     BYTES("m"), (auth_bytes){signature.octets, signature.len},
                                     &err),
              &err);
}

static void assert_refused(auth_bytes pkcs8, auth_status expected, const char *text)
{
    auth_error err;
    auth_signer *signer = NULL;
    assert_fails(auth_signer_parse(pkcs8, NULL, NULL, &signer, &err), expected, &err);
    ck_assert_ptr_null(signer);
    ck_assert_msg(strstr(err.text, text) != NULL, "'%s' does not hold '%s'", err.text, text);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}

/* Signing */

START_TEST(what_a_signer_signs_verifies_and_nothing_else_does)
{
    auth_error err;
    auth_signature signature;
    AUTH_AUTO(auth_signer) *signer = generate(_i);
    const auth_public_key *key = auth_signer_public_key(signer);
    for (int i = 0; i < 3; i++) {
        assert_ok(auth_signer_sign(signer, BYTES("message"), &signature, &err), &err);
        auth_bytes octets = {signature.octets, signature.len};
        assert_ok(auth_public_key_verify(key, auth_signer_algorithm(signer), BYTES("message"),
                                         octets, &err),
                  &err);
        assert_fails(auth_public_key_verify(key, auth_signer_algorithm(signer), BYTES("massage"),
                                            octets, &err),
                     AUTH_STATUS_UNTRUSTED, &err);
    }
    assert_ok(auth_signer_sign(signer, (auth_bytes){NULL, 0}, &signature, &err), &err);
    assert_ok(auth_public_key_verify(key, auth_signer_algorithm(signer), (auth_bytes){NULL, 0},
                                     (auth_bytes){signature.octets, signature.len}, &err),
              &err);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

/* RSASSA-PSS with SHA-256 throughout and a salt of 32 octets (RFC 4055 3.1). */
static const char pss_algorithm[] =
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d0101"
    "08300d06096086480165030402010500a203020120";

START_TEST(rsa_keys_alone_sign_by_pss)
{
    auth_error err;
    auth_signature signature = {.len = 7};
    uint8_t octets[80];
    AUTH_AUTO(auth_signer) *signer = generate(_i);
    const auth_public_key *key = auth_signer_public_key(signer);
    auth_bytes algorithm = harness_hex(pss_algorithm, octets, sizeof octets);
    if (auth_public_key_type(key) != AUTH_KEY_TYPE_RSA) {
        assert_fails(auth_signer_sign_pss(signer, BYTES("m"), &signature, &err),
                     AUTH_STATUS_UNSUPPORTED, &err);
        ck_assert_uint_eq(signature.len, 7);
        return;
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(auth_signer_sign_pss(signer, BYTES("message"), &signature, &err), &err);
        auth_bytes made = {signature.octets, signature.len};
        assert_ok(auth_public_key_verify(key, algorithm, BYTES("message"), made, &err), &err);
        assert_fails(auth_public_key_verify(key, algorithm, BYTES("massage"), made, &err),
                     AUTH_STATUS_UNTRUSTED, &err);
        assert_fails(auth_public_key_verify(key, auth_signer_algorithm(signer), BYTES("message"),
                                            made, &err),
                     AUTH_STATUS_UNTRUSTED, &err);
        /* The other algorithm is as before. */
        assert_same_key(signer, signer);
    }
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(algorithms_are_those_of_the_standards)
{
    static const char *const expected[TYPES] = {
        "300a06082a8648ce3d040302", "300a06082a8648ce3d040303", "300d06092a864886f70d01010b0500",
        "300506032b6570",           "300a06082a811ccf55018375",
    };
    uint8_t octets[32];
    AUTH_AUTO(auth_signer) *signer = generate(_i);
    assert_bytes(auth_signer_algorithm(signer), harness_hex(expected[_i], octets, sizeof octets));
}
END_TEST

START_TEST(sizes_that_a_type_has_not_are_refused)
{
    static const type_row rows[] = {
        {AUTH_KEY_TYPE_RSA, 0},    {AUTH_KEY_TYPE_RSA, 1024}, {AUTH_KEY_TYPE_RSA, 2049},
        {AUTH_KEY_TYPE_RSA, 8192}, {AUTH_KEY_TYPE_P256, 256}, {AUTH_KEY_TYPE_SM2, 1},
        {(auth_key_type)0, 0},     {(auth_key_type)6, 0},
    };
    auth_error err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auth_signer *signer = NULL;
        assert_fails(auth_signer_generate(rows[i].type, rows[i].bits, &signer, &err),
                     AUTH_STATUS_UNSUPPORTED, &err);
        ck_assert_ptr_null(signer);
    }
}
END_TEST

/* Writing and reading */

START_TEST(a_key_comes_back_from_pem_and_der)
{
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = generate(_i);
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, NULL);
    AUTH_AUTO(auth_buf) *der = export_der(signer);
    AUTH_AUTO(auth_signer) *from_pem = NULL;
    AUTH_AUTO(auth_signer) *from_der = NULL;
    assert_ok(auth_signer_parse(auth_buf_bytes(pem), NULL, NULL, &from_pem, &err), &err);
    assert_ok(auth_signer_parse(auth_buf_bytes(der), NULL, NULL, &from_der, &err), &err);
    assert_same_key(signer, from_pem);
    assert_same_key(signer, from_der);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

/* P-256 and SM2: deriving the key takes long, and is the same for all. */
START_TEST(an_encrypted_key_comes_back_with_its_passphrase_only)
{
    auth_error err;
    asked right = {.answer = "correct horse"};
    asked wrong = {.answer = "correct horsf"};
    asked nobody = {.answer = NULL};
    auth_signer *none = NULL;
    AUTH_AUTO(auth_signer) *signer = generate(_i * 4);
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, "correct horse");
    AUTH_AUTO(auth_signer) *back = NULL;
    auth_bytes octets = auth_buf_bytes(pem);
    assert_ok(auth_signer_parse(octets, answer, &right, &back, &err), &err);
    ck_assert_int_eq(right.count, 1);
    assert_same_key(signer, back);
    assert_fails(auth_signer_parse(octets, answer, &wrong, &none, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(wrong.count, 1);
    assert_fails(auth_signer_parse(octets, NULL, NULL, &none, &err), AUTH_STATUS_DENIED, &err);
    assert_fails(auth_signer_parse(octets, answer, &nobody, &none, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_ptr_null(none);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(a_key_that_is_not_encrypted_asks_nobody)
{
    auth_error err;
    asked ask = {.answer = "x"};
    AUTH_AUTO(auth_signer) *signer = generate(0);
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, NULL);
    AUTH_AUTO(auth_signer) *back = NULL;
    assert_ok(auth_signer_parse(auth_buf_bytes(pem), answer, &ask, &back, &err), &err);
    ck_assert_int_eq(ask.count, 0);
}
END_TEST

START_TEST(an_export_that_does_not_fit_appends_nothing)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *small = NULL;
    AUTH_AUTO(auth_signer) *signer = generate(0);
    assert_ok(auth_buf_new(100, &small, &err), &err);
    assert_ok(auth_buf_append(small, BYTES("before"), &err), &err);
    assert_fails(auth_signer_export(signer, NULL, small, &err), AUTH_STATUS_LIMIT, &err);
    assert_bytes(auth_buf_bytes(small), BYTES("before"));
}
END_TEST

/* The private number, 32 octets at one place of the PKCS#8 of EC keys. */
START_TEST(no_memory_that_is_given_back_holds_the_key)
{
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = generate(0);
    AUTH_AUTO(auth_buf) *der = export_der(signer);
    AUTH_AUTO(auth_signer) *back = NULL;
    uint8_t number[32];
    memcpy(number, auth_buf_bytes(der).data + 36, sizeof number);
    harness_watch_memory((auth_bytes){number, sizeof number});
    auth_status status = auth_signer_parse(auth_buf_bytes(der), NULL, NULL, &back, &err);
    auth_signer_free(AUTH_TAKE(back));
    AUTH_AUTO(auth_buf) *again = export_der(signer);
    auth_buf_free(AUTH_TAKE(again));
    size_t found = harness_stop_watching();
    assert_ok(status, &err);
    ck_assert_uint_eq(found, 0);
    ck_assert_ptr_nonnull(
        memmem(auth_buf_bytes(der).data, auth_buf_bytes(der).len, number, sizeof number));
}
END_TEST

/* Forms that others write */

START_TEST(text_before_a_pem_key_and_crlf_are_fine)
{
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = generate(0);
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, NULL);
    AUTH_AUTO(auth_buf) *text = new_buf();
    AUTH_AUTO(auth_signer) *back = NULL;
    assert_ok(auth_buf_printf(text, &err, "Bag Attributes\n  friendlyName: x\n"), &err);
    auth_bytes octets = auth_buf_bytes(pem);
    for (size_t i = 0; i < octets.len; i++) {
        if (octets.data[i] == '\n')
            assert_ok(auth_buf_append(text, BYTES("\r"), &err), &err);
        assert_ok(auth_buf_append(text, (auth_bytes){octets.data + i, 1}, &err), &err);
    }
    assert_ok(auth_signer_parse(auth_buf_bytes(text), NULL, NULL, &back, &err), &err);
    assert_same_key(signer, back);
}
END_TEST

typedef struct form_row {
    const char *name;
    const char *hex;
    auth_status status;
    const char *text;
} form_row;

#define ED_SECRET "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define ED_POINT "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define EC_ALGORITHM "301306072a8648ce3d020106082a8648ce3d030107"
#define EC_NUMBER "0101010101010101010101010101010101010101010101010101010101010101"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

static const form_row forms[] = {
    {"Ed25519, RFC 8032 test 1", "302e020100300506032b657004220420" ED_SECRET, AUTH_STATUS_OK, ""},
    {"the same with its public key", "3051020101300506032b657004220420" ED_SECRET "812100" ED_POINT,
     AUTH_STATUS_OK, ""},
    {"with attributes, too", "3053020101300506032b657004220420" ED_SECRET "a000812100" ED_POINT,
     AUTH_STATUS_OK, ""},
    {"with the public key of another",
     "3051020101300506032b657004220420" ED_SECRET
     "8121003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
     AUTH_STATUS_INVALID, "another one"},
    {"a public key in version 1", "3051020100300506032b657004220420" ED_SECRET "812100" ED_POINT,
     AUTH_STATUS_MALFORMED, "BIT STRING"},
    {"version 3", "302e020102300506032b657004220420" ED_SECRET, AUTH_STATUS_MALFORMED, ""},
    {"Ed25519 of 31 octets",
     "302d020100300506032b65700421041f9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7"
     "f",
     AUTH_STATUS_MALFORMED, "32 octets"},
    {"Ed25519 without its inner string", "302c020100300506032b65700420" ED_SECRET,
     AUTH_STATUS_MALFORMED, "32 octets"},
    {"octets behind", "302e020100300506032b657004220420" ED_SECRET "00", AUTH_STATUS_MALFORMED, ""},
    {"a field too many", "3030020100300506032b657004220420" ED_SECRET "0500", AUTH_STATUS_MALFORMED,
     "fields"},
    {"X25519", "302e020100300506032b656e04220420" ED_SECRET, AUTH_STATUS_UNSUPPORTED, "other than"},
    {"P-256 without public key", "3041020100" EC_ALGORITHM "042730250201010420" EC_NUMBER,
     AUTH_STATUS_OK, ""},
    {"P-256 with its curve inside",
     "304d020100" EC_ALGORITHM "043330310201010420" EC_NUMBER "a00a06082a8648ce3d030107",
     AUTH_STATUS_OK, ""},
    {"P-256 with SM2 inside",
     "304d020100" EC_ALGORITHM "043330310201010420" EC_NUMBER "a00a06082a811ccf5501822d",
     AUTH_STATUS_INVALID, "two curves"},
    {"a shorter number",
     "3022020100" EC_ALGORITHM "040830060201010401"
     "07",
     AUTH_STATUS_OK, ""},
    {"an empty number", "3021020100" EC_ALGORITHM "040730050201010400", AUTH_STATUS_MALFORMED,
     "longer than"},
    {"a longer number", "3042020100" EC_ALGORITHM "042830260201010421" EC_NUMBER "00",
     AUTH_STATUS_MALFORMED, "longer than"},
    {"ECPrivateKey of version 0", "3041020100" EC_ALGORITHM "042730250201000420" EC_NUMBER,
     AUTH_STATUS_MALFORMED, "ECPrivateKey"},
    {"the number 0",
     "3041020100" EC_ALGORITHM
     "0427302502010104200000000000000000000000000000000000000000000000000000000000000000",
     AUTH_STATUS_INVALID, ""},
    {"the order of the curve", "3041020100" EC_ALGORITHM "042730250201010420" ORDER,
     AUTH_STATUS_INVALID, ""},
    {"a public point of another key",
     "308187020100" EC_ALGORITHM "046d306b0201010420" EC_NUMBER
     "a14403420004" /* the base point, whose private key is 1 */
     "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
     "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
     AUTH_STATUS_INVALID, "does not belong"},
    {"nothing", "", AUTH_STATUS_MALFORMED, "neither DER nor PEM"},
    {"no PrivateKeyInfo",
     "30030201"
     "00",
     AUTH_STATUS_MALFORMED, "AlgorithmIdentifier"},
    {"an RSA key of three octets", "3016020100300d06092a864886f70d010101050004023000",
     AUTH_STATUS_MALFORMED, "RSAPrivateKey"},
    {"a public key", "302a300506032b6570032100" ED_POINT, AUTH_STATUS_MALFORMED, "Encrypted"},
};

START_TEST(a_form_is_taken_or_refused)
{
    auth_error err;
    uint8_t octets[256];
    auth_bytes der = harness_hex(forms[_i].hex, octets, sizeof octets);
    if (forms[_i].status != AUTH_STATUS_OK) {
        assert_refused(der, forms[_i].status, forms[_i].text);
        return;
    }
    AUTH_AUTO(auth_signer) *signer = NULL;
    assert_ok(auth_signer_parse(der, NULL, NULL, &signer, &err), &err);
}
END_TEST

START_TEST(every_prefix_of_a_key_is_refused)
{
    AUTH_AUTO(auth_signer) *signer = generate(_i);
    AUTH_AUTO(auth_buf) *der = export_der(signer);
    for (size_t len = 1; len < auth_buf_bytes(der).len; len++)
        assert_refused((auth_bytes){auth_buf_bytes(der).data, len}, AUTH_STATUS_MALFORMED, "");
}
END_TEST

/* Either the change is noticed, or it was in what OpenSSL recomputes and the key still works. */
START_TEST(a_changed_rsa_number_is_noticed_or_harmless)
{
    AUTH_AUTO(auth_signer) *signer = generate(2);
    AUTH_AUTO(auth_buf) *der = export_der(signer);
    auth_bytes octets = auth_buf_bytes(der);
    uint8_t *copy = malloc(octets.len);
    for (size_t i = 40; i < octets.len; i += 37) {
        auth_error err;
        AUTH_AUTO(auth_signer) *back = NULL;
        memcpy(copy, octets.data, octets.len);
        copy[i] ^= 4;
        if (auth_signer_parse((auth_bytes){copy, octets.len}, NULL, NULL, &back, &err) ==
            AUTH_STATUS_OK)
            assert_same_key(back, back);
    }
    free(copy);
}
END_TEST

START_TEST(other_pem_objects_are_no_private_key)
{
    assert_refused(BYTES("hello"), AUTH_STATUS_MALFORMED, "neither DER nor PEM");
    assert_refused(BYTES("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n"),
                   AUTH_STATUS_MALFORMED, "neither DER nor PEM");
    assert_refused(BYTES("-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n"),
                   AUTH_STATUS_UNSUPPORTED, "openssl pkcs8");
    assert_refused(BYTES("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n"
                         "-----END RSA PRIVATE KEY-----\n"),
                   AUTH_STATUS_UNSUPPORTED, "openssl pkcs8");
    assert_refused(BYTES("-----BEGIN PRIVATE KEY-----\nMAA\n-----END PRIVATE KEY-----\n"),
                   AUTH_STATUS_MALFORMED, "");
}
END_TEST

/* Encryption that asks for too much: PBES2 with AES-256-CBC around nothing that matters. */

#define PBES2 "06092a864886f70d01050d"
#define PBKDF2 "06092a864886f70d01050c"
#define AES "301d060960864801650304012a0410000102030405060708090a0b0c0d0e0f"
#define TEXT "041000000000000000000000000000000000"

static const form_row encrypted_forms[] = {
    {"one round",
     "3058"
     "3044" PBES2 "3037"
     "3016" PBKDF2 "3009"
     "040401020304"
     "020101" AES TEXT,
     AUTH_STATUS_DENIED, "passphrase"},
    {"no round",
     "3058"
     "3044" PBES2 "3037"
     "3016" PBKDF2 "3009"
     "040401020304"
     "020100" AES TEXT,
     AUTH_STATUS_UNSUPPORTED, "rounds"},
    {"10,000,001 rounds",
     "305b"
     "3047" PBES2 "303a"
     "3019" PBKDF2 "300c"
     "040401020304"
     "020400989681" AES TEXT,
     AUTH_STATUS_UNSUPPORTED, "rounds"},
    {"rounds without end",
     "3060"
     "304c" PBES2 "303f"
     "301e" PBKDF2 "3011"
     "040401020304"
     "02097fffffffffffffffff" AES TEXT,
     AUTH_STATUS_UNSUPPORTED, "rounds"},
    {"PBES1",
     "302f"
     "301b"
     "06092a864886f70d010503"
     "300e"
     "04080102030405060708"
     "02020800" TEXT,
     AUTH_STATUS_UNSUPPORTED, "older than PBES2"},
    {"no ciphertext",
     "3048"
     "3044" PBES2 "3037"
     "3016" PBKDF2 "3009"
     "040401020304"
     "020101" AES "0400",
     AUTH_STATUS_MALFORMED, "EncryptedPrivateKeyInfo"},
    {"scrypt with N of 2^30",
     "3061"
     "304d" PBES2 "3040"
     "301f"
     "06092b06010401da47040b"
     "3012"
     "040401020304"
     "020440000000"
     "020108"
     "020101" AES TEXT,
     AUTH_STATUS_UNSUPPORTED, "scrypt"},
    {"an unknown derivation",
     "304f"
     "303b" PBES2 "302e"
     "300d"
     "06032a0304"
     "3006"
     "040401020304" AES TEXT,
     AUTH_STATUS_UNSUPPORTED, "neither PBKDF2 nor scrypt"},
    {"an unknown cipher",
     "3042"
     "302e" PBES2 "3021"
     "3016" PBKDF2 "3009"
     "040401020304"
     "020101"
     "300706032a03040500" TEXT,
     AUTH_STATUS_UNSUPPORTED, "cipher"},
};

START_TEST(encryption_that_asks_too_much_is_refused)
{
    auth_error err;
    asked ask = {.answer = "x"};
    uint8_t octets[256];
    auth_signer *signer = NULL;
    const form_row *row = &encrypted_forms[_i];
    auth_bytes der = harness_hex(row->hex, octets, sizeof octets);
    auth_status status = auth_signer_parse(der, answer, &ask, &signer, &err);
    ck_assert_msg(status == row->status && strstr(err.text, row->text) != NULL, "%s: %s: %s",
                  row->name, auth_status_name(status), err.text);
    ck_assert_int_eq(ask.count, strcmp(row->name, "one round") == 0 ||
                                    strcmp(row->name, "an unknown cipher") == 0);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

/* Files */

static char folder[] = "/tmp/test_key_XXXXXX";
static char path[64];

static void write_file(const char *content, mode_t mode)
{
    (void)memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/file", folder);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    (void)fputs(content, out);
    (void)fclose(out);
    ck_assert_int_eq(chmod(path, mode), 0);
}

static void remove_file(void)
{
    (void)unlink(path);
    (void)rmdir(folder);
}

static void write_key(const auth_signer *signer, const char *passphrase, mode_t mode)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, passphrase);
    assert_ok(auth_buf_append(pem, BYTES("\0"), &err), &err);
    write_file((const char *)auth_buf_bytes(pem).data, mode);
}

START_TEST(a_key_is_loaded_from_its_owners_file)
{
    auth_error err;
    asked ask = {.answer = "secret"};
    AUTH_AUTO(auth_signer) *signer = generate(0);
    AUTH_AUTO(auth_signer) *plain = NULL;
    AUTH_AUTO(auth_signer) *encrypted = NULL;
    write_key(signer, NULL, 0600);
    assert_ok(auth_signer_load(path, NULL, NULL, &plain, &err), &err);
    assert_same_key(signer, plain);
    remove_file();
    write_key(signer, "secret", 0400);
    assert_ok(auth_signer_load(path, answer, &ask, &encrypted, &err), &err);
    assert_same_key(signer, encrypted);
    ck_assert_str_eq(ask.what, path);
    remove_file();
}
END_TEST

START_TEST(a_file_that_others_may_use_is_refused)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666, 0777};
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = generate(0);
    auth_signer *none = NULL;
    auth_secret *secret = NULL;
    write_key(signer, NULL, 0600);
    ck_assert_int_eq(chmod(path, modes[_i]), 0);
    assert_fails(auth_signer_load(path, NULL, NULL, &none, &err), AUTH_STATUS_DENIED, &err);
    assert_fails(auth_passphrase_read(path, -1, &secret, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "chmod 600"));
    remove_file();
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    auth_error err;
    auth_signer *none = NULL;
    write_file("", 0600);
    assert_fails(auth_signer_load(folder, NULL, NULL, &none, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_int_eq(unlink(path), 0);
    assert_fails(auth_signer_load(path, NULL, NULL, &none, &err), AUTH_STATUS_NOT_FOUND, &err);
    /* Nobody writes into this pipe: opening it must not wait. */
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    assert_fails(auth_signer_load(path, NULL, NULL, &none, &err), AUTH_STATUS_DENIED, &err);
    remove_file();
}
END_TEST

START_TEST(a_file_too_long_is_refused)
{
    auth_error err;
    auth_signer *none = NULL;
    char *content = malloc(65538);
    memset(content, 'x', 65537);
    content[65536] = '\0';
    write_file(content, 0600);
    assert_fails(auth_signer_load(path, NULL, NULL, &none, &err), AUTH_STATUS_MALFORMED, &err);
    remove_file();
    content[65536] = 'x';
    content[65537] = '\0';
    write_file(content, 0600);
    assert_fails(auth_signer_load(path, NULL, NULL, &none, &err), AUTH_STATUS_LIMIT, &err);
    remove_file();
    free(content);
}
END_TEST

START_TEST(a_link_is_followed_to_a_good_file)
{
    auth_error err;
    char link_path[80];
    AUTH_AUTO(auth_signer) *signer = generate(0);
    AUTH_AUTO(auth_signer) *back = NULL;
    write_key(signer, NULL, 0600);
    (void)snprintf(link_path, sizeof link_path, "%s/link", folder);
    ck_assert_int_eq(symlink(path, link_path), 0);
    assert_ok(auth_signer_load(link_path, NULL, NULL, &back, &err), &err);
    ck_assert_int_eq(unlink(link_path), 0);
    remove_file();
}
END_TEST

/* Only root can make a file of somebody else. */
START_TEST(a_file_of_another_user_is_refused)
{
    auth_error err;
    auth_signer *none = NULL;
    if (geteuid() != 0)
        return;
    AUTH_AUTO(auth_signer) *signer = generate(0);
    write_key(signer, NULL, 0600);
    ck_assert_int_eq(chown(path, 12345, 0), 0);
    assert_fails(auth_signer_load(path, NULL, NULL, &none, &err), AUTH_STATUS_DENIED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "owned by user 12345"));
    remove_file();
}
END_TEST

/* Passphrases */

typedef struct line_row {
    const char *content;
    const char *passphrase; /* NULL: refused */
} line_row;

static const line_row lines[] = {
    {"secret", "secret"},
    {"secret\n", "secret"},
    {"secret\r\n", "secret"},
    {"one\ntwo\n", "one"},
    {" blanks \n", " blanks "},
    {"p\xc3\xa4ss\n", "p\xc3\xa4ss"},
    {"cr\rinside\n", "cr\rinside"},
    {"", NULL},
    {"\n", NULL},
    {"\r\n", NULL},
    {"\nsecond\n", NULL},
};

START_TEST(a_passphrase_is_the_first_line)
{
    auth_error err;
    AUTH_AUTO(auth_secret) *secret = NULL;
    write_file(lines[_i].content, 0600);
    if (lines[_i].passphrase == NULL) {
        assert_fails(auth_passphrase_read(path, -1, &secret, &err), AUTH_STATUS_INVALID, &err);
    } else {
        assert_ok(auth_passphrase_read(path, -1, &secret, &err), &err);
        assert_bytes(auth_secret_bytes(secret), auth_bytes_from_text(lines[_i].passphrase));
    }
    remove_file();
}
END_TEST

START_TEST(a_passphrase_has_at_most_1024_octets)
{
    auth_error err;
    AUTH_AUTO(auth_secret) *secret = NULL;
    auth_secret *none = NULL;
    char content[1030];
    memset(content, 'x', sizeof content);
    memcpy(content + 1024, "\r\n", 3);
    write_file(content, 0600);
    assert_ok(auth_passphrase_read(path, -1, &secret, &err), &err);
    ck_assert_uint_eq(auth_secret_bytes(secret).len, 1024);
    remove_file();
    memcpy(content + 1024, "x\n", 3);
    write_file(content, 0600);
    assert_fails(auth_passphrase_read(path, -1, &none, &err), AUTH_STATUS_LIMIT, &err);
    remove_file();
}
END_TEST

START_TEST(a_descriptor_keeps_what_follows_the_line)
{
    auth_error err;
    int ends[2];
    char rest[16] = {0};
    AUTH_AUTO(auth_secret) *secret = NULL;
    auth_secret *none = NULL;
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq((int)write(ends[1], "secret\nnext\n", 12), 12);
    assert_ok(auth_passphrase_read(NULL, ends[0], &secret, &err), &err);
    assert_bytes(auth_secret_bytes(secret), BYTES("secret"));
    ck_assert_int_eq((int)read(ends[0], rest, sizeof rest), 5);
    ck_assert_str_eq(rest, "next\n");
    ck_assert_int_eq(close(ends[0]) | close(ends[1]), 0);
    assert_fails(auth_passphrase_read(NULL, ends[0], &none, &err), AUTH_STATUS_IO, &err);
}
END_TEST

/* Callbacks */

typedef struct remote {
    auth_signer *signer;
    auth_status status;
    size_t len; /* 0: as it should be */
    int released;
} remote;

static auth_status remote_sign(void *context, auth_bytes message, auth_signature *out,
                               auth_error *err)
{
    remote *peer = context;
    if (peer->status != AUTH_STATUS_OK)
        return auth_error_set(err, peer->status, "the line is dead");
    auth_status status = auth_signer_sign(peer->signer, message, out, err);
    if (peer->len != 0)
        out->len = peer->len;
    return status;
}

static void release_remote(void *context) { ((remote *)context)->released++; }

START_TEST(a_callback_signs_elsewhere)
{
    auth_error err;
    auth_signature signature = {.len = 7};
    remote peer = {.signer = generate(_i)};
    auth_signer *signer = NULL;
    const auth_public_key *key = auth_signer_public_key(peer.signer);
    assert_ok(auth_signer_from_callback(key, remote_sign, release_remote, &peer, &signer, &err),
              &err);
    assert_same_key(signer, peer.signer);
    assert_fails(auth_signer_sign_pss(signer, BYTES("m"), &signature, &err),
                 AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_ptr_ne(auth_signer_public_key(signer), key);

    AUTH_AUTO(auth_buf) *out = new_buf();
    assert_fails(auth_signer_export(signer, NULL, out, &err), AUTH_STATUS_DENIED, &err);
    peer.status = AUTH_STATUS_UNAVAILABLE;
    assert_fails(auth_signer_sign(signer, BYTES("m"), &signature, &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
    peer.status = AUTH_STATUS_OK;
    peer.len = AUTH_SIGNATURE_MAX + 1;
    assert_fails(auth_signer_sign(signer, BYTES("m"), &signature, &err), AUTH_STATUS_UNAVAILABLE,
                 &err);
    ck_assert_uint_eq(signature.len, 7);
    ck_assert_int_eq(peer.released, 0);
    auth_signer_free(signer);
    ck_assert_int_eq(peer.released, 1);
    auth_signer_free(peer.signer);
}
END_TEST

START_TEST(freeing_nothing_is_fine)
{
    auth_signer_free(NULL);
    auth_public_key_free(NULL);
}
END_TEST

/* Failing allocations */

typedef struct attempt {
    auth_bytes pkcs8;
    const auth_public_key *key;
    asked ask;
} attempt;

static auth_status try_parse(void *context)
{
    attempt *made = context;
    auth_signer *signer = NULL;
    auth_status status = auth_signer_parse(made->pkcs8, answer, &made->ask, &signer, NULL);
    if (status != AUTH_STATUS_OK && signer != NULL)
        status = AUTH_STATUS_INTERNAL;
    auth_signer_free(signer);
    return status;
}

static auth_status try_callback(void *context)
{
    attempt *made = context;
    remote peer = {.released = 0};
    auth_signer *signer = NULL;
    auth_status status =
        auth_signer_from_callback(made->key, remote_sign, release_remote, &peer, &signer, NULL);
    if (status != AUTH_STATUS_OK && (signer != NULL || peer.released != 0))
        status = AUTH_STATUS_INTERNAL;
    auth_signer_free(signer);
    return status;
}

static auth_status try_export(void *context)
{
    auth_buf *out = NULL;
    auth_status status = auth_buf_new(EXPORT_ROOM, &out, NULL);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_export(context, NULL, out, NULL);
    if (status != AUTH_STATUS_OK && out != NULL && auth_buf_bytes(out).len != 0)
        status = AUTH_STATUS_INTERNAL;
    auth_buf_free(out);
    return status;
}

START_TEST(without_memory_there_is_no_signer)
{
    AUTH_AUTO(auth_signer) *signer = generate(_i);
    AUTH_AUTO(auth_buf) *pem = export_pem(signer, NULL);
    attempt made = {
        .pkcs8 = auth_buf_bytes(pem),
        .key = auth_signer_public_key(signer),
        .ask = {.answer = "x"},
    };
    ck_assert_uint_ge(harness_for_each_failure(try_parse, &made), 6);
    ck_assert_uint_ge(harness_for_each_failure(try_callback, &made), 3);
    ck_assert_uint_ge(harness_for_each_failure(try_export, signer), 3);
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

SUITE("key_signer", TEST_EACH(what_a_signer_signs_verifies_and_nothing_else_does, TYPES),
      TEST_EACH(rsa_keys_alone_sign_by_pss, TYPES),
      TEST_EACH(algorithms_are_those_of_the_standards, TYPES),
      TEST(sizes_that_a_type_has_not_are_refused),
      TEST_EACH(a_key_comes_back_from_pem_and_der, TYPES),
      TEST_EACH(an_encrypted_key_comes_back_with_its_passphrase_only, 2),
      TEST(a_key_that_is_not_encrypted_asks_nobody),
      TEST(an_export_that_does_not_fit_appends_nothing),
      TEST(no_memory_that_is_given_back_holds_the_key),
      TEST(text_before_a_pem_key_and_crlf_are_fine),
      TEST_EACH(a_form_is_taken_or_refused, COUNT(forms)),
      TEST_EACH(every_prefix_of_a_key_is_refused, TYPES),
      TEST(a_changed_rsa_number_is_noticed_or_harmless), TEST(other_pem_objects_are_no_private_key),
      TEST_EACH(encryption_that_asks_too_much_is_refused, COUNT(encrypted_forms)),
      TEST(a_key_is_loaded_from_its_owners_file),
      TEST_EACH(a_file_that_others_may_use_is_refused, 9), TEST(what_is_no_file_is_refused),
      TEST(a_file_too_long_is_refused), TEST(a_link_is_followed_to_a_good_file),
      TEST(a_file_of_another_user_is_refused),
      TEST_EACH(a_passphrase_is_the_first_line, COUNT(lines)),
      TEST(a_passphrase_has_at_most_1024_octets), TEST(a_descriptor_keeps_what_follows_the_line),
      TEST_EACH(a_callback_signs_elsewhere, TYPES), TEST(freeing_nothing_is_fine),
      TEST_EACH(without_memory_there_is_no_signer, TYPES))
