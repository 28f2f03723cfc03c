/* SPDX-License-Identifier: Apache-2.0 */
/* Does a request that we make prove possession of its key, for every type of key, and does one that
 * was altered, or signed by another, prove nothing? */
#include "harness/harness.h"
#include "harness/raw_cert.h"

#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

static const char *const key_names[] = {"p256", "p384", "rsa", "ed25519", "sm2"};

static auth_buf *new_request(const auth_signer *signer, auth_bytes subject)
{
    auth_buf *der = NULL;
    auth_error err;
    assert_ok(auth_buf_new(AUTH_CSR_MAX, &der, &err), &err);
    assert_ok(auth_csr_new(signer, subject, der, &err), &err);
    return der;
}

static auth_csr *parse(auth_bytes der)
{
    auth_csr *csr = NULL;
    auth_error err;
    assert_ok(auth_csr_parse(der, &csr, &err), &err);
    return csr;
}

START_TEST(a_request_that_we_make_says_what_it_was_made_of)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_names[_i]);
    raw_bytes subject = raw_name("Li Lei");
    AUTH_AUTO(auth_buf) *der = new_request(signer, RAW(subject));
    AUTH_AUTO(auth_csr) *csr = parse(auth_buf_bytes(der));
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_error err;
    assert_bytes(auth_csr_der(csr), auth_buf_bytes(der));
    assert_bytes(auth_csr_subject(csr), RAW(subject));
    assert_bytes(auth_csr_spki(csr), auth_public_key_spki(auth_signer_public_key(signer)));
    assert_bytes(auth_csr_algorithm(csr), auth_signer_algorithm(signer));
    ck_assert_uint_eq(auth_csr_extension_count(csr), 0);
    auth_extension extension;
    ck_assert(!auth_csr_extension_at(csr, 0, &extension));
    assert_ok(auth_csr_public_key(csr, &key, &err), &err);
    ck_assert_str_eq(auth_key_type_name(auth_public_key_type(key)), key_names[_i]);
    assert_ok(auth_csr_check_possession(csr, &err), &err);
}

/* Every octet of what is signed counts, and so does every octet of the signature. */
START_TEST(a_request_altered_in_one_octet_proves_nothing)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_names[_i]);
    raw_bytes subject = raw_name("Li Lei");
    AUTH_AUTO(auth_buf) *der = new_request(signer, RAW(subject));
    auth_bytes whole = auth_buf_bytes(der);
    uint8_t *copy = malloc(whole.len);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, whole.data, whole.len);
    size_t refused = 0;
    for (size_t i = 0; i < whole.len; i++) {
        AUTH_AUTO(auth_csr) *csr = NULL;
        copy[i] ^= 0x01;
        auth_error err;
        auth_status status = auth_csr_parse((auth_bytes){copy, whole.len}, &csr, &err);
        if (status == AUTH_STATUS_OK) {
            status = auth_csr_check_possession(csr, &err);
            refused++;
        }
        ck_assert_msg(status != AUTH_STATUS_OK, "octet %zu", i);
        ck_assert_msg(!auth_status_is_fault(status), "octet %zu: %s", i, err.text);
        copy[i] ^= 0x01;
    }
    ck_assert_uint_gt(refused, 60); /* subject, key and signature at the least */
    free(copy);
}

START_TEST(a_request_signed_by_another_key_proves_nothing)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load(key_names[_i]);
    AUTH_AUTO(auth_signer) *other =
        raw_signer_new(auth_public_key_type(auth_signer_public_key(signer)));
    raw_bytes subject = raw_name("Li Lei");
    AUTH_AUTO(auth_buf) *der = new_request(signer, RAW(subject));
    auth_bytes content;
    der_item info;
    ck_assert(der_only(auth_buf_bytes(der), DER_SEQUENCE, &content) && der_next(&content, &info));
    raw_bytes forged;
    der_writer writer = der_writer_on(forged.octets, sizeof forged.octets);
    raw_put_signed(&writer, info.whole, other);
    AUTH_AUTO(auth_csr) *csr = parse(der_written(&writer));
    auth_error err;
    assert_fails(auth_csr_check_possession(csr, &err), AUTH_STATUS_UNTRUSTED, &err);
    ck_assert_ptr_nonnull(strstr(err.text, "RFC 2986"));
    bool names_id = strstr(err.text, "1234567812345678") != NULL;
    ck_assert_int_eq(names_id, strcmp(key_names[_i], "sm2") == 0);
}

START_TEST(an_algorithm_that_does_not_fit_the_key_is_unsupported)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("p256");
    AUTH_AUTO(auth_signer) *other = raw_signer_load("ed25519");
    raw_bytes subject = raw_name("Li Lei");
    AUTH_AUTO(auth_buf) *der = new_request(signer, RAW(subject));
    auth_bytes content;
    der_item info;
    ck_assert(der_only(auth_buf_bytes(der), DER_SEQUENCE, &content) && der_next(&content, &info));
    raw_bytes forged;
    der_writer writer = der_writer_on(forged.octets, sizeof forged.octets);
    raw_put_signed(&writer, info.whole, other);
    AUTH_AUTO(auth_csr) *csr = parse(der_written(&writer));
    auth_error err;
    assert_fails(auth_csr_check_possession(csr, &err), AUTH_STATUS_UNSUPPORTED, &err);
}

START_TEST(a_subject_that_is_no_name_is_refused)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_error err;
    assert_ok(auth_buf_new(AUTH_CSR_MAX, &der, &err), &err);
    assert_fails(auth_csr_new(signer, BYTES(""), der, &err), AUTH_STATUS_MALFORMED, &err);
    assert_fails(auth_csr_new(signer, BYTES("\x30\x00\x05\x00"), der, &err), AUTH_STATUS_MALFORMED,
                 &err);
    assert_fails(auth_csr_new(signer, BYTES("\x30\x02\x31\x00"), der, &err), AUTH_STATUS_MALFORMED,
                 &err);
    ck_assert_uint_eq(auth_buf_bytes(der).len, 0);
    assert_ok(auth_csr_new(signer, BYTES("\x30\x00"), der, &err), &err);
}

START_TEST(a_request_too_large_is_a_limit)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_error err;
    static uint8_t room[AUTH_CSR_MAX];
    static const uint8_t filling[AUTH_CSR_MAX - 64];
    der_writer writer = der_writer_on(room, sizeof room);
    size_t name = der_open(&writer, DER_SEQUENCE);
    size_t set = der_open(&writer, DER_SET);
    size_t attribute = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(OID_COMMON_NAME));
    der_put_item(&writer, DER_OCTET_STRING, (auth_bytes){filling, sizeof filling});
    der_close(&writer, attribute);
    der_close(&writer, set);
    der_close(&writer, name);
    assert_ok(auth_buf_new(AUTH_CSR_MAX, &der, &err), &err);
    assert_fails(auth_csr_new(signer, der_written(&writer), der, &err), AUTH_STATUS_LIMIT, &err);

    static const uint8_t huge[AUTH_CSR_MAX + 1];
    auth_csr *csr = NULL;
    assert_fails(auth_csr_parse((auth_bytes){huge, sizeof huge}, &csr, &err), AUTH_STATUS_LIMIT,
                 &err);
    ck_assert_ptr_null(csr);
    auth_csr_free(NULL);
}

START_TEST(a_full_buffer_is_left_as_it_was)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_error err;
    assert_ok(auth_buf_new(40, &der, &err), &err);
    assert_ok(auth_buf_append(der, BYTES("x"), &err), &err);
    assert_fails(auth_csr_new(signer, BYTES("\x30\x00"), der, &err), AUTH_STATUS_LIMIT, &err);
    assert_bytes(auth_buf_bytes(der), BYTES("x"));
}

static auth_status parse_once(void *context)
{
    auth_csr *csr = NULL;
    auth_status status = auth_csr_parse(*(auth_bytes *)context, &csr, NULL);
    auth_csr_free(csr);
    return status;
}

START_TEST(parsing_survives_failing_memory)
{
    AUTH_AUTO(auth_signer) *signer = raw_signer_load("ed25519");
    AUTH_AUTO(auth_buf) *der = new_request(signer, BYTES("\x30\x00"));
    auth_bytes whole = auth_buf_bytes(der);
    ck_assert_uint_eq(harness_for_each_failure(parse_once, &whole), 1);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("csr", TEST_EACH(a_request_that_we_make_says_what_it_was_made_of, COUNT(key_names)),
      TEST_EACH(a_request_altered_in_one_octet_proves_nothing, COUNT(key_names)),
      TEST_EACH(a_request_signed_by_another_key_proves_nothing, COUNT(key_names)),
      TEST(an_algorithm_that_does_not_fit_the_key_is_unsupported),
      TEST(a_subject_that_is_no_name_is_refused), TEST(a_request_too_large_is_a_limit),
      TEST(a_full_buffer_is_left_as_it_was), TEST(parsing_survives_failing_memory))
