/* SPDX-License-Identifier: Apache-2.0 */
/* Is PEM read in one spelling only, object by object, and written in that spelling? */
#include "harness/harness.h"

#include <auth/pem.h>
#include <string.h>

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    auth_error err;
    assert_ok(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

static const char *const accepted[] = {
    BEGIN "AAEC\n" END,
    BEGIN "AAEC\n-----END CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----\r\nAAEC\r\n-----END CERTIFICATE-----\r\n",
    "subject: somebody\n\n-- BEGIN nothing --\n" BEGIN "AAEC\n" END,
    BEGIN "AAEC  \t\n" END,
    BEGIN "A\nAE\nC\n" END "behind it\n",
};

START_TEST(what_the_field_writes_is_read)
{
    AUTH_AUTO(auth_buf) *der = new_buf(16);
    auth_bytes text = auth_bytes_from_text(accepted[_i]);
    char label[AUTH_PEM_LABEL_SIZE];
    auth_error err;
    assert_ok(auth_pem_next(&text, label, der, &err), &err);
    ck_assert_str_eq(label, "CERTIFICATE");
    assert_bytes(auth_buf_bytes(der), BYTES("\x00\x01\x02"));
    assert_fails(auth_pem_next(&text, label, der, &err), AUTH_STATUS_NOT_FOUND, &err);
}

typedef struct refused_case {
    const char *text;
    auth_status status;
    const char *says;
} refused_case;

static const refused_case refused[] = {
    {"", AUTH_STATUS_NOT_FOUND, "BEGIN"},
    {"AAEC\n", AUTH_STATUS_NOT_FOUND, "BEGIN"},
    {" " BEGIN, AUTH_STATUS_NOT_FOUND, "BEGIN"},
    {END, AUTH_STATUS_MALFORMED, "line 1:"},
    {BEGIN, AUTH_STATUS_MALFORMED, "line 1:"},
    {"x\n" BEGIN "AAEC\n", AUTH_STATUS_MALFORMED, "line 2:"},
    {BEGIN "AAEC\n-----END X509 CRL-----\n", AUTH_STATUS_MALFORMED, "line 3:"},
    {BEGIN "AAEC\n-----END CERTIFICATE----\n", AUTH_STATUS_MALFORMED, "line 3:"},
    {BEGIN BEGIN "AAEC\n" END, AUTH_STATUS_MALFORMED, "line 1"},
    {BEGIN "AAEC\n\nAAEC\n" END, AUTH_STATUS_MALFORMED, "line 3:"},
    {BEGIN "\nAAEC\n" END, AUTH_STATUS_MALFORMED, "line 2:"},
    {BEGIN "AA EC\n" END, AUTH_STATUS_MALFORMED, "line 1:"},
    {BEGIN " AAEC\n" END, AUTH_STATUS_MALFORMED, "line 1:"},
    {BEGIN "AAE\n" END, AUTH_STATUS_MALFORMED, "line 1:"},
    {BEGIN "AAF=\n" END, AUTH_STATUS_MALFORMED, "trailing bits"},
    {BEGIN "AA==\nAAEC\n" END, AUTH_STATUS_MALFORMED, "line 1:"},
    {BEGIN "AA-_\n" END, AUTH_STATUS_MALFORMED, "line 1:"},
    {BEGIN "Proc-Type: 4,ENCRYPTED\n\nAAEC\n" END, AUTH_STATUS_UNSUPPORTED, "Proc-Type"},
    {"-----BEGIN -----\n", AUTH_STATUS_MALFORMED, "line 1:"},
    {"-----BEGIN certificate-----\n", AUTH_STATUS_MALFORMED, "line 1:"},
    {"-----BEGIN  CERTIFICATE-----\n", AUTH_STATUS_MALFORMED, "line 1:"},
    {"-----BEGIN CERTIFICATE -----\n", AUTH_STATUS_MALFORMED, "line 1:"},
    {"-----BEGIN CERTIFICATE----\n", AUTH_STATUS_MALFORMED, "line 1:"},
    {"-----BEGIN A234567890123456789012345678901234567890123456789012345678901234-----\n",
     AUTH_STATUS_MALFORMED, "line 1:"},
};

START_TEST(another_spelling_is_refused_and_nothing_moves)
{
    const refused_case *row = &refused[_i];
    AUTH_AUTO(auth_buf) *der = new_buf(64);
    auth_bytes whole = auth_bytes_from_text(row->text);
    auth_bytes text = whole;
    char label[AUTH_PEM_LABEL_SIZE] = "before";
    auth_error err;
    assert_fails(auth_pem_next(&text, label, der, &err), row->status, &err);
    ck_assert_msg(strstr(err.text, row->says) != NULL, "%s", err.text);
    ck_assert_str_eq(label, "before");
    ck_assert_uint_eq(auth_buf_bytes(der).len, 0);
    ck_assert_ptr_eq(text.data, whole.data);
    ck_assert_uint_eq(text.len, whole.len);
}

START_TEST(a_nul_in_the_text_is_no_character_of_base64)
{
    AUTH_AUTO(auth_buf) *der = new_buf(64);
    auth_bytes text = BYTES(BEGIN "AAEC\0\n" END);
    char label[AUTH_PEM_LABEL_SIZE];
    auth_error err;
    assert_fails(auth_pem_next(&text, label, der, &err), AUTH_STATUS_MALFORMED, &err);
}

START_TEST(a_line_may_have_1024_characters_and_no_more)
{
    for (size_t extra = 0; extra <= 4; extra += 4) {
        char text[1200] = BEGIN;
        size_t start = strlen(text);
        memset(text + start, 'A', 1024 + extra);
        strcpy(text + start + 1024 + extra, "\n" END);
        AUTH_AUTO(auth_buf) *der = new_buf(1024);
        auth_bytes rest = auth_bytes_from_text(text);
        char label[AUTH_PEM_LABEL_SIZE];
        auth_error err;
        if (extra == 0)
            assert_ok(auth_pem_next(&rest, label, der, &err), &err);
        else
            assert_fails(auth_pem_next(&rest, label, der, &err), AUTH_STATUS_MALFORMED, &err);
    }
}

START_TEST(a_full_buffer_is_a_limit)
{
    AUTH_AUTO(auth_buf) *der = new_buf(2);
    auth_bytes text = auth_bytes_from_text(BEGIN "AAEC\n" END);
    char label[AUTH_PEM_LABEL_SIZE];
    auth_error err;
    assert_fails(auth_pem_next(&text, label, der, &err), AUTH_STATUS_LIMIT, &err);
    ck_assert_uint_eq(auth_buf_bytes(der).len, 0);
}

START_TEST(what_is_written_is_read_again)
{
    uint8_t octets[200];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 37);
    for (size_t len = 0; len <= sizeof octets; len++) {
        AUTH_AUTO(auth_buf) *pem = new_buf(1024);
        AUTH_AUTO(auth_buf) *der = new_buf(256);
        auth_error err;
        assert_ok(auth_pem_encode("X509 CRL", (auth_bytes){octets, len}, pem, &err), &err);
        auth_bytes text = auth_buf_bytes(pem);
        char label[AUTH_PEM_LABEL_SIZE];
        assert_ok(auth_pem_next(&text, label, der, &err), &err);
        ck_assert_str_eq(label, "X509 CRL");
        ck_assert_uint_eq(text.len, 0);
        assert_bytes(auth_buf_bytes(der), ((auth_bytes){octets, len}));
    }
}

START_TEST(lines_have_64_characters)
{
    static const uint8_t octets[49] = {0};
    AUTH_AUTO(auth_buf) *pem = new_buf(1024);
    auth_error err;
    assert_ok(auth_pem_encode("CERTIFICATE", (auth_bytes){octets, sizeof octets}, pem, &err), &err);
    assert_bytes(auth_buf_bytes(pem),
                 BYTES(BEGIN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                             "AA==\n" END));
}

static const char *const bad_labels[] = {
    "",  " A",  "A ",  "A  B",
    "a", "A\n", "A:B", "A234567890123456789012345678901234567890123456789012345678901234"};

START_TEST(a_label_that_could_not_be_read_is_not_written)
{
    AUTH_AUTO(auth_buf) *pem = new_buf(1024);
    auth_error err;
    assert_fails(auth_pem_encode(bad_labels[_i], BYTES("x"), pem, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(auth_buf_bytes(pem).len, 0);
}

START_TEST(a_buffer_too_small_stays_as_it_was)
{
    for (size_t max = 1; max < sizeof(BEGIN "AAEC\n" END) - 1; max++) {
        AUTH_AUTO(auth_buf) *pem = new_buf(max);
        auth_error err;
        assert_ok(auth_buf_append(pem, BYTES("x"), &err), &err);
        assert_fails(auth_pem_encode("CERTIFICATE", BYTES("\x00\x01\x02"), pem, &err),
                     AUTH_STATUS_LIMIT, &err);
        assert_bytes(auth_buf_bytes(pem), BYTES("x"));
    }
}

START_TEST(der_objects_are_taken_one_by_one)
{
    auth_bytes rest = BYTES("\x30\x00\x30\x01\x05");
    auth_bytes object;
    auth_error err;
    assert_ok(auth_der_next(&rest, &object, &err), &err);
    assert_bytes(object, BYTES("\x30\x00"));
    assert_ok(auth_der_next(&rest, &object, &err), &err);
    assert_bytes(object, BYTES("\x30\x01\x05"));
    assert_fails(auth_der_next(&rest, &object, &err), AUTH_STATUS_NOT_FOUND, &err);
}

static const struct {
    auth_bytes text;
} not_der[] = {
    {{(const uint8_t *)"\x30", 1}},             /* no length */
    {{(const uint8_t *)"\x30\x01", 2}},         /* cut */
    {{(const uint8_t *)"\x30\x80\x00\x00", 4}}, /* indefinite */
    {{(const uint8_t *)"\x30\x81\x00", 3}},     /* a longer length than needed */
    {{(const uint8_t *)"\x31\x00", 2}},         /* SET */
    {{(const uint8_t *)"\n", 1}},               /* a line feed behind the last object */
};

START_TEST(what_is_no_der_object_is_refused)
{
    auth_bytes rest = not_der[_i].text;
    auth_bytes object;
    auth_error err;
    assert_fails(auth_der_next(&rest, &object, &err), AUTH_STATUS_MALFORMED, &err);
    assert_bytes(rest, not_der[_i].text);
}

static auth_status read_one(void *context)
{
    (void)context;
    auth_buf *der = NULL;
    auth_bytes text = auth_bytes_from_text(BEGIN "AAEC\n" END);
    char label[AUTH_PEM_LABEL_SIZE];
    auth_status status = auth_buf_new(64, &der, NULL);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_next(&text, label, der, NULL);
    if (status != AUTH_STATUS_OK && der != NULL && auth_buf_bytes(der).len != 0)
        status = AUTH_STATUS_INTERNAL;
    auth_buf_free(der);
    return status;
}

START_TEST(reading_survives_failing_memory)
{
    ck_assert_uint_gt(harness_for_each_failure(read_one, NULL), 2);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("pem", TEST_EACH(what_the_field_writes_is_read, COUNT(accepted)),
      TEST_EACH(another_spelling_is_refused_and_nothing_moves, COUNT(refused)),
      TEST(a_nul_in_the_text_is_no_character_of_base64),
      TEST(a_line_may_have_1024_characters_and_no_more), TEST(a_full_buffer_is_a_limit),
      TEST(what_is_written_is_read_again), TEST(lines_have_64_characters),
      TEST_EACH(a_label_that_could_not_be_read_is_not_written, COUNT(bad_labels)),
      TEST(a_buffer_too_small_stays_as_it_was), TEST(reading_survives_failing_memory),
      TEST(der_objects_are_taken_one_by_one),
      TEST_EACH(what_is_no_der_object_is_refused, COUNT(not_der)))
