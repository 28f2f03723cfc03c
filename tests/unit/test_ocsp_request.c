/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every request read that RFC 6960 allows, by POST and by GET, with any hash, nonce and number
 * of certificates within the bounds, and is everything else refused with the right answer?
 */
#include "harness/harness.h"
#include "harness/raw_cert.h"

#include <auth/codec.h>
#include <auth/ocsp.h>
#include <stdio.h>
#include <string.h>

#define ROOM 70000

static uint8_t room[ROOM];

#define SHA1 "\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00"
#define SHA1_BARE "\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a"
#define SHA256 "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
#define SM3 "\x30\x0c\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11\x05\x00"
#define SHA512 "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00"

/* A request as pieces, so that each can be wrong. */
typedef struct raw_request {
    auth_bytes algorithm; /* of the CertIDs; data NULL: SHA-1 */
    size_t hash_len;
    auth_bytes serial;
    unsigned count;
    auth_bytes before;            /* whole items in front of requestList */
    auth_bytes single_extensions; /* content of Extensions */
    auth_bytes extensions;
    auth_bytes signature; /* whole [0] */
    auth_bytes behind;    /* octets after all */
} raw_request;

#define GOOD                                                                                       \
    {                                                                                              \
        .hash_len = 20, .serial = BYTES("\x05"), .count = 1                                        \
    }

static void put_extensions(der_writer *writer, unsigned number, auth_bytes extensions)
{
    if (extensions.data == NULL)
        return;
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(number));
    der_put_item(writer, DER_SEQUENCE, extensions);
    der_close(writer, tagged);
}

static void put_question(der_writer *writer, const raw_request *request)
{
    static const uint8_t hash[256] = {7};
    size_t question = der_open(writer, DER_SEQUENCE);
    size_t id = der_open(writer, DER_SEQUENCE);
    der_put(writer, request->algorithm.data == NULL ? BYTES(SHA1) : request->algorithm);
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){hash, request->hash_len});
    der_put_item(writer, DER_OCTET_STRING, (auth_bytes){hash + 1, request->hash_len});
    der_put_item(writer, DER_INTEGER, request->serial);
    der_close(writer, id);
    put_extensions(writer, 0, request->single_extensions);
    der_close(writer, question);
}

static auth_bytes make(const raw_request *request)
{
    der_writer writer = der_writer_on(room, sizeof room);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    size_t tbs = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, request->before);
    size_t list = der_open(&writer, DER_SEQUENCE);
    for (unsigned i = 0; i < request->count; i++)
        put_question(&writer, request);
    der_close(&writer, list);
    put_extensions(&writer, 2, request->extensions);
    der_close(&writer, tbs);
    der_put(&writer, request->signature);
    der_close(&writer, whole);
    der_put(&writer, request->behind);
    ck_assert(!writer.has_failed);
    return der_written(&writer);
}

static auth_ocsp_request *parsed(const raw_request *raw)
{
    auth_error err;
    auth_ocsp_request *request = NULL;
    assert_ok(auth_ocsp_request_parse(make(raw), &request, &err), &err);
    return request;
}

/* An extension nonce whose OCTET STRING has len octets. */
static auth_bytes nonce_extension(size_t len, uint8_t *out, size_t size)
{
    static const uint8_t zeros[65536];
    static uint8_t value_room[65600];
    der_writer value = der_writer_on(value_room, sizeof value_room);
    der_put_item(&value, DER_OCTET_STRING, (auth_bytes){zeros, len});
    der_writer writer = der_writer_on(out, size);
    raw_put_extension(&writer, OID_OCSP_NONCE, false, der_written(&value));
    ck_assert(!writer.has_failed);
    return der_written(&writer);
}

/* What is read */

static const struct {
    auth_bytes algorithm;
    size_t hash_len;
    auth_ocsp_hash hash;
} hashes[] = {
    {{(const uint8_t *)SHA1, sizeof SHA1 - 1}, 20, AUTH_OCSP_HASH_SHA1},
    {{(const uint8_t *)SHA1_BARE, sizeof SHA1_BARE - 1}, 20, AUTH_OCSP_HASH_SHA1},
    {{(const uint8_t *)SHA256, sizeof SHA256 - 1}, 32, AUTH_OCSP_HASH_SHA256},
    {{(const uint8_t *)SM3, sizeof SM3 - 1}, 32, AUTH_OCSP_HASH_SM3},
    {{(const uint8_t *)SHA512, sizeof SHA512 - 1}, 64, AUTH_OCSP_HASH_OTHER},
};
#define HASH_COUNT (sizeof hashes / sizeof hashes[0])

START_TEST(every_hash_is_read)
{
    raw_request raw = GOOD;
    raw.algorithm = hashes[_i].algorithm;
    raw.hash_len = hashes[_i].hash_len;
    AUTH_AUTO(auth_ocsp_request) *request = parsed(&raw);
    const auth_ocsp_cert_id *id = auth_ocsp_request_cert_id(request, 0);
    ck_assert_uint_eq(auth_ocsp_request_count(request), 1);
    ck_assert_int_eq((int)id->hash, (int)hashes[_i].hash);
    ck_assert_uint_eq(id->name_hash.len, hashes[_i].hash_len);
    ck_assert_uint_eq(id->key_hash.len, hashes[_i].hash_len);
    assert_bytes(id->serial, raw.serial);
    ck_assert_ptr_null(auth_ocsp_request_cert_id(request, 1));
    ck_assert_uint_eq(auth_ocsp_request_nonce(request).len, 0);
    ck_assert(!auth_ocsp_request_is_signed(request));
    /* The CertID is viewed as it stands in the request. */
    ck_assert_ptr_nonnull(memmem(room, sizeof room, id->der.data, id->der.len));
}

START_TEST(a_known_hash_of_another_length_is_refused)
{
    raw_request raw = GOOD;
    raw.algorithm = hashes[_i].algorithm;
    for (size_t len = 0; len <= 65; len++) {
        auth_ocsp_request *request = NULL;
        raw.hash_len = len;
        auth_status status = auth_ocsp_request_parse(make(&raw), &request, NULL);
        bool is_read = len == hashes[_i].hash_len || hashes[_i].hash == AUTH_OCSP_HASH_OTHER;
        ck_assert_int_eq((int)status, (int)(is_read ? AUTH_STATUS_OK : AUTH_STATUS_MALFORMED));
        auth_ocsp_request_free(request);
    }
}

static const struct {
    unsigned count;
    auth_status expected;
} counts[] = {
    {0, AUTH_STATUS_MALFORMED}, {1, AUTH_STATUS_OK},      {10, AUTH_STATUS_OK},
    {11, AUTH_STATUS_LIMIT},    {800, AUTH_STATUS_LIMIT},
};
#define COUNTS (sizeof counts / sizeof counts[0])

START_TEST(one_to_ten_certificates_are_read)
{
    raw_request raw = GOOD;
    raw.count = counts[_i].count;
    auth_error err;
    auth_ocsp_request *request = NULL;
    auth_bytes der = make(&raw);
    if (counts[_i].expected == AUTH_STATUS_OK) {
        assert_ok(auth_ocsp_request_parse(der, &request, &err), &err);
        ck_assert_uint_eq(auth_ocsp_request_count(request), counts[_i].count);
    } else {
        assert_fails(auth_ocsp_request_parse(der, &request, &err), counts[_i].expected, &err);
        ck_assert_ptr_null(request);
    }
    auth_ocsp_request_free(request);
}

static const struct {
    size_t len;
    auth_status expected;
} nonces[] = {
    {0, AUTH_STATUS_MALFORMED},    {1, AUTH_STATUS_OK},        {16, AUTH_STATUS_OK},
    {32, AUTH_STATUS_OK},          {128, AUTH_STATUS_OK},      {129, AUTH_STATUS_MALFORMED},
    {1000, AUTH_STATUS_MALFORMED}, {65536, AUTH_STATUS_LIMIT},
};
#define NONCES (sizeof nonces / sizeof nonces[0])

START_TEST(a_nonce_has_1_to_128_octets)
{
    static uint8_t extension[65700];
    raw_request raw = GOOD;
    raw.extensions = nonce_extension(nonces[_i].len, extension, sizeof extension);
    auth_error err;
    auth_ocsp_request *request = NULL;
    auth_bytes der = make(&raw);
    if (nonces[_i].expected == AUTH_STATUS_OK) {
        assert_ok(auth_ocsp_request_parse(der, &request, &err), &err);
        ck_assert_uint_eq(auth_ocsp_request_nonce(request).len, nonces[_i].len);
    } else {
        assert_fails(auth_ocsp_request_parse(der, &request, &err), nonces[_i].expected, &err);
        ck_assert_int_eq((int)auth_ocsp_error_for(err.status), (int)AUTH_OCSP_MALFORMED_REQUEST);
    }
    auth_ocsp_request_free(request);
}

START_TEST(serials_of_any_form_are_read)
{
    static const auth_bytes serials[] = {
        {(const uint8_t *)"\x00", 1},
        {(const uint8_t *)"\xff", 1},
        {(const uint8_t *)"\x00\x80", 2},
        {(const uint8_t *)"0123456789012345678901234567890123456789", 40},
    };
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        raw_request raw = GOOD;
        raw.serial = serials[i];
        AUTH_AUTO(auth_ocsp_request) *request = parsed(&raw);
        assert_bytes(auth_ocsp_request_cert_id(request, 0)->serial, serials[i]);
    }
}

#define B(literal)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
/* [0] EXPLICIT INTEGER v1; [1] EXPLICIT GeneralName URI "x:" */
#define VERSION "\xa0\x03\x02\x01\x00"
#define REQUESTOR "\xa1\x04\x86\x02x:"
/* Unknown extension 1.2.3; preferred signatures and acceptable responses, critical. */
#define UNKNOWN "\x30\x08\x06\x02\x2a\x03\x04\x02\x05\x00"
#define UNKNOWN_CRITICAL "\x30\x0b\x06\x02\x2a\x03\x01\x01\xff\x04\x02\x05\x00"
#define ACCEPTS                                                                                    \
    "\x30\x1b\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x04\x01\x01\xff\x04\x0b\x30\x09\x06\x07\x2b" \
    "\x06\x01\x05\x05\x07\x30"
/* [0] { SEQUENCE { SEQUENCE { 1.2.3 }, BIT STRING } } */
#define SIGNATURE "\xa0\x0c\x30\x0a\x30\x04\x06\x02\x2a\x03\x03\x02\x00\x01"

START_TEST(what_changes_nothing_is_read_and_ignored)
{
    raw_request raw = GOOD;
    raw.before = (auth_bytes)B(VERSION REQUESTOR);
    raw.single_extensions = (auth_bytes)B(UNKNOWN);
    raw.extensions = (auth_bytes)B(UNKNOWN);
    raw.signature = (auth_bytes)B(SIGNATURE);
    AUTH_AUTO(auth_ocsp_request) *request = parsed(&raw);
    ck_assert(auth_ocsp_request_is_signed(request));
    raw.extensions = (auth_bytes)B(ACCEPTS);
    AUTH_AUTO(auth_ocsp_request) *accepting = parsed(&raw);
    ck_assert_uint_eq(auth_ocsp_request_count(accepting), 1);
}

/* What is refused */

static const struct {
    const char *what;
    raw_request request;
    auth_status expected;
} refused[] = {
    {"octets behind",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .behind = B("\x00")},
     AUTH_STATUS_MALFORMED},
    {"version 2",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .before = B("\xa0\x03\x02\x01\x01")},
     AUTH_STATUS_MALFORMED},
    {"version -1",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .before = B("\xa0\x03\x02\x01\xff")},
     AUTH_STATUS_MALFORMED},
    {"octets behind the version",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .before = B("\xa0\x05\x02\x01\x00\x05\x00")},
     AUTH_STATUS_MALFORMED},
    {"a requestor that is no GeneralName",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .before = B("\xa1\x02\x30\x00")},
     AUTH_STATUS_MALFORMED},
    {"a serial with a spare zero",
     {.hash_len = 20, .serial = B("\x00\x05"), .count = 1},
     AUTH_STATUS_MALFORMED},
    {"an empty serial", {.hash_len = 20, .serial = B(""), .count = 1}, AUTH_STATUS_MALFORMED},
    {"parameters of SHA-1",
     {.algorithm = B("\x30\x0a\x06\x05\x2b\x0e\x03\x02\x1a\x02\x01\x01"),
      .hash_len = 20,
      .serial = B("\x05"),
      .count = 1},
     AUTH_STATUS_MALFORMED},
    {"an unknown critical extension",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .extensions = B(UNKNOWN_CRITICAL)},
     AUTH_STATUS_UNSUPPORTED},
    {"an unknown critical extension of one question",
     {.hash_len = 20, .serial = B("\x05"), .count = 2, .single_extensions = B(UNKNOWN_CRITICAL)},
     AUTH_STATUS_UNSUPPORTED},
    {"two nonces",
     {.hash_len = 20,
      .serial = B("\x05"),
      .count = 1,
      .extensions = B("\x30\x10\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04\x03\x04\x01\x61"
                      "\x30\x10\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04\x03\x04\x01\x62")},
     AUTH_STATUS_MALFORMED},
    {"a nonce without its OCTET STRING",
     {.hash_len = 20,
      .serial = B("\x05"),
      .count = 1,
      .extensions = B("\x30\x0e\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04\x01\x61")},
     AUTH_STATUS_MALFORMED},
    {"no extensions",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .extensions = B("")},
     AUTH_STATUS_MALFORMED},
    {"a signature that is none",
     {.hash_len = 20, .serial = B("\x05"), .count = 1, .signature = B("\xa0\x02\x30\x00")},
     AUTH_STATUS_MALFORMED},
};
#define REFUSED_COUNT (sizeof refused / sizeof refused[0])

START_TEST(what_is_not_a_request_is_refused)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_ocsp_request *request = NULL;
    auth_status status = auth_ocsp_request_parse(make(&refused[_i].request), &request, &err);
    ck_assert_msg(status == refused[_i].expected && request == NULL, "%s: %s: %s", refused[_i].what,
                  auth_status_name(status), err.text);
    ck_assert_int_eq((int)auth_ocsp_error_for(status), (int)AUTH_OCSP_MALFORMED_REQUEST);
}

START_TEST(every_truncation_is_refused)
{
    uint8_t extension[64];
    raw_request raw = GOOD;
    raw.extensions = nonce_extension(8, extension, sizeof extension);
    auth_bytes der = make(&raw);
    for (size_t len = 0; len < der.len; len++) {
        auth_error err;
        auth_ocsp_request *request = NULL;
        assert_fails(auth_ocsp_request_parse((auth_bytes){der.data, len}, &request, &err),
                     AUTH_STATUS_MALFORMED, &err);
    }
}

START_TEST(a_request_of_4097_octets_is_refused)
{
    static uint8_t extension[4200];
    raw_request raw = GOOD;
    uint8_t value[4096] = {0};
    auth_error err;
    for (size_t len = 3900; len < 4096; len++) {
        auth_ocsp_request *request = NULL;
        der_writer writer = der_writer_on(extension, sizeof extension);
        raw_put_extension(&writer, OID_OCSP_SERVICE_LOCATOR, false, (auth_bytes){value, len});
        raw.extensions = der_written(&writer);
        auth_bytes der = make(&raw);
        auth_status status = auth_ocsp_request_parse(der, &request, &err);
        ck_assert_int_eq((int)status, (int)(der.len <= 4096 ? AUTH_STATUS_OK : AUTH_STATUS_LIMIT));
        auth_ocsp_request_free(request);
    }
}

/* GET */

static auth_buf *path_of(auth_bytes der)
{
    auth_error err;
    auth_buf *path = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_PATH_MAX, &path, &err), &err);
    assert_ok(auth_ocsp_request_encode_path(der, path, &err), &err);
    return path;
}

/* A serial that gives base64 with "+", "/", "//" and padding. */
static const raw_request slashes = {.hash_len = 20,
                                    .serial = B("\x3f\xff\xff\xff\xfe\xfb\xef\xbe\xfb\xef\x01\x02"),
                                    .count = 1};

static void assert_path(const char *path)
{
    auth_error err;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    assert_ok(auth_ocsp_request_parse_path(auth_bytes_from_text(path), &request, &err), &err);
    assert_bytes(auth_ocsp_request_cert_id(request, 0)->serial, slashes.serial);
}

START_TEST(a_path_gives_the_request_back)
{
    raw_request raw = GOOD;
    uint8_t serial[64] = {1};
    for (size_t len = 1; len <= sizeof serial; len++) {
        raw.serial = (auth_bytes){serial, len};
        AUTH_AUTO(auth_buf) *path = path_of(make(&raw));
        AUTH_AUTO(auth_ocsp_request) *request = NULL;
        auth_error err;
        auth_bytes text = auth_buf_bytes(path);
        for (size_t i = 0; i < text.len; i++)
            ck_assert_ptr_null(memchr("+/=", text.data[i], 3));
        assert_ok(auth_ocsp_request_parse_path(text, &request, &err), &err);
        assert_bytes(auth_ocsp_request_cert_id(request, 0)->serial, raw.serial);
    }
}

START_TEST(a_path_is_read_in_every_spelling)
{
    auth_error err;
    char plain[512] = "//";
    char encoded[2048] = "";
    AUTH_AUTO(auth_buf) *base64 = NULL;
    assert_ok(auth_buf_new(512, &base64, &err), &err);
    assert_ok(auth_codec_encode(AUTH_CODEC_BASE64, make(&slashes), base64, &err), &err);
    auth_bytes text = auth_buf_bytes(base64);
    memcpy(plain + 2, text.data, text.len);
    /* The data is chosen so that this is a test of "//" and "+" at all. */
    ck_assert_ptr_nonnull(strstr(plain + 2, "//"));
    ck_assert_ptr_nonnull(strchr(plain, '+'));
    ck_assert_ptr_nonnull(strchr(plain, '='));
    assert_path(plain + 2);
    assert_path(plain); /* a responder's address that ends in "/" */

    for (size_t i = 0; i < text.len; i++)
        (void)snprintf(encoded + 3 * i, 4, i % 2 == 0 ? "%%%02x" : "%%%02X", text.data[i]);
    assert_path(encoded);
    *strchr(plain, '=') = '\0';
    assert_path(plain + 2);
}

START_TEST(a_path_that_is_no_base64_is_refused)
{
    static const char *const paths[] = {
        "",      "/",      "%",     "%4",       "%4g",  "MA%3", "MAA?",  "M AA",    "MAA+ ",
        "MAA\n", "MAA%20", "%2530", "MAAA====", "M=AA", "MA-_", "MA%00", "MAAA%0a", "MAAA/../x",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        auth_error err;
        auth_ocsp_request *request = NULL;
        assert_fails(auth_ocsp_request_parse_path(auth_bytes_from_text(paths[i]), &request, &err),
                     AUTH_STATUS_MALFORMED, &err);
    }
}

START_TEST(a_path_that_is_too_long_is_refused)
{
    static char path[AUTH_OCSP_PATH_MAX + 2];
    auth_error err;
    auth_ocsp_request *request = NULL;
    memset(path, 'M', sizeof path - 1);
    assert_fails(auth_ocsp_request_parse_path(auth_bytes_from_text(path), &request, &err),
                 AUTH_STATUS_LIMIT, &err);
    path[5480] = '\0';
    assert_fails(auth_ocsp_request_parse_path(auth_bytes_from_text(path), &request, &err),
                 AUTH_STATUS_LIMIT, &err);
}

/* Memory */

static auth_status parse_path_once(void *context)
{
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    return auth_ocsp_request_parse_path(*(auth_bytes *)context, &request, NULL);
}

START_TEST(memory_that_fails_is_said)
{
    AUTH_AUTO(auth_buf) *path = path_of(make(&slashes));
    auth_bytes text = auth_buf_bytes(path);
    ck_assert_uint_ge(harness_for_each_failure(parse_path_once, &text), 3);
}

/* Errors */

START_TEST(a_fault_of_ours_is_never_the_client_s)
{
    static const struct {
        auth_status status;
        auth_ocsp_response_status answer;
    } rows[] = {
        {AUTH_STATUS_MALFORMED, AUTH_OCSP_MALFORMED_REQUEST},
        {AUTH_STATUS_LIMIT, AUTH_OCSP_MALFORMED_REQUEST},
        {AUTH_STATUS_UNSUPPORTED, AUTH_OCSP_MALFORMED_REQUEST},
        {AUTH_STATUS_NOT_FOUND, AUTH_OCSP_UNAUTHORIZED},
        {AUTH_STATUS_DENIED, AUTH_OCSP_UNAUTHORIZED},
        {AUTH_STATUS_EXPIRED, AUTH_OCSP_TRY_LATER},
        {AUTH_STATUS_MEMORY, AUTH_OCSP_TRY_LATER},
        {AUTH_STATUS_IO, AUTH_OCSP_TRY_LATER},
        {AUTH_STATUS_UNAVAILABLE, AUTH_OCSP_TRY_LATER},
        {AUTH_STATUS_UNKNOWN, AUTH_OCSP_TRY_LATER},
        {AUTH_STATUS_CRYPTO, AUTH_OCSP_INTERNAL_ERROR},
        {AUTH_STATUS_INTERNAL, AUTH_OCSP_INTERNAL_ERROR},
        {AUTH_STATUS_OK, AUTH_OCSP_INTERNAL_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq((int)auth_ocsp_error_for(rows[i].status), (int)rows[i].answer);
}

START_TEST(error_answers_have_five_octets)
{
    static const struct {
        auth_ocsp_response_status status;
        const char *der;
        const char *name;
    } rows[] = {
        {AUTH_OCSP_MALFORMED_REQUEST, "\x30\x03\x0a\x01\x01", "malformedRequest"},
        {AUTH_OCSP_INTERNAL_ERROR, "\x30\x03\x0a\x01\x02", "internalError"},
        {AUTH_OCSP_TRY_LATER, "\x30\x03\x0a\x01\x03", "tryLater"},
        {AUTH_OCSP_SIG_REQUIRED, "\x30\x03\x0a\x01\x05", "sigRequired"},
        {AUTH_OCSP_UNAUTHORIZED, "\x30\x03\x0a\x01\x06", "unauthorized"},
        {AUTH_OCSP_SUCCESSFUL, "\x30\x03\x0a\x01\x02", "successful"},
        {(auth_ocsp_response_status)4, "\x30\x03\x0a\x01\x02", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_bytes(auth_ocsp_error_response(rows[i].status),
                     ((auth_bytes){(const uint8_t *)rows[i].der, 5}));
        ck_assert_str_eq(auth_ocsp_response_status_name(rows[i].status), rows[i].name);
    }
}

SUITE("ocsp_request", TEST_EACH(every_hash_is_read, HASH_COUNT),
      TEST_EACH(a_known_hash_of_another_length_is_refused, HASH_COUNT),
      TEST_EACH(one_to_ten_certificates_are_read, COUNTS),
      TEST_EACH(a_nonce_has_1_to_128_octets, NONCES), TEST(serials_of_any_form_are_read),
      TEST(what_changes_nothing_is_read_and_ignored),
      TEST_EACH(what_is_not_a_request_is_refused, REFUSED_COUNT), TEST(every_truncation_is_refused),
      TEST(a_request_of_4097_octets_is_refused), TEST(a_path_gives_the_request_back),
      TEST(a_path_is_read_in_every_spelling), TEST(a_path_that_is_no_base64_is_refused),
      TEST(a_path_that_is_too_long_is_refused), TEST(memory_that_fails_is_said),
      TEST(a_fault_of_ours_is_never_the_client_s), TEST(error_answers_have_five_octets))
