/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every signature verify that openssl or a standard made, of every algorithm, and none that
 * differs from it in an octet, in its form, in its key or in its algorithm?
 */
#include "base/der.h"
#include "base/oid.h"
#include "harness/harness.h"
#include "key/sm2.h"

#include <auth/key.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 60
#define COLUMNS 5
#define FIELD_MAX 1024

typedef struct key_vector {
    char name[64];
    auth_bytes spki;
    auth_bytes algorithm;
    auth_bytes message;
    auth_bytes signature;
    uint8_t octets[4][FIELD_MAX];
} key_vector;

/* Reads the row of a number, counted from 0 behind the head, into one of two places in turn. */
static key_vector *read_vector(int number)
{
    static key_vector places[2];
    static size_t turn;
    key_vector *vector = &places[turn++ % 2];
    size_t len = 0;
    char *text = harness_read_data("key_vectors.tsv", &len);
    char *rest = text;
    char *line = NULL;
    for (int i = 0; i <= number + 1; i++)
        line = strsep(&rest, "\n");
    if (line == NULL || line[0] == '\0')
        harness_die("key_vectors.tsv has no row %d", number);
    const char *columns[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = strsep(&line, "\t");
        if (columns[i] == NULL)
            harness_die("row %d of key_vectors.tsv is short", number);
    }
    (void)snprintf(vector->name, sizeof vector->name, "%s", columns[0]);
    auth_bytes *fields[] = {&vector->spki, &vector->algorithm, &vector->message,
                            &vector->signature};
    for (size_t i = 0; i < 4; i++)
        *fields[i] = harness_hex(columns[i + 1], vector->octets[i], FIELD_MAX);
    free(text);
    return vector;
}

static auth_public_key *key_of(auth_bytes spki)
{
    auth_error err;
    auth_public_key *key = NULL;
    assert_ok(auth_public_key_parse(spki, &key, &err), &err);
    return key;
}

static auth_status verify(const auth_public_key *key, const key_vector *vector, auth_bytes message,
                          auth_bytes signature, auth_error *err)
{
    return auth_public_key_verify(key, vector->algorithm, message, signature, err);
}

START_TEST(a_vector_verifies)
{
    auth_error err;
    const key_vector *vector = read_vector(_i);
    AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
    /* Twice, since the second time a used context comes from the pool. */
    for (int i = 0; i < 2; i++)
        assert_ok(verify(key, vector, vector->message, vector->signature, &err), &err);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(a_changed_message_or_signature_does_not_verify)
{
    auth_error err;
    const key_vector *vector = read_vector(_i);
    AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
    uint8_t copy[FIELD_MAX];
    memcpy(copy, vector->signature.data, vector->signature.len);
    for (size_t i = 0; i < vector->signature.len; i += 1 + vector->signature.len / 16) {
        copy[i] ^= 1;
        assert_fails(verify(key, vector, vector->message, (auth_bytes){copy, vector->signature.len},
                            &err),
                     AUTH_STATUS_UNTRUSTED, &err);
        copy[i] ^= 1;
    }
    auth_bytes message = vector->message;
    memcpy(copy, message.data, message.len);
    copy[message.len] = 0;
    assert_fails(verify(key, vector, (auth_bytes){copy, message.len + 1}, vector->signature, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    if (message.len > 0) {
        copy[message.len - 1] ^= 0x80;
        assert_fails(verify(key, vector, (auth_bytes){copy, message.len}, vector->signature, &err),
                     AUTH_STATUS_UNTRUSTED, &err);
    }
    assert_ok(verify(key, vector, vector->message, vector->signature, &err), &err);
    ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST

START_TEST(a_signature_of_another_length_does_not_verify)
{
    auth_error err;
    const key_vector *vector = read_vector(_i);
    AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
    uint8_t copy[FIELD_MAX + 1] = {0};
    memcpy(copy, vector->signature.data, vector->signature.len);
    const size_t lengths[] = {0, 1, vector->signature.len - 1, vector->signature.len + 1};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_fails(verify(key, vector, vector->message, (auth_bytes){copy, lengths[i]}, &err),
                     AUTH_STATUS_UNTRUSTED, &err);
    /* As long as it should be, and a zero octet in front. */
    memmove(copy + 1, vector->signature.data, vector->signature.len);
    copy[0] = 0;
    assert_fails(verify(key, vector, vector->message, (auth_bytes){copy, vector->signature.len + 1},
                        &err),
                 AUTH_STATUS_UNTRUSTED, &err);
}
END_TEST

START_TEST(a_signature_does_not_verify_with_the_key_of_another_row)
{
    auth_error err;
    const key_vector *vector = read_vector(_i);
    AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
    for (int other = 0; other < ROWS; other++) {
        const key_vector *theirs = read_vector(other);
        if (auth_bytes_equal(theirs->spki, auth_public_key_spki(key)))
            continue;
        auth_status status = verify(key, theirs, theirs->message, theirs->signature, &err);
        ck_assert_msg(status == AUTH_STATUS_UNTRUSTED || status == AUTH_STATUS_UNSUPPORTED,
                      "row %d verifies with the key of row %d", other, _i);
    }
}
END_TEST

START_TEST(one_key_verifies_several_algorithms_in_turn)
{
    auth_error err;
    AUTH_AUTO(auth_public_key) *key = NULL;
    int verified = 0;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < ROWS; i++) {
            const key_vector *vector = read_vector(i);
            if (strncmp(vector->name, "rsa2048", 7) != 0)
                continue;
            if (key == NULL)
                key = key_of(vector->spki);
            assert_ok(verify(key, vector, vector->message, vector->signature, &err), &err);
            verified++;
        }
    }
    ck_assert_int_eq(verified, 2 * 16);
}
END_TEST

/* The form of ECDSA and SM2 signatures */

typedef struct form_row {
    const char *name;
    const char *hex;
} form_row;

static const form_row bad_forms[] = {
    {"no SEQUENCE", "0500"},
    {"an empty SEQUENCE", "3000"},
    {"r zero", "3006020100020101"},
    {"s zero", "3006020101020100"},
    {"r negative", "30060201ff020101"},
    {"s negative", "3006020101020180"},
    {"r with a spare zero", "300702020001020101"},
    {"s with a spare zero", "300702010102020001"},
    {"a third number", "3009020101020101020101"},
    {"one number", "3003020101"},
    {"octets behind", "300602010102010100"},
    {"a long length", "308106020101020101"},
    {"an indefinite length", "30800201010201010000"},
    {"an empty number", "30050200020101"},
    {"a number of other tag", "3006040101020101"},
};

START_TEST(a_pair_of_numbers_in_a_bad_form_does_not_verify)
{
    auth_error err;
    uint8_t octets[64];
    const form_row *row = &bad_forms[_i];
    auth_bytes signature = harness_hex(row->hex, octets, sizeof octets);
    const int rows[] = {0, 3, 54};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const key_vector *vector = read_vector(rows[i]);
        AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
        assert_fails(verify(key, vector, vector->message, signature, &err), AUTH_STATUS_UNTRUSTED,
                     &err);
        ck_assert_ptr_nonnull(strstr(err.text, "not of the form"));
    }
}
END_TEST

/* r + n is another spelling of the same number mod n, which would make signatures malleable. */
START_TEST(numbers_as_great_as_the_order_do_not_verify)
{
    auth_error err;
    uint8_t octets[128];
    const int rows[] = {0, 54};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const key_vector *vector = read_vector(rows[i]);
        AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
        uint8_t number[32];
        memset(number, 0xff, sizeof number);
        der_writer writer = der_writer_on(octets, sizeof octets);
        size_t mark = der_open(&writer, DER_SEQUENCE);
        der_put_unsigned(&writer, (auth_bytes){number, sizeof number});
        der_put_unsigned(&writer, (auth_bytes){number, sizeof number});
        der_close(&writer, mark);
        assert_fails(verify(key, vector, vector->message, der_written(&writer), &err),
                     AUTH_STATUS_UNTRUSTED, &err);
        ck_assert_ptr_null(strstr(err.text, "not of the form"));
    }
}
END_TEST

/* Algorithms */

typedef struct algorithm_row {
    const char *name;
    int vector; /* whose key and signature are tried with it */
    const char *hex;
    auth_status status;
} algorithm_row;

#define SHA1_ID "300906052b0e03021a0500"
#define SHA256_ID "300d06096086480165030402010500"
#define SHA384_ID "300d06096086480165030402020500"
#define MGF1_SHA256 "301a06092a864886f70d010108" SHA256_ID
#define MGF1_SHA384 "301a06092a864886f70d010108" SHA384_ID
#define PSS "06092a864886f70d01010a"

static const algorithm_row algorithm_rows[] = {
    {"nothing", 0, "", AUTH_STATUS_MALFORMED},
    {"no SEQUENCE", 0, "06082a8648ce3d040302", AUTH_STATUS_MALFORMED},
    {"no identifier", 0, "30020500", AUTH_STATUS_MALFORMED},
    {"octets behind", 0, "300a06082a8648ce3d04030200", AUTH_STATUS_MALFORMED},
    {"ECDSA with NULL", 0, "300c06082a8648ce3d0403020500", AUTH_STATUS_UNSUPPORTED},
    {"ECDSA with SHA-1", 0, "300906072a8648ce3d0401", AUTH_STATUS_UNSUPPORTED},
    {"RSA with SHA-1", 6, "300d06092a864886f70d0101050500", AUTH_STATUS_UNSUPPORTED},
    {"RSA with MD5", 6, "300d06092a864886f70d0101040500", AUTH_STATUS_UNSUPPORTED},
    {"RSA without parameters", 6, "300b06092a864886f70d01010b", AUTH_STATUS_OK},
    {"RSA with other parameters", 6, "300e06092a864886f70d01010b020100", AUTH_STATUS_UNSUPPORTED},
    {"RSA for an EC key", 0, "300d06092a864886f70d01010b0500", AUTH_STATUS_UNSUPPORTED},
    {"ECDSA for an RSA key", 6, "300a06082a8648ce3d040302", AUTH_STATUS_UNSUPPORTED},
    {"SM2 for a P-256 key", 0, "300a06082a811ccf55018375", AUTH_STATUS_UNSUPPORTED},
    {"ECDSA for an SM2 key", 54, "300a06082a8648ce3d040302", AUTH_STATUS_UNSUPPORTED},
    {"Ed25519 with NULL", 57, "300706032b65700500", AUTH_STATUS_UNSUPPORTED},
    {"the identifier of the key", 0, "301306072a8648ce3d020106082a8648ce3d030107",
     AUTH_STATUS_UNSUPPORTED},
    {"an unknown one", 0, "300406022a03", AUTH_STATUS_UNSUPPORTED},
    {"PSS without parameters", 9, "300b" PSS, AUTH_STATUS_MALFORMED},
    {"PSS with all defaults, SHA-1", 9, "300d" PSS "3000", AUTH_STATUS_UNSUPPORTED},
    {"PSS with SHA-1 named", 9, "301a" PSS "300da00b" SHA1_ID, AUTH_STATUS_UNSUPPORTED},
    {"PSS without a mask", 9, "3023" PSS "3016a00f" SHA256_ID "a203020120",
     AUTH_STATUS_UNSUPPORTED},
    {"PSS with another mask", 9, "3041" PSS "3034a00f" SHA256_ID "a11c" MGF1_SHA384 "a203020120",
     AUTH_STATUS_UNSUPPORTED},
    {"PSS without a salt length", 9, "303c" PSS "302fa00f" SHA256_ID "a11c" MGF1_SHA256,
     AUTH_STATUS_UNSUPPORTED},
    {"PSS with a salt too long", 9,
     "3042" PSS "3035a00f" SHA256_ID "a11c" MGF1_SHA256 "a204020201df", AUTH_STATUS_UNSUPPORTED},
    {"PSS with a negative salt", 9, "3041" PSS "3034a00f" SHA256_ID "a11c" MGF1_SHA256 "a2030201ff",
     AUTH_STATUS_UNSUPPORTED},
    {"PSS with another salt", 9, "3041" PSS "3034a00f" SHA256_ID "a11c" MGF1_SHA256 "a203020114",
     AUTH_STATUS_UNTRUSTED},
    {"PSS with the default trailer written", 9,
     "3046" PSS "3039a00f" SHA256_ID "a11c" MGF1_SHA256 "a203020120a303020101", AUTH_STATUS_OK},
    {"PSS with another trailer", 9,
     "3046" PSS "3039a00f" SHA256_ID "a11c" MGF1_SHA256 "a203020120a303020102",
     AUTH_STATUS_UNSUPPORTED},
    {"PSS with octets behind", 9,
     "3043" PSS "3036a00f" SHA256_ID "a11c" MGF1_SHA256 "a2030201200500", AUTH_STATUS_MALFORMED},
};

START_TEST(an_algorithm_is_taken_or_refused)
{
    auth_error err;
    uint8_t octets[128];
    const algorithm_row *row = &algorithm_rows[_i];
    const key_vector *vector = read_vector(row->vector);
    AUTH_AUTO(auth_public_key) *key = key_of(vector->spki);
    auth_bytes algorithm = harness_hex(row->hex, octets, sizeof octets);
    auth_status status =
        auth_public_key_verify(key, algorithm, vector->message, vector->signature, &err);
    ck_assert_msg(status == row->status, "%s: %s: %s", row->name, auth_status_name(status),
                  err.text);
}
END_TEST

/* SM2 */

START_TEST(the_hash_of_id_and_key_is_that_of_the_standard)
{
    auth_error err;
    uint8_t expected[SM2_Z_SIZE];
    uint8_t z[SM2_Z_SIZE];
    const key_vector *vector = read_vector(56);
    ck_assert_str_eq(vector->name, "sm2 GM/T 0003.5 annex A");
    auth_bytes point = {vector->spki.data + vector->spki.len - SM2_POINT_SIZE, SM2_POINT_SIZE};
    assert_ok(sm2_z(BYTES(SM2_DEFAULT_ID), point.data, z, &err), &err);
    assert_bytes(((auth_bytes){z, sizeof z}),
                 harness_hex("b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3",
                             expected, sizeof expected));
}
END_TEST

START_TEST(an_id_longer_than_its_length_field_is_refused)
{
    auth_error err;
    uint8_t z[SM2_Z_SIZE];
    uint8_t point[SM2_POINT_SIZE] = {0};
    uint8_t *id = calloc(1, 8192);
    assert_ok(sm2_z((auth_bytes){id, 8191}, point, z, &err), &err);
    assert_fails(sm2_z((auth_bytes){id, 8192}, point, z, &err), AUTH_STATUS_LIMIT, &err);
    free(id);
}
END_TEST

/* openssl signs with an empty ID when it is told none: such a signature is not ours. */
START_TEST(an_sm2_signature_with_an_empty_id_does_not_verify)
{
    auth_error err;
    uint8_t signature[80];
    EVP_PKEY *evp = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = sizeof signature;
    ck_assert_int_eq(EVP_DigestSignInit(context, NULL, EVP_sm3(), NULL, evp), 1);
    ck_assert_int_eq(EVP_DigestSign(context, signature, &len, (const uint8_t *)"m", 1), 1);
    uint8_t *spki = NULL;
    int spki_len = i2d_PUBKEY(evp, &spki);
    ck_assert_int_gt(spki_len, 0);
    AUTH_AUTO(auth_public_key) *key = key_of((auth_bytes){spki, (size_t)spki_len});
    assert_fails(auth_public_key_verify(key,
                                        BYTES("\x30\x0a\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75"),
                                        BYTES("m"), (auth_bytes){signature, len}, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    OPENSSL_free(spki);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(evp);
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

SUITE("key_verify", TEST_EACH(a_vector_verifies, ROWS),
      TEST_EACH(a_changed_message_or_signature_does_not_verify, ROWS),
      TEST_EACH(a_signature_of_another_length_does_not_verify, ROWS),
      TEST_EACH(a_signature_does_not_verify_with_the_key_of_another_row, ROWS),
      TEST(one_key_verifies_several_algorithms_in_turn),
      TEST_EACH(a_pair_of_numbers_in_a_bad_form_does_not_verify, COUNT(bad_forms)),
      TEST(numbers_as_great_as_the_order_do_not_verify),
      TEST_EACH(an_algorithm_is_taken_or_refused, COUNT(algorithm_rows)),
      TEST(the_hash_of_id_and_key_is_that_of_the_standard),
      TEST(an_id_longer_than_its_length_field_is_refused),
      TEST(an_sm2_signature_with_an_empty_id_does_not_verify))
