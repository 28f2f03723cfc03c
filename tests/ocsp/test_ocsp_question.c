/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a question told from junk before anything is looked up, does the same question always have the
 * same key and another one another, and is a path that is no base64 not taken for a request?
 */
#include "ocsp_case.h"

#include "base/der.h"

#include <auth/codec.h>
#include <string.h>

static auth_buf *new_buf(void)
{
    auth_error err;
    auth_buf *out = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &out, &err), &err);
    return out;
}

static auth_status read_about(const ocsp_case *of, const auth_ocsp_issuer *issuer,
                              auth_bytes serial, auth_ocsp_hash hash, ocsp_question *out,
                              auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = new_buf();
    ocsp_case_write(issuer, serial, hash, (auth_bytes){NULL, 0}, der);
    return ocsp_question_read(auth_buf_bytes(der), &of->authorities, CASE_EPOCH, out, err);
}

START_TEST(each_hash_finds_the_authority_and_has_a_key_of_its_own)
{
    static const auth_ocsp_hash hashes[] = {AUTH_OCSP_HASH_SHA1, AUTH_OCSP_HASH_SHA256,
                                            AUTH_OCSP_HASH_SM3};
    auth_error err;
    uint8_t room[CASE_SERIAL_SIZE];
    ocsp_case of = ocsp_case_new();
    auth_bytes serial = ocsp_case_serial(room, CASE_EPOCH, 1);
    ocsp_key keys[3];
    for (int i = 0; i < 3; i++) {
        ocsp_question question;
        assert_ok(read_about(&of, of.pki.issuer, serial, hashes[i], &question, &err), &err);
        ck_assert_uint_eq(question.issuer, 1);
        ck_assert(question.is_single && question.is_possible && !question.has_nonce);
        ck_assert(ocsp_question_is_plain(&question));
        assert_bytes(ocsp_key_serial(&question.key), serial);
        keys[i] = question.key;
        auth_ocsp_request_free(question.request);
    }
    ck_assert(!ocsp_key_equal(&keys[0], &keys[1]) && !ocsp_key_equal(&keys[1], &keys[2]) &&
              !ocsp_key_equal(&keys[0], &keys[2]));
    ocsp_case_free(&of);
}
END_TEST

/* The CertID goes back octet for octet, so NULL behind the algorithm makes another answer. */
START_TEST(the_two_ways_to_write_an_algorithm_have_two_keys)
{
    auth_error err;
    uint8_t room[CASE_SERIAL_SIZE];
    uint8_t out[512];
    ocsp_question with;
    ocsp_question without;
    ocsp_case of = ocsp_case_new();
    AUTH_AUTO(auth_buf) *der = new_buf();
    ocsp_case_write(of.pki.issuer, ocsp_case_serial(room, CASE_EPOCH, 1), AUTH_OCSP_HASH_SHA256,
                    (auth_bytes){NULL, 0}, der);
    assert_ok(ocsp_question_read(auth_buf_bytes(der), &of.authorities, CASE_EPOCH, &with, &err),
              &err);
    const auth_ocsp_cert_id *id = auth_ocsp_request_cert_id(with.request, 0);
    der_writer writer = der_writer_on(out, sizeof out);
    size_t request = der_open(&writer, DER_SEQUENCE);
    size_t tbs = der_open(&writer, DER_SEQUENCE);
    size_t list = der_open(&writer, DER_SEQUENCE);
    size_t single = der_open(&writer, DER_SEQUENCE);
    size_t cert_id = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, BYTES("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"));
    der_put_item(&writer, DER_OCTET_STRING, id->name_hash);
    der_put_item(&writer, DER_OCTET_STRING, id->key_hash);
    der_put_item(&writer, DER_INTEGER, id->serial);
    der_close(&writer, cert_id);
    der_close(&writer, single);
    der_close(&writer, list);
    der_close(&writer, tbs);
    der_close(&writer, request);
    assert_ok(ocsp_question_read(der_written(&writer), &of.authorities, CASE_EPOCH, &without, &err),
              &err);
    ck_assert(!ocsp_key_equal(&with.key, &without.key));
    assert_bytes(ocsp_key_serial(&with.key), ocsp_key_serial(&without.key));
    auth_ocsp_request_free(with.request);
    auth_ocsp_request_free(without.request);
    ocsp_case_free(&of);
}
END_TEST

START_TEST(who_is_not_answered_for_here_is_unauthorized)
{
    auth_error err;
    uint8_t room[CASE_SERIAL_SIZE];
    ocsp_question question;
    ocsp_case of = ocsp_case_new();
    status_pki stranger = status_pki_new("sm2");
    auth_bytes serial = ocsp_case_serial(room, CASE_EPOCH, 1);
    assert_fails(read_about(&of, stranger.issuer, serial, AUTH_OCSP_HASH_SHA1, &question, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    assert_fails(read_about(&of, of.other.issuer, serial, AUTH_OCSP_HASH_SHA1, &question, &err),
                 AUTH_STATUS_NOT_FOUND, &err);
    ck_assert_int_eq(auth_ocsp_error_for(AUTH_STATUS_NOT_FOUND), AUTH_OCSP_UNAUTHORIZED);
    status_pki_free(&stranger);
    ocsp_case_free(&of);
}
END_TEST

START_TEST(a_serial_number_of_no_epoch_is_not_possible)
{
    static const struct {
        uint16_t epoch;
        size_t len;
        bool is_possible;
    } rows[] = {
        {CASE_EPOCH, 18, true},     {CASE_EPOCH - 4, 18, true},  {CASE_EPOCH - 5, 18, false},
        {CASE_EPOCH + 1, 18, true}, {CASE_EPOCH + 2, 18, false}, {CASE_EPOCH, 17, false},
        {CASE_EPOCH, 16, false},    {CASE_EPOCH, 1, false},      {0x7fff, 18, false},
    };
    auth_error err;
    uint8_t room[CASE_SERIAL_SIZE];
    ocsp_case of = ocsp_case_new();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ocsp_question question;
        auth_bytes serial = ocsp_case_serial(room, rows[i].epoch, 1);
        serial.len = rows[i].len;
        assert_ok(read_about(&of, of.pki.issuer, serial, AUTH_OCSP_HASH_SHA1, &question, &err),
                  &err);
        ck_assert_msg(question.is_possible == rows[i].is_possible, "row %zu", i);
        auth_ocsp_request_free(question.request);
    }
    ocsp_case_free(&of);
}
END_TEST

START_TEST(a_nonce_makes_a_question_one_of_its_own)
{
    ocsp_case of = ocsp_case_new();
    ocsp_question question = ocsp_case_ask(&of, 1, true);
    ck_assert(question.has_nonce && question.is_single && !ocsp_question_is_plain(&question));
    auth_ocsp_request_free(question.request);
    ocsp_case_free(&of);
}
END_TEST

START_TEST(what_is_no_request_is_malformed)
{
    auth_error err;
    ocsp_question question;
    ocsp_case of = ocsp_case_new();
    const auth_bytes inputs[] = {{NULL, 0}, BYTES("x"), BYTES("\x30\x00"), BYTES("\x30\x80")};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        assert_fails(ocsp_question_read(inputs[i], &of.authorities, CASE_EPOCH, &question, &err),
                     AUTH_STATUS_MALFORMED, &err);
    ocsp_case_free(&of);
}
END_TEST

/* Paths */

static void assert_path(const char *path, auth_bytes expected)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *out = new_buf();
    assert_ok(ocsp_path_decode(auth_bytes_from_text(path), out, &err), &err);
    assert_bytes(auth_buf_bytes(out), expected);
}

START_TEST(a_path_is_read_however_it_is_written)
{
    const auth_bytes octets = BYTES("0\xff\xef\xbe");
    assert_path("MP/vvg==", octets);
    assert_path("/MP/vvg==", octets);
    assert_path("//MP/vvg", octets);
    assert_path("MP%2Fvvg%3D%3D", octets);
    assert_path("MP%2fvvg%3d=", octets);
    assert_path("%4dP/vvg", octets);
    assert_path("MP//", BYTES("0\xff\xff"));
    assert_path("MP++", BYTES("0\xff\xbe"));
}
END_TEST

START_TEST(a_path_that_is_no_base64_is_no_request)
{
    static const char *const paths[] = {"",  "/",    "%",     "%4",     "%zz",
                                        "!", "MA=A", "MA===", "M%00A=", "MA==MA=="};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        auth_error err;
        AUTH_AUTO(auth_buf) *out = new_buf();
        assert_fails(ocsp_path_decode(auth_bytes_from_text(paths[i]), out, &err),
                     AUTH_STATUS_MALFORMED, &err);
        ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    }
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
    static char path[8193];
    auth_error err;
    AUTH_AUTO(auth_buf) *out = new_buf();
    memset(path, 'M', sizeof path - 1);
    assert_fails(ocsp_path_decode(auth_bytes_from_text(path), out, &err), AUTH_STATUS_LIMIT, &err);
}
END_TEST

typedef struct reading {
    const ocsp_case *of;
    auth_bytes der;
} reading;

static auth_status read_once(void *context)
{
    const reading *it = context;
    ocsp_question question = {.request = NULL};
    auth_status status =
        ocsp_question_read(it->der, &it->of->authorities, CASE_EPOCH, &question, NULL);
    bool leaves_nothing = status == AUTH_STATUS_OK || question.request == NULL;
    auth_ocsp_request_free(question.request);
    return leaves_nothing ? status : AUTH_STATUS_INTERNAL;
}

START_TEST(memory_that_runs_out_is_not_the_clients_fault)
{
    uint8_t room[CASE_SERIAL_SIZE];
    ocsp_case of = ocsp_case_new();
    AUTH_AUTO(auth_buf) *der = new_buf();
    ocsp_case_write(of.pki.issuer, ocsp_case_serial(room, CASE_EPOCH, 1), AUTH_OCSP_HASH_SHA1,
                    (auth_bytes){NULL, 0}, der);
    reading it = {&of, auth_buf_bytes(der)};
    ck_assert_uint_gt(harness_for_each_failure(read_once, &it), 0);
    ck_assert_int_eq(auth_ocsp_error_for(AUTH_STATUS_MEMORY), AUTH_OCSP_TRY_LATER);
    ocsp_case_free(&of);
}
END_TEST

SUITE("ocsp_question", TEST(each_hash_finds_the_authority_and_has_a_key_of_its_own),
      TEST(the_two_ways_to_write_an_algorithm_have_two_keys),
      TEST(who_is_not_answered_for_here_is_unauthorized),
      TEST(a_serial_number_of_no_epoch_is_not_possible),
      TEST(a_nonce_makes_a_question_one_of_its_own), TEST(what_is_no_request_is_malformed),
      TEST(a_path_is_read_however_it_is_written), TEST(a_path_that_is_no_base64_is_no_request),
      TEST(a_path_that_is_too_long_is_refused), TEST(memory_that_runs_out_is_not_the_clients_fault))
